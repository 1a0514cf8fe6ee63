"""Protocols for a loaded Piper voice (`Voice`) and for a sentence that it decodes (`Speech`).

The engine uses only these protocols, so it does not depend on how samples are computed. This module does not import
onnxruntime, because the import is slow and must not delay the start of the server.
"""

from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.phonemes.types import PhonemeIds as PhonemeIds
from wyoming_piper_serial.phonemes.types import Prepare as Prepare
from wyoming_piper_serial.phonemes.types import as_written as as_written
from wyoming_piper_serial.settings import SynthesisSettings

FloatSamples = NDArray[np.float32]
"""Mono audio as returned by the model, shape (samples,)."""


@dataclass(frozen=True, kw_only=True)
class SynthesisOptions:
    """The speaker and the synthesis settings of one utterance."""

    synthesis: SynthesisSettings
    """Settings that determine how the speech sounds. The seed must not be negative. A `WholeVoice` ignores the seed."""

    speaker: int | None = None
    """Speaker number, or `None` for a voice with one speaker."""


class Speech(Protocol):
    """One sentence that is being decoded."""

    @property
    def done(self) -> bool:
        """Whether all samples of the sentence have been returned."""

    @property
    def remaining_frames(self) -> int:
        """Number of frames that have not been returned. A sentence that cannot be divided counts as one frame."""

    @property
    def flowed_frames(self) -> int:
        """The number of frames that can be decoded next without running the flow."""

    @property
    def unflowed_frames(self) -> int:
        """The number of frames for which the flow has not been run."""

    @property
    def id_frames(self) -> Sequence[int] | None:
        """The number of frames of each phoneme id, or `None` if it is unknown."""

    @property
    def memory(self) -> int:
        """Bytes of memory used by the sentence until it is done."""

    def batch_key(self, frames: int) -> Hashable:
        """Returns a key for batches. One model run can decode `frames` frames of all `Speech` objects with the same
        key.

        Returns `None` if this sentence cannot be part of a batch. Keys of different voices must not be compared.
        """

    def flow(self, frames: int) -> None:
        """Runs the flow for the next `frames` frames, or fewer at the end of the sentence. Raises SynthesisFailed."""

    def decode(self, frames: int | None = None) -> FloatSamples:
        """Returns the samples of the next `frames` frames, or of all remaining frames if `frames` is `None`.

        At the end of the sentence, returns fewer samples. A sentence that cannot be divided is returned as a whole.
        Raises SynthesisFailed.
        """


class Voice(Protocol):
    """A loaded voice.

    `phonemize` can be called in any thread, even during a step. Other calls must not overlap. The engine makes these
    calls in a worker thread.
    """

    @property
    def config(self) -> VoiceConfig: ...

    @property
    def gain(self) -> float:
        """Factor by which all samples of this voice are multiplied with `--normalize voice`.

        With this factor, the voice is on average as loud as if each sentence were scaled to full scale.
        """

    @property
    def step_times(self) -> Sequence[tuple[str, int, float]]:
        """Durations of steps on this device. The sequence is empty if they were not measured. Each item contains the
        kind of step (`encode`, `decode`, `flow` or `vocode`), the number of phoneme ids or frames, and the duration in
        seconds."""

    @property
    def frame_seconds(self) -> float:
        """Seconds of audio per frame. The value is an estimate if a whole sentence counts as one frame."""

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        """Returns the phoneme ids of each sentence in `text`. The future may raise SynthesisFailed.

        `prepare` is applied to `text` first, in the thread of the phonemizer."""

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        """Returns a `Speech` that decodes the sentence `ids`. Raises SynthesisFailed."""

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        """Decodes the next `frames` frames of several sentences together.

        All sentences must belong to this voice and have the same batch key. Returns the samples of each sentence. An
        error that affects only one sentence is returned instead of its samples. An error that affects all sentences is
        raised. In this case, none of them has advanced.
        """


def model_inputs(config: VoiceConfig, ids: PhonemeIds, options: SynthesisOptions) -> dict[str, NDArray[Any]]:
    """Returns the inputs of a Piper graph for one sentence, as a mapping from names to arrays.

    `input` contains the phoneme ids, shape (1, ids). `input_lengths` contains the number of ids, shape (1,). `scales`
    contains the scales of noise, length and duration noise, shape (3,). `sid` contains the speaker number, shape (1,),
    and exists only for voices with several speakers.
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
    """Returns `samples` unchanged. Raises SynthesisFailed if `samples` is empty or contains NaN or infinity."""
    if samples.size == 0 or not np.isfinite(samples).all():
        raise SynthesisFailed("The voice returned no audio for this text.")
    return samples


def check_inputs(config: VoiceConfig, model: Path, inputs: set[str]) -> None:
    """Raises VoiceFileError if `inputs`, the names of the graph's inputs, do not match the config."""
    expected = {"input", "input_lengths", "scales"} | ({"sid"} if config.num_speakers > 1 else set())
    if inputs != expected:
        raise VoiceFileError(
            config.name,
            f"{model}: takes {', '.join(sorted(inputs))}, but a Piper model with num_speakers {config.num_speakers} "
            f"takes {', '.join(sorted(expected))}",
        )


def warm_up(voice: Voice, model: Path) -> None:
    """Decodes a sentence without phonemes. The first run of onnxruntime is slow and would otherwise delay the first
    request.

    Raises VoiceFileError, whose detail names the file.
    """
    id_map = voice.config.phonemes.id_map
    ids = [number for mark in ("^", "_", "$") for number in id_map[mark]]
    options = SynthesisOptions(synthesis=SynthesisSettings(), speaker=voice.config.speaker_number(None))
    try:
        voice.speak(ids, options).decode()
    except SynthesisFailed as error:
        raise VoiceFileError(
            voice.config.name, f"{model}: cannot synthesize speech ({error.__cause__ or error})"
        ) from error
