"""Questions about an ONNX graph, and pieces taken out of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from wyoming_piper_serial.model.graph.parts import GraphNotCut, quiet_options

# Their values differ from run to run, so nothing that depends on them is a constant.
RANDOM_OPS = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli"})


# What the graphs inside them take from outside is not among their inputs.
_NESTING_OPS = frozenset({"If", "Loop", "Scan", "SequenceMap"})


@dataclass(frozen=True, eq=False)
class Node:
    """A node read once: each look into a protobuf message copies."""

    proto: onnx.NodeProto
    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @cached_property
    def attributes(self) -> dict[str, Any]:
        return {attribute.name: helper.get_attribute_value(attribute) for attribute in self.proto.attribute}

    def renamed(self, names: Mapping[str, str]) -> onnx.NodeProto:
        """A copy whose inputs are called by their new names."""
        copy = onnx.NodeProto()
        copy.CopyFrom(self.proto)
        # The newer exporter notes where in the source each node comes from: more than the nodes themselves.
        copy.ClearField("doc_string")
        copy.ClearField("metadata_props")
        if not names.keys().isdisjoint(self.inputs):
            copy.input[:] = [names.get(name, name) for name in self.proto.input]
        return copy


class Graph:
    """A model's nodes in running order, and who makes and who takes each value."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = [
            Node(proto, proto.op_type, tuple(filter(None, proto.input)), tuple(filter(None, proto.output)))
            for proto in model.graph.node
        ]
        self.inputs = [value.name for value in model.graph.input]
        self.outputs = [value.name for value in model.graph.output]
        self.initializers = {tensor.name: tensor for tensor in model.graph.initializer}
        self.maker: dict[str, Node] = {}
        self.takers: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.op_type in _NESTING_OPS:
                raise GraphNotCut(f"{node.op_type} holds a graph of its own")
            self.maker.update(dict.fromkeys(node.outputs, node))
            for name in dict.fromkeys(node.inputs):
                self.takers.setdefault(name, []).append(node)

    def of(self, op_types: Iterable[str]) -> list[Node]:
        """Nodes of these kinds, in running order."""
        wanted = frozenset(op_types)
        return [node for node in self.nodes if node.op_type in wanted]

    def after(self, sources: Iterable[str]) -> set[str]:
        """Every value that depends on `sources`, themselves included."""
        found = set(sources)
        for node in self.nodes:
            if not found.isdisjoint(node.inputs):
                found.update(node.outputs)
        return found

    def before(self, targets: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
        """Every value that `targets` depend on, themselves included; not past `stop`."""
        closed = set(stop)
        found = set(targets)
        wanted = found - closed
        for node in reversed(self.nodes):
            if not wanted.isdisjoint(node.outputs):
                found.update(node.inputs)
                wanted.update(name for name in node.inputs if name not in closed)
        return found

    @cached_property
    def varying(self) -> set[str]:
        """Values that are not the same in every run."""
        random = [name for node in self.of(RANDOM_OPS) for name in node.outputs]
        return self.after([*self.inputs, *random])

    def constants(self, names: Iterable[str]) -> dict[str, NDArray[np.generic]]:
        """The values of `names`, none of which may be varying."""
        wanted = [name for name in dict.fromkeys(names) if name not in self.initializers]
        found = {}
        computed = []
        for name in wanted:
            node = self.maker[name]
            if node.op_type == "Constant" and "value" in node.attributes:
                found[name] = numpy_helper.to_array(node.attributes["value"])
            else:
                computed.append(name)
        if computed:
            found.update(self._compute(computed))
        return found

    def _compute(self, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        values = self.before(names)
        nodes = [node.proto for node in self.nodes if not values.isdisjoint(node.outputs)]
        tensors = [tensor for name, tensor in self.initializers.items() if name in values]
        piece = self.build(nodes, tensors, inputs=[], outputs=[untyped(name) for name in names])
        session = onnxruntime.InferenceSession(piece, quiet_options(), providers=["CPUExecutionProvider"])
        return dict(zip(names, session.run(list(names), {}), strict=True))

    def build(
        self,
        nodes: Sequence[onnx.NodeProto],
        tensors: Sequence[onnx.TensorProto],
        *,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
    ) -> bytes:
        """A model of its own, serialized. The original's metadata stay behind: some files repeat a key."""
        graph = onnx.GraphProto(name="part")
        graph.node.extend(nodes)
        graph.initializer.extend(tensors)
        graph.input.extend(inputs)
        graph.output.extend(outputs)
        model = onnx.ModelProto(ir_version=self.model.ir_version, graph=graph)
        model.opset_import.extend(self.model.opset_import)
        model.functions.extend(self.model.functions)
        return bytes(model.SerializeToString())


def untyped(name: str) -> onnx.ValueInfoProto:
    """An output whose type is left for onnxruntime to infer."""
    return onnx.ValueInfoProto(name=name)


def typed(name: str, element: int, rank: int | None) -> onnx.ValueInfoProto:
    """An input of `rank` axes of any length; any rank where that is None."""
    return helper.make_tensor_value_info(name, element, None if rank is None else [None] * rank)


def tensor(name: str, value: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)
