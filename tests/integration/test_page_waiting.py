"""The web page shows why playback has not started yet. The server runs in this process with a fake voice, so that each
test controls how long a request waits."""

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from tests.fakes import FakeVoice, Gate, holding_on
from tests.http.serving import ENTRY, HttpBench, serve
from tests.integration.browsing import DESKTOP, PHONE, visiting
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.engine.costs import Kind, Work
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Downloading, Http, Limits
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.pool import VoicePool
from wyoming_piper_serial.voices.remote.manager import Downloads

# All tests use one event loop, because they share the browser.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("http_is_imported")]

_PUBLIC = public_voice("de_DE-public-low")
_TOKEN = "opensesame"  # noqa: S105  # a test's token


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    found: ViewportSize = request.param
    return found


@pytest.fixture
def gate() -> Iterator[Gate]:
    """Return a gate that blocks the voice in the middle of a text that contains "Held"."""
    gate = Gate()
    yield gate
    gate.open()


@contextlib.asynccontextmanager
async def busy(gate: Gate, **changes: Any) -> AsyncIterator[HttpBench]:
    """Run a server whose voice is blocked by another client's request."""
    async with serve(on_run=holding_on("Held", gate), **changes) as bench:
        held = asyncio.create_task(bench.post("/api/text-to-speech", content="Held."))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        yield bench
        gate.open()
        assert (await held).status_code == 200


async def test_place_in_the_queue_is_shown_and_kept(browser: Browser, gate: Gate, size: ViewportSize) -> None:
    """The page shows how many requests are ahead of its own request, and marks the bar of its own request. Pressing
    Speak again with the same text changes nothing. A new text takes the place of the first text in the queue."""
    async with busy(gate) as bench, visiting(browser, f"{bench.base}/", size=size) as visit:
        await visit.open_activity()
        first = asyncio.create_task(bench.post("/api/text-to-speech", content="First."))
        await bench.accepted(2)
        await visit.speak("A mistake.")
        await visit.says("Waiting: 1 ahead of you.")
        own = visit.page.locator("g.row.own")
        await expect(own).to_have_count(1)
        await expect(own.locator(".name")).to_contain_text("yours")
        later = asyncio.create_task(bench.post("/api/text-to-speech", content="Later."))
        await bench.accepted(4)
        await visit.press("Speak")
        await visit.says("It keeps its place")
        assert bench.engine.snapshot().accepted == 4
        await visit.speak("Corrected.")
        await bench.accepted(5)
        await visit.says("Waiting: 1 ahead of you.")
        await visit.fits()
        gate.open()
        await visit.reaches("done")
        assert (await asyncio.gather(first, later))[0].status_code == 200
        assert bench.voice.runs == ["Held.", "First.", "Corrected.", "Later."]
        await visit.page.get_by_text("Show as a table").click()
        await expect(visit.page.locator("#table")).to_contain_text("(yours)")
        assert visit.complaints == []


async def test_full_queue_is_tried_again_with_a_countdown(browser: Browser, gate: Gate, size: ViewportSize) -> None:
    """If the queue is full, the page counts down to the next attempt. When the queue is no longer full, the text is
    spoken."""
    async with busy(gate, limits=Limits(max_queue=1)) as bench, visiting(browser, f"{bench.base}/", size=size) as visit:
        await visit.speak("One.")
        await visit.says(re.compile(r"^The queue is full. Trying again in [12] s \(attempt 2 of 6\).$"))
        await expect(visit.page.get_by_role("button", name="Stop")).to_be_enabled()
        await visit.fits()
        gate.open()
        await visit.reaches("done")
        assert "One." in bench.voice.runs


async def test_full_queue_is_not_tried_forever(browser: Browser, gate: Gate) -> None:
    """After six attempts, the page shows the server's error. The Stop button ends the countdown."""
    async with busy(gate, limits=Limits(max_queue=1)) as bench, visiting(browser, f"{bench.base}/") as visit:
        await visit.page.clock.install()
        await visit.speak("One.")
        for attempt in range(2, 7):
            await visit.says(f"(attempt {attempt} of 6)")
            await visit.page.clock.run_for(14_000)
        await visit.reaches("failed")
        await expect(visit.page.locator("#problem")).to_contain_text("The voice already has 1 waiting request")
        await visit.press("Speak")
        await visit.says("(attempt 2 of 6)")
        await visit.press("Stop")
        await visit.reaches("stopped")


async def test_download_and_load_are_shown(browser: Browser, gate: Gate, size: ViewportSize, tmp_path: Path) -> None:
    """While the voice is being downloaded, the page shows the progress in percent. While it is being loaded, the page
    says so."""
    end = threading.Event()

    def fetch(*_: Any, progress: Any, **_others: Any) -> None:
        progress(42, 100)
        assert end.wait(60)

    def load(_: Any) -> tuple[FakeVoice]:
        gate.hold()
        return (bench.voice,)

    async with serve() as bench:
        bench.context.registry.catalogue = Catalogue([ENTRY], public=[_PUBLIC], offer_downloads=True)
        bench.context.registry.downloads = Downloads(tmp_path, Downloading(offered=True), fetch=fetch)
        bench.context.synthesizer._pool = VoicePool(load, max_voices=2)
        async with visiting(browser, f"{bench.base}/", size=size) as visit:
            await visit.page.get_by_label("Voice", exact=True).select_option(_PUBLIC.name)
            await visit.speak("One.")
            await visit.says("Downloading the voice: 42 %.")
            await expect(visit.page.get_by_role("progressbar")).to_have_attribute("value", "0.42")
            await visit.fits()
            await visit.press("Stop")
            await visit.page.get_by_label("Voice", exact=True).select_option(ENTRY.name)
            await visit.press("Speak")
            await visit.says("Loading the voice…")
            gate.open()
            await visit.reaches("done")
        end.set()


async def test_held_audio_is_explained(browser: Browser, gate: Gate) -> None:
    """While audio is held back on a slow machine, the page shows the reason, and how much audio is ready."""
    async with serve() as bench, visiting(browser, f"{bench.base}/") as visit:
        bench.engine._sharing = replace(bench.engine._sharing, release="gapless")
        bench.voice.on_later_chunk = lambda _: gate.hold()
        sentence = "A sentence of some hundred letters, " * 4
        for frames in (20, 40, 80, 160):
            for _ in range(20):
                bench.engine._costs.add(Work(ENTRY.name, Kind.DECODE, frames), 3 * frames * 100 / 22_050)
        await visit.speak(sentence)
        await visit.says(re.compile(r"^Buffering for gapless playback on this slow server: 0\.\d s ready"))
        gate.open()
        await visit.reaches("done")


async def test_live_regions_speak_once_before_and_once_after(browser: Browser, gate: Gate) -> None:
    """A screen reader announces once what the speech is waiting for, and once that the speech is done, but nothing in
    between. If a new text interrupts the speech, only the end of the new speech is announced."""
    async with busy(gate) as bench, visiting(browser, f"{bench.base}/") as visit:
        await visit.listen()
        await visit.speak("One here. Two there.")
        await visit.says("Waiting: you are next.")
        await bench.accepted(2)
        gate.open()
        await visit.reaches("done")
        assert await visit.told() == [["Waiting: you are next.", "asking"], ["Done.", "done"]]
        await visit.speak("A text that is interrupted by another one. " * 40)
        await visit.reaches("playing")
        await visit.speak("One here.")
        await visit.reaches("done")
        told = (await visit.told())[2:]
        assert [state for _, state in told if state != "asking"] == ["done"]


async def test_token_is_requested_and_sent(browser: Browser) -> None:
    """If the server requires a token, the page shows an input field for the token, and sends the token with the next
    request."""
    async with serve(http=Http(token=_TOKEN)) as bench, visiting(browser, f"{bench.base}/") as visit:
        await visit.speak("One.")
        token = visit.page.get_by_label("Token", exact=True)
        await expect(token).to_be_focused()
        await token.fill("wrong")
        await token.press("Enter")
        await expect(visit.page.locator("#problem")).to_have_text("The server did not accept this token.")
        await token.fill(_TOKEN)
        await token.press("Enter")
        await visit.reaches("done")
        async with visit.page.expect_download() as saving:
            await visit.press("Save as MP3")
        assert (await saving.value).suggested_filename == "one.mp3"
        await visit.page.reload()
        await visit.speak("Two.")
        await visit.reaches("done")


async def test_server_that_ends_is_announced(browser: Browser, size: ViewportSize) -> None:
    """The page reports in plain words when the server is shutting down, and when it cannot be reached."""
    async with serve() as bench, visiting(browser, f"{bench.base}/", size=size) as visit:
        notice = visit.page.locator("#notice")
        await expect(notice).to_be_hidden()
        bench.state = HealthState.DRAINING
        await visit.look()
        await expect(notice).to_contain_text("shutting down")
        await expect(visit.page.locator("#server-words")).to_have_text("shutting down")
        await visit.open_activity()
        await expect(visit.page.locator("#summary")).to_have_text("The server is shutting down.")
        await bench.server.abort()
        await visit.look()
        await expect(notice).to_contain_text("not answering")
        await visit.fits()
        await visit.speak("One.")
        await expect(visit.page.locator("#problem")).to_contain_text("not answering")
