"""What the worker thread knows of an utterance. The loop looks at it only between steps."""

import logging
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import partial

from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.audio.resampling import Resampler
from wyoming_piper_serial.audio.shaping import Shaper, shaper
from wyoming_piper_serial.model.voice import FloatSamples, PhonemeIds, Speech, SynthesisOptions, Voice

_LOGGER = logging.getLogger(__name__)

Made = bytes | BaseException
"""PCM, or why there is none."""

_IDS_PER_CHARACTER = 2  # a phoneme and the pad behind it; only costs are estimated by it


class SpeechJob:
    """Text in, PCM out, a step at a time: at the style's sample rate, or else at the voice's own."""

    def __init__(self, voice: Voice, options: SynthesisOptions) -> None:
        self.voice = voice
        self.text_ended = False
        """Whether no sentence will follow those taken; set between steps."""

        self._options = options
        self._waiting: deque[PhonemeIds] = deque()
        self._sentence: _Sentence | None = None
        self._begun = 0  # sentences
        # One for all sentences and the silence between them: sound goes on across their borders.
        self._resampler: Resampler | None = None
        self._holds_back = False  # the resampler

    @property
    def unfinished(self) -> bool:
        """Whether there is more to say of the text taken so far."""
        return self._has_sentences or self.must_finish

    @property
    def must_finish(self) -> bool:
        """Whether all is spoken but what the resampler holds back: the text ended after its last step."""
        return self.text_ended and self._holds_back and not self._has_sentences

    @property
    def _has_sentences(self) -> bool:
        return self._sentence is not None or bool(self._waiting)

    @property
    def to_encode(self) -> int:
        """Characters, about, of the sentence to be encoded next of those taken; 0 in mid-sentence."""
        if self._sentence is not None or not self._waiting:
            return 0
        return max(1, len(self._waiting[0]) // _IDS_PER_CHARACTER)

    @property
    def frames(self) -> int:
        """Frames left of the sentence; 0 between sentences."""
        return 0 if self._sentence is None else self._sentence.speech.remaining_frames

    @property
    def chunks(self) -> int:
        """Chunks made of the sentence."""
        return 0 if self._sentence is None else self._sentence.chunks

    def batch_key(self, frames: int) -> Hashable:
        """Chunks of the same shape and voice can be decoded together; `None` where they cannot."""
        return None if self._sentence is None else self._sentence.speech.batch_key(frames)

    def encode(self, text: str | None) -> bytes:
        """Take a sentence if one is given, and encode what is next. Raises SynthesisFailed.

        Returns the silence before it. Nothing is encoded if the text has no sound.
        """
        if text is not None:
            self._waiting.extend(self.voice.phonemize(text))
        return self._sent(self._begin(self._waiting.popleft()) if self._waiting else b"")

    def finish(self) -> bytes:
        """The last PCM."""
        return self._sent(b"")

    def decode(self, frames: int) -> bytes:
        """PCM of the sentence's next `frames` frames, less what the limiter holds back. Raises SynthesisFailed."""
        return self.shaped(self.speech.decode(frames))

    @property
    def _speaking(self) -> "_Sentence":
        if self._sentence is None:
            raise RuntimeError("no sentence is encoded")
        return self._sentence

    def _begin(self, ids: PhonemeIds) -> bytes:
        synthesis, rate = self._options.synthesis, self.voice.config.sample_rate
        # Sentences of one noise would all waver alike.
        seed = None if synthesis.seed is None else synthesis.seed + self._begun
        speech = self.voice.speak(ids, replace(self._options, synthesis=replace(synthesis, seed=seed)))
        shaping = shaper(synthesis.normalize, gain=self.voice.gain, volume=synthesis.volume, sample_rate=rate)
        self._sentence = _Sentence(speech, shaping)
        self._begun += 1
        return silence(synthesis.sentence_silence, rate) if self._begun > 1 else b""

    @property
    def speech(self) -> Speech:
        """The sentence that is being spoken."""
        return self._speaking.speech

    def shaped(self, samples: FloatSamples) -> bytes:
        """PCM of the sentence's next samples, less what the limiter holds back."""
        sentence = self._speaking
        sentence.chunks += 1
        pcm = sentence.shaper.process(samples)
        if sentence.speech.done:
            pcm += sentence.shaper.finish()
            self._sentence = None
        return self._sent(pcm)

    def _sent(self, pcm: bytes) -> bytes:
        """What is sent of `pcm`, which is at the voice's rate; the rest, too, where this was the last."""
        own, wanted = self.voice.config.sample_rate, self._options.synthesis.sample_rate
        if wanted is None or wanted == own:
            return pcm
        if pcm:
            self._resampler = self._resampler or Resampler(own, wanted)
            self._holds_back = True
            pcm = self._resampler.add(pcm)
        if self.must_finish and self._resampler is not None:
            pcm += self._resampler.finish()
            self._resampler, self._holds_back = None, False
        return pcm


class _Sentence:
    """A sentence that is encoded."""

    def __init__(self, speech: Speech, shaping: Shaper) -> None:
        self.speech = speech
        self.shaper = shaping
        self.chunks = 0


def run_step(run: Callable[[], bytes]) -> Made:
    """What `run` makes or raises."""
    try:
        return run()
    except BaseException as error:  # noqa: BLE001 -- whatever it is, it must not end the lock's thread or the loop
        return error


def decode_together(jobs: Sequence[SpeechJob], frames: int) -> list[Made]:
    """As `decode` of each, in one model run. All are of one voice, and their next chunks have the same shape."""
    try:
        made = jobs[0].voice.decode_together([job.speech for job in jobs], frames)
    except BaseException as error:  # noqa: BLE001 -- one of them may be to blame; alone, each gets what is its own
        _LOGGER.warning("chunks could not be made together (%r)", error)
        return [run_step(partial(job.decode, frames)) for job in jobs]
    return [
        samples if isinstance(samples, Exception) else run_step(partial(job.shaped, samples))
        for job, samples in zip(jobs, made, strict=True)
    ]
