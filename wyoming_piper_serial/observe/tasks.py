"""Counts the tasks of the event loop."""

import asyncio
import time
from collections.abc import Callable

_PERIOD = 1.0  # time in seconds between two counts; a count takes about a millisecond with hundreds of connections


class TaskCount:
    """Counts the tasks at most once per second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count = 0
        self._counted: float | None = None

    def count(self) -> int:
        """Returns the number of unfinished tasks. The number is at most one second old."""
        now = self._clock()
        if self._counted is None or now - self._counted >= _PERIOD:
            self._counted = now
            self._count = len(asyncio.all_tasks())
        return self._count
