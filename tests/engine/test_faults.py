"""An error in a step ends only the utterances of that step. The engine continues with other utterances."""

import asyncio
import threading

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import FakeVoice, Gate, failing_on, holding_on, ids_of, pcm_of
from wyoming_piper_serial.engine import engine
from wyoming_piper_serial.engine.costs import StepCosts
from wyoming_piper_serial.engine.pace import SpeakingPace
from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.engine.tracing import Tracer
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import InternalError, QueueFull, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.model.protocols import PhonemeIds, Speech, SynthesisOptions
from wyoming_piper_serial.observe.metrics import Metrics
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome
from wyoming_piper_serial.observe.timeline import Timeline
from wyoming_piper_serial.settings import Limits, Sharing, SynthesisSettings


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
    assert reasons == [None, "a step of the voice has been running for 30 seconds", None]
    log = [record.getMessage() for record in caplog.records]
    assert log.count("[2]: a step did not return within 30s") == 1
    assert log.count("[2]: the step returned after 30.0s") == 1


async def test_a_step_timeout_of_zero_is_no_limit() -> None:
    """If `step_timeout` is 0, a step may take any amount of time."""
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


def fail_once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> None:
    """Make the next call of this function raise MemoryError."""
    original, errors = getattr(owner, name), [MemoryError()]

    def call(*arguments: object, **named: object) -> object:
        if errors:
            raise errors.pop()
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, call)


def refuse_threads(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    """Make each thread whose name begins with `prefix` fail to start, as if the machine had run out of threads."""
    start = threading.Thread.start

    def start_or_refuse(thread: threading.Thread) -> None:
        if thread.name.startswith(prefix):
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_or_refuse)


def assert_nothing_is_held(bench: EngineBench, *utterances: Utterance) -> None:
    """Check that the queue is empty, and that ended `utterances` hold neither the voice nor memory."""
    assert repr(bench.engine) == "<Engine serving []>"
    assert bench.engine.buffers.speech.used == 0
    assert [one for one in utterances if one.has_voice or one.outcome is None] == []


async def test_engine_goes_on_if_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """If no thread can be started for the voice, the waiting request fails. Later requests are served, and the failed
    text is not spoken."""
    speak = FakeVoice.speak
    spoken: list[PhonemeIds] = []

    def note(voice: FakeVoice, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        spoken.append(ids)
        return speak(voice, ids, options)

    monkeypatch.setattr(FakeVoice, "speak", note)
    async with working(EngineBench()) as bench:
        with monkeypatch.context() as patch:
            refuse_threads(patch, "voice-")
            with pytest.raises(InternalError):
                await bench.say("one.")
        assert_nothing_is_held(bench)
        assert await bench.say("two.") == pcm_of("two.")
        assert_nothing_is_held(bench)
    assert spoken == [ids_of("two.")]
    assert bench.engine.unhealthy_reason is None


@pytest.mark.parametrize(("part", "method"), [(SpeakingPace, "seconds_per_character"), (StepCosts, "add")])
async def test_engine_goes_on_after_an_error_of_its_own(
    monkeypatch: pytest.MonkeyPatch, part: type, method: str
) -> None:
    """If choosing a step or processing its result raises an unexpected error, each waiting request ends with
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
        assert_nothing_is_held(bench, *utterances)
        assert await bench.say("three.") == pcm_of("three.")
    assert bench.engine.snapshot().requests == {COMPLETED: 1, Outcome.failed("internal-error"): 2}


async def test_client_that_hangs_up_during_a_step_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that has ended during a step releases the voice and its memory even if the result of the step cannot be
    applied because of an unexpected error."""
    gate = Gate()
    async with working(EngineBench(on_run=holding_on("held", gate))) as bench:
        utterance = bench.submit()
        await feed(utterance, "held.", "more.")
        await entered(gate)
        await utterance.aclose()
        fail_once(monkeypatch, StepCosts, "add")
        gate.open()
        assert await bench.say("next.") == pcm_of("next.")
        assert_nothing_is_held(bench, utterance)
    assert bench.engine.snapshot().requests == {COMPLETED: 1, CANCELLED: 1}


async def test_clients_that_hang_up_during_a_batch_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the results of a batch cannot be applied because of an unexpected error, all requests of the batch release the
    voice and their memory."""
    gate = Gate()
    bench = EngineBench(Limits(max_ahead=0.001), sharing=Sharing(batch_max=2))
    async with working(bench):
        utterances = [bench.submit() for _ in range(2)]
        for utterance in utterances:
            await feed(utterance, "many letters " * 30)
            await utterance._audible.wait()  # waits until the first chunk has been decoded
        bench.voice.on_later_chunk = lambda _: gate.hold()
        await asyncio.gather(*map(anext, utterances))  # makes room for another chunk in both buffers at the same time
        await entered(gate)
        for utterance in utterances:
            await utterance.aclose()
        fail_once(monkeypatch, ClientShare, "add")
        gate.open()
        assert await bench.say("next.") == pcm_of("next.")
        assert_nothing_is_held(bench, *utterances)
    assert bench.voice.batches == [2]


async def test_error_in_a_batch_does_not_end_other_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the result of a step cannot be applied because of an unexpected error, only the requests of this step end."""
    gate = Gate()
    async with working(EngineBench(on_run=holding_on("held", gate))) as bench:
        held, stream, waiting = bench.submit(), bench.submit(), bench.submit()
        stream.wait_for_text(waiting=True)
        await feed(held, "held.")
        await entered(gate)
        await feed(waiting, "waits.")
        fail_once(monkeypatch, StepCosts, "add")
        gate.open()
        with pytest.raises(InternalError):
            await anext(held)
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("waits.")
        assert stream.outcome is None
        await stream.aclose()
        assert_nothing_is_held(bench, held, stream, waiting)


async def test_error_in_a_decision_first_ends_the_requests_that_the_worker_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If choosing a step fails, the requests that the worker has started end first. If the error does not occur again
    without them, waiting requests are served."""
    gate = Gate()
    async with working(EngineBench(on_run=holding_on("held", gate))) as bench:
        begun, stream, waiting = bench.submit(), bench.submit(), bench.submit()
        await feed(begun, "held.", "more.")
        await entered(gate)
        await feed(waiting, "waits.")
        fail_once(monkeypatch, engine, "choose")
        gate.open()
        with pytest.raises(InternalError):
            b"".join([pcm async for pcm in begun])
        assert b"".join([pcm async for pcm in waiting]) == pcm_of("waits.")
        assert stream.outcome is None
        await stream.aclose()
        await begun.aclose()
        assert_nothing_is_held(bench, begun, stream, waiting)


async def test_worker_without_a_thread_does_not_end_the_requests_of_another_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """If no thread can be started for one of two workers, only the request that this worker was to serve fails."""
    gate = Gate()
    bench = EngineBench(sharing=Sharing(instances=2))
    voices = [FakeVoice(on_run=holding_on("held", gate)), FakeVoice()]
    options = SynthesisOptions(synthesis=SynthesisSettings())
    refuse_threads(monkeypatch, "voice-1")
    async with working(bench):
        held, stream, failing = (bench.engine.submit(voices, options) for _ in range(3))
        stream.wait_for_text(waiting=True)
        await feed(held, "held.")
        await entered(gate)
        await feed(failing, "fails.")
        with pytest.raises(InternalError):
            await anext(failing)
        assert (held.outcome, stream.outcome) == (None, None)
        gate.open()
        assert b"".join([pcm async for pcm in held]) == pcm_of("held.")
        await stream.aclose()
        assert_nothing_is_held(bench, held, stream, failing)


@pytest.mark.parametrize(
    ("part", "method"),
    [(Metrics, "first_audio"), (Metrics, "request_ended"), (Timeline, "add"), (Tracer, "progress")],
)
async def test_error_in_the_records_does_not_affect_requests(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, part: type, method: str
) -> None:
    """If the progress of a request cannot be recorded, the error is logged. The client still gets all audio, and the
    request leaves the queue."""

    def run_out_of_memory(*_arguments: object, **_named: object) -> None:
        raise MemoryError

    monkeypatch.setattr(part, method, run_out_of_memory)
    async with working(EngineBench(trace=lambda record: None)) as bench:
        assert await bench.say("one.", "two.") == pcm_of("one.", "two.")
        assert_nothing_is_held(bench)
        cancelled = bench.submit()
        await cancelled.aclose()
        assert_nothing_is_held(bench, cancelled)
    assert "[1]: the progress could not be recorded" in caplog.messages


async def test_request_that_cannot_be_ended_does_not_keep_others_from_ending(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If a request that must end cannot release its voice, the error is logged, and the other requests still end."""

    def fail(*_arguments: object) -> None:
        raise MemoryError

    async with working(EngineBench()) as bench:
        options = SynthesisOptions(synthesis=SynthesisSettings())
        with monkeypatch.context() as patch:
            patch.setattr(engine, "choose", fail)
            utterances = [bench.engine.submit([bench.voice], options, release=fail), bench.submit()]
            for utterance in utterances:
                await feed(utterance, "never.")
            for utterance in utterances:
                with pytest.raises(InternalError):
                    await anext(utterance)
        assert_nothing_is_held(bench, *utterances)
        assert await bench.say("next.") == pcm_of("next.")
    assert caplog.messages.count("[1]: the request could not be ended") == 1
