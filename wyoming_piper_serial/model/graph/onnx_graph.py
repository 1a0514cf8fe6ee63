"""Analyzes an ONNX graph and builds smaller graphs from its nodes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from wyoming_piper_serial.model.device import quiet_options, trim_heap
from wyoming_piper_serial.model.graph.parts import GraphNotCut

# The outputs of these operators vary from run to run, so values that depend on them are not constant.
RANDOM_OPS = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli"})

# These operators contain inner graphs. If an inner graph uses values of the outer graph, these are not inputs of the
# node.
_NESTING_OPS = frozenset({"If", "Loop", "Scan", "SequenceMap"})


@dataclass(frozen=True, eq=False)
class Node:
    """A node and its fields. The fields are read only once, because each access to a field of a protobuf message makes
    a copy.
    """

    proto: onnx.NodeProto
    op_type: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @cached_property
    def attributes(self) -> dict[str, Any]:
        return {attribute.name: helper.get_attribute_value(attribute) for attribute in self.proto.attribute}

    def renamed(self, names: Mapping[str, str]) -> onnx.NodeProto:
        """Returns a copy of the node with renamed inputs. `names` maps old names to new names."""
        copy = onnx.NodeProto()
        copy.CopyFrom(self.proto)
        # PyTorch's newer exporter stores the source code of each node here, which is larger than the node itself.
        copy.ClearField("doc_string")
        copy.ClearField("metadata_props")
        if not names.keys().isdisjoint(self.inputs):
            copy.input[:] = [names.get(name, name) for name in self.proto.input]
        return copy


class Graph:
    """The nodes of a model in execution order, with the producer and the consumers of each value.

    Values are identified by their names. The constructor raises GraphNotCut if a node contains an inner graph.
    """

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = [
            Node(proto, proto.op_type, tuple(filter(None, proto.input)), tuple(filter(None, proto.output)))
            for proto in model.graph.node
        ]
        self.inputs = [value.name for value in model.graph.input]
        self.outputs = [value.name for value in model.graph.output]
        self.initializers = {tensor.name: tensor for tensor in model.graph.initializer}
        self.producer: dict[str, Node] = {}
        self.consumers: dict[str, list[Node]] = {}
        for node in self.nodes:
            if node.op_type in _NESTING_OPS:
                raise GraphNotCut(f"{node.op_type} contains an inner graph")
            self.producer.update(dict.fromkeys(node.outputs, node))
            for name in dict.fromkeys(node.inputs):
                self.consumers.setdefault(name, []).append(node)

    def of(self, op_types: Iterable[str]) -> list[Node]:
        """Returns the nodes whose type is in `op_types`, in execution order."""
        allowed = frozenset(op_types)
        return [node for node in self.nodes if node.op_type in allowed]

    def after(self, sources: Iterable[str]) -> set[str]:
        """Returns `sources` and every value that depends on them."""
        dependent = set(sources)
        for node in self.nodes:
            if not dependent.isdisjoint(node.inputs):
                dependent.update(node.outputs)
        return dependent

    def before(self, targets: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
        """Returns `targets` and every value that they depend on.

        Values in `stop` are included, but their own dependencies are not.
        """
        closed = set(stop)
        needed = set(targets)
        followed = needed - closed
        for node in reversed(self.nodes):
            if not followed.isdisjoint(node.outputs):
                needed.update(node.inputs)
                followed.update(name for name in node.inputs if name not in closed)
        return needed

    def between(self, source: str, target: str) -> list[Node]:
        """Returns the nodes on the paths from the value `source` to the value `target`, in execution order."""
        downstream, upstream = self.after([source]), self.before([target], stop=[source])
        return [
            node
            for node in self.nodes
            if source not in node.outputs
            and not downstream.isdisjoint(node.inputs)
            and any(name in upstream and name in downstream for name in node.outputs)
        ]

    def bottlenecks(self, path: Sequence[Node], source: str) -> list[str]:
        """Returns, in order, the values that every path from `source` along the nodes of `path` passes through."""
        position = {node: index for index, node in enumerate(path)}
        produced_at = {source: -1} | {name: index for index, node in enumerate(path) for name in node.outputs}
        last_use = {
            name: max((position[node] for node in self.consumers.get(name, ()) if node in position), default=0)
            for name in produced_at
        }
        bottlenecks = []
        open_until = -1  # index of the last node that uses any of the values produced so far
        for name, index in produced_at.items():
            outputs = len(path[index].outputs) if index >= 0 else 1
            if open_until <= index and last_use[name] > index and outputs == 1:
                bottlenecks.append(name)
            open_until = max(open_until, last_use[name])
        return bottlenecks

    @cached_property
    def varying(self) -> set[str]:
        """Names of the values that can vary from run to run."""
        random = [name for node in self.of(RANDOM_OPS) for name in node.outputs]
        return self.after([*self.inputs, *random])

    def constants(self, names: Iterable[str]) -> dict[str, NDArray[np.generic]]:
        """Returns the values with these names as arrays. Omits initializers. No name may be in `varying`."""
        values = {}
        to_compute = []
        for name in dict.fromkeys(names):
            if name in self.initializers:
                continue
            node = self.producer[name]
            if node.op_type == "Constant" and "value" in node.attributes:
                values[name] = numpy_helper.to_array(node.attributes["value"])
            else:
                to_compute.append(name)
        if to_compute:
            values.update(self._compute(to_compute))
        return values

    def _compute(self, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        needed = self.before(names)
        nodes = [node.proto for node in self.nodes if not needed.isdisjoint(node.outputs)]
        tensors = [tensor for name, tensor in self.initializers.items() if name in needed]
        model = self.build(nodes, tensors, inputs=[], outputs=[untyped(name) for name in names])
        session = onnxruntime.InferenceSession(model, quiet_options(), providers=["CPUExecutionProvider"])
        return dict(zip(names, session.run(list(names), {}), strict=True))

    def build(
        self,
        nodes: Sequence[onnx.NodeProto],
        tensors: Sequence[onnx.TensorProto],
        *,
        inputs: Sequence[onnx.ValueInfoProto],
        outputs: Sequence[onnx.ValueInfoProto],
    ) -> bytes:
        """Returns a serialized model of `nodes` with the opset versions and functions of the original model.

        Omits metadata, because some files contain a metadata key twice, which onnx's checker rejects.
        """
        graph = onnx.GraphProto(name="part")
        graph.node.extend(nodes)
        graph.initializer.extend(tensors)
        graph.input.extend(inputs)
        graph.output.extend(outputs)
        model = onnx.ModelProto(ir_version=self.model.ir_version, graph=graph)
        model.opset_import.extend(self.model.opset_import)
        model.functions.extend(self.model.functions)
        serialized = bytes(model.SerializeToString())
        del graph, model
        trim_heap()  # returns the memory of several copies of the weights, which protobuf has freed
        return serialized


def untyped(name: str) -> onnx.ValueInfoProto:
    """Returns the declaration of an output whose type is inferred by onnxruntime."""
    return onnx.ValueInfoProto(name=name)


def typed(name: str, element: int, rank: int | None) -> onnx.ValueInfoProto:
    """Returns the declaration of an input with `rank` axes of any length; `None` means any number of axes.

    `element` is a TensorProto.DataType.
    """
    return helper.make_tensor_value_info(name, element, None if rank is None else [None] * rank)


def tensor(name: str, value: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)
