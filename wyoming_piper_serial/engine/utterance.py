"""One request's speech, from admission to its last audio, on the event loop's side.

`SpeechJob` is its other side, run by a worker thread one step at a time. The two never touch the same
state at the same time: the loop looks at the job only between steps.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, silence
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.engine.scheduler import Candidate, Step
from wyoming_piper_serial.engine.speech_job import SpeechJob
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.model.voice import SynthesisOptions, Voice
from wyoming_piper_serial.observe.timeline import Trace
from wyoming_piper_serial.settings import Priority

_LOGGER = logging.getLogger(__name__)

# Sentences an utterance holds ready: enough that the voice never waits for the splitter, few enough
# that a long text is cut while it is spoken and not before.
_SENTENCES_AHEAD = 4

# What is sent for a text without a sound. Home Assistant takes an answer without audio for a fault.
_MOMENT_OF_SILENCE = 0.1

_SECONDS_PER_CHARACTER = 0.05  # of speech, about; decides nothing but whether others may start


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

    begun: Callable[[float], None]
    """Its first step begins, after so many seconds of waiting."""

    heard: Callable[[float], None]
    """Its first audio is there, so many seconds after its text."""

    underrun: Callable[[float], None]
    """A listener who started at the first audio has been without for so many seconds."""

    closed: Callable[["Utterance", str], None]
    """Its last, with its outcome. Called once."""


class Utterance:
    """An async iterator of PCM. Closing it cancels: no step is run for it afterwards."""

    def __init__(
        self,
        number: int,
        instances: Sequence[Voice],
        options: SynthesisOptions,
        *,
        priority: Priority,
        max_ahead: float,
        hooks: UtteranceHooks,
    ) -> None:
        self.number = number
        self.priority = priority
        self.format = AudioFormat(rate=options.synthesis.sample_rate or instances[0].config.sample_rate)
        self.outcome: str | None = None
        """`completed`, `cancelled` or an error's code, once closed."""

        self.trace = Trace(number, instances[0].config.name, priority)
        """For the picture of the queue; decides nothing."""

        self.worker: int | None = None
        """Whose instance of the voice speaks it; `None` before the first step."""

        self._instances = instances
        self._options = options
        self._hooks = hooks
        self._max_ahead_bytes = int(max_ahead * self.format.rate) * SAMPLE_WIDTH
        self._job: SpeechJob | None = None
        self._sentences: deque[str] = deque()
        self._text_ended = False
        self._in_step = False
        self._error: PiperSerialError | None = None
        self._audio: deque[bytes] = deque()
        self._audio_bytes = 0  # made, but not yet taken
        self._total_bytes = 0
        self._since = hooks.clock()
        self._ready_since: float | None = None  # text and room are there
        self._text_since: float | None = None
        self._deadline: float | None = None
        self._busy_seconds = 0.0
        self._steps = 0
        self._audible = asyncio.Event()  # audio, the end or an error is there to be taken
        self._hungry = asyncio.Event()  # room for a sentence
        self._hungry.set()

    def __repr__(self) -> str:
        state = self.outcome or ("playing" if self.playing else "waiting")
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
        if self._text_since is None:
            self._text_since = self.trace.asked = self._hooks.clock()
        self._note_readiness()

    def end_text(self) -> None:
        """No sentence will follow."""
        self._text_ended = True
        self._complete_if_done()
        self._note_readiness()  # what is held back for more may be due now

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """The next PCM, as soon as it is there. Raises the error that ended this utterance."""
        await self._audible.wait()
        if self._audio:
            self._note_pace()
            pcm = self._audio.popleft()
            self._audio_bytes -= len(pcm)
            if not self._audio and self.outcome is None:
                self._audible.clear()
            self._note_readiness()
            return pcm
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Cancel, unless it is over."""
        self._audio.clear()
        self._audio_bytes = 0
        self._close("cancelled")

    # What the engine asks.

    @property
    def ready(self) -> bool:
        """Has text to speak and room for more audio. Whoever waits for text or for a slow reader is not
        ready, and so never keeps the voice from the others."""
        return self.is_candidate and self._audio_bytes < self._max_ahead_bytes

    @property
    def is_candidate(self) -> bool:
        """Whether it wants a step, now or when there is room."""
        return self.outcome is None and not self._in_step and self._has_text

    @property
    def candidate(self) -> Candidate:
        """What the scheduler needs to know; only of one that has a turn."""
        frame_seconds = self._instances[0].frame_seconds
        frames = self._job.frames if self._job else 0
        waiting = self._job.to_encode if self._job else 0
        characters = waiting + sum(map(len, self._sentences))
        return Candidate(
            number=self.number,
            voice=self.voice,
            priority=self.priority,
            since=self._since if self._text_since is None else self._text_since,
            deadline=self._deadline,
            encode=0 if frames else waiting or (len(self._sentences[0]) if self._sentences else 1),
            frames=frames,
            chunks=self._job.chunks if self._job else 0,
            frame_seconds=frame_seconds,
            rest=frames * frame_seconds + characters * _SECONDS_PER_CHARACTER,
            ready=self.ready,
            exact=self.exact,
        )

    @property
    def voice(self) -> str:
        return self._instances[0].config.name

    @property
    def instances(self) -> Sequence[Voice]:
        """The voice itself. One whose files have changed has its name in common with its old self."""
        return self._instances

    @property
    def exact(self) -> bool:
        """Whether the same request must make the same bytes."""
        return self._options.synthesis.seed is not None

    @property
    def needs_voice(self) -> bool:
        """Whether it takes a place in the queue: not one that waits for text or for its reader."""
        return self._in_step or not self.started or self.ready

    @property
    def started(self) -> bool:
        """Whether a step has been given to it."""
        return self._steps > 0 or self._in_step

    @property
    def playing(self) -> bool:
        """Whether its listener has heard something."""
        return self._deadline is not None

    def waited(self, now: float) -> float | None:
        """Seconds that it has been waiting for its first step; `None` if it is not."""
        return None if self.started or self._text_since is None else now - self._text_since

    def age(self, now: float) -> float:
        """Seconds since it was let in."""
        return now - self._since

    # What the engine does.

    def take_step(self, step: Step, worker: int) -> tuple[Work, Callable[[], bytes]]:
        """`step`, to be run by the worker thread of `lane`; `apply` or `fail` must follow."""
        if not self.started:
            self._note_begin()
        self._in_step = True
        if self._job is None:
            self.worker = worker
            self._job = SpeechJob(self._instances[worker], self._options)
        if step.frames is not None:
            self._tell_end()
            return Work(self.voice, Kind.DECODE, step.frames), partial(self._job.decode, step.frames)
        if self._job.must_finish:
            return Work(self.voice, Kind.FINISH, 1), self._job.finish
        sentence, size = None, self._job.to_encode
        if not size:
            sentence = self._sentences.popleft()
            size = len(sentence)
            self._hungry.set()
        self._tell_end()
        return Work(self.voice, Kind.ENCODE, size), partial(self._job.encode, sentence)

    def batch_key(self, frames: int) -> Hashable:
        """Next chunks of one shape, voice and lane can be decoded together; `None` for none."""
        return self._job.batch_key(frames) if self._job and self.ready else None

    def join(self) -> SpeechJob:
        """Take part in another's step, of the same shape; `apply` or `fail` must follow."""
        if self._job is None:
            raise RuntimeError("nothing is encoded")
        self._tell_end()
        self._in_step = True
        return self._job

    def apply(self, pcm: bytes, busy_seconds: float) -> None:
        """Take the result of a step; one for a cancelled utterance is dropped."""
        self._in_step = False
        self._steps += 1
        self._busy_seconds += busy_seconds
        if self.outcome is None:
            self._emit(pcm)
            self._complete_if_done()
            if not self.ready:
                self._ready_since = None
            self._note_readiness()
        else:
            self._job = None

    def fail(self, error: PiperSerialError) -> None:
        """End with an error; audio that was made before is still delivered."""
        self._in_step = False
        if self.outcome is None:
            self._error = error
            self._close(error.code)
        else:
            self._job = None

    def _tell_end(self) -> None:
        """Let the job know when it has all text; only between steps."""
        if self._job is not None:
            self._job.text_ended = self._text_ended and not self._sentences

    @property
    def _has_text(self) -> bool:
        return bool(self._sentences) or (self._job is not None and self._job.unfinished)

    def _note_readiness(self) -> None:
        if self.ready:
            if self._ready_since is None:
                self._ready_since = self._hooks.clock()
            self._hooks.ready()

    def _note_pace(self) -> None:
        """What has not been taken has not been played: a reader who paused has that much left."""
        if self._deadline is not None:
            now = self._hooks.clock()
            self._deadline = max(self._deadline, now + self._seconds(self._audio_bytes))
            self.trace.sounds(now, until=self._deadline)

    def _emit(self, pcm: bytes) -> None:
        if not pcm:
            return
        now = self._hooks.clock()
        if self._deadline is None:
            self._deadline = now
            self._hooks.heard(now - (self._since if self._text_since is None else self._text_since))
        elif now > self._deadline:
            # Text that came late, or a reader that made us pause, is not the voice's fault.
            if self._ready_since is not None and self._ready_since < self._deadline:
                self._hooks.underrun(now - self._deadline)
            self._deadline = now
        self._deadline += self._seconds(len(pcm))
        self.trace.sounds(now, until=self._deadline)
        self._audio.append(pcm)
        self._audio_bytes += len(pcm)
        self._total_bytes += len(pcm)
        self._audible.set()

    def _complete_if_done(self) -> None:
        if self.outcome is not None or self._in_step or not self._text_ended:
            return
        self._tell_end()
        if self._has_text:
            return
        if not self._total_bytes:
            if not self.started:
                self._note_begin()
            self._emit(silence(_MOMENT_OF_SILENCE, self.format.rate))
        self._close("completed")

    def _close(self, outcome: str) -> None:
        if self.outcome is not None:
            return
        self.outcome = outcome
        self.trace.end(self._hooks.clock(), outcome)
        self._sentences.clear()
        if not self._in_step:
            self._job = None  # a sentence in the making takes megabytes, and somebody may still hold this
        self._audible.set()
        self._hungry.set()
        self._log_end()
        self._hooks.closed(self, outcome)

    def _note_begin(self) -> None:
        self.trace.begun = now = self._hooks.clock()
        waited = self.waited(now) or 0.0
        _LOGGER.info("[%d] waiting time: %.3fs", self.number, waited)
        self._hooks.begun(waited)

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
