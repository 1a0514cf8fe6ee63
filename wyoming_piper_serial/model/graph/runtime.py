"""The three parts of a cut graph, loaded, and one sentence spoken with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts import CROPS, DURATION_NOISE, LATENTS, Parts
from wyoming_piper_serial.model.graph.windows import Window, WindowPlan, plan_windows

Array = NDArray[np.float32]

_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What the encoder says of a sentence."""

    mean: Array
    """Shape (1, channels, frames), as `deviation`."""

    deviation: Array
    conditioning: Mapping[str, Array]
    """What flow and vocoder are conditioned on, the same for every window."""


@dataclass(frozen=True)
class Piece:
    """What one sentence brings to a run of flow or vocoder."""

    latents: Array
    """Of the whole sentence, shape (1, channels, frames)."""

    conditioning: Mapping[str, Array]
    window: Window


class CutModel:
    """Three sessions. Calls must not overlap; each raises whatever onnxruntime raises."""

    def __init__(self, parts: Parts, device: Device) -> None:
        self.info = parts.info
        self.encoder = _session(parts.encoder, device)
        self._flow = _session(parts.flow, device)
        self._vocoder = _session(parts.vocoder, device)

    def encode(self, inputs: Mapping[str, NDArray[Any]], rng: np.random.Generator) -> Prior:
        """`inputs` are those of the whole graph; the durations' noise is drawn from `rng`."""
        given = dict(inputs)
        if self.info.duration_noise:
            given[DURATION_NOISE] = rng.standard_normal((1, 2, given["input"].shape[1]), dtype=np.float32)
        conditioning = dict.fromkeys((*self.info.flow_conditioning, *self.info.vocoder_conditioning))
        mean, deviation, *rest = self.encoder.run([self.info.mean, self.info.deviation, *conditioning], given)
        return Prior(mean=mean, deviation=deviation, conditioning=dict(zip(conditioning, rest, strict=True)))

    def flow(self, pieces: Sequence[Piece]) -> list[Array]:
        """Latents for the vocoder, shape (channels, frames of the window without its margins), of each piece.

        The windows are of one shape.
        """
        window = pieces[0].window
        made = _run(self._flow, self.info.flow_conditioning, pieces)
        return list(made[:, :, window.trim : window.trim + window.length])

    def vocode(self, pieces: Sequence[Piece]) -> list[Array]:
        """Samples of each window without its margins, shape (samples,). The windows are of one shape."""
        window = pieces[0].window
        made = _run(self._vocoder, self.info.vocoder_conditioning, pieces).reshape(len(pieces), -1)
        return list(made[:, window.trim : window.trim + window.length])


class Decoding:
    """One sentence on its way from prior to samples."""

    def __init__(self, model: CutModel, prior: Prior, rng: np.random.Generator) -> None:
        self._model = model
        self._sides = prior.conditioning  # mean and deviation are large, and of no more use
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

    def batch_key(self, frames: int) -> tuple[object, ...]:
        """Decodings of one model whose next chunks have the same shape can be run together."""
        return self.plan(frames).vocoder.batch_key

    def next(self, frames: int) -> Array:
        """The samples of the next `frames` frames, fewer at the end; shape (frames * hop,)."""
        return decode_together(self._model, [self], frames)[0]

    def plan(self, frames: int) -> WindowPlan:
        """The runs that make the next `frames` frames."""
        info = self._model.info
        return plan_windows(
            info.flow,
            info.vocoder,
            total=self._noisy.shape[-1],
            flowed=self._flowed,
            spoken=self._spoken,
            wanted=frames,
        )

    def to_flow(self, window: Window) -> Piece:
        return Piece(self._noisy, self._sides, window)

    def take_latents(self, made: Array) -> None:
        """The next ones, from the flow."""
        self._latents[0, :, self._flowed : self._flowed + made.shape[-1]] = made
        self._flowed += made.shape[-1]

    def to_vocode(self, window: Window) -> Piece:
        return Piece(self._latents, self._sides, window)

    def advance(self, frames: int) -> None:
        """So many frames more have become samples."""
        self._spoken += frames


def decode_together(model: CutModel, decodings: Sequence[Decoding], frames: int) -> list[Array]:
    """As `next` of each, with one vocoder run. All are of `model`, and their next chunks have the same shape.

    If it raises, no decoding has spoken any further.
    """
    plans = [decoding.plan(frames) for decoding in decodings]
    flows: dict[object, list[tuple[Decoding, Piece]]] = {}
    for decoding, plan in zip(decodings, plans, strict=True):
        if plan.flow is not None:
            flows.setdefault(plan.flow.batch_key, []).append((decoding, decoding.to_flow(plan.flow)))
    for group in flows.values():
        made = model.flow([piece for _, piece in group])
        for (decoding, _), latents in zip(group, made, strict=True):
            decoding.take_latents(latents)
    samples = model.vocode([decoding.to_vocode(plan.vocoder) for decoding, plan in zip(decodings, plans, strict=True)])
    for decoding, plan in zip(decodings, plans, strict=True):
        decoding.advance(plan.vocoder.length // model.info.hop)
    return samples


def _run(session: onnxruntime.InferenceSession, conditioning: Sequence[str], pieces: Sequence[Piece]) -> Array:
    inputs: dict[str, NDArray[Any]] = {
        name: _stacked([piece.conditioning[name] for piece in pieces]) for name in conditioning
    }
    inputs[LATENTS] = _stacked([piece.latents[:, :, piece.window.start : piece.window.stop] for piece in pieces])
    crops = pieces[0].window.crops
    if crops:
        # A crop's end counts from the end of what is cropped, where 0 would be the start.
        bounds = [bound for left, right in crops for bound in (left, -right or _TO_THE_END)]
        inputs[CROPS] = np.array(bounds, dtype=np.int64)
    made: Array = session.run(None, inputs)[0]
    return made


def _stacked(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _session(model: bytes, device: Device) -> onnxruntime.InferenceSession:
    session = onnxruntime.InferenceSession(model, device.options(), providers=[device.provider])
    # It keeps the bytes, as large as the weights it has copied, to try again with other providers.
    session.disable_fallback()
    session._model_bytes = b""  # noqa: SLF001 -- nothing public lets go of them
    return session
