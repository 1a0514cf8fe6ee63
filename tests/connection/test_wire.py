"""Wyoming framing: bytes in, events out."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wyoming.event import Event as WyomingEvent
from wyoming.event import read_event, write_event

from tests.fakes import in_pieces
from wyoming_piper_serial.connection.wire import Event, EventReader, encode
from wyoming_piper_serial.exceptions import BadEvent
from wyoming_piper_serial.settings import Limits

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


def read(*pieces: bytes, limits: Limits = _LIMITS) -> list[Event | str]:
    """All events of a byte stream that then ends; the last may be the text of a BadEvent."""
    reader = EventReader(limits)
    events: list[Event | str] = []
    try:
        for piece in pieces:
            reader.feed(piece)
            while (event := reader.next_event()) is not None:
                events.append(event)
        reader.feed_eof()
        while (event := reader.next_event()) is not None:
            events.append(event)
    except BadEvent as error:
        events.append(str(error))
    return events


@given(_EVENTS)
def test_wyoming_library_reads_what_we_write(events: list[tuple[str, dict[str, Any], bytes]]) -> None:
    """Every event survives the way out."""
    stream = io.BytesIO(b"".join(encode(*event) for event in events))
    for event_type, data, payload in events:
        event = read_event(stream)
        assert event is not None
        assert (event.type, event.data, event.payload or b"") == (event_type, data, payload)
    assert read_event(stream) is None


@given(_EVENTS)
def test_we_read_what_the_wyoming_library_writes(events: list[tuple[str, dict[str, Any], bytes]]) -> None:
    """Every event survives the way in; payloads are skipped."""
    stream = io.BytesIO()
    for event_type, data, payload in events:
        write_event(WyomingEvent(event_type, data, payload), stream)
    assert read(stream.getvalue(), limits=Limits()) == [Event(event_type, data) for event_type, data, _ in events]


@given(
    st.lists(
        st.sampled_from([b"\n", b'{"type":"a","data":{"x":1}}\n', b"{", b"}", b'"', b"garbage\n", b"\r\n"])
        | st.builds(encode, st.just("b"), st.just({"t": "y"}), st.binary(max_size=9))
        | st.binary(max_size=9),
        max_size=12,
    ),
    st.lists(st.integers(0, 20), max_size=12),
)
def test_any_split_of_the_bytes_gives_the_same_events(parts: list[bytes], sizes: list[int]) -> None:
    """Where the network cuts the stream changes nothing, not even an error."""
    data = b"".join(parts)
    assert read(*in_pieces(data, sizes)) == read(data)


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_last_line_may_lack_its_newline(end: bytes) -> None:
    """`printf` and some scripts end without a newline."""
    assert read(b'{"type": "describe"}' + end) == [Event("describe")]


def test_blank_lines_are_skipped() -> None:
    """`echo | nc` is not an error."""
    assert read(b"\n\r\n  \n" + encode("ping") + b"\n") == [Event("ping")]


def test_data_block_is_merged_over_inline_data() -> None:
    """As in the wyoming library, the block wins."""
    line = b'{"type": "t", "data": {"a": 1, "b": 1}, "data_length": 8}\n{"b": 2}'
    assert read(line) == [Event("t", {"a": 1, "b": 2})]


def test_payload_is_skipped_and_not_held() -> None:
    """A payload is dropped as it comes in; the next event is read."""
    reader = EventReader(Limits(max_payload=1 << 40))
    reader.feed(b'{"type": "audio-chunk", "payload_length": 1000000}\n')
    assert reader.next_event() == Event("audio-chunk")
    for _ in range(1000):
        reader.feed(bytes(1000))
        assert reader.next_event() is None
        assert len(reader._buffer) == 0
    reader.feed(encode("ping"))
    assert reader.next_event() == Event("ping")


def test_stream_cut_within_an_event_has_no_such_event() -> None:
    """Half an event at the end of input is no event."""
    whole = encode("synthesize", {"text": "hello"})
    assert read(whole[:-1]) == []


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (b"hello\n", "not JSON"),
        (b"GET / HTTP/1.1\r\n", "not JSON"),
        (b"\xff\xfe\x00\n", "not JSON"),
        (b"[" * 250 + b"\n", "not JSON"),
        (b"[1]\n", "must be a JSON object"),
        (b'{"data": {}}\n', "needs a type"),
        (b'{"type": 7}\n', "needs a type"),
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
    """Each violation has one clear message, and events before it count."""
    good, error = read(encode("ping"), bad)
    assert good == Event("ping")
    assert isinstance(error, str)
    assert says in error


def test_deeply_nested_json_is_refused() -> None:
    """Python's JSON parser recurses; a client must not reach its limit."""
    deep = b'{"type": "t", "data": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + b"}\n"
    (error,) = read(deep, limits=Limits(max_header=1 << 20))
    assert isinstance(error, str)


def test_lone_surrogates_never_break_an_answer() -> None:
    """JSON may name half a character; what we send is valid UTF-8."""
    data = encode("pong", {"text": "\ud800"})
    header, block = data.split(b"\n", 1)
    assert json.loads(header)["data_length"] == len(block)
    assert json.loads(block) == {"text": "?"}
