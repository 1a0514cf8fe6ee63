"""The timeline of recent utterances: which records it keeps, for how long, and what the engine records."""

import asyncio

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import SAMPLE_RATE, Gate, failing_on, holding_on, ids_of, pcm_of
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome
from wyoming_piper_serial.observe.timeline import StepTaken, Timeline, UtteranceActivity, UtteranceRecord
from wyoming_piper_serial.settings import Limits, Priority, Sharing


def record(number: int, asked: float | None = 0.0) -> UtteranceRecord:
    return UtteranceRecord(number, "en_US-fake-medium", Priority.NORMAL, asked=asked)


def over(
    number: int, ended: float, *, lasts_until: float | None = None, outcome: Outcome = COMPLETED
) -> UtteranceRecord:
    done = record(number)
    if lasts_until is not None:
        done.heard, done.lasts_until = 0.0, lasts_until
    done.end(ended, outcome)
    return done


def numbers(timeline: Timeline, now: float) -> list[int]:
    return [one.number for one in timeline.activity([], now).utterances]


def test_utterances_that_wait_play_and_have_ended_are_shown_oldest_first() -> None:
    """Waiting, playing and ended utterances are listed together, in the order in which their first sentences
    arrived."""
    timeline = Timeline()
    timeline.add(over(2, 5.0), 5.0)
    seen = timeline.activity([record(4, asked=6.0), record(1, asked=0.0), record(3, asked=2.0)], 7.0)
    assert seen.now == 7.0
    assert [one.number for one in seen.utterances] == [1, 2, 3, 4]


def test_an_utterance_without_text_is_not_shown() -> None:
    """An utterance without a sentence is never listed."""
    timeline, silent = Timeline(), record(1, asked=None)
    assert timeline.activity([silent], 0.0).utterances == ()
    silent.end(1.0, CANCELLED)
    timeline.add(silent, 1.0)
    assert numbers(timeline, 1.0) == []


def test_records_are_dropped_a_minute_after_the_end() -> None:
    """A record is dropped one minute after its utterance has ended, whether or not the utterance had audio."""
    timeline = Timeline()
    timeline.add(over(1, 10.0, outcome=Outcome.failed("queue-timeout")), 10.0)
    timeline.add(over(2, 10.0, lasts_until=9.0), 10.0)
    assert numbers(timeline, 70.0) == [1, 2]
    assert numbers(timeline, 70.1) == []


def test_the_minute_begins_when_playback_has_ended() -> None:
    """If playback ends after the utterance, the record is dropped one minute after the end of playback."""
    timeline = Timeline()
    timeline.add(over(1, 10.0, lasts_until=100.0), 10.0)
    timeline.add(over(2, 20.0, lasts_until=30.0), 20.0)
    assert numbers(timeline, 91.0) == [1]
    assert numbers(timeline, 160.0) == [1]
    assert numbers(timeline, 160.1) == []


def test_what_is_kept_is_bounded() -> None:
    """The last 64 ended utterances and the last 32 steps of each utterance are kept."""
    timeline = Timeline()
    for number in range(1000):
        timeline.add(over(number, 0.0, lasts_until=1e6), 0.0)
    assert numbers(timeline, 0.0) == list(range(936, 1000))
    long = record(1)
    for at in range(1000):
        long.step(at, 0.5, 0.25)
    (seen,) = timeline.activity([long], 1000.0).utterances[:1]
    assert seen.number == 1
    assert [step.begin for step in seen.steps] == list(range(968, 1000))


def test_returned_activity_does_not_change_later() -> None:
    """An activity that the timeline has returned does not change when an utterance continues or ends."""
    timeline, one = Timeline(), record(1)
    (before,) = timeline.activity([one], 0.0).utterances
    one.step(0.0, 1.0, 1.0)
    one.heard, one.lasts_until = 1.0, 2.0
    one.end(1.0, COMPLETED)
    assert (before.steps, before.heard, before.ended, before.outcome) == ((), None, None, None)


async def heard(utterance: Utterance) -> bytes:
    return b"".join([pcm async for pcm in utterance])


def only(bench: EngineBench) -> UtteranceActivity:
    (seen,) = bench.engine.activity().utterances
    return seen


async def test_all_times_of_an_utterance_are_recorded() -> None:
    """A record contains the times of the first sentence, each step, the first audio, the end of playback and the end
    of the utterance."""
    bench = EngineBench(on_run=lambda text: bench.clock.advance(0.5))
    bench.clock.advance(100)
    utterance = bench.submit(priority=Priority.HIGH)
    bench.clock.advance(1)
    await feed(utterance, "hello.")
    bench.clock.advance(2)
    async with working(bench):
        audio = len(await heard(utterance)) / 2 / SAMPLE_RATE
    bench.clock.advance(10)
    assert bench.engine.activity().now == bench.clock.now
    assert only(bench) == UtteranceActivity(
        number=1,
        voice="en_US-fake-medium",
        priority=Priority.HIGH,
        asked=101.0,
        begun=103.0,
        heard=103.5,
        lasts_until=103.5 + audio,
        ended=103.5,
        outcome=COMPLETED,
        steps=(StepTaken(103.0, 0.0, 0.0), StepTaken(103.0, 0.5, audio)),
    )


async def test_an_utterance_in_the_queue_is_shown_waiting() -> None:
    """An utterance is listed as soon as its first sentence arrives, even if no step has started."""
    bench = EngineBench()
    utterance = bench.submit()
    assert bench.engine.activity().utterances == ()
    await utterance.feed(ids_of("hello."))
    seen = only(bench)
    assert (seen.asked, seen.begun, seen.heard, seen.ended, seen.steps) == (0.0, None, None, None, ())


async def test_an_utterance_has_begun_when_its_first_step_runs() -> None:
    """`begun` is set when the first step starts, not when the step ends."""
    gate = Gate()
    bench = EngineBench(on_run=lambda text: gate.hold())
    async with working(bench):
        speaking = asyncio.create_task(bench.say("hello."))
        await entered(gate)
        assert (only(bench).begun, only(bench).heard) == (0.0, None)
        gate.open()
        await speaking


async def test_after_an_underrun_the_rest_is_played_later() -> None:
    """After an underrun, playback continues when the next audio has been synthesized. Playback therefore ends later."""
    bench = EngineBench(sharing=Sharing(release="earliest"), on_run=lambda text: bench.clock.advance(5.0))
    async with working(bench):
        last = len(pcm_of("two.")) / 2 / SAMPLE_RATE
        await bench.say("one.", "two.")
    seen = only(bench)
    assert seen.heard == 5.0
    assert seen.lasts_until == pytest.approx(10.0 + last)


async def test_a_reader_that_paused_plays_the_rest_later() -> None:
    """Playback starts when the client reads the audio, even if the audio was synthesized long before."""
    async with working(EngineBench(sharing=Sharing(schedule="fifo"))) as bench:
        utterance = bench.submit()
        await feed(utterance, "one.", "two.")
        await bench.say("this one is made after all of the first.")
        assert bench.engine.activity().utterances[0].outcome == COMPLETED
        bench.clock.advance(50)
        rest = len(await heard(utterance)) / 2 / SAMPLE_RATE
        assert bench.engine.activity().utterances[0].lasts_until == pytest.approx(50 + rest)


async def test_a_listener_that_hung_up_plays_nothing_afterwards() -> None:
    """When a client disconnects, its playback ends at once, even if a step is still running."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        gone = bench.submit()
        await feed(gone, "a minute of speech " * 10, "held.")
        await anext(gone)
        await entered(gate)
        bench.clock.advance(0.5)
        await gone.aclose()
        bench.clock.advance(1)
        gate.open()
        await bench.say("next.")
    seen = bench.engine.activity().utterances[0]
    assert (seen.outcome, seen.heard, seen.lasts_until, seen.ended) == (CANCELLED, 0.0, 0.5, 0.5)


async def test_a_failure_is_shown_with_its_code() -> None:
    """The record of a failed utterance contains the error code. The failed step has no audio."""
    async with working(EngineBench(on_run=failing_on("bad"))) as bench:
        with pytest.raises(SynthesisFailed):
            await bench.say("a bad one.")
    seen = only(bench)
    assert (seen.outcome, seen.heard) == (Outcome.failed("synthesis-failed"), None)
    assert [step.audio_seconds for step in seen.steps] == [0.0, 0.0]


async def test_a_step_that_ends_after_its_utterance_is_shown() -> None:
    """If the client disconnects during a step, the step is added to the record when the step ends."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        gone = bench.submit()
        await feed(gone, "held.")
        await entered(gate)
        bench.clock.advance(1)
        await gone.aclose()
        bench.clock.advance(1)
        gate.open()
        await bench.say("next.")
    seen = bench.engine.activity().utterances[0]
    assert (seen.outcome, seen.ended, seen.heard, seen.lasts_until) == (CANCELLED, 1.0, None, None)
    assert [(step.begin, step.seconds) for step in seen.steps] == [(0.0, 0.0), (0.0, 2.0)]


async def test_each_utterance_of_a_batch_has_the_step() -> None:
    """A step that decodes a batch is recorded for each utterance in the batch, with the duration of the whole step and
    the audio of that utterance."""
    bench = EngineBench(Limits(max_ahead=0.001), sharing=Sharing(batch_max=8))
    bench.voice.on_later_chunk = lambda text: bench.clock.advance(0.1)  # called once for each utterance in the batch
    text = "five seconds of letters " * 10
    async with working(bench):
        utterances = [bench.submit() for _ in range(3)]
        for utterance in utterances:
            await feed(utterance, text)
            await utterance._audible.wait()  # the next chunk is decoded only after the current one has been read
        await asyncio.gather(*map(heard, utterances))
    assert 3 in bench.voice.batches
    seen = bench.engine.activity().utterances
    audio = len(pcm_of(text)) / 2 / SAMPLE_RATE
    assert [sum(step.audio_seconds for step in one.steps) for one in seen] == [pytest.approx(audio)] * 3
    shared = [[(step.begin, step.seconds) for step in one.steps if step.seconds > 0.25] for one in seen]
    assert shared[0]
    assert shared[0] == shared[1] == shared[2]


async def test_many_requests_leave_a_bounded_number_of_records() -> None:
    """The timeline keeps a limited number of records, regardless of the number of requests. All records are dropped
    after a minute, and no record contains text."""
    async with working(EngineBench()) as bench:
        for number in range(100):
            await bench.say(f"secret {number}.")
        seen = bench.engine.activity().utterances
        assert [one.number for one in seen] == list(range(37, 101))
        assert "secret" not in repr(seen)
        bench.clock.advance(61)
        assert bench.engine.activity().utterances == ()
