"""An utterance can be sent at a sample rate that differs from the rate of its voice."""

import asyncio
import contextlib
import gc
import logging
import weakref

import pytest

from tests.engine.bench import EngineBench, entered, feed, working
from tests.fakes import SAMPLE_RATE, SAMPLES_PER_ID, Gate, failing_on, holding_on, ids_of, pcm_of
from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, silence
from wyoming_piper_serial.audio.resampling import Resampler
from wyoming_piper_serial.engine import speech_job
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.observe.outcome import COMPLETED, Outcome
from wyoming_piper_serial.settings import Limits, Sharing, SynthesisSettings

_RATE = 48_000
_RESAMPLED = SynthesisSettings(sample_rate=_RATE)
_LONG = "longer than what is held back, so that some of it can be heard before the end."


def at_rate(pcm: bytes, rate: int = _RATE) -> bytes:
    """Resample `pcm` as one stream."""
    resampler = Resampler(SAMPLE_RATE, rate)
    return resampler.add(pcm) + resampler.finish()


async def heard(utterance: Utterance) -> bytes:
    return b"".join([pcm async for pcm in utterance])


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_051, 44_100, 48_000])
async def test_utterance_is_one_stream_at_the_requested_rate(rate: int) -> None:
    """Sentences and silences are resampled as one continuous stream."""
    synthesis = SynthesisSettings(sample_rate=rate, sentence_silence=0.1)
    sentences = ["one is the first.", "two.", "three is the last of them."]
    pause = silence(0.1, SAMPLE_RATE)
    async with working(EngineBench()) as bench:
        utterance = bench.submit(synthesis)
        assert utterance.format.rate == rate
        await feed(utterance, *sentences)
        made = await heard(utterance)
    assert made == at_rate(pause.join(pcm_of(sentence) for sentence in sentences), rate)


@pytest.mark.parametrize("rate", [None, SAMPLE_RATE])
async def test_voice_that_has_the_rate_is_not_resampled(rate: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the voice already has the requested rate, its samples are sent unchanged, and no resampler is created."""
    monkeypatch.setattr(speech_job, "Resampler", None)
    async with working(EngineBench()) as bench:
        assert await bench.say("one.", "two.", synthesis=SynthesisSettings(sample_rate=rate)) == pcm_of("one.", "two.")


async def test_resampled_speech_in_chunks_of_any_size_is_the_same() -> None:
    """Resampled audio is the same with one client as with several clients, although the chunk sizes differ."""
    text = "a rather long sentence that is made in more than one chunk, however many listen to it."
    async with working(EngineBench()) as bench:
        answers = await asyncio.gather(*(bench.say(text, text, synthesis=_RESAMPLED) for _ in range(4)))
    async with working(EngineBench(sharing=Sharing(batch_max=4))) as bench:
        answers += await asyncio.gather(*(bench.say(text, text, synthesis=_RESAMPLED) for _ in range(4)))
    assert set(answers) == {at_rate(pcm_of(text, text))}


async def test_late_end_returns_what_the_resampler_holds_back() -> None:
    """If the text ends after the last step, one more step returns the samples that the resampler has held back."""
    async with working(EngineBench()) as bench:
        utterance = bench.submit(_RESAMPLED)
        await utterance.feed(ids_of(_LONG))
        made = await anext(utterance)
        for _ in range(10):
            await bench.say("another, so that the first is spoken.")
        assert not utterance.is_candidate, "there is nothing to do until more text arrives"
        assert not utterance.needs_voice
        utterance.end_text()
        assert made + await heard(utterance) == at_rate(pcm_of(_LONG))
        assert utterance.outcome == COMPLETED


async def test_late_sentence_continues_the_stream() -> None:
    """A sentence that arrives late is resampled as the continuation of the previous sentence."""
    async with working(EngineBench()) as bench:
        utterance = bench.submit(_RESAMPLED)
        await utterance.feed(ids_of(_LONG))
        made = await anext(utterance)
        await feed(utterance, "late.")
        assert made + await heard(utterance) == at_rate(pcm_of(_LONG, "late."))


async def test_text_without_sound_is_a_moment_of_silence_at_the_rate() -> None:
    """For a text without sound, 0.1 seconds of silence are sent at the requested rate."""
    async with working(EngineBench()) as bench:
        assert await bench.say(synthesis=_RESAMPLED) == silence(0.1, _RATE)


async def test_error_in_mid_speech_keeps_what_was_made() -> None:
    """After a failure, the client gets the audio generated so far, and then the error. Only the samples held back by
    the resampler are lost."""
    async with working(EngineBench(on_run=failing_on("bad"))) as bench:
        utterance = bench.submit(_RESAMPLED)
        await feed(utterance, _LONG, "bad.")
        made = b""
        with contextlib.suppress(SynthesisFailed):
            async for pcm in utterance:
                made += pcm
    assert utterance.outcome == Outcome.failed(SynthesisFailed.code)
    whole = at_rate(pcm_of(_LONG))
    assert whole.startswith(made[: -_RATE // 100 * SAMPLE_WIDTH])
    assert len(whole) - len(made) < 0.06 * _RATE * SAMPLE_WIDTH


@pytest.mark.usefixtures("quick_collection")
@pytest.mark.parametrize("ending", ["completed", "cancelled"])
async def test_resampler_is_freed_with_the_speech(ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The resampler is freed when the utterance ends, even if the utterance itself is still referenced."""
    made: list[weakref.ref[Resampler]] = []

    class Noted(Resampler):
        def __init__(self, from_rate: int, to_rate: int) -> None:
            super().__init__(from_rate, to_rate)
            made.append(weakref.ref(self))

    monkeypatch.setattr(speech_job, "Resampler", Noted)
    gate = Gate()
    bench = EngineBench(on_run=holding_on("held.", gate))
    async with working(bench):
        utterance = bench.submit(_RESAMPLED)
        await feed(utterance, "first.", {"completed": "last.", "cancelled": "held."}[ending])
        if ending == "cancelled":
            await entered(gate)
            await utterance.aclose()
            gate.open()
        await heard(utterance)
        await bench.say("another, so that the step has come back.")
    assert utterance.outcome is not None
    gc.collect()
    assert [resampler() for resampler in made] == [None]


async def test_figures_count_what_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    """The log, the metrics and the timeline count the seconds and samples of the resampled audio."""
    caplog.set_level(logging.INFO)
    text = "x" * 300
    seconds = 300 * SAMPLES_PER_ID / SAMPLE_RATE
    async with working(EngineBench()) as bench:
        await bench.say(text, synthesis=_RESAMPLED)
        activity = bench.engine.activity().utterances[0]
    assert bench.metrics.snapshot().audio_seconds == pytest.approx(seconds, abs=1e-4)
    assert sum(step.audio_seconds for step in activity.steps) == pytest.approx(seconds, abs=1e-4)
    assert activity.heard is not None
    assert activity.lasts_until == pytest.approx(activity.heard + seconds, abs=1e-4)
    assert f"audio: {seconds:.3f}s ({round(seconds * _RATE)} samples)" in caplog.text


async def test_a_slow_reader_holds_as_many_seconds_as_at_any_rate() -> None:
    """`max_ahead` limits the duration of the audio, regardless of the sample rate."""
    seconds = 10 * SAMPLES_PER_ID / SAMPLE_RATE
    async with working(EngineBench(Limits(max_ahead=20 * seconds))) as bench:
        for synthesis in (SynthesisSettings(), _RESAMPLED):
            utterance = bench.submit(synthesis)
            filling = asyncio.create_task(feed(utterance, *["ten lette."] * 100))
            for _ in range(60):
                await bench.say("other.")  # gives the slow request time to fill its buffer
            assert 20 <= bench.voice.runs.count("ten lette.") <= 24
            bench.voice.runs.clear()
            await utterance.aclose()
            filling.cancel()
            await asyncio.gather(filling, return_exceptions=True)
