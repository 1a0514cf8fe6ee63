"""Lets requests wait briefly while the queue is full. Must be used in the event loop."""

import asyncio
from collections.abc import Callable

from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.turns import Turns

# A request that finds the queue full checks for room at most every _PAUSE seconds, for about _WAIT seconds. The server
# detects a disconnected client within a few hundredths of a second.
_WAIT = 0.25
_PAUSE = 0.01


class FullQueue:
    """The requests that wait for a place in the queue."""

    def __init__(self, has_room: Callable[[Client | None], bool]) -> None:
        """`has_room` returns whether the queue has room for a request of a client."""
        self._has_room = has_room
        self._turns = Turns()

    async def wait(self, client: Client | None) -> None:
        """Waits briefly if the queue is full, because requests of disconnected clients may leave it in the meantime.

        The time for a check grows with the number of utterances, and hundreds of clients may be waiting. Therefore,
        after the first check of each client, only one client is checked in each iteration of the event loop.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + _WAIT
        while not self._has_room(client) and loop.time() < give_up:
            await asyncio.sleep(_PAUSE)
            await self._turns.next(None if client is None else client.counted)
