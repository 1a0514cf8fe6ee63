"""A request that finds the queue full waits briefly."""

import asyncio

import pytest

from wyoming_piper_serial.engine import full_queue
from wyoming_piper_serial.engine.full_queue import FullQueue
from wyoming_piper_serial.observe.reporter import Client


async def test_request_does_not_wait_while_there_is_room() -> None:
    """If the queue has room, `wait` returns without suspending."""
    waiting = FullQueue(lambda _: True).wait(None)
    with pytest.raises(StopIteration):
        waiting.send(None)


async def test_request_waits_until_there_is_room() -> None:
    """A request waits for room for its own client."""
    client, other = Client(protocol="http", connection=1), Client(protocol="http", connection=2)
    free = [other]
    queue = FullQueue(lambda one: one in free)
    waiting = asyncio.create_task(queue.wait(client))
    await queue.wait(other)
    assert not waiting.done()
    free.append(client)
    await waiting


async def test_request_gives_up_after_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`wait` returns if the queue is still full after the time limit."""
    monkeypatch.setattr(full_queue, "_WAIT", 0)
    await FullQueue(lambda _: False).wait(None)


async def test_hundreds_of_waiting_requests_check_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """In each iteration of the event loop, at most one waiting request checks for room, so that hundreds of them do not
    block the loop together."""
    monkeypatch.setattr(full_queue, "_PAUSE", 0)
    monkeypatch.setattr(full_queue, "_WAIT", 1e9)
    checks, is_full = 0, True

    def has_room(_: Client | None) -> bool:
        nonlocal checks
        checks += 1
        return not is_full

    queue = FullQueue(has_room)
    waiting = [asyncio.create_task(queue.wait(None)) for _ in range(100)]
    await asyncio.sleep(0)  # lets each task check for the first time
    assert checks == 100
    for _ in range(50):
        before = checks
        await asyncio.sleep(0)
        assert checks <= before + 1
    is_full = False
    await asyncio.gather(*waiting)
