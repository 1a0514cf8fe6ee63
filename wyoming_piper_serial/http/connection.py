"""One HTTP connection: limits and timeouts around uvicorn's protocols.

A connection stands between the event loop and uvicorn, and sees both the bytes and the ASGI messages:

    event loop  -->  HttpConnection  -->  uvicorn's protocol  -->  HttpConnection.run  -->  application
                <--  (OwnedTransport)  <--                    <--                      <--
                     bytes                                         ASGI messages

So it knows how far a request and its response are (`Exchange`), without a look into uvicorn.
"""

import asyncio
import logging
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from wyoming_piper_serial.exceptions import BadRequest, EventTimeout, PiperSerialError
from wyoming_piper_serial.http.errors import raw_response, refusing
from wyoming_piper_serial.http.exchange import Exchange, RequestState
from wyoming_piper_serial.http.transport import OwnedTransport
from wyoming_piper_serial.network.limiter import Admission
from wyoming_piper_serial.network.timeouts import LAST_WAIT, ArrivalTimer, StallTimer
from wyoming_piper_serial.observe.reporter import Client

if TYPE_CHECKING:
    from wyoming_piper_serial.http.connections import HttpConnections

_LOGGER = logging.getLogger(__name__)

# Bytes read from a socket before the event loop gets its turn. uvicorn parses what is read in one go: of asyncio's own
# 256 KiB, a body in chunks of one byte would block the loop for a second.
_READ_SIZE = 4096

# Bytes of a body that are discarded after the response, so that a reset does not destroy the response.
_MAX_DISCARDED = 1024 * 1024

# Bytes of replies to WebSocket pings that may wait for a client that reads nothing.
_MAX_REPLIES = 1024 * 1024

_STATE_KEY = "connection"


def connection_of(scope: Scope) -> "HttpConnection":
    """The connection of an ASGI scope."""
    connection = scope["state"][_STATE_KEY]
    assert isinstance(connection, HttpConnection)  # by `asgi_state`  # noqa: S101
    return connection


def run_by_connection(app: ASGIApp) -> ASGIApp:
    """The outermost ASGI application: `app`, run by the connection of each request."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await connection_of(scope).run(app, scope, receive, send)

    return run


class HttpConnection(asyncio.BufferedProtocol):
    """One connection. The event loop calls it as a protocol, and uvicorn as the owner of its transport."""

    def __init__(self, connections: "HttpConnections") -> None:
        self._connections = connections
        self._admission: Admission | None = None
        self._buffer = memoryview(bytearray(_READ_SIZE))
        self._transport: asyncio.Transport
        self._http: H11Protocol
        self._protocol: asyncio.Protocol  # uvicorn's: the one for HTTP, or for the WebSocket it has become
        self._exchange = Exchange()
        self._arrival = ArrivalTimer(connections.timeouts.event)
        self._stall = StallTimer(connections.timeouts.stall)
        self._quiet_since = connections.clock()  # the last byte received or response completed
        self._written = 0  # bytes
        self._writable = asyncio.Event()
        self._writable.set()
        self._closing = False
        self._lingering = False  # the response is sent, and the rest of the body is discarded
        self._discarded = 0  # bytes
        self._ends = False  # uvicorn is to close after the response
        self._unasked: list[bytes] | None = None  # what uvicorn writes while it parses; `None` while it does not

    def __repr__(self) -> str:
        state = "closing" if self._closing else "websocket" if self._is_websocket else repr(self._exchange)
        return f"<HttpConnection {self.client}: {state}>"

    @property
    def client(self) -> Client:
        """Who asks, for log lines."""
        protocol = "websocket" if self._is_websocket else "http"
        if self._admission is None:
            return Client(protocol=protocol)
        return Client(protocol=protocol, address=self._admission.address, connection=self._admission.number)

    @property
    def asgi_state(self) -> dict[str, Any]:
        """The `state` of the connection's ASGI scopes, in which `connection_of` finds it."""
        return {_STATE_KEY: self}

    @property
    def arriving(self) -> bool:
        """Whether a request has begun to arrive and is not complete."""
        return not self._is_websocket and self._exchange.arriving

    @property
    def _is_websocket(self) -> bool:
        return self._admission is not None and self._protocol is not self._http

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and hand it to uvicorn if it is admitted."""
        self._transport = cast("asyncio.Transport", transport)
        self._admission = self._connections.add(self, transport.get_extra_info("peername"))
        if self._admission is None:
            self._transport.abort()
            return
        self._protocol = self._http = self._connections.new_protocol(self)
        self._http.connection_made(OwnedTransport(self._transport, self))
        _LOGGER.debug("%s: connected", self.client)
        if self._admission.refusal is not None:
            self._connections.reporter.error_sent(self._admission.refusal, self.client)
            self._arrival.wait(self._exchange, now=self._quiet_since)  # it is open for this answer, and not for longer

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the event loop reads to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Data has arrived."""
        data = bytes(self._buffer[:nbytes])
        self._quiet_since = self._connections.clock()
        if self._lingering:
            self._discarded += nbytes
            if self._discarded > _MAX_DISCARDED:
                self.abort()
        elif self._is_websocket:
            self._protocol.data_received(data)
            if self._transport.get_write_buffer_size() > _MAX_REPLIES:
                self.abort()
        elif not self._closing:
            self._receive(data)

    def eof_received(self) -> bool | None:
        """The client sends no more; false closes the connection."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Much waits for the client."""
        self._writable.clear()
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """The client has taken most of it."""
        self._writable.set()
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        if self._admission is None:
            return
        self._closing = True
        self._writable.set()
        _LOGGER.debug("%s: closed%s", self.client, f": {exc}" if exc else "")
        self._protocol.connection_lost(None)  # with an error, uvicorn would keep its keep-alive timer
        self._connections.remove(self, self._admission)

    # Called by uvicorn, as the owner of its transport.

    @property
    def closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._closing or self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send."""
        if self._unasked is not None:
            self._unasked.append(data)
        elif not self.closing:
            self._written += len(data)
            self._transport.write(data)

    def close(self) -> None:
        """Close after all is sent. If the rest of a body is still to come, read it first."""
        if self._unasked is not None or self._closing:
            return
        self._closing = True
        if not self._is_websocket and self._exchange.response_started and self._exchange.arriving:
            self._lingering = True
            self._transport.resume_reading()
            self._transport.write_eof()
        else:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self._transport.abort()

    def pause_reading(self) -> None:
        """Receive no more for now: the application is behind. A complete request is no reason: the client may leave."""
        if self._is_websocket or self._exchange.request is not RequestState.DONE:
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Receive again."""
        self._transport.resume_reading()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """The connection becomes a WebSocket."""
        self._protocol = cast("asyncio.Protocol", protocol)
        self._arrival.wait(None, now=self._connections.clock())
        _LOGGER.debug("%s: upgraded", self.client)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """uvicorn's protocol."""
        return self._protocol

    # Called by the application.

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Run `app` for one request or WebSocket of this connection."""
        if self._admission is not None and self._admission.refusal is not None:
            app = refusing(self._admission.refusal)
        if scope["type"] == "http":
            await self._run_http(app, scope, receive, send)
        else:
            await app(scope, receive, self._send_when_writable(send))

    def reset(self) -> None:
        """Close with a reset (RST), so that the client knows a response without a length to be incomplete."""
        link: socket.socket = self._transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    # Called by HttpConnections.

    def look(self, now: float) -> None:
        """Close a connection whose client is too slow, has stopped reading, or asks for nothing."""
        backlog = self._transport.get_write_buffer_size()
        if self._stall.stalled(now=now, taken=self._written - backlog, backlog=backlog):
            _LOGGER.info("%s: cut off: it took nothing for %gs", self.client, self._stall.seconds)
            self.abort()
        elif self._arrival.expired(now=now):
            self._arrival.wait(None, now=now)
            self._end_slow_request()
        elif self._is_idle and now - self._quiet_since >= self._connections.keep_alive:
            _LOGGER.debug("%s: no request for %gs", self.client, self._connections.keep_alive)
            self._close_without_lingering()

    def drain(self) -> None:
        """Close when the response is complete; at once if no request is being answered. The application of a WebSocket
        waits for the shutdown by itself."""
        if self._lingering:
            self._close_without_lingering()
        elif not self._is_websocket and not self._closing:
            self._end_after_response()

    @property
    def _is_idle(self) -> bool:
        if self._is_websocket:
            return False
        return self._lingering or (not self._closing and self._exchange.request is RequestState.IDLE)

    def _end_slow_request(self) -> None:
        refused = self._admission is not None and self._admission.refusal is not None
        if refused or self._exchange.response_started:
            self.abort()
            return
        seconds = self._connections.timeouts.event
        error = EventTimeout(f"The request did not arrive whole within {seconds:g} seconds.")
        self._answer(HTTPStatus.REQUEST_TIMEOUT, error)

    # HTTP.

    def _receive(self, data: bytes) -> None:
        is_ahead = self._exchange.request is RequestState.DONE
        self._exchange.received(data)
        if not is_ahead and not self._parse(data):
            self._reject_malformed()
        elif not self._is_websocket:
            self._follow_exchange()

    def _parse(self, data: bytes) -> bool:
        """Let uvicorn parse `data`; false if it is not HTTP.

        What uvicorn writes meanwhile comes from no application: it is an error page about malformed bytes, or the
        response to a malformed WebSocket handshake.
        """
        self._unasked = []
        try:
            self._protocol.data_received(data)
        except h11.LocalProtocolError:
            return False  # its error page does not fit behind a response that has begun
        finally:
            unasked, self._unasked = self._unasked, None
        if unasked and self._is_websocket:
            self.write(b"".join(unasked))
            self.close()
        return not unasked or self._is_websocket

    def _reject_malformed(self) -> None:
        if self._exchange.response_started:
            self.abort()
        else:
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest("This is not HTTP, or a request that is too large."))

    def _answer(self, status: HTTPStatus, error: PiperSerialError) -> None:
        """Send `error` and close, without uvicorn. No response may have begun."""
        self._connections.reporter.error_sent(error, self.client)
        self.write(raw_response(status, error))
        self._stall = StallTimer(LAST_WAIT)
        self._close_without_lingering()

    def _close_without_lingering(self) -> None:
        self._closing = True
        self._lingering = False
        self._transport.close()

    async def _run_http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._exchange
        exchange.called(scope["headers"])
        exchange.last |= self._connections.shutdown.begun
        self._follow_exchange()

        async def observed_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                exchange.body_read()
                self._follow_exchange()
            return message

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.start_response()
                self._follow_exchange()
                if exchange.last:
                    message = _with_close(message)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                exchange.complete_response()
                self._quiet_since = self._connections.clock()
                if exchange.complete and not exchange.last:
                    self._exchange = Exchange()

        await app(scope, observed_receive, observed_send)

    def _follow_exchange(self) -> None:
        """Do what the state of the exchange asks for."""
        exchange = self._exchange
        self._arrival.wait(exchange if exchange.arriving else None, now=self._connections.clock())
        if exchange.last:
            self._end_after_response()
        if exchange.request is RequestState.DONE:
            self._transport.resume_reading()

    def _end_after_response(self) -> None:
        self._exchange.last = True
        if not self._ends:
            self._ends = True
            self._http.shutdown()

    # WebSocket.

    def _send_when_writable(self, send: Send) -> Send:
        """Not all versions of uvicorn wait for a slow client."""

        async def send_when_writable(message: Message) -> None:
            await self._writable.wait()
            await send(message)

        return send_when_writable


def _with_close(start: Message) -> Message:
    """The head of a response after which the connection ends (RFC 9112, section 9.6)."""
    headers = list(start.get("headers", ()))
    if not any(name.lower() == b"connection" for name, _ in headers):
        headers.append((b"connection", b"close"))
    return {**start, "headers": headers}
