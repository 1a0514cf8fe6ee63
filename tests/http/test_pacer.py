"""The pacer limits the time that HTTP connections use in each iteration of the event loop."""

import asyncio
import itertools

import pytest

from tests.fakes import FakeClock
from wyoming_piper_serial.http.pacer import Pacer, message_cost, request_cost


class Bench:
    """A pacer with a fake clock, which each piece of work advances."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.pacer = Pacer(clock=self.clock)
        self.done: list[int] = []

    def run(self, number: int, *, seconds: float = 0.001, client: str | None = None) -> bool:
        def work() -> None:
            self.clock.advance(seconds)
            self.done.append(number)

        return self.pacer.run(work, client)


async def test_work_is_done_at_once_while_there_is_time() -> None:
    """Work runs at once until the time for this iteration is used up. Further work runs in order in later
    iterations."""
    bench = Bench()
    at_once = [bench.run(number) for number in range(12)]
    begun = sum(at_once)
    assert at_once == [True] * begun + [False] * (12 - begun)
    assert 1 < begun < 8
    turns = [list(bench.done)]
    while len(bench.done) < 12:
        await asyncio.sleep(0)
        turns.append(list(bench.done))
    assert bench.done == list(range(12))
    assert all(len(after) - len(before) <= begun for before, after in itertools.pairwise(turns))


async def test_coroutines_take_turns() -> None:
    """A coroutine goes on at once while there is time in this iteration. Otherwise, it waits for its turn, unless it is
    cancelled."""
    bench = Bench()
    done: list[int] = []

    async def wait(number: int) -> None:
        await bench.pacer.turn(message_cost(0), "flood")
        done.append(number)

    tasks = [asyncio.create_task(wait(number)) for number in range(20)]
    cancelled = tasks.pop(15)
    turns = []
    while len(done) < 19:
        before = len(done)
        await asyncio.sleep(0)
        turns.append(len(done) - before)
        cancelled.cancel()
    assert done == [*range(15), *range(16, 20)]
    assert max(turns) <= 8


async def test_new_work_does_not_overtake() -> None:
    """In a new iteration, new work waits until all older work has run."""
    bench = Bench()
    for number in range(10):
        bench.run(number)
    await asyncio.sleep(0)
    assert not bench.run(10)
    while len(bench.done) < 11:
        await asyncio.sleep(0)
    assert bench.done == list(range(11))


async def test_clients_take_turns() -> None:
    """A client with one piece of work does not wait until the hundred pieces of another client have run. The pieces of
    each client run in order."""
    bench = Bench()
    bench.pacer.charge(1)
    for number in range(100):
        bench.run(number, client="flood")
    bench.run(1000, client="one")
    for number in range(2000, 2003):
        bench.run(number, client="three")
    assert repr(bench.pacer) == "<Pacer 104 waiting>"
    while len(bench.done) < 104:
        await asyncio.sleep(0)
    assert bench.done == [0, 1000, 2000, 1, 2001, 2, 2002, *range(3, 100)]


async def test_long_work_is_alone_in_its_turn() -> None:
    """A piece of work that takes longer than the time for an iteration is completed, and all other work waits."""
    bench = Bench()
    assert bench.run(1, seconds=1)
    assert not bench.run(2)
    assert repr(bench.pacer) == "<Pacer 1 waiting>"
    await asyncio.sleep(0)
    assert bench.done == [1, 2]


async def test_requests_that_begin_are_charged_in_advance() -> None:
    """When a request begins, the time that it will need in the next iteration of the event loop is charged to the
    current iteration. This limits the number of requests that begin in one iteration."""
    bench = Bench()
    begun = 0
    while bench.run(begun, seconds=0):
        bench.pacer.charge(request_cost(0))
        begun += 1
    assert begun == 2


async def test_pacer_is_idle_without_work() -> None:
    """Without work, the pacer schedules no callback. After a pause, the full time for an iteration is available
    again."""
    bench = Bench()
    bench.run(1)
    for _ in range(3):
        await asyncio.sleep(0)
    assert bench.pacer._next_turn is None  # private, because no public attribute shows whether a callback is scheduled
    assert [bench.run(number) for number in range(3)] == [True] * 3


async def test_failing_work_does_not_stop_other_work() -> None:
    """If work raises an exception, `run` raises the same exception, and waiting work still runs."""
    bench = Bench()

    def fail() -> None:
        bench.clock.advance(1)
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        bench.pacer.run(fail)
    assert not bench.run(1)
    await asyncio.sleep(0)
    assert bench.done == [1]


def test_large_requests_and_messages_are_alone_in_their_iteration() -> None:
    """Requests and messages of several kilobytes may take longer than the time for an iteration. Of small ones, several
    fit into an iteration."""
    assert 2 * request_cost(20) <= 0.005 <= request_cost(5000)
    assert 5 * message_cost(20) <= 0.005 <= message_cost(5000)
