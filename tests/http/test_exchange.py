"""An exchange tracks the progress of a request and its response. The tests compare exchanges with h11."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.http.exchange import Exchange, RequestState, body_length

_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nHello"
_CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
_NO_BODY: list[tuple[bytes, bytes]] = []
_FIVE_BYTES = [(b"content-length", b"5")]
_CHUNKS = [(b"transfer-encoding", b"chunked")]


def request_of(exchange: Exchange) -> RequestState:
    return exchange.request


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        (_NO_BODY, 0),
        ([(b"host", b"localhost")], 0),
        (_FIVE_BYTES, 5),
        (_CHUNKS, None),
        (_FIVE_BYTES + _CHUNKS, None),
        (_CHUNKS + _FIVE_BYTES, None),
    ],
)
def test_length_of_the_body_is_taken_from_the_headers(headers: list[tuple[bytes, bytes]], length: int | None) -> None:
    """Transfer-Encoding takes precedence over Content-Length, as in h11."""
    assert body_length(headers) == length


def test_request_without_a_body_is_complete_with_its_head() -> None:
    """A request without a body is complete when its head is complete. After its response, another request can
    follow."""
    exchange = Exchange()
    assert repr(exchange) == "<Exchange request idle, response not started>"
    exchange.received(_GET)
    assert request_of(exchange) is RequestState.HEAD
    exchange.called(_NO_BODY)
    assert request_of(exchange) is RequestState.DONE
    exchange.start_response()
    assert repr(exchange) == "<Exchange request done, response started>"
    exchange.complete_response()
    assert exchange.complete
    assert repr(exchange) == "<Exchange request done, response complete>"


def test_body_that_arrives_after_the_call_is_counted() -> None:
    """Bytes of the body that arrive after the application has been called are counted, even if they arrive in
    pieces."""
    exchange = Exchange()
    exchange.received(_POST[:-4])
    exchange.called(_FIVE_BYTES)
    exchange.received(_POST[-4:-1])
    assert request_of(exchange) is RequestState.BODY
    exchange.received(_POST[-1:])
    assert request_of(exchange) is RequestState.DONE
    assert not exchange.last


@pytest.mark.parametrize(
    ("before", "headers", "after"),
    [
        (_GET + b"G", _NO_BODY, b""),
        (_GET, _NO_BODY, b"G"),
        (_POST + b"G", _FIVE_BYTES, b""),
        (_POST, _FIVE_BYTES, b"G"),
        (_POST[:-1], _FIVE_BYTES, b"oG"),
    ],
)
def test_byte_after_the_request_makes_it_the_last(
    before: bytes, headers: list[tuple[bytes, bytes]], after: bytes
) -> None:
    """If any byte follows a request, the request is the last one on its connection, regardless of when the byte
    arrives."""
    exchange = Exchange()
    exchange.received(before)
    exchange.called(headers)
    if after:
        assert not exchange.last
        exchange.received(after)
    assert request_of(exchange) is RequestState.DONE
    assert exchange.last


def test_chunked_request_is_the_last() -> None:
    """A chunked request is the last one on its connection, because its end is known only after the body has been
    read."""
    exchange = Exchange()
    exchange.received(_CHUNKED)
    exchange.called(_CHUNKS)
    assert request_of(exchange) is RequestState.BODY
    assert exchange.last
    exchange.body_read()
    assert request_of(exchange) is RequestState.DONE


def test_request_that_is_answered_before_its_body_has_arrived_is_the_last() -> None:
    """If a request is answered before its body has arrived, the request is the last one on its connection, because the
    rest of the body is not read."""
    exchange = Exchange()
    exchange.received(_POST[:-1])
    exchange.called(_FIVE_BYTES)
    exchange.start_response()
    assert exchange.last
    exchange.complete_response()
    assert not exchange.complete
    assert repr(exchange) == "<Exchange request body, response complete, last>"


def test_bytes_of_the_head_are_counted_separately_from_the_body() -> None:
    """`received` returns the number of bytes that belong to the head. `head_complete` is true when the head has
    ended."""
    exchange = Exchange()
    head = len(_POST) - 5
    assert exchange.received(_POST[:10]) == 10
    complete = [exchange.head_complete]
    assert exchange.received(_POST[10:]) == head - 10
    complete.append(exchange.head_complete)
    assert exchange.received(b"more") == 0
    exchange.called(_FIVE_BYTES)
    complete.append(exchange.head_complete)
    assert complete == [False, True, False]
    assert exchange.received(b"more") == 0


def test_parts_beyond_a_bound_are_a_fault() -> None:
    """If a head has too many fields, or a chunked body has too many trailers, `fault` contains the reason."""
    exchange = Exchange()
    exchange.received(b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 1000)
    assert exchange.fault == "more than 100 header fields"
    exchange = Exchange()
    exchange.received(_CHUNKED)
    exchange.called(_CHUNKS)
    exchange.parsing(b"5\r\nHello\r\n0\r\n" + b"a:b\r\n" * 1000)
    assert exchange.fault == "more than 100 header fields"
    exchange = Exchange()
    exchange.received(_POST)
    exchange.called(_FIVE_BYTES)
    exchange.parsing(b"\0\r\n" * 1000)
    assert exchange.fault is None


@st.composite
def _requests(draw: st.DrawFn) -> bytes:
    """Return a request whose head contains byte sequences that look like the end of the head."""
    body = draw(st.binary(max_size=20))
    newline = draw(st.sampled_from([b"\r\n", b"\n"]))
    lines = [b"POST /?%0a%0d HTTP/1.1", b"Host: localhost"]
    if draw(st.booleans()):
        lines.append(b"X: a" + newline + b" folded")
    if body or draw(st.booleans()):
        lines.append(b"Content-Length: %d" % len(body))
    return newline.join(lines) + newline + draw(st.sampled_from([b"\r\n", b"\n"])) + body


@pytest.mark.unmeasured  # coverage is not measured, because faster tests cover the same lines
@given(_requests(), st.binary(max_size=5), st.lists(st.integers(1, 30), max_size=20))
def test_an_exchange_agrees_with_h11(request: bytes, ahead: bytes, sizes: list[int]) -> None:
    """An exchange and h11 find the end of a request at the same byte, regardless of how the bytes are split. `size`
    counts the bytes of the request and any further bytes that arrive in the same piece as its end."""
    connection, exchange = h11.Connection(h11.SERVER), Exchange()
    data = request + ahead
    for size in [*sizes, len(data)]:
        piece, data = data[:size], data[size:]
        if not piece:
            break
        begun = not exchange.size or exchange.arriving
        size_before = exchange.size
        exchange.received(piece)
        assert exchange.size == size_before + (len(piece) if begun else 0)
        connection.receive_data(piece)
        while not isinstance(event := connection.next_event(), type):
            if isinstance(event, h11.Request):
                exchange.called(list(event.headers))
        assert exchange.arriving == (connection.their_state is not h11.DONE)
        assert exchange.last == (connection.their_state is h11.DONE and bool(connection.trailing_data[0]))
    assert request_of(exchange) is RequestState.DONE
    assert exchange.last == bool(ahead)


@pytest.mark.parametrize("header", [b"PROXY TCP4 1.2.3.4 1.2.3.4 1 1\r\n", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"])
def test_unexpected_proxy_header_is_a_fault(header: bytes) -> None:
    """A request after a PROXY protocol header has a fault that names the missing option. A later request has no such
    fault."""
    exchange = Exchange()
    exchange.received(header + b"GET / HTTP/1.1\r\n\r\n")
    assert exchange.fault is not None
    assert "--proxy-from" in exchange.fault
    exchange = Exchange()
    exchange.received(b"GET / HTTP/1.1\r\n")
    exchange.received(header)
    assert "--proxy-from" not in str(exchange.fault)
