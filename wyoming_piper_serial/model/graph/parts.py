"""The parts of a cut graph and their properties."""

from dataclasses import dataclass

from wyoming_piper_serial.model.graph.windows import ReceptiveField

DURATION_NOISE = "cut_duration_noise"
"""Encoder input with standard normal noise for the duration predictor, shape (1, 2, ids)."""

LATENTS = "cut_latents"
"""Input of flow and vocoder, shape (batch, channels, frames)."""

CROPS = "cut_crops"
"""Input of flow and vocoder with the left and right bound of each crop, shape (2 * crops,).

Right bounds are counted from the end of the axis.
"""


@dataclass(frozen=True, kw_only=True)
class PartsInfo:
    """The properties of the parts, apart from their graphs."""

    mean: str
    """Name of the encoder output with the mean of the prior, shape (1, channels, frames)."""

    deviation: str
    """Name of the encoder output with the factor for the prior's noise, shape (1, channels, frames)."""

    durations: str | None = None
    """Name of the encoder output with the number of frames of each phoneme id, shape (1, 1, ids), or `None` if the
    encoder does not compute them in one place."""

    duration_noise: bool
    """Whether the encoder has the input DURATION_NOISE; false for a voice whose durations are not random."""

    flow_conditioning: tuple[str, ...]
    """Names of the flow's inputs that are the same for all frames of a sentence. They depend on the speaker."""

    vocoder_conditioning: tuple[str, ...]
    """Names of the vocoder's inputs that are the same for all frames of a sentence. They depend on the speaker."""

    flow: ReceptiveField
    vocoder: ReceptiveField
    optimized: bool = False
    """Whether the encoder is already optimized. Optimizing it takes onnxruntime longer than the rest of loading."""

    gain: float = 1.0
    """The gain of the voice, measured by `loudness.measure_gain`, or 1.0 until then."""

    step_times: tuple[tuple[str, int, float], ...] = ()
    """Durations of steps, measured by `step_times.measure_steps`."""

    measured_on: str = ""
    """Name of the machine and device on which the steps were measured (see `step_times.machine_name`)."""

    @property
    def hop(self) -> int:
        """Samples per frame."""
        return self.vocoder.rate


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The three parts as serialized ONNX models, and their properties."""

    encoder: bytes
    flow: bytes
    vocoder: bytes
    info: PartsInfo


class GraphNotCut(Exception):
    """The graph cannot be cut, usually because it does not have the structure of a Piper graph. The message states the
    reason and is only logged."""
