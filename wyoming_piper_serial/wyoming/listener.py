"""Accepts Wyoming connections on a `tcp://`, `unix://` or `stdio://` address."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, Listening, listen, listen_unix, unusable
from wyoming_piper_serial.network.proxied import ProtocolFactory
from wyoming_piper_serial.wyoming.stdio import StandardStreams

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Called in the event loop with each new connection. Must not block."""

_PROBE_SECONDS = 1.0  # maximum time in seconds to connect; a running server accepts a local connection at once

# Maximum number of bytes per read from a socket. A connection buffers up to three times as many unhandled bytes. With
# asyncio's default of 256 KiB, many connections that send data at the same time would buffer 100 MB.
_READ_SIZE = 16 * 1024


class _Protocol(asyncio.StreamReaderProtocol, asyncio.BufferedProtocol):
    """Passes received bytes to a stream reader, at most `len(buffer)` bytes at a time."""

    def __init__(self, reader: asyncio.StreamReader, accept: Accept, buffer: memoryview) -> None:
        """All connections can share `buffer`, because received bytes are copied at once."""
        super().__init__(reader, accept)
        self._buffer = buffer

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.data_received(bytes(self._buffer[:nbytes]))


class Listener:
    """Accepts Wyoming connections at one address until the listener is closed."""

    def __init__(
        self, address: Address, accept: Accept, *, behind: Callable[[ProtocolFactory], ProtocolFactory] | None = None
    ) -> None:
        """`behind` wraps the protocol factory for network connections, see `ProxyGate.behind`."""
        self.address = address
        self.finished = asyncio.Event()
        """Set on `stdio://` after the only connection has been accepted. Never set for other schemes."""

        self._accept = accept
        self._factory: ProtocolFactory = self._protocol if behind is None else behind(self._protocol)
        self._buffer = memoryview(bytearray(_READ_SIZE))
        self._listening: Listening | None = None
        self._stdio: StandardStreams | None = None

    async def start(self) -> None:
        """Starts accepting connections. Afterwards, `address` contains the actual port, if it has a port.

        Raises SettingsError if the address cannot be used.
        """
        if self.address.scheme == "tcp" or self.address.sockets:
            self._listening, self.address = await listen(self.address, self._factory)
            return
        try:
            if self.address.scheme == "stdio":
                await self._start_stdio()
            else:
                await self._start_unix()
        except OSError as error:
            raise unusable(self.address, error) from error

    def close(self) -> None:
        """Stops accepting connections. Does not close open connections. Removes the file of a Unix socket if this
        server created it."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
            if self.address.scheme == "unix" and not self.address.sockets:
                with contextlib.suppress(OSError):
                    Path(self.address.path).unlink()

    async def flushed(self) -> None:
        """Waits until all output on `stdio://` has been written. For other schemes, returns at once."""
        if self._stdio is not None:
            await self._stdio.flushed.wait()

    def _protocol(self) -> asyncio.BaseProtocol:
        return _Protocol(asyncio.StreamReader(limit=_READ_SIZE), self._accept, self._buffer)

    async def _start_unix(self) -> None:
        _check_free(self.address)
        self._listening = await listen_unix(self.address.path, self._protocol)

    async def _start_stdio(self) -> None:
        self._stdio = StandardStreams()
        self._accept(*await self._stdio.open())
        self.finished.set()


def _check_free(address: Address) -> None:
    """Checks that no server is listening on the Unix socket, because asyncio would silently replace the socket.

    Raises SettingsError if the file is not a socket, and OSError (EADDRINUSE) if a server is running. Raises another
    OSError if this cannot be determined.
    """
    path = Path(address.path)
    if path.exists() and not path.is_socket():
        raise SettingsError(f"--uri {address}: this file exists and is not a socket.")
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        probe.settimeout(_PROBE_SECONDS)
        probe.connect(address.path)
        raise OSError(errno.EADDRINUSE, "already in use")
