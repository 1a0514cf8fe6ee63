"""Models are read and written in the same way as by the package `onnx`, which only the tests use."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from tests.fixture_voices import REAL, SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.onnx_file import (
    FLOAT,
    INT64,
    Model,
    fields,
    make_node,
    parse,
    serialize,
    tensor,
    typed,
    untyped,
)

_KINDS = ["float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "bool", "float16", "float64"]


def _model(*nodes: onnx.NodeProto, initializers: Sequence[onnx.TensorProto] = ()) -> onnx.ModelProto:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2])]
    outputs = [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])]
    graph = helper.make_graph(nodes, "g", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


def _parsed(model: onnx.ModelProto) -> Model:
    return parse(model.SerializeToString())


def _written(model: Model) -> onnx.ModelProto:
    """Return the whole graph of `model`, serialized again and read by `onnx`."""
    tensors = list(model.initializers.values())
    return onnx.load_from_string(serialize(model, model.nodes, tensors, inputs=model.inputs, outputs=model.outputs))


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("name", [*SMALL, REAL])
def test_voices_are_read_as_by_onnx(fixture_voices: FixtureVoices, name: str) -> None:
    """All names, shapes and attributes of a voice are those that `onnx` reads."""
    content = fixture_voices.model(name).read_bytes()
    expected, model = onnx.load_from_string(content), parse(content)
    graph = expected.graph
    assert model.ir_version == expected.ir_version
    assert model.opset == next(entry.version for entry in expected.opset_import if not entry.domain)
    assert [value.name for value in model.inputs] == [value.name for value in graph.input]
    assert [value.name for value in model.outputs] == [value.name for value in graph.output]
    assert {key: value.dims for key, value in model.initializers.items()} == {
        value.name: tuple(value.dims) for value in graph.initializer
    }
    assert len(model.nodes) == len(graph.node)
    for node, proto in zip(model.nodes, graph.node, strict=True):
        assert (node.name, node.op_type) == (proto.name, proto.op_type)
        assert node.inputs == tuple(filter(None, proto.input))
        assert node.outputs == tuple(filter(None, proto.output))
        values = {entry.name: helper.get_attribute_value(entry) for entry in proto.attribute}
        known = {key: value for key, value in values.items() if isinstance(value, int | bytes | list)}
        assert {key: value for key, value in node.attributes.items() if value is not None} == known


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("name", SMALL)
def test_written_voice_has_the_same_graph(fixture_voices: FixtureVoices, name: str) -> None:
    """A voice that is read and written has the same nodes, weights, inputs and outputs, but no metadata."""
    original = onnx.load_from_string(fixture_voices.model(name).read_bytes())
    original.metadata_props.add(key="sample_rate", value="22050")
    model = _written(_parsed(original))
    for part in ("node", "initializer", "input", "output"):
        assert list(getattr(model.graph, part)) == list(getattr(original.graph, part))
    assert (model.ir_version, model.opset_import) == (original.ir_version, original.opset_import)
    assert not model.metadata_props


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("shape", [(), (3,), (2, 0), (2, 3)])
def test_tensors_are_written_as_by_onnx(kind: str, shape: tuple[int, ...]) -> None:
    """A tensor of each element type is equal to that of `onnx`, even if its array is not contiguous."""
    value = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind).T
    model = _parsed(_model(helper.make_node("Neg", ["x"], ["y"])))
    content = serialize(model, [], [tensor("w", value)], inputs=[], outputs=[])
    (written,) = onnx.load_from_string(content).graph.initializer
    assert written == numpy_helper.from_array(value, "w")
    assert parse(content).initializers["w"].dims == value.shape


def test_tensor_of_texts_is_refused() -> None:
    """`tensor` raises ValueError for an array that does not consist of numbers."""
    with pytest.raises(ValueError, match="consists of <U1"):
        tensor("w", np.array(["a"]))


def test_declarations_are_written_as_by_onnx() -> None:
    """Inputs are declared with their type and their number of axes, outputs only by their name."""
    model = _parsed(_model(helper.make_node("Neg", ["x"], ["y"])))
    inputs = [typed("a", FLOAT, 3), typed("b", INT64, 1), typed("c", FLOAT, None), typed("d", FLOAT, 0)]
    graph = onnx.load_from_string(serialize(model, [], [], inputs=inputs, outputs=[untyped("e")])).graph
    assert list(graph.input) == [
        helper.make_tensor_value_info("a", TensorProto.FLOAT, [None] * 3),
        helper.make_tensor_value_info("b", TensorProto.INT64, [None]),
        helper.make_tensor_value_info("c", TensorProto.FLOAT, None),
        helper.make_tensor_value_info("d", TensorProto.FLOAT, []),
    ]
    assert list(graph.output) == [onnx.ValueInfoProto(name="e")]


def test_made_nodes_run() -> None:
    """A node that `make_node` returns can be run."""
    model = _parsed(_model(helper.make_node("Neg", ["x"], ["y"])))
    nodes = [make_node("Add", ["x", "x"], ["y"])]
    content = serialize(model, nodes, [], inputs=model.inputs, outputs=model.outputs)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    assert session.run(None, {"x": np.array([1, 2], dtype=np.float32)})[0].tolist() == [2, 4]


def test_renamed_node_is_a_copy_without_its_documentation() -> None:
    """`renamed` returns a copy of the node without its documentation, and does not change the original node. Missing
    optional inputs keep their places."""
    node = helper.make_node("Clip", ["x", "", "top"], ["y"], name="clip", doc_string="a line of source code", axis=-1)
    node.metadata_props.add(key="namespace", value="vocoder")
    (original,) = _parsed(_model(node)).nodes
    copy = original.renamed({"x": "other", "y": "not an input"})
    assert (original.inputs, copy.inputs, copy.outputs) == (("x", "top"), ("other", "top"), ("y",))
    model = _parsed(_model(node))
    model.nodes = [copy]
    expected = helper.make_node("Clip", ["other", "", "top"], ["y"], name="clip", axis=-1)
    assert list(_written(model).graph.node) == [expected]


def test_attributes_are_numbers_lists_or_bytes() -> None:
    """Integers may be negative, and lists may be packed. The value of an attribute of another type is `None`."""
    node = helper.make_node("Any", [], [], one=-2, several=[3, -4], text="SAME", ratio=0.5)
    (read,) = _parsed(_model(node)).nodes
    assert read.attributes == {"one": -2, "several": [3, -4], "text": b"SAME", "ratio": None}
    # The numbers 3 and 150 in the packed form that other writers may use, see the description of protocol buffers.
    (packed,) = fields(memoryview(b"\x42\x03\x03\x96\x01"))
    assert (packed.number, packed.integers) == (8, [3, 150])


def test_functions_and_all_opsets_are_kept() -> None:
    """The functions of a model and the versions of other operators are kept, because nodes may use them."""
    original = _model(helper.make_node("Neg", ["x"], ["y"]))
    original.opset_import.add(domain="com.microsoft", version=17)
    function = helper.make_function("own", "twice", ["a"], ["b"], [helper.make_node("Neg", ["a"], ["b"])], [])
    original.functions.append(function)
    model = _parsed(original)
    assert model.opset == 15
    assert list(_written(model).functions) == [function]
    assert [entry.version for entry in _written(model).opset_import] == [15, 17]


def test_weights_of_another_file_are_filled_in() -> None:
    """`with_values` replaces the reference to another file with the values."""
    weight = numpy_helper.from_array(np.array([2, 3], dtype=np.float32), "w")
    values = weight.raw_data
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "weights.data", "offset": "16", "length": "8"}.items():
        weight.external_data.add(key=key, value=value)
    model = _parsed(_model(helper.make_node("Neg", ["x"], ["y"]), initializers=[weight]))
    external = model.initializers["w"]
    assert external.external == {"location": "weights.data", "offset": "16", "length": "8"}
    model.initializers["w"] = external.with_values(memoryview(values))
    (written,) = _written(model).graph.initializer
    assert numpy_helper.to_array(written).tolist() == [2, 3]
    assert not model.initializers["w"].external


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "contains 0 graphs"),
        (b"\x3a\x00\x3a\x00", "contains 2 graphs"),
        (b"not a model", "wire type 6"),
        (b"\x3a\x05ab", "truncated"),
        (b"\x08\x80", "truncated"),
        (b"\x08" + b"\xff" * 11, "truncated"),
        (b"\x0d\x01\x02", "truncated"),
        (b"\x38\x01", "field 7 is a number"),
        (b"\x0a\x00", "field 1 is not a number"),
        (b"\x3a\x04\x0a\x02\x22\x05", "truncated"),
        (b"\x3a\x05\x0a\x03\x22\x01\xff", "utf-8"),
    ],
)
def test_damaged_models_are_refused(content: bytes, reason: str) -> None:
    """`parse` raises ValueError for anything that is not a model with one graph."""
    with pytest.raises(ValueError, match=reason):
        parse(content)


_SAMPLE = _model(
    helper.make_node("Add", ["x", "w"], ["y"], pads=[1, -1], name="n"),
    initializers=[numpy_helper.from_array(np.array([2, 3], dtype=np.float32), "w")],
).SerializeToString()


@given(st.lists(st.tuples(st.integers(0, len(_SAMPLE) - 1), st.integers(0, 255)), max_size=4), st.integers(0, 40))
def test_no_damage_raises_anything_else(changes: list[tuple[int, int]], cut: int) -> None:
    """A file with any changed bytes is either read or refused with ValueError."""
    content = bytearray(_SAMPLE)
    for place, byte in changes:
        content[place] = byte
    try:
        model = parse(bytes(content[: len(content) - cut]))
        for node in model.nodes:
            _ = node.attributes
            node.renamed({"x": "other"})
    except ValueError:
        pass
