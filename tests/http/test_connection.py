"""The requests and responses of a single HTTP connection, with uvicorn's real protocols, a fake transport and a fake
clock."""

import pytest

from tests.http.connection_bench import CHUNKED, GET, POST, UPGRADE, Bench, error_of
from wyoming_piper_serial.exceptions import BadRequest


async def test_connection_is_kept_for_the_next_request(bench: Bench) -> None:
    """The connection stays open after a request with or without a body, whether or not the application reads the
    body."""
    peer = bench.connect()
    for reads_body in (True, False):
        bench.reads_body = reads_body
        for request in (GET, POST):
            peer.send(request)
            response = await peer.received()
            assert response.startswith(b"HTTP/1.1 200 OK\r\n")
            assert response.endswith(b"\r\n\r\nok")
            assert b"connection" not in response
    assert bench.bodies == [b"", b"Hello", b"", b""]
    assert peer.state() == "open"
    peer.leave()


async def test_scope_leads_to_the_connection(bench: Bench) -> None:
    """`connection_of` returns the connection of a request. The `client` of the connection contains its protocol,
    address and number."""
    peers = [bench.connect(), bench.connect()]
    peers[0].send(GET)
    peers[1].send(UPGRADE)
    for peer in peers:
        await peer.received()
        peer.leave()
    assert bench.calls == [peer.connection for peer in peers]
    assert [str(peer.connection.client) for peer in peers] == ["http 127.0.0.1 #1", "websocket 127.0.0.1 #2"]
    assert repr(bench.connections) == "<HttpConnections []>"


async def test_chunked_request_is_the_last_of_its_connection(bench: Bench) -> None:
    """The response to a chunked request contains `Connection: close`, and the connection closes after the response."""
    peer = bench.connect()
    peer.send(CHUNKED)
    response = await peer.received()
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert bench.bodies == [b"Hello"]
    assert peer.state() == "closing"
    peer.leave()


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nHelloXX"])
async def test_malformed_chunk_gets_one_answer(bench: Bench, body: bytes) -> None:
    """A malformed chunk in the same packet as the head gets one 400 response. The application completes its response
    without an exception."""
    bench.reads_body = False  # the application responds at once
    peer = bench.connect()
    peer.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body)
    response = await peer.received()
    assert response.count(b"HTTP/1.1 ") == 1
    assert error_of(response) == (400, "bad-request")
    assert peer.state() == "closing"
    peer.leave()
    await bench.connections.wait_closed()
    assert bench.responses == 1


async def test_request_ahead_ends_the_connection_with_the_response(bench: Bench) -> None:
    """A second request is not answered if it is sent before the first response. The server still reads from the
    connection to detect a disconnect."""
    bench.answer.clear()
    peer = bench.connect()
    peer.send(GET * 2)
    await peer.received()
    peer.send(GET * 200)
    assert peer.transport.reading
    bench.answer.set()
    response = await peer.received()
    assert response.count(b"HTTP/1.1 200") == 1
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert peer.state() == "closing"
    peer.leave()


async def test_request_ahead_in_mid_response_ends_the_connection(bench: Bench) -> None:
    """If the next request arrives during a response, the connection closes after the response.

    The connection also closes if the head of the response has already been sent without `Connection: close`.
    """
    bench.finish.clear()
    peer = bench.connect()
    peer.send(GET)
    assert b"connection" not in await peer.received()
    peer.send(GET)
    bench.finish.set()
    assert await peer.received() == b"k"
    assert peer.state() == "closing"
    peer.leave()


async def test_reading_pauses_while_the_application_does_not_read_the_body(bench: Bench) -> None:
    """Reading from the socket pauses while the application does not read the body, so a long body cannot fill the
    memory."""
    bench.reads_body = False
    bench.answer.clear()
    peer = bench.connect()
    peer.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    with pytest.raises(AssertionError):
        peer.send(b"x" * 500_000)
    assert not peer.transport.reading
    peer.leave()


async def test_rest_of_a_body_is_discarded_after_the_response(bench: Bench) -> None:
    """If the response is sent before the body has arrived, the rest of the body is discarded. If the rest is too long,
    the connection is aborted."""
    bench.reads_body = False
    for much in (False, True):
        peer = bench.connect()
        peer.send(POST.replace(b" 5", b" 9000000"))
        response = await peer.received()
        assert b"\r\nconnection: close\r\n" in response
        assert response.endswith(b"ok")
        assert peer.state() == "lingering"
        peer.send(b"x" * (1 << 20))
        assert peer.state() == "lingering"
        if much:
            peer.send(b"x")
            assert peer.state() == "aborted"
        assert not peer.connection.eof_received()  # The event loop closes the connection if the result is false.
        peer.leave()


@pytest.mark.parametrize("garbage", [b"HELLO\r\n\r\n", b"\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
@pytest.mark.parametrize("kept", [False, True])
async def test_malformed_request_is_answered(bench: Bench, garbage: bytes, kept: bool) -> None:
    """Malformed bytes get a JSON error, both on a new connection and after another request."""
    peer = bench.connect()
    if kept:
        peer.send(GET)
        await peer.received()
    peer.send(garbage)
    assert error_of(await peer.received()) == (400, "bad-request")
    assert peer.state() == "closing"
    assert len(bench.calls) == kept
    assert bench.metrics.snapshot().errors == {"bad-request": 1}
    peer.leave()


async def test_malformed_body_cuts_a_response_that_has_begun(bench: Bench) -> None:
    """If a body is malformed, a response that has begun is aborted. If no response has begun, an error response is
    sent."""
    bench.finish.clear()
    bench.reads_body = False
    peer = bench.connect()
    peer.send(CHUNKED[:-10])
    assert (await peer.received()).endswith(b"o")
    peer.send(b"zzzz\r\n")
    assert peer.state() == "aborted"
    peer.leave()
    bench.answer.clear()
    peer = bench.connect()
    peer.send(CHUNKED[:-10] + b"zzzz\r\n")
    assert error_of(await peer.received()) == (400, "bad-request")
    peer.leave()


async def test_error_names_the_client(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """The log line of an error contains the client's protocol, address and connection number."""
    caplog.set_level("INFO")
    peer = bench.connect()
    peer.send(b"HELLO\r\n\r\n")
    message = str(BadRequest("This is not HTTP, or the request is too large."))
    assert caplog.messages == [f"http 127.0.0.1 #1: error sent: bad-request ({message})"]
    peer.leave()


@pytest.mark.parametrize(
    "request_bytes",
    [
        GET[:-2] + b"a:b\r\n" * 200 + b"\r\n",
        GET[:-2] + b"a: " + b"," * 8000 + b"\r\n\r\n",
        GET[:-2] + b"a: " + b"x" * 9000 + b"\r\n\r\n",
        GET[:-2] + b"a: x\x01y\r\n\r\n",
        CHUNKED[:-7] + b"5;" + b" " * 60_000 + b"\nx\r\n",
        CHUNKED[:-2] + b"a:b\r\n" * 200 + b"\r\n",
    ],
)
async def test_request_of_many_parts_is_refused(bench: Bench, request_bytes: bytes) -> None:
    """A request gets one 400 response as soon as the number of its parts exceeds a limit. No further bytes are read."""
    bench.answer.clear()
    peer = bench.connect()
    answer = b""
    while request_bytes and not peer.transport.closing:
        peer.send(request_bytes[:1000])
        request_bytes = request_bytes[1000:]
        answer += await peer.received()
    assert error_of(answer + await peer.received()) == (400, "bad-request")
    assert peer.state() == "closing"
    peer.leave()
