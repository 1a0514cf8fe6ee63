"""The one lock over the voice, with a fake voice and a clock moved by hand."""

import asyncio
import contextlib
import itertools
import logging
import random
import statistics
import threading
import time

import numpy as np
import pytest

from tests.engine.house import House, entered, feed, working
from tests.fakes import SAMPLE_RATE, Gate, failing_on, pcm_of, spoken
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.exceptions import QueueFull, ShuttingDown, SynthesisFailed
from wyoming_piper_serial.settings import Limits, Sharing, Style


async def test_sentences_are_spoken_in_order() -> None:
    """An utterance's audio is its sentences' audio, one after the other."""
    async with working(House()) as house:
        assert await house.say("one.", "two.", "three.") == pcm_of("one.", "two.", "three.")


async def test_concurrent_synthesis_serialization() -> None:
    """However many ask at once, no two model runs overlap, and each gets its own words."""
    meeting = threading.Barrier(2)
    met: list[str] = []

    def meet(text: str) -> None:
        """Two runs that overlap would meet here; one that is alone gives up."""
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.05)
            met.append(text)
        meeting.reset()

    async with working(House(on_run=meet)) as house:
        texts = [f"sentence number {number}." for number in range(6)]
        answers = await asyncio.gather(*(house.say(text, text) for text in texts))
    assert met == []
    assert house.voice.overlaps == 0
    assert len(house.voice.runs) == 12
    assert answers == [pcm_of(text, text) for text in texts]


async def test_each_request_waits_exactly_for_those_before_it(caplog: pytest.LogCaptureFixture) -> None:
    """By a clock that moves only inside model runs: no run is repeated, and none is out of order."""
    caplog.set_level(logging.INFO)
    seconds = 0.25
    house = House(on_run=lambda text: house.clock.advance(seconds))
    utterances = [house.utter() for _ in range(8)]
    for utterance in utterances:
        await feed(utterance, "the same.")
    async with working(house):
        for utterance in utterances:
            assert b"".join([pcm async for pcm in utterance]) == pcm_of("the same.")
    assert house.clock.now == 8 * seconds
    waiting = [record.getMessage() for record in caplog.records if "waiting time" in record.getMessage()]
    assert waiting == [f"[{number + 1}] waiting time: {number * seconds:.3f}s" for number in range(8)]
    snapshot = house.metrics.snapshot()
    assert (snapshot.busy_seconds, snapshot.steps.count) == (8 * seconds, 16)


async def test_synthesis_performance_with_queuing() -> None:
    """The lock costs next to nothing over the sum of the runs: the voice is hardly ever without work.

    The one test that looks at a real clock: the median pause between two runs of a full queue, whose
    bound is a hundred times what it is on a quiet machine.
    """
    begins: list[float] = []
    house = House(on_run=lambda text: begins.append(time.perf_counter()))
    utterances = [house.utter() for _ in range(60)]
    for utterance in utterances:
        await feed(utterance, "the same.")
    async with working(house):
        for utterance in utterances:
            assert b"".join([pcm async for pcm in utterance]) == pcm_of("the same.")
    assert len(begins) == 60
    assert statistics.median(later - earlier for earlier, later in itertools.pairwise(begins)) < 0.02


async def test_synthesis_error_doesnt_block_queue() -> None:
    """A request whose model run fails is told so; those behind it are spoken."""
    async with working(House(on_run=failing_on("bad"))) as house:
        results = await asyncio.gather(
            house.say("first."), house.say("a bad one."), house.say("third."), return_exceptions=True
        )
    assert results[0] == pcm_of("first.")
    assert isinstance(results[1], SynthesisFailed)
    assert results[2] == pcm_of("third.")


async def test_audio_made_before_an_error_is_delivered() -> None:
    """What was spoken before the failure still reaches the listener, then the error."""
    async with working(House(on_run=failing_on("bad"))) as house:
        utterance = house.utter()
        await feed(utterance, "good.", "bad.")
        assert await anext(utterance) == pcm_of("good.")
        with pytest.raises(SynthesisFailed):
            await anext(utterance)


async def test_closing_before_the_first_step_runs_nothing() -> None:
    """A request that is gone before its turn costs no step."""
    house = House()
    gone, stays = house.utter(), house.utter()
    await feed(gone, "gone.")
    await feed(stays, "stays.")
    await gone.aclose()
    async with working(house):
        assert b"".join([pcm async for pcm in stays]) == pcm_of("stays.")
    assert house.voice.runs == ["stays."]
    assert house.metrics.snapshot().cancelled == 1


async def test_closing_during_a_step_stops_after_it() -> None:
    """Cancellation takes hold within one step: the running one ends, no other follows."""
    gate = Gate()
    house = House(on_run=lambda text: gate.hold() if "held" in text else None)
    async with working(house):
        gone = house.utter()
        await feed(gone, "held one.", "never two.", "never three.")
        await entered(gate)
        await gone.aclose()
        gate.open()
        assert await house.say("next.") == pcm_of("next.")
    assert house.voice.runs == ["held one.", "next."]
    assert [pcm async for pcm in gone] == []


async def test_a_slow_reader_holds_a_bounded_amount_of_audio() -> None:
    """Audio is made at most `max_ahead` (and one step) ahead of what was taken, and others go on."""
    seconds_per_sentence = len(spoken("12345")) / SAMPLE_RATE
    # First come, first served: the quick one gets the voice only while the slow one does not want it.
    house = House(Limits(max_ahead=2 * seconds_per_sentence), sharing=Sharing(schedule="fifo"))
    async with working(house):
        slow = house.utter()
        feeding = asyncio.create_task(feed(slow, *["12345"] * 10))
        assert await house.say("quick.") == pcm_of("quick.")
        assert house.voice.runs.count("12345") == 2
        rest = b"".join([pcm async for pcm in slow])
        await feeding
    assert rest == pcm_of(*["12345"] * 10)


async def test_waiting_for_text_does_not_hold_the_voice() -> None:
    """A stream whose next sentence has not arrived lets the others speak."""
    async with working(House()) as house:
        stream = house.utter()
        await stream.feed("begun.")
        assert await anext(stream) == pcm_of("begun.")
        assert await house.say("in between.") == pcm_of("in between.")
        await feed(stream, "ended.")
        assert [pcm async for pcm in stream] == [pcm_of("ended.")]


async def test_feeding_waits_while_sentences_pile_up() -> None:
    """A long text is cut while it is spoken: only a few sentences wait at any time."""
    house = House()
    utterance = house.utter()
    feeding = asyncio.create_task(feed(utterance, *(f"sentence {number}." for number in range(100))))
    for _ in range(200):
        await asyncio.sleep(0)  # lets the feeding run as far as it may
    assert "4 sentences" in repr(utterance)
    await utterance.aclose()
    await feeding
    assert house.voice.runs == []


async def test_text_without_sound_is_a_moment_of_silence() -> None:
    """An answer is never empty, and no model is run for it."""
    async with working(House()) as house:
        assert await house.say() == silence(0.1, SAMPLE_RATE)
    assert house.voice.runs == []


async def test_sentence_silence_lies_between_sentences_only() -> None:
    """Silence is put between sentences, neither before the first nor after the last."""
    async with working(House()) as house:
        heard = await house.say("one.", "two.", style=Style(sentence_silence=0.5))
    assert heard == pcm_of("one.") + silence(0.5, SAMPLE_RATE) + pcm_of("two.")


async def test_queue_full_is_told_at_once_and_frees_up() -> None:
    """Beyond the limit a request is refused; a place freed is a place to take."""
    house = House(Limits(max_queue=2))
    first, _second = house.utter(), house.utter()
    with pytest.raises(QueueFull):
        house.utter()
    await first.aclose()
    house.utter()


async def test_those_who_wait_for_text_or_reader_take_no_place_in_the_queue() -> None:
    """Only requests that need the voice count towards the limit."""
    house = House(Limits(max_queue=1, max_ahead=0.001))
    async with working(house):
        stream = house.utter()
        await stream.feed("begun.")
        await anext(stream)
        unread = house.utter()
        await feed(unread, "one.", "two.")
        first_step_is_back = unread._audible.wait()
        await first_step_is_back
        assert await house.say("fine.") == pcm_of("fine.")
        await stream.aclose()
        await unread.aclose()


async def test_drain_ends_those_who_wait_and_lets_speakers_finish() -> None:
    """The one that speaks is heard to its end; the waiting and the new are told to go."""
    gate = Gate()
    house = House(on_run=lambda text: gate.hold() if "held" in text else None)
    async with working(house):
        speaking, waiting = house.utter(), house.utter()
        await feed(speaking, "held one.", "two.")
        await entered(gate)
        await feed(waiting, "never.")
        house.engine.drain()
        gate.open()
        assert b"".join([pcm async for pcm in speaking]) == pcm_of("held one.", "two.")
        with pytest.raises(ShuttingDown):
            await anext(waiting)
        with pytest.raises(ShuttingDown):
            house.utter()
    assert house.voice.runs == ["held one.", "two."]


async def test_stop_ends_everyone() -> None:
    """After the drain timeout, speakers too are told."""
    house = House()
    utterance = house.utter()
    await utterance.feed("one.")
    house.engine.stop()
    with pytest.raises(ShuttingDown):
        await anext(utterance)


async def test_each_request_logs_its_figures(caplog: pytest.LogCaptureFixture) -> None:
    """Waiting time, synthesis time, samples and real-time factor are in the log, the text is not."""
    caplog.set_level(logging.INFO)
    house = House(on_run=lambda text: house.clock.advance(0.152))
    async with working(house):
        await house.say("private words.")
    log = "\n".join(record.getMessage() for record in caplog.records)
    assert "waiting time: 0.000s" in log
    assert "synthesis completed in 0.152s, 1400 samples (0.063s of audio, real-time factor 2.394)" in log
    assert "private" not in log


@pytest.mark.parametrize("seed", range(5))
async def test_random_comings_and_goings_leave_nothing_behind(seed: int) -> None:
    """Whoever asks, fails or leaves: no overlap, own words, every request ended once, queue empty."""
    chance = random.Random(seed)
    house = House(Limits(max_queue=10), on_run=failing_on("bad"))
    ended = 0

    async def client(number: int) -> None:
        nonlocal ended
        words = [f"{chance.choice(['good', 'good', 'bad'])} {number}.{at}." for at in range(chance.randint(0, 4))]
        try:
            async with contextlib.aclosing(house.utter()) as utterance:
                feeding = asyncio.create_task(feed(utterance, *words))
                heard = b""
                try:
                    async for pcm in utterance:
                        heard += pcm
                        if chance.random() < 0.2:
                            return
                    assert heard == (pcm_of(*words) if words else silence(0.1, SAMPLE_RATE))
                except SynthesisFailed:
                    spoken_before = words[: next(at for at, word in enumerate(words) if "bad" in word)]
                    assert heard == pcm_of(*spoken_before)
                finally:
                    await utterance.aclose()
                    await feeding
        except QueueFull:
            pass
        finally:
            ended += 1

    async with working(house):
        await asyncio.gather(*(client(number) for number in range(60)))
        assert repr(house.engine) == "<Engine serving []>"
    assert ended == 60
    assert house.voice.overlaps == 0


async def test_speech_begins_before_its_sentence_is_made() -> None:
    """The first chunk is heard after one step; the sentence takes more."""
    sentence = "a sentence of more than twenty-four letters."
    async with working(House()) as house:
        utterance = house.utter()
        await feed(utterance, sentence)
        first = await anext(utterance)
        rest = [pcm async for pcm in utterance]
    assert 0 < len(first) < len(pcm_of(sentence))
    assert len(rest) >= 1
    assert first + b"".join(rest) == pcm_of(sentence)


async def test_closing_within_a_sentence_stops_it() -> None:
    """Cancellation does not wait for the end of the sentence: steps are counted."""
    async with working(House(Limits(max_ahead=0.01))) as house:
        gone = house.utter()
        await feed(gone, "x" * 500)
        await anext(gone)
        await gone.aclose()
        steps = house.metrics.snapshot().steps.count
        assert await house.say("next.") == pcm_of("next.")
        assert house.metrics.snapshot().steps.count <= steps + 2


async def test_each_sentence_has_a_seed_of_its_own() -> None:
    """The same request seed gives the same seeds again; without one there is none."""
    async with working(House()) as house:
        await house.say("one.", "two.", style=Style(seed=7))
        await house.say("one.", style=Style(seed=7))
        await house.say("one.")
    assert [manner.style.seed for manner in house.voice.manners] == [7, 8, 7, None]


async def test_volume_and_normalization_are_the_styles() -> None:
    """`sentence` scales to full scale; the volume multiplies."""
    async with working(House()) as house:
        loud = await house.say("hello.", style=Style(normalize="sentence"))
        quiet = await house.say("hello.", style=Style(normalize="sentence", volume=0.5))
    assert max(np.frombuffer(loud, dtype="<i2")) == 32767
    assert max(np.frombuffer(quiet, dtype="<i2")) == 16383
