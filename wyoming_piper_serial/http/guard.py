"""HTTP connections beneath HTTP: who may come in, who asks too slowly, who has stopped reading.

The web server knows none of this. Its protocols are subclassed here to tell a guard of each connection, and the
guard looks after all of them once a second.
"""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import h11
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from wyoming_piper_serial.exceptions import EventTimeout, PiperSerialError
from wyoming_piper_serial.http.errors import body_of, headers_of, note_error, status_of
from wyoming_piper_serial.network.door import Door, Guest
from wyoming_piper_serial.network.stall import StallWatch
from wyoming_piper_serial.settings import Timeouts

_LOGGER = logging.getLogger(__name__)


class Visit:
    """One connection, from accept to its end."""

    def __init__(self, transport: asyncio.Transport, guest: Guest) -> None:
        self.transport = transport
        self.guest = guest
        self.asking_since: float | None = None
        """When the request that is still arriving was begun; `None` while none is."""

        self.too_slow: Callable[[], None] = transport.abort
        """Ends the connection of one that asks too slowly."""

        self._watch: StallWatch | None = None

    def stalled(self, *, seconds: float, now: float) -> bool:
        """Whether the client has taken nothing for so long of what waits for it."""
        backlog = self.transport.get_write_buffer_size()
        if not backlog:
            self._watch = None
            return False
        # Nothing is written while much waits, so a backlog that stays as it is was not touched at either end.
        if self._watch is None:
            self._watch = StallWatch(seconds, now=now, taken=-backlog)
        return self._watch.stalled(now=now, taken=-backlog)


class Guard:
    """All HTTP connections of a server."""

    def __init__(
        self,
        door: Door,
        timeouts: Timeouts,
        *,
        error_told: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self._door = door
        self._timeouts = timeouts
        self._error_told = error_told
        self._visits: dict[asyncio.BaseTransport, Visit] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def __repr__(self) -> str:
        return f"<Guard of {len(self._visits)} connections>"

    def enter(self, transport: asyncio.Transport) -> Visit | None:
        """The visit of this connection, which may be known already; `None` if it is not let in. `leave` must follow."""
        visit = self._visits.get(transport)
        if visit is None:
            guest = self._door.knock(transport.get_extra_info("peername"))
            if guest is None:
                return None
            visit = self._visits[transport] = Visit(transport, guest)
            self._empty.clear()
        return visit

    def leave(self, transport: asyncio.Transport) -> None:
        """The connection is over."""
        visit = self._visits.pop(transport, None)
        if visit is not None:
            self._door.leave(visit.guest)
        if not self._visits:
            self._empty.set()

    def look(self) -> None:
        """Let go of those who take nothing and of those who ask too slowly."""
        now = self.clock()
        for visit in list(self._visits.values()):
            stall = self._timeouts.stall
            if stall and visit.stalled(seconds=stall, now=now):
                _LOGGER.info("a client is cut off: it took nothing for %gs", stall)
                visit.transport.abort()
            elif visit.asking_since is not None and 0 < self._timeouts.event <= now - visit.asking_since:
                visit.asking_since = None
                visit.too_slow()

    def event_timeout(self) -> PiperSerialError:
        """The error for one who asks too slowly, noted."""
        error = EventTimeout(f"The request did not arrive whole within {self._timeouts.event:g} seconds.")
        note_error(error, self._error_told)
        return error

    def refusal(self, guest: Guest) -> ASGIApp | None:
        """An application that tells `guest` why it must go, noted; `None` if it may stay."""
        if guest.refusal is None:
            return None
        note_error(guest.refusal, self._error_told)
        return refusing(guest.refusal)

    def abort(self) -> None:
        """Drop all connections."""
        for transport in [visit.transport for visit in self._visits.values()]:
            transport.abort()

    async def wait_empty(self) -> None:
        """Wait until all have left."""
        await self._empty.wait()


class HttpProtocol(H11Protocol):
    """HTTP/1.1 under a guard."""

    def __init__(self, guard: Guard, **how: Any) -> None:
        super().__init__(**how)
        self._guard = guard
        self._visit: Visit | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        visit = self._visit = self._guard.enter(transport)
        if visit is None:
            transport.abort()
            return
        visit.too_slow = self._too_slow
        refusal = self._guard.refusal(visit.guest)
        if refusal is not None:
            self.app = refusal
            visit.asking_since = self._guard.clock()  # it is there to be told, and not for longer
        # uvicorn begins to count after the first answer; a browser may connect and never ask.
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._visit is None or self.transport.get_protocol() is not self:
            return  # a WebSocket's: h11 was not asked to the request's end, and would take it for unfinished
        arriving = self.conn.their_state is h11.SEND_BODY or (
            self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])
        )
        if not arriving:
            self._visit.asking_since = None
        elif self._visit.asking_since is None:
            self._visit.asking_since = self._guard.clock()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._unset_keepalive_if_required()  # uvicorn forgets it where there was an error
        self._guard.leave(self.transport)

    def _too_slow(self) -> None:
        error = self._guard.event_timeout()
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's annotation leaves out that there may be none
        if cycle is not None and cycle.response_started and not cycle.response_complete:
            self.transport.abort()
            return
        self.transport.write(_whole_response(error))
        self.transport.close()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """A WebSocket under the guard that its connection had as HTTP."""

    def __init__(self, guard: Guard, **how: Any) -> None:
        super().__init__(**how)
        self._guard = guard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        visit = self._guard.enter(self.transport)
        if visit is None:
            self.transport.abort()
            return
        visit.asking_since = None
        visit.too_slow = self.transport.abort
        refusal = self._guard.refusal(visit.guest)
        if refusal is not None:
            self.app = refusal

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._guard.leave(self.transport)


def refusing(error: PiperSerialError) -> ASGIApp:
    """An ASGI application that answers everything with `error`."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {**headers_of(error), "Connection": "close"}
        await JSONResponse(body_of(error), status_of(error), headers)(scope, receive, send)

    return refuse


def _whole_response(error: PiperSerialError) -> bytes:
    """An answer for a request that h11 has not seen whole."""
    body = json.dumps(body_of(error)).encode()
    return b"HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status_of(error),
        b"Request Timeout",
        len(body),
        body,
    )
