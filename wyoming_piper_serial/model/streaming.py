"""A voice that begins to sound before its sentence is made."""

from collections.abc import Hashable, Sequence

import numpy as np

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.graph.runtime import CutModel, Decoding, decode_together
from wyoming_piper_serial.model.voice import FloatSamples, Speech, SynthesisOptions, model_inputs, sounding
from wyoming_piper_serial.phonemes.phonemizer import Frontend
from wyoming_piper_serial.phonemes.types import PhonemeIds


class StreamingVoice:
    """A Piper model cut into parts: a sentence is encoded, then decoded in chunks of any size."""

    def __init__(self, config: VoiceConfig, model: CutModel, frontend: Frontend) -> None:
        self.config = config
        self.gain = model.info.gain
        self.hop = model.info.hop
        """Samples of a frame."""

        self._model = model
        self._frontend = frontend

    @property
    def frame_seconds(self) -> float:
        return self.hop / self.config.sample_rate

    def phonemize(self, text: str) -> list[PhonemeIds]:
        return self._frontend.ids(text)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> "StreamedSpeech":
        """Encode a sentence. The same ids, manner and seed make the same samples.

        Raises SynthesisFailed.
        """
        rng = np.random.default_rng(options.synthesis.seed)
        try:
            prior = self._model.encode(model_inputs(self.config, ids, options), rng)
            speech = StreamedSpeech(Decoding(self._model, prior, rng))
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        if speech.done:
            raise SynthesisFailed("The voice made no sound of this text.")
        return speech

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        decodings = [speech.decoding for speech in speeches if isinstance(speech, StreamedSpeech)]
        return [_sounding_or_not(samples) for samples in decode_together(self._model, decodings, frames)]


class StreamedSpeech:
    """One sentence, encoded."""

    def __init__(self, decoding: Decoding) -> None:
        self.decoding = decoding

    @property
    def remaining_frames(self) -> int:
        return self.decoding.remaining_frames

    @property
    def done(self) -> bool:
        return self.remaining_frames == 0

    def batch_key(self, frames: int) -> Hashable:
        return self.decoding.batch_key(frames)

    def decode(self, frames: int | None = None) -> FloatSamples:
        """The samples of the next `frames` frames, all that remain without it.

        Raises SynthesisFailed.
        """
        wanted = self.remaining_frames if frames is None else frames
        try:
            samples = self.decoding.next(wanted)
        except Exception as error:
            raise SynthesisFailed("The voice could not speak this text.") from error
        return sounding(samples)


def _sounding_or_not(samples: FloatSamples) -> FloatSamples | SynthesisFailed:
    try:
        return sounding(samples)
    except SynthesisFailed as error:
        return error
