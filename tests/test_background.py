"""Tasks that run in the background."""

import asyncio
import logging

import pytest

from wyoming_piper_serial.background import first_of, in_background


async def forever() -> None:
    await asyncio.Event().wait()


async def failing() -> None:
    raise ValueError("broken")


async def test_first_of_cancels_the_others() -> None:
    """When the first awaitable ends, the others are cancelled. If the first one failed, its exception is raised."""
    other = asyncio.create_task(forever())
    await first_of(asyncio.sleep(0), other)
    assert other.cancelled()
    other = asyncio.create_task(forever())
    with pytest.raises(ValueError, match="broken"):
        await first_of(other, failing())
    assert other.cancelled()


async def test_failure_in_the_background_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If a background task fails, the failure is logged. If it is cancelled, nothing is logged."""
    task, other = in_background(failing()), in_background(forever())
    other.cancel()
    await asyncio.gather(task, other, return_exceptions=True)
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "a background task failed")
