"""The two stages of the shutdown, shared by all parts of the server, and a function that cancels tasks.

`signals` begins the first stage when a signal arrives. `app` begins the second stage and, in all other cases, the first
stage.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from wyoming_piper_serial.exceptions import ShuttingDown

_LOGGER = logging.getLogger(__name__)

T = TypeVar("T")


class Stage:
    """A stage of the shutdown, which begins when `begin` is called and cannot be undone.

    Must be used in the event loop, except for `begun`, `check` and `sleep`, which may be used in any thread.
    """

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._thread_event = threading.Event()
        self._callbacks: list[Callable[[], object]] = []

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'begun' if self.begun else 'not begun'}>"

    @property
    def begun(self) -> bool:
        """Whether the stage has begun."""
        return self._thread_event.is_set()

    def check(self) -> None:
        """Raises ShuttingDown if the stage has begun."""
        if self.begun:
            raise ShuttingDown

    def begin(self) -> None:
        """Begins the stage and calls the callbacks of `on_begin` in order. A second call does nothing."""
        if self.begun:
            return
        self._thread_event.set()
        self._event.set()
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            try:
                callback()
            except Exception:
                _LOGGER.exception("a shutdown callback failed")

    def on_begin(self, callback: Callable[[], object]) -> None:
        """Calls `callback` in the event loop when the stage begins, or at once if it has already begun."""
        if self.begun:
            callback()
        else:
            self._callbacks.append(callback)

    async def wait(self) -> None:
        """Waits until the stage begins."""
        await self._event.wait()

    async def unless_begun(self, work: Awaitable[T]) -> T:
        """Returns the result of `work`. If the stage begins first, cancels `work` and raises ShuttingDown."""
        working = asyncio.ensure_future(work)
        waiting = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait({working, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise ShuttingDown
            return working.result()
        finally:
            await cancel(working, waiting)

    def sleep(self, seconds: float) -> None:
        """Blocks a worker thread for `seconds`. Raises ShuttingDown as soon as the stage begins."""
        if self._thread_event.wait(seconds):
            raise ShuttingDown


class Shutdown(Stage):
    """The shutdown of the server. New requests are refused, and accepted requests continue until `over` begins."""

    def __init__(self) -> None:
        super().__init__()
        self.over = Stage()
        """The stage after the drain timeout, in which incomplete requests end with ShuttingDown."""


async def cancel(*tasks: "asyncio.Future[Any] | None") -> None:
    """Cancels `tasks`, except items that are `None`, and waits until they have ended. Ignores their exceptions."""
    pending = [task for task in tasks if task is not None]
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
