"""Where connections come from: `tcp://`, `unix://` or `stdio://`."""

import asyncio
import contextlib
import errno
import os
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from wyoming_piper_serial.exceptions import SettingsError

Accept = Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
"""Called on the loop with each new connection; must not block."""

_BACKLOG = 1024  # a whole house that reconnects after a power cut
_COPY_SIZE = 64 * 1024


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
        self._stdio: _Stdio | None = None

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
            await asyncio.to_thread(self._stdio.join)

    async def _start_unix(self) -> None:
        _check_free(self.address)
        self._server = await asyncio.start_unix_server(self._accept, self.address.path, backlog=_BACKLOG)

    async def _start_stdio(self) -> None:
        ours, theirs = socket.socketpair()
        self._stdio = _Stdio(theirs, sys.stdin.buffer, sys.stdout.buffer)
        reader, writer = await asyncio.open_connection(sock=ours)
        self._stdio.start()
        self._accept(reader, writer)
        self.finished.set()


def _check_free(address: Address) -> None:
    """Refuse a path that is in use: asyncio would take it from a server that is alive.

    Raises SettingsError, or OSError as binding an address in use does.
    """
    path = Path(address.path)
    if path.exists() and not path.is_socket():
        raise SettingsError(f"--uri {address}: this file is there already and is no socket.")
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
        probe.connect(address.path)
        raise OSError(errno.EADDRINUSE, "already in use")


class _Stdio:
    """Standard input and output as one end of a socket.

    Two threads copy bytes. An event loop cannot wait for standard streams that are plain files, and
    making a shared terminal non-blocking would break the shell it came from.
    """

    def __init__(self, end: socket.socket, source: BinaryIO, sink: BinaryIO) -> None:
        self._end = end
        self._source = source
        self._sink = sink
        self._reading = threading.Thread(target=self._copy_in, name="stdin", daemon=True)
        self._writing = threading.Thread(target=self._copy_out, name="stdout", daemon=True)

    def start(self) -> None:
        self._reading.start()
        self._writing.start()

    def join(self) -> None:
        self._writing.join()

    def _copy_in(self) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._source.fileno(), _COPY_SIZE):
                self._end.sendall(data)
            self._end.shutdown(socket.SHUT_WR)

    def _copy_out(self) -> None:
        # Closing the socket tells the connection that whoever reads standard output is gone.
        with self._end, contextlib.suppress(OSError):
            while data := self._end.recv(_COPY_SIZE):
                self._sink.write(data)
                self._sink.flush()
