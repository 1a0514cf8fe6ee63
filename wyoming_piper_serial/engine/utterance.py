"""One request's speech, from admission to its last audio.

An utterance has two sides that never touch the same state at the same time:

- `Utterance` lives on the event loop: sentences in, audio out, who waits for what;
- `SpeechJob` is run by the engine's worker thread, one step at a time. The loop looks at it only
  between steps.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Self

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, silence
from wyoming_piper_serial.audio.shaping import Shaper, shaper
from wyoming_piper_serial.engine.scheduler import Turn, chunk_frames
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.voice.phonemes import PhonemeIds
from wyoming_piper_serial.voice.voice import Manner, Speech, Voice

_LOGGER = logging.getLogger(__name__)

# Sentences an utterance holds ready: enough that the voice never waits for the splitter, few enough
# that a long text is cut while it is spoken and not before.
_SENTENCES_AHEAD = 4

# What is sent for a text without a sound. Home Assistant takes an answer without audio for a fault.
_MOMENT_OF_SILENCE = 0.1


class SpeechJob:
    """What the worker thread knows of an utterance."""

    def __init__(self, voice: Voice, manner: Manner) -> None:
        self._voice = voice
        self._manner = manner
        self._waiting: deque[PhonemeIds] = deque()
        self._sentence: _Sentence | None = None
        self._begun = 0  # sentences

    @property
    def unfinished(self) -> bool:
        """Whether there is more to say of the text taken so far."""
        return self._sentence is not None or bool(self._waiting)

    def step(self, text: str | None) -> bytes:
        """Take a sentence if one is given, make the next samples. Raises SynthesisFailed.

        Returns PCM; empty if the text has no sound.
        """
        if text is not None:
            self._waiting.extend(self._voice.phonemize(text))
        pcm = b""
        if self._sentence is None and self._waiting:
            pcm = self._begin(self._waiting.popleft())
        if self._sentence is not None:
            pcm += self._sentence.next()
            if self._sentence.speech.done:
                pcm += self._sentence.shaper.finish()
                self._sentence = None
        return pcm

    def _begin(self, ids: PhonemeIds) -> bytes:
        """Begin a sentence; returns the silence before it."""
        style, rate = self._manner.style, self._voice.config.sample_rate
        # Sentences of one noise would all waver alike.
        seed = None if style.seed is None else style.seed + self._begun
        speech = self._voice.speak(ids, replace(self._manner, style=replace(style, seed=seed)))
        shaping = shaper(style.normalize, gain=self._voice.gain, volume=style.volume, sample_rate=rate)
        self._sentence = _Sentence(speech, shaping)
        self._begun += 1
        return silence(style.sentence_silence, rate) if self._begun > 1 else b""


class _Sentence:
    def __init__(self, speech: Speech, shaping: Shaper) -> None:
        self.speech = speech
        self.shaper = shaping
        self._chunks = 0

    def next(self) -> bytes:
        frames = chunk_frames(self._chunks)
        self._chunks += 1
        return self.shaper.process(self.speech.decode(frames))


@dataclass(frozen=True, kw_only=True)
class AudioFormat:
    """Format of an utterance's PCM, in the words of Wyoming's audio events."""

    rate: int
    """Hertz."""

    width: int = SAMPLE_WIDTH
    """Bytes of a sample."""

    channels: int = 1


@dataclass(frozen=True, kw_only=True)
class UtteranceHooks:
    """What an utterance tells the engine."""

    clock: Callable[[], float]
    ready: Callable[[], None]
    """It may have become ready for a step."""

    closed: Callable[["Utterance"], None]
    """Its last: completed, failed or cancelled. Called once."""


class Utterance:
    """An async iterator of PCM. Closing it cancels: no step is run for it afterwards."""

    def __init__(self, number: int, voice: Voice, manner: Manner, *, max_ahead: float, hooks: UtteranceHooks) -> None:
        self.number = number
        self.format = AudioFormat(rate=voice.config.sample_rate)
        self.outcome: str | None = None
        """`completed`, `cancelled` or an error's code, once closed."""

        self._job = SpeechJob(voice, manner)
        self._hooks = hooks
        self._max_ahead_bytes = int(max_ahead * self.format.rate) * SAMPLE_WIDTH
        self._sentences: deque[str] = deque()
        self._text_ended = False
        self._in_step = False
        self._error: PiperSerialError | None = None
        self._audio: deque[bytes] = deque()
        self._audio_bytes = 0  # made, but not yet taken
        self._total_bytes = 0
        self._ready_since: float | None = None
        self._busy_seconds = 0.0
        self._steps = 0
        self._audible = asyncio.Event()  # audio, the end or an error is there to be taken
        self._hungry = asyncio.Event()  # room for a sentence
        self._hungry.set()

    def __repr__(self) -> str:
        state = self.outcome or ("speaking" if self._steps else "waiting")
        return (
            f"<Utterance {self.number} {state}, {self._steps} steps, {len(self._sentences)} sentences, "
            f"{self._seconds(self._audio_bytes):.3f}s of audio not taken>"
        )

    # What the connection does.

    async def feed(self, sentence: str) -> None:
        """Add a sentence; wait while enough of them are ready to be spoken."""
        await self._hungry.wait()
        if self.outcome is not None:
            return
        self._sentences.append(sentence)
        if len(self._sentences) >= _SENTENCES_AHEAD:
            self._hungry.clear()
        if self._ready_since is None:
            self._ready_since = self._hooks.clock()
        self._hooks.ready()

    def end_text(self) -> None:
        """No sentence will follow."""
        self._text_ended = True
        self._complete_if_done()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next PCM, as soon as it is there. Raises the error that ended this utterance."""
        await self._audible.wait()
        if self._audio:
            pcm = self._audio.popleft()
            self._audio_bytes -= len(pcm)
            if not self._audio and self.outcome is None:
                self._audible.clear()
            self._hooks.ready()
            return pcm
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Cancel, unless it is over."""
        self._audio.clear()
        self._audio_bytes = 0
        self._close("cancelled")

    # What the engine does.

    @property
    def turn(self) -> Turn:
        idle = self.outcome is None and not self._in_step
        room = self._audio_bytes < self._max_ahead_bytes
        return Turn(number=self.number, ready=idle and room and (bool(self._sentences) or self._job.unfinished))

    @property
    def needs_voice(self) -> bool:
        """Whether it takes a place in the queue: not one that waits for text or for its reader."""
        return self._in_step or not self.started or self.turn.ready

    @property
    def started(self) -> bool:
        """Whether a step has been given to it."""
        return self._steps > 0 or self._in_step

    def take_step(self) -> Callable[[], bytes]:
        """The next step, to be run in the worker thread; `apply` or `fail` must follow."""
        if not self.started:
            self._log_wait()
        self._in_step = True
        sentence = None
        if not self._job.unfinished:
            sentence = self._sentences.popleft()
            self._hungry.set()
        return partial(self._job.step, sentence)

    def apply(self, pcm: bytes, busy_seconds: float) -> None:
        """Take the result of a step; one for a cancelled utterance is dropped."""
        self._in_step = False
        self._steps += 1
        self._busy_seconds += busy_seconds
        if self.outcome is None:
            self._emit(pcm)
            self._complete_if_done()

    def fail(self, error: PiperSerialError) -> None:
        """End with an error; audio that was made before is still delivered."""
        self._in_step = False
        if self.outcome is None:
            self._error = error
            self._close(error.code)

    def _emit(self, pcm: bytes) -> None:
        if pcm:
            self._audio.append(pcm)
            self._audio_bytes += len(pcm)
            self._total_bytes += len(pcm)
            self._audible.set()

    def _complete_if_done(self) -> None:
        if self.outcome is not None or self._in_step or not self._text_ended:
            return
        if self._sentences or self._job.unfinished:
            return
        if not self._total_bytes:
            if not self.started:
                self._log_wait()
            self._emit(silence(_MOMENT_OF_SILENCE, self.format.rate))
        self._close("completed")

    def _close(self, outcome: str) -> None:
        if self.outcome is not None:
            return
        self.outcome = outcome
        self._sentences.clear()
        self._audible.set()
        self._hungry.set()
        self._log_end()
        self._hooks.closed(self)

    def _log_wait(self) -> None:
        since = self._hooks.clock() if self._ready_since is None else self._ready_since
        _LOGGER.info("[%d] waiting time: %.3fs", self.number, self._hooks.clock() - since)

    def _log_end(self) -> None:
        audio = self._seconds(self._total_bytes)
        _LOGGER.info(
            "[%d] synthesis %s in %.3fs, %d samples (%.3fs of audio, real-time factor %.3f)",
            self.number,
            self.outcome if self._error is None else f"failed ({self.outcome})",
            self._busy_seconds,
            self._total_bytes // SAMPLE_WIDTH,
            audio,
            self._busy_seconds / audio if audio else 0.0,
        )

    def _seconds(self, pcm_bytes: int) -> float:
        return pcm_bytes / SAMPLE_WIDTH / self.format.rate
