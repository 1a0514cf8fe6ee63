"""Runs tasks in the background, and keeps pauses of the event loop short."""

import asyncio
import contextlib
import gc
import logging
import sys
from collections.abc import Awaitable, Coroutine, Iterator
from typing import Any

from wyoming_piper_serial.shutdown import cancel

_LOGGER = logging.getLogger(__name__)

# Arguments of `gc.set_threshold`. The first is the number of new objects that triggers a collection. The others
# determine how often older objects are also examined.
_COLLECTIONS = (700, 5, 5)
_SWITCH_INTERVAL = 0.0005  # Seconds after which a thread that runs Python code yields to the event loop.


@contextlib.contextmanager
def short_pauses() -> Iterator[None]:
    """Keeps the pauses of the event loop short. A garbage collection stops all threads for 1 ms per 1500 objects.

    The 50,000 objects that exist after startup are excluded from collection. Collections are more frequent than by
    default, so each one examines fewer objects.
    """
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    sys.setswitchinterval(_SWITCH_INTERVAL)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        sys.setswitchinterval(interval)


def in_background(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Starts a task. If the task fails, the failure is logged, and the server continues without it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    return task


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOGGER.error("a background task failed", exc_info=error)


async def first_of(*work: Awaitable[None]) -> None:
    """Waits until one of the awaitables ends, and cancels the others. If the awaitable that ended first failed, raises
    its exception."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await cancel(*tasks)
