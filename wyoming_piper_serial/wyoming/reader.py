"""The reading side of a connection: events as they come in, and how long their rest is waited for."""

import asyncio

from wyoming_piper_serial.exceptions import EventTimeout
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming.wire import Event, EventReader

_READ_SIZE = 64 * 1024  # asyncio's own read size; a larger one gains nothing
_EVENTS_PER_TURN = 20  # handled before the loop gets its turn: at most some 3 ms of a flood


class EventPatience:
    """The time left for the rest of an event.

    Only time spent waiting for the client counts, so a client that sends faster than it is served is
    never late; one byte a second is, as the clock goes on from piece to piece.
    """

    def __init__(self, seconds: float) -> None:
        """`seconds` may be 0, for no limit."""
        self._seconds = seconds
        self._event: int | None = None
        self._left = seconds

    def left(self, unfinished: int | None) -> float | None:
        """Seconds to wait for more of the event of this number (see `EventReader.unfinished`); `None` is for ever."""
        if unfinished != self._event:
            self._event = unfinished
            self._left = self._seconds
        return self._left if self._seconds and unfinished is not None else None

    def waited(self, seconds: float) -> None:
        """So long it took for the next bytes to come."""
        self._left -= seconds


class ConnectionReader:
    """What a client sends. `heard` is the loop's time when it last sent an event, or began one."""

    def __init__(self, reader: asyncio.StreamReader, limits: Limits, timeouts: Timeouts) -> None:
        self._reader = reader
        self._events = EventReader(limits)
        self._event_timeout = timeouts.event
        self._patience = EventPatience(timeouts.event)
        self._loop = asyncio.get_running_loop()
        self._taken = 0  # events
        self._ended = False
        self.heard = self._loop.time()

    async def next_event(self) -> Event | None:
        """The next event, `None` at the end of input. Raises BadEvent, EventTimeout or OSError; no event follows then.

        The loop gets its turn now and then, however fast events come in.
        """
        while (event := self._events.next_event()) is None and not self._ended:
            if data := await self._receive():
                self._events.feed(data)
                await asyncio.sleep(0)  # `read` returns at once while a flood comes in
            else:
                self._events.feed_eof()
                self._ended = True
        if event is not None:
            self.heard = self._loop.time()
            self._taken += 1
            if self._taken % _EVENTS_PER_TURN == 0:
                await asyncio.sleep(0)
        return event

    async def discard(self) -> None:
        """Read to the end: unread input would turn an error into a reset on its way."""
        while not self._reader.at_eof():
            await self._reader.read(_READ_SIZE)
            await asyncio.sleep(0)

    async def _receive(self) -> bytes:
        unfinished = self._events.unfinished
        begun = self._loop.time()
        if unfinished is not None:
            self.heard = begun
        waiting = asyncio.timeout(self._patience.left(unfinished))
        try:
            async with waiting:
                return await self._reader.read(_READ_SIZE)
        except TimeoutError as error:
            if not waiting.expired():
                raise  # the network's own: the client does not answer any more
            message = f"An event was begun, but its rest did not come within {self._event_timeout:g} seconds."
            raise EventTimeout(message) from error
        finally:
            self._patience.waited(self._loop.time() - begun)
