"""The voice pool unloads voices to make room in memory for other voices, and decides which waiting request gets the
free room."""

import asyncio
import contextlib
import logging
import threading
import weakref

import pytest

from tests.fakes import FakeClock, FakeVoice, Gate, voice_entry
from tests.voices.loading import Loading, entered, lent, loop_turns, sized, waiting
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.voices.pool import VoicePool


async def test_least_recently_used_voice_is_unloaded_first() -> None:
    """If the pool has no room in memory for another voice, the least recently used voice is unloaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=2)
    amy, bob, carol = (voice_entry(name) for name in ("amy", "bob", "carol"))
    kept = await lent(pool, amy)
    await lent(pool, bob)
    assert await lent(pool, amy) is kept
    await lent(pool, carol)
    assert load.loaded == ["amy", "bob", "carol"]
    assert await lent(pool, amy) is kept
    await lent(pool, bob)
    assert load.loaded == ["amy", "bob", "carol", "bob"]


async def test_one_voice_in_memory_is_enough() -> None:
    """With `max_voices=1`, loading a voice unloads the previous voice."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    for name in ("amy", "bob", "bob", "amy"):
        assert (await lent(pool, voice_entry(name))).config.name == name
    assert load.loaded == ["amy", "bob", "amy"]


async def test_voice_in_use_is_never_unloaded() -> None:
    """A voice in use is not unloaded. A request for another voice waits until there is room in memory."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    async with pool.acquire(voice_entry("amy")) as (amy,):
        (task,) = waiting(pool, voice_entry("bob"), 1)
        assert await lent(pool, voice_entry("amy")) is amy
        assert load.loaded == ["amy"]
        assert not task.done()
    await task
    assert load.loaded == ["amy", "bob"]


async def test_waiting_request_gets_the_room_of_a_cancelled_request() -> None:
    """If a request is cancelled while its voice is being loaded, the load is completed. A waiting request can then use
    the memory of this voice."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1)
    (gone,) = waiting(pool, voice_entry("amy"), 1)
    await entered(load.gate)
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    (stays,) = waiting(pool, voice_entry("bob"), 1)
    await asyncio.sleep(0)  # lets the request run until it waits for room in memory
    load.gate.open()
    async with asyncio.timeout(10):
        assert isinstance(await stays, FakeVoice)
    assert load.loaded == ["amy", "bob"]


async def test_room_is_free_again_after_a_failed_load() -> None:
    """If a load fails, the room in memory that was reserved for the voice becomes free again."""
    pool = VoicePool(Loading(failures=1), max_voices=1)
    with pytest.raises(VoiceFileError):
        await lent(pool, voice_entry("amy"))
    await lent(pool, voice_entry("bob"))


async def test_voices_are_unloaded_until_the_next_fits_into_memory() -> None:
    """Voices are unloaded, least recently used first, until the next voice fits into `max_memory`."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(amy=4, bob=3, carol=3, dora=6))
    for name in ("amy", "bob", "carol"):
        await lent(pool, voice_entry(name))
    assert pool.memory == 10
    await lent(pool, voice_entry("dora"))
    assert list(pool.loaded) == ["carol", "dora"]
    assert pool.memory == 9


async def test_nothing_is_unloaded_if_it_would_not_help() -> None:
    """No voice is unloaded if the next voice would still not fit because other voices are in use."""
    load = Loading()
    pool = VoicePool(load, max_voices=9, max_memory=10, memory_of=sized(amy=4, bob=6, carol=8))
    await lent(pool, voice_entry("amy"))
    async with pool.acquire(voice_entry("bob")):
        (task,) = waiting(pool, voice_entry("carol"), 1)
        await loop_turns()
        assert list(pool.loaded) == ["amy", "bob"]
    await task
    assert list(pool.loaded) == ["carol"]


async def test_voice_larger_than_all_memory_is_loaded_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A voice larger than `max_memory` is loaded after all other voices have been unloaded. One warning is logged."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(amy=4, huge=50))
    for name in ("amy", "huge", "amy", "huge"):
        await lent(pool, voice_entry(name))
        assert list(pool.loaded) == [name]
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.startswith("Voice huge takes about 0 MB, more than --max-memory allows")


async def test_requests_for_smaller_voices_do_not_overtake_the_first() -> None:
    """Requests get room in memory in the order of arrival. A later request for a small voice does not overtake an
    earlier request for a large voice."""
    load = Loading()
    pool = VoicePool(load, max_voices=9, max_memory=10, memory_of=sized(amy=4, large=10, small=2))
    order: list[str] = []

    async def use(name: str) -> None:
        async with pool.acquire(voice_entry(name)):
            order.append(name)

    async with pool.acquire(voice_entry("amy")):
        tasks = [asyncio.create_task(use(name)) for name in ("large", "small", "amy")]
        await loop_turns()
        assert order == ["amy"]
        assert load.loaded == ["amy"]
    await asyncio.gather(*tasks)
    assert order == ["amy", "large", "small"]


async def test_room_is_not_given_to_a_cancelled_request() -> None:
    """If a request is cancelled in the same event loop iteration in which room becomes free, the next request gets the
    room."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        leaving = waiting(pool, voice_entry("bob"), 1)[0]
        staying = waiting(pool, voice_entry("carol"), 1)[0]
        await loop_turns()
        leaving.cancel()
    assert (await staying).config.name == "carol"
    assert leaving.cancelled()
    assert (await lent(pool, voice_entry("amy"))).config.name == "amy"


async def test_cancelled_request_does_not_delay_the_next() -> None:
    """A request that is cancelled while it waits does not delay the next request, even if it had just been assigned
    room."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        leaving = waiting(pool, voice_entry("bob"), 1)[0]
        staying = waiting(pool, voice_entry("carol"), 1)[0]
        await loop_turns()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    assert (await staying).config.name == "carol"
    async with pool.acquire(voice_entry("carol")):
        late = waiting(pool, voice_entry("bob"), 1)[0]
        await loop_turns()
    late.cancel()  # the request for bob has been assigned room, but its task has not run yet
    await asyncio.gather(late, return_exceptions=True)
    assert (await lent(pool, voice_entry("amy"))).config.name == "amy"


async def test_idle_voices_are_unloaded() -> None:
    """`expire` unloads the voices that have not been used for `idle_unload` seconds, except voices in use and the
    default voice."""
    clock = FakeClock()
    pool = VoicePool(Loading(), max_voices=9, idle_unload=60, resident="default", clock=clock)
    for name in ("default", "amy", "bob"):
        await lent(pool, voice_entry(name))
    async with pool.acquire(voice_entry("amy")):
        clock.advance(59.9)
        pool.expire()
        assert list(pool.loaded) == ["default", "bob", "amy"]
        clock.advance(0.1)
        pool.expire()
        assert list(pool.loaded) == ["default", "amy"]
    pool.expire()
    assert list(pool.loaded) == ["default", "amy"], "amy was in use until now"
    clock.advance(60)
    pool.expire()
    assert list(pool.loaded) == ["default"]


async def test_idle_voices_stay_without_idle_unload() -> None:
    """Without `idle_unload`, unused voices stay in memory."""
    clock = FakeClock()
    pool = VoicePool(Loading(), max_voices=9, clock=clock)
    await lent(pool, voice_entry("amy"))
    clock.advance(1e9)
    pool.expire()
    assert list(pool.loaded) == ["amy"]


async def test_unloaded_voice_is_freed() -> None:
    """The pool keeps no reference to a voice that it has unloaded, so that the memory is freed."""
    pool = VoicePool(Loading(), max_voices=1)
    gone = weakref.ref(await lent(pool, voice_entry("amy")))
    await lent(pool, voice_entry("bob"))
    await asyncio.to_thread(pool._threads.wait_unloaded)  # waits until all voices are unloaded
    assert gone() is None


async def test_the_resident_voice_is_unloaded_last() -> None:
    """The default voice is unloaded only if no other voice can be unloaded."""
    pool = VoicePool(Loading(), max_voices=2, resident="default")
    for name in ("default", "amy", "bob"):
        await lent(pool, voice_entry(name))
    assert pool.loaded == ("default", "bob")
    async with pool.acquire(voice_entry("bob")):
        await lent(pool, voice_entry("carol"))
        assert pool.loaded == ("bob", "carol")


async def test_voice_is_freed_in_a_thread_while_another_request_waits_for_its_place() -> None:
    """When a voice is unloaded for a waiting request, its memory is not freed in the event loop's thread."""
    pool = VoicePool(Loading(), max_voices=1)
    freed_in: list[str] = []
    async with pool.acquire(voice_entry("amy")) as instances:
        weakref.finalize(instances[0], lambda: freed_in.append(threading.current_thread().name))
        (waits,) = waiting(pool, voice_entry("bob"), 1)
        await loop_turns()
        del instances
    assert (await waits).config.name == "bob"
    await asyncio.to_thread(pool._threads.wait_unloaded)
    assert [name.rpartition("_")[0] for name in freed_in] == ["unloader"]
