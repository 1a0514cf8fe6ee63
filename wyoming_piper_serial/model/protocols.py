"""One loaded Piper voice, as two protocols.

The engine knows only `Voice` and `Speech`; how samples are computed can change behind them. This module does not import
onnxruntime, which is slow to import: the server listens first.
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
"""Mono audio as the model returns it, shape (samples,)."""


@dataclass(frozen=True, kw_only=True)
class SynthesisOptions:
    """How one utterance is to be spoken."""

    synthesis: SynthesisSettings
    """The settings of the speech. The seed is not negative. A `WholeVoice` ignores the seed."""

    speaker: int | None = None
    """Speaker number; `None` for a voice with one speaker."""


class Speech(Protocol):
    """One sentence that is being decoded."""

    @property
    def done(self) -> bool:
        """Whether every sample has been returned."""

    @property
    def remaining_frames(self) -> int:
        """The number of frames not yet returned. A sentence that cannot be divided counts as one frame."""

    @property
    def memory(self) -> int:
        """Bytes that it holds until it is done."""

    def batch_key(self, frames: int) -> Hashable:
        """Speeches of one voice with equal keys can be decoded in one model run, by `frames` frames each.

        `None` if this is not possible for this speech.
        """

    def decode(self, frames: int | None = None) -> FloatSamples:
        """The samples of the next `frames` frames (fewer at the end of the sentence), by default of all that remain.

        Raises SynthesisFailed.
        """


class Voice(Protocol):
    """The functions of a voice that the engine uses. Calls must not overlap; each runs in a worker thread."""

    @property
    def config(self) -> VoiceConfig: ...

    @property
    def gain(self) -> float:
        """Factor that gives this voice the average loudness of sentences scaled to full scale one by one."""

    @property
    def frame_seconds(self) -> float:
        """Seconds of audio in a frame. This is an estimate if a whole sentence counts as one frame."""

    def phonemize(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`. Raises SynthesisFailed."""

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        """Begin a sentence. Raises SynthesisFailed."""

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        """Call `decode` for each speech, in one model run. All must be of this voice and have the same batch key.

        Returns samples, or an error that concerns one speech only. Raises an error that concerns all; then no speech
        has advanced.
        """


def model_inputs(config: VoiceConfig, ids: PhonemeIds, options: SynthesisOptions) -> dict[str, NDArray[Any]]:
    """The inputs of a Piper graph for one sentence.

    `input`: shape (1, ids). `input_lengths`: (1,). `scales`: (3,), noise, length and duration noise. `sid`: (1,), the
    speaker number, only for a voice with several speakers.
    """
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


def check_samples(samples: FloatSamples) -> FloatSamples:
    """Return `samples` unchanged. Raises SynthesisFailed if there are none, or if one is NaN or infinite."""
    if samples.size == 0 or not np.isfinite(samples).all():
        raise SynthesisFailed("The voice made no sound of this text.")
    return samples


def check_inputs(config: VoiceConfig, model: Path, inputs: set[str]) -> None:
    """Raises VoiceFileError if the names of the graph's `inputs` are not those that the config implies."""
    expected = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
    if inputs != expected:
        raise VoiceFileError(
            config.name,
            f"{model}: takes {', '.join(sorted(inputs))}, but a Piper model with num_speakers {config.num_speakers} "
            f"takes {', '.join(sorted(expected))}",
        )


def warm_up(voice: Voice, model: Path) -> None:
    """Speak a sentence without phonemes, so that onnxruntime's slow first run does not delay the first request.

    Raises VoiceFileError, whose detail names the file.
    """
    id_map = voice.config.phonemes.id_map
    ids = [number for mark in ("^", "_", "$") for number in id_map[mark]]
    options = SynthesisOptions(synthesis=SynthesisSettings(), speaker=voice.config.speaker_number(None))
    try:
        voice.speak(ids, options).decode()
    except SynthesisFailed as error:
        raise VoiceFileError(voice.config.name, f"{model}: does not speak ({error.__cause__ or error})") from error
