"""Wyoming framing: bytes are converted to events and events to bytes."""

import contextlib
import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event as WyomingEvent
from wyoming.event import read_event, write_event

from tests.fakes import in_pieces
from wyoming_piper_serial.exceptions import BadEvent, HttpRequest
from wyoming_piper_serial.settings import Limits
from wyoming_piper_serial.wyoming.wire import Event, EventReader, encode

_LIMITS = Limits(max_header=300, max_data=300, max_payload=1000)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_EVENTS = st.lists(
    st.tuples(st.text(max_size=12), st.dictionaries(st.text(max_size=6), _JSON, max_size=3), st.binary(max_size=40)),
    max_size=5,
)


def read(*chunks: bytes, limits: Limits = _LIMITS) -> list[Event | str]:
    """Read a stream that consists of `chunks`. Return all events, followed by the message of the BadEvent if one is
    raised."""
    reader = EventReader(limits)
    events: list[Event | str] = []
    try:
        for chunk in chunks:
            reader.feed(chunk)
            while (event := reader.next_event()) is not None:
                events.append(event)
        reader.feed_eof()
        while (event := reader.next_event()) is not None:
            events.append(event)
    except BadEvent as error:
        events.append(str(error))
    return events


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(_EVENTS)
def test_wyoming_library_reads_encoded_events(events: list[tuple[str, dict[str, Any], bytes]]) -> None:
    """The wyoming library can read an event written by `encode`. The type, data and payload are unchanged."""
    stream = io.BytesIO(b"".join(encode(*event) for event in events))
    for event_type, data, payload in events:
        event = read_event(stream)
        assert event is not None
        assert (event.type, event.data, event.payload or b"") == (event_type, data, payload)
    assert read_event(stream) is None


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(_EVENTS)
def test_events_of_the_wyoming_library_are_read(events: list[tuple[str, dict[str, Any], bytes]]) -> None:
    """`EventReader` can read an event written by the wyoming library. The type and data are unchanged, and the payload
    is dropped."""
    stream = io.BytesIO()
    for event_type, data, payload in events:
        write_event(WyomingEvent(event_type, data, payload), stream)
    assert read(stream.getvalue(), limits=Limits()) == [Event(event_type, data) for event_type, data, _ in events]


_HEADERS = st.builds(
    lambda fields: json.dumps(fields).encode() + b"\n",
    st.fixed_dictionaries(
        {"type": st.text(max_size=3) | _JSON},
        optional={
            "data": _JSON,
            "data_length": st.sampled_from([0, 2, 5, 300, 301, -1, 1.5, True, None, "2", [], 10**30]),
            "payload_length": st.sampled_from([0, 3, 1000, 1001, -1, 2.0, False, None, "2", {}, 10**30]),
        },
    ),
)
_PARTS = (
    st.sampled_from(
        [
            *(b"\n", b"\r\n", b" ", b"\x0b", b"{", b"}", b'"', b"{}", b"garbage\n", b'{"type":"a","data":{"x":1}}\n'),
            *(b"GET / HTTP/1.1\r\n", b"PUT /x HTTP/1.0", b"\x16\x03\x01\x02", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf"),
            *(b"[" * 299, b"x" * 299, b" " * 400, b'{"a":' * 40 + b"1" + b"}" * 40),
        ]
    )
    | _HEADERS
    | st.builds(encode, st.just("b"), st.just({"t": "y"}), st.binary(max_size=9))
    | st.binary(max_size=9)
)


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(st.lists(_PARTS, max_size=12), st.lists(st.integers(0, 20), max_size=12))
def test_any_split_of_the_bytes_gives_the_same_events(parts: list[bytes], sizes: list[int]) -> None:
    """The events and the error that are read do not depend on how the bytes are split."""
    data = b"".join(parts)
    whole = read(data)
    assert read(*in_pieces(data, sizes)) == whole
    assert read(*(data[at : at + 1] for at in range(len(data)))) == whole


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(st.lists(_PARTS, max_size=12), st.lists(st.integers(0, 400), max_size=12))
def test_buffer_never_exceeds_the_limits(parts: list[bytes], sizes: list[int]) -> None:
    """When all complete events have been read, the reader buffers at most one header line and one data block."""
    reader = EventReader(_LIMITS)
    with contextlib.suppress(BadEvent):
        for chunk in in_pieces(b"".join(parts), sizes):
            reader.feed(chunk)
            while reader.next_event() is not None:
                pass
            assert reader.held <= _LIMITS.max_header + _LIMITS.max_data
            assert (reader.held > 0) <= (reader.unfinished is not None)


@pytest.mark.unmeasured  # excluded from coverage, because faster tests cover the same lines
@given(_EVENTS, st.lists(st.integers(0, 60), max_size=8))
def test_unfinished_event_is_known_by_its_number(
    events: list[tuple[str, dict[str, Any], bytes]], sizes: list[int]
) -> None:
    """`unfinished` is the zero-based number of the incomplete event. Between events, it is `None`."""
    written = [encode(*event) for event in events]
    ends = [sum(map(len, written[:count])) for count in range(len(written) + 1)]
    reader = EventReader(Limits())
    position = 0
    for chunk in in_pieces(b"".join(written), sizes):
        reader.feed(chunk)
        while reader.next_event() is not None:
            pass
        position += len(chunk)
        assert reader.unfinished == (None if position in ends else sum(end <= position for end in ends) - 1)


def test_blank_line_does_not_begin_an_event() -> None:
    """A blank line does not begin an event, so a connection with only blank lines is idle."""
    reader = EventReader(_LIMITS)
    reader.feed(b"\r\n \n\n  ")
    assert reader.next_event() is None
    assert reader.unfinished is None


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_last_line_may_lack_its_newline(end: bytes) -> None:
    """The last line of the input need not end with a newline, because `printf` and some scripts omit the newline."""
    assert read(b'{"type": "describe"}' + end) == [Event("describe")]


def test_blank_lines_are_skipped() -> None:
    """Blank lines between events are ignored, so `echo | nc` does not get an error."""
    assert read(b"\n\r\n  \n" + encode("ping") + b"\n") == [Event("ping")]


def test_data_block_is_merged_over_inline_data() -> None:
    """Values in a data block override values with the same keys in the inline data, as in the wyoming library."""
    line = b'{"type": "t", "data": {"a": 1, "b": 1}, "data_length": 8}\n{"b": 2}'
    assert read(line) == [Event("t", {"a": 1, "b": 2})]


def test_payload_is_skipped_and_not_buffered() -> None:
    """A payload is dropped as it arrives, and the next event is read."""
    reader = EventReader(Limits(max_payload=1 << 40))
    reader.feed(b'{"type": "audio-chunk", "payload_length": 1000000}\n')
    assert reader.next_event() == Event("audio-chunk")
    for _ in range(1000):
        reader.feed(bytes(1000))
        assert reader.next_event() is None
        assert len(reader._buffer) == 0
    reader.feed(encode("ping"))
    assert reader.next_event() == Event("ping")


def test_incomplete_event_at_the_end_of_the_stream_is_dropped() -> None:
    """An incomplete event at the end of the stream is dropped without an error."""
    whole = encode("synthesize", {"text": "hello"})
    assert read(whole[:-1]) == []


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"hello\n", "not JSON"),
        (b"GET / HTTP/1.1\r\n", "not JSON"),  # only the first line of a connection can be an HTTP request
        (b"\x16\x03\x01\x02\x00\x01", "binary data"),
        (b"\x00", "binary data"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (b"[" * 250 + b"\n", "nested more than 32 deep"),
        (b"[1]\n", "must be a JSON object"),
        (b'{"data": {}}\n', "type of an event is missing"),
        (b'{"type": 7}\n', "type of an event is missing"),
        (b'{"type": "t", "data": [1]}\n', "must be a JSON object"),
        (b'{"type": "t", "data_length": -1}\n', "data_length must be a whole number"),
        (b'{"type": "t", "data_length": 1.5}\n', "data_length must be a whole number"),
        (b'{"type": "t", "data_length": true}\n', "data_length must be a whole number"),
        (b'{"type": "t", "data_length": "9"}\n', "data_length must be a whole number"),
        (b'{"type": "t", "data_length": 301}\n', "more than 300 bytes"),
        (b'{"type": "t", "payload_length": 1001}\n', "more than 1000 bytes"),
        (b'{"type": "t", "data_length": 3}\n[1]', "data block must be a JSON object"),
        (b'{"type": "t", "data_length": 3}\n{{{', "data block is not JSON"),
        (b"x" * 301, "longer than 300 bytes"),
        (b"x" * 301 + b"\n", "longer than 300 bytes"),
    ],
)
def test_bad_bytes_are_refused_in_plain_words(bad: bytes, says: str) -> None:
    """A malformed event raises BadEvent, with a different message for each kind of fault. The events before the
    malformed one are still read."""
    good, error = read(encode("ping"), bad)
    assert good == Event("ping")
    assert isinstance(error, str)
    assert says in error


@pytest.mark.parametrize(("depth", "fits"), [(32, True), (33, False), (999, False), (9_000, False), (20_000, False)])
@pytest.mark.parametrize("block", [False, True], ids=["header", "data block"])
def test_depth_of_json_is_limited(depth: int, fits: bool, block: bool) -> None:
    """Deeply nested JSON is refused. The limit of Python's own parser would depend on the machine."""
    data = b'{"a":' * depth + b"1" + b"}" * depth
    if block:
        sent = b'{"type": "t", "data_length": %d}\n%s' % (len(data), data)
    else:
        sent = b'{"type": "t", "data": %s}\n' % data[5:-1]
    (event,) = read(sent, limits=Limits(max_header=1 << 20))
    assert isinstance(event, Event) == fits
    assert fits or any(words in str(event) for words in ("nested more than 32 deep", "more than 10000 brackets"))


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("before", [b"", b"\r\n"])
def test_http_request_is_recognized_by_its_first_line(method: str, before: bytes) -> None:
    """If the first line is an HTTP request line, HttpRequest is raised with the method, even if an empty line precedes
    the request line (RFC 9112)."""
    reader = EventReader(_LIMITS)
    reader.feed(before + method.encode() + b" /some/page?x=1 HTTP/1.1\r\nHost: here\r\n\r\n")
    with pytest.raises(HttpRequest) as caught:
        reader.next_event()
    assert caught.value.method == method


def test_lone_surrogates_are_replaced() -> None:
    """A lone surrogate, which JSON can contain, is encoded as `?`, because an event must be valid UTF-8."""
    data = encode("pong", {"text": "\ud800"})
    header, block = data.split(b"\n", 1)
    assert json.loads(header)["data_length"] == len(block)
    assert json.loads(block) == {"text": "?"}


def test_held_counts_the_bytes_of_the_incomplete_event() -> None:
    """`held` is the number of received bytes of an incomplete event, without its payload. It is 0 when the event is
    complete, and after `close`."""
    event = encode("synthesize", {"text": "Hello."}, b"payload" * 100)
    reader = EventReader(Limits())
    expected = len(event) - 700
    for count, byte in enumerate(event, 1):
        reader.feed(bytes([byte]))
        assert reader.held == (count if count < expected else expected if count == expected else 0)
        assert (reader.next_event() is not None) == (count == expected)
    reader.feed(event[: expected - 1])
    assert reader.next_event() is None
    reader.close()
    assert reader.held == 0


def _memory_of(reader: EventReader, header: bytes) -> tuple[int, int]:
    """Feed a header whose data has not arrived. Return the bytes of memory kept afterwards and used at most."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        reader.feed(header)
        assert reader.next_event() is None
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before, peak - before


def test_values_of_a_header_are_not_kept() -> None:
    """While a data block is incomplete, only the bytes of its header are kept in memory, not the parsed values."""
    values = b"[" + b",".join([b'"\xe4\xb8\xad"'] * 9000) + b"]"
    header = b'{"type": "x", "data": {"a": ' + values + b'}, "data_length": 2}\n'
    # Threads of other tests may allocate memory meanwhile, so the smallest result of three measurements counts.
    readers = [EventReader(Limits()) for _ in range(3)]
    kept, peak = zip(*(_memory_of(reader, header) for reader in readers), strict=True)
    assert min(kept) < 2 * len(header) < 5 * len(header) < min(peak)
    reader = readers[0]
    reader.feed(b"{}")
    event = reader.next_event()
    assert event is not None
    assert event.data == {"a": ["中"] * 9000}


@pytest.mark.parametrize("header", [b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"])
def test_unexpected_proxy_header_is_named(header: bytes) -> None:
    """An unexpected PROXY protocol header causes an error that names the missing option."""
    reader = EventReader(Limits())
    reader.feed(header)
    with pytest.raises(BadEvent, match="PROXY protocol header, but no --proxy-from network"):
        reader.next_event()
