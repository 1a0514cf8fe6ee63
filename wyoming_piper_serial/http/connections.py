"""HTTP connections beneath HTTP: who may come in, who asks too slowly, who has stopped reading.

The web server knows none of this. Its protocols (`protocols`) tell a guard of each connection, and the guard looks
after all of them once a second.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, cast

from wyoming_piper_serial.exceptions import EventTimeout, PiperSerialError
from wyoming_piper_serial.http.errors import note_error
from wyoming_piper_serial.network.limiter import Admission, ConnectionLimiter
from wyoming_piper_serial.network.timeouts import StallWatch
from wyoming_piper_serial.settings import Timeouts

_LOGGER = logging.getLogger(__name__)

# Bytes taken from a socket before the loop gets its turn. Parsers take what is read in one go: of asyncio's own
# 256 KiB, a body in chunks of one byte would hold everybody up for a second.
_READ_AT_ONCE = 4096

_PATIENCE_AT_THE_END = 1.0  # seconds for a new connection to ask something, once the server is ending


class _Counting:
    """A transport that counts what is written to it."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.written = 0

    def write(self, data: bytes) -> None:
        self.written += len(data)
        self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class HttpConnection:
    """One connection, from accept to its end."""

    def __init__(self, transport: asyncio.Transport, admission: Admission) -> None:
        self._counting = _Counting(transport)
        self.transport = cast("asyncio.Transport", self._counting)
        """To be used in place of the connection's own."""

        self.admission = admission
        self.asking_since: float | None = None
        """When the request that is still arriving was begun; `None` while none is."""

        self.too_slow: Callable[[], None] = transport.abort
        """Ends the connection of one that asks too slowly."""

        self._watch: StallWatch | None = None

    @property
    def backlog(self) -> int:
        """Bytes that wait to be taken."""
        return self.transport.get_write_buffer_size()

    def stalled(self, *, seconds: float, now: float) -> bool:
        """Whether the client has taken nothing for so long of what waits for it."""
        if not self.backlog:
            self._watch = None
            return False
        taken = self._counting.written - self.backlog
        if self._watch is None:
            self._watch = StallWatch(seconds, now=now, taken=taken)
        return self._watch.stalled(now=now, taken=taken)


class HttpConnections:
    """All HTTP connections of a server."""

    def __init__(
        self,
        limiter: ConnectionLimiter,
        timeouts: Timeouts,
        *,
        error_sent: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.clock = clock
        self.draining = False
        """The server is ending: connections go when they have their answer."""

        self._limiter = limiter
        self._timeouts = timeouts
        self._error_sent = error_sent
        self._visits: dict[asyncio.BaseTransport, HttpConnection] = {}
        self._empty = asyncio.Event()
        self._empty.set()

    def __repr__(self) -> str:
        return f"<HttpConnections of {len(self._visits)} connections{', draining' if self.draining else ''}>"

    @property
    def patience(self) -> float | None:
        """Seconds a new connection may take to ask something; `None` is as long as others."""
        return _PATIENCE_AT_THE_END if self.draining else None

    def enter(self, transport: asyncio.Transport) -> HttpConnection | None:
        """The visit of a new connection; `None` if it is not let in. `leave` must follow."""
        admission = self._limiter.admit(transport.get_extra_info("peername"))
        if admission is None:
            return None
        if hasattr(transport, "max_size"):
            transport.max_size = _READ_AT_ONCE
        if admission.refusal is not None:
            self.note(admission.refusal)
        visit = HttpConnection(transport, admission)
        self._visits[visit.transport] = visit
        self._empty.clear()
        return visit

    def visit(self, transport: asyncio.BaseTransport) -> HttpConnection:
        """The visit of a connection that was let in."""
        return self._visits[transport]

    def leave(self, transport: asyncio.BaseTransport) -> None:
        """The connection is over."""
        visit = self._visits.pop(transport, None)
        if visit is not None:
            self._limiter.leave(visit.admission)
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
        self.note(error)
        return error

    def note(self, error: PiperSerialError) -> None:
        """Log and count an error that a client is told."""
        note_error(error, self._error_sent)

    def abort(self) -> None:
        """Drop all connections."""
        for transport in [visit.transport for visit in self._visits.values()]:
            transport.abort()

    async def wait_empty(self) -> None:
        """Wait until all have left."""
        await self._empty.wait()
