"""Shares the event loop and the threads fairly, so that many connections together do not block them for longer than a
single one."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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


class Lane:
    """Runs functions in a thread, one after another, in the order in which `run` was called.

    Any client can cause hundreds of calls at the same time. Without this class, these calls would occupy all threads,
    so that audio could not be encoded, and would compete with the event loop for the global interpreter lock.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Returns the result of `function`."""
        async with self._lock:
            return await asyncio.to_thread(function, *args, **kwargs)
