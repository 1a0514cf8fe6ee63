"""A request stops waiting for a voice at the request's deadline, at the shutdown, or at the load timeout."""

import asyncio
import contextlib

import pytest

from tests.fakes import Gate, voice_entry
from tests.voices.loading import Loading, entered, lent, loop_turns, waiting
from wyoming_piper_serial.exceptions import QueueTimeout, ShuttingDown, VoiceLoadTimeout
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.pool import VoicePool


def soon() -> float:
    """Return a deadline for `acquire` that passes after one millisecond."""
    return asyncio.get_running_loop().time() + 0.001


async def test_wait_for_room_ends_at_the_deadline() -> None:
    """A request that waits for room in memory gets QueueTimeout at its deadline."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        with pytest.raises(QueueTimeout):
            await lent(pool, voice_entry("bob"), deadline=soon())
    async with pool.acquire(voice_entry("bob")):
        assert list(pool.loaded) == ["bob"]


async def test_wait_for_a_load_ends_at_the_deadline() -> None:
    """A request that waits for a load gets QueueTimeout at its deadline. The load continues, and later requests use the
    voice."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1)
    with pytest.raises(QueueTimeout):
        await lent(pool, voice_entry("amy"), deadline=soon())
    load.gate.open()
    async with pool.acquire(voice_entry("amy")):
        assert load.loaded == ["amy"]


async def test_deadline_is_for_the_wait_and_not_for_speech() -> None:
    """A TimeoutError raised while the voice is in use is not converted to QueueTimeout."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        pass
    with pytest.raises(TimeoutError):
        async with pool.acquire(voice_entry("amy"), deadline=soon()), asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_shutdown_refuses_requests_that_wait_for_room_or_a_load() -> None:
    """On shutdown, requests that are waiting for room or for a load get ShuttingDown. A loaded voice can still be
    acquired."""
    shutdown = Stage()
    load = Loading()
    slow = Loading(Gate())
    assert slow.gate is not None
    pool = VoicePool(lambda entry: (slow if entry.name == "slow" else load)(entry), max_voices=2, shutdown=shutdown)
    async with pool.acquire(voice_entry("amy")):
        for_load = waiting(pool, voice_entry("slow"), 1)[0]
        for_place = waiting(pool, voice_entry("bob"), 1)[0]
        await entered(slow.gate)
        shutdown.begin()
        for task in (for_load, for_place):
            with pytest.raises(ShuttingDown):
                await task
        assert (await lent(pool, voice_entry("amy"))).config.name == "amy"
        with pytest.raises(ShuttingDown):
            await lent(pool, voice_entry("carol"))
    slow.gate.open()


@pytest.mark.parametrize("first", ["deadline", "shutdown"])
@pytest.mark.parametrize("waits_for", ["place", "load"])
async def test_shutdown_and_deadline_in_the_same_loop_iteration(first: str, waits_for: str) -> None:
    """If a deadline passes in the same event loop iteration in which the shutdown begins, the request gets one of the
    two exceptions. No other exception is raised, and no voice stays in use."""
    shutdown, load = Stage(), Loading(Gate() if waits_for == "load" else None)
    pool = VoicePool(load, max_voices=1, shutdown=shutdown)
    loop = asyncio.get_running_loop()
    failures: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: failures.append(context))
    async with contextlib.AsyncExitStack() as stack:
        if waits_for == "place":
            await stack.enter_async_context(pool.acquire(voice_entry("amy")))
        at = loop.time() + 0.01
        late = asyncio.create_task(lent(pool, voice_entry("bob"), deadline=at if first == "deadline" else at + 1e-9))
        loop.call_at(at + 1e-9 if first == "deadline" else at, shutdown.begin)
        with pytest.raises((QueueTimeout, ShuttingDown)):
            await late
    if load.gate is not None:
        load.gate.open()
    await loop_turns()
    assert failures == []
    assert "waiting: []" in repr(pool)


async def test_a_load_has_a_timeout() -> None:
    """If a load hangs, all requests that wait for it get VoiceLoadTimeout, and the reserved room in memory becomes
    available to another voice."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1, load_timeout=0.02)
    outcomes = await asyncio.gather(*waiting(pool, voice_entry("amy"), 3), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [VoiceLoadTimeout] * 3
    load.gate.open()
    assert (await lent(pool, voice_entry("bob"))).config.name == "bob"
    load.gate = Gate()
    await pool.preload([voice_entry("carol")])
    load.gate.open()
