"""Limits for the number of parts in the head of a request, in a chunked body and in a WebSocket message."""

import random
import struct
from collections.abc import Iterator

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.http.bounds import (
    MAX_CHUNK_LINE,
    MAX_FIELDS,
    MAX_FRAGMENTS,
    MAX_INVALID_ESCAPES,
    MAX_LINE,
    MAX_MEMBERS,
    BlankLine,
    ChunkBounds,
    FieldBounds,
    FrameBounds,
    RequestLine,
)

_REQUEST_LINE = b"GET /?text=a,b HTTP/1.1\r\n"


def pieces(data: bytes, seed: int) -> Iterator[bytes]:
    """Split `data` into pieces of random lengths."""
    chance = random.Random(seed)
    while data:
        size = chance.choice([1, 2, 3, 7, 100, 5000])
        yield data[:size]
        data = data[size:]


def fault_of(bounds: FieldBounds | ChunkBounds | FrameBounds, data: bytes, seed: int = 0) -> str | None:
    """Pass `data` in random pieces to `bounds`, and return the first fault."""
    return next((fault for piece in pieces(data, seed) if (fault := bounds.fault(piece))), None)


def head_fault(fields: bytes, seed: int = 0) -> str | None:
    return fault_of(FieldBounds(request_line=True), _REQUEST_LINE + fields + b"\r\n", seed)


@pytest.mark.parametrize("seed", range(5))
def test_request_line_becomes_ascii_however_it_is_split(seed: int) -> None:
    """In the request line, non-ASCII bytes are percent-encoded. The header fields are not changed."""
    line = RequestLine()
    head = "GET /?text=Grüße%20an HTTP/1.1\r\nName: Jürgen\r\n\r\n".encode()
    expected = b"GET /?text=Gr%C3%BC%C3%9Fe%20an HTTP/1.1\r\n" + head.partition(b"\n")[2]
    assert b"".join(map(line.encoded, pieces(head, seed))) == expected


@pytest.mark.parametrize("before", [b"", b"a: b", b"a: b\r", b"a: b\r\n", b"a: b\n", b"a: b\r\n\r"])
@pytest.mark.parametrize("end", [b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n"])
def test_blank_line_is_found_however_it_is_split(before: bytes, end: bytes) -> None:
    """The end of a head is found at the same byte, regardless of how the bytes are split."""
    whole = before + end + b"body\n\n"
    expected = BlankLine().end(whole)
    assert expected is not None
    for split in range(len(whole)):
        finder = BlankLine()
        first = finder.end(whole[:split])
        assert (first if first is not None else split + (finder.end(whole[split:]) or 0)) == expected


@pytest.mark.parametrize("seed", range(5))
def test_usual_head_has_no_fault(seed: int) -> None:
    """A head within the limits is accepted, even if the request line is long and contains many commas."""
    fields = b"".join(b"Name-%d: a value, with \xe9\t; q=1\r\n" % number for number in range(MAX_FIELDS))
    assert head_fault(fields, seed) is None
    assert head_fault(b"a: " + b"x" * (MAX_LINE - 6) + b"\r\n", seed) is None
    target = b"GET /?text=" + b"a," * 30_000 + b" HTTP/1.1\r\na: b\r\n\r\n"
    assert fault_of(FieldBounds(request_line=True), target, seed) is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        (b"a:b\r\n" * (MAX_FIELDS + 1), "header fields"),
        (b"a:b\n" * 12_000, "header fields"),
        (b"a: b\r\n" + b" c\r\n" * MAX_FIELDS, "header fields"),
        (b"a: " + b"x" * MAX_LINE + b"\r\n", f"more than {MAX_LINE} bytes"),
        (b"a: " + b"," * (MAX_MEMBERS + 1) + b"\r\n", "commas"),
        ((b"a: " + b"," * 100 + b"\r\n") * 11, "commas"),
        (b"a: \0\r\n", "control"),
        (b"a: b\rc\r\n", "control"),
        (b"a: b\r\r\n", "control"),
        (b"a: \x7f\r\n", "control"),
    ],
)
def test_head_of_many_parts_is_a_fault(fields: bytes, fault: str, seed: int) -> None:
    """A head is rejected if it has too many fields, lines or commas, a field that is too long, or control
    characters."""
    found = head_fault(fields, seed)
    assert found is not None
    assert fault in found


@pytest.mark.parametrize("seed", range(5))
def test_invalid_escapes_of_a_target_are_counted(seed: int) -> None:
    """A target may contain any number of valid escapes, regardless of how they are split, but only a few invalid
    ones."""
    valid = b"%41%c3%A9" * 1000
    for escape in (b"%", b"%4", b"%zz", b"%%41", b"%g1"):
        for count, fault in (
            (MAX_INVALID_ESCAPES, None),
            (MAX_INVALID_ESCAPES + 1, f"more than {MAX_INVALID_ESCAPES} invalid escapes in its target"),
        ):
            head = b"GET /" + valid + b"?a=" + (escape + b"..") * count + b" HTTP/1.1\r\n\r\n"
            assert fault_of(FieldBounds(request_line=True), head, seed) == fault


@pytest.mark.parametrize("seed", range(20))
def test_chunks_are_followed_like_the_parser_does(seed: int) -> None:
    """A random chunked body that the parser accepts is also accepted by `ChunkBounds`. Bytes after its trailer are not
    checked."""
    chance = random.Random(seed)
    body = b""
    for _ in range(chance.randrange(20)):
        content = chance.randbytes(chance.choice([1, 2, 17, 400]))
        extension = chance.choice([b"", b";a=b", b"; \t x", b" "])
        body += b"%x%s\r\n%s\r\n" % (len(content), extension, content)
    body += b"0\r\n" + b"trailer: \xe9\r\n" * chance.randrange(3) + b"\r\n"
    parser = h11.Connection(h11.SERVER)
    parser.receive_data(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    events = [type(parser.next_event())]
    while events[-1] not in {h11.EndOfMessage, type(h11.NEED_DATA)}:
        events.append(type(parser.next_event()))
    assert events[-1] is h11.EndOfMessage
    bounds = ChunkBounds()
    assert fault_of(bounds, body, seed) is None
    assert fault_of(bounds, b"\0\r\n" * 1000, seed) is None  # bytes after the request are not parsed


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"5;" + b" " * MAX_CHUNK_LINE, "chunk's line"),
        (b"5" + b" " * MAX_CHUNK_LINE + b"\r\n", "chunk's line"),
        (b"5;" + b" " * 60_000 + b"\nx\r\n", "chunk's line"),
        (b"5\n" * 200, "chunk's line"),
        (b"x\r\n", "without a size"),
        (b"\r\n", "without a size"),
        (b"5\r\nHello\r\n;\r\n", "without a size"),
        (b"0\r\n" + b"a:b\r\n" * (MAX_FIELDS + 1) + b"\r\n", "header fields"),
        (b"5\r\nHello\r\n0\r\n" + b"a: " + b"," * 5000, "commas"),
    ],
)
def test_chunked_body_of_many_parts_is_a_fault(body: bytes, fault: str, seed: int) -> None:
    """A chunked body is rejected if it has a chunk line that is too long, a chunk without a size, or too many
    trailers."""
    found = fault_of(ChunkBounds(), body, seed)
    assert found is not None
    assert fault in found


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, masked: bool = True) -> bytes:
    """Return a WebSocket frame. If it is masked, the mask is 0, so the payload is unchanged."""
    size = len(payload)
    short = size if size < 126 else 126 if size < 1 << 16 else 127
    head = bytes([opcode | (0x80 if final else 0), short | (0x80 if masked else 0)])
    head += {126: struct.pack("!H", size & 0xFFFF), 127: struct.pack("!Q", size)}.get(short, b"")
    return head + (bytes(4) if masked else b"") + payload


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_messages_are_counted(size: int, seed: int) -> None:
    """A message is incomplete from its first byte to its last. Control frames within a message do not affect it."""
    bounds = FrameBounds()
    begin, end = frame(1, b"x" * size, final=False), frame(0, b"x" * size)
    unfinished = [bounds.unfinished]
    for _ in range(2):
        assert bounds.fault(begin[:1]) is None
        unfinished.append(bounds.unfinished)
        assert fault_of(bounds, begin[1:] + frame(9, b"ping") + frame(10, masked=False) + end[:-1], seed) is None
        unfinished.append(bounds.unfinished)
        assert bounds.fault(end[-1:]) is None
        unfinished.append(bounds.unfinished)
    assert unfinished == [None, 0, 0, None, 1, 1, None]
    assert fault_of(bounds, frame(9) * 5000 + frame(2, b"x") * 5000, seed) is None


@given(
    st.lists(st.tuples(st.sampled_from([0, 8, 9, 10]), st.integers(0, 200), st.booleans()), max_size=20),
    st.integers(1, 50),
)
def test_bytes_of_the_incomplete_message_are_counted(frames: list[tuple[int, int, bool]], size: int) -> None:
    """`held` is the number of bytes of the incomplete message and of the frame that is arriving. Between two messages,
    the last frame counts, because the WebSocket library keeps it."""
    bounds, message, last = FrameBounds(), 0, 0
    for opcode, length, final in frames:
        data = frame(opcode, b"x" * min(length, 125 if opcode else length), final=final or bool(opcode))
        for at in range(0, len(data) - 1, size):
            assert bounds.fault(data[at : min(at + size, len(data) - 1)]) is None
        assert bounds.held == (message or last) + len(data) - 1
        assert bounds.fault(data[-1:]) is None
        last = len(data)
        if not opcode:
            message = 0 if final else message + len(data)
        assert bounds.held == (message or last)


@pytest.mark.parametrize("payload", [b"", b"x"])
def test_message_of_many_frames_is_a_fault(payload: bytes) -> None:
    """A message with up to `MAX_FRAGMENTS` frames is accepted. One more frame is rejected, even if all frames are
    empty."""
    bounds = FrameBounds()
    assert bounds.fault(frame(1, final=False) + frame(0, payload, final=False) * (MAX_FRAGMENTS - 1)) is None
    assert bounds.fault(frame(9)) is None
    assert bounds.fault(frame(0, payload, final=False)) == f"a message of more than {MAX_FRAGMENTS} frames"
