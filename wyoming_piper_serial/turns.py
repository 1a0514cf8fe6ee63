"""Shares the event loop, so that many connections together do not block it longer than one connection."""

import asyncio


class Turns:
    """Lets only one of the waiting tasks continue in each turn of the event loop, in the order of their calls.

    A task that does a short piece of work and then lets other tasks run does not block the event loop. But hundreds of
    such tasks together would, because without this class all of them would run in the same turn.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def next(self) -> None:
        """Waits for a turn. The caller may then work for a few milliseconds before it calls this method again."""
        async with self._lock:
            await asyncio.sleep(0)
