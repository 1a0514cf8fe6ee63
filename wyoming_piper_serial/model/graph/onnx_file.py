"""Reads and writes ONNX models, as far as cutting a voice needs it.

ONNX files are protocol buffers. The package `onnx` is not used, because it takes up 30 MB on disk and copies the
weights several times, for which small containers do not have enough memory. Here, messages are views of the bytes of
the file. Everything that cutting does not change, such as weights and attributes, is copied without being decoded.

The numbers of the fields come from onnx.proto, see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Piece = bytes | memoryview
"""A part of a serialized message. A message is a sequence of pieces, which are joined only once."""

FLOAT, INT64 = 1, 7
"""Element types (TensorProto.DataType)."""

_ELEMENTS = {
    "float32": FLOAT,
    "uint8": 2,
    "int8": 3,
    "uint16": 4,
    "int16": 5,
    "int32": 6,
    "int64": INT64,
    "bool": 9,
    "float16": 10,
    "float64": 11,
}
_INT, _STRING, _INTS = 2, 3, 7  # types of attributes (AttributeProto.AttributeType)
_NODE_DOCUMENTATION = {6, 9}  # the fields doc_string and metadata_props of NodeProto
_EXTERNAL = {13, 14}  # the fields external_data and data_location of TensorProto

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types
_FIXED = {_FIXED64: 8, _FIXED32: 4}
_MAX_SHIFT = 63  # a varint has at most ten bytes of 7 bits


class Field(NamedTuple):
    """A field of a message."""

    number: int
    value: "int | memoryview"
    raw: memoryview
    """The serialized field with its number."""

    @property
    def content(self) -> memoryview:
        """The content of a string, of a message or of packed numbers. Raises ValueError for a number."""
        if isinstance(self.value, int):
            raise ValueError(f"field {self.number} is a number")  # noqa: TRY004 -- the file is wrong, not the call
        return self.value

    @property
    def text(self) -> str:
        """Raises ValueError for anything but UTF-8."""
        return str(self.content, "utf-8")

    @property
    def integers(self) -> list[int]:
        """The numbers of a repeated field, which are stored one by one or packed. Raises ValueError."""
        if isinstance(self.value, int):
            return [_signed(self.value)]
        found, at = [], 0
        while at < len(self.value):
            number, at = _varint(self.value, at)
            found.append(_signed(number))
        return found

    @property
    def integer(self) -> int:
        """Raises ValueError for anything but a number."""
        if not isinstance(self.value, int):
            raise ValueError(f"field {self.number} is not a number")  # noqa: TRY004 -- as in `content`
        return _signed(self.value)


def fields(message: memoryview) -> Iterator[Field]:
    """Yields the fields of a message. Raises ValueError if it is damaged."""
    at = 0
    while at < len(message):
        begin = at
        tag, at = _varint(message, at)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, at = _varint(message, at)
            yield Field(number, value, message[begin:at])
            continue
        if kind == _BYTES:
            size, at = _varint(message, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"wire type {kind}")
        if size > len(message) - at:
            raise ValueError("the file is truncated")
        at += size
        yield Field(number, message[at - size : at], message[begin:at])


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Returns the number at `at` and the position after it."""
    number = shift = 0
    while at < len(message) and shift <= _MAX_SHIFT:
        byte = message[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7
    raise ValueError("the file is truncated")


def _signed(number: int) -> int:
    """Returns the int64 that a varint stands for."""
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


@dataclass(frozen=True)
class Tensor:
    """A tensor. `pieces` are the fields of the message, with the values unless they are in another file."""

    name: str
    dims: tuple[int, ...]
    pieces: tuple[Piece, ...]
    external: Mapping[str, str]
    """The place of the values in another file (`location`, `offset`, `length`), or empty if `pieces` contain them."""

    def with_values(self, values: memoryview) -> "Tensor":
        """Returns the tensor with these values instead of a reference to another file."""
        kept = [field.raw for piece in self.pieces for field in fields(memoryview(piece))]
        kept = [raw for raw in kept if next(fields(raw)).number not in _EXTERNAL]
        return Tensor(self.name, self.dims, (*kept, *_field(9, values)), {})


def _read_tensor(message: memoryview) -> Tensor:
    name, dims, external, elsewhere = "", list[int](), dict[str, str](), False
    for field in fields(message):
        if field.number == 1:
            dims += field.integers
        elif field.number == 8:
            name = field.text
        elif field.number == 13:
            entry = {part.number: part.text for part in fields(field.content)}
            external[entry.get(1, "")] = entry.get(2, "")
        elif field.number == 14:
            elsewhere = field.integer == 1
    return Tensor(name, tuple(dims), (message,), external if elsewhere else {})


def tensor(name: str, value: NDArray[np.generic]) -> Tensor:
    """Returns `value` as a tensor. Raises ValueError if its element type is not in `_ELEMENTS`."""
    kind = _ELEMENTS.get(value.dtype.name)
    if kind is None:
        raise ValueError(f"{name} consists of {value.dtype}")
    little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
    pieces = [piece for size in value.shape for piece in _number(1, size)]
    pieces += [*_number(2, kind), *_string(8, name), *_field(9, little.tobytes())]
    return Tensor(name, value.shape, tuple(pieces), {})


@dataclass(frozen=True)
class Value:
    """The declaration of an input or an output of a graph."""

    name: str
    pieces: tuple[Piece, ...]


def untyped(name: str) -> Value:
    """Returns the declaration of an output whose type is inferred by onnxruntime."""
    return Value(name, tuple(_string(1, name)))


def typed(name: str, element: int, rank: int | None) -> Value:
    """Returns the declaration of an input with `rank` axes of any length; `None` means any number of axes.

    `element` is FLOAT or INT64.
    """
    shape = [] if rank is None else _message(2, [piece for _ in range(rank) for piece in _message(1, [])])
    return Value(name, (*_string(1, name), *_message(2, _message(1, [*_number(1, element), *shape]))))


@dataclass(frozen=True, eq=False)
class Node:
    """A node. `pieces` are the fields of the message."""

    name: str
    op_type: str
    inputs: tuple[str, ...]
    """Names of values. An optional input that is missing has an empty name in the file and is left out here."""

    outputs: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @cached_property
    def attributes(self) -> dict[str, Any]:
        """The attributes that are integers (int), lists of integers (list) or strings (bytes). `None` stands for the
        value of any other attribute."""
        found = (field for piece in self.pieces for field in fields(memoryview(piece)) if field.number == 5)
        return dict(_read_attribute(field.content) for field in found)

    def renamed(self, names: Mapping[str, str]) -> "Node":
        """Returns the node with renamed inputs. `names` maps old names to new names.

        The source code of the node, which PyTorch's newer exporter stores and which is larger than the node itself, is
        left out.
        """
        pieces: list[Piece] = []
        for field in (field for piece in self.pieces for field in fields(memoryview(piece))):
            if field.number == 1:
                pieces += _string(1, names.get(field.text, field.text))
            elif field.number not in _NODE_DOCUMENTATION:
                pieces.append(field.raw)
        inputs = tuple(names.get(name, name) for name in self.inputs)
        return Node(self.name, self.op_type, inputs, self.outputs, tuple(pieces))


def _read_node(message: memoryview) -> Node:
    name, op_type, inputs, outputs = "", "", list[str](), list[str]()
    for field in fields(message):
        if field.number == 1:
            inputs.append(field.text)
        elif field.number == 2:
            outputs.append(field.text)
        elif field.number == 3:
            name = field.text
        elif field.number == 4:
            op_type = field.text
    return Node(name, op_type, tuple(filter(None, inputs)), tuple(filter(None, outputs)), (message,))


def _read_attribute(message: memoryview) -> tuple[str, Any]:
    name, kind, single, text, several = "", 0, 0, b"", list[int]()
    for field in fields(message):
        if field.number == 1:
            name = field.text
        elif field.number == 3:
            single = field.integer
        elif field.number == 4:
            text = bytes(field.content)
        elif field.number == 8:
            several += field.integers
        elif field.number == 20:
            kind = field.integer
    return name, {_INT: single, _STRING: text, _INTS: several}.get(kind)


def make_node(op_type: str, inputs: Sequence[str], outputs: Sequence[str]) -> Node:
    """Returns a node without attributes."""
    pieces = [piece for name in inputs for piece in _string(1, name)]
    pieces += [piece for name in outputs for piece in _string(2, name)]
    return Node("", op_type, tuple(inputs), tuple(outputs), (*pieces, *_string(4, op_type)))


@dataclass
class Model:
    """A model. Metadata and documentation are left out."""

    ir_version: int
    opset: int
    """Version of the standard operators, 0 if there is none."""

    kept: tuple[Piece, ...]
    """The fields with the versions of all operators, and with the functions of the model."""

    nodes: list[Node]
    """The nodes in execution order."""

    initializers: dict[str, Tensor]
    inputs: list[Value]
    outputs: list[Value]


def parse(content: Piece) -> Model:
    """Parses a model. The model refers to `content`, which must not be changed. Raises ValueError."""
    model = Model(0, 0, (), [], {}, [], [])
    opsets, functions, graphs = list[Piece](), list[Piece](), 0
    for field in fields(memoryview(content)):
        if field.number == 1:
            model.ir_version = field.integer
        elif field.number == 7:
            graphs += 1
            _read_graph(field.content, model)
        elif field.number == 8:
            entry = {part.number: part for part in fields(field.content)}
            if (1 not in entry or entry[1].text in {"", "ai.onnx"}) and 2 in entry:
                model.opset = max(model.opset, entry[2].integer)
            opsets.append(field.raw)
        elif field.number == 25:
            functions.append(field.raw)
    if graphs != 1:
        raise ValueError(f"it contains {graphs} graphs")
    model.kept = (*opsets, *functions)
    return model


def _read_graph(message: memoryview, model: Model) -> None:
    for field in fields(message):
        if field.number == 1:
            model.nodes.append(_read_node(field.content))
        elif field.number == 5:
            read = _read_tensor(field.content)
            model.initializers[read.name] = read
        elif field.number in {11, 12}:
            name = next((part.text for part in fields(field.content) if part.number == 1), "")
            (model.inputs if field.number == 11 else model.outputs).append(Value(name, (field.content,)))


def serialize(
    model: Model,
    nodes: Iterable[Node],
    tensors: Iterable[Tensor],
    *,
    inputs: Iterable[Value],
    outputs: Iterable[Value],
) -> bytes:
    """Returns a serialized model with the versions and the functions of `model` and with this graph."""
    pieces = [
        *_messages(1, nodes),
        *_string(2, "part"),
        *_messages(5, tensors),
        *_messages(11, inputs),
        *_messages(12, outputs),
    ]
    return b"".join([*_number(1, model.ir_version), *_message(7, pieces), *model.kept])


def _messages(number: int, messages: Iterable[Node | Tensor | Value]) -> list[Piece]:
    return [piece for message in messages for piece in _message(number, message.pieces)]


def _number(number: int, value: int) -> list[Piece]:
    return [_encoded(number << 3 | _VARINT) + _encoded(value & ((1 << 64) - 1))]


def _string(number: int, text: str) -> list[Piece]:
    return _field(number, text.encode())


def _field(number: int, content: Piece) -> list[Piece]:
    return _message(number, [content])


def _message(number: int, pieces: Sequence[Piece]) -> list[Piece]:
    size = sum(map(len, pieces))
    return [_encoded(number << 3 | _BYTES) + _encoded(size), *pieces]


def _encoded(number: int) -> bytes:
    """Returns the varint of a number that is not negative."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
