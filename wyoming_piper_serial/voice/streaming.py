"""A voice that begins to sound before its sentence is made."""

import numpy as np

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.voice.config import VoiceConfig
from wyoming_piper_serial.voice.cut_model import CutModel, Decoding
from wyoming_piper_serial.voice.phonemes import Frontend, PhonemeIds
from wyoming_piper_serial.voice.voice import FloatSamples, Manner, model_inputs, sounding


class StreamingVoice:
    """A Piper model cut into parts: a sentence is encoded, then decoded in chunks of any size."""

    def __init__(self, config: VoiceConfig, model: CutModel, frontend: Frontend) -> None:
        self.config = config
        self.gain = model.numbers.gain
        self.hop = model.numbers.hop
        """Samples of a frame."""

        self._model = model
        self._frontend = frontend

    def phonemize(self, text: str) -> list[PhonemeIds]:
        return self._frontend.ids(text)

    def speak(self, ids: PhonemeIds, manner: Manner) -> "StreamedSpeech":
        """Encode a sentence. The same ids, manner and seed make the same samples.

        Raises SynthesisFailed.
        """
        rng = np.random.default_rng(manner.style.seed)
        try:
            prior = self._model.encode(model_inputs(self.config, ids, manner), rng)
            return StreamedSpeech(Decoding(self._model, prior, rng))
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error


class StreamedSpeech:
    """One sentence, encoded."""

    def __init__(self, decoding: Decoding) -> None:
        self._decoding = decoding

    @property
    def remaining_frames(self) -> int:
        return self._decoding.remaining_frames

    @property
    def done(self) -> bool:
        return self.remaining_frames == 0

    def decode(self, frames: int | None = None) -> FloatSamples:
        """The samples of the next `frames` frames, all that remain without it.

        Raises SynthesisFailed.
        """
        wanted = max(1, self.remaining_frames if frames is None else frames)
        try:
            samples = self._decoding.next(wanted)
        except Exception as error:
            raise SynthesisFailed("The voice could not speak this text.") from error
        return sounding(samples)
