"""Provides a connection over standard input and output."""

import asyncio
import contextlib
import os
import socket
import sys
import threading

from wyoming_piper_serial.exceptions import SettingsError

_COPY_SIZE = 64 * 1024


class StandardStreams:
    """Copies data between the standard streams and a socket pair in two threads.

    An event loop cannot wait for standard streams that are regular files, and non-blocking mode would affect a shell
    that uses the same terminal. The threads are daemon threads, so a thread that waits for input, or for its output to
    be read, does not prevent the process from exiting.
    """

    def __init__(self) -> None:
        """Raises SettingsError if standard input or output is closed."""
        try:
            self._source, self._sink = sys.stdin.fileno(), sys.stdout.fileno()
        except (AttributeError, OSError, ValueError) as error:
            raise SettingsError("--uri stdio://: standard input and output must be open.") from error
        self.flushed = asyncio.Event()
        """Set when all output has been written or when writing is no longer possible."""

        self._loop = asyncio.get_running_loop()

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Starts the threads and returns the server's end of the connection."""
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
        # If the program that reads standard output has closed the pipe, closing `end` also ends the connection.
        with end, contextlib.suppress(OSError):
            while data := end.recv(_COPY_SIZE):
                view = memoryview(data)
                while view:
                    view = view[os.write(self._sink, view) :]
        with contextlib.suppress(RuntimeError):  # raised if the event loop is already closed
            self._loop.call_soon_threadsafe(self.flushed.set)
