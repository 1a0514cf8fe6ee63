"""What a request is waiting for, from its arrival to its first audio."""

import asyncio

from tests.engine.bench import EngineBench, entered, feed, working
from tests.engine.test_held_audio import slow, speaking
from tests.fakes import Gate
from wyoming_piper_serial.engine.request_status import RequestProgress, RequestStatus, WaitsFor


def progress(status: RequestStatus, bench: EngineBench) -> RequestProgress:
    return status.progress(
        arriving=lambda: {"de_DE-somebody-low": 0.256},
        before=bench.engine.before,
        released_in=bench.engine.released_in,
    )


async def test_voice_is_downloaded_and_loaded_first() -> None:
    """Before its voice is in memory, a request waits for text, for the download of the voice, or for the voice to
    load.
    """
    bench, status = EngineBench(), RequestStatus()
    status.number = 7
    assert progress(status, bench) == RequestProgress(state=WaitsFor.TEXT, number=7)
    status.downloading = "de_DE-somebody-low"
    assert progress(status, bench) == RequestProgress(state=WaitsFor.DOWNLOAD, number=7, share=0.26)
    status.downloading = "fr_FR-unknown-low"
    assert progress(status, bench).share == 0
    status.downloading, status.loading = None, True
    assert progress(status, bench) == RequestProgress(state=WaitsFor.LOAD, number=7)
    assert await status.leave_queue() is None


async def test_request_waits_for_its_turn_and_then_speaks() -> None:
    """A waiting request reports the number of requests before it. The state of a request is `starting` while its first
    step runs, and `speaking` after its first audio."""
    gate = Gate()
    bench = EngineBench(on_run=lambda _: gate.hold())
    async with working(bench):
        first, second = RequestStatus(), RequestStatus()
        for status in (first, second):
            status.utterance = bench.submit()
            await feed(status.utterance, "one")
        await entered(gate)
        assert progress(first, bench).state is WaitsFor.AUDIO
        assert progress(second, bench) == RequestProgress(state=WaitsFor.TURN, before=0)
        assert (first.in_queue, second.in_queue) == (False, True)
        assert second.utterance is not None
        asked = second.utterance.asked
        assert await second.leave_queue() == asked is not None
        assert await second.leave_queue() is None
        gate.open()
        assert first.utterance is not None
        await anext(first.utterance)
        assert progress(first, bench).state is WaitsFor.NOTHING


async def test_held_audio_is_reported_with_the_time_of_its_release() -> None:
    """While audio is held back, the report contains the duration of the held audio and, if known, the time until its
    release."""
    bench = slow(EngineBench(release="gapless"), 1.02)
    async with speaking(bench) as (utterance, gate):
        assert await asyncio.to_thread(gate.entered.wait, 10)
        status = RequestStatus()
        status.utterance = utterance
        while not bench.engine._held_audio._timers and utterance.held:
            await asyncio.sleep(0)
        if utterance.held:
            found = progress(status, bench)
            assert found.state is WaitsFor.RELEASE
            assert found.made is not None
            assert found.remaining is not None
