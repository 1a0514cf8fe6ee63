"""A single utterance: how its connection and the engine use it, and which progress it reports."""

import asyncio

import pytest

from tests.fakes import SAMPLE_RATE, FakeClock, FakeVoice, ids_of, pcm_of, voice_config
from wyoming_piper_serial.audio.pcm import AudioFormat, silence
from wyoming_piper_serial.engine.admission import QueueEntry
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.engine.speech_job import JobStep
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import QueueTimeout, SynthesisFailed
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.observe.outcome import CANCELLED, COMPLETED, Outcome, Progress
from wyoming_piper_serial.settings import Priority, SynthesisSettings

VOICE = "en_US-fake-medium"


class Bench:
    """An utterance, its clock, and the progress that it has reported."""

    def __init__(
        self, *, max_ahead: float = 30.0, max_held: float | None = None, synthesis: SynthesisSettings | None = None
    ) -> None:
        self.clock = FakeClock()
        self.notified: list[Progress] = []
        self.utterance = Utterance(
            QueueEntry(number=7, priority=Priority.HIGH),
            [FakeVoice()],
            SynthesisOptions(synthesis=synthesis or SynthesisSettings()),
            max_ahead=max_ahead,
            max_held=max_held,
            clock=self.clock,
            notify=lambda utterance, progress: self.notified.append(progress),
        )

    def step(self, frames: int | None = None) -> Progress:
        """Run the next step and apply its result, as the engine does."""
        return self.utterance.apply(self.utterance.take_step(frames, 0).run(), 0.25)


async def playing(text: str = "hello.", *, max_ahead: float = 30.0) -> Bench:
    """Return a bench whose utterance has encoded `text` and decoded two letters. The limiter holds some of the
    samples back."""
    bench = Bench(max_ahead=max_ahead)
    await bench.utterance.feed(ids_of(text))
    bench.step()
    bench.step(2)
    return bench


async def test_it_waits_without_text() -> None:
    """An utterance without text counts as queued, but is not a candidate for a step."""
    utterance = Bench().utterance
    assert (utterance.is_candidate, utterance.ready, utterance.started, utterance.playing) == (False,) * 4
    assert utterance.needs_voice
    assert utterance.waited(100.0) is None
    assert repr(utterance) == "<Utterance 7 waiting, 0 steps, 0 sentences, 0.000s of unread audio>"


async def test_a_sentence_makes_it_a_candidate() -> None:
    """With its first sentence, an utterance becomes a candidate, notifies the engine, and starts to count its waiting
    time.
    """
    bench = Bench()
    bench.clock.advance(5)
    await bench.utterance.feed(ids_of("hello."))
    bench.clock.advance(2)
    await bench.utterance.feed(ids_of("more."))
    assert bench.notified == [Progress(), Progress()]
    assert bench.utterance.ready
    assert bench.utterance.waited(bench.clock.now) == 2
    candidate = bench.utterance.candidate(bench.clock())
    assert (candidate.number, candidate.voice, candidate.priority) == (7, VOICE, Priority.HIGH)
    assert (candidate.since, candidate.deadline) == (5, None)
    assert (candidate.encode, candidate.frames, candidate.rest) == (3, 0, (3 + 2) * 0.06)


async def test_a_step_takes_the_next_sentence() -> None:
    """An encoding step contains the next sentence. Each step states the kind and size of its work, and whether it
    belongs to the last sentence."""
    bench = Bench()
    await bench.utterance.feed(ids_of("hello."))
    await bench.utterance.feed(ids_of("bye."))
    bench.utterance.end_text()
    first = bench.utterance.take_step(None, 0)
    assert first == JobStep(first.job, Work(VOICE, Kind.ENCODE, 3), ids_of("hello."), last=False)
    bench.utterance.apply(first.run(), 0.1)
    decoding = bench.utterance.take_step(6, 0)
    assert decoding == JobStep(first.job, Work(VOICE, Kind.DECODE, 6), last=False)
    bench.utterance.apply(decoding.run(), 0.1)
    assert bench.utterance.take_step(None, 0) == JobStep(
        first.job, Work(VOICE, Kind.ENCODE, 2), ids_of("bye."), last=True
    )


async def test_the_first_step_decides_on_the_worker() -> None:
    """The first step binds the utterance to its worker and to an instance of the voice. Both are used for all later
    steps."""
    instances = [FakeVoice(), FakeVoice()]
    utterance = Utterance(
        QueueEntry(number=1),
        instances,
        SynthesisOptions(synthesis=SynthesisSettings()),
        max_ahead=1.0,
        clock=FakeClock(),
        notify=lambda *_: None,
    )
    await utterance.feed(ids_of("hello."))
    assert utterance.worker is None
    assert utterance.take_step(None, 1).job.voice is instances[1]
    assert utterance.worker == 1


async def test_it_wants_nothing_during_its_step() -> None:
    """While its step runs, an utterance still needs the voice, but is not a candidate for another step, even if text
    arrives."""
    bench = await playing("some text.")
    step = bench.utterance.take_step(2, 0)
    bench.notified.clear()
    await bench.utterance.feed(ids_of("more."))
    bench.utterance.end_text()
    assert (bench.utterance.is_candidate, bench.utterance.ready, bench.utterance.batch_key(2)) == (False, False, None)
    assert bench.utterance.needs_voice
    assert bench.notified == [Progress(), Progress()]
    bench.utterance.apply(step.run(), 0.1)
    assert bench.utterance.ready
    assert bench.utterance.batch_key(2) == 2


async def test_the_first_audio_is_reported_once_with_its_delay() -> None:
    """The first audio is reported once, with the time in seconds since the first sentence."""
    bench = Bench()
    bench.clock.advance(1)
    await bench.utterance.feed(ids_of("hello."))
    assert bench.step() == Progress()
    bench.clock.advance(3)
    assert bench.step(2) == Progress(first_audio=3)
    assert bench.step(1) == Progress()


async def test_an_underrun_is_reported() -> None:
    """The step that ends an underrun reports the duration of the underrun in seconds."""
    bench = await playing("hello.")
    bench.clock.advance(10)
    made = bench.utterance.playback.made
    assert bench.step(2).underrun == 10 - made


async def test_the_last_step_completes_it() -> None:
    """The last step completes the utterance. The remaining audio can still be read, and then the iterator ends."""
    bench = await playing("hello.")
    bench.utterance.end_text()
    assert bench.step(4) == Progress(outcome=COMPLETED)
    assert bench.utterance.outcome is COMPLETED
    assert b"".join([pcm async for pcm in bench.utterance]) == pcm_of("hello.")
    assert bench.utterance.busy_seconds == 0.75
    assert [progress.outcome for progress in bench.notified] == [None] * len(bench.notified)


async def test_the_end_of_the_text_can_complete_it() -> None:
    """If all text has already been spoken, `end_text` completes the utterance."""
    bench = await playing("hello.")
    bench.step(4)
    assert not bench.utterance.needs_voice, "it waits for text"
    bench.utterance.end_text()
    assert bench.notified[-1] == Progress(outcome=COMPLETED)


async def test_held_audio_is_released_unchanged_by_the_end_of_the_text() -> None:
    """If the text ends after the last step, the held audio is released without any added samples."""
    bench = Bench(max_held=300.0)
    await bench.utterance.feed(ids_of("hello."))
    bench.step()
    bench.step(6)
    assert bench.utterance.held
    bench.clock.advance(2)
    bench.utterance.end_text()
    assert bench.notified[-1] == Progress(first_audio=2, held=2, outcome=COMPLETED)
    assert b"".join([pcm async for pcm in bench.utterance]) == pcm_of("hello.")


async def test_a_text_without_sound_is_a_tenth_of_a_second_of_silence() -> None:
    """A text without phonemes is spoken as 0.1 seconds of silence, without any step."""
    bench = Bench()
    bench.clock.advance(2)
    bench.utterance.end_text()
    assert bench.notified == [Progress(first_audio=2, outcome=COMPLETED)]
    assert not bench.utterance.started
    assert [pcm async for pcm in bench.utterance] == [silence(0.1, SAMPLE_RATE)]


async def test_a_late_end_needs_one_more_step_for_the_resampler() -> None:
    """If the text ends after the last step, one more step returns the samples that the resampler has held back."""
    bench = Bench(synthesis=SynthesisSettings(sample_rate=48_000))
    await bench.utterance.feed(ids_of("hello."))
    bench.step()
    bench.step(6)
    candidate = [bench.utterance.is_candidate]
    bench.utterance.end_text()
    assert [*candidate, bench.utterance.is_candidate] == [False, True]
    assert bench.utterance.candidate(bench.clock()).encode == 1
    step = bench.utterance.take_step(None, 0)
    assert step.work == Work(VOICE, Kind.FINISH, 1)
    assert bench.utterance.apply(step.run(), 0.1).outcome is COMPLETED


async def test_closing_cancels_and_drops_what_was_not_taken() -> None:
    """`aclose` drops the audio that has not been read. A second call does not report another cancellation."""
    bench = await playing("hello.")
    bench.notified.clear()
    await bench.utterance.aclose()
    await bench.utterance.aclose()
    bench.utterance.fail(QueueTimeout("too late"))
    assert bench.notified == [Progress(outcome=CANCELLED)]
    assert [pcm async for pcm in bench.utterance] == []
    assert bench.utterance.playback.deadline == bench.clock.now
    assert not bench.utterance.is_candidate
    await bench.utterance.feed(ids_of("ignored."))


async def test_the_result_of_a_step_is_dropped_after_the_end() -> None:
    """If a step returns after `aclose`, its result is dropped."""
    bench = await playing("hello.")
    step = bench.utterance.take_step(2, 0)
    await bench.utterance.aclose()
    assert bench.utterance.apply(step.run(), 0.1) == Progress()
    assert [pcm async for pcm in bench.utterance] == []
    assert bench.utterance.outcome is CANCELLED


async def test_a_failed_step_ends_it() -> None:
    """If a step fails, the audio that was generated earlier can still be read. Every later read raises the error of the
    step."""
    bench = await playing("hello.")
    bench.notified.clear()
    bench.utterance.take_step(2, 0)
    failed = Outcome.failed("synthesis-failed")
    assert bench.utterance.apply(SynthesisFailed("no"), 0.1) == Progress(outcome=failed)
    assert bench.utterance.outcome == failed
    assert bench.notified == []
    assert pcm_of("hello.").startswith(await anext(bench.utterance))
    for _ in range(2):
        with pytest.raises(SynthesisFailed):
            await anext(bench.utterance)


async def test_it_can_be_failed_from_outside_and_during_a_step() -> None:
    """`fail` ends an utterance even during a step. A waiting reader receives the error. A second call has no effect."""
    bench = Bench()
    await bench.utterance.feed(ids_of("hello."))
    bench.utterance.take_step(None, 0)
    reading = asyncio.create_task(anext(bench.utterance))
    await asyncio.sleep(0)  # lets the task run until it waits
    bench.utterance.fail(QueueTimeout("busy"))
    bench.utterance.fail(SynthesisFailed("later"))
    assert bench.notified[1:] == [Progress(outcome=Outcome.failed("queue-timeout"))]
    with pytest.raises(QueueTimeout):
        await reading


async def test_the_end_frees_a_feeder() -> None:
    """A call to `feed` that waits for room returns when the utterance ends."""
    bench = Bench()
    for number in range(4):
        await bench.utterance.feed(ids_of(f"{number}."))
    fifth = asyncio.create_task(bench.utterance.feed(ids_of("5.")))
    await asyncio.sleep(0)  # lets the task run until it waits
    assert not fifth.done()
    await bench.utterance.aclose()
    await fifth
    assert repr(bench.utterance) == "<Utterance 7 cancelled, 0 steps, 0 sentences, 0.000s of unread audio>"


async def test_a_full_buffer_makes_it_wait_for_its_reader() -> None:
    """While its buffer is full, an utterance is a candidate but not ready, and does not count as queued."""
    bench = await playing("hello.", max_ahead=0.001)
    assert (bench.utterance.is_candidate, bench.utterance.ready, bench.utterance.needs_voice) == (True, False, False)
    assert bench.utterance.candidate(bench.clock()).ready is False
    bench.clock.advance(60)
    bench.notified.clear()
    made = bench.utterance.playback.made
    await anext(bench.utterance)
    assert bench.utterance.ready
    assert bench.notified == [Progress()]
    assert bench.utterance.candidate(bench.clock()).deadline == 60 + made


@pytest.mark.parametrize(("asked_for", "sent"), [(None, 16_000), (48_000, 48_000)])
def test_the_format_has_the_requested_rate_or_that_of_the_voice(asked_for: int | None, sent: int) -> None:
    """The audio format is 16-bit mono at the requested rate, or at the rate of the voice if none is requested."""
    voice = FakeVoice(config=voice_config(audio={"sample_rate": 16_000}))
    utterance = Utterance(
        QueueEntry(number=1),
        [voice],
        SynthesisOptions(synthesis=SynthesisSettings(sample_rate=asked_for)),
        max_ahead=1.0,
        clock=FakeClock(),
        notify=lambda *_: None,
    )
    assert utterance.format == AudioFormat(rate=sent, width=2, channels=1)
