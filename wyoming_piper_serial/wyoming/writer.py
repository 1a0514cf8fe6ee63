"""Sends data to a client, and disconnects the client if it stops reading."""

import asyncio
import logging
import socket
from collections.abc import Callable

from wyoming_piper_serial.network.timeouts import LAST_WAIT, LINGER, LOOKS, StallTimer

_LOGGER = logging.getLogger(__name__)

# Maximum number of bytes in the transport's buffer before `drain` waits. The kernel also buffers data for each
# connection, so a larger buffer would not make playback smoother.
_HIGH_WATER = 16 * 1024

# Shortest and longest interval in seconds between two checks whether a client has disconnected. The first interval is
# short, because a nearby machine responds within a millisecond. The interval is doubled after each check, up to
# _LAST_LOOK.
_FIRST_LOOK = 0.01
_LAST_LOOK = 0.25


class ConnectionWriter:
    """Sends data to one client.

    While bytes are buffered in the transport, a timer checks that the client reads some of them, even if no task is
    waiting in `drain`.
    """

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        stall_timeout: float,
        *,
        label: object = "a client",
        clock: Callable[[], float] | None = None,
    ) -> None:
        """`stall_timeout` is in seconds; 0 means no limit. `label` identifies the client in log lines."""
        self._label = label
        self._writer = writer
        writer.transport.set_write_buffer_limits(high=_HIGH_WATER)
        self._stall_timeout = stall_timeout
        self._stall = StallTimer(stall_timeout)
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._written = 0
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog(self) -> int:
        """Number of bytes buffered in the transport."""
        return self._writer.transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Sends `data` without waiting. If the connection is lost, does nothing, and the next call to `drain` raises an
        error."""
        if self._writer.transport.is_closing():
            return  # asyncio would log a line for each write, and there may be many
        self._writer.write(data)
        self._written += len(data)
        if self._timer is None and self._stall_timeout and self.backlog:
            self._has_stalled(self._stall)  # `_has_stalled` starts the stall timer
            self._look_later()

    async def send(self, data: bytes) -> None:
        """Sends `data`, and waits as `drain` does. Raises OSError if the connection is lost."""
        self.write(data)
        await self.drain()

    async def drain(self) -> None:
        """If the client reads too slowly and more than `_HIGH_WATER` bytes are buffered in the transport, waits until
        most of them have been sent. Raises OSError if the connection is lost."""
        await self._writer.drain()

    async def lost(self) -> None:
        """Returns when the connection has been closed, or when the client's machine has responded to data with a reset,
        because the client has disconnected.

        Polls the socket, because asyncio does not monitor it after the end of input.
        """
        pause = _FIRST_LOOK
        while not self._is_lost():
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK)

    async def linger(self, reading: "asyncio.Task[None]") -> None:
        """Gives the client time to receive the error that has just been written.

        Returns when the task `reading`, which discards input, has ended, or at most `LINGER` seconds after all buffered
        data has been sent. Aborts the connection if the client reads nothing for `LAST_WAIT` seconds.
        """
        if self._writer.can_write_eof():
            self._writer.write_eof()
        last_wait = StallTimer(LAST_WAIT)
        while not self._has_stalled(last_wait):
            done, _ = await asyncio.wait({reading}, timeout=LINGER)
            if done or not self.backlog:
                return
        self.abort()

    async def close(self) -> None:
        """Waits until the client has read the buffered data, and closes the connection. A call to `abort` ends the
        wait."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except OSError as error:
            # The stream keeps the error, and the traceback refers to the stream. Without this reference cycle, the
            # connection is freed at once, together with its buffers.
            error.with_traceback(None)
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def abort(self) -> None:
        """Closes the connection without waiting for the client to read the buffered data."""
        self._writer.transport.abort()

    def _is_lost(self) -> bool:
        if self._writer.transport.is_closing():
            return True
        connection = self._writer.get_extra_info("socket")
        return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))

    def _has_stalled(self, timer: StallTimer) -> bool:
        backlog = self.backlog
        return timer.stalled(now=self._clock(), taken=self._written - backlog, backlog=backlog)

    def _look_later(self) -> None:
        self._timer = self._loop.call_later(self._stall_timeout / LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._has_stalled(self._stall):
            _LOGGER.info("%s: disconnected after reading nothing for %gs", self._label, self._stall_timeout)
            self.abort()
        elif self.backlog:
            self._look_later()
