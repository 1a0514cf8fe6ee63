"""The guard against blocked event loops sees what blocks, and only that."""

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
from wyoming_piper_serial.model.voice import SynthesisOptions


def offences_of(callback: Callable[[], object], **how: Any) -> list[str]:
    """What a guard says of a loop that calls `callback`."""

    async def call() -> None:
        callback()

    with LoopGuard(**how) as guard:
        asyncio.run(call())
    return guard.offences


def work(seconds: float) -> None:
    """Use the CPU for so long."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_callback_that_uses_the_cpu_is_an_offence() -> None:
    """The line names the coroutine and the CPU time."""
    (offence,) = offences_of(lambda: work(loop_guard.CPU_SECONDS))
    assert "coro=<offences_of.<locals>.call()" in offence
    assert "used the CPU for 0.1" in offence


def test_callback_that_runs_a_model_is_an_offence(fixture_voices: FixtureVoices) -> None:
    """A long sentence, though on a small voice."""
    voice = fixture_voices.voice("en_US-one_new-high")
    speech = voice.speak(sentence(voice.config, 600), SynthesisOptions(synthesis=NO_NOISE))
    (offence,) = offences_of(speech.decode)
    assert "used the CPU" in offence


def test_callback_that_sleeps_is_an_offence() -> None:
    """However short it sleeps."""
    (offence,) = offences_of(lambda: time.sleep(0.001))
    assert "slept for 0.001 s" in offence


@pytest.mark.parametrize(
    "read",
    [
        Path.read_bytes,
        lambda path: open(path, "rb").close(),  # noqa: PTH123  # what is tested
        lambda path: os.close(os.open(path, os.O_RDONLY)),
    ],
)
def test_callback_that_opens_a_large_file_is_an_offence(read: Callable[[Path], object], tmp_path: Path) -> None:
    """However fast this machine reads it; a small file is none."""
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
    """For a lock, a thread, a process, a disk."""
    monkeypatch.setattr(loop_guard, "WAITING_SECONDS", 0.02)
    (offence,) = offences_of(wait_for_nothing, starved=lambda: 0.0)
    assert "waited for 0." in offence


def test_busy_machine_is_no_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that get no core, or a system that does not count for how long, explain any waiting."""
    monkeypatch.setattr(loop_guard, "WAITING_SECONDS", 0.02)
    hours = itertools.count(step=3600.0)
    assert offences_of(wait_for_nothing, starved=lambda: next(hours)) == []
    assert offences_of(wait_for_nothing, starved=lambda: None) == []


def test_starved_threads_are_counted() -> None:
    """Two that want the same core wait for each other."""
    before = starved()
    if before is None:
        pytest.skip("this system does not count it")
    core = min(os.sched_getaffinity(0))
    ready = threading.Barrier(2)

    def hash_on_one_core() -> None:
        os.sched_setaffinity(0, {core})  # of this thread
        ready.wait()
        hashlib.sha256(bytes(64 << 20))  # leaves Python's global lock

    threads = [threading.Thread(target=hash_on_one_core) for _ in range(2)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    counted = 0.0
    while any(thread.is_alive() for thread in threads):
        counted = max(counted, (starved() or 0.0) - before)
    assert counted > 0.1 * (time.perf_counter() - began)


def test_garbage_collection_is_no_offence(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of everything that a test run holds takes longer than a callback may."""
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
    """In a worker thread, and in the main thread while no loop runs."""

    async def call() -> None:
        await asyncio.to_thread(time.sleep, 0.01)
        await asyncio.to_thread(work, loop_guard.CPU_SECONDS)

    with LoopGuard() as guard:
        time.sleep(0.01)
        asyncio.run(call())
    assert guard.offences == []


def test_loops_are_in_debug_mode() -> None:
    """A call from a foreign thread that would go unseen is an error."""

    async def call() -> None:
        await asyncio.to_thread(asyncio.get_running_loop().call_soon, print)

    with LoopGuard(), pytest.raises(RuntimeError, match="Non-thread-safe operation"):
        asyncio.run(call())


def test_everything_is_as_it_was_after_the_guard() -> None:
    """Also after an error."""
    before = [asyncio.Handle._run, time.sleep, open, os.open, list(gc.callbacks)]
    with contextlib.suppress(ZeroDivisionError), LoopGuard():
        assert time.sleep is not before[1]
        raise ZeroDivisionError
    assert [asyncio.Handle._run, time.sleep, open, os.open, list(gc.callbacks)] == before


@pytest.mark.parametrize(("path", "fails"), [("tests/engine/test_x.py", True), ("tests/integration/test_x.py", False)])
def test_offence_fails_the_test(path: str, fails: bool) -> None:
    """Of a unit test; integration tests hold only their own loop."""
    running = pytest_runtest_call(SimpleNamespace(path=Path(path)))  # type: ignore[arg-type]

    async def call() -> None:
        time.sleep(0.001)  # noqa: ASYNC251  # what is tested

    expected = pytest.raises(AssertionError, match="slept") if fails else pytest.raises(StopIteration)
    with LoopGuard():  # in place of the one that watches this test
        next(running)
        asyncio.run(call())
        with expected:
            running.send(None)
