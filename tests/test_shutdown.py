"""One object says that the server is ending, to tasks and to threads."""

import asyncio

import pytest

from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown


async def _never() -> None:
    await asyncio.Event().wait()


async def _seven() -> int:
    return 7


async def test_callbacks_run_in_order_and_once() -> None:
    """A second `begin` does nothing."""
    shutdown = Shutdown()
    seen: list[int] = []
    shutdown.on_begin(lambda: seen.append(1))
    shutdown.on_begin(lambda: seen.append(2))
    assert seen == []
    shutdown.begin()
    shutdown.begin()
    assert seen == [1, 2]


async def test_a_callback_that_comes_late_runs_at_once() -> None:
    """Whoever asks after the begin is not forgotten."""
    shutdown = Shutdown()
    shutdown.begin()
    assert shutdown.begun
    seen: list[int] = []
    shutdown.on_begin(lambda: seen.append(1))
    assert seen == [1]


async def test_work_that_ends_first_gives_its_result() -> None:
    """Nothing is left behind that waits for the shutdown."""
    shutdown = Shutdown()
    assert await shutdown.unless_begun(_seven()) == 7
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_work_gives_its_own_error() -> None:
    """An error of the work is not mistaken for a shutdown."""

    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Shutdown().unless_begun(fail())


async def test_shutdown_cancels_work_that_waits() -> None:
    """The work is cancelled before ShuttingDown is raised."""
    shutdown = Shutdown()
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await _never()
        finally:
            cancelled.set()

    waiting = asyncio.create_task(shutdown.unless_begun(work()))
    await asyncio.sleep(0)  # lets the task begin
    await asyncio.sleep(0)  # and its work
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        await waiting
    assert cancelled.is_set()


async def test_work_is_cancelled_with_the_one_who_waits() -> None:
    """A cancellation from outside reaches the work."""
    waiting = asyncio.create_task(Shutdown().unless_begun(_never()))
    await asyncio.sleep(0)  # lets the task begin
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_wait_returns_when_the_server_is_ending() -> None:
    """So it does at once afterwards."""
    shutdown = Shutdown()
    waiting = asyncio.create_task(shutdown.wait())
    await asyncio.sleep(0)  # lets the task wait
    assert not waiting.done()
    shutdown.begin()
    await waiting
    await shutdown.wait()


async def test_a_thread_stops_sleeping() -> None:
    """`check` and `sleep` raise in a thread."""
    shutdown = Shutdown()
    shutdown.check()
    shutdown.sleep(0)
    sleeping = asyncio.create_task(asyncio.to_thread(shutdown.sleep, 60))
    await asyncio.sleep(0)  # lets the thread begin
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        await sleeping
    with pytest.raises(ShuttingDown):
        shutdown.check()
    assert repr(shutdown) == "<Shutdown begun>"
