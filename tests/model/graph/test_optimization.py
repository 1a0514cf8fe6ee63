"""A graph that onnxruntime has optimized once gives the same results as the original graph."""

import os

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_piper_serial.model.graph.optimization import optimized
from wyoming_piper_serial.model.graph.parts import quiet_options


@pytest.fixture
def model() -> bytes:
    """Return a graph that adds the square of a stored value to its input."""
    stored = numpy_helper.from_array(np.array([2.0, 3.0], dtype=np.float32), "stored")
    nodes = [
        helper.make_node("Mul", ["stored", "stored"], ["square"]),
        helper.make_node("Add", ["given", "square"], ["sum"]),
    ]
    graph = helper.make_graph(
        nodes,
        "square",
        [helper.make_tensor_value_info("given", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("sum", TensorProto.FLOAT, [2])],
        [stored],
    )
    proto = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    return bytes(proto.SerializeToString())


def results_of(model: bytes) -> list[float]:
    session = onnxruntime.InferenceSession(model, quiet_options(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"given": np.array([1.0, 1.0], dtype=np.float32)})
    return [float(value) for value in found]


def test_optimized_graph_gives_the_same_results(model: bytes) -> None:
    """Values that do not depend on the input are computed once, and are stored in the optimized graph."""
    smaller = optimized(model)
    assert smaller is not None
    assert results_of(smaller) == results_of(model) == [5.0, 10.0]
    assert b"Mul" in model
    assert b"Mul" not in smaller


def test_graph_is_not_optimized_without_files_in_memory(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """On systems without `memfd_create`, `optimized` returns `None`."""
    monkeypatch.delattr(os, "memfd_create")
    assert optimized(model) is None
