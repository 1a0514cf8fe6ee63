"""A graph that onnxruntime has optimized once gives the same results as the original graph."""

import logging
import os
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.fixture_voices import FixtureVoices
from wyoming_piper_serial.model.device import quiet_options
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.optimization import optimized


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


def forbid(_name: str) -> int:
    """Raise the error that occurs on a system that forbids files in memory."""
    raise PermissionError(1, "Operation not permitted")


def test_graph_is_not_optimized_if_files_in_memory_are_forbidden(model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no file in memory can be created, the graph is stored without changes."""
    monkeypatch.setattr(os, "memfd_create", forbid)
    assert optimized(model) is None


def test_graph_is_not_optimized_if_the_result_cannot_be_written(
    model: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If onnxruntime cannot write the result, the reason is logged, and the graph is stored without changes."""
    # A directory can be opened, but not written to.
    monkeypatch.setattr(os, "memfd_create", lambda _name: os.open(tmp_path, os.O_RDONLY))
    with caplog.at_level(logging.INFO):
        assert optimized(model) is None
    assert [message.partition(" (")[0] for message in caplog.messages] == ["the graph could not be optimized"]


def test_voice_is_split_although_its_encoder_cannot_be_optimized(
    fixture_voices: FixtureVoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice whose encoder cannot be optimized is still split into parts."""
    monkeypatch.setattr(os, "memfd_create", forbid)
    parts = cut(read_model(fixture_voices.model("en_US-one_old-x_low"))[0])
    assert not parts.info.optimized
    assert parts.encoder
