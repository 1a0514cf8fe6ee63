"""The pool of voices in memory."""

import asyncio
import contextlib
import gc
import logging
import threading
import weakref
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes import FakeClock, FakeVoice, Gate, voice_entry
from wyoming_piper_serial.exceptions import QueueTimeout, ShuttingDown, VoiceFileError, VoiceLoadTimeout
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.pool import Instances, VoicePool


def loaded(pool: VoicePool) -> tuple[str, ...]:
    return pool.loaded


class Loading:
    """A loader that records its calls, waits at `gate` if there is one, and fails the first `failures` times."""

    def __init__(self, gate: Gate | None = None, failures: int = 0) -> None:
        self.loaded: list[str] = []
        self.gate = gate
        self.failures = failures

    def __call__(self, entry: VoiceEntry) -> Instances:
        self.loaded.append(entry.name)
        if self.gate is not None:
            self.gate.hold()
        if self.failures:
            self.failures -= 1
            raise VoiceFileError(entry.name, "amy.onnx: torn")
        return (FakeVoice(config=entry.config),)


async def lent(pool: VoicePool, entry: VoiceEntry, deadline: float | None = None) -> Voice:
    """Acquire a voice, release it at once, and return it."""
    async with pool.acquire(entry, deadline=deadline) as instances:
        return instances[0]


def waiting(pool: VoicePool, entry: VoiceEntry, count: int) -> list["asyncio.Task[Voice]"]:
    return [asyncio.create_task(lent(pool, entry)) for _ in range(count)]


async def entered(gate: Gate) -> None:
    """Wait until the loader is running in its thread."""
    assert await asyncio.to_thread(gate.entered.wait, 10)


async def test_voice_is_loaded_once() -> None:
    """The second request for a voice gets the voice that the first request has loaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    assert await lent(pool, entry) is await lent(pool, entry)
    assert load.loaded == ["amy"]


async def test_concurrent_requests_wait_for_one_load() -> None:
    """Concurrent requests for the same voice wait for one load. The event loop is not blocked during the load."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    tasks = waiting(pool, voice_entry("amy"), 5)
    assert load.gate is not None
    await entered(load.gate)
    assert not any(task.done() for task in tasks)
    load.gate.open()
    voices = await asyncio.gather(*tasks)
    assert all(voice is voices[0] for voice in voices)
    assert load.loaded == ["amy"]


async def test_two_voices_load_at_the_same_time() -> None:
    """While a voice loads slowly, another voice can be loaded."""
    gate = Gate()
    slow, quick = voice_entry("amy"), voice_entry("bob")
    slow_load, quick_load = Loading(gate), Loading()
    loaders: dict[str, Callable[[VoiceEntry], Instances]] = {"amy": slow_load, "bob": quick_load}
    pool = VoicePool(lambda entry: loaders[entry.name](entry), max_voices=2)
    (task,) = waiting(pool, slow, 1)
    await entered(gate)
    assert (await lent(pool, quick)).config is quick.config
    assert not task.done()
    gate.open()
    assert (await task).config is slow.config


async def test_failed_load_is_an_error_for_all_waiting_requests_and_tried_again() -> None:
    """If a load fails, all requests that wait for the load get an error of their own. The next request loads again."""
    load = Loading(Gate(), failures=1)
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    tasks = waiting(pool, entry, 3)
    assert load.gate is not None
    await entered(load.gate)
    load.gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [VoiceFileError] * 3
    assert len(set(map(id, outcomes))) == 3
    assert (await lent(pool, entry)).config is entry.config
    assert load.loaded == ["amy", "amy"]


async def test_cancelled_waiter_does_not_cancel_the_load() -> None:
    """If one of two requests that wait for a load is cancelled, the load continues for the other one."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    leaving, staying = waiting(pool, voice_entry("amy"), 2)
    assert load.gate is not None
    await entered(load.gate)
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    assert leaving.cancelled()
    load.gate.open()
    assert isinstance(await staying, FakeVoice)
    assert load.loaded == ["amy"]


async def test_load_without_waiting_requests_is_completed() -> None:
    """If all requests for a voice are cancelled, the load is still completed, and the next request uses the voice."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    (leaving,) = waiting(pool, entry, 1)
    assert load.gate is not None
    await entered(load.gate)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    load.gate.open()
    assert isinstance(await lent(pool, entry), FakeVoice)
    assert load.loaded == ["amy"]


@pytest.mark.usefixtures("quick_collection")
async def test_failed_load_without_waiting_requests_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If a load fails after its only request was cancelled, asyncio does not log "exception was never retrieved"."""
    caplog.set_level(logging.WARNING)
    load = Loading(Gate(), failures=1)
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    (leaving,) = waiting(pool, entry, 1)
    assert load.gate is not None
    await entered(load.gate)
    (place,) = pool._places.values()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    load.gate.open()
    await asyncio.wait({place.loading})
    del place, leaving
    gc.collect()  # asyncio would log an exception that was never retrieved when its task is freed here
    assert [record.getMessage() for record in caplog.records] == []


async def test_least_recently_used_voice_is_unloaded_first() -> None:
    """If the pool has no room for another voice, the least recently used voice is unloaded."""
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
    """With `max_voices=1`, loading a voice unloads the previous one."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    for name in ("amy", "bob", "bob", "amy"):
        assert (await lent(pool, voice_entry(name))).config.name == name
    assert load.loaded == ["amy", "bob", "amy"]


async def test_voice_in_use_is_never_unloaded() -> None:
    """A voice is not unloaded while a request uses it. A request for another voice waits until there is room."""
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
    """If a request is cancelled during its load, the room of its voice goes to a waiting request once the load has
    ended."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1)
    (gone,) = waiting(pool, voice_entry("amy"), 1)
    await entered(load.gate)
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    (stays,) = waiting(pool, voice_entry("bob"), 1)
    await asyncio.sleep(0)  # lets the request find no room
    load.gate.open()
    async with asyncio.timeout(10):
        assert isinstance(await stays, FakeVoice)
    assert load.loaded == ["amy", "bob"]


async def test_room_is_free_again_after_a_failed_load() -> None:
    """If a load fails, the room that was reserved for the voice is free again."""
    pool = VoicePool(Loading(failures=1), max_voices=1)
    with pytest.raises(VoiceFileError):
        await lent(pool, voice_entry("amy"))
    await lent(pool, voice_entry("bob"))


async def test_any_exception_of_the_loader_is_a_broken_voice() -> None:
    """Any exception of the loader becomes a VoiceFileError, whose detail contains the reason."""

    def load(entry: VoiceEntry) -> Instances:
        raise MemoryError("too large")

    with pytest.raises(VoiceFileError) as caught:
        await lent(VoicePool(load, max_voices=1), voice_entry("amy"))
    assert "too large" in caught.value.detail


# The memory limit of the pool, and requests that wait for room.


def sized(**megabytes: int) -> Callable[[VoiceEntry], int]:
    """Return a function that returns the given size for the voice of each name."""
    return lambda entry: megabytes[entry.name]


async def loop_turns(count: int = 10) -> None:
    """Run the event loop `count` times, so that other tasks run until they wait for a thread or for each other."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_voices_are_unloaded_until_the_next_fits_into_memory() -> None:
    """Voices are unloaded, the least recently used ones first, until the next voice fits into `max_memory`."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(amy=4, bob=3, carol=3, dora=6))
    for name in ("amy", "bob", "carol"):
        await lent(pool, voice_entry(name))
    assert pool.memory == 10
    await lent(pool, voice_entry("dora"))
    assert list(pool.loaded) == ["carol", "dora"]
    assert pool.memory == 9


async def test_nothing_is_unloaded_if_it_would_not_help() -> None:
    """No voice is unloaded as long as the next voice would still not fit, because of voices that are in use."""
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


async def test_presets_share_the_loaded_voice() -> None:
    """Two catalogue entries of the same voice, such as the voice and its preset, share the loaded voice."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    entry = voice_entry("amy")
    assert entry.voice == "amy"
    assert await lent(pool, entry) is await lent(pool, replace(entry, sha256=("", "")))
    assert load.loaded == ["amy"]


async def test_requests_for_smaller_voices_do_not_overtake_the_first() -> None:
    """Requests get room in the order in which they arrive. A later request for a small voice does not overtake a
    request for a large one."""
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
    """If a request is cancelled in the same iteration of the event loop in which room becomes free, the room goes to
    the next request."""
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
    """A request that is cancelled while it waits does not delay the next request, even if it had just been given
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
    late.cancel()  # there is room for bob, but the task has not run yet
    await asyncio.gather(late, return_exceptions=True)
    assert (await lent(pool, voice_entry("amy"))).config.name == "amy"


def soon() -> float:
    """Return a deadline for `acquire` that passes after one millisecond."""
    return asyncio.get_running_loop().time() + 0.001


async def test_wait_for_room_ends_at_the_deadline() -> None:
    """A request that waits for room gets QueueTimeout at its deadline."""
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
    """A TimeoutError that is raised while the voice is in use does not become QueueTimeout."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        pass
    with pytest.raises(TimeoutError):
        async with pool.acquire(voice_entry("amy"), deadline=soon()), asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_shutdown_refuses_requests_that_wait_for_room_or_a_load() -> None:
    """At a shutdown, requests that wait for room or a load get ShuttingDown. A voice that is already loaded can still
    be acquired."""
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
    """If a deadline passes in the same turn of the event loop as the shutdown, the request gets one of their errors, no
    other error is raised, and nothing stays in use."""
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


async def test_idle_voices_are_unloaded() -> None:
    """`expire` unloads voices that were not used for `idle_unload` seconds. It does not unload voices in use and the
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
    """Without `idle_unload`, voices stay in memory even if they are not used."""
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


# Preloading voices.


async def test_voices_are_preloaded_one_after_the_other() -> None:
    """`preload` loads voices one after the other, in the given order. The voice that is preloaded last will be the
    first to be unloaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=4)
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("default", "amy", "bob", "carol")])
    assert load.loaded == ["default", "amy", "bob", "carol"]
    assert list(pool.loaded) == ["carol", "bob", "amy", "default"]


async def test_failing_preload_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """If preloading a voice fails, one warning is logged, and the next voices are still preloaded."""
    load = Loading(failures=1)
    pool = VoicePool(load, max_voices=4)
    await pool.preload([voice_entry("amy"), voice_entry("bob")])
    assert list(pool.loaded) == ["bob"]
    assert caplog.messages == ["Voice amy cannot be loaded: amy.onnx: torn"]


async def test_preloading_unloads_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Preloading never unloads a voice. One log line names the voices for which there is no room."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(default=5, amy=6, bob=4, carol=2))
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("amy", "bob", "carol")])
    assert list(pool.loaded) == ["bob", "default"]
    assert caplog.messages == ["Not preloaded because of --max-voices or --max-memory: amy, carol"]


async def test_preloads_do_not_delay_requests() -> None:
    """The preload of a voice starts only when no voice is in use or loading. It does not delay loads for requests."""
    gate = Gate()
    load = Loading()
    slow = Loading(gate)
    pool = VoicePool(lambda entry: (slow if entry.name == "slow" else load)(entry), max_voices=9)
    async with pool.acquire(voice_entry("amy")):
        preloading = asyncio.create_task(pool.preload([voice_entry("slow"), voice_entry("last")]))
        await loop_turns()
        assert slow.loaded == []
    await entered(gate)
    await asyncio.gather(*waiting(pool, voice_entry("bob"), 1), *waiting(pool, voice_entry("carol"), 1))
    assert sorted(load.loaded) == ["amy", "bob", "carol"]
    async with pool.acquire(voice_entry("amy")):
        gate.open()
        (also,) = waiting(pool, voice_entry("slow"), 1)
        await also
        assert slow.loaded == ["slow"], "a request for a voice that is being preloaded must wait for the preload"
        assert "last" not in load.loaded
    await preloading
    assert load.loaded[-1] == "last"


# Leases.


async def test_the_resident_voice_is_unloaded_last() -> None:
    """The default voice is unloaded to make room only if no other voice can be."""
    pool = VoicePool(Loading(), max_voices=2, resident="default")
    for name in ("default", "amy", "bob"):
        await lent(pool, voice_entry(name))
    assert pool.loaded == ("default", "bob")
    async with pool.acquire(voice_entry("bob")):
        await lent(pool, voice_entry("carol"))
        assert pool.loaded == ("bob", "carol")


async def test_a_lease_is_given_back_once() -> None:
    """A second release does nothing, and a released lease has no voice."""
    pool = VoicePool(Loading(), max_voices=1)
    first, second = await pool.lease(voice_entry("amy")), await pool.lease(voice_entry("amy"))
    assert first.instances is second.instances
    first.release()
    first.release()
    assert repr(pool) == "<VoicePool {amy: 1} waiting: []>"
    with pytest.raises(RuntimeError):
        _ = first.instances


async def test_a_load_has_a_timeout() -> None:
    """All who wait for a load that hangs get VoiceLoadTimeout, and its place is free for another voice."""
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


async def test_voice_is_freed_in_a_thread_while_another_request_waits_for_its_place() -> None:
    """The memory of a voice that makes room for a waiting request is not freed on the event loop."""
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
