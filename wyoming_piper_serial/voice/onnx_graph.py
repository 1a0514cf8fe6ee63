"""Questions about an ONNX graph, and pieces taken out of it."""

from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from wyoming_piper_serial.exceptions import VoiceError

# Their values differ from run to run, so nothing that depends on them is a constant.
RANDOM_OPS = frozenset({"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli"})


class GraphNotCut(VoiceError):
    """The graph is not built as Piper's are; `reason` is for the log."""

    code = "voice-not-cut"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This voice cannot be cut into parts: {reason}.")
        self.reason = reason


class Graph:
    """A model's nodes in running order, and who makes and who takes each value."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.model = model
        self.nodes = list(model.graph.node)
        self.inputs = [value.name for value in model.graph.input]
        self.outputs = [value.name for value in model.graph.output]
        self.initializers = {tensor.name: tensor for tensor in model.graph.initializer}
        self.maker: dict[str, onnx.NodeProto] = {}
        self.takers: dict[str, list[onnx.NodeProto]] = {}
        for node in self.nodes:
            if any(attribute.HasField("g") for attribute in node.attribute):
                raise GraphNotCut(f"{node.op_type} holds a graph of its own")
            self.maker.update({name: node for name in node.output if name})
            for name in dict.fromkeys(filter(None, node.input)):
                self.takers.setdefault(name, []).append(node)

    def of(self, op_types: Iterable[str]) -> list[onnx.NodeProto]:
        """Nodes of these kinds, in running order."""
        wanted = frozenset(op_types)
        return [node for node in self.nodes if node.op_type in wanted]

    def after(self, sources: Iterable[str]) -> set[str]:
        """Every value that depends on `sources`, themselves included."""
        found = set(sources)
        for node in self.nodes:
            if not found.isdisjoint(node.input):
                found.update(filter(None, node.output))
        return found

    def before(self, targets: Iterable[str], stop: Iterable[str] = ()) -> set[str]:
        """Every value that `targets` depend on, themselves included; not past `stop`."""
        closed = set(stop)
        found = set(targets)
        for node in reversed(self.nodes):
            if any(name in found and name not in closed for name in node.output):
                found.update(filter(None, node.input))
        return found

    @cached_property
    def varying(self) -> set[str]:
        """Values that are not the same in every run."""
        random = [name for node in self.of(RANDOM_OPS) for name in node.output]
        return self.after([*self.inputs, *random])

    def constants(self, names: Iterable[str]) -> dict[str, NDArray[np.generic]]:
        """The values of `names`, none of which may be varying."""
        wanted = [name for name in dict.fromkeys(names) if name not in self.initializers]
        found = {}
        computed = []
        for name in wanted:
            node = self.maker[name]
            if node.op_type == "Constant" and node.attribute[0].name == "value":
                found[name] = numpy_helper.to_array(node.attribute[0].t)
            else:
                computed.append(name)
        if computed:
            found.update(self._compute(computed))
        return found

    def _compute(self, names: Sequence[str]) -> dict[str, NDArray[np.generic]]:
        values = self.before(names)
        nodes = [node for node in self.nodes if not values.isdisjoint(node.output)]
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
        return model.SerializeToString()


def untyped(name: str) -> onnx.ValueInfoProto:
    """An output whose type is left for onnxruntime to infer."""
    return onnx.ValueInfoProto(name=name)


def typed(name: str, element: int, rank: int | None) -> onnx.ValueInfoProto:
    """An input of `rank` axes of any length; any rank where that is None."""
    return helper.make_tensor_value_info(name, element, None if rank is None else [None] * rank)


def tensor(name: str, value: NDArray[np.generic]) -> onnx.TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(value), name)


def attributes(node: onnx.NodeProto) -> dict[str, object]:
    """A node's attributes as Python values."""
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def quiet_options() -> onnxruntime.SessionOptions:
    """For a session that is used once: no optimizing, no threads, no warnings."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    return options
