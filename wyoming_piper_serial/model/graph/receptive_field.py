"""How far a convolutional graph sees, from its own kernels, dilations and strides."""

from collections.abc import Mapping, Sequence
from typing import Any

from wyoming_piper_serial.model.graph.onnx_graph import Node
from wyoming_piper_serial.model.graph.parts import GraphNotCut
from wyoming_piper_serial.model.graph.windows import Margin


def margins(nodes: Sequence[Node], source: str, target: str, kernels: Mapping[str, Sequence[int]]) -> dict[str, Margin]:
    """The margin at each value on the way from `source` to `target`.

    `nodes` are those on the way, in running order; `kernels` holds the shape of each convolution's weight
    (out, in, kernel). Raises GraphNotCut where a convolution changes the length other than by a stride.
    """
    rates = {source: 1}
    for node in nodes:
        rate = max(rates[name] for name in node.inputs if name in rates)
        if node.op_type == "ConvTranspose":
            rate *= _Convolution(node, kernels).stride
        rates.update(dict.fromkeys(node.outputs, rate))
    needs = {target: (0, 0)}
    for node in reversed(nodes):
        wanted = [needs[name] for name in node.outputs if name in needs]
        if not wanted:
            continue
        left, right = max(need[0] for need in wanted), max(need[1] for need in wanted)
        if node.op_type in {"Conv", "ConvTranspose"}:
            left, right = _Convolution(node, kernels).needs(left, right)
        for name in node.inputs:
            if name in rates:
                other = needs.get(name, (0, 0))
                needs[name] = (max(left, other[0]), max(right, other[1]))
    return {name: Margin(rates[name], left, right) for name, (left, right) in needs.items()}


class _Convolution:
    """The lengths of one Conv or ConvTranspose along the frames."""

    def __init__(self, node: Node, kernels: Mapping[str, Sequence[int]]) -> None:
        shape = kernels.get(node.inputs[1])
        if shape is None or len(shape) != 3:
            raise GraphNotCut(f"the weight {node.inputs[1]} is not that of a 1-D convolution")
        found = node.attributes
        if found.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise GraphNotCut(f"{node.proto.name} pads by itself")
        self._transposed = node.op_type == "ConvTranspose"
        self._span = (int(shape[2]) - 1) * self._first(found, "dilations", 1)
        self.stride = self._first(found, "strides", 1)
        pads = found.get("pads") or (0, 0)
        self._before, after = int(pads[0]), int(pads[1])
        if self._transposed:
            # Output length is (n - 1) * stride + span + 1 + extra - pads: n * stride is wanted.
            grown = self._span + 1 + self._first(found, "output_padding", 0) - self._before - after
            kept = grown == self.stride
        else:
            kept = self.stride == 1 and self._span == self._before + after
        if not kept:
            raise GraphNotCut(f"{node.proto.name} does not keep the length")

    @staticmethod
    def _first(found: Mapping[str, Any], name: str, default: int) -> int:
        value = found.get(name) or default
        return int(value if isinstance(value, int) else value[0])

    def needs(self, left: int, right: int) -> tuple[int, int]:
        """Input samples needed beyond each end, for `left` and `right` output samples beyond it.

        Conv: output i takes inputs i - before to i - before + span. ConvTranspose: output j takes the
        inputs i with i * stride - before <= j <= i * stride - before + span.
        """
        if not self._transposed:
            return left + self._before, right + self._span - self._before
        return (
            max(0, (left - self._before + self._span) // self.stride),
            max(0, (right + self._before - 1) // self.stride + 1),
        )
