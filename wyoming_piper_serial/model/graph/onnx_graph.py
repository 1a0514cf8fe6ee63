"""Analyzes an ONNX graph and builds smaller graphs from its nodes."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from wyoming_piper_serial.model.device import quiet_options
from wyoming_piper_serial.model.graph.onnx_file import Model, Node, Tensor, Value, serialize, untyped
from wyoming_piper_serial.model.graph.parts import GraphNotCut

# The outputs of these operators vary from run to run, so values that depend on them are not constant.
RANDOM_OPS = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli"})

# These operators contain inner graphs. If an inner graph uses values of the outer graph, these are not inputs of the
# node.
_NESTING_OPS = frozenset({"If", "Loop", "Scan", "SequenceMap"})


class Graph:
    """The nodes of a model in execution order, with the producer and the consumers of each value.

    Values are identified by their names. The constructor raises GraphNotCut if a node contains an inner graph
    (see `_NESTING_OPS`).
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.nodes = model.nodes
        self.inputs = [value.name for value in model.inputs]
        self.outputs = [value.name for value in model.outputs]
        self.initializers = model.initializers
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

        Values in `stop` that are needed are included, but their own dependencies are not.
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
        to_compute = [name for name in dict.fromkeys(names) if name not in self.initializers]
        return self._compute(to_compute) if to_compute else {}

    def _compute(self, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        needed = self.before(names)
        nodes = [node for node in self.nodes if not needed.isdisjoint(node.outputs)]
        tensors = [tensor for name, tensor in self.initializers.items() if name in needed]
        model = self.build(nodes, tensors, inputs=[], outputs=[untyped(name) for name in names])
        session = onnxruntime.InferenceSession(model, quiet_options(), providers=["CPUExecutionProvider"])
        return dict(zip(names, session.run(list(names), {}), strict=True))

    def build(
        self, nodes: Sequence[Node], tensors: Sequence[Tensor], *, inputs: Sequence[Value], outputs: Sequence[Value]
    ) -> bytes:
        """Returns a serialized model of `nodes` with the opset versions and functions of the original model."""
        return serialize(self.model, nodes, tensors, inputs=inputs, outputs=outputs)
