"""Audio is held until it can be played without a gap, by the engine and its timers."""

import asyncio

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import Gate, pcm_of
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.observe.outcome import COMPLETED
from wyoming_piper_serial.settings import Sharing

SENTENCE = "a sentence of some hundred letters, " * 4
FRAME = 100 / 22_050  # seconds of a frame of the fake voice


def slow(bench: EngineBench, real_time_factor: float) -> EngineBench:
    """Let the engine believe that the voice needs so many seconds for a second of audio."""
    for frames in (20, 40, 80, 160):
        for _ in range(20):
            bench.engine._costs.add(
                Work(bench.voice.config.name, Kind.DECODE, frames), real_time_factor * frames * FRAME
            )
    return bench


async def turns(count: int = 200) -> None:
    for _ in range(count):
        await asyncio.sleep(0)  # lets the engine and its thread run


async def test_audio_of_a_fast_voice_is_released_with_the_first_chunk() -> None:
    """On a fast voice the first chunk can be taken while the rest is made."""
    gate = Gate()
    async with working(slow(EngineBench(), 0.01)) as bench:
        bench.voice.on_later_chunk = lambda text: gate.hold()
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        first = await anext(utterance)
        assert 0 < len(first) < len(pcm_of(SENTENCE))
        gate.open()
        assert first + b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)


async def test_audio_of_a_slow_voice_is_held_and_complete() -> None:
    """On a voice slower than playback nothing can be taken after the first chunk. All audio is released in the end."""
    gate = Gate()
    async with working(slow(EngineBench(), 3.0)) as bench:
        bench.voice.on_later_chunk = lambda text: gate.hold()
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        assert utterance.held
        assert not utterance.playing
        gate.open()
        assert b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)
        assert utterance.outcome == COMPLETED
        assert bench.metrics.snapshot().underruns == 0


async def test_release_comes_while_a_step_runs() -> None:
    """If the time for the release comes in the middle of a step, the audio is released then."""
    gate = Gate()
    async with working(slow(EngineBench(), 1.02)) as bench:
        bench.voice.on_later_chunk = lambda text: gate.hold()
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with asyncio.timeout(10):
            first = await anext(utterance)
        assert utterance.in_step
        gate.open()
        assert first + b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)


async def test_held_audio_is_released_when_the_text_pauses() -> None:
    """Text that is still arriving is not waited for: what was made is released when nothing is left to do."""
    async with working(slow(EngineBench(), 3.0)) as bench:
        utterance = bench.submit()
        await utterance.feed([ord(letter) for letter in SENTENCE])
        async with asyncio.timeout(10):
            made = await anext(utterance)
            while len(made) < len(pcm_of(SENTENCE)):
                made += await anext(utterance)
        assert made == pcm_of(SENTENCE)
        utterance.end_text()


async def test_release_earliest_holds_nothing() -> None:
    """With `--release earliest`, audio is released as soon as it is made."""
    gate = Gate()
    async with working(slow(EngineBench(sharing=Sharing(release="earliest")), 3.0)) as bench:
        bench.voice.on_later_chunk = lambda text: gate.hold()
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        assert await anext(utterance)
        gate.open()


async def test_cancelled_utterance_releases_nothing() -> None:
    """After a hang-up no timer is left."""
    gate = Gate()
    async with working(slow(EngineBench(), 1.02)) as bench:
        bench.voice.on_later_chunk = lambda text: gate.hold()
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await utterance.aclose()
        assert bench.engine._held_audio._timers == {}
        gate.open()
