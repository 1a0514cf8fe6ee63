"""In the voice pool, requests for the same voice wait for the same load and share the loaded voice."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes import FakeVoice, Gate, voice_entry
from tests.voices.loading import Loading, entered, lent, waiting
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.pool import Instances, VoicePool


async def test_voice_is_loaded_once() -> None:
    """The second request for a voice gets the instances that were loaded for the first request."""
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
    """While one voice is being loaded, another voice can be loaded."""
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
    """If a load fails, each waiting request gets a separate exception. The next request loads the voice again."""
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
    """If a load fails after its only request has been cancelled, asyncio does not log "exception was never
    retrieved"."""
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
    gc.collect()  # frees the task, at which point asyncio would log an exception that was never retrieved
    assert [record.getMessage() for record in caplog.records] == []


async def test_any_exception_of_the_loader_is_a_broken_voice() -> None:
    """Any exception from the loader becomes a VoiceFileError. The detail contains the reason."""

    def load(entry: VoiceEntry) -> Instances:
        raise MemoryError("too large")

    with pytest.raises(VoiceFileError) as caught:
        await lent(VoicePool(load, max_voices=1), voice_entry("amy"))
    assert "too large" in caught.value.detail


async def test_presets_share_the_loaded_voice() -> None:
    """Two catalogue entries for the same voice, such as the voice and its preset, share the loaded voice."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    entry = voice_entry("amy")
    assert entry.voice == "amy"
    assert await lent(pool, entry) is await lent(pool, replace(entry, sha256=("", "")))
    assert load.loaded == ["amy"]


async def test_a_lease_is_given_back_once() -> None:
    """Releasing a lease a second time has no effect. A released lease no longer gives access to the voice."""
    pool = VoicePool(Loading(), max_voices=1)
    first, second = await pool.lease(voice_entry("amy")), await pool.lease(voice_entry("amy"))
    assert first.instances is second.instances
    first.release()
    first.release()
    assert repr(pool) == "<VoicePool {amy: 1} waiting: []>"
    with pytest.raises(RuntimeError):
        _ = first.instances
