"""Cuts a Piper graph into encoder, flow and vocoder.

    phoneme ids, scales, speaker -> encoder -> mean, deviation, conditioning
    mean + noise * deviation, conditioning -> flow -> latents (channels by frames)
    latents, conditioning -> vocoder -> samples

The places to cut are determined from the structure of the graph, not from names. The last random node draws the noise
of the prior. The first Add after this node adds the noise to the mean, and the result is the input of the flow. The
vocoder begins with the last convolution that the whole signal passes through before the first upsampling.

The flow and the vocoder need two more kinds of values from the encoder. Conditioning depends on the speaker and is the
same for all frames of a sentence. It becomes an output of the encoder. Frame masks contain only ones if a batch has one
sentence, so they are replaced with the constant 1.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import quiet_options, trim_heap
from wyoming_piper_serial.model.graph.onnx_file import (
    FLOAT,
    INT64,
    Model,
    Node,
    Tensor,
    make_node,
    parse,
    tensor,
    typed,
    untyped,
)
from wyoming_piper_serial.model.graph.onnx_graph import RANDOM_OPS, Graph
from wyoming_piper_serial.model.graph.optimization import optimized
from wyoming_piper_serial.model.graph.parts import (
    CROPS,
    DURATION_NOISE,
    LATENTS,
    GraphNotCut,
    Parts,
    PartsInfo,
)
from wyoming_piper_serial.model.graph.parts_cache import ModelSource
from wyoming_piper_serial.model.graph.receptive_field import margins
from wyoming_piper_serial.model.graph.windows import Margin, ReceptiveField, crop_places
from wyoming_piper_serial.model.regular_file import open_regular

_DEVIATION = "cut_deviation"
_MIN_OPSET = 13  # the first opset in which Split takes its sizes as an input

# Numbers of phoneme ids in the two sentences that are encoded to find values whose shape depends on the length.
_PROBE_IDS = (5, 12)


def read_model(path: Path) -> tuple[Model, ModelSource]:
    """Reads a model and its external data. Raises OSError or GraphNotCut."""
    with open_regular(path) as file:
        content = file.read()
    # The digests are computed from the bytes in memory, because the files may be replaced in the meantime.
    digest = hashlib.sha256(content).hexdigest()
    try:
        model = parse(content)
        external_data = _load_external_data(model, path)
    except (ValueError, OSError) as error:
        raise GraphNotCut(f"it cannot be read ({error})") from error
    return model, ModelSource(digest, external_data)


def _load_external_data(model: Model, path: Path) -> dict[str, str]:
    """Reads the weights of `model` that are in other files, and returns the digest of each file. Raises OSError or
    ValueError."""
    contents: dict[str, bytes] = {}
    for name, weight in model.initializers.items():
        if not weight.external:
            continue
        location = weight.external.get("location", "")
        if location not in contents:
            with open_regular(_beside(path, location)) as file:
                contents[location] = file.read()
        content = memoryview(contents[location])
        begin = int(weight.external.get("offset", 0))
        end = begin + int(weight.external.get("length", len(content) - begin))
        if not 0 <= begin <= end <= len(content):
            raise ValueError(f"{location} is too short for {name}")
        model.initializers[name] = weight.with_values(content[begin:end])
    return {location: hashlib.sha256(content).hexdigest() for location, content in sorted(contents.items())}


def _beside(model: Path, name: str) -> Path:
    """Returns the path of an external weights file. Raises ValueError if the file is not in the model's folder."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"its weights are in another folder: {name}")
    return model.parent / path


def cut(model: Model) -> Parts:
    """Cuts a model whose external data has been loaded. Raises GraphNotCut."""
    try:
        return _cut(Graph(model))
    except GraphNotCut:
        raise
    except Exception as error:
        # Any step can fail for a graph with an unexpected structure. The voice then uses the whole graph.
        raise GraphNotCut(f"unexpected form ({error!r})") from error


def _cut(graph: Graph) -> Parts:
    _check_form(graph)
    noise = _find_noise(graph)
    latents = _find_vocoder_input(graph, noise.noisy)
    flow = _Part(graph, noise.noisy, latents)
    vocoder = _Part(graph, latents, graph.outputs[0])
    from_encoder = [*flow.from_encoder, *vocoder.from_encoder]
    durations = _find_durations(graph, noise.mean)
    encoder = _build_encoder(graph, noise, from_encoder, durations)
    masks = _frame_masks(encoder, noise.mean, from_encoder)
    smaller = optimized(encoder)
    encoder = smaller or encoder
    trim_heap()  # returns the memory of the sessions that encoded and optimized, which have been freed
    return Parts(
        encoder=encoder,
        flow=flow.build(masks),
        vocoder=vocoder.build(masks),
        info=PartsInfo(
            mean=noise.mean,
            deviation=_DEVIATION,
            durations=durations,
            duration_noise=noise.duration is not None,
            flow_conditioning=tuple(flow.conditioning(masks)),
            vocoder_conditioning=tuple(vocoder.conditioning(masks)),
            flow=flow.receptive_field,
            vocoder=vocoder.receptive_field,
            optimized=smaller is not None,
        ),
    )


def _check_form(graph: Graph) -> None:
    if graph.model.opset < _MIN_OPSET:
        raise GraphNotCut(f"opset {graph.model.opset} is older than {_MIN_OPSET}")
    if len(graph.outputs) != 1:
        raise GraphNotCut(f"it has {len(graph.outputs)} outputs")


@dataclass(frozen=True, kw_only=True)
class _Noise:
    """Names of values in the graph. The input of the flow is `noisy = mean + prior * factors`."""

    duration: str | None
    """The noise of the duration predictor, or `None` if durations are not random."""

    prior: str
    """The noise of the prior."""

    mean: str
    factors: tuple[str, ...]
    noisy: str
    """The input of the flow."""


def _find_noise(graph: Graph) -> _Noise:
    used = graph.before(graph.outputs)
    random = [node.outputs[0] for node in graph.of(RANDOM_OPS) if node.outputs[0] in used]
    if not 1 <= len(random) <= 2:
        raise GraphNotCut(f"it draws noise in {len(random)} places")
    *duration, prior = random
    value, factors = prior, []
    while True:
        consumers = graph.consumers[value]
        if len(consumers) != 1 or consumers[0].op_type not in {"Mul", "Add"} or len(set(consumers[0].inputs)) != 2:
            raise GraphNotCut("the prior's noise is not multiplied by a deviation and then added")
        node = consumers[0]
        other = next(name for name in node.inputs if name != value)
        value = node.outputs[0]
        if node.op_type == "Add":
            break
        factors.append(other)
    if not factors:
        raise GraphNotCut("the prior's noise has no deviation")
    return _Noise(
        duration=duration[0] if duration else None, prior=prior, mean=other, factors=tuple(factors), noisy=value
    )


def _find_durations(graph: Graph, mean: str) -> str | None:
    """Returns the name of the value with the number of frames of each phoneme id, or `None` if it cannot be found.

    The encoder rounds the durations up, and rounds nothing else.
    """
    used = graph.before([mean])
    rounded = [node.outputs[0] for node in graph.of({"Ceil"}) if node.outputs[0] in used]
    return rounded[0] if len(rounded) == 1 else None


def _find_vocoder_input(graph: Graph, flow_input: str) -> str:
    """Returns the name of the vocoder's input, that is, the data input of its first convolution."""
    path = graph.between(flow_input, graph.outputs[0])
    bottlenecks = graph.bottlenecks(path, flow_input)
    vocoder_input = None
    for node in path:
        if node.op_type == "ConvTranspose":
            break
        if node.op_type == "Conv" and node.outputs[0] in bottlenecks and node.inputs[0] in bottlenecks:
            vocoder_input = node.inputs[0]
    else:
        raise GraphNotCut("it contains no upsampling")
    if vocoder_input is None or vocoder_input == flow_input:
        raise GraphNotCut("it contains no flow before the vocoder")
    return vocoder_input


class _Part:
    """The flow or the vocoder: the nodes between the values `source` and `target`."""

    def __init__(self, graph: Graph, source: str, target: str) -> None:
        self._graph = graph
        self._source = source
        self._target = target
        self._path = graph.between(source, target)
        inside = {source} | {name for node in self._path for name in node.outputs}
        if target not in inside:
            raise GraphNotCut(f"{target} does not come from {source}")
        outside = list(dict.fromkeys(name for node in self._path for name in node.inputs if name not in inside))
        self.from_encoder = [name for name in outside if name in graph.varying]
        self._tensors = self._constants(
            [name for name in outside if name in graph.initializers or name not in graph.varying]
        )
        places = self._margins()
        bottlenecks = [name for name in graph.bottlenecks(self._path, source) if name in places]
        self._crops = [bottlenecks[index] for index in crop_places([places[name] for name in bottlenecks])]
        self.receptive_field = ReceptiveField(
            margins=tuple(places[name] for name in [source, *self._crops]), rate=places[target].rate
        )

    def conditioning(self, masks: Collection[str]) -> list[str]:
        """Returns the names of the inputs that are the same for all frames of a sentence."""
        return [name for name in self.from_encoder if name not in masks]

    def build(self, masks: Collection[str]) -> bytes:
        """Returns the part as a serialized model. `masks` are the names of the frame masks.

        The inputs are LATENTS, the conditioning and, if the part has places to crop, CROPS. The output is the last
        value of the part.
        """
        renamed = {self._source: LATENTS} | {name: f"cut_{index}" for index, name in enumerate(self._crops)}
        sizes = tensor("cut_sizes", np.ones(2 * len(self._crops), dtype=np.int64))
        bounds = [(f"cut_left_{index}", f"cut_right_{index}") for index in range(len(self._crops))]
        nodes = []
        if bounds:
            nodes.append(make_node("Split", [CROPS, sizes.name], [name for pair in bounds for name in pair]))
        for node in self._path:
            nodes.append(node.renamed(renamed))
            nodes += [self._crop(name, renamed[name], bounds) for name in node.outputs if name in self._crops]
        ones = [tensor(name, np.ones((1, 1, 1), dtype=np.float32)) for name in self.from_encoder if name in masks]
        last_axis = tensor("cut_axis", np.array([-1], dtype=np.int64))
        inputs = [typed(LATENTS, FLOAT, 3)]
        inputs += [typed(name, FLOAT, None) for name in self.conditioning(masks)]
        if bounds:
            inputs.append(typed(CROPS, INT64, 1))
        return self._graph.build(
            nodes, [*self._tensors, *ones, sizes, last_axis], inputs=inputs, outputs=[untyped(self._target)]
        )

    def _constants(self, names: Sequence[str]) -> list[Tensor]:
        """Returns tensors for values that are the same in every run.

        Values that the model does not store are computed once. Newer exporters, for example, store nodes that compute
        the normalized weights instead of the weights themselves.
        """
        stored = [self._graph.initializers[name] for name in names if name in self._graph.initializers]
        return stored + [tensor(name, value) for name, value in self._graph.constants(names).items()]

    def _margins(self) -> dict[str, Margin]:
        kernels = {weight.name: weight.dims for weight in self._tensors}
        return margins(self._path, self._source, self._target, kernels)

    def _crop(self, name: str, new_name: str, bounds: Sequence[tuple[str, str]]) -> Node:
        """Returns a node that crops the value `name` to its left and right bounds.

        Right bounds are counted from the end of the axis.
        """
        left, right = bounds[self._crops.index(name)]
        return make_node("Slice", [name, left, right, "cut_axis"], [new_name])


def _build_encoder(graph: Graph, noise: _Noise, from_encoder: Sequence[str], durations: str | None) -> bytes:
    """Returns the graph up to the prior as a serialized model. Its outputs are the mean, the deviation, the values in
    `from_encoder` and, if `durations` is not `None`, the durations.

    The duration noise, if there is any, becomes an input, which the caller can generate from a seed.
    """
    outputs = list(dict.fromkeys([noise.mean, *from_encoder, *([] if durations is None else [durations])]))
    stop = [] if noise.duration is None else [noise.duration]
    needed = graph.before([*outputs, *noise.factors], stop=stop)
    if noise.prior in needed:
        raise GraphNotCut("its flow or vocoder draws additional noise")
    renamed = dict.fromkeys(stop, DURATION_NOISE)
    nodes = [
        node.renamed(renamed)
        for node in graph.nodes
        if node.op_type not in RANDOM_OPS and not needed.isdisjoint(node.outputs)
    ]
    inputs = list(graph.model.inputs)
    if stop:
        inputs.append(typed(DURATION_NOISE, FLOAT, 3))
    return graph.build(
        nodes + _deviation(noise.factors),
        [value for name, value in graph.initializers.items() if name in needed],
        inputs=inputs,
        outputs=[untyped(name) for name in [*outputs, _DEVIATION]],
    )


def _deviation(factors: Sequence[str]) -> list[Node]:
    """Returns nodes that compute _DEVIATION, the product of all factors of the prior's noise."""
    product, *others = factors
    nodes = []
    for index, factor in enumerate(others):
        name = f"{_DEVIATION}_{index}"
        nodes.append(make_node("Mul", [product, factor], [name]))
        product = name
    return [*nodes, make_node("Identity", [product], [_DEVIATION])]


def _frame_masks(encoder: bytes, mean: str, from_encoder: Sequence[str]) -> set[str]:
    """Returns the names of the values in `from_encoder` that are frame masks, which contain a 1 for each frame.

    Encodes two sentences of different lengths to find them. Raises GraphNotCut if a value depends on the number of
    frames but is not a mask, or if a value does not consist of 32-bit floats.
    """
    if not from_encoder:
        return set()
    session = onnxruntime.InferenceSession(encoder, quiet_options(), providers=["CPUExecutionProvider"])
    names = [mean, *dict.fromkeys(from_encoder)]
    runs = [dict(zip(names, session.run(names, _probe(session, count)), strict=True)) for count in _PROBE_IDS]
    frames = [run[mean].shape[-1] for run in runs]
    masks = set()
    for name in names[1:]:
        values = [run[name] for run in runs]
        if any(value.dtype != np.float32 for value in values):
            raise GraphNotCut(f"{name} does not consist of floats")
        if values[0].shape == values[1].shape and frames[0] not in values[0].shape:
            continue
        if any(value.size != count or not (value == 1).all() for value, count in zip(values, frames, strict=True)):
            raise GraphNotCut(f"{name} differs from frame to frame")
        masks.add(name)
    return masks


def _probe(session: onnxruntime.InferenceSession, count: int) -> dict[str, NDArray[np.generic]]:
    """Returns encoder inputs for a sentence of `count` ids, without noise."""
    inputs: dict[str, NDArray[np.generic]] = {
        "input": np.zeros((1, count), dtype=np.int64),
        "input_lengths": np.array([count], dtype=np.int64),
        "scales": np.array([0, 1, 0], dtype=np.float32),
        "sid": np.zeros(1, dtype=np.int64),
        DURATION_NOISE: np.zeros((1, 2, count), dtype=np.float32),
    }
    return {node.name: inputs[node.name] for node in session.get_inputs()}
