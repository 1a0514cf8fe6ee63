"""Where connections come from: `tcp://`, `unix://` or `stdio://`."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from pathlib import Path

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import BACKLOG, Address, listen, unusable
from wyoming_piper_serial.wyoming.stdio import StandardStreams

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Called on the loop with each new connection; must not block."""

_PROBE_SECONDS = 1.0  # a live server takes a local connection at once


class Listener:
    """Accepts connections until closed."""

    def __init__(self, address: Address, accept: Accept) -> None:
        self.address = address
        self.finished = asyncio.Event()
        """Set when no connection can come any more: on `stdio://`, after the one."""

        self._accept = accept
        self._server: asyncio.Server | None = None
        self._stdio: StandardStreams | None = None

    async def start(self) -> None:
        """Begin to accept. Raises SettingsError where the address cannot be used."""
        if self.address.scheme == "tcp":
            self._server, self.address = await listen(self.address, self._protocol)
            return
        try:
            if self.address.scheme == "stdio":
                await self._start_stdio()
            else:
                await self._start_unix()
        except OSError as error:
            raise unusable(self.address, error) from error

    def close(self) -> None:
        """Stop accepting; connections go on."""
        if self._server is not None:
            self._server.close()
            self._server = None
            if self.address.scheme == "unix":
                with contextlib.suppress(OSError):
                    Path(self.address.path).unlink()

    async def flushed(self) -> None:
        """Wait until what was written to `stdio://` has left the process."""
        if self._stdio is not None:
            await self._stdio.flushed.wait()

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._accept)

    async def _start_unix(self) -> None:
        _check_free(self.address)
        self._server = await asyncio.start_unix_server(self._accept, self.address.path, backlog=BACKLOG)

    async def _start_stdio(self) -> None:
        self._stdio = StandardStreams()
        self._accept(*await self._stdio.open())
        self.finished.set()


def _check_free(address: Address) -> None:
    """Refuse a path that is in use: asyncio would take it from a server that is alive.

    Raises SettingsError, or OSError as binding an address in use does.
    """
    path = Path(address.path)
    if path.exists() and not path.is_socket():
        raise SettingsError(f"--uri {address}: this file is there already and is no socket.")
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        probe.settimeout(_PROBE_SECONDS)
        probe.connect(address.path)
        raise OSError(errno.EADDRINUSE, "already in use")
