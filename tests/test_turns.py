"""`Turns` lets only one of the waiting tasks continue in each iteration of the event loop. `Lane` runs functions in a
thread, one after another."""

import asyncio

import pytest

from tests.fakes import Gate
from wyoming_piper_serial.turns import Lane, Turns


async def test_one_task_continues_in_a_turn_and_all_in_order() -> None:
    """Waiting tasks continue in the order of their calls, at most one in each iteration of the event loop."""
    turns, continued, turn = Turns(), list[tuple[int, int]](), 0

    async def work(number: int) -> None:
        for _ in range(3):
            await turns.next()
            continued.append((number, turn))

    working = asyncio.gather(*(work(number) for number in range(5)))
    while not working.done():
        turn += 1
        await asyncio.sleep(0)  # lets the next task continue
    assert [number for number, _ in continued] == [0, 1, 2, 3, 4] * 3
    assert len({at for _, at in continued}) == 15


async def test_task_that_is_cancelled_does_not_keep_its_turn() -> None:
    """If a task is cancelled while it waits for its turn, the turn passes to the next task in the queue."""
    turns = Turns()
    first, second, third = (asyncio.create_task(turns.next()) for _ in range(3))
    await asyncio.sleep(0)  # lets the tasks begin to wait
    first.cancel()
    second.cancel()
    await third
    for task in (first, second):
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_clients_take_turns() -> None:
    """A client with one task does not wait until the hundred tasks of another client have continued."""
    turns, continued = Turns(), list[str]()

    async def work(client: str) -> None:
        await turns.next(client)
        continued.append(client)

    working = [asyncio.create_task(work("flood")) for _ in range(100)]
    working.append(asyncio.create_task(work("one")))
    await asyncio.gather(*working)
    assert continued == ["flood", "one", *["flood"] * 99]


async def test_spare_turns_are_few() -> None:
    """In each iteration of the event loop, there are only a few spare turns, and one client cannot take all of them."""
    turns = Turns()
    for _ in range(3):
        flood = sum(turns.take_spare("flood") for _ in range(100))
        assert turns.take_spare("one")
        assert 1 < flood < flood + 1 + sum(turns.take_spare(number) for number in range(100)) < 10
        await asyncio.sleep(0)  # the next iteration begins


async def test_functions_in_a_lane_never_overlap() -> None:
    """A lane runs one function at a time, in order, and leaves the other threads to other work. A function that fails
    does not affect the next one."""
    lane, gate, begun = Lane(), Gate(), list[int]()

    def work(number: int, *, fails: bool = False) -> int:
        begun.append(number)
        gate.hold()
        if fails:
            raise ValueError(number)
        return number

    tasks = [asyncio.create_task(lane.run(work, number, fails=number == 3)) for number in range(40)]
    assert await asyncio.to_thread(gate.entered.wait, 10)
    assert begun == [0]
    gate.open()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert begun == list(range(40))
    assert isinstance(results.pop(3), ValueError)
    assert results == [*range(3), *range(4, 40)]


async def test_next_function_waits_for_a_function_whose_caller_is_cancelled() -> None:
    """A thread cannot be cancelled. A client that asks and disconnects again and again must not occupy many threads. A
    function that has not begun is not run for a caller that is cancelled."""
    lane, gate, begun = Lane(), Gate(), list[int]()

    def work(number: int) -> int:
        begun.append(number)
        gate.hold()
        return number

    first, second, third = (asyncio.create_task(lane.run(work, number)) for number in range(3))
    assert await asyncio.to_thread(gate.entered.wait, 10)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert begun == [0]
    gate.open()
    assert await third == 2
    assert begun == [0, 2]
