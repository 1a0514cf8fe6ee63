"""A voice whose graph is not cut. Each model run decodes one whole sentence."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
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
from wyoming_piper_serial.phonemes.phonemizer import VoicePhonemizer
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written

_LOGGER = logging.getLogger(__name__)


class WholeVoice:
    """A `Voice` for a model that cannot be split into parts. One model run generates a whole sentence, which counts as
    one frame."""

    frame_seconds = 2.0  # in seconds: an estimate for a sentence of a few words

    def __init__(self, config: VoiceConfig, session: onnxruntime.InferenceSession, phonemizer: VoicePhonemizer) -> None:
        self.config = config
        self.gain = 1.0
        self.step_times: Sequence[tuple[str, int, float]] = ()
        self._session = session
        self._phonemizer = phonemizer

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        return self._phonemizer.phoneme_ids(text, prepare)

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        return _WholeSpeech(self, ids, options)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        return [speech.decode(frames) for speech in speeches]

    def run(self, ids: PhonemeIds, options: SynthesisOptions) -> FloatSamples:
        """Returns the samples of one sentence, shape (samples,). Raises SynthesisFailed."""
        try:
            outputs = self._session.run(None, model_inputs(self.config, ids, options))
            samples = np.asarray(outputs[0], dtype=np.float32).reshape(-1)
        except Exception as error:
            # The only common base class of onnxruntime's exceptions is Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        return check_samples(samples)


class _WholeSpeech:
    """A sentence that is decoded in one model run."""

    def __init__(self, voice: WholeVoice, ids: PhonemeIds, options: SynthesisOptions) -> None:
        self._voice = voice
        self._ids = ids
        self._options = options
        self.done = False
        self.id_frames = None

    @property
    def remaining_frames(self) -> int:
        return 0 if self.done else 1

    @property
    def flowed_frames(self) -> int:
        return self.remaining_frames

    @property
    def unflowed_frames(self) -> int:
        return 0

    @property
    def memory(self) -> int:
        """Returns 0, because the memory for the phoneme ids is negligible."""
        return 0

    def batch_key(self, frames: int) -> None:
        """Returns `None`, because sentences of different lengths cannot share a model run."""

    def flow(self, frames: int) -> None:
        """Does nothing, because the one model run includes the flow."""

    def decode(self, frames: int | None = None) -> FloatSamples:  # noqa: ARG002 -- the sentence cannot be divided
        self.done = True
        return self._voice.run(self._ids, self._options)


def load_whole_voice(config: VoiceConfig, model: Path, *, device: Device, phonemizer: VoicePhonemizer) -> WholeVoice:
    """Loads a model as a `WholeVoice` and warms it up.

    Raises VoiceFileError, whose detail names the file, or SettingsError if onnxruntime cannot use `device`.
    """
    _LOGGER.debug("loading %s", model)
    try:
        session = onnxruntime.InferenceSession(str(model), device.options(), providers=[device.provider])
    except Exception as error:
        raise VoiceFileError(config.name, f"{model}: not a model that onnxruntime can load ({error})") from error
    device.check(session)
    check_inputs(config, model, {node.name for node in session.get_inputs()})
    voice = WholeVoice(config, session, phonemizer)
    warm_up(voice, model)
    return voice
