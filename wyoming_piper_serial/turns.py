"""Turns of the event loop, so that many connections together do not hold it longer than one of them."""

import asyncio


class Turns:
    """Lets the tasks that wait for a turn of the event loop continue one by one, in order, with one turn between two.

    Without it, each task that does a short piece of work and then lets others run is short enough, but hundreds of them
    do their pieces in the same turn.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def next(self) -> None:
        """Wait for a turn. The caller may then do a piece of work of a few milliseconds before it waits again."""
        async with self._lock:
            await asyncio.sleep(0)
