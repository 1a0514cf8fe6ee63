"""Applies limits and timeouts to HTTP connections, using uvicorn's protocols.

An `HttpConnection` sits between the event loop and uvicorn, so it sees both the bytes and the ASGI messages:

    event loop  -->  HttpConnection  -->  uvicorn's protocol  -->  HttpConnection.run  -->  application
                <--  (HttpTransport) <--                      <--                      <--
                     bytes                                         ASGI messages

It tracks the progress of a request and its response in an `Exchange`. It uses no internals of uvicorn.
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

from wyoming_piper_serial.exceptions import BadRequest, BuffersFull, EventTimeout, PiperSerialError
from wyoming_piper_serial.http.bounds import MAX_DISCARDED, READ_SIZE, FrameBounds
from wyoming_piper_serial.http.errors import raw_frames, raw_response, refusing, text_of_page
from wyoming_piper_serial.http.exchange import Exchange, RequestState, body_length
from wyoming_piper_serial.http.messages import http_receive, websocket_receive, websocket_send, with_close
from wyoming_piper_serial.http.owners import ConnectionOwner, InputHolding
from wyoming_piper_serial.http.pacer import message_cost, request_cost
from wyoming_piper_serial.http.transport import Hold, HttpTransport
from wyoming_piper_serial.network.connection_limiter import Admission
from wyoming_piper_serial.network.timeouts import LAST_WAIT, ArrivalTimer, StallTimer
from wyoming_piper_serial.observe.reporter import Client

_LOGGER = logging.getLogger(__name__)

STATE_KEY = "connection"
"""The key of the connection in the `state` of an ASGI scope."""


class HttpConnection(asyncio.BufferedProtocol):
    """An HTTP or WebSocket connection: the event loop's protocol, which owns uvicorn's protocol."""

    def __init__(self, owner: "ConnectionOwner[HttpConnection]") -> None:
        self._owner = owner
        self._buffer = memoryview(bytearray(READ_SIZE))
        self._admission: Admission | None = None
        self._input: InputHolding  # counts the bytes of a request or of WebSocket messages and pongs
        self._transport: HttpTransport
        self._http: H11Protocol
        self._protocol: asyncio.Protocol  # uvicorn's protocol for HTTP (`_http`) or for a WebSocket
        self._exchange = Exchange()
        self._body = b""  # bytes of the body that arrived before the application was called
        self._frames = FrameBounds()
        self._is_websocket = False
        self.asgi_state: dict[str, Any] = {STATE_KEY: self}
        """The `state` in the ASGI scopes of this connection. `connection_of` reads it."""

        self._called = False  # whether the application was called for the WebSocket
        self._protocol_ended = False
        self._shutdown_called = False  # Whether `_http` will close after the response.
        self._discarded = 0  # Number of bytes discarded after the response.
        self._writable = asyncio.Event()
        self._writable.set()
        self._arrival = ArrivalTimer(owner.timeouts.event)
        self._stall = StallTimer(owner.timeouts.stall)
        self._quiet_since = owner.clock()  # time of the last received byte or completed response

    def __repr__(self) -> str:
        return f"<HttpConnection {self.client}: {self._exchange}>"

    @property
    def client(self) -> Client:
        """The client of this connection, as shown in log lines."""
        protocol = "websocket" if self._is_websocket else "http"
        return Client(protocol=protocol) if self._admission is None else self._admission.client(protocol)

    @property
    def _is_idle(self) -> bool:
        waits = self._exchange.request is RequestState.IDLE and not self._transport.is_closing()
        return self._transport.lingering or (waits and not self._is_websocket)

    # Methods that the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Registers the connection and passes it to uvicorn, or closes it if the limiter does not admit it."""
        self._transport = HttpTransport(cast("asyncio.Transport", transport), self)
        self._admission = self._owner.add(self, transport.get_extra_info("peername"))
        if self._admission is None:
            self._transport.abort()
            return
        self._input = self._owner.new_input(self.client)
        self._protocol = self._http = self._owner.new_protocol(self)
        self._http.connection_made(self._transport)
        _LOGGER.debug("%s: connected from port %s", self.client, self._admission.port)
        if self._admission.refusal is not None:
            self._owner.reporter.error_sent(self._admission.refusal, self.client)
            self._arrival.wait(self._exchange, now=self._quiet_since)  # limits the time until the refusal is sent

    def get_buffer(self, _sizehint: int) -> memoryview:
        """Returns the buffer that the event loop reads into."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Handles the received bytes when the pacer allows it. No more bytes are read until then."""
        work = partial(self._handle, bytes(self._buffer[:nbytes]))
        self._quiet_since = self._owner.clock()
        if not self._owner.pacer.run(work, self._admission and self._admission.counted):
            self._transport.hold_reading(Hold.TURN)
            self._arrival.stop(now=self._quiet_since)

    def eof_received(self) -> bool | None:
        """Handles the end of the client's input. Returns a false value if the event loop must close the connection."""
        return self._protocol.eof_received()

    def pause_writing(self) -> None:
        """Called when too many bytes are buffered for the client."""
        self._writable.clear()
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        """Called when the client has read most of the buffered bytes."""
        self._writable.set()
        if self._is_websocket:
            self._input.hold(self._exchange.size + self._frames.held)
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells uvicorn that the connection is closed, removes it from the open connections, and frees its memory."""
        if self._admission is None:
            return
        _LOGGER.debug("%s: closed%s", self.client, f": {exc}" if exc else "")
        self._writable.set()
        self._end_protocol()
        self._input.hold(0)
        self._owner.remove(self, self._admission)
        # Break reference cycles to free the memory at once. The garbage collector would block the event loop.
        self.asgi_state.clear()
        self._transport.detach()

    # Methods that the transport calls on behalf of uvicorn.

    def close_requested(self) -> None:
        """Closes the connection after all output. First discards the rest of a request whose response has begun."""
        if self._exchange.response_started and self._exchange.arriving:
            self._transport.linger()
        else:
            self._transport.finish()

    def may_pause_reading(self) -> bool:
        """Returns whether uvicorn may pause reading. It may, for example, while the application reads a body slowly. It
        may not after a request is complete, because a disconnect of the client would then go unnoticed."""
        return self._is_websocket or self._exchange.request is not RequestState.DONE

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Switches to uvicorn's protocol for a WebSocket."""
        asyncio.get_running_loop().call_soon(self._check_handshake)  # runs after a valid handshake is handled
        self._protocol = cast("asyncio.Protocol", protocol)
        self._is_websocket = True
        self._arrival.wait(None, now=self._owner.clock())
        _LOGGER.debug("%s: upgraded", self.client)

    # Methods that the application calls.

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Runs `app` for a request or the WebSocket of this connection, or sends the refusal of the limiter."""
        if self._admission is not None and self._admission.refusal is not None:
            app = refusing(self._admission.refusal)
        if scope["type"] == "http":
            await self._run_http(app, scope, receive, send)
        else:
            self._called = True
            self._transport.release_reading(Hold.HEAD)
            receive = websocket_receive(receive, lambda size: self._turn(message_cost(size)))
            await app(scope, receive, websocket_send(send, self._writable))

    def stream_body(self) -> None:
        """Records that the application handles the body of the current request in pieces as it arrives."""
        self._exchange.stream_body()

    def reset(self) -> None:
        """Closes the connection with a reset, which tells the client that a response without a length is incomplete."""
        self._transport.reset()

    # Methods that HttpConnections calls.

    def look(self, now: float) -> None:
        """Closes the connection if the client is too slow, has stopped reading, or has been idle for too long."""
        if self._is_websocket and not self._transport.is_reading():
            self._arrival.stop(now=now)
        if self._stall.stalled(now=now, taken=self._transport.taken, backlog=self._transport.backlog):
            _LOGGER.info("%s: disconnected after reading nothing for %gs", self.client, self._stall.seconds)
            self.abort()
        elif self._arrival.expired(now=now):
            self._arrival.wait(None, now=now)
            self._end_slow_request()
        elif self._is_idle and now - self._quiet_since >= self._owner.keep_alive:
            _LOGGER.debug("%s: no request for %gs", self.client, self._owner.keep_alive)
            self._transport.finish()

    def drain(self) -> None:
        """Closes the connection after the current response. A WebSocket stays open until the application closes it."""
        if self._transport.lingering:
            self._transport.finish()
        elif not self._is_websocket and not self._transport.is_closing():
            self._end_after_response()

    def abort(self) -> None:
        """Closes the connection at once."""
        self._transport.abort()

    def _end_slow_request(self) -> None:
        refused = self._admission is not None and self._admission.refusal is not None
        seconds = self._owner.timeouts.event
        if self._is_websocket and not self._transport.lingering:
            self._end_websocket(EventTimeout(f"A message was not complete within {seconds:g} seconds."))
        elif refused or self._transport.lingering or self._exchange.response_started:
            self.abort()
        else:
            error = EventTimeout(f"The request was not complete within {seconds:g} seconds.")
            self._answer(HTTPStatus.REQUEST_TIMEOUT, error)

    def _handle(self, data: bytes) -> None:
        """Handles received bytes when the pacer allows it. Closes the connection if uvicorn raises an error."""
        self._transport.release_reading(Hold.TURN)
        try:
            self._dispatch(data)
        except BuffersFull as error:
            self._refuse_input(error)
        except InvalidState:  # raised if the last WebSocket message is not UTF-8
            self.abort()
        except Exception:
            _LOGGER.exception("%s: received bytes could not be handled", self.client)
            self.abort()

    def _refuse_input(self, error: BuffersFull) -> None:
        """Sends `error`, or aborts the connection if an HTTP response has begun. Discards all input."""
        if self._is_websocket:
            self._end_websocket(error, linger=True)
        elif self._exchange.response_started:
            self.abort()
        else:
            self._exchange.start_response()  # prevents a second error if the rest of the request arrives slowly
            self._answer(HTTPStatus.SERVICE_UNAVAILABLE, error)
        self._body = b""
        self._input.hold(0)
        self._arrival.wait(error, now=self._owner.clock())  # limits the time until the rest of the input has arrived

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

    # Methods that handle HTTP requests.

    def _receive(self, data: bytes) -> None:
        exchange, before = self._exchange, self._exchange.request
        head = exchange.received(data)
        self._input.claim(exchange.held)
        if before is RequestState.BODY:
            self._parse_body(data)
        elif before is not RequestState.DONE:  # if DONE, `data` is a pipelined request, which is not parsed
            self._body += data[head:]
            if head:
                self._parse(exchange.parsable(data[:head]))
            if exchange.head_complete:
                self._owner.pacer.charge(request_cost(exchange.size))
                self._transport.hold_reading(Hold.HEAD)
        if not self._is_websocket and not self._transport.is_closing():
            self._follow_exchange()

    def _parse_body(self, body: bytes) -> None:
        self._exchange.parsing(body)
        self._parse(body)

    def _parse(self, data: bytes) -> None:
        """Passes `data` to uvicorn's parser. Rejects data that is not HTTP or exceeds a bound.

        Output during this call is uvicorn's error page for malformed bytes or its response to a malformed handshake.
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
            self._reject(text_of_page(b"".join(written)))
        elif written:
            self._reject("This is not HTTP, or the request is too large.")

    def _reject(self, reason: str) -> None:
        if self._exchange.response_started:
            self.abort()
        else:
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest(reason))

    def _answer(self, status: HTTPStatus, error: PiperSerialError) -> None:
        """Sends `error` without uvicorn and closes the connection. Must not be called after a response has begun."""
        self._owner.reporter.error_sent(error, self.client)
        self._transport.write(raw_response(status, error))
        self.close_requested()
        self._end_protocol()  # tells a running application that its client has disconnected
        self._stall = StallTimer(LAST_WAIT)

    def _end_protocol(self) -> None:
        """Tells uvicorn that the connection has ended, and frees uvicorn's protocols and their buffered input."""
        if not self._protocol_ended:
            self._protocol_ended = self._shutdown_called = True
            self._protocol.connection_lost(None)  # With an error, uvicorn would not stop its keep-alive timer.
            self._protocol = asyncio.Protocol()  # Its methods do nothing.
            del self._http

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
        is_late = exchange.arriving  # the bodies of many requests may become complete at the same time

        async def at_end() -> None:
            exchange.body_read()
            self._follow_exchange()
            if is_late:
                await self._turn(request_cost(exchange.size))

        async def observed_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                # Logs the path of the route, because the path and the query of the request may contain text to speak.
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
                    self._input.hold(0)

        await app(scope, http_receive(receive, at_end), observed_send)

    async def _turn(self, seconds: float) -> None:
        await self._owner.pacer.turn(seconds, self._admission and self._admission.counted)

    def _follow_exchange(self) -> None:
        """Acts on the new state of the exchange: updates timeouts, resumes reading, or closes the connection."""
        exchange = self._exchange
        self._arrival.wait(exchange.awaited, now=self._owner.clock())
        if exchange.last:
            self._end_after_response()
        if exchange.request is RequestState.DONE:
            self._transport.resume_reading()

    def _end_after_response(self) -> None:
        self._exchange.last = True
        if not self._shutdown_called:
            self._shutdown_called = True
            self._http.shutdown()

    # Methods that handle a WebSocket.

    def _check_handshake(self) -> None:
        """Rejects a handshake that uvicorn left unanswered because the WebSocket library could not parse it."""
        if not self._called and not self._transport.is_closing():
            self._answer(HTTPStatus.BAD_REQUEST, BadRequest("This WebSocket request is not valid or is too large."))

    def _receive_frames(self, data: bytes) -> None:
        if fault := self._frames.fault(data):
            self._end_websocket(BadRequest(f"The WebSocket has {fault}."))
            return
        self._input.claim(self._exchange.size + self._frames.held + self._transport.unread_replies)
        with self._transport.gather():
            self._protocol.data_received(data)
        self._arrival.wait(self._frames.unfinished, now=self._owner.clock())

    def _end_websocket(self, error: PiperSerialError, *, linger: bool = False) -> None:
        """Sends `error` and closes the WebSocket. If `linger` is true, reads and discards the rest of the input."""
        self._owner.reporter.error_sent(error, self.client)
        self._transport.write(raw_frames(error))
        (self._transport.linger if linger else self._transport.finish)()
        self._end_protocol()
        self._stall = StallTimer(LAST_WAIT)
