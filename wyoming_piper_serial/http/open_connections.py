"""The open HTTP connections of the server."""

import asyncio
import time
from collections.abc import Callable

from uvicorn.protocols.http.h11_impl import H11Protocol

from wyoming_piper_serial.http.connection import HttpConnection
from wyoming_piper_serial.http.owners import InputHolding
from wyoming_piper_serial.http.pacer import Pacer
from wyoming_piper_serial.network.connection_limiter import Admission, ConnectionLimiter
from wyoming_piper_serial.observe.reporter import Client, Reporter
from wyoming_piper_serial.settings import Timeouts
from wyoming_piper_serial.shutdown import Shutdown

# Maximum number of seconds that a connection stays open without a request, unless --idle-timeout is set. HTTP clients
# reconnect automatically.
_KEEP_ALIVE = 60.0
# The same limit during a shutdown. One second is enough time for an orchestrator to send a readiness probe, and for a
# client that has connected just before the shutdown to send its request.
_KEEP_ALIVE_AT_SHUTDOWN = 1.0


class HttpConnections:
    """The set of open HTTP connections, and the objects that they share."""

    def __init__(
        self,
        new_protocol: Callable[[HttpConnection], H11Protocol],
        limiter: ConnectionLimiter,
        timeouts: Timeouts,
        *,
        new_input: Callable[[Client], InputHolding],
        reporter: Reporter,
        shutdown: Shutdown,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`new_protocol` creates uvicorn's protocol for a connection, with the connection's `asgi_state`. `new_input`
        returns an object that counts the buffered input of a connection."""
        self.new_protocol = new_protocol
        self.new_input = new_input
        self.timeouts = timeouts
        self.reporter = reporter
        self.shutdown = shutdown
        self.clock = clock
        self.pacer = Pacer(clock=clock)
        self._limiter = limiter
        self._open: dict[HttpConnection, float] = {}  # with the time when the connection was opened
        self._aborted = False
        self._empty = asyncio.Event()
        self._empty.set()

    def __repr__(self) -> str:
        return f"<HttpConnections {sorted(map(repr, self._open))}>"

    @property
    def keep_alive(self) -> float:
        """Maximum number of seconds that a connection stays open without a request."""
        return _KEEP_ALIVE_AT_SHUTDOWN if self.shutdown.begun else self.timeouts.idle or _KEEP_ALIVE

    def new_connection(self) -> HttpConnection:
        """Returns a new connection. This method is the event loop's protocol factory."""
        return HttpConnection(self)

    def add(self, connection: HttpConnection, peer: object) -> Admission | None:
        """Registers a new connection. `peer` is the socket's peer name.

        Returns `None` if the connection must be closed without an answer.
        """
        admission = None if self._aborted else self._limiter.admit(peer, http=True)
        if admission is not None:
            self._open[connection] = self.clock()
            self._empty.clear()
        return admission

    def remove(self, connection: HttpConnection, admission: Admission) -> None:
        """Removes a closed connection. Must be called once for each connection that `add` has accepted."""
        del self._open[connection]
        self._limiter.leave(admission)
        if not self._open:
            self._empty.set()

    def look(self) -> None:
        """Closes connections whose clients are too slow or idle for too long. Must be called about once per second."""
        now = self.clock()
        for connection in tuple(self._open):
            connection.look(now)

    def drain(self) -> None:
        """Closes idle connections at once and other connections after their current responses.

        If a connection is younger than a second, its first request may still arrive. `look` closes it when it is idle.
        """
        latest = self.clock() - _KEEP_ALIVE_AT_SHUTDOWN
        for connection, opened in tuple(self._open.items()):
            if opened <= latest:
                connection.drain()

    def abort(self) -> None:
        """Closes all connections at once. Connections that are accepted later are also closed at once."""
        self._aborted = True
        for connection in tuple(self._open):
            connection.abort()

    async def wait_closed(self) -> None:
        """Waits until no connection is open."""
        await self._empty.wait()
