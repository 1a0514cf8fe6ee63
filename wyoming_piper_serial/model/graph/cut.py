"""A Piper graph cut into encoder | flow | vocoder.

    ids, scales, speaker -> encoder -> mean, deviation, sides
    mean + noise * deviation -> flow -> latents (channels by frames)
    latents -> vocoder -> samples

Cuts are found by structure: the prior's noise is the last random node, and it joins the mean in the
first Add behind it; the vocoder begins with the last convolution, all speech passing through it,
before the first upsampling. Whatever else flow and vocoder take from before (the speaker's
conditioning) is a *side*: an output of the encoder, the same for all windows of a sentence. Frame
masks are all ones in a batch of one, so they are replaced by a one.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from wyoming_piper_serial.model.graph.onnx_graph import (
    RANDOM_OPS,
    Graph,
    Node,
    tensor,
    typed,
    untyped,
)
from wyoming_piper_serial.model.graph.parts import (
    CROPS,
    DURATION_NOISE,
    LATENTS,
    GraphNotCut,
    Parts,
    PartsInfo,
    quiet_options,
)
from wyoming_piper_serial.model.graph.parts_cache import ModelSource, digest_of
from wyoming_piper_serial.model.graph.receptive_field import margins
from wyoming_piper_serial.model.graph.windows import ReceptiveField, inner_margins

_DEVIATION = "cut_deviation"
_MIN_OPSET = 13  # Split takes its sizes as an input from here on


def cut(model: onnx.ModelProto) -> Parts:
    """Cut a model whose external data are loaded. Raises GraphNotCut."""
    try:
        return _cut(Graph(model))
    except GraphNotCut:
        raise
    except Exception as error:
        # A graph of unforeseen form may trip any step; the voice is then spoken whole.
        raise GraphNotCut(f"unexpected form ({error!r})") from error


def _cut(graph: Graph) -> Parts:
    opset = max((entry.version for entry in graph.model.opset_import if entry.domain in {"", "ai.onnx"}), default=0)
    if opset < _MIN_OPSET:
        raise GraphNotCut(f"opset {opset} is older than {_MIN_OPSET}")
    if len(graph.outputs) != 1:
        raise GraphNotCut(f"it has {len(graph.outputs)} outputs")
    noise = _noise(graph)
    latents = _vocoder_input(graph, noise.joined)
    flow = _Part(graph, noise.joined, latents)
    vocoder = _Part(graph, latents, graph.outputs[0])
    encoder = _encoder(graph, noise, [*flow.conditioning, *vocoder.conditioning])
    masks = _frame_masks(encoder, noise.mean, [*flow.conditioning, *vocoder.conditioning])
    return Parts(
        encoder=encoder,
        flow=flow.build(masks),
        vocoder=vocoder.build(masks),
        info=PartsInfo(
            mean=noise.mean,
            deviation=_DEVIATION,
            duration_noise=noise.duration is not None,
            flow_conditioning=tuple(name for name in flow.conditioning if name not in masks),
            vocoder_conditioning=tuple(name for name in vocoder.conditioning if name not in masks),
            flow=flow.reach,
            vocoder=vocoder.reach,
        ),
    )


@dataclass(frozen=True, kw_only=True)
class _Noise:
    """The random nodes, and where the prior's noise joins the mean."""

    duration: str | None
    prior: str
    mean: str
    factors: tuple[str, ...]
    """What the prior's noise is multiplied by."""

    joined: str
    """mean + noise * factors: the flow's input."""


def _noise(graph: Graph) -> _Noise:
    used = graph.before(graph.outputs)
    random = [node.outputs[0] for node in graph.of(RANDOM_OPS) if node.outputs[0] in used]
    if not 1 <= len(random) <= 2:
        raise GraphNotCut(f"it draws noise in {len(random)} places")
    *duration, prior = random
    value, factors = prior, []
    while True:
        takers = graph.takers[value]
        if len(takers) != 1 or takers[0].op_type not in {"Mul", "Add"} or len(set(takers[0].inputs)) != 2:
            raise GraphNotCut("the prior's noise is not multiplied and added")
        node = takers[0]
        other = next(name for name in node.inputs if name != value)
        value = node.outputs[0]
        if node.op_type == "Add":
            break
        factors.append(other)
    if not factors:
        raise GraphNotCut("the prior's noise has no deviation")
    return _Noise(
        duration=duration[0] if duration else None, prior=prior, mean=other, factors=tuple(factors), joined=value
    )


def _vocoder_input(graph: Graph, joined: str) -> str:
    """The data input of the vocoder's first convolution."""
    path = _path(graph, joined, graph.outputs[0])
    narrow = _narrows(graph, path, joined)
    found = None
    for node in path:
        if node.op_type == "ConvTranspose":
            break
        if node.op_type == "Conv" and node.outputs[0] in narrow and node.inputs[0] in narrow:
            found = node.inputs[0]
    else:
        raise GraphNotCut("it upsamples nothing")
    if found is None or found == joined:
        raise GraphNotCut("no flow before the vocoder")
    return found


def _path(graph: Graph, source: str, target: str) -> list[Node]:
    """The nodes between two values, in running order."""
    downstream, upstream = graph.after([source]), graph.before([target], stop=[source])
    return [
        node
        for node in graph.nodes
        if source not in node.outputs
        and not downstream.isdisjoint(node.inputs)
        and any(name in upstream and name in downstream for name in node.outputs)
    ]


def _narrows(graph: Graph, path: Sequence[Node], source: str) -> list[str]:
    """Values that everything on the path passes through, in order."""
    position = {node: index for index, node in enumerate(path)}
    made = {source: -1} | {name: index for index, node in enumerate(path) for name in node.outputs}
    last = {
        name: max((position[taker] for taker in graph.takers.get(name, ()) if taker in position), default=0)
        for name in made
    }
    narrow = []
    open_until = -1
    for name, index in made.items():
        # Everything made before is used up by the time this value is there.
        if open_until <= index and last[name] > index and len(path[index].outputs if index >= 0 else [name]) == 1:
            narrow.append(name)
        open_until = max(open_until, last[name])
    return narrow


class _Part:
    """Flow or vocoder: the nodes between two values."""

    def __init__(self, graph: Graph, source: str, target: str) -> None:
        self._graph = graph
        self._source = source
        self._target = target
        self._path = _path(graph, source, target)
        made = {source} | {name for node in self._path for name in node.outputs}
        if target not in made:
            raise GraphNotCut(f"{target} does not come from {source}")
        outside = list(dict.fromkeys(name for node in self._path for name in node.inputs if name not in made))
        self.conditioning = [name for name in outside if name in graph.varying]
        computed = graph.constants(
            name for name in outside if name not in graph.varying and name not in graph.initializers
        )
        # Weight norms that newer exporters leave in the graph are computed here, once and for all.
        self._tensors = [graph.initializers[name] for name in outside if name in graph.initializers]
        self._tensors += [tensor(name, value) for name, value in computed.items()]
        kernels = {weight.name: tuple(weight.dims) for weight in self._tensors}
        places = margins(self._path, source, target, kernels)
        narrow = [name for name in _narrows(graph, self._path, source) if name in places]
        chosen = inner_margins([places[name] for name in narrow])
        self._crops = [narrow[index] for index in chosen]
        self.reach = ReceptiveField(
            margins=tuple(places[name] for name in [source, *self._crops]), rate=places[target].rate
        )

    def build(self, masks: Collection[str]) -> bytes:
        """The part as a model: LATENTS, sides and CROPS in, the target out."""
        renamed = {self._source: LATENTS} | {name: f"cut_{index}" for index, name in enumerate(self._crops)}
        sizes = tensor("cut_sizes", np.ones(2 * len(self._crops), dtype=np.int64))
        bounds = [(f"cut_left_{index}", f"cut_right_{index}") for index in range(len(self._crops))]
        nodes = []
        if bounds:
            nodes.append(helper.make_node("Split", [CROPS, sizes.name], [name for pair in bounds for name in pair]))
        for node in self._path:
            nodes.append(node.renamed(renamed))
            nodes += [self._crop(name, renamed[name], bounds) for name in node.outputs if name in self._crops]
        ones = [tensor(name, np.ones((1, 1, 1), dtype=np.float32)) for name in self.conditioning if name in masks]
        last = tensor("cut_axis", np.array([-1], dtype=np.int64))
        inputs = [typed(LATENTS, TensorProto.FLOAT, 3)]
        inputs += [typed(name, TensorProto.FLOAT, None) for name in self.conditioning if name not in masks]
        if bounds:
            inputs.append(typed(CROPS, TensorProto.INT64, 1))
        return self._graph.build(
            nodes, [*self._tensors, *ones, sizes, last], inputs=inputs, outputs=[untyped(self._target)]
        )

    def _crop(self, name: str, new_name: str, bounds: Sequence[tuple[str, str]]) -> onnx.NodeProto:
        """Slices a value from its left bound to its right bound, which counts from the end."""
        left, right = bounds[self._crops.index(name)]
        return helper.make_node("Slice", [name, left, right, "cut_axis"], [new_name])


def _encoder(graph: Graph, noise: _Noise, conditioning: Sequence[str]) -> bytes:
    """The model up to the prior: mean, deviation and sides out, the duration noise an input."""
    outputs = list(dict.fromkeys([noise.mean, *conditioning]))
    stop = [] if noise.duration is None else [noise.duration]
    needed = graph.before([*outputs, *noise.factors], stop=stop)
    if noise.prior in needed:
        raise GraphNotCut("flow or vocoder take noise of their own")
    renamed = dict.fromkeys(stop, DURATION_NOISE)
    nodes = [
        node.renamed(renamed)
        for node in graph.nodes
        if node.op_type not in RANDOM_OPS and not needed.isdisjoint(node.outputs)
    ]
    deviation, *factors = noise.factors
    for index, factor in enumerate(factors):
        product = f"{_DEVIATION}_{index}"
        nodes.append(helper.make_node("Mul", [deviation, factor], [product]))
        deviation = product
    nodes.append(helper.make_node("Identity", [deviation], [_DEVIATION]))
    inputs = list(graph.model.graph.input)
    if stop:
        inputs.append(typed(DURATION_NOISE, TensorProto.FLOAT, 3))
    return graph.build(
        nodes,
        [value for name, value in graph.initializers.items() if name in needed],
        inputs=inputs,
        outputs=[untyped(name) for name in [*outputs, _DEVIATION]],
    )


def _frame_masks(encoder: bytes, mean: str, conditioning: Sequence[str]) -> set[str]:
    """Which `sides` are all ones, one a frame. Raises GraphNotCut for another that changes with the frames."""
    if not conditioning:
        return set()
    session = onnxruntime.InferenceSession(encoder, quiet_options(), providers=["CPUExecutionProvider"])
    names = [mean, *dict.fromkeys(conditioning)]
    runs = [dict(zip(names, session.run(names, _probe(session, count)), strict=True)) for count in (5, 12)]
    lengths = [run[mean].shape[-1] for run in runs]
    masks = set()
    for name in names[1:]:
        values = [run[name] for run in runs]
        if any(value.dtype != np.float32 for value in values):
            raise GraphNotCut(f"{name} is not of floats")
        if values[0].shape == values[1].shape and lengths[0] not in values[0].shape:
            continue
        if any(value.size != length or not (value == 1).all() for value, length in zip(values, lengths, strict=True)):
            raise GraphNotCut(f"{name} differs from frame to frame")
        masks.add(name)
    return masks


def _probe(session: onnxruntime.InferenceSession, count: int) -> dict[str, NDArray[np.generic]]:
    """Inputs of `count` ids, without noise."""
    every: dict[str, NDArray[np.generic]] = {
        "input": np.zeros((1, count), dtype=np.int64),
        "input_lengths": np.array([count], dtype=np.int64),
        "scales": np.array([0, 1, 0], dtype=np.float32),
        "sid": np.zeros(1, dtype=np.int64),
        DURATION_NOISE: np.zeros((1, 2, count), dtype=np.float32),
    }
    return {node.name: every[node.name] for node in session.get_inputs()}


def read_model(path: Path) -> tuple[onnx.ModelProto, ModelSource]:
    """Read a model and what lies beside it. Raises OSError, GraphNotCut."""
    raw = path.read_bytes()
    # The digest is that of the bytes that are cut, whatever is put in their place meanwhile.
    digest = hashlib.sha256(raw).hexdigest()
    try:
        proto = onnx.load_from_string(raw)
        del raw  # as large as the model
        held = [ExternalDataInfo(tensor) for tensor in proto.graph.initializer if uses_external_data(tensor)]
        beside = {name: digest_of(path.parent / name) for name in sorted({info.location for info in held})}
        if held:
            load_external_data_for_model(proto, str(path.parent))
    except Exception as error:
        # protobuf and onnx raise a dozen kinds of errors for a broken file.
        raise GraphNotCut(f"onnx cannot read it ({error})") from error
    return proto, ModelSource(digest, beside)
