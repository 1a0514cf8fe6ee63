"""One HTTP connection: limits and timeouts around uvicorn's protocols.

A connection stands between the event loop and uvicorn, and sees both the bytes and the ASGI messages:

    event loop  -->  HttpConnection  -->  uvicorn's protocol  -->  HttpConnection.run  -->  application
                <--  (HttpTransport) <--                      <--                      <--
                     bytes                                         ASGI messages

So it knows how far a request and its response are (`Exchange`), without a look into uvicorn.
"""

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, cast

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from wyoming_piper_serial.exceptions import BadRequest, EventTimeout, PiperSerialError
from wyoming_piper_serial.http.errors import raw_response, refusing
from wyoming_piper_serial.http.exchange import Exchange, RequestState
from wyoming_piper_serial.http.transport import HttpTransport
from wyoming_piper_serial.network.connection_limiter import Admission
from wyoming_piper_serial.network.timeouts import LAST_WAIT, ArrivalTimer, StallTimer
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Timeouts
from wyoming_piper_serial.shutdown import Shutdown

_LOGGER = logging.getLogger(__name__)

# Bytes read from a socket before the event loop gets its turn. uvicorn parses what is read in one go: of asyncio's own
# 256 KiB, a body in chunks of one byte would block the loop for a second.
_READ_SIZE = 4096

# Bytes of a body that are discarded after the response.
_MAX_DISCARDED = 1024 * 1024

# Bytes of replies to WebSocket pings that may wait for a client that reads nothing.
_MAX_REPLIES = 1024 * 1024

_STATE_KEY = "connection"


def connection_of(scope: Scope) -> "HttpConnection":
    """The connection of an ASGI scope."""
    connection: HttpConnection = scope["state"][_STATE_KEY]
    return connection


def run_by_connection(app: ASGIApp) -> ASGIApp:
    """The outermost ASGI application: `app`, run by the connection of each request."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await connection_of(scope).run(app, scope, receive, send)

    return run


class ConnectionOwner(Protocol):
    """What a connection uses of `HttpConnections`."""

    timeouts: Timeouts
    reporter: Reporter
    shutdown: Shutdown
    clock: Callable[[], float]

    @property
    def keep_alive(self) -> float:
        """Seconds that a connection may be open without a request."""

    def new_protocol(self, connection: "HttpConnection") -> H11Protocol:
        """uvicorn's protocol for a connection, with its `asgi_state`."""

    def add(self, connection: "HttpConnection", peer: object) -> Admission | None:
        """Count a new connection from `peer`, a socket's peer name. `None` if it is to be closed without an answer."""

    def remove(self, connection: "HttpConnection", admission: Admission) -> None:
        """The connection is closed. Once for each admission."""


class HttpConnection(asyncio.BufferedProtocol):
    """One connection: the protocol of the event loop's transport, and the owner of uvicorn's."""

    def __init__(self, owner: ConnectionOwner) -> None:
        self._owner = owner
        self._buffer = memoryview(bytearray(_READ_SIZE))
        self._admission: Admission | None = None
        self._transport: HttpTransport
        self._http: H11Protocol
        self._protocol: asyncio.Protocol  # uvicorn's: `_http`, or that of the WebSocket
        self._exchange = Exchange()
        self._shutdown_called = False  # of `_http`: it closes after the response
        self._discarded = 0  # bytes
        self._writable = asyncio.Event()
        self._writable.set()
        self._arrival = ArrivalTimer(owner.timeouts.event)
        self._stall = StallTimer(owner.timeouts.stall)
        self._quiet_since = owner.clock()  # when a byte was last received, or a response last completed

    def __repr__(self) -> str:
        return f"<HttpConnection {self.client}: {self._exchange}>"

    @property
    def client(self) -> Client:
        """Who asks, for log lines."""
        protocol = "websocket" if self._is_websocket else "http"
        return Client(protocol=protocol) if self._admission is None else self._admission.client(protocol)

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

    @property
    def _is_idle(self) -> bool:
        if self._is_websocket:
            return False
        waits = self._exchange.request is RequestState.IDLE and not self._transport.is_closing()
        return waits or self._transport.lingering

    # Called by the event loop.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection, and hand it to uvicorn if it is admitted."""
        self._transport = HttpTransport(cast("asyncio.Transport", transport), self)
        self._admission = self._owner.add(self, transport.get_extra_info("peername"))
        if self._admission is None:
            self._transport.abort()
            return
        self._protocol = self._http = self._owner.new_protocol(self)
        self._http.connection_made(self._transport)
        peer = transport.get_extra_info("peername")
        _LOGGER.debug("%s: connected from port %s", self.client, peer[1] if isinstance(peer, tuple) else None)
        if self._admission.refusal is not None:
            self._owner.reporter.error_sent(self._admission.refusal, self.client)
            self._arrival.wait(self._exchange, now=self._quiet_since)  # it is open for this answer, and not for longer

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Where the event loop reads to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Data has arrived."""
        data = bytes(self._buffer[:nbytes])
        self._quiet_since = self._owner.clock()
        if self._transport.lingering:
            self._discarded += nbytes
            if self._discarded > _MAX_DISCARDED:
                self.abort()
        elif self._is_websocket:
            self._protocol.data_received(data)
            if self._transport.backlog > _MAX_REPLIES:
                self.abort()
        elif not self._transport.is_closing():
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
        _LOGGER.debug("%s: closed%s", self.client, f": {exc}" if exc else "")
        self._writable.set()
        self._protocol.connection_lost(None)  # with an error, uvicorn would keep its keep-alive timer
        self._owner.remove(self, self._admission)

    # Called by the transport, for uvicorn.

    def close_requested(self) -> None:
        """Close after all is sent. If the rest of a body is still to come, it is read first."""
        if self._exchange.response_started and self.arriving:
            self._transport.linger()
        else:
            self._transport.finish()

    def may_pause_reading(self) -> bool:
        """uvicorn pauses if the application is slow to read a body, or if a request is sent ahead. Only the first is a
        reason: a client that sends ahead may disconnect before it is answered."""
        return self._is_websocket or self._exchange.request is not RequestState.DONE

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """The connection becomes a WebSocket."""
        self._protocol = cast("asyncio.Protocol", protocol)
        self._arrival.wait(None, now=self._owner.clock())
        _LOGGER.debug("%s: upgraded", self.client)

    # Called by the application.

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Run `app` for a request of this connection, or for the WebSocket."""
        if self._admission is not None and self._admission.refusal is not None:
            app = refusing(self._admission.refusal)
        if scope["type"] == "http":
            await self._run_http(app, scope, receive, send)
        else:
            await app(scope, receive, self._websocket_send(send))

    def reset(self) -> None:
        """Close so that the client knows a response without a length to be incomplete."""
        self._transport.reset()

    # Called by HttpConnections.

    def look(self, now: float) -> None:
        """Close a connection whose client is too slow, has stopped reading, or asks for nothing."""
        if self._stall.stalled(now=now, taken=self._transport.taken, backlog=self._transport.backlog):
            _LOGGER.info("%s: cut off: it took nothing for %gs", self.client, self._stall.seconds)
            self.abort()
        elif self._arrival.expired(now=now):
            self._arrival.wait(None, now=now)
            self._end_slow_request()
        elif self._is_idle and now - self._quiet_since >= self._owner.keep_alive:
            _LOGGER.debug("%s: no request for %gs", self.client, self._owner.keep_alive)
            self._transport.finish()

    def drain(self) -> None:
        """Close when the response is complete; at once if no request is being answered. The application of a WebSocket
        waits for the shutdown by itself."""
        if self._transport.lingering:
            self._transport.finish()
        elif not self._is_websocket and not self._transport.is_closing():
            self._end_after_response()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _end_slow_request(self) -> None:
        refused = self._admission is not None and self._admission.refusal is not None
        if refused or self._exchange.response_started:
            self.abort()
            return
        seconds = self._owner.timeouts.event
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
        try:
            with self._transport.hold() as written:
                self._protocol.data_received(data)
        except h11.LocalProtocolError:
            return False  # the error page does not fit behind a response that has begun
        if written and self._is_websocket:
            self._transport.write(b"".join(written))
            self._transport.finish()
            return True
        return not written

    def _reject_malformed(self) -> None:
        if self._exchange.response_started:
            self.abort()
        else:
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest("This is not HTTP, or a request that is too large."))

    def _answer(self, status: HTTPStatus, error: PiperSerialError) -> None:
        """Send `error` and close, without uvicorn. No response may have begun."""
        self._owner.reporter.error_sent(error, self.client)
        self._transport.write(raw_response(status, error))
        self._transport.finish()
        self._stall = StallTimer(LAST_WAIT)

    async def _run_http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._exchange
        # Without the query: it may hold the text.
        _LOGGER.debug("%s: received %.20s %.80r", self.client, scope["method"], scope["path"])
        exchange.called(scope["headers"])
        exchange.last |= self._owner.shutdown.begun
        self._follow_exchange()

        async def observed_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                exchange.body_read()
                self._follow_exchange()
            return message

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                _LOGGER.debug("%s: sent status %d", self.client, message["status"])
                exchange.start_response()
                self._follow_exchange()
                if exchange.last:
                    message = _with_close(message)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                exchange.complete_response()
                self._quiet_since = self._owner.clock()
                if exchange.complete and not exchange.last:
                    self._exchange = Exchange()

        await app(scope, observed_receive, observed_send)

    def _follow_exchange(self) -> None:
        """Do what the state of the exchange asks for."""
        exchange = self._exchange
        self._arrival.wait(exchange if exchange.arriving else None, now=self._owner.clock())
        if exchange.last:
            self._end_after_response()
        if exchange.request is RequestState.DONE:
            self._transport.resume_reading()

    def _end_after_response(self) -> None:
        self._exchange.last = True
        if not self._shutdown_called:
            self._shutdown_called = True
            self._http.shutdown()

    # WebSocket.

    def _websocket_send(self, send: Send) -> Send:
        """`send` that does the same with all versions of uvicorn."""

        async def websocket_send(message: Message) -> None:
            await self._writable.wait()  # uvicorn before 0.52.4 does not wait for a slow client
            if message["type"] == "websocket.http.response.start":
                message = _without(b"content-length", message)  # uvicorn adds it; before 0.52.4 a second time
            await send(message)

        return websocket_send


def _with_close(start: Message) -> Message:
    """The head of a response after which the connection ends (RFC 9112, section 9.6)."""
    start = _without(b"connection", start)
    return {**start, "headers": [*start["headers"], (b"connection", b"close")]}


def _without(name: bytes, start: Message) -> Message:
    """The head of a response without one of its headers."""
    return {**start, "headers": [header for header in start.get("headers", ()) if header[0].lower() != name]}
