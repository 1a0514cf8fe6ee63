"""One loaded Piper voice.

The engine sees a voice through two protocols, `Voice` and `Speech`: how a sentence's samples come
about can change behind them. Nothing here needs onnxruntime, so the server listens before that is imported.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.phonemes.types import PhonemeIds as PhonemeIds
from wyoming_piper_serial.settings import SynthesisSettings

FloatSamples = NDArray[np.float32]
"""Mono audio as the model makes it, shape (samples,)."""


@dataclass(frozen=True, kw_only=True)
class SynthesisOptions:
    """How one utterance is to be spoken."""

    synthesis: SynthesisSettings
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

    def batch_key(self, frames: int) -> Hashable:
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

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        """Begin a sentence. Raises SynthesisFailed."""

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        """As each one's `decode`, in one model run. All are this voice's, with the same shape.

        Raises what goes wrong with all of them; none has then spoken any further.
        """


def model_inputs(config: VoiceConfig, ids: PhonemeIds, options: SynthesisOptions) -> dict[str, NDArray[Any]]:
    """What a Piper graph takes for one sentence."""
    synthesis, defaults = options.synthesis, config.scales
    scales = [
        defaults.noise_scale if synthesis.noise_scale is None else synthesis.noise_scale,
        defaults.length_scale if synthesis.length_scale is None else synthesis.length_scale,
        defaults.noise_w_scale if synthesis.noise_w_scale is None else synthesis.noise_w_scale,
    ]
    inputs: dict[str, NDArray[Any]] = {
        "input": np.array([ids], dtype=np.int64),
        "input_lengths": np.array([len(ids)], dtype=np.int64),
        "scales": np.array(scales, dtype=np.float32),
    }
    if options.speaker is not None:
        inputs["sid"] = np.array([options.speaker], dtype=np.int64)
    return inputs


def sounding(samples: FloatSamples) -> FloatSamples:
    """`samples` as they are. Raises SynthesisFailed where there are none, or some that are no numbers."""
    if samples.size == 0 or not np.isfinite(samples).all():
        raise SynthesisFailed("The voice made no sound of this text.")
    return samples


def warm_up_ids(config: VoiceConfig) -> PhonemeIds:
    """A sentence of nothing."""
    return [number for phoneme in ("^", "_", "$") for number in config.phonemes.id_map[phoneme]]


def check_inputs(config: VoiceConfig, model: Path, found: set[str]) -> None:
    """Raises VoiceFileError where the graph takes other inputs than the config says."""
    expected = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
    if found != expected:
        raise VoiceFileError(
            config.name,
            f"{model}: takes {', '.join(sorted(found))}, but a Piper model with num_speakers {config.num_speakers} "
            f"takes {', '.join(sorted(expected))}",
        )
