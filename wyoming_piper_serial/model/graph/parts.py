"""The parts of a cut graph and what is known about them. Does not import onnx: cached parts are not cut again."""

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
    """What is known about the parts besides their graphs."""

    mean: str
    """Name of an encoder output, shape (1, channels, frames)."""

    deviation: str
    """Name of an encoder output of the same shape: the factor of the prior's noise."""

    duration_noise: bool
    """Whether the encoder takes DURATION_NOISE; that of a voice with plain durations does not."""

    flow_conditioning: tuple[str, ...]
    """Names of the flow's inputs that do not change over the frames of a sentence: those of the speaker."""

    vocoder_conditioning: tuple[str, ...]
    """The same for the vocoder."""

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
    """The graph is not built like Piper's. The message says where it differs, for the log; no client sees it."""


def quiet_options() -> onnxruntime.SessionOptions:
    """Options of a session that is used once: no optimization, no warnings."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options
