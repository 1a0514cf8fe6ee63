"""One HTTP connection: limits and timeouts around uvicorn's protocols.

A connection stands between the event loop and uvicorn, and sees both the bytes and the ASGI messages:

    event loop  -->  HttpConnection  -->  uvicorn's protocol  -->  HttpConnection.run  -->  application
                <--  (HttpTransport) <--                      <--                      <--
                     bytes                                         ASGI messages

It tracks the progress of a request and its response in an `Exchange`, and uses no internals of uvicorn.
"""

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import Any, cast

import h11
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from websockets.exceptions import InvalidState

from wyoming_piper_serial.exceptions import BadRequest, EventTimeout, PiperSerialError
from wyoming_piper_serial.http.bounds import MAX_DISCARDED, MAX_REPLIES, READ_SIZE, FrameBounds
from wyoming_piper_serial.http.errors import raw_frames, raw_response, refusing
from wyoming_piper_serial.http.exchange import Exchange, RequestState, body_length
from wyoming_piper_serial.http.messages import websocket_send, with_close
from wyoming_piper_serial.http.owners import ConnectionOwner
from wyoming_piper_serial.http.pacer import MESSAGE_COST, REQUEST_COST
from wyoming_piper_serial.http.transport import Hold, HttpTransport
from wyoming_piper_serial.network.connection_limiter import Admission
from wyoming_piper_serial.network.timeouts import LAST_WAIT, ArrivalTimer, StallTimer
from wyoming_piper_serial.observe.reporter import Client

_LOGGER = logging.getLogger(__name__)

_STATE_KEY = "connection"


def connection_of(scope: Scope) -> "HttpConnection":
    """Returns the connection of an ASGI scope."""
    connection: HttpConnection = scope["state"][_STATE_KEY]
    return connection


def run_by_connection(app: ASGIApp) -> ASGIApp:
    """Returns the outermost ASGI application. It runs `app` by the connection of each request."""

    async def run(scope: Scope, receive: Receive, send: Send) -> None:
        await connection_of(scope).run(app, scope, receive, send)

    return run


class HttpConnection(asyncio.BufferedProtocol):
    """One connection: the protocol of the event loop's transport, and the owner of uvicorn's protocol."""

    def __init__(self, owner: "ConnectionOwner[HttpConnection]") -> None:
        self._owner = owner
        self._buffer = memoryview(bytearray(READ_SIZE))
        self._admission: Admission | None = None
        self._transport: HttpTransport
        self._http: H11Protocol
        self._protocol: asyncio.Protocol  # uvicorn's protocol: `_http`, or that of the WebSocket
        self._exchange = Exchange()
        self._body = b""  # bytes that arrived with the head, until the application is called
        self._frames = FrameBounds()
        self._is_websocket = False
        self._asgi_state: dict[str, Any] = {_STATE_KEY: self}
        self._called = False  # whether the application was called for the WebSocket
        self._protocol_ended = False
        self._shutdown_called = False  # whether `_http` was asked to close after the response
        self._discarded = 0  # bytes
        self._writable = asyncio.Event()
        self._writable.set()
        self._arrival = ArrivalTimer(owner.timeouts.event)
        self._stall = StallTimer(owner.timeouts.stall)
        self._quiet_since = owner.clock()  # time of the last received byte or completed response

    def __repr__(self) -> str:
        return f"<HttpConnection {self.client}: {self._exchange}>"

    @property
    def client(self) -> Client:
        """The client's name in log lines."""
        protocol = "websocket" if self._is_websocket else "http"
        return Client(protocol=protocol) if self._admission is None else self._admission.client(protocol)

    @property
    def asgi_state(self) -> dict[str, Any]:
        """The `state` of the connection's ASGI scopes. `connection_of` reads it."""
        return self._asgi_state

    @property
    def arriving(self) -> bool:
        """Whether a request has begun to arrive and is not complete."""
        return not self._is_websocket and self._exchange.arriving

    @property
    def _is_idle(self) -> bool:
        waits = self._exchange.request is RequestState.IDLE and not self._transport.is_closing()
        return not self._is_websocket and (waits or self._transport.lingering)

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
        _LOGGER.debug("%s: connected from port %s", self.client, self._admission.port)
        if self._admission.refusal is not None:
            self._owner.reporter.error_sent(self._admission.refusal, self.client)
            self._arrival.wait(self._exchange, now=self._quiet_since)  # limits the time to answer with the refusal

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Returns the buffer that the event loop reads into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Handle the received bytes now, or in their turn. Until then no more are read."""
        work = partial(self._handle, bytes(self._buffer[:nbytes]))
        self._quiet_since = self._owner.clock()
        if not self._owner.pacer.run(work, self._admission and self._admission.counted):
            self._transport.hold_reading(Hold.TURN)
            self._arrival.stop(now=self._quiet_since)

    def eof_received(self) -> bool | None:
        """Handle the end of the client's input; false closes the connection."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Called when many sent bytes wait for the client."""
        self._writable.clear()
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Called when the client has read most of them."""
        self._writable.set()
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the closed connection."""
        if self._admission is None:
            return
        _LOGGER.debug("%s: closed%s", self.client, f": {exc}" if exc else "")
        self._writable.set()
        self._end_protocol()
        self._owner.remove(self, self._admission)
        # Without these cycles, it is freed at once: the garbage collector would stop the event loop.
        self._shutdown_called = True
        self._asgi_state.clear()
        self._transport.detach()
        del self._http, self._protocol

    # Called by the transport, for uvicorn.

    def close_requested(self) -> None:
        """Close after all is sent. If a body is incomplete after a response has begun, its rest is read first."""
        if self._exchange.response_started and self.arriving:
            self._transport.linger()
        else:
            self._transport.finish()

    def may_pause_reading(self) -> bool:
        """uvicorn pauses reading if the application reads a body slowly, or if another request is sent ahead. Only the
        first is allowed: after the second, the client's disconnect would go unnoticed."""
        return self._is_websocket or self._exchange.request is not RequestState.DONE

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Switch to the protocol of a WebSocket."""
        asyncio.get_running_loop().call_soon(self._check_handshake)  # after the application's first step
        self._protocol = cast("asyncio.Protocol", protocol)
        self._is_websocket = True
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
            self._called = True
            self._transport.release_reading(Hold.HEAD)
            await app(scope, receive, websocket_send(send, self._writable))

    def reset(self) -> None:
        """Close with a reset, so that the client sees that a response without a length is incomplete."""
        self._transport.reset()

    # Called by HttpConnections.

    def look(self, now: float) -> None:
        """Close the connection if its client is too slow, has stopped reading, or has sent no request for too long."""
        if self._is_websocket and not self._transport.is_reading():
            self._arrival.stop(now=now)
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
        """Close after the running response, or at once if there is none. The application of a WebSocket waits for the
        shutdown itself."""
        if self._transport.lingering:
            self._transport.finish()
        elif not self._is_websocket and not self._transport.is_closing():
            self._end_after_response()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()

    def _end_slow_request(self) -> None:
        refused = self._admission is not None and self._admission.refusal is not None
        seconds = self._owner.timeouts.event
        if self._is_websocket:
            self._end_websocket(EventTimeout(f"A message did not arrive whole within {seconds:g} seconds."))
        elif refused or self._exchange.response_started:
            self.abort()
        else:
            error = EventTimeout(f"The request did not arrive whole within {seconds:g} seconds.")
            self._answer(HTTPStatus.REQUEST_TIMEOUT, error)

    def _handle(self, data: bytes) -> None:
        """Handle received bytes; see Pacer. If uvicorn fails, the connection is closed, as the event loop would do."""
        self._transport.release_reading(Hold.TURN)
        try:
            self._dispatch(data)
        except InvalidState:  # raised for a message that is not UTF-8 before the close of a WebSocket
            self.abort()
        except Exception:
            _LOGGER.exception("%s: received bytes could not be handled", self.client)
            self.abort()

    def _dispatch(self, data: bytes) -> None:
        if self._transport.lingering:
            self._discarded += len(data)
            if self._discarded > MAX_DISCARDED:
                self.abort()
        elif self._transport.is_closing():
            pass
        elif self._is_websocket:
            self._receive_frames(data)
        else:
            self._receive(data)

    # HTTP.

    def _receive(self, data: bytes) -> None:
        exchange = self._exchange
        if exchange.request is RequestState.DONE:  # sent ahead: not parsed
            exchange.received(data)
        elif exchange.request is RequestState.BODY:
            exchange.received(data)
            self._parse_body(data)
        else:
            head = exchange.received(data)
            self._body += data[head:]
            if head:
                self._parse(data[:head])
            if exchange.head_complete:
                self._owner.pacer.charge(REQUEST_COST)
                self._transport.hold_reading(Hold.HEAD)
        if not self._is_websocket and not self._transport.is_closing():
            self._follow_exchange()

    def _parse_body(self, body: bytes) -> None:
        self._exchange.parsing(body)
        self._parse(body)

    def _parse(self, data: bytes) -> None:
        """Let uvicorn parse `data`, or reject it if it is not HTTP or exceeds a bound.

        uvicorn's output during the parse does not come from the application: it is an error page about malformed bytes,
        or the response to a malformed WebSocket handshake.
        """
        if self._exchange.fault is not None:
            self._reject(f"The request has {self._exchange.fault}.")
            return
        try:
            with self._transport.hold() as written:
                self._protocol.data_received(data)
        except h11.LocalProtocolError:
            written = [b""]  # uvicorn cannot send its error page after a response has begun
        if written and self._is_websocket:
            self._transport.write(b"".join(written))
            self._transport.finish()
        elif written:
            self._reject("This is not HTTP, or a request that is too large.")

    def _reject(self, reason: str) -> None:
        if self._exchange.response_started:
            self.abort()
        else:
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest(reason))

    def _answer(self, status: HTTPStatus, error: PiperSerialError) -> None:
        """Send `error` and close, without uvicorn. No response may have begun."""
        self._owner.reporter.error_sent(error, self.client)
        self._transport.write(raw_response(status, error))
        self._transport.finish()
        self._end_protocol()  # an application that was called before the malformed bytes came has no client any more
        self._stall = StallTimer(LAST_WAIT)

    def _end_protocol(self) -> None:
        """uvicorn has nothing more to do with this connection."""
        if not self._protocol_ended:
            self._protocol_ended = True
            self._protocol.connection_lost(None)  # with an error, uvicorn would keep its keep-alive timer

    async def _run_http(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = self._exchange
        _LOGGER.debug("%s: received a %.20s request", self.client, scope["method"])
        exchange.called(scope["headers"])
        exchange.last |= self._owner.shutdown.begun
        body, self._body = self._body[: body_length(scope["headers"])], b""
        if body and not self._transport.is_closing():
            self._parse_body(body)
        self._transport.release_reading(Hold.HEAD)
        self._follow_exchange()

        async def observed_receive() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not message.get("more_body"):
                exchange.body_read()
                self._follow_exchange()
            return message

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Path and query may contain the text; the path of a route does not.
                path = getattr(scope.get("route"), "path", "an unknown path")
                _LOGGER.debug("%s: sent status %d for %s", self.client, message["status"], path)
                exchange.start_response()
                self._follow_exchange()
                if exchange.last:
                    message = with_close(message)
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                exchange.complete_response()
                self._quiet_since = self._owner.clock()
                if exchange.complete and not exchange.last:
                    self._exchange = Exchange()

        await app(scope, observed_receive, observed_send)

    def _follow_exchange(self) -> None:
        """Act on the state of the exchange."""
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

    def _check_handshake(self) -> None:
        """uvicorn neither answers a handshake that its WebSocket library cannot parse, nor calls the application."""
        if not self._called and not self._transport.is_closing():
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest("This request for a WebSocket is not valid, or too large."))

    def _receive_frames(self, data: bytes) -> None:
        if fault := self._frames.fault(data):
            self._end_websocket(BadRequest(f"The WebSocket has {fault}."))
            return
        self._owner.pacer.charge(MESSAGE_COST)
        with self._transport.gather():
            self._protocol.data_received(data)
        self._arrival.wait(self._frames.unfinished, now=self._owner.clock())
        if self._transport.backlog > MAX_REPLIES:
            self.abort()

    def _end_websocket(self, error: PiperSerialError) -> None:
        """Send `error` and close, without the application."""
        self._owner.reporter.error_sent(error, self.client)
        self._transport.write(raw_frames(error))
        self._transport.finish()
        self._end_protocol()
        self._stall = StallTimer(LAST_WAIT)
