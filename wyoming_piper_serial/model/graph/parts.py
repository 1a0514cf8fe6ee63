"""The parts of a cut graph, and what is known of them. Needs no onnx: parts from the cache are not cut again."""

from dataclasses import dataclass

import onnxruntime

from wyoming_piper_serial.exceptions import VoiceError
from wyoming_piper_serial.model.graph.windows import ReceptiveField

DURATION_NOISE = "cut_duration_noise"
"""Encoder input, shape (1, 2, ids): standard normal numbers of the duration predictor."""

LATENTS = "cut_latents"
"""Input of flow and vocoder, shape (1, channels, frames)."""

CROPS = "cut_crops"
"""Input of flow and vocoder, shape (2 * crops,): where each crop starts and ends; ends count from the end."""


@dataclass(frozen=True, kw_only=True)
class PartsInfo:
    """What is known of the parts besides their models."""

    mean: str
    """Encoder output, shape (1, channels, frames)."""

    deviation: str
    """Encoder output of the same shape: what the prior's noise is multiplied by."""

    duration_noise: bool
    """Whether the encoder takes DURATION_NOISE: voices with a plain duration predictor do not."""

    flow_conditioning: tuple[str, ...]
    vocoder_conditioning: tuple[str, ...]
    flow: ReceptiveField
    vocoder: ReceptiveField
    gain: float = 1.0
    """The voice's, once it is measured."""

    @property
    def hop(self) -> int:
        """Samples of a frame."""
        return self.vocoder.rate


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Three serialized onnx models."""

    encoder: bytes
    flow: bytes
    vocoder: bytes
    info: PartsInfo


class GraphNotCut(VoiceError):
    """The graph is not built as Piper's are; `reason` is for the log."""

    code = "voice-not-cut"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This voice cannot be cut into parts: {reason}.")
        self.reason = reason


def quiet_options() -> onnxruntime.SessionOptions:
    """For a session that is used once: no optimizing, no warnings."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return options
