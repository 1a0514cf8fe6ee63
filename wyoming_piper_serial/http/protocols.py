"""uvicorn's protocols, under a guard."""

import asyncio
import json
import socket
import struct
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from wyoming_piper_serial.exceptions import BadRequest, PiperSerialError
from wyoming_piper_serial.http.connections import HttpConnection, HttpConnections
from wyoming_piper_serial.http.errors import body_of, refusing

# Bytes of a body that is not wanted. They are read so that the refusal is not lost to a reset; more is too much to ask.
_MAX_UNWANTED = 1024 * 1024

# Bytes of answers to pings and the like that may wait for a client that reads nothing.
_MAX_REPLIES = 1024 * 1024

CUT_OFF = "cut_off"
"""In an ASGI scope's state: a function that ends the connection with no goodbye."""


class HttpProtocol(H11Protocol):
    """HTTP/1.1. Requests that are sent ahead are not answered: reading would have to stop for them, and with it the
    sight of a client that leaves."""

    def __init__(self, guard: HttpConnections, **how: Any) -> None:
        super().__init__(**how, app_state={CUT_OFF: self._cut_off})
        self._guard = guard
        self._visit: HttpConnection | None = None
        self._ahead = False  # the client has sent another request before its answer was complete
        self._unwanted = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        visit = self._visit = self._guard.enter(transport)
        if visit is None:
            super().connection_made(transport)
            transport.abort()
            return
        super().connection_made(visit.transport)
        visit.too_slow = self._too_slow
        if visit.admission.refusal is not None:
            self.app = refusing(visit.admission.refusal)
            visit.asking_since = self._guard.clock()  # it is there to be told, and not for longer
        # uvicorn begins to count after the first answer; a browser may connect and never ask.
        seconds = self._guard.patience or self.timeout_keep_alive
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        if self._ahead or self.transport.is_closing():
            return
        super().data_received(data)
        if self._visit is None or self.transport.get_protocol() is not self:
            return  # a WebSocket's: h11 was not asked to the request's end, and would take it for unfinished
        cycle = self._cycle
        if cycle is not None and self._guard.draining:
            cycle.keep_alive = False
        if self.conn.their_state is h11.DONE and self.conn.trailing_data[0]:
            self._ahead = True
            if cycle is not None:
                cycle.keep_alive = False
            self.flow.resume_reading()
        self._note_arriving(len(data))

    def send_400_response(self, _msg: str) -> None:
        cycle = self._cycle
        if cycle is not None and cycle.response_started:
            self.transport.abort()
            return
        error = BadRequest("This is not HTTP, or a request that is too large.")
        self._guard.note(error)
        self._tell(b"400 Bad Request", error)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn forgets it where there was an error
        self._guard.leave(self.transport)

    @property
    def _cycle(self) -> RequestResponseCycle | None:
        return self.cycle  # uvicorn's annotation leaves out that there may be none

    def _note_arriving(self, taken: int) -> None:
        if self._visit is None:
            return
        in_body = self.conn.their_state is h11.SEND_BODY
        if not in_body and not (self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]):
            self._visit.asking_since = None
            return
        if self._visit.asking_since is None:
            self._visit.asking_since = self._guard.clock()
        if in_body and self._cycle is not None and self._cycle.response_complete:
            self._unwanted += taken
            if self._unwanted > _MAX_UNWANTED:
                self.transport.abort()

    def _too_slow(self) -> None:
        answered = self._cycle is not None and self._cycle.response_started
        if answered and self.conn.their_state is h11.IDLE:  # the answer was to the request before
            answered = False
        if answered or (self._visit is not None and self._visit.admission.refusal is not None):
            self.transport.abort()
        else:
            self._tell(b"408 Request Timeout", self._guard.event_timeout())

    def _tell(self, status: bytes, error: PiperSerialError) -> None:
        """Answer a request that h11 has not seen whole, and close."""
        body = json.dumps(body_of(error)).encode()
        head = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)
        self.transport.close()

    def _cut_off(self) -> None:
        # A reset, also where nothing waits: a usual close says that all was sent.
        link: socket.socket = self.transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket under the guard that its connection had as HTTP."""

    def __init__(self, guard: HttpConnections, **how: Any) -> None:
        super().__init__(**how)
        self._guard = guard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        visit = self._guard.visit(transport)
        visit.asking_since = None
        visit.too_slow = self.transport.abort
        if visit.admission.refusal is not None:
            self.app = refusing(visit.admission.refusal)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # Each ping is answered, whatever waits: one who sends them and never reads must not fill the memory.
        if self.transport.get_write_buffer_size() > _MAX_REPLIES:
            self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._guard.leave(self.transport)
