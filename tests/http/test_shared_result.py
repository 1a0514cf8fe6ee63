"""Results that several requests share."""

import asyncio
from collections.abc import Iterator

import pytest

from wyoming_piper_serial.http.shared_result import SharedResult


class _Work:
    """Work that waits until `end` is set, and returns how often it has begun."""

    def __init__(self) -> None:
        self.end = asyncio.Event()
        self.begun = asyncio.Event()
        self._numbers: Iterator[int] = iter(range(1, 100))

    async def __call__(self) -> int:
        number = next(self._numbers)
        self.begun.set()
        await self.end.wait()
        return number


async def test_requests_during_the_work_share_its_result() -> None:
    work = _Work()
    shared = SharedResult(work)
    requests = [asyncio.create_task(shared.get()) for _ in range(5)]
    await work.begun.wait()
    work.end.set()
    assert await asyncio.gather(*requests) == [1] * 5
    assert await shared.get() == 2


async def test_work_continues_if_the_request_that_began_it_is_cancelled() -> None:
    work = _Work()
    shared = SharedResult(work)
    first, *others = [asyncio.create_task(shared.get()) for _ in range(3)]
    await work.begun.wait()
    first.cancel()
    work.end.set()
    assert await asyncio.gather(*others) == [1, 1]
    assert first.cancelled()


async def test_requests_continue_in_different_iterations_of_the_event_loop() -> None:
    """Hundreds of responses in one iteration would block the event loop."""
    work = _Work()
    shared = SharedResult(work)
    iteration = 0

    async def count() -> None:
        nonlocal iteration
        while True:
            await asyncio.sleep(0)
            iteration += 1

    async def iteration_of_result() -> int:
        await shared.get()
        return iteration

    requests = [asyncio.create_task(iteration_of_result()) for _ in range(20)]
    await work.begun.wait()
    counting = asyncio.create_task(count())
    work.end.set()
    iterations = await asyncio.gather(*requests)
    counting.cancel()
    assert len(set(iterations)) == len(requests)


async def test_failure_of_the_work_reaches_all_requests() -> None:
    async def fail() -> None:
        raise ValueError("no")

    shared = SharedResult(fail)
    for result in await asyncio.gather(shared.get(), shared.get(), return_exceptions=True):
        with pytest.raises(ValueError, match="no"):
            raise result  # type: ignore[misc]
