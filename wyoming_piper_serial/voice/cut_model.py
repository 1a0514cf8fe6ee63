"""The three parts of a cut graph, loaded, and one sentence spoken with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.voice.chunks import Window, next_step
from wyoming_piper_serial.voice.graphs import CROPS, DURATION_NOISE, LATENTS, Parts

Array = NDArray[np.float32]

_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What the encoder says of a sentence."""

    mean: Array
    """Shape (1, channels, frames), as `deviation`."""

    deviation: Array
    sides: Mapping[str, Array]
    """What flow and vocoder are conditioned on, the same for every window."""


class CutModel:
    """Three sessions. Calls must not overlap; each raises whatever onnxruntime raises."""

    def __init__(self, parts: Parts, provider: str) -> None:
        self.numbers = parts.numbers
        self.encoder = _session(parts.encoder, provider)
        self._flow = _session(parts.flow, provider)
        self._vocoder = _session(parts.vocoder, provider)

    def encode(self, inputs: Mapping[str, NDArray[Any]], rng: np.random.Generator) -> Prior:
        """`inputs` are those of the whole graph; the durations' noise is drawn from `rng`."""
        given = dict(inputs)
        if self.numbers.duration_noise:
            given[DURATION_NOISE] = rng.standard_normal((1, 2, given["input"].shape[1]), dtype=np.float32)
        sides = dict.fromkeys((*self.numbers.flow_sides, *self.numbers.vocoder_sides))
        mean, deviation, *rest = self.encoder.run([self.numbers.mean, self.numbers.deviation, *sides], given)
        return Prior(mean=mean, deviation=deviation, sides=dict(zip(sides, rest, strict=True)))

    def flow(self, latents: Array, prior: Prior, window: Window) -> Array:
        """Latents for the vocoder, shape (1, channels, frames of the window without its margins)."""
        made = _run(self._flow, self.numbers.flow_sides, latents, prior, window)
        return made[:, :, window.trim : window.trim + window.length]

    def vocode(self, latents: Array, prior: Prior, window: Window) -> Array:
        """Samples of the window without its margins, shape (samples,)."""
        made = _run(self._vocoder, self.numbers.vocoder_sides, latents, prior, window).reshape(-1)
        return made[window.trim : window.trim + window.length]


class Decoding:
    """One sentence on its way from prior to samples."""

    def __init__(self, model: CutModel, prior: Prior, rng: np.random.Generator) -> None:
        self._model = model
        self._prior = prior
        noise = rng.standard_normal(prior.mean.shape, dtype=np.float32)
        noise *= prior.deviation
        noise += prior.mean
        self._noisy = noise
        self._latents = np.empty_like(noise)
        self._flowed = 0
        self._spoken = 0

    @property
    def remaining_frames(self) -> int:
        return int(self._noisy.shape[-1]) - self._spoken

    def next(self, frames: int) -> Array:
        """The samples of the next `frames` frames, fewer at the end; shape (frames * hop,)."""
        numbers = self._model.numbers
        step = next_step(
            numbers.flow,
            numbers.vocoder,
            total=self._noisy.shape[-1],
            flowed=self._flowed,
            spoken=self._spoken,
            wanted=frames,
        )
        if step.flow is not None:
            made = self._model.flow(self._noisy, self._prior, step.flow)
            self._latents[:, :, self._flowed : self._flowed + made.shape[-1]] = made
            self._flowed += made.shape[-1]
        samples = self._model.vocode(self._latents, self._prior, step.vocoder)
        self._spoken += step.vocoder.length // numbers.hop
        return samples


def _run(
    session: onnxruntime.InferenceSession, sides: Sequence[str], latents: Array, prior: Prior, window: Window
) -> Array:
    inputs: dict[str, NDArray[Any]] = {name: prior.sides[name] for name in sides}
    inputs[LATENTS] = latents[:, :, window.start : window.stop]
    if window.crops:
        # A crop's end counts from the end of what is cropped, where 0 would be the start.
        bounds = [bound for left, right in window.crops for bound in (left, -right or _TO_THE_END)]
        inputs[CROPS] = np.array(bounds, dtype=np.int64)
    made: Array = session.run(None, inputs)[0]
    return made


def _session(model: bytes, provider: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # Each session has its own threads. Left to spin after a run, they take the cores from the next part's.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    session = onnxruntime.InferenceSession(model, options, providers=[provider])
    # It keeps the bytes, as large as the weights it has copied, to try again with other providers.
    session.disable_fallback()
    session._model_bytes = b""  # noqa: SLF001 -- nothing public lets go of them
    return session
