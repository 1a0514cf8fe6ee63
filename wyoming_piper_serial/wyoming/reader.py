"""Reads the events of a connection. Limits the time in which the rest of an event must arrive."""

import asyncio
from collections.abc import Hashable

from wyoming_piper_serial.engine.buffers import Holding
from wyoming_piper_serial.exceptions import EventTimeout
from wyoming_piper_serial.network.timeouts import ArrivalTimer
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.turns import Turns
from wyoming_piper_serial.wyoming.wire import Event, EventReader

_READ_SIZE = 64 * 1024  # Maximum bytes per read. Except on `stdio://`, the stream buffers less (see `listener`).
# Maximum number of events that are handled per turn (see `Turns`). Handling them takes at most about 3 ms.
_EVENTS_PER_TURN = 20
# If at most `_SMALL` bytes are buffered after a read, and there is a spare turn, up to `_FIRST_EVENTS` events are
# handled without waiting. This way, a normal client's `describe` is not delayed by clients that flood the server with
# events.
_SMALL = 1024
_FIRST_EVENTS = 2


class ConnectionReader:
    """Reads the events of one client.

    `last_arrival` is the event loop time at which the last event or part of an event arrived. Before that, it is the
    time at which the reader was created.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        limits: Limits,
        timeouts: Timeouts,
        turns: Turns,
        holding: Holding,
        client: Hashable = None,
    ) -> None:
        """`turns` is shared by all connections; the connections with the same `client` share its turns. `holding`
        counts the buffered bytes of events that have not been returned yet, including incomplete ones. `close` sets
        this count to 0."""
        self._reader = reader
        self._events = EventReader(limits)
        self._holding = holding
        self._event_timeout = timeouts.event
        self._arrival = ArrivalTimer(timeouts.event)
        self._loop = asyncio.get_running_loop()
        self._turns = turns
        self._client = client
        self._left = _FIRST_EVENTS  # number of events that may be returned before waiting for the next turn
        self._ended = False
        self.last_arrival = self._loop.time()

    async def next_event(self) -> Event | None:
        """Waits for the next event and returns it. Returns `None` at the end of input, even if the data of an
        event is incomplete.

        Raises BadEvent, BuffersFull, EventTimeout or OSError. After an error, this method must not be called again.
        Lets other tasks run at regular intervals, even if clients send events faster than the server handles them.
        """
        while True:
            if self._left <= 0 and self._events.unfinished is not None:
                await self._turns.next(self._client)
                self._left = _EVENTS_PER_TURN
            event = self._events.next_event()
            if event is not None:
                self._holding.hold(self._events.held)
                self.last_arrival = self._loop.time()
                self._left -= 1
                return event
            if self._ended:
                return None
            data = await self._receive()
            if data:
                self._events.feed(data)
                self._holding.claim(self._events.held)
                is_quick = self._events.held <= _SMALL and self._turns.take_spare(self._client)
                self._left = _FIRST_EVENTS if is_quick else 0
                # `StreamReader.read` does not suspend while it has buffered data. After a small event, it has none.
                if not is_quick:
                    await asyncio.sleep(0)
            else:
                self._events.feed_eof()
                self._ended = True

    async def discard(self) -> None:
        """Reads and discards all input until its end, because closing a connection with unread input would send a
        reset.

        No event may be read afterwards.
        """
        self.close()
        while not self._reader.at_eof():
            await self._reader.read(_READ_SIZE)
            await self._turns.next(self._client)

    def close(self) -> None:
        """Drops all buffered bytes. No event may be read afterwards."""
        self._events.close()
        self._holding.hold(0)

    async def _receive(self) -> bytes:
        unfinished = self._events.unfinished
        now = self._loop.time()
        if unfinished is not None:
            self.last_arrival = now
        self._arrival.wait(unfinished, now=now)
        waiting = asyncio.timeout_at(self._arrival.deadline)
        try:
            async with waiting:
                return await self._reader.read(_READ_SIZE)
        except TimeoutError as error:
            if not waiting.expired():
                raise  # a network error (ETIMEDOUT): the client's machine no longer responds
            message = f"The rest of an event did not arrive within {self._event_timeout:g} seconds."
            raise EventTimeout(message) from error
        finally:
            self._arrival.stop(now=self._loop.time())
            del waiting  # or an error would refer to itself through the traceback, `waiting` and the task
