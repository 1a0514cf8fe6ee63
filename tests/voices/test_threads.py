"""VoiceThreads loads voices with a timeout. A separate thread frees the memory of unloaded voices."""

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
    """A load that exceeds its timeout fails. Further loads of the same voice fail immediately until the hanging load
    has returned. Other voices are loaded normally."""
    gates = {"amy": Gate(), "bob": Gate(), "carol": Gate(), "dora": Gate()}
    gates["dora"].open()

    def load(entry: VoiceEntry) -> Instances:
        gates[entry.name].hold()
        return loaded(entry)

    threads = VoiceThreads(load, timeout=0.05)
    for name in ("amy", "bob", "carol"):  # more voices than loading threads
        with pytest.raises(VoiceLoadTimeout, match=name) as caught:
            await threads.load(voice_entry(name), preload=preload)
        assert caught.value.option == "--load-timeout 0.05"
        with pytest.raises(VoiceLoadTimeout):
            await threads.load(voice_entry(name), preload=preload)
    assert len(await threads.load(voice_entry("dora"), preload=preload)) == 1
    gates["amy"].open()
    async with asyncio.timeout(10):
        while AMY.key in threads._hung:
            await asyncio.sleep(0.001)  # lets the hanging loader thread return
    gates["amy"] = gates["dora"]
    assert len(await threads.load(AMY, preload=preload)) == 1
    for gate in gates.values():
        gate.open()


async def test_a_load_that_waited_behind_loads_that_hang_can_be_tried_again() -> None:
    """If all loading threads hang, a load that does not start in time fails. The voice of this load does not count as
    hanging, so the next load of the voice succeeds."""
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
    """An unexpected exception from the loader becomes a VoiceFileError with the reason. A VoiceFileError is passed on
    unchanged."""

    def load(entry: VoiceEntry) -> Instances:
        raise VoiceFileError("amy", "torn") if entry.name == "amy" else MemoryError("none left")

    threads = VoiceThreads(load)
    for entry, detail in [(AMY, "torn"), (BOB, "MemoryError('none left')")]:
        with pytest.raises(VoiceFileError) as caught:
            await threads.load(entry, preload=False)
        assert caught.value.detail == detail


async def test_a_voice_is_freed_in_the_thread_when_nobody_uses_it() -> None:
    """If a voice is still referenced when it is unloaded, the unloading thread frees it once the last reference is
    dropped."""
    threads = VoiceThreads(loaded)
    freed_in: list[str] = []
    instances = await threads.load(AMY, preload=False)
    weakref.finalize(instances[0], lambda: freed_in.append(threading.current_thread().name))
    voice = instances[0]
    threads.unload(instances)
    await asyncio.to_thread(lambda: threads._unloader.submit(int))  # gives the unloading thread time to start
    del instances
    assert freed_in == []
    waiting = asyncio.create_task(asyncio.to_thread(threads.wait_unloaded))
    await asyncio.sleep(0)  # lets `wait_unloaded` start in its thread
    assert freed_in == []
    del voice
    await waiting
    assert [name.rpartition("_")[0] for name in freed_in] == ["unloader"]


async def test_close_waits_for_nothing() -> None:
    """After `close`, the unloading thread no longer waits for references to be dropped, and further calls to `unload`
    have no effect.
    """
    threads = VoiceThreads(loaded)
    instances = await threads.load(AMY, preload=False)
    threads.unload(instances)
    threads.close()
    await asyncio.to_thread(threads.wait_unloaded)
    threads.unload(instances)


async def test_voice_is_let_go_if_no_thread_can_be_started(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If no thread can be started to unload a voice, `unload` logs a warning and does not raise an exception."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    threads = VoiceThreads(loaded)
    instances = await threads.load(AMY, preload=False)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        threads.unload(instances)
    assert "No thread can be started to unload a voice (can't start new thread)" in caplog.text
    threads.close()
