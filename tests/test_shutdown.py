"""A Shutdown object notifies tasks and threads that the server is shutting down."""

import asyncio

import pytest

from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown, Stage


async def _never() -> None:
    await asyncio.Event().wait()


async def _seven() -> int:
    return 7


def _fail() -> None:
    raise ValueError("no")


async def test_callbacks_run_in_order_and_once() -> None:
    """`begin` runs each callback once, in the order in which they were added. A second `begin` does nothing."""
    shutdown = Shutdown()
    seen: list[int] = []
    shutdown.on_begin(lambda: seen.append(1))
    shutdown.on_begin(lambda: seen.append(2))
    assert seen == []
    shutdown.begin()
    shutdown.begin()
    assert seen == [1, 2]


async def test_a_callback_that_comes_late_runs_at_once() -> None:
    """A callback that is added after `begin` runs immediately."""
    shutdown = Shutdown()
    shutdown.begin()
    assert shutdown.begun
    seen: list[int] = []
    shutdown.on_begin(lambda: seen.append(1))
    assert seen == [1]


async def test_callback_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    """If a callback raises an exception, the exception is logged, and the remaining callbacks run."""
    shutdown = Shutdown()
    seen: list[int] = []
    shutdown.on_begin(_fail)
    shutdown.on_begin(lambda: seen.append(1))
    shutdown.begin()
    assert shutdown.begun
    assert seen == [1]
    assert "ValueError: no" in caplog.text


async def test_work_that_ends_first_gives_its_result() -> None:
    """If a coroutine ends before the shutdown, `unless_begun` returns its result and leaves no task running."""
    shutdown = Shutdown()
    assert await shutdown.unless_begun(_seven()) == 7
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_work_gives_its_own_error() -> None:
    """`unless_begun` raises the exception of the coroutine unchanged."""

    async def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Shutdown().unless_begun(fail())


async def test_shutdown_cancels_work_that_waits() -> None:
    """When `begin` is called, `unless_begun` cancels its coroutine and raises ShuttingDown."""
    shutdown = Shutdown()
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await _never()
        finally:
            cancelled.set()

    waiting = asyncio.create_task(shutdown.unless_begun(work()))
    await asyncio.sleep(0)  # Lets the task start.
    await asyncio.sleep(0)  # Lets the work of the task start.
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        await waiting
    assert cancelled.is_set()


async def test_work_is_cancelled_with_the_one_who_waits() -> None:
    """If the caller of `unless_begun` is cancelled, the coroutine is cancelled too."""
    waiting = asyncio.create_task(Shutdown().unless_begun(_never()))
    await asyncio.sleep(0)  # lets the task start
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_wait_returns_when_the_server_is_ending() -> None:
    """`wait` returns when `begin` is called. Later calls return immediately."""
    shutdown = Shutdown()
    waiting = asyncio.create_task(shutdown.wait())
    await asyncio.sleep(0)  # lets the task wait
    assert not waiting.done()
    shutdown.begin()
    await waiting
    await shutdown.wait()


async def test_a_thread_stops_sleeping() -> None:
    """A thread in `sleep` gets ShuttingDown when `begin` is called. From then on, `check` raises ShuttingDown."""
    shutdown = Shutdown()
    shutdown.check()
    shutdown.sleep(0)
    sleeping = asyncio.create_task(asyncio.to_thread(shutdown.sleep, 60))
    await asyncio.sleep(0)  # lets the sleeping thread start
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        await sleeping
    with pytest.raises(ShuttingDown):
        shutdown.check()
    assert repr(shutdown) == "<Shutdown begun>"


async def test_the_drain_is_a_stage_of_its_own() -> None:
    """`over` is a later stage of the shutdown. Work that depends on `over` continues when the shutdown begins, and is
    cancelled when `over` begins."""
    shutdown = Shutdown()
    waiting = asyncio.create_task(shutdown.over.unless_begun(_never()))
    shutdown.begin()
    await asyncio.sleep(0)  # lets the task start
    shutdown.over.check()
    assert not waiting.done()
    shutdown.over.begin()
    with pytest.raises(ShuttingDown):
        await waiting
    assert repr(Stage()) == "<Stage not begun>"
