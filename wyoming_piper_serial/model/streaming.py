"""A voice that returns the first samples of a sentence before the whole sentence is decoded."""

from collections.abc import Hashable, Sequence
from concurrent.futures import Future

import numpy as np

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.graph.inference import CutModel, Decoding, decode_together
from wyoming_piper_serial.model.protocols import FloatSamples, Speech, SynthesisOptions, check_samples, model_inputs
from wyoming_piper_serial.phonemes.phonemizer import VoicePhonemizer
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written


class StreamingVoice:
    """A `Voice` whose graph is cut into parts. A sentence is encoded as a whole and then decoded in chunks."""

    def __init__(self, config: VoiceConfig, model: CutModel, phonemizer: VoicePhonemizer) -> None:
        self.config = config
        self.gain = model.info.gain
        self.step_times: Sequence[tuple[str, int, float]] = ()
        self.hop = model.info.hop
        """Samples per frame."""

        self._model = model
        self._phonemizer = phonemizer

    @property
    def frame_seconds(self) -> float:
        return self.hop / self.config.sample_rate

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        return self._phonemizer.phoneme_ids(text, prepare)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> "StreamedSpeech":
        """Encodes a sentence. Raises SynthesisFailed.

        If the options contain a seed, the same ids, options and chunk sizes always give the same samples.
        """
        rng = np.random.default_rng(options.synthesis.seed)
        try:
            prior = self._model.encode(model_inputs(self.config, ids, options), rng)
            speech = StreamedSpeech(Decoding(self._model, prior, rng), prior.id_frames)
        except Exception as error:
            # The only common base class of onnxruntime's exceptions is Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        if speech.done:
            raise SynthesisFailed("The voice returned no audio for this text.")
        return speech

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        decodings = [speech.decoding for speech in speeches if isinstance(speech, StreamedSpeech)]
        return [_samples_or_error(samples) for samples in decode_together(self._model, decodings, frames)]


class StreamedSpeech:
    """An encoded sentence, which can be decoded in chunks."""

    def __init__(self, decoding: Decoding, id_frames: Sequence[int] | None = None) -> None:
        self.decoding = decoding
        self.id_frames = id_frames

    @property
    def remaining_frames(self) -> int:
        return self.decoding.remaining_frames

    @property
    def done(self) -> bool:
        return self.remaining_frames == 0

    @property
    def flowed_frames(self) -> int:
        return self.decoding.flowed_frames

    @property
    def unflowed_frames(self) -> int:
        return self.decoding.unflowed_frames

    @property
    def memory(self) -> int:
        return self.decoding.memory

    def batch_key(self, frames: int) -> Hashable:
        return self.decoding.batch_key(frames)

    def flow(self, frames: int) -> None:
        try:
            self.decoding.flow(frames)
        except Exception as error:
            raise SynthesisFailed("The voice could not speak this text.") from error

    def decode(self, frames: int | None = None) -> FloatSamples:
        try:
            samples = self.decoding.next(self.remaining_frames if frames is None else frames)
        except Exception as error:
            raise SynthesisFailed("The voice could not speak this text.") from error
        return check_samples(samples)


def _samples_or_error(samples: FloatSamples) -> FloatSamples | SynthesisFailed:
    try:
        return check_samples(samples)
    except SynthesisFailed as error:
        return error
