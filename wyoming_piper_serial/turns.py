"""Shares the event loop and the threads fairly, so that many connections together do not block them for longer than a
single one."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Hashable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


# Maximum number of calls of `Turns.take_spare` that return true in one iteration of the event loop, for one client and
# for all clients together. If each of these callers handles two small events, this takes about 3 ms.
_SPARE_OF_CLIENT = 4
_SPARE = 8


class Turns:
    """Lets only one waiting task continue in each iteration of the event loop.

    A single task that works for a short time and then lets other tasks run does not block the event loop. Without this
    class, however, hundreds of such tasks could run in the same iteration and block the loop together.

    Clients take turns, regardless of how many tasks each of them has. The tasks of one client continue in the order in
    which they called `next`.
    """

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}  # by client; the first client is next
        self._granting: asyncio.Handle | None = None
        self._spare: Counter[Hashable] = Counter()  # spare turns taken in this iteration, by client

    async def next(self, client: Hashable = None) -> None:
        """Waits for a turn. Afterwards, the caller may work for a few milliseconds before it calls this method
        again."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._grant_later()
        await turn

    def take_spare(self, client: Hashable = None) -> bool:
        """Returns whether the caller may do a small piece of work now, without waiting for a turn. Only a few such
        pieces are allowed in each iteration, and only some of them for each client."""
        if self._spare.total() >= _SPARE or self._spare[client] >= _SPARE_OF_CLIENT:
            return False
        if not self._spare:
            asyncio.get_running_loop().call_soon(self._spare.clear)
        self._spare[client] += 1
        return True

    def _grant_later(self) -> None:
        if self._granting is None and self._waiting:
            self._granting = asyncio.get_running_loop().call_soon(self._grant)

    def _grant(self) -> None:
        """Lets the next task continue."""
        self._granting = None
        while self._waiting:
            client = next(iter(self._waiting))
            turns = self._waiting.pop(client)
            turn = turns.popleft()
            if turns:
                self._waiting[client] = turns
            if not turn.done():  # a task that was cancelled has no turn
                turn.set_result(None)
                break
        self._grant_later()


class Lane:
    """Runs functions in a thread, one after another, in the order in which `run` was called.

    Any client can cause hundreds of calls at the same time. Without this class, these calls would occupy all threads,
    so that audio could not be encoded, and would compete with the event loop for the global interpreter lock.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Returns the result of `function`. Even if the caller is cancelled while the function runs, the next function
        waits until this one has ended."""
        await self._lock.acquire()
        running = asyncio.create_task(asyncio.to_thread(function, *args, **kwargs))
        running.add_done_callback(self._end)
        return await asyncio.shield(running)

    def _end(self, running: "asyncio.Task[Any]") -> None:
        self._lock.release()
        if not running.cancelled():
            running.exception()  # marks the exception as retrieved, because the caller may have been cancelled
