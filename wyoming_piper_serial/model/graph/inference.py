"""Loads the parts of a cut graph and decodes sentences with them."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import CPU, Device
from wyoming_piper_serial.model.graph.parts import CROPS, DURATION_NOISE, LATENTS, Parts
from wyoming_piper_serial.model.graph.windows import Window, WindowPlan, plan_windows, window

Array = NDArray[np.float32]

_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Prior:
    """The encoder's output for one sentence."""

    mean: Array
    """Shape (1, channels, frames)."""

    deviation: Array
    """Shape (1, channels, frames)."""

    id_frames: tuple[int, ...] | None
    """The number of frames of each phoneme id, or `None` if it is unknown."""

    conditioning: Mapping[str, Array]
    """The inputs of the flow and the vocoder that are the same for each window of the sentence, by name."""


@dataclass(frozen=True)
class PartInput:
    """The input data of one sentence for a run of the flow or the vocoder."""

    latents: Array
    """The prior with noise (for the flow) or the latents (for the vocoder) of the whole sentence, shape (1, channels,
    frames)."""

    conditioning: Mapping[str, Array]
    window: Window


class CutModel:
    """The onnxruntime sessions of the three parts. Calls must not overlap. Methods raise onnxruntime's exceptions."""

    def __init__(self, parts: Parts, device: Device) -> None:
        self.info = parts.info
        # onnxruntime optimizes a graph on one core while it creates the session, so the sessions are created in
        # parallel.
        with ThreadPoolExecutor(max_workers=3, thread_name_prefix="session") as threads:
            models = (parts.encoder, parts.flow, parts.vocoder)
            ready = (parts.info.optimized, False, False)
            self.encoder, self._flow, self._vocoder = threads.map(partial(_session, device), models, ready)

    def encode(self, inputs: Mapping[str, NDArray[Any]], rng: np.random.Generator) -> Prior:
        """Encodes a sentence. `inputs` are the inputs of the whole graph (see `model_inputs`).

        The duration noise is drawn from `rng`.
        """
        noise: dict[str, NDArray[Any]] = {}
        if self.info.duration_noise:
            noise[DURATION_NOISE] = rng.standard_normal((1, 2, inputs["input"].shape[1]), dtype=np.float32)
        # The dict removes duplicates, because flow and vocoder can share inputs.
        names = list(dict.fromkeys((*self.info.flow_conditioning, *self.info.vocoder_conditioning)))
        durations = () if self.info.durations is None else (self.info.durations,)
        outputs = list(dict.fromkeys((self.info.mean, self.info.deviation, *durations, *names)))
        values = dict(zip(outputs, self.encoder.run(outputs, {**inputs, **noise}), strict=True))
        mean = values[self.info.mean]
        return Prior(
            mean=mean,
            deviation=values[self.info.deviation],
            id_frames=_id_frames(values[durations[0]], inputs["input"].size, mean.shape[-1]) if durations else None,
            conditioning={name: values[name] for name in names},
        )

    def flow(self, batch: Sequence[PartInput]) -> list[Array]:
        """Runs the flow on a batch. Returns an array of latents, shape (channels, frames), for each entry of `batch`.

        The arrays do not include the margins. All windows must have the same batch key.
        """
        window = batch[0].window
        latents = _run(self._flow, self.info.flow_conditioning, batch)
        return list(latents[:, :, window.trim : window.trim + window.length])

    def vocode(self, batch: Sequence[PartInput]) -> list[Array]:
        """Runs the vocoder on a batch. Returns an array of samples, shape (samples,), for each entry of `batch`.

        The arrays do not include the margins. All windows must have the same batch key.
        """
        window = batch[0].window
        samples = _run(self._vocoder, self.info.vocoder_conditioning, batch).reshape(len(batch), -1)
        return list(samples[:, window.trim : window.trim + window.length])


class Decoding:
    """Decodes one sentence from the prior to samples."""

    def __init__(self, model: CutModel, prior: Prior, rng: np.random.Generator) -> None:
        self._model = model
        self._conditioning = prior.conditioning  # the other arrays of the prior are large and no longer needed
        noisy = rng.standard_normal(prior.mean.shape, dtype=np.float32)
        noisy *= prior.deviation
        noisy += prior.mean
        self._noisy = noisy
        self._latents = np.empty_like(noisy)
        self._flowed = 0  # Number of frames in `_latents` that the flow has computed.
        self._decoded = 0  # Number of frames whose samples have been returned.

    @property
    def remaining_frames(self) -> int:
        return int(self._noisy.shape[-1]) - self._decoded

    @property
    def flowed_frames(self) -> int:
        """Number of frames that can be decoded next without running the flow."""
        if not self.unflowed_frames:
            return self.remaining_frames
        return max(0, self._flowed - self._decoded - self._model.info.vocoder.margins[0].right)

    @property
    def unflowed_frames(self) -> int:
        """Number of frames for which the flow has not been run."""
        return int(self._noisy.shape[-1]) - self._flowed

    @property
    def memory(self) -> int:
        """Size in bytes of the flow's input and output for the whole sentence."""
        return self._noisy.nbytes + self._latents.nbytes

    def batch_key(self, frames: int) -> tuple[object, ...]:
        """Returns a key for batches. One vocoder run can compute the next `frames` frames of all decodings with the
        same key.

        Keys of different models must not be compared.
        """
        return self.plan(frames).vocoder.batch_key

    def next(self, frames: int) -> Array:
        """Decodes the next frames, at most `frames`. Returns their samples, shape (frames * hop,)."""
        return decode_together(self._model, [self], frames)[0]

    def flow(self, frames: int) -> None:
        """Runs the flow for the next `frames` frames, or for fewer at the end of the sentence."""
        total = self._noisy.shape[-1]
        if self._flowed < total:
            run = window(self._model.info.flow, self._flowed, min(total, self._flowed + frames), total)
            self.add_latents(self._model.flow([self.flow_input(run)])[0])

    def plan(self, frames: int) -> WindowPlan:
        """Returns the model runs that compute the samples of the next `frames` frames."""
        info = self._model.info
        return plan_windows(
            info.flow,
            info.vocoder,
            total=self._noisy.shape[-1],
            flowed=self._flowed,
            decoded=self._decoded,
            frames=frames,
        )

    def flow_input(self, window: Window) -> PartInput:
        return PartInput(self._noisy, self._conditioning, window)

    def add_latents(self, latents: Array) -> None:
        """Stores the next output of the flow, shape (channels, frames)."""
        self._latents[0, :, self._flowed : self._flowed + latents.shape[-1]] = latents
        self._flowed += latents.shape[-1]

    def vocoder_input(self, window: Window) -> PartInput:
        return PartInput(self._latents, self._conditioning, window)

    def advance(self, frames: int) -> None:
        """Records that the next `frames` frames have been decoded."""
        self._decoded += frames


def decode_together(model: CutModel, decodings: Sequence[Decoding], frames: int) -> list[Array]:
    """Decodes the next `frames` frames of several decodings in one vocoder run, and runs the flow before it if
    necessary. Returns the samples of each decoding.

    All decodings must belong to `model` and have the same batch key. If this function raises an exception, none of the
    decodings has advanced.
    """
    plans = [decoding.plan(frames) for decoding in decodings]
    _run_flow(model, decodings, plans)
    samples = model.vocode(
        [decoding.vocoder_input(plan.vocoder) for decoding, plan in zip(decodings, plans, strict=True)]
    )
    for decoding, plan in zip(decodings, plans, strict=True):
        decoding.advance(plan.vocoder.length // model.info.hop)
    return samples


def _id_frames(durations: NDArray[Any], ids: int, frames: int) -> tuple[int, ...] | None:
    """Returns the durations as numbers of frames. Returns `None` if they do not match the sentence."""
    if durations.size != ids or durations.sum() != frames:
        return None
    return tuple(int(count) for count in durations.reshape(-1))


def _run_flow(model: CutModel, decodings: Sequence[Decoding], plans: Sequence[WindowPlan]) -> None:
    """Runs the flow for the plans that need it.

    Plans whose flow windows have the same batch key share one run. Decodings with the same vocoder key can have
    different flow keys.
    """
    batches: dict[object, list[tuple[Decoding, PartInput]]] = {}
    for decoding, plan in zip(decodings, plans, strict=True):
        if plan.flow is not None:
            batches.setdefault(plan.flow.batch_key, []).append((decoding, decoding.flow_input(plan.flow)))
    for batch in batches.values():
        outputs = model.flow([part_input for _, part_input in batch])
        for (decoding, _), latents in zip(batch, outputs, strict=True):
            decoding.add_latents(latents)


def _run(session: onnxruntime.InferenceSession, conditioning: Sequence[str], batch: Sequence[PartInput]) -> Array:
    inputs: dict[str, NDArray[Any]] = {
        name: _stacked([part_input.conditioning[name] for part_input in batch]) for name in conditioning
    }
    inputs[LATENTS] = _stacked([each.latents[:, :, each.window.start : each.window.stop] for each in batch])
    crops = batch[0].window.crops
    if crops:
        # Negative bounds are counted from the end of the axis. A bound of 0 would be the start of the axis, so the
        # largest index is used for a crop of 0 samples.
        bounds = [bound for left, right in crops for bound in (left, -right or _TO_THE_END)]
        inputs[CROPS] = np.array(bounds, dtype=np.int64)
    output: Array = session.run(None, inputs)[0]
    return output


def _stacked(arrays: Sequence[Array]) -> Array:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _session(device: Device, model: bytes, optimized: bool) -> onnxruntime.InferenceSession:
    options = device.options()
    if optimized and device.provider == CPU:  # for GPUs, onnxruntime applies further optimizations
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(model, options, providers=[device.provider])
    # The session keeps the serialized model so that it can fall back to other providers. This takes as much memory as
    # the weights, which the session has already copied, so the serialized model is released.
    session.disable_fallback()
    session._model_bytes = b""  # noqa: SLF001 -- there is no public way to release the bytes
    return session
