"""The Wyoming server: accepts connections and shuts down in stages."""

import asyncio
import logging
from dataclasses import replace
from functools import partial

from wyoming_piper_serial.network.address import Address
from wyoming_piper_serial.network.connection_limiter import Admission, ConnectionLimiter
from wyoming_piper_serial.network.proxied import ProxyGate
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.wyoming.connection import Connection, ConnectionContext
from wyoming_piper_serial.wyoming.listener import Listener
from wyoming_piper_serial.wyoming.wire import error_event

_LOGGER = logging.getLogger(__name__)


class WyomingServer:
    """Serves the Wyoming connections to one `tcp://`, `unix://` or `stdio://` address."""

    def __init__(self, address: Address, context: ConnectionContext, limiter: ConnectionLimiter) -> None:
        self._context = context
        self._limiter = limiter
        self._gate = ProxyGate(
            context.settings.proxy_from,
            timeout=context.settings.timeouts.proxy,
            protocol="wyoming",
            error_bytes=error_event,
            reporter=context.reporter,
        )
        self._listener = Listener(address, self._accept, behind=self._gate.behind)
        self._draining = False
        self._connections: dict[asyncio.Task[None], Connection] = {}

    def __repr__(self) -> str:
        return f"<WyomingServer {self.address}, {len(self._connections)} connections>"

    @property
    def address(self) -> Address:
        """The address that the server listens on. After `start`, it contains the actual port."""
        return self._listener.address

    async def start(self) -> None:
        """Starts accepting connections. Raises SettingsError if the address cannot be used."""
        await self._listener.start()

    async def reload(self, settings: Settings) -> None:
        """Applies changed settings to new connections."""
        self._context = replace(self._context, settings=settings)
        self._gate.networks = settings.proxy_from

    def drain(self) -> None:
        """Stops accepting connections. Closes each open connection once its received requests have been answered."""
        self._draining = True
        self._listener.close()
        for connection in self._connections.values():
            connection.drain()

    async def wait_closed(self) -> None:
        """Waits until all connections have ended and, on `stdio://`, all output has been written."""
        while self._connections:  # the event loop may have accepted more connections just before the drain
            await asyncio.wait(set(self._connections))
        await self._listener.flushed()

    async def finished(self) -> None:
        """On `stdio://`, waits until the only connection has ended. On `tcp://` and `unix://`, never returns."""
        await self._listener.finished.wait()
        await self.wait_closed()

    async def abort(self) -> None:
        """Stops accepting connections, closes all connections at once, and waits until their tasks have ended."""
        self._listener.close()
        self._gate.abort()
        for connection in self._connections.values():
            connection.abort()
        for task in self._connections:
            task.cancel()
        if self._connections:
            await asyncio.wait(set(self._connections))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        admission = self._limiter.admit(writer.get_extra_info("peername"))
        if admission is None:
            writer.transport.abort()
            return
        connection = Connection(reader, writer, self._context, admission.client("wyoming"), admission.refusal)
        _LOGGER.debug(
            "%s: connected from port %s, %d connections are open",
            connection.client,
            admission.port,
            self._limiter.open_connections,
        )
        if self._draining:
            connection.drain()
        task = asyncio.create_task(connection.run())
        self._connections[task] = connection
        task.add_done_callback(partial(self._on_closed, admission))

    def _on_closed(self, admission: Admission, task: "asyncio.Task[None]") -> None:
        connection = self._connections.pop(task)
        _LOGGER.debug("%s: closed", connection.client)
        self._limiter.leave(admission)
