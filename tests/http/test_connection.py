"""A single HTTP connection with uvicorn's real protocols, a fake transport and a fake clock."""

import asyncio
import contextlib
import gc
import json
import weakref

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tests.fakes import FakeClock
from tests.http.fake_transport import FakeTransport
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http.connection import HttpConnection, connection_of, run_by_connection
from wyoming_piper_serial.http.open_connections import HttpConnections
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.network.timeouts import LAST_WAIT
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.settings import Timeouts
from wyoming_piper_serial.shutdown import Shutdown

_GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
_POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nHello"
_CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
_UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_TURNS = 20  # turns of the event loop; more than the application needs for any request of these tests


class Bench:
    """The server's connections, and an application that the test controls."""

    def __init__(self, timeouts: Timeouts, *, max_connections: int = 10) -> None:
        self.metrics = Metrics()
        self.shutdown = Shutdown()
        self.clock = FakeClock()
        self.reads_body = True
        self.answer = asyncio.Event()  # the application responds when it is set
        self.answer.set()
        self.finish = asyncio.Event()  # the application completes a response when it is set
        self.finish.set()
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.scopes: list[Scope] = []
        self.bodies: list[bytes] = []
        self.responses = 0  # number of responses that the application has sent completely
        self.config = Config(
            run_by_connection(self.app),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            timeout_keep_alive=10**9,
            lifespan="off",
            server_header=False,
            log_config=None,
        )
        self.config.load()
        self.connections = HttpConnections(
            lambda connection: H11Protocol(self.config, ServerState(), connection.asgi_state),
            ConnectionLimiter(max_connections=max_connections),
            timeouts,
            reporter=Reporter(self.metrics),
            shutdown=self.shutdown,
            clock=self.clock,
        )

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with "ok" after the body is read, or accept a WebSocket and send it `messages`."""
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while True:
                await send({"type": "websocket.send", "text": await self.messages.get()})
        body, more = b"", self.reads_body
        while more:
            message = await receive()
            more = message.get("more_body", False)
            body += message.get("body", b"")
        self.bodies.append(body)
        await self.answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"o", "more_body": True})
        await self.finish.wait()
        await send({"type": "http.response.body", "body": b"k"})
        self.responses += 1

    def connect(self, address: str = "127.0.0.1") -> "Peer":
        return Peer(self.connections.new_connection(), address)

    def look(self, seconds: float) -> None:
        """Advance the clock, then check the connections as the server does every second."""
        self.clock.advance(seconds)
        self.connections.look()


class Peer:
    """The client's end of a connection."""

    def __init__(self, connection: HttpConnection, address: str) -> None:
        self.connection = connection
        self.transport = FakeTransport(peername=(address, 50000))
        connection.connection_made(self.transport)

    def send(self, data: bytes) -> None:
        """Deliver `data` as the event loop does: one buffer at a time. Raises AssertionError if reading is paused."""
        while data:
            assert self.transport.reading
            buffer = self.connection.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            self.connection.buffer_updated(size)
            data = data[size:]

    async def received(self) -> bytes:
        """Let the application run as far as it can. Return the bytes received since the last call."""
        for _ in range(_TURNS):
            await asyncio.sleep(0)  # lets the application run
        return self.transport.take()

    def state(self) -> str:
        """Return the state of the connection's transport."""
        return self.transport.state()

    def leave(self, error: Exception | None = None) -> None:
        """Call `connection_lost`, as the event loop does when the connection has ended."""
        self.connection.connection_lost(error)


@pytest.fixture
def bench() -> Bench:
    """Return a bench with usual timeouts."""
    return Bench(Timeouts(event=10, idle=0, stall=60))


def error_of(response: bytes) -> tuple[int, str]:
    """Return the status and the error code of a response, which must have `Connection: close`."""
    head, _, body = response.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]["code"]


async def test_connection_is_kept_for_the_next_request(bench: Bench) -> None:
    """The connection is kept after a request with or without a body, whether or not the application reads the body."""
    peer = bench.connect()
    for reads_body in (True, False):
        bench.reads_body = reads_body
        for request in (_GET, _POST):
            peer.send(request)
            response = await peer.received()
            assert response.startswith(b"HTTP/1.1 200 OK\r\n")
            assert response.endswith(b"\r\n\r\nok")
            assert b"connection" not in response
    assert bench.bodies == [b"", b"Hello", b"", b""]
    assert peer.state() == "open"
    peer.leave()


async def test_scope_leads_to_the_connection(bench: Bench) -> None:
    """`connection_of` finds the connection of a request, which knows the client's protocol, address and number."""
    peers = [bench.connect(), bench.connect()]
    peers[0].send(_GET)
    peers[1].send(_UPGRADE)
    for peer in peers:
        await peer.received()
        peer.leave()
    assert [connection_of(scope) for scope in bench.scopes] == [peer.connection for peer in peers]
    assert [str(peer.connection.client) for peer in peers] == ["http 127.0.0.1 #1", "websocket 127.0.0.1 #2"]
    assert repr(bench.connections) == "<HttpConnections []>"


async def test_chunked_request_is_the_last_of_its_connection(bench: Bench) -> None:
    """The response to a chunked request has `Connection: close`, and the connection ends after it."""
    peer = bench.connect()
    peer.send(_CHUNKED)
    response = await peer.received()
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert bench.bodies == [b"Hello"]
    assert peer.state() == "closing"
    peer.leave()


@pytest.mark.parametrize("body", [b"zz\r\n", b"5\r\nHelloXX"])
async def test_malformed_chunk_gets_one_answer(bench: Bench, body: bytes) -> None:
    """A malformed chunk in the same packet as the head gets one response, a 400. The application does not fail."""
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
    """A second request that is sent before the first response gets no answer. A disconnect is still noticed."""
    bench.answer.clear()
    peer = bench.connect()
    peer.send(_GET * 2)
    await peer.received()
    peer.send(_GET * 200)
    assert peer.transport.reading
    bench.answer.set()
    response = await peer.received()
    assert response.count(b"HTTP/1.1 200") == 1
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert peer.state() == "closing"
    peer.leave()


async def test_request_ahead_in_mid_response_ends_the_connection(bench: Bench) -> None:
    """If the next request comes during a response, the connection ends after the response.

    The head of the response was sent before, without `Connection: close`.
    """
    bench.finish.clear()
    peer = bench.connect()
    peer.send(_GET)
    assert b"connection" not in await peer.received()
    peer.send(_GET)
    bench.finish.set()
    assert await peer.received() == b"k"
    assert peer.state() == "closing"
    peer.leave()


async def test_reading_pauses_while_the_application_does_not_read_the_body(bench: Bench) -> None:
    """Reading is paused while the application does not read the body, so that the body cannot fill the memory."""
    bench.reads_body = False
    bench.answer.clear()
    peer = bench.connect()
    peer.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
    with pytest.raises(AssertionError):
        peer.send(b"x" * 500_000)
    assert not peer.transport.reading
    peer.leave()


async def test_rest_of_a_body_is_discarded_after_the_response(bench: Bench) -> None:
    """After an early response, the rest of the body is discarded. If it is too long, the connection is aborted."""
    bench.reads_body = False
    for much in (False, True):
        peer = bench.connect()
        peer.send(_POST.replace(b" 5", b" 9000000"))
        response = await peer.received()
        assert b"\r\nconnection: close\r\n" in response
        assert response.endswith(b"ok")
        assert peer.state() == "lingering"
        peer.send(b"x" * (1 << 20))
        assert peer.state() == "lingering"
        if much:
            peer.send(b"x")
            assert peer.state() == "aborted"
        assert not peer.connection.eof_received()  # false lets the event loop close the connection
        peer.leave()


@pytest.mark.parametrize("silent", [True, False])
async def test_rest_of_a_body_must_arrive_in_time(bench: Bench, silent: bool) -> None:
    """A body must be complete within --event-timeout of the request's first byte, even after the response."""
    bench.reads_body = False
    peer = bench.connect()
    peer.send(_POST[:-1])
    await peer.received()
    bench.look(9)
    if not silent:
        peer.send(b"x")
    assert peer.state() == "lingering"
    bench.look(1)
    assert peer.state() == "aborted"
    assert await peer.received() == b""
    peer.leave()


async def test_silent_client_does_not_keep_a_connection_that_discards() -> None:
    """Without --event-timeout, a connection that waits for the rest of a body is closed by the keep-alive timeout."""
    bench = Bench(Timeouts(event=0, idle=0, stall=0))
    bench.reads_body = False
    peer = bench.connect()
    peer.send(_POST[:-1])
    await peer.received()
    bench.look(59)
    assert peer.state() == "lingering"
    bench.look(1)
    assert peer.state() == "closing"
    peer.leave()


@pytest.mark.parametrize("garbage", [b"HELLO\r\n\r\n", b"\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\n\r\n"])
@pytest.mark.parametrize("kept", [False, True])
async def test_malformed_request_is_answered(bench: Bench, garbage: bytes, kept: bool) -> None:
    """Malformed bytes get a JSON error, on a new connection and after another request."""
    peer = bench.connect()
    if kept:
        peer.send(_GET)
        await peer.received()
    peer.send(garbage)
    assert error_of(await peer.received()) == (400, "bad-request")
    assert peer.state() == "closing"
    assert len(bench.scopes) == kept
    assert bench.metrics.snapshot().errors == {"bad-request": 1}
    peer.leave()


async def test_malformed_body_cuts_a_response_that_has_begun(bench: Bench) -> None:
    """If a body is malformed, a response that has begun is aborted. If none has begun, an error response is sent."""
    bench.finish.clear()
    bench.reads_body = False
    peer = bench.connect()
    peer.send(_CHUNKED[:-10])
    assert (await peer.received()).endswith(b"o")
    peer.send(b"zzzz\r\n")
    assert peer.state() == "aborted"
    peer.leave()
    bench.answer.clear()
    peer = bench.connect()
    peer.send(_CHUNKED[:-10] + b"zzzz\r\n")
    assert error_of(await peer.received()) == (400, "bad-request")
    peer.leave()


async def test_slow_request_is_answered_once(bench: Bench) -> None:
    """A request that is not complete in time gets one error. A client that does not read the error is cut off."""
    bench = Bench(Timeouts(event=10, stall=0))
    peer = bench.connect()
    peer.send(_POST[:-1])
    bench.look(10)
    assert error_of(peer.transport.sent) == (408, "event-timeout")
    bench.look(0)
    bench.look(LAST_WAIT - 1)
    assert peer.state() != "aborted"
    bench.look(1)
    assert peer.state() == "aborted"
    assert bench.metrics.snapshot().errors == {"event-timeout": 1}
    peer.leave()


@pytest.mark.parametrize("answered", [False, True])
async def test_connection_without_a_request_is_closed(answered: bool) -> None:
    """An idle connection is closed --idle-timeout after it was accepted or after its last response."""
    bench = Bench(Timeouts(event=10, idle=30))
    peer = bench.connect()
    if answered:
        bench.look(20)
        peer.send(_GET)
        await peer.received()
    bench.look(29)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "closing"
    assert await peer.received() == b""
    peer.leave()


async def test_connection_that_is_answered_is_not_idle(bench: Bench) -> None:
    """A connection with an unanswered request is never idle. The idle time begins with the end of the response."""
    bench.answer.clear()
    peer = bench.connect()
    peer.send(_GET)
    await peer.received()
    bench.look(1000)
    bench.answer.set()
    await peer.received()
    bench.look(59)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "closing"
    peer.leave()


async def test_connection_at_shutdown_has_a_second_to_ask(bench: Bench) -> None:
    """During a shutdown a new connection has one second for a request, and is closed after its response."""
    bench.shutdown.begin()
    silent, asks = bench.connect(), bench.connect()
    asks.send(_GET[:-2])
    bench.look(0.9)
    assert silent.state() == "open"
    bench.look(0.1)
    assert silent.state() == "closing"
    asks.send(_GET[-2:])
    response = await asks.received()
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert asks.state() == "closing"
    silent.leave()
    asks.leave()


async def test_drain_ends_each_connection_when_it_is_answered(bench: Bench) -> None:
    """A drain closes connections without a complete request at once, and the others after their responses."""
    new, half, arrived, waits, speaks = [bench.connect() for _ in range(5)]
    half.send(_GET[:-2])
    bench.answer.clear()
    waits.send(_GET)
    await waits.received()
    bench.answer.set()
    bench.finish.clear()
    speaks.send(_GET)
    await speaks.received()
    arrived.send(_GET)
    bench.shutdown.begin()
    bench.connections.drain()
    assert [peer.state() for peer in (new, half, arrived, waits, speaks)] == ["closing"] * 2 + ["open"] * 3
    bench.finish.set()
    for peer in (arrived, waits, speaks):
        assert (await peer.received()).endswith(b"k")
        assert peer.state() == "closing"
    for peer in (new, half, arrived, waits, speaks):
        peer.leave()
    await bench.connections.wait_closed()


async def test_drain_ends_a_connection_that_discards(bench: Bench) -> None:
    """A drain closes a connection that only waits for the rest of a body, because its response is complete."""
    bench.reads_body = False
    peer = bench.connect()
    peer.send(_POST[:-1])
    await peer.received()
    bench.connections.drain()
    assert peer.state() == "closing"
    peer.leave()


async def test_client_that_reads_nothing_is_cut_off(bench: Bench) -> None:
    """A client that reads nothing is cut off after --stall-timeout."""
    peer = bench.connect()
    peer.send(_GET)
    for _ in range(_TURNS):
        await asyncio.sleep(0)  # lets the application run
    bench.look(0)
    bench.look(59)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "aborted"
    peer.leave()


async def test_refused_connection_gets_an_error_or_is_closed() -> None:
    """A refused connection gets an error for its first request. Without one it is closed after --event-timeout."""
    bench = Bench(Timeouts(event=10), max_connections=1)
    admitted, refused, silent, upgrades = [bench.connect() for _ in range(4)]
    refused.send(_POST)
    assert error_of(await refused.received()) == (503, "too-many-connections")
    assert refused.state() == "closing"
    upgrades.send(_UPGRADE)
    assert (await upgrades.received()).startswith(b"HTTP/1.1 503 ")
    assert upgrades.state() == "closing"
    bench.look(9)
    silent.send(_GET[:-2])
    bench.look(1)
    assert silent.state() == "aborted"
    assert await silent.received() == b""
    assert bench.scopes == []
    assert bench.metrics.snapshot().errors == {"too-many-connections": 3}
    for peer in (admitted, refused, silent, upgrades):
        peer.leave()


async def test_connection_that_is_not_admitted_is_aborted() -> None:
    """If `MAX_REFUSED` refused connections are open, a new connection is aborted without an answer."""
    bench = Bench(Timeouts(), max_connections=0)
    peers = [bench.connect() for _ in range(65)]
    assert [peer.state() for peer in peers] == ["open"] * 64 + ["aborted"]
    for peer in peers:
        assert str(peer.connection.client).startswith("http ")
        peer.leave()


async def test_connection_that_is_made_after_an_abort_is_aborted(bench: Bench) -> None:
    """If the event loop accepts a connection before `abort` and reports it afterwards, the connection is aborted."""
    early = bench.connect()
    bench.connections.abort()
    late = bench.connect()
    assert [early.state(), late.state()] == ["aborted", "aborted"]
    early.leave()
    late.leave()
    await bench.connections.wait_closed()


async def test_malformed_handshake_is_answered_by_the_websocket(bench: Bench) -> None:
    """A malformed WebSocket handshake gets a 400 that names the missing header."""
    peer = bench.connect()
    peer.send(_UPGRADE.replace(b"Sec-WebSocket-Key", b"X"))
    response = await peer.received()
    assert response.startswith(b"HTTP/1.1 400 ")
    assert b"Sec-WebSocket-Key" in response
    assert peer.state() == "closing"
    peer.leave()


async def test_application_waits_for_a_slow_websocket(bench: Bench) -> None:
    """`send` waits while the WebSocket's client does not read. It returns when the client reads or disconnects."""
    peer = bench.connect()
    peer.send(_UPGRADE)
    assert (await peer.received()).startswith(b"HTTP/1.1 101 ")
    peer.connection.pause_writing()
    bench.messages.put_nowait("one")
    bench.messages.put_nowait("two")
    assert await peer.received() == b""
    assert bench.messages.qsize() == 1
    bench.look(1000)  # the timeout of requests does not apply to WebSockets
    assert peer.state() == "open"
    peer.connection.resume_writing()
    assert await peer.received() == b"\x81\x03one\x81\x03two"
    peer.connection.pause_writing()
    bench.messages.put_nowait("three")
    await peer.received()
    peer.leave()
    bench.messages.put_nowait("four")
    await peer.received()
    assert bench.messages.qsize() <= 1


@pytest.mark.usefixtures("quick_collection")
@pytest.mark.parametrize("error", [None, ConnectionResetError()])
async def test_nothing_keeps_a_connection_that_is_lost(bench: Bench, error: Exception | None) -> None:
    """A connection that has ended is freed. No object refers to it, not even uvicorn's keep-alive timer."""
    peer = bench.connect()
    peer.send(_GET)
    await peer.received()
    peer.leave(error)
    connection = weakref.ref(peer.connection)
    del peer
    bench.scopes.clear()
    gc.collect()
    assert connection() is None


@pytest.mark.parametrize("request_bytes", [b"", _GET, _POST, _CHUNKED, b"\x16\x03\x01"])
async def test_lost_connection_is_freed_without_the_garbage_collector(bench: Bench, request_bytes: bytes) -> None:
    """A connection that has ended is freed without a garbage collection, which would block the event loop."""
    gc.disable()
    try:
        peer = bench.connect()
        peer.send(request_bytes)
        await peer.received()
        peer.leave()
        connection = weakref.ref(peer.connection)
        del peer
        bench.scopes.clear()
        await asyncio.sleep(0)  # ends the application's task
        assert connection() is None
    finally:
        gc.enable()


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
        _GET[:-2] + b"a:b\r\n" * 200 + b"\r\n",
        _GET[:-2] + b"a: " + b"," * 8000 + b"\r\n\r\n",
        _GET[:-2] + b"a: " + b"x" * 9000 + b"\r\n\r\n",
        _GET[:-2] + b"a: x\x01y\r\n\r\n",
        _CHUNKED[:-7] + b"5;" + b" " * 60_000 + b"\nx\r\n",
        _CHUNKED[:-2] + b"a:b\r\n" * 200 + b"\r\n",
    ],
)
async def test_request_of_many_parts_is_refused(bench: Bench, request_bytes: bytes) -> None:
    """A request gets one 400 as soon as a limit of its parts is exceeded, and nothing after that is read."""
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


@pytest.mark.parametrize(
    "upgrade",
    [
        _UPGRADE[:-2] + b"a:b\r\n" * 200 + b"\r\n",
        _UPGRADE[:-2] + b"Cookie: " + b"x" * 9000 + b"\r\n\r\n",
        _UPGRADE[:-2] + b"Content-Length: 5\r\n\r\nHello",
        _UPGRADE[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        _UPGRADE.replace(b"GET /", b"GET /" + b"x" * 9000),
        _UPGRADE.replace(b"GET", b"POST"),
    ],
)
async def test_upgrade_that_cannot_be_parsed_is_answered(bench: Bench, upgrade: bytes) -> None:
    """A WebSocket handshake with many fields, a long field or a body gets an error, and the connection ends."""
    peer = bench.connect()
    peer.send(upgrade)
    assert (await peer.received()).startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 405 "))
    assert peer.state() == "closing"
    assert bench.scopes == []
    peer.leave()
    await bench.connections.wait_closed()


async def test_slow_upgrade_is_answered(bench: Bench) -> None:
    """A WebSocket handshake that is not complete in time gets the error event-timeout."""
    peer = bench.connect()
    peer.send(_UPGRADE[:-2])
    bench.look(10)
    assert error_of(peer.transport.sent) == (408, "event-timeout")
    peer.leave()


_FRAGMENT = b"\x00\x80\0\0\0\0"  # an empty continuation frame; its mask is 0
_PING = b"\x89\x80\0\0\0\0"


def websocket_error(sent: bytes) -> str:
    """Return the code of a WebSocket error message. A close frame must follow it."""
    size = sent[1]
    assert (sent[0], sent[2 + size :]) == (0x81, b"\x88\x02\x03\xf0")
    code: str = json.loads(sent[2 : 2 + size])["code"]
    return code


async def test_message_of_many_fragments_is_refused(bench: Bench) -> None:
    """A WebSocket message of too many frames gets an error and a close frame, even if the frames are empty."""
    peer = bench.connect()
    peer.send(_UPGRADE)
    await peer.received()
    peer.send(b"\x01\x80\0\0\0\0" + _FRAGMENT * 900)
    assert peer.state() == "open"
    with contextlib.suppress(AssertionError):  # the connection is closed before all frames are sent
        peer.send(_FRAGMENT * 1000)
    assert websocket_error(await peer.received()) == "bad-request"
    assert peer.state() == "closing"
    peer.leave()


async def test_message_must_arrive_in_time(bench: Bench) -> None:
    """An incomplete WebSocket message is refused after --event-timeout, even if pings and more frames arrive."""
    peer = bench.connect()
    peer.send(_UPGRADE)
    await peer.received()
    bench.look(1000)
    peer.send(b"\x01\x80\0\0\0\0" + _FRAGMENT)
    bench.look(9)
    peer.send(_PING + _FRAGMENT)
    await peer.received()
    assert peer.state() == "open"
    bench.look(1)
    assert websocket_error(await peer.received()) == "event-timeout"
    peer.leave()


async def test_time_of_a_paused_websocket_does_not_count(bench: Bench) -> None:
    """The timeout of an incomplete message does not apply while the application does not read the WebSocket."""
    peer = bench.connect()
    peer.send(_UPGRADE)
    await peer.received()
    peer.send(b"\x81\x80\0\0\0\0\x01\x80\0\0\0\0")  # the application does not read messages
    assert not peer.transport.reading
    bench.look(0)
    bench.look(1000)
    assert peer.state() == "open"
    peer.leave()


async def test_pings_are_answered_together(bench: Bench) -> None:
    """Each ping is answered, even if 100 pings arrive together."""
    peer = bench.connect()
    peer.send(_UPGRADE)
    await peer.received()
    peer.send(_PING * 100)
    assert await peer.received() == b"\x8a\x00" * 100
    peer.leave()


async def test_message_that_is_not_text_closes_a_websocket(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """A WebSocket with a message that is not UTF-8 is closed, also if a close follows at once, which uvicorn does not
    expect."""
    bad, close = b"\x81\x81\0\0\0\0\xff", b"\x88\x80\0\0\0\0"
    for sent in (bad, bad * 2, bad + close, bad + _PING + close):
        peer = bench.connect()
        peer.send(_UPGRADE)
        await peer.received()
        peer.send(sent)
        await peer.received()
        assert peer.state() in {"closing", "aborted"}
        peer.leave()
    assert [record for record in caplog.records if record.name.startswith("wyoming_piper_serial")] == []


@pytest.mark.parametrize("late", [False, True])
async def test_failure_of_uvicorn_closes_the_connection(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """If uvicorn raises an exception, at once or in a later turn, it is logged and the connection is closed."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(H11Protocol, "data_received", fail)
    peer, other = bench.connect(), bench.connect()
    if late:
        bench.connections.pacer.charge(1)
    peer.send(_GET)
    await peer.received()
    assert peer.state() == "aborted"
    assert "received bytes could not be handled" in caplog.text
    assert other.state() == "open"
    peer.leave()
    other.leave()


async def test_bytes_wait_for_their_turn() -> None:
    """When the time for one turn of the loop is used up, received bytes wait and reading pauses. No byte is lost."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60))
    peers = [bench.connect() for _ in range(5)]
    for peer in peers:
        peer.send(_GET)
    assert repr(bench.connections.pacer) == "<Pacer 3 waiting>"
    assert [peer.transport.reading for peer in peers] == [False] * 5
    for peer in peers:
        assert (await peer.received()).endswith(b"ok")
        assert peer.transport.reading
        peer.leave()


@pytest.mark.parametrize("upgraded", [False, True])
async def test_time_in_which_bytes_wait_for_their_turn_does_not_count(bench: Bench, upgraded: bool) -> None:
    """A request, or a message of a WebSocket, is not late because the server handles the bytes of others first."""
    peer = bench.connect()
    if upgraded:
        peer.send(_UPGRADE)
        await peer.received()
    whole = b"\x81\x85\0\0\0\0Hello" if upgraded else _GET
    peer.send(whole[:3])
    await peer.received()
    bench.connections.pacer.charge(1)
    peer.send(whole[3:5])
    bench.look(1000)
    assert await peer.received() == b""
    assert peer.state() == "open"
    peer.send(whole[5:])
    await peer.received()
    assert peer.state() == "open"
    peer.leave()


async def test_addresses_take_turns() -> None:
    """The bytes of a client do not wait for those of many connections from another address."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60), max_connections=50)
    bench.connections.pacer.charge(1)
    flood = [bench.connect("192.0.2.1") for _ in range(20)]
    other = bench.connect("192.0.2.2")
    for peer in (*flood, other):
        peer.send(_GET)
    while not bench.bodies:
        await asyncio.sleep(0)
    while not other.transport.take():
        await asyncio.sleep(0)
    assert len(bench.bodies) < 8
    for peer in (*flood, other):
        peer.transport.abort()
        peer.leave()


async def test_connection_is_lost_while_its_bytes_wait() -> None:
    """If a connection ends while its received bytes wait for a turn, the bytes are dropped."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60))
    bench.connections.pacer.charge(1)
    peer = bench.connect()
    peer.send(_GET)
    peer.transport.abort()
    peer.leave()
    await peer.received()
    assert bench.scopes == []
