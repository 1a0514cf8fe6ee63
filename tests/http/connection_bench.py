"""HTTP connections with uvicorn's real protocols, fake transports and a fake clock."""

import asyncio
import json

from starlette.types import Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from tests.fakes import FakeClock
from tests.http.fake_transport import FakeTransport
from wyoming_piper_serial.engine.buffers import Buffers
from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.http.connection import HttpConnection
from wyoming_piper_serial.http.open_connections import HttpConnections
from wyoming_piper_serial.http.scopes import connection_of, run_by_connection
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.reporter import Reporter
from wyoming_piper_serial.settings import Timeouts
from wyoming_piper_serial.shutdown import Shutdown

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nHello"
CHUNKED = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
TURNS = 20  # iterations of the event loop; enough for the application to handle any request in these tests


class Bench:
    """The server's connections, and an application that the test controls."""

    def __init__(self, timeouts: Timeouts, *, max_connections: int = 10) -> None:
        self.metrics = Metrics()
        self.buffers = Buffers(1 << 20)
        self.shutdown = Shutdown()
        self.clock = FakeClock()
        self.reads_body = True
        self.reads_messages = False  # whether a WebSocket appends its messages to `bodies` and sends none
        self.answer = asyncio.Event()  # the application responds when this event is set
        self.answer.set()
        self.finish = asyncio.Event()  # the application completes a response when this event is set
        self.finish.set()
        self.messages: asyncio.Queue[str] = asyncio.Queue()
        self.calls: list[HttpConnection] = []  # the connection of each request that the application has received
        self.bodies: list[bytes] = []
        self.responses = 0  # number of responses that the application has completed
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
            new_input=lambda _: self.buffers.new_input(ClientShare()),
            reporter=Reporter(self.metrics),
            shutdown=self.shutdown,
            clock=self.clock,
        )

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with "ok" after reading the body, or accept a WebSocket and send `messages`."""
        self.calls.append(connection_of(scope))
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            while self.reads_messages:
                message = await receive()
                if message["type"] == "websocket.disconnect":
                    return
                self.bodies.append(message["text"].encode())
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
        """Deliver `data` as the event loop does, one buffer at a time. Raises AssertionError if reading is paused."""
        while data:
            assert self.transport.reading
            buffer = self.connection.get_buffer(-1)
            size = min(len(buffer), len(data))
            buffer[:size] = data[:size]
            self.connection.buffer_updated(size)
            data = data[size:]

    async def received(self) -> bytes:
        """Let the application run until it waits. Return the bytes that the client has received since the last call."""
        for _ in range(TURNS):
            await asyncio.sleep(0)  # lets the application run
        return self.transport.take()

    def state(self) -> str:
        """Return the state of the connection's transport."""
        return self.transport.state()

    def leave(self, error: Exception | None = None) -> None:
        """Call `connection_lost`, as the event loop does when the connection has ended."""
        self.connection.connection_lost(error)


def error_of(response: bytes) -> tuple[int, str]:
    """Return the status and the error code of a response, which must have `Connection: close`."""
    head, _, body = response.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]["code"]
