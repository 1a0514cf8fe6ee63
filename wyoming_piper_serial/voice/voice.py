"""One loaded Piper voice.

The engine sees a voice through two protocols, `Voice` and `Speech`: how a sentence's samples come
about (the whole graph at once, here) can change behind them.
"""

import logging
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.settings import Style
from wyoming_piper_serial.voice.config import VoiceConfig
from wyoming_piper_serial.voice.device import Device
from wyoming_piper_serial.voice.phonemes import Frontend, PhonemeIds, Phonemizer

FloatSamples = NDArray[np.float32]
"""Mono audio as the model makes it, shape (samples,)."""

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How one utterance is to be spoken."""

    style: Style
    """Its seed is not negative; a voice that is spoken whole cannot obey it."""

    speaker: int | None = None
    """Speaker number; `None` for a voice with one speaker."""


class Speech(Protocol):
    """One sentence in the making."""

    @property
    def done(self) -> bool:
        """Whether every sample has been returned."""

    @property
    def remaining_frames(self) -> int:
        """Frames not yet returned; 1 for a whole sentence in one piece."""

    def shape(self, frames: int) -> Hashable:
        """Speeches of one voice whose next `frames` frames have the same shape can be decoded together.

        `None` for one that cannot.
        """

    def decode(self, frames: int | None = None) -> FloatSamples:
        """The samples of the next `frames` frames, fewer at the end; all that remain without it.

        Raises SynthesisFailed.
        """


class Voice(Protocol):
    """What the engine needs of a voice. Calls must not overlap; each runs in a worker thread."""

    @property
    def config(self) -> VoiceConfig: ...

    @property
    def gain(self) -> float:
        """Brings the voice to the loudness that scaling each sentence to full scale gives on average."""

    @property
    def frame_seconds(self) -> float:
        """Seconds of sound in a frame; a guess where a sentence is one."""

    def phonemize(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`. Raises SynthesisFailed."""

    def speak(self, ids: PhonemeIds, manner: Manner) -> Speech:
        """Begin a sentence. Raises SynthesisFailed."""

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        """As each one's `decode`, in one model run. All are this voice's, with the same shape.

        Raises what goes wrong with all of them; none has then spoken any further.
        """


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

    def speak(self, ids: PhonemeIds, manner: Manner) -> Speech:
        return _WholeSpeech(self, ids, manner)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        return [speech.decode(frames) for speech in speeches]

    def run(self, ids: PhonemeIds, manner: Manner) -> FloatSamples:
        """Samples of one sentence, shape (samples,). Raises SynthesisFailed."""
        try:
            samples = np.asarray(
                self._session.run(None, model_inputs(self.config, ids, manner))[0], dtype=np.float32
            ).reshape(-1)
        except Exception as error:
            # onnxruntime's exceptions share no base class below Exception.
            raise SynthesisFailed("The voice could not speak this text.") from error
        return sounding(samples)


class _WholeSpeech:
    """A sentence made by one model run."""

    def __init__(self, voice: WholeVoice, ids: PhonemeIds, manner: Manner) -> None:
        self._voice = voice
        self._ids = ids
        self._manner = manner
        self.done = False

    @property
    def remaining_frames(self) -> int:
        return 0 if self.done else 1

    def shape(self, frames: int) -> None:
        """Sentences differ in length."""

    def decode(self, frames: int | None = None) -> FloatSamples:  # noqa: ARG002 -- one piece, whatever is asked
        self.done = True
        return self._voice.run(self._ids, self._manner)


def model_inputs(config: VoiceConfig, ids: PhonemeIds, manner: Manner) -> dict[str, NDArray[Any]]:
    """What a Piper graph takes for one sentence."""
    style, defaults = manner.style, config.piper
    scales = [
        defaults.noise_scale if style.noise_scale is None else style.noise_scale,
        defaults.length_scale if style.length_scale is None else style.length_scale,
        defaults.noise_w_scale if style.noise_w_scale is None else style.noise_w_scale,
    ]
    inputs: dict[str, NDArray[Any]] = {
        "input": np.array([ids], dtype=np.int64),
        "input_lengths": np.array([len(ids)], dtype=np.int64),
        "scales": np.array(scales, dtype=np.float32),
    }
    if manner.speaker is not None:
        inputs["sid"] = np.array([manner.speaker], dtype=np.int64)
    return inputs


def sounding(samples: FloatSamples) -> FloatSamples:
    """`samples` as they are. Raises SynthesisFailed where there are none, or some that are no numbers."""
    if samples.size == 0 or not np.isfinite(samples).all():
        raise SynthesisFailed("The voice made no sound of this text.")
    return samples


def warm_up_ids(config: VoiceConfig) -> PhonemeIds:
    """A sentence of nothing."""
    return [number for phoneme in ("^", "_", "$") for number in config.piper.phoneme_id_map[phoneme]]


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
    voice = WholeVoice(config, session, Frontend(config, phonemizer, max_phonemes, session, folder=model.parent))
    try:
        voice.run(warm_up_ids(config), Manner(style=Style(), speaker=config.speaker_number(None)))
    except SynthesisFailed as error:
        raise VoiceFileError(config.name, f"{model}: does not speak ({error.__cause__ or error})") from error
    return voice


def check_inputs(config: VoiceConfig, model: Path, found: set[str]) -> None:
    """Raises VoiceFileError where the graph takes other inputs than the config says."""
    expected = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
    if found != expected:
        raise VoiceFileError(
            config.name,
            f"{model}: takes {', '.join(sorted(found))}, but a Piper model with num_speakers {config.num_speakers} "
            f"takes {', '.join(sorted(expected))}",
        )
