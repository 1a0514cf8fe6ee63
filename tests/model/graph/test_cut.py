"""The graph of a voice is split into encoder, flow and vocoder."""

import os
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.onnx_file import parse
from wyoming_piper_serial.model.graph.parts import GraphNotCut, Parts, PartsInfo
from wyoming_piper_serial.model.graph.windows import Margin


def _model(fixture_voices: FixtureVoices, name: str) -> onnx.ModelProto:
    return onnx.load(fixture_voices.model(name))


def _cut(model: onnx.ModelProto) -> Parts:
    return cut(parse(model.SerializeToString()))


@pytest.fixture(scope="module")
def infos(fixture_voices: FixtureVoices) -> Callable[[str], PartsInfo]:
    """Return a function that returns the PartsInfo of a voice."""
    return lambda name: fixture_voices.parts(name).info


@pytest.mark.parametrize("name", SMALL)
def test_hop_and_margins_follow_from_the_kernels(infos: Callable[[str], PartsInfo], name: str) -> None:
    """The hop and the margins are computed from the kernels. The margin of the flow is 4 layers x 4 convolutions x 2
    frames."""
    info = infos(name)
    assert info.hop == 256
    assert info.flow.margins[0] == Margin(1, 32, 32)
    assert info.vocoder.margins[0] == (Margin(1, 13, 13) if name.endswith("high") else Margin(1, 11, 11))


@pytest.mark.parametrize("name", SMALL)
def test_only_voices_of_many_speakers_have_conditioning(infos: Callable[[str], PartsInfo], name: str) -> None:
    """The flow and the vocoder have conditioning inputs only if the voice has several speakers."""
    info = infos(name)
    assert bool(info.flow_conditioning) == bool(info.vocoder_conditioning) == ("many" in name)


def test_a_voice_with_plain_durations_has_no_duration_noise(infos: Callable[[str], PartsInfo]) -> None:
    """If the durations of a voice are not random, its encoder has no input for duration noise."""
    assert not infos("en_US-one_old_plain-medium").duration_noise
    assert infos("en_US-one_old-medium").duration_noise


def test_node_and_value_names_do_not_matter(fixture_voices: FixtureVoices) -> None:
    """The way in which a graph is split depends on its structure, not on the names of its nodes and values."""
    model = _model(fixture_voices, "en_US-one_old-low")
    kept = {value.name for value in [*model.graph.input, *model.graph.output]}
    names: dict[str, str] = {}
    for node in model.graph.node:
        node.name = ""
        for values in (node.input, node.output):
            values[:] = [
                name if name in kept or not name else names.setdefault(name, f"v{len(names)}") for name in values
            ]
    for tensor in model.graph.initializer:
        tensor.name = names.get(tensor.name, tensor.name)
    assert _cut(model).info.vocoder.margins[0] == Margin(1, 11, 11)


def test_a_graph_without_noise_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut for a graph without random noise, because the noise is needed to find the flow."""
    model = _model(fixture_voices, "en_US-one_old-low")
    for node in model.graph.node:
        if node.op_type == "RandomNormalLike":
            node.op_type = "Identity"
            node.ClearField("attribute")
    with pytest.raises(GraphNotCut, match="noise in 0 places"):
        _cut(model)


def test_a_convolution_that_changes_the_length_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if a convolution changes the number of frames."""
    model = _model(fixture_voices, "en_US-one_old-low")
    last = [node for node in model.graph.node if node.op_type == "Conv"][-1]
    next(attribute for attribute in last.attribute if attribute.name == "pads").ints[:] = [0, 0]
    with pytest.raises(GraphNotCut, match="does not preserve the length"):
        _cut(model)


def test_a_graph_of_another_kind_is_not_cut() -> None:
    """`cut` raises GraphNotCut for a graph that is not a Piper voice."""
    value = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Neg", ["input"], ["output"])], "g", [value], [other])
    with pytest.raises(GraphNotCut):
        _cut(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)]))


def test_a_graph_of_an_old_opset_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if the opset of the graph is too old for the nodes that crop margins."""
    model = _model(fixture_voices, "en_US-one_old-low")
    model.opset_import[0].version = 11
    with pytest.raises(GraphNotCut, match="opset 11"):
        _cut(model)


def test_a_graph_with_inner_graphs_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if a node itself contains a graph, because the inputs of the inner graph are unknown."""
    model = _model(fixture_voices, "en_US-one_old-low")
    model.graph.node.append(helper.make_node("If", ["input"], ["unused"]))
    with pytest.raises(GraphNotCut, match="If contains an inner graph"):
        _cut(model)


def _prior_nodes(model: onnx.ModelProto) -> tuple[onnx.NodeProto, onnx.NodeProto, onnx.NodeProto]:
    """Return the nodes of `noisy = mean + prior * deviation`: the noise of the prior, the product and the sum."""
    nodes = model.graph.node
    noise = [node for node in nodes if node.op_type == "RandomNormalLike"][-1]
    product = next(node for node in nodes if noise.output[0] in node.input)
    while True:
        following = next(node for node in nodes if product.output[0] in node.input)
        if following.op_type == "Add":
            return noise, product, following
        product = following


def _insert_behind(model: onnx.ModelProto, node: onnx.NodeProto, *added: onnx.NodeProto) -> None:
    """Insert the nodes `added` after `node`. Consumers of the output of `node` then use the output of the last added
    node."""
    for other in model.graph.node:
        other.input[:] = [added[-1].output[0] if name == node.output[0] else name for name in other.input]
    place = list(model.graph.node).index(node) + 1
    for index, one in enumerate(added):
        model.graph.node.insert(place + index, one)


def test_a_broken_file_is_not_cut(tmp_path: Path) -> None:
    """If the file is not an ONNX model, GraphNotCut is raised."""
    path = tmp_path / "voice.onnx"
    path.write_bytes(b"not a model")
    with pytest.raises(GraphNotCut, match="it cannot be read"):
        read_model(path)


def test_a_graph_with_two_outputs_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut for a graph with a second output, because the split model returns only one output."""
    model = _model(fixture_voices, "en_US-one_old-low")
    model.graph.output.append(model.graph.output[0])
    with pytest.raises(GraphNotCut, match="it has 2 outputs"):
        _cut(model)


def test_a_graph_without_a_needed_weight_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if a weight is missing. Any other unexpected error also becomes GraphNotCut."""
    model = _model(fixture_voices, "en_US-one_old-low")
    weight = [node for node in model.graph.node if node.op_type == "Conv"][-1].input[1]
    kept = [value for value in model.graph.initializer if value.name != weight]
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    with pytest.raises(GraphNotCut, match="unexpected form"):
        _cut(model)


def test_noise_that_is_not_multiplied_and_added_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if any other operation uses the noise of the prior."""
    model = _model(fixture_voices, "en_US-one_old-low")
    noise, *_ = _prior_nodes(model)
    _insert_behind(model, noise, helper.make_node("Neg", [noise.output[0]], ["negative"]))
    with pytest.raises(GraphNotCut, match="not multiplied by a deviation and then added"):
        _cut(model)


def test_noise_without_a_deviation_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if the noise is added without a factor, because this noise could not be turned off."""
    model = _model(fixture_voices, "en_US-one_old-low")
    noise, product, total = _prior_nodes(model)
    total.input[:] = [noise.output[0] if name == product.output[0] else name for name in total.input]
    for node in list(model.graph.node):
        if node.op_type == "Mul" and noise.output[0] in node.input:
            model.graph.node.remove(node)
    with pytest.raises(GraphNotCut, match="no deviation"):
        _cut(model)


def test_a_graph_that_upsamples_nothing_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut for a graph without a transposed convolution, because such a graph has no vocoder."""
    model = _model(fixture_voices, "en_US-one_old-low")
    for node in model.graph.node:
        if node.op_type == "ConvTranspose":
            node.op_type = "Conv"
    with pytest.raises(GraphNotCut, match="contains no upsampling"):
        _cut(model)


def test_a_vocoder_without_a_flow_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if the vocoder reads the prior directly, because such a graph has no flow."""
    model = _model(fixture_voices, "en_US-one_old-low")
    *_, total = _prior_nodes(model)
    vocoder = _cut(model)
    latents = onnx.load_from_string(vocoder.flow).graph.output[0].name
    for node in model.graph.node:
        node.input[:] = [total.output[0] if name == latents else name for name in node.input]
    with pytest.raises(GraphNotCut, match="contains no flow before the vocoder"):
        _cut(model)


def test_a_value_for_each_frame_is_no_conditioning(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if the flow reads values of the encoder that differ from frame to frame."""
    model = _model(fixture_voices, "en_US-one_old-low")
    _, product, total = _prior_nodes(model)
    mean = next(name for name in total.input if name != product.output[0])
    _insert_behind(model, total, helper.make_node("Add", [total.output[0], mean], ["twice"]))
    with pytest.raises(GraphNotCut, match="differs from frame to frame"):
        _cut(model)


def test_conditioning_that_is_not_of_floats_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """`cut` raises GraphNotCut if the flow reads integers from the encoder."""
    model = _model(fixture_voices, "en_US-one_old-low")
    _, product, total = _prior_nodes(model)
    mean = next(name for name in total.input if name != product.output[0])
    _insert_behind(
        model,
        total,
        helper.make_node("Shape", [mean], ["shape"]),
        helper.make_node("Reshape", [total.output[0], "shape"], ["reshaped"]),
    )
    with pytest.raises(GraphNotCut, match="does not consist of floats"):
        _cut(model)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("location", ["/dev/zero", "../weights.data", "sub/../../weights.data", "pipe.data"])
def test_weights_are_read_only_from_regular_files_beside_the_model(tmp_path: Path, location: str) -> None:
    """A model is refused if its weights are in a device, a named pipe or a file in another folder. None of these is
    opened, because reading from a device might never end, and opening a pipe would block."""
    os.mkfifo(tmp_path / "pipe.data")
    weights = onnx.TensorProto(
        name="w", data_type=onnx.TensorProto.FLOAT, dims=[1], data_location=onnx.TensorProto.EXTERNAL
    )
    weights.external_data.add(key="location", value=location)
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.ModelProto(graph=onnx.GraphProto(initializer=[weights])).SerializeToString())
    with pytest.raises(GraphNotCut, match=r"regular file|in another folder"):
        read_model(path)
