"""The guard reports callbacks that block the event loop, and does not report other callbacks."""

import asyncio
import contextlib
import gc
import hashlib
import itertools
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests import loop_guard
from tests.conftest import pytest_runtest_call
from tests.fixture_voices import NO_NOISE, FixtureVoices, sentence
from tests.loop_guard import LARGE_FILE, LoopGuard, starved
from wyoming_piper_serial.model.protocols import SynthesisOptions


def offences_of(callback: Callable[[], object], **how: Any) -> list[str]:
    """Run `callback` in an event loop, and return the offences that the guard reports."""

    async def call() -> None:
        callback()

    with LoopGuard(**how) as guard:
        asyncio.run(call())
    return guard.offences


def work(seconds: float) -> None:
    """Use the CPU for `seconds`."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_callback_that_uses_the_cpu_is_an_offence() -> None:
    """A callback that uses the CPU for too long is reported with the name of its coroutine and its CPU time."""
    (offence,) = offences_of(lambda: work(loop_guard.CPU_SECONDS), slowness=lambda: 1.0)
    assert "coro=<offences_of.<locals>.call()" in offence
    assert "used the CPU for 0.1" in offence


def test_callback_may_use_more_cpu_time_on_a_slow_machine() -> None:
    """If the machine is three times as slow as usual, a callback may use three times the usual CPU time."""
    assert offences_of(lambda: work(loop_guard.CPU_SECONDS), slowness=lambda: 3.0) == []
    assert len(offences_of(lambda: work(2 * loop_guard.CPU_SECONDS), slowness=lambda: 1.5)) == 1


def test_slowness_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slowness is the CPU time of a fixed amount of work, relative to the usual time, and at least 1."""
    monkeypatch.setattr(loop_guard, "_USUAL_SECONDS", 1e-6)
    assert loop_guard.slowness() > 10
    monkeypatch.setattr(loop_guard, "_USUAL_SECONDS", 1e6)
    assert loop_guard.slowness() == 1


def test_callback_that_runs_a_model_is_an_offence(
    fixture_voices: FixtureVoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A callback that runs a model is reported. The limit is lower here, because a fast machine decodes a long sentence
    of a small voice in less than `CPU_SECONDS`."""
    monkeypatch.setattr(loop_guard, "CPU_SECONDS", 0.01)
    voice = fixture_voices.voice("en_US-one_new-high")
    speech = voice.speak(sentence(voice.config, 600), SynthesisOptions(synthesis=NO_NOISE))
    (offence,) = offences_of(speech.decode, slowness=lambda: 1.0)
    assert "used the CPU" in offence


def test_callback_that_sleeps_is_an_offence() -> None:
    """A callback that calls `time.sleep` is reported, even if it sleeps for only a millisecond."""
    (offence,) = offences_of(lambda: time.sleep(0.001))
    assert "slept for 0.001 s" in offence


@pytest.mark.parametrize(
    "read",
    [
        Path.read_bytes,
        lambda path: open(path, "rb").close(),  # noqa: PTH123  # the call under test
        lambda path: os.close(os.open(path, os.O_RDONLY)),
    ],
)
def test_callback_that_opens_a_large_file_is_an_offence(read: Callable[[Path], object], tmp_path: Path) -> None:
    """A callback that opens a large file is reported, even if the file can be read quickly. Opening a small file is
    allowed."""
    path = tmp_path / "model"
    path.touch()
    os.truncate(path, LARGE_FILE)
    (offence,) = offences_of(lambda: read(path))
    assert f"opened {path}, {LARGE_FILE} bytes" in offence
    os.truncate(path, LARGE_FILE - 1)
    assert offences_of(lambda: read(path)) == []


def wait_for_nothing() -> None:
    threading.Event().wait(2 * loop_guard.WAITING_SECONDS)


def test_callback_that_waits_is_an_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A callback that waits too long is reported, regardless of the kind of wait."""
    monkeypatch.setattr(loop_guard, "WAITING_SECONDS", 0.02)
    (offence,) = offences_of(wait_for_nothing, starved=lambda: 0.0)
    assert "waited for 0." in offence


def test_busy_machine_is_no_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wait is not reported if threads waited for a free core at the same time, or if the system does not measure how
    long threads wait for a core."""
    monkeypatch.setattr(loop_guard, "WAITING_SECONDS", 0.02)
    hours = itertools.count(step=3600.0)
    assert offences_of(wait_for_nothing, starved=lambda: next(hours)) == []
    assert offences_of(wait_for_nothing, starved=lambda: None) == []


def test_starved_threads_are_counted() -> None:
    """`starved` returns the time that threads have waited for a core. In this test, two threads share one core."""
    before = starved()
    if before is None:
        pytest.skip("this system does not measure how long threads have no core")
    core = min(os.sched_getaffinity(0))
    ready = threading.Barrier(2)

    def hash_on_one_core() -> None:
        os.sched_setaffinity(0, {core})  # 0 means the calling thread
        ready.wait()
        hashlib.sha256(bytes(64 << 20))  # releases Python's global lock

    threads = [threading.Thread(target=hash_on_one_core) for _ in range(2)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    counted = 0.0
    while any(thread.is_alive() for thread in threads):
        counted = max(counted, (starved() or 0.0) - before)
    assert counted > 0.1 * (time.perf_counter() - began)


def test_garbage_collection_is_no_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a full garbage collection within a callback does not count."""
    monkeypatch.setattr(loop_guard, "CPU_SECONDS", 0.005)
    held: list[list[int]] = [[] for _ in range(500_000)]
    used = []

    def collect() -> None:
        begin = time.thread_time()
        gc.collect()
        used.append(time.thread_time() - begin)

    assert offences_of(collect) == []
    assert used[0] > loop_guard.CPU_SECONDS, f"{len(held)} objects are too few to tell"


def test_blocking_elsewhere_is_no_offence() -> None:
    """Blocking is allowed in a worker thread, and in the main thread while no loop runs."""

    async def call() -> None:
        await asyncio.to_thread(time.sleep, 0.01)
        await asyncio.to_thread(work, loop_guard.CPU_SECONDS)

    with LoopGuard() as guard:
        time.sleep(0.01)
        asyncio.run(call())
    assert guard.offences == []


@pytest.mark.parametrize("schedule", ["call_soon", "call_at", "call_later"])
def test_other_threads_cannot_schedule_callbacks(schedule: str) -> None:
    """While the guard is active, loop methods that are not thread-safe raise an error if another thread calls them."""

    async def call() -> None:
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(loop.call_soon_threadsafe, asyncio.Event().set)
        arguments = (asyncio.Event().set,) if schedule == "call_soon" else (0, asyncio.Event().set)
        await asyncio.to_thread(lambda: getattr(loop, schedule)(*arguments))

    with LoopGuard(), pytest.raises(RuntimeError, match="Non-thread-safe operation"):
        asyncio.run(call())


def test_everything_is_as_it_was_after_the_guard() -> None:
    """All replaced functions are restored when the guard ends, even if it ends with an exception."""

    def replaced() -> list[object]:
        loop = asyncio.BaseEventLoop
        return [asyncio.Handle._run, loop.call_soon, loop.call_at, time.sleep, open, os.open, list(gc.callbacks)]

    before = replaced()
    with contextlib.suppress(ZeroDivisionError), LoopGuard():
        assert all(now != then for now, then in zip(replaced(), before, strict=True))
        raise ZeroDivisionError
    assert replaced() == before


@pytest.mark.parametrize(("path", "fails"), [("tests/engine/test_x.py", True), ("tests/integration/test_x.py", False)])
def test_offence_fails_the_test(path: str, fails: bool) -> None:
    """A callback that blocks the event loop fails a unit test, but not an integration test."""
    running = pytest_runtest_call(SimpleNamespace(path=Path(path)))  # type: ignore[arg-type]

    async def call() -> None:
        time.sleep(0.001)  # noqa: ASYNC251  # the call under test

    expected = pytest.raises(AssertionError, match="slept") if fails else pytest.raises(StopIteration)
    with LoopGuard():  # prevents the guard that watches this test from reporting the sleep
        next(running)
        asyncio.run(call())
        with expected:
            running.send(None)
