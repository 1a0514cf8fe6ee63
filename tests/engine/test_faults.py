"""An error in a step ends only the utterances of that step. The engine continues with other utterances."""

import threading

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import Gate, failing_on, holding_on, ids_of, pcm_of
from wyoming_piper_serial.engine.costs import StepCosts
from wyoming_piper_serial.engine.pace import SpeakingPace
from wyoming_piper_serial.exceptions import InternalError, QueueFull, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.observe.outcome import COMPLETED, Outcome
from wyoming_piper_serial.settings import Limits


@pytest.mark.parametrize("error", [MemoryError(), SystemExit(3), KeyboardInterrupt(), threading.BrokenBarrierError()])
async def test_after_any_exception_the_next_request_is_served(error: BaseException) -> None:
    """Any exception in a model run, even SystemExit, becomes SynthesisFailed, and the next request is served."""

    def run(text: str) -> None:
        if "bad" in text:
            raise error

    async with working(EngineBench(on_run=run)) as bench:
        with pytest.raises(SynthesisFailed):
            await bench.say("a bad one.")
        assert await bench.say("fine.") == pcm_of("fine.")
    assert bench.engine.unhealthy_reason is None


async def test_a_run_that_hangs_ends_its_utterances_and_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    """If a step exceeds `step_timeout`, its worker's utterances fail. The engine is unhealthy until the step ends."""
    gate = Gate()
    bench = EngineBench(Limits(step_timeout=30), on_run=holding_on("hang", gate))
    async with working(bench):
        listening, hanging, waiting = bench.submit(), bench.submit(), bench.submit()
        await listening.feed(ids_of("begun."))
        await anext(listening)
        await feed(hanging, "hang.")
        await entered(gate)
        await feed(waiting, "next.")
        bench.clock.advance(29)
        bench.engine.expire()
        reasons = [bench.engine.unhealthy_reason]
        bench.clock.advance(1)
        bench.engine.expire()
        bench.engine.expire()
        reasons.append(bench.engine.unhealthy_reason)
        with pytest.raises(SynthesisFailed, match="did not finish in time"):
            await anext(hanging)
        with pytest.raises(SynthesisFailed, match="did not finish in time"):
            await anext(listening)
        gate.open()
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("next.")
        reasons.append(bench.engine.unhealthy_reason)
    assert reasons == [None, "a step of the voice has taken 30 seconds and has not returned", None]
    log = [record.getMessage() for record in caplog.records]
    assert log.count("[2]: a step has not returned within 30s") == 1
    assert log.count("[2]: the step has returned after 30.0s") == 1


async def test_a_step_timeout_of_zero_is_no_limit() -> None:
    """With `step_timeout` 0, a step may take any time."""
    gate = Gate()
    bench = EngineBench(Limits(step_timeout=0, request_timeout=0), on_run=lambda text: gate.hold())
    async with working(bench):
        utterance = bench.submit()
        await feed(utterance, "slow.")
        await entered(gate)
        bench.clock.advance(1e6)
        bench.engine.expire()
        assert bench.engine.unhealthy_reason is None
        gate.open()
        assert b"".join([pcm async for pcm in utterance]) == pcm_of("slow.")


async def test_a_very_long_step_has_no_lasting_effect() -> None:
    """After a step that took a day, a new request still starts while another request is playing."""
    leaps = iter([86_400.0])
    bench = EngineBench(
        Limits(request_timeout=0, max_ahead=0.05), on_run=lambda text: bench.clock.advance(next(leaps, 0.01))
    )
    async with working(bench):
        assert await bench.say("one.", "two.") == pcm_of("one.", "two.")
        listening, newcomer = bench.submit(), bench.submit()
        await feed(listening, *["some more words."] * 3)
        await anext(listening)
        await feed(newcomer, "fine.")
        assert b"".join([pcm async for pcm in newcomer]) == pcm_of("fine.")
        await listening.aclose()


async def test_refusals_and_failures_are_counted_by_code() -> None:
    """Requests are counted by outcome, and failures by error code: queue full, synthesis failed, shutting down."""
    bench = EngineBench(Limits(max_queue=1), on_run=failing_on("bad"))
    async with working(bench):
        with pytest.raises(SynthesisFailed):
            await bench.say("a bad one.")
        await bench.say("a good one.")
        bench.submit()
        with pytest.raises(QueueFull):
            bench.submit()
        bench.shutdown.over.begin()
        with pytest.raises(ShuttingDown):
            bench.submit()
    assert bench.engine.snapshot().requests == {
        COMPLETED: 1,
        Outcome.failed("synthesis-failed"): 1,
        Outcome.failed("shutting-down"): 1,
        Outcome.refused("queue-full"): 1,
        Outcome.refused("shutting-down"): 1,
    }


async def test_engine_goes_on_if_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the machine has no thread left for the voice, the waiting request fails, and later requests are served."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with working(EngineBench()) as bench:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refuse)
            with pytest.raises(InternalError):
                await bench.say("one.")
        assert await bench.say("two.") == pcm_of("two.")
    assert bench.engine.unhealthy_reason is None


@pytest.mark.parametrize(("part", "method"), [(SpeakingPace, "seconds_per_character"), (StepCosts, "add")])
async def test_engine_goes_on_after_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, part: type, method: str
) -> None:
    """If choosing a step or applying its result raises an unexpected error, each waiting request ends with
    InternalError and releases its voice. Later requests are served."""

    def run_out_of_memory(*_arguments: object) -> float:
        raise MemoryError

    async with working(EngineBench()) as bench:
        with monkeypatch.context() as patch:
            patch.setattr(part, method, run_out_of_memory)
            utterances = [bench.submit() for _ in range(2)]
            for utterance in utterances:
                await feed(utterance, "one.", "two.")
            for utterance in utterances:
                with pytest.raises(InternalError):
                    await anext(utterance)
                assert not utterance.has_voice
        assert await bench.say("three.") == pcm_of("three.")
