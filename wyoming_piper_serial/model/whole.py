"""A voice whose model is run as exported, a sentence at a time."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.voice import (
    FloatSamples,
    Speech,
    SynthesisOptions,
    check_inputs,
    model_inputs,
    sounding,
    warm_up_ids,
)
from wyoming_piper_serial.phonemes.phonemizer import Frontend, Phonemizer
from wyoming_piper_serial.phonemes.types import PhonemeIds
from wyoming_piper_serial.settings import SynthesisSettings

_LOGGER = logging.getLogger(__name__)


class WholeVoice:
    """A Piper model run as exported: a sentence is made in one piece."""

    def __init__(self, config: VoiceConfig, session: onnxruntime.InferenceSession, frontend: Frontend) -> None:
        self.config = config
        self.gain = 1.0
        self._session = session
        self._frontend = frontend

    frame_seconds = 2.0  # a sentence of a few words

    def phonemize(self, text: str) -> list[PhonemeIds]:
        return self._frontend.ids(text)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        return _WholeSpeech(self, ids, options)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        return [speech.decode(frames) for speech in speeches]

    def run(self, ids: PhonemeIds, options: SynthesisOptions) -> FloatSamples:
        """Samples of one sentence, shape (samples,). Raises SynthesisFailed."""
        try:
            samples = np.asarray(
                self._session.run(None, model_inputs(self.config, ids, options))[0], dtype=np.float32
            ).reshape(-1)
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        return sounding(samples)


class _WholeSpeech:
    """A sentence made by one model run."""

    def __init__(self, voice: WholeVoice, ids: PhonemeIds, options: SynthesisOptions) -> None:
        self._voice = voice
        self._ids = ids
        self._options = options
        self.done = False

    @property
    def remaining_frames(self) -> int:
        return 0 if self.done else 1

    def batch_key(self, frames: int) -> None:
        """Sentences differ in length."""

    def decode(self, frames: int | None = None) -> FloatSamples:  # noqa: ARG002 -- one piece, whatever is asked
        self.done = True
        return self._voice.run(self._ids, self._options)


def load_voice(
    config: VoiceConfig, model: Path, *, device: Device, phonemizer: Phonemizer, max_phonemes: int
) -> WholeVoice:
    """Load a model and let it speak once, so that the first listener does not pay for the warm-up.

    Raises VoiceFileError that names the file, SettingsError if the device is not really in use.
    """
    _LOGGER.debug("loading %s", model)
    try:
        session = onnxruntime.InferenceSession(str(model), device.options(), providers=[device.provider])
    except Exception as error:
        raise VoiceFileError(config.name, f"{model}: not a model that onnxruntime can load ({error})") from error
    device.check(session)
    check_inputs(config, model, {node.name for node in session.get_inputs()})
    voice = WholeVoice(
        config, session, Frontend(config.phonemes, phonemizer, max_phonemes, session, folder=model.parent)
    )
    try:
        voice.run(
            warm_up_ids(config), SynthesisOptions(synthesis=SynthesisSettings(), speaker=config.speaker_number(None))
        )
    except SynthesisFailed as error:
        raise VoiceFileError(config.name, f"{model}: does not speak ({error.__cause__ or error})") from error
    return voice
