"""The reading side of a connection: returns events, and limits the time that the rest of an event may take."""

import asyncio

from wyoming_piper_serial.exceptions import EventTimeout
from wyoming_piper_serial.network.timeouts import ArrivalTimer
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming.wire import Event, EventReader

_READ_SIZE = 64 * 1024  # bytes, as asyncio reads itself; a larger size gains nothing
_EVENTS_PER_TURN = 20  # events handled before other tasks run: at most some 3 ms of a flood


class ConnectionReader:
    """Reads the events of one client. `last_arrival` is the loop's time at which an event last arrived or began to
    arrive."""

    def __init__(self, reader: asyncio.StreamReader, limits: Limits, timeouts: Timeouts) -> None:
        self._reader = reader
        self._events = EventReader(limits)
        self._event_timeout = timeouts.event
        self._arrival = ArrivalTimer(timeouts.event)
        self._loop = asyncio.get_running_loop()
        self._count = 0  # events returned
        self._ended = False
        self.last_arrival = self._loop.time()

    async def next_event(self) -> Event | None:
        """The next event; `None` at the end of input. Raises BadEvent, EventTimeout or OSError; after that, no event
        follows.

        Other tasks run at regular intervals, even if events arrive faster than they are handled.
        """
        while (event := self._events.next_event()) is None and not self._ended:
            if data := await self._receive():
                self._events.feed(data)
                await asyncio.sleep(0)  # `read` does not suspend while its buffer holds data
            else:
                self._events.feed_eof()
                self._ended = True
        if event is not None:
            self.last_arrival = self._loop.time()
            self._count += 1
            if self._count % _EVENTS_PER_TURN == 0:
                await asyncio.sleep(0)
        return event

    async def discard(self) -> None:
        """Read to the end of input and discard it: to close with unread input would send a reset."""
        while not self._reader.at_eof():
            await self._reader.read(_READ_SIZE)
            await asyncio.sleep(0)

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
                raise  # a timeout of the network: the client does not respond any more
            message = f"An event was begun, but its rest did not come within {self._event_timeout:g} seconds."
            raise EventTimeout(message) from error
        finally:
            self._arrival.stop(now=self._loop.time())
