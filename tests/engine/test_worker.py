"""A worker runs one batch at a time in its own thread."""

import asyncio
import threading

import pytest

from tests.engine.bench import entered
from tests.fakes import FakeClock, FakeVoice, Gate, ids_of
from wyoming_piper_serial.engine.admission import QueueEntry
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.engine.worker import Batch, Worker
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.settings import SynthesisSettings
from wyoming_piper_serial.shutdown import cancel


async def batch_of(voice: FakeVoice, text: str, begin: float = 0.0) -> Batch:
    """Return a batch that contains one decoding step. The utterance of this step has the text `text`, which has already
    been encoded."""
    utterance = Utterance(
        QueueEntry(number=1),
        [voice],
        SynthesisOptions(synthesis=SynthesisSettings()),
        max_ahead=10.0,
        clock=FakeClock(),
        notify=lambda *_: None,
    )
    await utterance.feed(ids_of(text))
    utterance.apply(utterance.take_step(None, 0).run(), 0.0)
    return Batch((utterance,), (utterance.take_step(len(text), 0),), begin)


async def test_a_batch_runs_in_the_workers_thread() -> None:
    """All batches run in the single thread of the worker, whose name contains the worker's number."""
    threads: list[str] = []
    voice = FakeVoice(on_run=lambda text: threads.append(threading.current_thread().name))
    worker = Worker(3)
    for text in ("one.", "two."):
        (result,) = await worker.run(await batch_of(voice, text))
        assert isinstance(result, bytes)
    worker.close()
    assert threads == ["voice-3_0", "voice-3_0"]


async def test_an_error_is_a_result() -> None:
    """An error in a step is returned as the result of the step, and the worker runs the next batch."""
    error = SynthesisFailed("no")

    def fail(text: str) -> None:
        if text == "bad.":
            raise error

    worker, voice = Worker(0), FakeVoice(on_run=fail)
    assert await worker.run(await batch_of(voice, "bad.")) == [error]
    (result,) = await worker.run(await batch_of(voice, "good."))
    assert isinstance(result, bytes)
    worker.close()


async def test_it_says_how_long_a_batch_has_been_running() -> None:
    """`step_seconds` is the time for which the current batch has been running, or 0 if no batch is running. A new
    batch resets `gave_up`."""
    gate = Gate()
    worker, voice = Worker(0), FakeVoice(on_run=lambda text: gate.hold())
    batch = await batch_of(voice, "held.", begin=70.0)
    running: list[Batch | None] = [worker.batch]
    seconds = [worker.step_seconds(100.0)]
    worker.gave_up = True
    run = asyncio.create_task(worker.run(batch))
    await entered(gate)
    running.append(worker.batch)
    seconds.append(worker.step_seconds(100.0))
    assert not worker.gave_up
    gate.open()
    await run
    running.append(worker.batch)
    seconds.append(worker.step_seconds(100.0))
    assert running == [None, batch, None]
    assert seconds == [0, 30, 0]
    worker.close()


async def test_it_waits_until_it_is_woken() -> None:
    """`wait` returns after the next `wake`. A wake-up before `wait` has no effect."""
    worker = Worker(0)
    worker.wake()
    waiting = asyncio.create_task(worker.wait())
    await asyncio.sleep(0)  # lets the task run until it waits
    assert not waiting.done()
    worker.wake()
    await waiting
    worker.close()


async def test_batch_that_no_thread_could_run_is_not_run_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no thread can be started, `run` raises RuntimeError. The worker runs the next batch, but never the failed
    one."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    worker, voice = Worker(0), FakeVoice()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError, match="new thread"):
            await worker.run(await batch_of(voice, "one."))
    assert worker.batch is None
    (result,) = await worker.run(await batch_of(voice, "two."))
    worker.close()
    assert isinstance(result, bytes)
    assert voice.runs == ["two."]


async def test_after_an_error_it_waits_until_it_is_woken() -> None:
    """If a step raises an error, the next step begins after the next `wake`, not before."""
    worker, calls = Worker(0), list[int]()

    async def fail() -> bool:
        calls.append(1)
        raise RuntimeError("no")

    serving = asyncio.create_task(worker.serve(fail))
    counts = []
    for _ in range(2):
        for _ in range(10):
            await asyncio.sleep(0)  # lets the worker run
        counts.append(len(calls))
        worker.wake()
    await cancel(serving)
    assert counts == [1, 2]


async def test_steps_that_always_fail_do_not_block_the_event_loop() -> None:
    """After each error, other tasks run, even if each step that fails also wakes the worker."""
    worker, calls = Worker(0), list[int]()

    async def fail() -> bool:
        calls.append(1)
        worker.wake()
        raise RuntimeError("no")

    serving = asyncio.create_task(worker.serve(fail))
    for _ in range(4):
        await asyncio.sleep(0)  # lets the worker run
    await cancel(serving)
    assert 1 < len(calls) <= 4


async def test_after_close_nothing_runs() -> None:
    """After `close`, `run` raises RuntimeError and runs no batch."""
    worker = Worker(0)
    worker.close()
    with pytest.raises(RuntimeError):
        await worker.run(await batch_of(FakeVoice(), "late."))
