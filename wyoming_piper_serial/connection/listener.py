"""Where connections come from: `tcp://`, `unix://` or `stdio://`."""

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from wyoming_piper_serial.connection.stdio import StandardStreams
from wyoming_piper_serial.exceptions import SettingsError

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Called on the loop with each new connection; must not block."""

_BACKLOG = 1024  # a whole house that reconnects after a power cut
_SEND_BUFFER = 128 * 1024  # bytes: 3 seconds of speech, and ample for any home network
_PROBE_SECONDS = 1.0  # a live server takes a local connection at once


@dataclass(frozen=True)
class Address:
    """A parsed URI."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""

    def __str__(self) -> str:
        if self.scheme == "tcp":
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"tcp://{host}:{self.port}"
        return f"{self.scheme}://{self.path}"


def parse_uri(uri: str) -> Address:
    """Raises SettingsError for anything but `tcp://HOST:PORT`, `unix://PATH` and `stdio://`."""
    refused = SettingsError(f"--uri {uri!r}: must be tcp://HOST:PORT, unix://PATH or stdio://.")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError as error:
        raise refused from error
    if parts.scheme == "stdio":
        return Address("stdio")
    path = parts.netloc + parts.path
    if parts.scheme == "unix" and path:
        return Address("unix", path=path)
    if parts.scheme == "tcp" and parts.hostname and port is not None and not parts.path.strip("/"):
        return Address("tcp", host=parts.hostname, port=port)
    raise refused


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
        try:
            if self.address.scheme == "stdio":
                await self._start_stdio()
            elif self.address.scheme == "unix":
                await self._start_unix()
            else:
                self._server = await asyncio.start_server(
                    self._accept, self.address.host, self.address.port, backlog=_BACKLOG
                )
                for listening in self._server.sockets:
                    _tune(listening)
                port = self._server.sockets[0].getsockname()[1]
                self.address = Address("tcp", host=self.address.host, port=port)
        except OSError as error:
            reason = "already in use" if error.errno == errno.EADDRINUSE else error.strerror or str(error)
            raise SettingsError(f"--uri {self.address}: {reason}.") from error

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

    async def _start_unix(self) -> None:
        _check_free(self.address)
        self._server = await asyncio.start_unix_server(self._accept, self.address.path, backlog=_BACKLOG)

    async def _start_stdio(self) -> None:
        self._stdio = StandardStreams()
        self._accept(*await self._stdio.open())
        self.finished.set()


def _tune(listening: socket.socket) -> None:
    """Options that accepted connections inherit."""
    # The kernel would hold minutes of speech for a client that has stopped reading.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
    # A satellite that has lost its power says nothing: ask after a minute, then every 10 seconds.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 6)):
        if hasattr(socket, option):
            listening.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


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
