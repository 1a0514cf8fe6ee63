"""Runs tasks in the background, and waits for the first of several tasks."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any

from wyoming_piper_serial.shutdown import cancel

_LOGGER = logging.getLogger(__name__)


def in_background(work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
    """Starts a task. If the task fails, the failure is logged, and the server continues without it."""
    task = asyncio.create_task(work)
    task.add_done_callback(_log_failure)
    return task


def _log_failure(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOGGER.error("a background task failed", exc_info=error)


async def first_of(*work: Awaitable[None]) -> None:
    """Waits until one of the awaitables ends, then cancels the others and waits until they have ended. If the awaitable
    that ended first failed, raises its exception."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await cancel(*tasks)
