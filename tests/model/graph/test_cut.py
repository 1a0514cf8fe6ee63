"""Splitting the graph of a voice into encoder, flow and vocoder."""

import functools
from collections.abc import Callable

import onnx
import pytest
from onnx import TensorProto, helper

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.parts import GraphNotCut, PartsInfo
from wyoming_piper_serial.model.graph.windows import Margin


def _model(fixture_voices: FixtureVoices, name: str) -> onnx.ModelProto:
    return read_model(fixture_voices.model(name))[0]


@pytest.fixture(scope="module")
def infos(fixture_voices: FixtureVoices) -> Callable[[str], PartsInfo]:
    """Return a function that returns the PartsInfo of a voice. Each voice is split only once."""

    @functools.cache
    def info(name: str) -> PartsInfo:
        return cut(_model(fixture_voices, name)).info

    return info


@pytest.mark.parametrize("name", SMALL)
def test_hop_and_margins_follow_from_the_kernels(infos: Callable[[str], PartsInfo], name: str) -> None:
    """The hop and the margins are computed from the kernels. The flow's margin is 4 layers x 4 convolutions x 2
    frames."""
    info = infos(name)
    assert info.hop == 256
    assert info.flow.margins[0] == Margin(1, 32, 32)
    assert info.vocoder.margins[0] == (Margin(1, 13, 13) if name.endswith("high") else Margin(1, 11, 11))


@pytest.mark.parametrize("name", SMALL)
def test_only_voices_of_many_speakers_have_conditioning(infos: Callable[[str], PartsInfo], name: str) -> None:
    """Flow and vocoder have conditioning inputs if, and only if, the voice has several speakers."""
    info = infos(name)
    assert bool(info.flow_conditioning) == bool(info.vocoder_conditioning) == ("many" in name)


def test_a_voice_with_plain_durations_has_no_duration_noise(infos: Callable[[str], PartsInfo]) -> None:
    """If the durations of a voice are not random, its encoder has no input for duration noise."""
    assert not infos("en_US-one_old_plain-medium").duration_noise
    assert infos("en_US-one_old-medium").duration_noise


def test_node_and_value_names_do_not_matter(fixture_voices: FixtureVoices) -> None:
    """How a graph is split depends on its structure, not on the names of its nodes and values."""
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
    assert cut(model).info.vocoder.margins[0] == Margin(1, 11, 11)


def test_a_graph_without_noise_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """A graph without random noise raises GraphNotCut, because the flow is found by the noise that is added before
    it."""
    model = _model(fixture_voices, "en_US-one_old-low")
    for node in model.graph.node:
        if node.op_type == "RandomNormalLike":
            node.op_type = "Identity"
            node.ClearField("attribute")
    with pytest.raises(GraphNotCut, match="noise in 0 places"):
        cut(model)


def test_a_convolution_that_changes_the_length_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """A convolution that changes the number of frames raises GraphNotCut."""
    model = _model(fixture_voices, "en_US-one_old-low")
    last = [node for node in model.graph.node if node.op_type == "Conv"][-1]
    next(attribute for attribute in last.attribute if attribute.name == "pads").ints[:] = [0, 0]
    with pytest.raises(GraphNotCut, match="does not keep the length"):
        cut(model)


def test_a_graph_of_another_kind_is_not_cut() -> None:
    """A graph that is not a Piper voice raises GraphNotCut."""
    value = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1])
    other = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Neg", ["input"], ["output"])], "g", [value], [other])
    with pytest.raises(GraphNotCut):
        cut(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)]))


def test_a_graph_of_an_old_opset_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """A graph whose opset is too old for the nodes that crop margins raises GraphNotCut."""
    model = _model(fixture_voices, "en_US-one_old-low")
    model.opset_import[0].version = 11
    with pytest.raises(GraphNotCut, match="opset 11"):
        cut(model)


def test_a_graph_with_inner_graphs_is_not_cut(fixture_voices: FixtureVoices) -> None:
    """A graph with a node that itself contains a graph raises GraphNotCut, because the inputs of the inner graph are
    not known."""
    model = _model(fixture_voices, "en_US-one_old-low")
    model.graph.node.append(helper.make_node("If", ["input"], ["unused"]))
    with pytest.raises(GraphNotCut, match="If contains a graph"):
        cut(model)
