"""Computes the margins of a convolutional graph from its kernels, dilations and strides."""

from collections.abc import Mapping, Sequence
from typing import Any

from wyoming_piper_serial.model.graph.onnx_file import Node
from wyoming_piper_serial.model.graph.parts import GraphNotCut
from wyoming_piper_serial.model.graph.windows import Margin


def margins(nodes: Sequence[Node], source: str, target: str, kernels: Mapping[str, Sequence[int]]) -> dict[str, Margin]:
    """Returns the margins of all values between `source` and `target` by name.

    `nodes` contains the nodes between these two values in execution order. `kernels` maps the name of each weight to
    its shape: (out, in, kernel) for a Conv, (in, out, kernel) for a ConvTranspose. Raises GraphNotCut if a Conv changes
    the number of samples, if a ConvTranspose does not multiply it by the stride, or if one of them is not a
    one-dimensional convolution with explicit padding.
    """
    rates = _rates(nodes, source, kernels)
    needs = {target: (0, 0)}
    for node in reversed(nodes):
        needs_of_outputs = [needs[name] for name in node.outputs if name in needs]
        if not needs_of_outputs:
            continue
        left, right = map(max, zip(*needs_of_outputs, strict=True))
        if node.op_type in {"Conv", "ConvTranspose"}:
            left, right = _Convolution(node, kernels).needs(left, right)
        for name in node.inputs:
            if name in rates:
                before = needs.get(name, (0, 0))
                needs[name] = (max(left, before[0]), max(right, before[1]))
    return {name: Margin(rates[name], left, right) for name, (left, right) in needs.items()}


def _rates(nodes: Sequence[Node], source: str, kernels: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Returns the samples per frame of each value that depends on `source`, which has one sample per frame."""
    rates = {source: 1}
    for node in nodes:
        rate = max(rates[name] for name in node.inputs if name in rates)
        if node.op_type == "ConvTranspose":
            rate *= _Convolution(node, kernels).stride
        rates.update(dict.fromkeys(node.outputs, rate))
    return rates


class _Convolution:
    """The kernel, padding and stride of one Conv or ConvTranspose.

    The constructor raises GraphNotCut for the reasons that are listed in `margins`.
    """

    def __init__(self, node: Node, kernels: Mapping[str, Sequence[int]]) -> None:
        shape = kernels.get(node.inputs[1])
        if shape is None or len(shape) != 3:
            raise GraphNotCut(f"the weight {node.inputs[1]} is not that of a 1-D convolution")
        attributes = node.attributes
        if attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
            raise GraphNotCut(f"{node.name} has automatic padding")
        self._transposed = node.op_type == "ConvTranspose"
        self._span = (int(shape[2]) - 1) * _first(attributes, "dilations", 1)
        self.stride = _first(attributes, "strides", 1)
        pads = attributes.get("pads") or (0, 0)
        self._before, after = int(pads[0]), int(pads[1])
        if self._transposed:
            # The output has (n - 1) * stride + span + 1 + output_padding - pads samples, and must have n * stride.
            grown = self._span + 1 + _first(attributes, "output_padding", 0) - self._before - after
            keeps_length = grown == self.stride
        else:
            keeps_length = self.stride == 1 and self._span == self._before + after
        if not keeps_length:
            raise GraphNotCut(f"{node.name} does not preserve the length")

    def needs(self, left: int, right: int) -> tuple[int, int]:
        """Returns the numbers of additional input samples that are needed on the left and on the right.

        `left` and `right` are the numbers of additional output samples on each side. In a Conv, output i depends on the
        inputs i - before to i - before + span. In a ConvTranspose, output j depends on the inputs i with i * stride -
        before <= j <= i * stride - before + span.
        """
        if not self._transposed:
            return left + self._before, right + self._span - self._before
        return (
            max(0, (left - self._before + self._span) // self.stride),
            max(0, (right + self._before - 1) // self.stride + 1),
        )


def _first(attributes: Mapping[str, Any], name: str, default: int) -> int:
    """Returns the first entry of a list attribute, or `default` if it is missing. A 1-D convolution has one axis."""
    value = attributes.get(name) or default
    return int(value if isinstance(value, int) else value[0])
