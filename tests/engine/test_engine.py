"""The engine runs one step at a time. The tests use a fake voice and a fake clock."""

import asyncio
import contextlib
import gc
import itertools
import logging
import random
import statistics
import threading
import time
import weakref

import numpy as np
import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import SAMPLE_RATE, Gate, failing_on, holding_on, ids_of, pcm_of, spoken
from tests.loop_guard import starved
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.exceptions import QueueFull, SynthesisFailed
from wyoming_piper_serial.settings import Limits, Sharing, SynthesisSettings


async def test_sentences_are_spoken_in_order() -> None:
    """The audio of an utterance consists of the audio of its sentences in order."""
    async with working(EngineBench()) as bench:
        assert await bench.say("one.", "two.", "three.") == pcm_of("one.", "two.", "three.")


async def test_concurrent_synthesis_serialization() -> None:
    """With many simultaneous requests, no two model runs overlap, and each request gets its own audio."""
    meeting = threading.Barrier(2)
    met: list[str] = []

    def meet(text: str) -> None:
        """Wait at the barrier. Two overlapping runs would pass the barrier together, but a single run times out."""
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.05)
            met.append(text)
        meeting.reset()

    async with working(EngineBench(on_run=meet)) as bench:
        texts = [f"sentence number {number}." for number in range(6)]
        answers = await asyncio.gather(*(bench.say(text, text) for text in texts))
    assert met == []
    assert bench.voice.overlaps == 0
    assert len(bench.voice.runs) == 12
    assert answers == [pcm_of(text, text) for text in texts]


async def test_each_request_waits_exactly_for_those_before_it(caplog: pytest.LogCaptureFixture) -> None:
    """Each of eight equal requests waits exactly as long as the model runs of the earlier requests take."""
    caplog.set_level(logging.INFO)
    seconds = 0.25
    bench = EngineBench(on_run=lambda text: bench.clock.advance(seconds))
    utterances = [bench.submit() for _ in range(8)]
    for utterance in utterances:
        await feed(utterance, "the same.")
    async with working(bench):
        for utterance in utterances:
            assert b"".join([pcm async for pcm in utterance]) == pcm_of("the same.")
    assert bench.clock.now == 8 * seconds
    waiting = [record.getMessage() for record in caplog.records if "waiting time" in record.getMessage()]
    assert waiting == [
        f"[{number + 1}]: voice en_US-fake-medium, priority normal, waiting time: {number * seconds:.3f}s"
        for number in range(8)
    ]
    snapshot = bench.metrics.snapshot()
    assert (snapshot.busy_seconds, snapshot.steps.count) == (8 * seconds, 16)


async def test_synthesis_performance_with_queuing() -> None:
    """With a full queue, the median time between the starts of two model runs is short, because the engine has little
    overhead.

    The time that threads spend waiting for a processor core does not count.
    """
    # Only this test uses a real clock. Its bound is a hundred times the duration measured on an idle machine.
    begins: list[float] = []
    bench = EngineBench(on_run=lambda text: begins.append(time.perf_counter() - (starved() or 0.0)))
    utterances = [bench.submit() for _ in range(60)]
    for utterance in utterances:
        await feed(utterance, "the same.")
    async with working(bench):
        for utterance in utterances:
            assert b"".join([pcm async for pcm in utterance]) == pcm_of("the same.")
    assert len(begins) == 60
    assert statistics.median(later - earlier for earlier, later in itertools.pairwise(begins)) < 0.02


async def test_synthesis_error_doesnt_block_queue() -> None:
    """If a model run fails, the client of its request gets an error, and later requests are served."""
    async with working(EngineBench(on_run=failing_on("bad"))) as bench:
        results = await asyncio.gather(
            bench.say("first."), bench.say("a bad one."), bench.say("third."), return_exceptions=True
        )
    assert results[0] == pcm_of("first.")
    assert isinstance(results[1], SynthesisFailed)
    assert results[2] == pcm_of("third.")


async def test_audio_made_before_an_error_is_delivered() -> None:
    """The client gets the audio that was generated before a failure, and then the error."""
    async with working(EngineBench(on_run=failing_on("bad"))) as bench:
        utterance = bench.submit()
        await feed(utterance, "good.", "bad.")
        assert await anext(utterance) == pcm_of("good.")
        with pytest.raises(SynthesisFailed):
            await anext(utterance)


async def test_closing_before_the_first_step_runs_nothing() -> None:
    """If a request is closed before its first step, the model is not run for it."""
    bench = EngineBench()
    gone, stays = bench.submit(), bench.submit()
    await feed(gone, "gone.")
    await feed(stays, "stays.")
    await gone.aclose()
    async with working(bench):
        assert b"".join([pcm async for pcm in stays]) == pcm_of("stays.")
    assert bench.voice.runs == ["stays."]
    assert bench.metrics.snapshot().cancelled == 1


async def test_closing_during_a_step_stops_after_it() -> None:
    """If a request is closed during a step, this step is completed, and no further step follows."""
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held", gate))
    async with working(bench):
        gone = bench.submit()
        await feed(gone, "held one.", "never two.", "never three.")
        await entered(gate)
        await gone.aclose()
        gate.open()
        assert await bench.say("next.") == pcm_of("next.")
    assert bench.voice.runs == ["held one.", "next."]
    assert [pcm async for pcm in gone] == []


async def test_a_slow_reader_holds_a_bounded_amount_of_audio() -> None:
    """Audio is generated at most `max_ahead` seconds and one step ahead of the client. Other clients do not wait for
    this client."""
    seconds_per_sentence = len(spoken("12345")) / SAMPLE_RATE
    # With `fifo`, the quick request gets the voice only while the slow request is not ready.
    bench = EngineBench(Limits(max_ahead=2 * seconds_per_sentence), sharing=Sharing(schedule="fifo"))
    async with working(bench):
        slow = bench.submit()
        feeding = asyncio.create_task(feed(slow, *["12345"] * 10))
        assert await bench.say("quick.") == pcm_of("quick.")
        assert bench.voice.runs.count("12345") == 2
        rest = b"".join([pcm async for pcm in slow])
        await feeding
    assert rest == pcm_of(*["12345"] * 10)


async def test_waiting_for_text_does_not_hold_the_voice() -> None:
    """While a text stream waits for its next sentence, other requests are served."""
    async with working(EngineBench()) as bench:
        stream = bench.submit()
        await stream.feed(ids_of("begun."))
        assert await anext(stream) == pcm_of("begun.")
        assert await bench.say("in between.") == pcm_of("in between.")
        await feed(stream, "ended.")
        assert [pcm async for pcm in stream] == [pcm_of("ended.")]


async def test_feeding_waits_while_sentences_pile_up() -> None:
    """`feed` waits while four sentences are queued, so a long text is never in memory as a whole."""
    bench = EngineBench()
    utterance = bench.submit()
    feeding = asyncio.create_task(feed(utterance, *(f"sentence {number}." for number in range(100))))
    for _ in range(200):
        await asyncio.sleep(0)  # lets the feeding task run until it waits
    assert "4 sentences" in repr(utterance)
    await utterance.aclose()
    await feeding
    assert bench.voice.runs == []


async def test_text_without_sound_is_a_moment_of_silence() -> None:
    """A request without any sentence is answered with 0.1 seconds of silence, without a model run."""
    async with working(EngineBench()) as bench:
        assert await bench.say() == silence(0.1, SAMPLE_RATE)
    assert bench.voice.runs == []


async def test_sentence_silence_lies_between_sentences_only() -> None:
    """`sentence_silence` is added only between sentences, not before the first or after the last one."""
    async with working(EngineBench()) as bench:
        heard = await bench.say("one.", "two.", synthesis=SynthesisSettings(sentence_silence=0.5))
    assert heard == pcm_of("one.") + silence(0.5, SAMPLE_RATE) + pcm_of("two.")


async def test_a_full_queue_refuses_at_once_until_a_place_is_free() -> None:
    """A full queue refuses a request at once. When a queued request is closed, another request is accepted."""
    bench = EngineBench(Limits(max_queue=2))
    first, _second = bench.submit(), bench.submit()
    with pytest.raises(QueueFull):
        bench.submit()
    await first.aclose()
    bench.submit()


async def test_requests_that_wait_for_text_or_reader_take_no_place_in_the_queue() -> None:
    """Only requests that need the voice count towards `max_queue`."""
    bench = EngineBench(Limits(max_queue=1, max_ahead=0.001))
    async with working(bench):
        stream = bench.submit()
        await stream.feed(ids_of("begun."))
        await anext(stream)
        unread = bench.submit()
        await feed(unread, "one.", "two.")
        first_step_is_back = unread._audible.wait()
        await first_step_is_back
        assert await bench.say("fine.") == pcm_of("fine.")
        await stream.aclose()
        await unread.aclose()


@pytest.mark.usefixtures("quick_collection")
async def test_an_idle_engine_keeps_nothing_of_its_last_utterance() -> None:
    """An idle engine keeps no reference to its last utterance, whose audio and latents take megabytes."""
    async with working(EngineBench()) as bench:
        utterance = bench.submit()
        gone = weakref.ref(utterance)
        await feed(utterance, "hello.")
        assert b"".join([pcm async for pcm in utterance]) == pcm_of("hello.")
        del utterance
        await asyncio.sleep(0)  # lets the engine run until it waits
        gc.collect()
        assert gone() is None


@pytest.mark.parametrize("seed", range(5))
async def test_random_comings_and_goings_leave_nothing_behind(seed: int) -> None:
    """With random requests, failures and disconnects, each client gets its own audio, and the queue is empty when all
    requests have ended."""
    chance = random.Random(seed)
    bench = EngineBench(Limits(max_queue=10), on_run=failing_on("bad"))
    ended = 0

    async def client(number: int) -> None:
        nonlocal ended
        words = [f"{chance.choice(['good', 'good', 'bad'])} {number}.{at}." for at in range(chance.randint(0, 4))]
        try:
            async with contextlib.aclosing(bench.submit()) as utterance:
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

    async with working(bench):
        await asyncio.gather(*(client(number) for number in range(60)))
        assert repr(bench.engine) == "<Engine serving []>"
    assert ended == 60
    assert bench.voice.overlaps == 0


async def test_speech_begins_before_its_sentence_is_made() -> None:
    """The first chunk can be read before the complete sentence has been decoded."""
    sentence = "a sentence of more than twenty-four letters."
    async with working(EngineBench()) as bench:
        utterance = bench.submit()
        await feed(utterance, sentence)
        first = await anext(utterance)
        rest = [pcm async for pcm in utterance]
    assert 0 < len(first) < len(pcm_of(sentence))
    assert len(rest) >= 1
    assert first + b"".join(rest) == pcm_of(sentence)


async def test_closing_within_a_sentence_stops_it() -> None:
    """After `aclose` in the middle of a sentence, the engine runs no further steps for that sentence."""
    async with working(EngineBench(Limits(max_ahead=0.01))) as bench:
        gone = bench.submit()
        await feed(gone, "x" * 500)
        await anext(gone)
        await gone.aclose()
        steps = bench.metrics.snapshot().steps.count
        assert await bench.say("next.") == pcm_of("next.")
        assert bench.metrics.snapshot().steps.count <= steps + 2


async def test_each_sentence_has_a_seed_of_its_own() -> None:
    """The seed of each sentence is derived from the seed of the request. If the request has no seed, its sentences have
    none."""
    async with working(EngineBench()) as bench:
        await bench.say("one.", "two.", synthesis=SynthesisSettings(seed=7))
        await bench.say("one.", synthesis=SynthesisSettings(seed=7))
        await bench.say("one.")
    assert [options.synthesis.seed for options in bench.voice.options] == [7, 8, 7, None]


async def test_volume_and_normalization_are_those_of_the_settings() -> None:
    """`normalize="sentence"` scales a sentence to full scale, and the result is multiplied by the volume."""
    async with working(EngineBench()) as bench:
        loud = await bench.say("hello.", synthesis=SynthesisSettings(normalize="sentence"))
        quiet = await bench.say("hello.", synthesis=SynthesisSettings(normalize="sentence", volume=0.5))
    assert max(np.frombuffer(loud, dtype="<i2")) == 32767
    assert max(np.frombuffer(quiet, dtype="<i2")) == 16384
