"""The tasks in the event loop are counted at most once per second."""

import asyncio

from tests.fakes import FakeClock
from wyoming_piper_serial.observe.tasks import TaskCount


async def test_tasks_are_counted_once_a_second() -> None:
    """The tasks are counted again only if the last count is at least one second old."""
    clock = FakeClock()
    tasks = TaskCount(clock)
    assert tasks.count() == 1
    other = asyncio.create_task(asyncio.sleep(0))
    clock.advance(0.9)
    assert tasks.count() == 1
    clock.advance(0.1)
    assert tasks.count() == 2
    await other
    clock.advance(1)
    assert tasks.count() == 1
