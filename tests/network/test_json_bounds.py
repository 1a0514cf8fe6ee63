"""`json_fault` limits the size and nesting of JSON from clients."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.network.json_bounds import MAX_DEPTH, MAX_TOKENS, json_fault

_VALUES = st.recursive(
    st.none() | st.text() | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(_VALUES)
def test_small_json_has_no_fault(value: object) -> None:
    """`json_fault` accepts JSON with few values, regardless of the contents of its strings."""
    assert json_fault(json.dumps(value, ensure_ascii=False).encode()) is None


@pytest.mark.parametrize(
    "text", ["," * 50_000, '"' * 50_000, "[{" * 50_000, "\\" * 50_000, '\\"[,' * 50_000, "]}:" * 9]
)
def test_text_is_not_counted(text: str) -> None:
    """Brackets, commas, colons, quotes and backslashes within a string are not counted."""
    assert json_fault(json.dumps({"type": "text", "text": text}).encode()) is None
    assert json_fault(json.dumps([text, {text: [text]}]).encode()) is None


@pytest.mark.parametrize(
    "raw",
    [
        b"[" + b"1," * 20_000 + b"1]",
        b"{" + b'"a":1,' * 20_000 + b'"a":1}',
        b"[" + b'"",' * 20_000 + b'""]',
        b"[" + b'"\\\\",' * 20_000 + b'""]',
        b'{"a": [' + b"[]," * 20_000 + b"1]}",
        b"," * 20_000,
    ],
)
def test_many_parts_are_a_fault(raw: bytes) -> None:
    """`json_fault` rejects JSON with too many numbers, keys, strings, lists or commas."""
    assert json_fault(raw) == f"has more than {MAX_TOKENS} brackets, commas and colons"


def test_number_of_parts_is_exact() -> None:
    """`json_fault` limits the number of brackets, commas and colons outside strings."""
    fits = b"[" + b"1," * (MAX_TOKENS - 2) + b"1]"
    assert json_fault(fits) is None
    assert json_fault(fits + b",") is not None


@pytest.mark.parametrize("begin", [b"[", b'{"a":', b'{"]]":[', b'["\\"",'])
def test_depth_is_a_fault(begin: bytes) -> None:
    """`json_fault` rejects lists and objects that are nested too deeply. Only open brackets count towards the depth."""
    levels = begin.count(b"[") + begin.count(b"{")
    fits = MAX_DEPTH // levels
    assert json_fault(begin * fits) is None
    assert json_fault(begin * (fits + 1)) == f"is nested more than {MAX_DEPTH} deep"
    assert json_fault(b"[" + b"[]," * 1000 + b"1]") is None


@pytest.mark.parametrize("raw", [b"", b"x", b'"', b'"\\', b'"' * 100_000, b"\\" * 100_000, b"]" * 1000])
def test_malformed_json_is_left_to_the_parser(raw: bytes) -> None:
    """`json_fault` rejects malformed JSON only if it contains too many brackets, commas and colons. The check does not
    take quadratic time."""
    assert json_fault(raw) in {None, f"has more than {MAX_TOKENS} brackets, commas and colons"}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_other_encodings_are_a_fault(encoding: str) -> None:
    """`json_fault` rejects JSON that is not encoded in UTF-8. Python's parser accepts other encodings, in which the
    check would miss brackets and commas."""
    hidden = '["\\"", ' + "1," * 20_000 + "1]"
    assert json_fault(hidden.encode(encoding)) == "is not JSON in UTF-8"
    assert json_fault("{}".encode(encoding)) == "is not JSON in UTF-8"
    assert json_fault('{"a": "\ufeff\u0100"}'.encode("utf-8-sig")) is None
