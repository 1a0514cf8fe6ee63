"""A voice whose graph is run as exported, one sentence at a time."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.protocols import (
    FloatSamples,
    Speech,
    SynthesisOptions,
    check_inputs,
    check_samples,
    model_inputs,
    warm_up,
)
from wyoming_piper_serial.phonemes.phonemizer import Phonemizer, VoicePhonemizer
from wyoming_piper_serial.phonemes.types import PhonemeIds

_LOGGER = logging.getLogger(__name__)


class WholeVoice:
    """A `Voice` for graphs that cannot be cut: each sentence is one model run and counts as one frame."""

    frame_seconds = 2.0  # seconds: the duration of a sentence of a few words

    def __init__(self, config: VoiceConfig, session: onnxruntime.InferenceSession, phonemizer: VoicePhonemizer) -> None:
        self.config = config
        self.gain = 1.0
        self._session = session
        self._phonemizer = phonemizer

    def phonemize(self, text: str) -> list[PhonemeIds]:
        return self._phonemizer.phoneme_ids(text)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        return _WholeSpeech(self, ids, options)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        return [speech.decode(frames) for speech in speeches]

    def run(self, ids: PhonemeIds, options: SynthesisOptions) -> FloatSamples:
        """Samples of one sentence, shape (samples,). Raises SynthesisFailed."""
        try:
            outputs = self._session.run(None, model_inputs(self.config, ids, options))
            samples = np.asarray(outputs[0], dtype=np.float32).reshape(-1)
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        return check_samples(samples)


class _WholeSpeech:
    """A sentence that is decoded by one model run."""

    def __init__(self, voice: WholeVoice, ids: PhonemeIds, options: SynthesisOptions) -> None:
        self._voice = voice
        self._ids = ids
        self._options = options
        self.done = False

    @property
    def remaining_frames(self) -> int:
        return 0 if self.done else 1

    @property
    def memory(self) -> int:
        """Only the phoneme ids, which need no account."""
        return 0

    def batch_key(self, frames: int) -> None:
        """Always `None`: sentences differ in length, so they never share a run."""

    def decode(self, frames: int | None = None) -> FloatSamples:  # noqa: ARG002 -- the sentence cannot be divided
        self.done = True
        return self._voice.run(self._ids, self._options)


def load_whole_voice(
    config: VoiceConfig, model: Path, *, device: Device, phonemizer: Phonemizer, max_phonemes: int
) -> WholeVoice:
    """Load a model and warm it up.

    Raises VoiceFileError, whose detail names the file, and SettingsError if another device than the requested one is
    used.
    """
    _LOGGER.debug("loading %s", model)
    try:
        session = onnxruntime.InferenceSession(str(model), device.options(), providers=[device.provider])
    except Exception as error:
        raise VoiceFileError(config.name, f"{model}: not a model that onnxruntime can load ({error})") from error
    device.check(session)
    check_inputs(config, model, {node.name for node in session.get_inputs()})
    voice = WholeVoice(
        config, session, VoicePhonemizer(config.phonemes, phonemizer, max_phonemes, session, folder=model.parent)
    )
    warm_up(voice, model)
    return voice
