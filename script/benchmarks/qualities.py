"""Estimates the real-time factors of x-low, low and high voices from the bundled medium voice.

The qualities differ in the size of the vocoder, the width of the other layers and the sample rate. This program times
the bundled voice, and vocoders with the published sizes and random weights. For the layers outside the vocoder, it
assumes the same time per frame as for the medium voice. For x-low, whose layers are half as wide, it assumes a quarter
of that time.
"""

import argparse
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import wyoming_piper_serial as wyoming_piper_serial  # disables the telemetry of onnxruntime

# isort: split
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from report import show
from voice import long_ids, plain_session, run_plain

_HOP = 256  # Number of audio samples per frame.
_FRAMES = 400  # Number of frames in each timed run of a vocoder.
_SLOPE = 0.1  # Slope of the leaky ReLU for negative inputs.


@dataclass(frozen=True)
class Quality:
    """The layer sizes for a voice quality, as defined in Piper's training program.

    `dilations` contains the dilations of the convolutions in each residual block. If `doubled` is true, each of these
    convolutions is followed by a convolution without dilation.
    """

    name: str
    sample_rate: int  # Sample rate in samples per second.
    inputs: int  # Number of channels of each input frame of the vocoder.
    channels: int  # Number of channels after the vocoder's first convolution.
    upsampling: tuple[tuple[int, int], ...]  # The stride and the kernel size of each upsampling layer.
    kernels: tuple[int, ...]
    dilations: tuple[tuple[int, ...], ...]
    doubled: bool
    other_layers: float  # cost per frame outside the vocoder, relative to a medium voice


_SMALL = ((8, 16), (8, 16), (4, 8)), (3, 5, 7), ((1, 2), (2, 6), (3, 12)), False
_LARGE = ((8, 16), (8, 16), (2, 4), (2, 4)), (3, 7, 11), ((1, 3, 5),) * 3, True
_MEDIUM = Quality("medium", 22050, 192, 256, *_SMALL, 1)
_QUALITIES = (
    Quality("x-low", 16000, 96, 256, *_SMALL, 0.25),
    Quality("low", 16000, 192, 256, *_SMALL, 1),
    _MEDIUM,
    Quality("high", 22050, 192, 512, *_LARGE, 1),
)


class Graph:
    """Builds the ONNX graph of a HiFi-GAN vocoder with random weights."""

    def __init__(self, quality: Quality) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(1)
        self.session = onnxruntime.InferenceSession(
            self._model(quality).SerializeToString(), providers=["CPUExecutionProvider"]
        )

    def _model(self, quality: Quality) -> onnx.ModelProto:
        channels = quality.channels
        at = self._convolution("frames", quality.inputs, channels, kernel=7)
        for stride, kernel in quality.upsampling:
            at = self._upsampled(self._relu(at), channels, stride, kernel)
            channels //= 2
            blocks = [
                self._block(at, channels, k, dilations, doubled=quality.doubled)
                for k, dilations in zip(quality.kernels, quality.dilations, strict=True)
            ]
            total = self._add("Sum", *blocks)
            at = self._add("Div", total, self._weight(np.full((), len(blocks), dtype=np.float32)))
        at = self._convolution(self._relu(at), channels, 1, kernel=7)
        audio = self._add("Tanh", at)
        value = partial(onnx.helper.make_tensor_value_info, elem_type=onnx.TensorProto.FLOAT)
        graph = onnx.helper.make_graph(
            self._nodes,
            "vocoder",
            [value("frames", shape=[1, quality.inputs, None])],
            [value(audio, shape=[1, 1, None])],
            self._weights,
        )
        return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 15)], ir_version=8)

    def _block(self, at: str, channels: int, kernel: int, dilations: tuple[int, ...], *, doubled: bool) -> str:
        for dilation in dilations:
            inner = self._convolution(self._relu(at), channels, channels, kernel, dilation)
            if doubled:
                inner = self._convolution(self._relu(inner), channels, channels, kernel)
            at = self._add("Add", inner, at)
        return at

    def _convolution(self, at: str, inputs: int, outputs: int, kernel: int, dilation: int = 1) -> str:
        pad = (kernel - 1) * dilation // 2
        weight = self._weight(self._noise(outputs, inputs, kernel))
        return self._add("Conv", at, weight, dilations=[dilation], pads=[pad, pad])

    def _upsampled(self, at: str, channels: int, stride: int, kernel: int) -> str:
        pad = (kernel - stride) // 2
        weight = self._weight(self._noise(channels, channels // 2, kernel))
        return self._add("ConvTranspose", at, weight, strides=[stride], pads=[pad, pad])

    def _relu(self, at: str) -> str:
        return self._add("LeakyRelu", at, alpha=_SLOPE)

    def _noise(self, *shape: int) -> NDArray[np.float32]:
        scale = np.float32(1 / math.sqrt(shape[1] * shape[2]))  # keeps the outputs of layers in a realistic range
        return self._random.standard_normal(shape, dtype=np.float32) * scale

    def _weight(self, values: NDArray[np.float32]) -> str:
        name = f"weight{len(self._weights)}"
        self._weights.append(onnx.numpy_helper.from_array(values, name))
        return name

    def _add(self, kind: str, *inputs: str, **attributes: float | list[int]) -> str:
        name = f"{kind}{len(self._nodes)}"
        node = onnx.helper.make_node(kind, inputs, [name])
        node.attribute.extend(onnx.helper.make_attribute(key, value) for key, value in attributes.items())
        self._nodes.append(node)
        return name


def seconds(run: Callable[[], object]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9, help="timed runs of each model (default: %(default)s)")
    rounds = parser.parse_args().rounds

    voice = plain_session(spinning=True)
    ids = long_ids(voice)
    voice_frames = run_plain(voice, ids).size / _HOP
    runs: dict[str, Callable[[], object]] = {"voice": partial(run_plain, voice, ids)}
    for quality in _QUALITIES:
        frames = np.random.default_rng(2).standard_normal((1, quality.inputs, _FRAMES)).astype(np.float32)
        runs[quality.name] = partial(Graph(quality).session.run, None, {"frames": frames})
    for run in runs.values():
        run()  # the first run of a session allocates its memory
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(seconds(run))
    medians = {name: statistics.median(values) for name, values in times.items()}

    whole = medians["voice"] / voice_frames  # measured time in seconds per frame for the medium voice
    vocoder = medians[_MEDIUM.name] / _FRAMES
    factor = whole * _MEDIUM.sample_rate / _HOP
    print(f"Real-time factor of the bundled voice (medium), a sentence at once: {factor:.3f}")
    print(f"Share of its vocoder: {vocoder / whole:.2f}")
    rows = []
    for quality in _QUALITIES:
        own = medians[quality.name] / _FRAMES
        estimate = (own + (whole - vocoder) * quality.other_layers) * quality.sample_rate / _HOP
        rows.append([quality.name, f"{own / vocoder:.2f}", f"{estimate / factor:.2f}"])
    show("Ratios to the medium voice", ["quality", "vocoder, each frame", "real-time factor (estimate)"], rows)


if __name__ == "__main__":
    main()
