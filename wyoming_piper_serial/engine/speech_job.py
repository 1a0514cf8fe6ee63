"""The part of an utterance that runs in the worker thread.

While a step is running, only the worker thread may use its `SpeechJob`. The event loop reads the job only between
steps. A `JobStep` contains all data that a step needs from the event loop.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, silence
from wyoming_piper_serial.audio.resampling import Resampler
from wyoming_piper_serial.audio.shaping import Shaper, shaper
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.model.protocols import FloatSamples, PhonemeIds, Speech, SynthesisOptions, Voice

_LOGGER = logging.getLogger(__name__)


class BegunSentence(NamedTuple):
    """The sentence that was encoded last."""

    start: float
    """Seconds from the beginning of the job's audio to the beginning of the sentence."""

    id_frames: Sequence[int] | None
    """The number of frames of each phoneme id, or `None` if it is unknown."""


StepResult = bytes | BaseException
"""The PCM returned by a step, or the error that it raised."""


@dataclass(slots=True)
class _Sentence:
    """A sentence that has been encoded but not completely decoded."""

    speech: Speech
    shaper: Shaper
    chunks: int = 0


class SpeechJob:
    """Converts phoneme ids to PCM, one step at a time.

    The PCM has the sample rate set in the options or, if none is set, the sample rate of the voice.
    """

    def __init__(self, voice: Voice, options: SynthesisOptions) -> None:
        self._voice: Voice | None = voice
        self._rate = voice.config.sample_rate
        self._options = options
        self._sentence: _Sentence | None = None
        self._begun = 0  # Number of encoded sentences.
        self._samples = 0  # Number of samples before resampling.
        self.last_begun: BegunSentence | None = None
        # One resampler is used for all sentences and the silence between them, because the signal is continuous.
        self._resampler: Resampler | None = None

    @property
    def voice(self) -> Voice:
        if self._voice is None:
            raise RuntimeError("the voice has been released")
        return self._voice

    def set_voice(self, voice: Voice | None) -> None:
        """Sets the voice. `None` removes the voice, which is allowed only between sentences."""
        self._voice = voice

    @property
    def unfinished(self) -> bool:
        """Whether there is a sentence that has been encoded but not completely decoded."""
        return self._sentence is not None

    @property
    def holds_back(self) -> bool:
        """Whether the resampler still contains PCM, which `finish` returns at the end of the text."""
        return self._resampler is not None

    @property
    def frames(self) -> int:
        """Number of frames of the sentence still to be decoded, or 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.remaining_frames

    @property
    def flowed(self) -> int:
        """Number of frames of the sentence that can be decoded without running the flow, or 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.flowed_frames

    @property
    def unflowed(self) -> int:
        """Number of frames of the sentence for which the flow has not been run, or 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.unflowed_frames

    @property
    def chunks(self) -> int:
        """Number of decoded chunks of the sentence, or 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.chunks

    @property
    def memory(self) -> int:
        """Bytes of memory used by the encoded sentence, or 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.memory

    def batch_key(self, frames: int) -> Hashable:
        """Returns a key for batches. The next `frames` frames of all jobs with the same voice and key can be decoded
        together.

        Returns `None` if the frames cannot be decoded together with those of any other job.
        """
        return None if self._sentence is None else self._sentence.speech.batch_key(frames)

    def encode(self, ids: PhonemeIds, *, last: bool = False) -> bytes:
        """Encodes a sentence and adds the silence before it, except before the first sentence. Returns the PCM that is
        ready. Raises SynthesisFailed.

        `last` is true for the last sentence of the text, here and in `decode`.
        """
        return self._sent(self._begin(ids), last=last)

    def decode(self, frames: int, *, last: bool = False) -> bytes:
        """Decodes the next `frames` frames, and returns the PCM that is ready, as `shaped` does.

        Raises SynthesisFailed.
        """
        return self.shaped(self.speech.decode(frames), last=last)

    def finish(self) -> bytes:
        """Returns the PCM remaining in the resampler. Must not be called before the last sentence has ended."""
        return self._sent(b"", last=True)

    @property
    def speech(self) -> Speech:
        """The encoded sentence."""
        return self._speaking.speech

    def shaped(self, samples: FloatSamples, *, last: bool) -> bytes:
        """Converts the sentence's next samples to PCM, and returns the PCM that is ready. The shaper and the resampler
        may hold a part of it back until a later call."""
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
        # Each sentence has its own seed. With the same noise, all sentences would vary in the same way.
        seed = None if synthesis.seed is None else synthesis.seed + self._begun
        speech = self.voice.speak(ids, replace(self._options, synthesis=replace(synthesis, seed=seed)))
        shaping = shaper(synthesis.normalize, gain=self.voice.gain, volume=synthesis.volume, sample_rate=rate)
        self._sentence = _Sentence(speech, shaping)
        self._begun += 1
        pause = silence(synthesis.sentence_silence, rate) if self._begun > 1 else b""
        self.last_begun = BegunSentence((self._samples + len(pause) // SAMPLE_WIDTH) / rate, speech.id_frames)
        return pause

    def _sent(self, pcm: bytes, *, last: bool) -> bytes:
        """Resamples `pcm` from the voice's sample rate to the requested rate. Returns the PCM that is ready.

        At the end of the last sentence, the result includes the PCM remaining in the resampler.
        """
        self._samples += len(pcm) // SAMPLE_WIDTH
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
    """One step of a job, with all data that the step needs. The event loop creates it, and the worker thread runs
    it."""

    job: SpeechJob
    work: Work
    """Kind and size of the step."""

    ids: PhonemeIds = ()
    """Phoneme ids of the sentence to encode. The sequence is empty for other kinds of steps."""

    last: bool = False
    """Whether this step belongs to the last sentence."""

    def run(self) -> bytes:
        """Runs the step and returns its PCM. Raises SynthesisFailed."""
        if self.work.kind is Kind.ENCODE:
            return self.job.encode(self.ids, last=self.last)
        if self.work.kind is Kind.FLOW:
            self.job.speech.flow(self.work.size)
            return b""
        if self.work.kind is Kind.FINISH:
            return self.job.finish()
        return self.job.decode(self.work.size, last=self.last)


def run_step(steps: Sequence[JobStep]) -> list[StepResult]:
    """Runs `steps` and returns the result of each. An error in a step is returned as its result.

    If there are several steps, they must be decoding steps of the same voice with the same `batch_key`. All of them are
    decoded in one model run. If this run fails, they are run one by one.
    """
    if len(steps) == 1:
        return [_result(steps[0].run)]
    try:
        chunks = steps[0].job.voice.decode_together([step.job.speech for step in steps], steps[0].work.size)
    except BaseException as error:  # noqa: BLE001 -- one step may be the cause, so they are run again one by one
        _LOGGER.warning("chunks could not be decoded together (%r)", error)
        return [_result(step.run) for step in steps]
    return [
        chunk if isinstance(chunk, Exception) else _result(partial(step.job.shaped, chunk, last=step.last))
        for step, chunk in zip(steps, chunks, strict=True)
    ]


def _result(run: Callable[[], bytes]) -> StepResult:
    try:
        return run()
    except BaseException as error:  # noqa: BLE001 -- an error in a step must not end the worker thread
        return error
