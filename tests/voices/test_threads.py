"""Loads with a timeout, and unloads that free a voice in their own thread."""

import asyncio
import threading
import weakref

import pytest

from tests.fakes import FakeVoice, Gate, voice_entry
from wyoming_piper_serial.exceptions import VoiceFileError, VoiceLoadTimeout
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.threads import Instances, VoiceThreads

AMY, BOB = voice_entry("amy"), voice_entry("bob")


def loaded(entry: VoiceEntry) -> Instances:
    return (FakeVoice(config=entry.config),)


@pytest.mark.parametrize("preload", [False, True])
async def test_a_load_that_hangs_ends_with_a_timeout(preload: bool) -> None:
    """A load that does not come back in time fails; the voice fails at once until its thread is back, and other voices
    are loaded."""
    gates = {"amy": Gate(), "bob": Gate(), "carol": Gate(), "dora": Gate()}
    gates["dora"].open()

    def load(entry: VoiceEntry) -> Instances:
        gates[entry.name].hold()
        return loaded(entry)

    threads = VoiceThreads(load, timeout=0.05)
    for name in ("amy", "bob", "carol"):  # more than there are threads
        with pytest.raises(VoiceLoadTimeout, match=name) as caught:
            await threads.load(voice_entry(name), preload=preload)
        assert caught.value.option == "--load-timeout 0.05"
        with pytest.raises(VoiceLoadTimeout):
            await threads.load(voice_entry(name), preload=preload)
    assert len(await threads.load(voice_entry("dora"), preload=preload)) == 1
    gates["amy"].open()
    async with asyncio.timeout(10):
        while AMY.key in threads._hung:
            await asyncio.sleep(0.001)  # lets the thread come back
    gates["amy"] = gates["dora"]
    assert len(await threads.load(AMY, preload=preload)) == 1
    for gate in gates.values():
        gate.open()


async def test_a_load_that_waited_behind_loads_that_hang_can_be_tried_again() -> None:
    """A load that did not begin in time fails, because all threads hang, but its voice is not taken for one that
    hangs: the next load of it succeeds."""
    gate = Gate()

    def load(entry: VoiceEntry) -> Instances:
        if entry.name != "carol":
            gate.hold()
        return loaded(entry)

    threads = VoiceThreads(load, timeout=0.05)
    loads = [threads.load(voice_entry(name), preload=False) for name in ("amy", "bob", "carol")]
    errors = await asyncio.gather(*loads, return_exceptions=True)
    assert [type(error) for error in errors] == [VoiceLoadTimeout] * 3
    assert len(await threads.load(voice_entry("carol"), preload=False)) == 1
    gate.open()


async def test_any_error_is_a_broken_voice() -> None:
    """An unexpected error of the loader becomes VoiceFileError with its reason; VoiceFileError stays as it is."""

    def load(entry: VoiceEntry) -> Instances:
        raise VoiceFileError("amy", "torn") if entry.name == "amy" else MemoryError("none left")

    threads = VoiceThreads(load)
    for entry, detail in [(AMY, "torn"), (BOB, "MemoryError('none left')")]:
        with pytest.raises(VoiceFileError) as caught:
            await threads.load(entry, preload=False)
        assert caught.value.detail == detail


async def test_a_voice_is_freed_in_the_thread_when_nobody_uses_it() -> None:
    """A voice that is still referenced when it is unloaded is freed by the unloading thread, after the reference is
    gone."""
    threads = VoiceThreads(loaded)
    freed_in: list[str] = []
    instances = await threads.load(AMY, preload=False)
    weakref.finalize(instances[0], lambda: freed_in.append(threading.current_thread().name))
    voice = instances[0]
    threads.unload(instances)
    await asyncio.to_thread(lambda: threads._unloader.submit(int))  # the tuple is used, and the thread looks at it
    del instances
    assert freed_in == []
    waiting = asyncio.create_task(asyncio.to_thread(threads.wait_unloaded))
    await asyncio.sleep(0)  # lets it wait
    assert freed_in == []
    del voice
    await waiting
    assert [name.rpartition("_")[0] for name in freed_in] == ["unloader"]


async def test_close_waits_for_nothing() -> None:
    """After `close`, a voice that is still used is let go at once, and no other is unloaded."""
    threads = VoiceThreads(loaded)
    instances = await threads.load(AMY, preload=False)
    threads.unload(instances)
    threads.close()
    await asyncio.to_thread(threads.wait_unloaded)
    threads.unload(instances)
