"""Standard input and output as one connection."""

import asyncio
import contextlib
import os
import socket
import sys
import threading

from wyoming_piper_serial.exceptions import SettingsError

_COPY_SIZE = 64 * 1024


class StandardStreams:
    """Two threads copy between the standard streams and a socket.

    An event loop cannot wait for standard streams that are plain files, and making a shared terminal
    non-blocking would break the shell it came from. The threads are daemons: one that waits for input,
    or for a reader of the output, must not keep the process from ending.
    """

    def __init__(self) -> None:
        """Raises SettingsError where the streams are closed."""
        try:
            self._source, self._sink = sys.stdin.fileno(), sys.stdout.fileno()
        except (AttributeError, OSError, ValueError) as error:
            raise SettingsError("--uri stdio://: standard input and output must be open.") from error
        self.flushed = asyncio.Event()
        """Set when all output has been taken, or nobody takes it any more."""

        self._loop = asyncio.get_running_loop()

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Begin to copy."""
        ours, theirs = socket.socketpair()
        streams = await asyncio.open_connection(sock=ours)
        for copy in (self._copy_in, self._copy_out):
            threading.Thread(target=copy, args=(theirs,), name="stdio", daemon=True).start()
        return streams

    def _copy_in(self, end: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := os.read(self._source, _COPY_SIZE):
                end.sendall(data)
            end.shutdown(socket.SHUT_WR)

    def _copy_out(self, end: socket.socket) -> None:
        # Closing the socket tells the connection that whoever read standard output is gone.
        with end, contextlib.suppress(OSError):
            while data := end.recv(_COPY_SIZE):
                view = memoryview(data)
                while view:
                    view = view[os.write(self._sink, view) :]
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self.flushed.set)
