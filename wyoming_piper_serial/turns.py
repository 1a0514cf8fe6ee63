"""Shares the event loop fairly, so that many connections together do not block it for longer than a single one."""

import asyncio


class Turns:
    """Lets only one waiting task continue in each iteration of the event loop. Tasks continue in the order in which
    they called `next`.

    A single task that works for a short time and then lets other tasks run does not block the event loop. Without this
    class, however, hundreds of such tasks could run in the same iteration and block the loop together.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def next(self) -> None:
        """Waits for a turn. Afterwards, the caller may work for a few milliseconds before it calls this method
        again."""
        async with self._lock:
            await asyncio.sleep(0)
