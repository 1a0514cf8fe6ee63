"""A voice that is spoken in chunks: encoder once a sentence, then flow and vocoder on windows."""
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.voice.chunks import Window, next_step
from wyoming_piper_serial.voice.graphs import CROPS, DURATION_NOISE, LATENTS, Numbers, Parts

Floats = NDArray[np.float32]
_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What the encoder says of a sentence."""

    mean: Floats
    """Shape (1, channels, frames), as `deviation`."""

    deviation: Floats
    sides: Mapping[str, Floats]
    """What flow and vocoder are conditioned on."""

    @property
    def frames(self) -> int:
        return self.mean.shape[-1]


class CutModel:
    """The three parts, loaded."""

    def __init__(self, parts: Parts, provider: str) -> None:
        self.numbers = parts.numbers
        self._encoder = _session(parts.encoder, provider)
        self._flow = _session(parts.flow, provider)
        self._vocoder = _session(parts.vocoder, provider)

    def encode(self, inputs: Mapping[str, NDArray[np.generic]]) -> Prior:
        sides = dict.fromkeys((*self.numbers.flow_sides, *self.numbers.vocoder_sides))
        names = [self.numbers.mean, self.numbers.deviation, *sides]
        mean, deviation, *rest = self._encoder.run(names, dict(inputs))
        return Prior(mean=mean, deviation=deviation, sides=dict(zip(sides, rest, strict=True)))

    def flow(self, latents: Floats, prior: Prior, window: Window) -> Floats:
        out = _run(self._flow, latents, prior, self.numbers.flow_sides, window)
        return out[:, :, window.trim : window.trim + window.length]

    def vocode(self, latents: Floats, prior: Prior, window: Window) -> Floats:
        out = _run(self._vocoder, latents, prior, self.numbers.vocoder_sides, window).reshape(-1)
        return out[window.trim : window.trim + window.length]


def _run(session, latents, prior, sides, window):
    inputs = {LATENTS: latents[:, :, window.start : window.stop]}
    inputs |= {name: prior.sides[name] for name in sides}
    if window.crops:
        inputs[CROPS] = np.array(
            [bound for left, right in window.crops for bound in (left, -right or _TO_THE_END)], dtype=np.int64
        )
    return session.run(None, inputs)[0]


def _session(model: bytes, provider: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(model, options, providers=[provider])
