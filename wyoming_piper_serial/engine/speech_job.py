"""The worker thread's side of an utterance.

A `SpeechJob` belongs to the thread while a step of it runs; the event loop reads it only between steps
and never writes it. What a step needs from the loop is in its `JobStep`.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.audio.resampling import Resampler
from wyoming_piper_serial.audio.shaping import Shaper, shaper
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.model.protocols import FloatSamples, PhonemeIds, Speech, SynthesisOptions, Voice

_LOGGER = logging.getLogger(__name__)

StepResult = bytes | BaseException
"""PCM, or why there is none."""


@dataclass(slots=True)
class _Sentence:
    """A sentence that is encoded and not completely decoded."""

    speech: Speech
    shaper: Shaper
    chunks: int = 0


class SpeechJob:
    """Phoneme ids in, PCM out, a step at a time.

    The PCM has the sample rate of the options, or else that of the voice.
    """

    def __init__(self, voice: Voice, options: SynthesisOptions) -> None:
        self._voice: Voice | None = voice
        self._rate = voice.config.sample_rate
        self._options = options
        self._sentence: _Sentence | None = None
        self._begun = 0  # sentences
        # One for all sentences and the silence between them, because sound goes on across their borders.
        self._resampler: Resampler | None = None

    @property
    def voice(self) -> Voice:
        if self._voice is None:
            raise RuntimeError("the voice was given back")
        return self._voice

    def set_voice(self, voice: Voice | None) -> None:
        """Give the voice back (`None`), between sentences only, or take it again."""
        self._voice = voice

    @property
    def unfinished(self) -> bool:
        """Whether a sentence is encoded and not completely decoded."""
        return self._sentence is not None

    @property
    def holds_back(self) -> bool:
        """Whether the resampler holds PCM back: `finish` returns it if no more text comes."""
        return self._resampler is not None

    @property
    def frames(self) -> int:
        """Frames left of the sentence; 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.remaining_frames

    @property
    def chunks(self) -> int:
        """Chunks decoded of the sentence."""
        return 0 if self._sentence is None else self._sentence.chunks

    @property
    def memory(self) -> int:
        """Bytes of the sentence that is encoded."""
        return 0 if self._sentence is None else self._sentence.speech.memory

    def batch_key(self, frames: int) -> Hashable:
        """Returns a key that is equal for jobs of one voice whose next `frames` frames can be decoded together.

        Returns `None` if they cannot be.
        """
        return None if self._sentence is None else self._sentence.speech.batch_key(frames)

    def encode(self, ids: PhonemeIds, *, last: bool = False) -> bytes:
        """Encode a sentence. Returns the silence before it. Raises SynthesisFailed.

        `last`: no sentence will follow, here and in `decode`.
        """
        return self._sent(self._begin(ids), last=last)

    def decode(self, frames: int, *, last: bool = False) -> bytes:
        """Returns PCM of the next `frames` frames, less what the limiter holds back. Raises SynthesisFailed."""
        return self.shaped(self.speech.decode(frames), last=last)

    def finish(self) -> bytes:
        """The PCM that was held back; no sentence will follow."""
        return self._sent(b"", last=True)

    @property
    def speech(self) -> Speech:
        """The sentence that is being spoken."""
        return self._speaking.speech

    def shaped(self, samples: FloatSamples, *, last: bool) -> bytes:
        """Returns PCM of the sentence's next samples, less what the limiter holds back."""
        sentence = self._speaking
        sentence.chunks += 1
        pcm = sentence.shaper.process(samples)
        if sentence.speech.done:
            pcm += sentence.shaper.finish()
            self._sentence = None
        return self._sent(pcm, last=last)

    @property
    def _speaking(self) -> _Sentence:
        if self._sentence is None:
            raise RuntimeError("no sentence is encoded")
        return self._sentence

    def _begin(self, ids: PhonemeIds) -> bytes:
        synthesis, rate = self._options.synthesis, self._rate
        # With the same noise, all sentences would vary in the same way.
        seed = None if synthesis.seed is None else synthesis.seed + self._begun
        speech = self.voice.speak(ids, replace(self._options, synthesis=replace(synthesis, seed=seed)))
        shaping = shaper(synthesis.normalize, gain=self.voice.gain, volume=synthesis.volume, sample_rate=rate)
        self._sentence = _Sentence(speech, shaping)
        self._begun += 1
        return silence(synthesis.sentence_silence, rate) if self._begun > 1 else b""

    def _sent(self, pcm: bytes, *, last: bool) -> bytes:
        """Returns what is sent for `pcm`, which is at the voice's rate. The last of all includes what was held back."""
        own, wanted = self._rate, self._options.synthesis.sample_rate
        if wanted is None or wanted == own:
            return pcm
        if pcm:
            self._resampler = self._resampler or Resampler(own, wanted)
            pcm = self._resampler.add(pcm)
        if last and not self.unfinished and self._resampler is not None:
            pcm += self._resampler.finish()
            self._resampler = None
        return pcm


class JobStep(NamedTuple):
    """One step of a job, with all that it needs. Made by the event loop, run by the worker thread."""

    job: SpeechJob
    work: Work
    """What is run; the size of a decoding step is its frames."""

    ids: PhonemeIds = ()
    """The sentence that is encoded."""

    last: bool = False
    """Whether no sentence will follow."""

    def run(self) -> bytes:
        """Returns the PCM of this step. Raises SynthesisFailed."""
        if self.work.kind is Kind.ENCODE:
            return self.job.encode(self.ids, last=self.last)
        if self.work.kind is Kind.DECODE:
            return self.job.decode(self.work.size, last=self.last)
        return self.job.finish()


def run_step(steps: Sequence[JobStep]) -> list[StepResult]:
    """Returns the result of each of `steps`; never raises. Several steps are decoding steps of one `batch_key` and are
    made by one model run.
    """
    if len(steps) == 1:
        return [_result(steps[0].run)]
    try:
        chunks = steps[0].job.voice.decode_together([step.job.speech for step in steps], steps[0].work.size)
    except BaseException as error:  # noqa: BLE001 -- one of them may be to blame: run alone, each gets its own result
        _LOGGER.warning("chunks could not be decoded together (%r)", error)
        return [_result(step.run) for step in steps]
    return [
        chunk if isinstance(chunk, Exception) else _result(partial(step.job.shaped, chunk, last=step.last))
        for step, chunk in zip(steps, chunks, strict=True)
    ]


def _result(run: Callable[[], bytes]) -> StepResult:
    try:
        return run()
    except BaseException as error:  # noqa: BLE001 -- no error of a step may end the worker's thread or the event loop
        return error
