"""The parts of a cut graph and their properties. This module does not import onnx, which cached parts do not need."""

from dataclasses import dataclass

import onnxruntime

from wyoming_piper_serial.model.graph.windows import ReceptiveField

DURATION_NOISE = "cut_duration_noise"
"""Encoder input, shape (1, 2, ids): standard normal noise for the duration predictor."""

LATENTS = "cut_latents"
"""Input of flow and vocoder, shape (batch, channels, frames)."""

CROPS = "cut_crops"
"""Input of flow and vocoder, shape (2 * crops,): the left and right bound of each crop.

Right bounds count from the end of the axis.
"""


@dataclass(frozen=True, kw_only=True)
class PartsInfo:
    """Properties of the parts, in addition to their graphs."""

    mean: str
    """Name of the encoder output that is the mean of the prior, shape (1, channels, frames)."""

    deviation: str
    """Name of the encoder output that is the factor of the prior's noise, shape (1, channels, frames)."""

    duration_noise: bool
    """Whether the encoder has the input DURATION_NOISE. False for a voice whose durations are not random."""

    flow_conditioning: tuple[str, ...]
    """Names of the flow's inputs that are the same for all frames of a sentence. They depend on the speaker."""

    vocoder_conditioning: tuple[str, ...]
    """Names of the vocoder's inputs that are the same for all frames of a sentence. They depend on the speaker."""

    flow: ReceptiveField
    vocoder: ReceptiveField
    optimized: bool = False
    """Whether the encoder is stored with onnxruntime's optimizations. They take longer than all else in a load."""

    gain: float = 1.0
    """The gain of the voice, as `loudness.measure_gain` returns it; 1.0 until it is measured."""

    step_times: tuple[tuple[str, int, float], ...] = ()
    """Durations of steps, as `step_times.measure_steps` returns them."""

    measured_on: str = ""
    """The machine and device on which `step_times` were measured, as `step_times.machine_name` returns it."""

    @property
    def hop(self) -> int:
        """Samples in a frame."""
        return self.vocoder.rate


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The three parts as serialized ONNX models, and their properties."""

    encoder: bytes
    flow: bytes
    vocoder: bytes
    info: PartsInfo


class GraphNotCut(Exception):
    """The graph does not have the structure of a Piper graph. The message says how it differs, and is only logged."""


def quiet_options() -> onnxruntime.SessionOptions:
    """Returns options for a session that is used once: without optimization and without warnings.

    It has one thread, regardless of `--threads`, so that speech can use the other cores.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options
