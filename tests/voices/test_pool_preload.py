"""The voice pool loads voices before they are requested."""

import asyncio

import pytest

from tests.fakes import Gate, voice_entry
from tests.voices.loading import Loading, entered, lent, loop_turns, sized, waiting
from wyoming_piper_serial.voices.pool import VoicePool


async def test_voices_are_preloaded_one_after_the_other() -> None:
    """`preload` loads voices one after the other, in the given order. The last voice to be preloaded is the first to be
    unloaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=4)
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("default", "amy", "bob", "carol")])
    assert load.loaded == ["default", "amy", "bob", "carol"]
    assert list(pool.loaded) == ["carol", "bob", "amy", "default"]


async def test_failing_preload_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """If a preload fails, one warning is logged, and the remaining voices are still preloaded."""
    load = Loading(failures=1)
    pool = VoicePool(load, max_voices=4)
    await pool.preload([voice_entry("amy"), voice_entry("bob")])
    assert list(pool.loaded) == ["bob"]
    assert caplog.messages == ["Voice amy cannot be loaded: amy.onnx: torn"]


async def test_preloading_unloads_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Preloading never causes a voice to be unloaded. One log line names the voices that do not fit."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(default=5, amy=6, bob=4, carol=2))
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("amy", "bob", "carol")])
    assert list(pool.loaded) == ["bob", "default"]
    assert caplog.messages == ["Not preloaded because of --max-voices or --max-memory: amy, carol"]


async def test_preloads_do_not_delay_requests() -> None:
    """A voice is preloaded only while no voice is in use or being loaded, so preloads do not delay loads for
    requests."""
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
