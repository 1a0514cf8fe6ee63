"""One loaded Piper voice.

The engine sees a voice through two protocols, `Voice` and `Speech`: how a sentence's samples come
about (the whole graph at once, here) can change behind them.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.exceptions import SettingsError, SynthesisFailed, VoiceFileError
from wyoming_piper_serial.settings import Style
from wyoming_piper_serial.voice.config import VoiceConfig
from wyoming_piper_serial.voice.phonemes import Frontend, PhonemeIds, Phonemizer

FloatSamples = NDArray[np.float32]
"""Mono audio as the model makes it, shape (samples,)."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How one utterance is to be spoken."""

    style: Style
    speaker: int | None = None
    """Speaker number; `None` for a voice with one speaker."""


class Speech(Protocol):
    """One sentence in the making."""

    @property
    def done(self) -> bool:
        """Whether every sample has been returned."""

    def decode(self) -> FloatSamples:
        """The next samples. Raises SynthesisFailed."""


class Voice(Protocol):
    """What the engine needs of a voice. Calls must not overlap; each runs in a worker thread."""

    @property
    def config(self) -> VoiceConfig: ...

    def phonemize(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`. Raises SynthesisFailed."""

    def speak(self, ids: PhonemeIds, manner: Manner) -> Speech:
        """Begin a sentence. Raises SynthesisFailed."""


class PiperVoice:
    """A Piper model run as exported: a sentence is made in one piece."""

    def __init__(self, config: VoiceConfig, session: onnxruntime.InferenceSession, frontend: Frontend) -> None:
        self.config = config
        self._session = session
        self._frontend = frontend

    def phonemize(self, text: str) -> list[PhonemeIds]:
        return self._frontend.ids(text)

    def speak(self, ids: PhonemeIds, manner: Manner) -> Speech:
        return _WholeSpeech(self, ids, manner)

    def run(self, ids: PhonemeIds, manner: Manner) -> FloatSamples:
        """Samples of one sentence, shape (samples,). Raises SynthesisFailed."""
        style, defaults = manner.style, self.config.piper
        scales = [
            defaults.noise_scale if style.noise_scale is None else style.noise_scale,
            defaults.length_scale if style.length_scale is None else style.length_scale,
            defaults.noise_w_scale if style.noise_w_scale is None else style.noise_w_scale,
        ]
        inputs = {
            "input": np.array([ids], dtype=np.int64),
            "input_lengths": np.array([len(ids)], dtype=np.int64),
            "scales": np.array(scales, dtype=np.float32),
        }
        if manner.speaker is not None:
            inputs["sid"] = np.array([manner.speaker], dtype=np.int64)
        try:
            samples = np.asarray(self._session.run(None, inputs)[0], dtype=np.float32).reshape(-1)
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        if samples.size == 0 or not np.isfinite(samples).all():
            raise SynthesisFailed("The voice made no sound of this text.")
        return samples


class _WholeSpeech:
    """A sentence made by one model run."""

    def __init__(self, voice: PiperVoice, ids: PhonemeIds, manner: Manner) -> None:
        self._voice = voice
        self._ids = ids
        self._manner = manner
        self.done = False

    def decode(self) -> FloatSamples:
        self.done = True
        return self._voice.run(self._ids, self._manner)


def check_provider(*, use_cuda: bool) -> str:
    """The onnxruntime provider to use. Raises SettingsError where it is not there."""
    if not use_cuda:
        return "CPUExecutionProvider"
    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        raise SettingsError(
            "--use-cuda: this onnxruntime has no CUDA; install onnxruntime-gpu, or leave --use-cuda out."
        )
    return "CUDAExecutionProvider"


def load_voice(
    config: VoiceConfig, model: Path, *, provider: str, phonemizer: Phonemizer, max_phonemes: int
) -> PiperVoice:
    """Load a model and let it speak once, so that the first listener does not pay for the warm-up.

    Raises VoiceFileError that names the file, SettingsError if `provider` is not really in use.
    """
    _LOGGER.debug("loading %s", model)
    try:
        session = onnxruntime.InferenceSession(str(model), providers=[provider])
    except Exception as error:
        raise VoiceFileError(config.name, f"{model}: not a model that onnxruntime can load ({error})") from error
    if session.get_providers()[0] != provider:
        raise SettingsError(f"{provider} did not start; the reason is in onnxruntime's messages above.")
    _check_inputs(config, model, session)
    voice = PiperVoice(config, session, Frontend(config, session, phonemizer, max_phonemes=max_phonemes))
    id_map = config.piper.phoneme_id_map
    ids = [number for phoneme in ("^", "_", "$") for number in id_map[phoneme]]
    try:
        voice.run(ids, Manner(style=Style(), speaker=config.speaker_number(None)))
    except SynthesisFailed as error:
        raise VoiceFileError(config.name, f"{model}: does not speak ({error.__cause__ or error})") from error
    return voice


def _check_inputs(config: VoiceConfig, model: Path, session: onnxruntime.InferenceSession) -> None:
    expected = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
    found = {node.name for node in session.get_inputs()}
    if found != expected:
        raise VoiceFileError(
            config.name,
            f"{model}: takes {', '.join(sorted(found))}, but a Piper model with num_speakers {config.num_speakers} "
            f"takes {', '.join(sorted(expected))}",
        )
