"""The writing side of a connection: what waits for the client, and how long."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from wyoming_piper_serial.network.timeouts import LOOKS, StallWatch

_LOGGER = logging.getLogger(__name__)

_LINGER = 1.0  # seconds of input drained after an error; closing on unread input would destroy it
# Seconds in which a client must take something of what waits before an error: the longest leap (see StallWatch),
# twice and a little.
_LAST_PATIENCE = 10.0


class ConnectionWriter:
    """What a client is sent.

    While anything waits, a timer looks whether something is taken; it does not matter who waits for what.
    """

    def __init__(
        self, writer: asyncio.StreamWriter, stall_timeout: float, *, clock: Callable[[], float] | None = None
    ) -> None:
        """`stall_timeout` in seconds; 0 waits for ever."""
        self._writer = writer
        self._stall_timeout = stall_timeout
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._written = 0
        self._watch: StallWatch | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def backlog(self) -> int:
        """Bytes that wait to be taken."""
        return self._writer.transport.get_write_buffer_size()

    def write(self, data: bytes) -> None:
        """Send without waiting; nothing happens when the client is gone, which `drain` tells."""
        if self._writer.transport.is_closing():
            return  # asyncio would log each write: a line for every event of a flood
        self._writer.write(data)
        self._written += len(data)
        if self._timer is None and self._stall_timeout and self.backlog:
            self._watch = self._new_watch(self._stall_timeout)
            self._look_later()

    async def send(self, data: bytes) -> None:
        """Send and wait until the client has taken most of it. Raises OSError."""
        self.write(data)
        await self.drain()

    async def drain(self) -> None:
        """Wait until the client has taken most of what waits. Raises OSError."""
        await self._writer.drain()

    async def linger(self, reading: "asyncio.Task[None]") -> None:
        """Give an error time to arrive: as long as the client takes what waits before it, and a second of its input."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        watch = self._new_watch(_LAST_PATIENCE)
        while not (await asyncio.wait({reading}, timeout=_LINGER))[0] and self.backlog:
            if watch.stalled(now=self._clock(), taken=self._taken):
                self.abort()

    async def close(self) -> None:
        """Close when what was written is taken; `abort` cuts this short."""
        self._writer.close()
        try:
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()
        finally:
            if self._timer is not None:
                self._timer.cancel()

    def abort(self) -> None:
        """Drop the client without waiting for it to take what was sent."""
        self._writer.transport.abort()

    @property
    def _taken(self) -> int:
        return self._written - self.backlog

    def _new_watch(self, seconds: float) -> StallWatch:
        return StallWatch(seconds, now=self._clock(), taken=self._taken)

    def _look_later(self) -> None:
        self._timer = self._loop.call_later(self._stall_timeout / LOOKS, self._look)

    def _look(self) -> None:
        self._timer = None
        if not self.backlog or self._watch is None:
            return
        if self._watch.stalled(now=self._clock(), taken=self._taken):
            _LOGGER.info("a client is cut off: it took nothing for %gs", self._stall_timeout)
            self.abort()
        else:
            self._look_later()
