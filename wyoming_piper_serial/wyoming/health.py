"""The answer to `health`: whether the voice works."""

import asyncio
import time
from collections.abc import Callable

from wyoming_piper_serial.wyoming.wire import encode

# seconds for which the number of tasks is used again: to count them takes milliseconds with hundreds of connections
_COUNT_PERIOD = 1.0


class HealthReply:
    """The encoded `health` event."""

    def __init__(
        self, unhealthy_reason: Callable[[], str | None], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`unhealthy_reason` returns why the voice does not work; `None` if it does."""
        self._unhealthy_reason = unhealthy_reason
        self._clock = clock
        self._counted = -_COUNT_PERIOD
        self._tasks = 0

    @property
    def event(self) -> bytes:
        """The event now. The number of tasks in it is at most a second old."""
        now = self._clock()
        if now - self._counted >= _COUNT_PERIOD:
            self._counted = now
            self._tasks = len(asyncio.all_tasks())
        reason = self._unhealthy_reason()
        return encode("health", {"healthy": reason is None, "text": reason, "tasks": self._tasks})
