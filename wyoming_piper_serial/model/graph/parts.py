"""The parts of a cut graph and their properties. Does not import onnx: cached parts are not cut again."""

from dataclasses import dataclass

import onnxruntime

from wyoming_piper_serial.model.graph.windows import ReceptiveField

DURATION_NOISE = "cut_duration_noise"
"""Encoder input, shape (1, 2, ids): standard normal noise for the duration predictor."""

LATENTS = "cut_latents"
"""Input of flow and vocoder, shape (batch, channels, frames)."""

CROPS = "cut_crops"
"""Input of flow and vocoder, shape (2 * crops,): start and end of each crop; ends count from the end."""


@dataclass(frozen=True, kw_only=True)
class PartsInfo:
    """The properties of the parts besides their graphs."""

    mean: str
    """Name of the encoder output for the mean, shape (1, channels, frames)."""

    deviation: str
    """Name of the encoder output for the factor of the prior's noise, shape (1, channels, frames)."""

    duration_noise: bool
    """Whether the encoder has the input DURATION_NOISE; false for a voice whose durations are not random."""

    flow_conditioning: tuple[str, ...]
    """Names of the flow's inputs that do not change over the frames of a sentence: those that depend on the speaker."""

    vocoder_conditioning: tuple[str, ...]
    """Names of such inputs of the vocoder."""

    flow: ReceptiveField
    vocoder: ReceptiveField
    gain: float = 1.0
    """See `loudness.measure_gain`; 1.0 until it is measured."""

    @property
    def hop(self) -> int:
        """Samples in a frame."""
        return self.vocoder.rate


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Three serialized ONNX models."""

    encoder: bytes
    flow: bytes
    vocoder: bytes
    info: PartsInfo


class GraphNotCut(Exception):
    """The graph does not have the structure of Piper's. The message says where it differs; it is for the log only."""


def quiet_options() -> onnxruntime.SessionOptions:
    """Options of a session that is used once: without optimization and without warnings.

    It has one thread, whatever `--threads` is, so that speech keeps the other cores.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options
