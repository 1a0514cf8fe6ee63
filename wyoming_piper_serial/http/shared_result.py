"""Results that several requests share."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class SharedResult(Generic[T]):
    """The result of work that takes long. Requests that arrive during the work share its result.

    The requests continue one by one, each in its own iteration of the event loop. If hundreds of them continued at the
    same time, their responses would block the event loop for tens of milliseconds.
    """

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._work = work
        self._task: asyncio.Task[T] | None = None
        self._turns = asyncio.Lock()

    async def get(self) -> T:
        """Returns the result of the work that is running, or of new work. The work continues if the caller is
        cancelled. Exceptions of the work are passed on."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        task = self._task
        async with self._turns:
            return await asyncio.shield(task)
