"""`Graph` finds nodes and values of an ONNX graph, and builds models from some of its nodes.

The graph in these tests is a diamond between two chains. A random value `noise` is added at the end:

    x -> a -> (b, c) -> d -> e -> y
"""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from wyoming_piper_serial.model.graph.onnx_file import FLOAT, parse, typed, untyped
from wyoming_piper_serial.model.graph.onnx_graph import Graph
from wyoming_piper_serial.model.graph.parts import GraphNotCut


def _graph(*nodes: onnx.NodeProto, initializers: tuple[onnx.TensorProto, ...] = ()) -> Graph:
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        initializers,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    return Graph(parse(model.SerializeToString()))


def _diamond() -> Graph:
    return _graph(
        helper.make_node("RandomNormal", [], ["noise"], shape=[2]),
        helper.make_node("Neg", ["x"], ["a"]),
        helper.make_node("Exp", ["a"], ["b"]),
        helper.make_node("Abs", ["a"], ["c"]),
        helper.make_node("Add", ["b", "c"], ["d"]),
        helper.make_node("Mul", ["d", "weight"], ["e"]),
        helper.make_node("Add", ["e", "noise"], ["y"]),
        initializers=(numpy_helper.from_array(np.array([2, 3], dtype=np.float32), "weight"),),
    )


def _run(model: bytes, **inputs: list[float]) -> list[float]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    arrays = {name: np.array(value, dtype=np.float32) for name, value in inputs.items()}
    return [float(value) for value in session.run(None, arrays)[0]]


def test_values_know_their_producer_and_their_consumers() -> None:
    """`producer` and `consumers` contain the nodes that write and read each value. Inputs of the graph have no
    producer, and outputs have no consumers."""
    graph = _diamond()
    assert graph.producer["d"].op_type == "Add"
    assert [node.op_type for node in graph.consumers["a"]] == ["Exp", "Abs"]
    assert "x" not in graph.producer
    assert "y" not in graph.consumers


def test_nodes_are_listed_by_type_in_running_order() -> None:
    """`of` returns the nodes of the given types in the order in which they run."""
    assert [node.outputs for node in _diamond().of(["Add", "Exp"])] == [("b",), ("d",), ("y",)]


def test_dependent_values_include_their_sources() -> None:
    """`after` returns the given values and all values that depend on them."""
    assert _diamond().after(["c"]) == {"c", "d", "e", "y"}


def test_needed_values_end_at_the_values_to_stop_at() -> None:
    """`before` returns the given values and all values on which they depend. It stops at the values in `stop`."""
    graph = _diamond()
    assert graph.before(["d"]) == {"x", "a", "b", "c", "d"}
    assert graph.before(["e"], stop=["b", "c"]) == {"b", "c", "d", "weight", "e"}


def test_nodes_between_two_values_leave_out_those_that_lead_elsewhere() -> None:
    """`between` returns the nodes on the paths from one value to another, excluding nodes that only lead to other
    values."""
    assert [node.outputs[0] for node in _diamond().between("a", "y")] == ["b", "c", "d", "e", "y"]
    assert [node.outputs[0] for node in _diamond().between("a", "b")] == ["b"]


def test_bottlenecks_are_the_values_that_every_path_passes() -> None:
    """`bottlenecks` returns the values that lie on every path, except the last one. The values on the two sides of
    the diamond are not bottlenecks."""
    graph = _diamond()
    assert graph.bottlenecks(graph.between("x", "y"), "x") == ["x", "a", "d", "e"]


def test_values_that_a_connection_skips_are_not_bottlenecks() -> None:
    """Values that a connection bypasses are not bottlenecks. Here, the connection from `a` to `d` bypasses `b` and
    `c`."""
    graph = _graph(
        helper.make_node("Neg", ["x"], ["a"]),
        helper.make_node("Exp", ["a"], ["b"]),
        helper.make_node("Abs", ["b"], ["c"]),
        helper.make_node("Add", ["c", "a"], ["d"]),
        helper.make_node("Neg", ["d"], ["y"]),
    )
    assert graph.bottlenecks(graph.between("x", "y"), "x") == ["x", "a", "d"]


def test_values_that_depend_on_inputs_or_noise_vary() -> None:
    """`varying` contains the values that depend on inputs or on random nodes, but not the initializers."""
    assert _diamond().varying == {"x", "noise", "a", "b", "c", "d", "e", "y"}


def test_constants_are_read_or_computed() -> None:
    """`constants` returns the values of Constant nodes and of nodes that depend only on constants, but not the
    initializers."""
    graph = _graph(
        helper.make_node("Constant", [], ["two"], value=numpy_helper.from_array(np.array([2], dtype=np.float32))),
        helper.make_node("Mul", ["two", "weight"], ["product"]),
        helper.make_node("Mul", ["x", "product"], ["y"]),
        initializers=(numpy_helper.from_array(np.array([3, 4], dtype=np.float32), "weight"),),
    )
    values = graph.constants(["two", "product", "weight", "product"])
    assert {name: value.tolist() for name, value in values.items()} == {"two": [2], "product": [6, 8]}


def test_model_is_built_from_some_nodes_with_renamed_inputs() -> None:
    """A model that is built from some of the nodes, with renamed inputs, can be run separately."""
    graph = _diamond()
    nodes = [node.renamed({"a": "new"}) for node in graph.between("a", "e")]
    model = graph.build(nodes, [graph.initializers["weight"]], inputs=[typed("new", FLOAT, 1)], outputs=[untyped("e")])
    assert _run(model, new=[0, -1]) == pytest.approx([2, 3 * (np.exp(-1) + 1)])


def test_graph_with_inner_graphs_is_refused() -> None:
    """`Graph` raises GraphNotCut if a node itself contains a graph, because the inputs of the inner graph are
    unknown."""
    with pytest.raises(GraphNotCut, match="If contains an inner graph"):
        _graph(helper.make_node("If", ["x"], ["y"]))
