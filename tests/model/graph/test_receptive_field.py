"""Margins are computed from the sizes of kernels. The tests compare the margins with the input frames that actually
affect the output of onnxruntime."""

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from wyoming_piper_serial.model.graph.onnx_file import parse
from wyoming_piper_serial.model.graph.onnx_graph import Graph
from wyoming_piper_serial.model.graph.parts import GraphNotCut
from wyoming_piper_serial.model.graph.receptive_field import margins
from wyoming_piper_serial.model.graph.windows import Margin

FRAMES = 60


def _model(*nodes: onnx.NodeProto, **kernels: int) -> onnx.ModelProto:
    """Return a model with input `x` and output `y` of shape (1, 1, n). `kernels` are the sizes of its kernels. All
    weights are 1."""
    weights = [numpy_helper.from_array(np.ones((1, 1, size), dtype=np.float32), name) for name, size in kernels.items()]
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, None]) for name in ("x", "y")]
    graph = helper.make_graph(nodes, "g", values[:1], values[1:], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def _margins(model: onnx.ModelProto) -> dict[str, Margin]:
    graph = Graph(parse(model.SerializeToString()))
    kernels = {name: weight.dims for name, weight in graph.initializers.items()}
    return margins(graph.between("x", "y"), "x", "y", kernels)


def conv(x: str, y: str, weight: str, *, pads: tuple[int, int], dilation: int = 1, stride: int = 1) -> onnx.NodeProto:
    return helper.make_node("Conv", [x, weight], [y], pads=pads, dilations=[dilation], strides=[stride])


def transposed(x: str, y: str, weight: str, *, pads: tuple[int, int], stride: int) -> onnx.NodeProto:
    return helper.make_node("ConvTranspose", [x, weight], [y], pads=pads, strides=[stride])


# Graphs that are similar to parts of Piper's vocoders. Some paddings are not symmetric.
GRAPHS = {
    "one kernel": _model(conv("x", "y", "w", pads=(3, 3)), w=7),
    "dilation": _model(conv("x", "y", "w", pads=(6, 6), dilation=6), w=3),
    "causal": _model(conv("x", "y", "w", pads=(4, 0)), w=5),
    "upsampling by 8": _model(transposed("x", "y", "w", pads=(4, 4), stride=8), w=16),
    "upsampling, not symmetric": _model(transposed("x", "y", "w", pads=(1, 3), stride=4), w=8),
    "upsampling by 3 between two kernels": _model(
        conv("x", "a", "first", pads=(2, 2)),
        transposed("a", "b", "up", pads=(1, 1), stride=3),
        conv("b", "y", "last", pads=(5, 5), dilation=5),
        first=5,
        up=5,
        last=3,
    ),
    "two branches": _model(
        transposed("x", "a", "up", pads=(2, 2), stride=4),
        conv("a", "b", "narrow", pads=(1, 1)),
        conv("a", "c", "wide", pads=(12, 0), dilation=2),
        helper.make_node("Add", ["b", "c"], ["y"]),
        up=8,
        narrow=3,
        wide=7,
    ),
}


def _changed_by(session: onnxruntime.InferenceSession, frame: int) -> NDArray[np.int64]:
    """Return the indices of the output samples that change if the input frame `frame` changes."""
    base = np.ones((1, 1, FRAMES), dtype=np.float32)
    changed = base.copy()
    changed[0, 0, frame] = 100
    outputs = [session.run(None, {"x": x})[0].reshape(-1) for x in (base, changed)]
    return np.flatnonzero(outputs[0] != outputs[1])


@pytest.mark.parametrize("name", GRAPHS)
def test_margin_is_exactly_what_the_output_depends_on(name: str) -> None:
    """The computed margins are exactly the distances over which input frames affect frame 30 of the output."""
    session = onnxruntime.InferenceSession(GRAPHS[name].SerializeToString(), providers=["CPUExecutionProvider"])
    margin_at = _margins(GRAPHS[name])
    hop, margin = margin_at["y"].rate, margin_at["x"]
    middle = FRAMES // 2
    samples = range(middle * hop, (middle + 1) * hop)
    needed = [frame for frame in range(FRAMES) if not set(samples).isdisjoint(_changed_by(session, frame))]
    assert margin.rate == 1
    assert (needed[0], needed[-1]) == (middle - margin.left, middle + margin.right)


def test_margins_inside_are_in_samples_of_their_place() -> None:
    """The margin at a value inside a graph is given in samples of that value, not in frames. The dilated kernel needs
    five samples on each side."""
    margin_at = _margins(GRAPHS["upsampling by 3 between two kernels"])
    assert (margin_at["y"], margin_at["b"]) == (Margin(3, 0, 0), Margin(3, 5, 5))
    assert margin_at["a"].rate == 1


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (_model(conv("x", "y", "w", pads=(0, 0)), w=3), "does not preserve the length"),
        (_model(conv("x", "y", "w", pads=(1, 1), stride=2), w=3), "does not preserve the length"),
        (_model(transposed("x", "y", "w", pads=(0, 0), stride=4), w=8), "does not preserve the length"),
        (_model(helper.make_node("Conv", ["x", "x"], ["y"])), "the weight x is not that of a 1-D convolution"),
        (_model(helper.make_node("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER"), w=3), "automatic padding"),
    ],
)
def test_convolution_whose_length_is_unclear_is_refused(model: onnx.ModelProto, reason: str) -> None:
    """If a convolution changes the length, or the new length cannot be computed, GraphNotCut is raised."""
    with pytest.raises(GraphNotCut, match=reason):
        _margins(model)
