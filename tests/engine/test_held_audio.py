"""The engine holds audio back until it can be played without a gap, and a timer releases it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from tests.engine.bench import EngineBench, feed, working
from tests.fakes import Gate, pcm_of
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.engine.utterance import Utterance
from wyoming_piper_serial.observe.outcome import COMPLETED

SENTENCE = "a sentence of some hundred letters, " * 4
FRAME = 100 / 22_050  # duration of a frame of the fake voice, in seconds


def slow(bench: EngineBench, real_time_factor: float) -> EngineBench:
    """Set the measured costs of the engine so that the voice needs `real_time_factor` seconds for a second of audio."""
    for frames in (20, 40, 80, 160):
        for _ in range(20):
            bench.engine._costs.add(
                Work(bench.voice.config.name, Kind.DECODE, frames), real_time_factor * frames * FRAME
            )
    return bench


@contextlib.asynccontextmanager
async def speaking(bench: EngineBench) -> AsyncIterator[tuple[Utterance, Gate]]:
    """Speak `SENTENCE`. Each step after the first chunk waits until the test opens the gate or the context ends."""
    gate = Gate()
    bench.voice.on_later_chunk = lambda text: gate.hold()
    async with working(bench):
        utterance = bench.submit()
        await feed(utterance, SENTENCE)
        try:
            yield utterance, gate
        finally:
            gate.open()


async def test_audio_of_a_fast_voice_is_released_with_the_first_chunk() -> None:
    """With a fast voice, the listener can read the first chunk before the later chunks have been decoded."""
    bench = slow(EngineBench(release="gapless"), 0.01)
    async with speaking(bench) as (utterance, gate):
        first = await anext(utterance)
        assert 0 < len(first) < len(pcm_of(SENTENCE))
        gate.open()
        assert first + b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)


async def test_audio_of_a_slow_voice_is_held_and_complete() -> None:
    """With a voice slower than playback, the first chunk is held back. Eventually, all audio is released."""
    bench = slow(EngineBench(release="gapless"), 3.0)
    async with speaking(bench) as (utterance, gate):
        assert await asyncio.to_thread(gate.entered.wait, 10)
        assert utterance.held
        assert not utterance.playing
        gate.open()
        assert b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)
        assert utterance.outcome == COMPLETED
        assert bench.metrics.snapshot().underruns == 0


async def test_release_comes_while_a_step_runs() -> None:
    """If the release is due during a step, the audio is released before the step ends."""
    bench = slow(EngineBench(release="gapless"), 1.02)
    async with speaking(bench) as (utterance, gate):
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with asyncio.timeout(10):
            first = await anext(utterance)
        assert utterance.in_step
        gate.open()
        assert first + b"".join([pcm async for pcm in utterance]) == pcm_of(SENTENCE)


async def test_held_audio_is_released_when_the_text_pauses() -> None:
    """When all received text has been decoded, the held audio is released, even if more text may follow."""
    async with working(slow(EngineBench(release="gapless"), 3.0)) as bench:
        utterance = bench.submit()
        await utterance.feed([ord(letter) for letter in SENTENCE])
        async with asyncio.timeout(10):
            made = await anext(utterance)
            while len(made) < len(pcm_of(SENTENCE)):
                made += await anext(utterance)
        assert made == pcm_of(SENTENCE)
        utterance.end_text()


async def test_release_earliest_holds_nothing() -> None:
    """With `--release earliest`, audio is released as soon as it is decoded."""
    bench = slow(EngineBench(), 3.0)
    async with speaking(bench) as (utterance, _):
        assert await anext(utterance)


async def test_cancelled_utterance_releases_nothing() -> None:
    """When an utterance is closed, its release timer is removed."""
    bench = slow(EngineBench(release="gapless"), 1.02)
    async with speaking(bench) as (utterance, gate):
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await utterance.aclose()
        assert bench.engine._held_audio._timers == {}
