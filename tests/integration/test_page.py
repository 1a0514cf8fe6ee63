"""The server's web page in a real browser: the form, the speech, and the queue view."""

import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Route, expect

from tests.integration.browsing import PHONE, UNNAMED, Visit, visiting
from tests.integration.conftest import ServerProcess

# All tests use one event loop, because they share the browser.
pytestmark = pytest.mark.asyncio(loop_scope="session")

_SHORT = "Hello there."
_LONG = "This goes on and on, until somebody stops it. " * 200

# JavaScript that plays a tone of 1.5 s through the page's player in pieces of various sizes, and compares the output
# with the tone.
_PIECES_PLAYED = """async () => {
    const { Player } = await import("./page/player.js");
    const rate = 22050;
    const context = new OfflineAudioContext(1, 2 * rate, rate);
    const player = new Player(context);
    const told = [];
    for (const size of [1, 333, 5, 4000, 12345, 777, 3, 15611]) {
        const begin = told.length;
        const tone = (_, index) => Math.round(20000 * Math.cos(0.0627 * (begin + index)));
        const piece = Int16Array.from({ length: size }, tone);
        told.push(...piece);
        player.add(piece);
    }
    player.finish();
    const sound = (await context.startRendering()).getChannelData(0);
    const begin = sound.findIndex((sample) => sample !== 0);
    const faded = Math.ceil(0.005 * rate); // the very end
    const same = told.slice(0, -faded - 1).every((sample, index) => sound[begin + index] * 32768 === sample);
    return { same, scheduled: Math.round(player.scheduled * rate), told: told.length, underruns: player.underruns };
}"""

# JavaScript that causes an underrun by playing half a second of a loud constant signal, and the same signal again half
# a second too late.
_UNDERRUN = """async () => {
    const { Player } = await import("./page/player.js");
    const rate = 22050;
    const context = new OfflineAudioContext(1, 3 * rate, rate);
    const player = new Player(context);
    const piece = new Int16Array(rate / 2).fill(16384);
    player.add(piece);
    context.suspend(1).then(() => {
        player.add(piece);
        context.resume();
    });
    const sound = (await context.startRendering()).getChannelData(0);
    const first = sound.findIndex((sample) => sample !== 0);
    let jump = 0;
    for (let at = first + 1; at < sound.length; at += 1) {
        jump = Math.max(jump, Math.abs(sound[at] - sound[at - 1]));
    }
    const loud = sound.filter((sample) => sample > 0.25).length / rate;
    return { underruns: player.underruns, jump, loud };
}"""


def _utterance(number: int, **times: object) -> dict[str, object]:
    nothing: dict[str, object] = {
        "begun": None,
        "heard": None,
        "lasts_until": None,
        "ended": None,
        "outcome": None,
        "steps": [],
    }
    return {"number": number, "voice": "en_US-joe-medium", "priority": "normal", "asked": 990.0} | nothing | times


_MADE = {"begun": 991.0, "heard": 992.0, "steps": [[991.0, 0.5, 1.0]]}
_EVERY_STATE = [
    (_utterance(1, **_MADE, lasts_until=996.0, ended=993.0, outcome="completed"), "done", "✓ done, 4.0 s"),
    (_utterance(2, **_MADE, lasts_until=1e9, ended=995.0, outcome="cancelled"), "cancelled", "− cancelled"),
    (_utterance(3, ended=995.0, outcome="queue-timeout"), "failed", "! queue-timeout"),
    (_utterance(4, **_MADE, lasts_until=1e9, ended=993.0, outcome="completed"), "playing", "playing"),
    (_utterance(5, **_MADE, lasts_until=993.0), "playing", "underrun"),
    (_utterance(6, begun=999.0), "starting", "starting"),
    (_utterance(7, begun=990.0, steps=[[991.0, 0.5, 1.0], [992.0, 2.0, 1.5]]), "starting", "buffering, 2.5 s ready"),
    (_utterance(8), "waiting", "waiting 10 s"),
]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, small_server: ServerProcess) -> AsyncIterator[Visit]:
    """Open the page in a new browser context, and wait until its list of voices has been loaded."""
    async with visiting(browser, small_server.http) as opened:
        yield opened


async def test_playback_begins_while_speech_is_synthesized(visit: Visit) -> None:
    """Playback starts while audio is still arriving. All samples are played, and the page shows the time to first
    audio."""
    await visit.speak(_SHORT)
    await visit.reaches("playing", "done")
    await expect(visit.page.locator("#first-audio")).to_have_text(re.compile(r"^\d+ ms$"))
    await visit.reaches("done")
    assert await visit.counted("bytes") > 10_000
    voices = await (await visit.page.request.get(f"{visit.base}api/voices")).json()
    rate = next(voice["sample_rate"] for voice in voices["voices"] if voice["name"] == voices["default"])
    assert await visit.counted("scheduled") == pytest.approx(await visit.counted("bytes") / 2 / rate, abs=0.001)


async def test_what_was_spoken_can_be_saved(visit: Visit) -> None:
    """The saved WAV file contains the complete audio, and its header contains the correct sizes."""
    await visit.speak(_SHORT)
    await visit.reaches("done")
    async with visit.page.expect_download() as saving:
        await visit.press("Save as WAV")
    assert (await saving.value).suggested_filename == "hello-there.wav"
    wav = (await (await saving.value).path()).read_bytes()
    assert wav[:4] == b"RIFF"
    assert int.from_bytes(wav[4:8], "little") == len(wav) - 8
    assert int.from_bytes(wav[40:44], "little") == len(wav) - 44 == await visit.counted("bytes")


async def test_speech_of_all_clients_is_shown(visit: Visit) -> None:
    """The page shows its own speech and that of another client as bars and in the table. At the end, both are shown as
    done."""
    await visit.open_activity()
    before = await visit.newest()
    await visit.speak(_SHORT)
    others = await visit.page.request.post(f"{visit.base}api/text-to-speech", data=_SHORT)
    assert others.ok
    await visit.shows("done", after=before, count=2)
    await visit.page.get_by_text("Show as a table").click()
    await expect(visit.page.locator("#table tr").first).to_contain_text("done")
    await expect(visit.page.locator("#waits .quantiles")).to_contain_text("Median")


async def test_every_state_has_a_bar_a_text_and_a_row(visit: Visit) -> None:
    """Each state of an utterance has its own kind of bar, text, and table row."""
    counts = {"bounds": [0.1, 1.0], "counts": [3, 1, 1]}
    utterances = [utterance for utterance, _, _ in _EVERY_STATE]
    await visit.open_activity()
    picture = {
        "now": 1000.0,
        "uptime": 1.0,
        "status": "ok",
        "utterances": utterances,
        "waits": counts,
        "first_audio": counts,
    }
    await visit.page.route("**/api/activity", lambda route: route.fulfill(json=picture))
    await visit.page.get_by_text("Show as a table").click()
    for number, (_, state, words) in enumerate(_EVERY_STATE, start=1):
        bar = visit.page.locator(f'g[data-number="{number}"]')
        await expect(bar).to_have_attribute("data-state", state)
        await expect(bar.locator(".words")).to_contain_text(words)
        await expect(visit.page.locator("#table tr").nth(-number)).to_contain_text(words)
    await expect(visit.page.locator("#summary")).to_have_text("3 waiting, 2 playing")
    told = "Median 83 ms, 95th percentile more than 1 s; 5 requests."
    await expect(visit.page.locator("#waits .quantiles")).to_have_text(told)
    assert visit.complaints == []


async def test_stop_cancels_the_utterance(visit: Visit) -> None:
    """The Stop button cancels the utterance on the server. The next utterance can then be spoken."""
    await visit.open_activity()
    before = await visit.newest()
    await visit.speak(_LONG)
    await visit.reaches("playing")
    await visit.shows("playing", after=before)
    await visit.page.get_by_role("button", name="Stop").click()
    await visit.reaches("stopped")
    await visit.shows("cancelled", after=before)
    await visit.speak(_SHORT)
    await visit.reaches("done")


async def test_speaking_again_cancels_the_first_speech(visit: Visit) -> None:
    """Pressing the Speak button again cancels the current speech."""
    await visit.open_activity()
    before = await visit.newest()
    await visit.speak(_LONG)
    await visit.reaches("playing")
    await visit.speak(_SHORT)
    await visit.shows("cancelled", after=before)
    await visit.reaches("done")


async def test_error_is_shown_with_the_servers_message(visit: Visit) -> None:
    """If the server returns an error, for example for an unknown voice, the page shows the server's message."""

    async def add_a_voice(route: Route) -> None:
        """Respond with a list that contains a voice that the server does not have."""
        shown = await (await route.fetch()).json()
        shown["voices"].append(shown["voices"][0] | {"name": "nobody", "is_default": False})
        await route.fulfill(json=shown)

    await visit.page.route("**/api/voices", add_a_voice)
    await visit.page.reload()
    await visit.page.get_by_label("Voice", exact=True).select_option("nobody")
    await visit.speak(_SHORT)
    await visit.reaches("failed")
    await expect(visit.page.locator("#problem")).to_contain_text("nobody")


async def test_unknown_error_code_is_shown_with_its_message(visit: Visit) -> None:
    """For an error code that the page does not know, the page shows the server's message."""
    told = json.dumps({"type": "error", "code": "cold", "text": "The voice has a cold.", "retry_after": 60})
    await visit.page.route_web_socket("**/api/stream", lambda socket: socket.on_message(lambda _: socket.send(told)))
    await visit.speak(_SHORT)
    await expect(visit.page.locator("#problem")).to_have_text("The voice has a cold. Try again in 60 seconds.")


async def test_page_recovers_when_the_server_answers_again(visit: Visit) -> None:
    """While the server does not respond, the page shows a message. When the server responds again, the message
    disappears."""
    await visit.page.context.set_offline(True)
    await visit.look()
    summary = visit.page.locator("#summary")
    await expect(summary).to_contain_text("not answering")
    await visit.speak(_SHORT)
    await expect(visit.page.locator("#problem")).to_contain_text("not answering")
    await visit.page.context.set_offline(False)
    await visit.look()
    await expect(summary).not_to_contain_text("not answering")


async def test_keyboard_alone_is_enough(visit: Visit) -> None:
    """The Tab key reaches all controls, Ctrl+Enter starts the speech, and Escape stops it."""
    keyboard = visit.page.keyboard
    await visit.page.locator("body").press("Tab")
    await expect(visit.page.get_by_label("Text", exact=True)).to_be_focused()
    await keyboard.press("Control+A")
    await keyboard.insert_text(_LONG)
    for control in ["Voice", "Speed 1×"]:
        await keyboard.press("Tab")
        await expect(visit.page.get_by_label(control, exact=True)).to_be_focused()
    await keyboard.press("ArrowRight")
    await expect(visit.page.locator("#speed-words")).to_have_text("1.1×")
    await keyboard.press("Tab")
    await expect(visit.page.get_by_role("button", name="Speak")).to_be_focused()
    sent: list[str | bytes] = []
    visit.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.extend([frame])))
    await keyboard.press("Control+Enter")
    await visit.reaches("playing")
    assert '"speed":1.1' in str(sent[0])
    await keyboard.press("Escape")
    await visit.reaches("stopped")


async def test_every_control_has_a_name(visit: Visit) -> None:
    """Every control has an accessible name for screen readers."""
    assert await visit.page.evaluate(UNNAMED) == []


async def test_phone_needs_no_sideways_scrolling(visit: Visit) -> None:
    """At a width of 320 pixels, the page fits without horizontal scrolling, and all controls are large enough for touch
    input."""
    await visit.page.set_viewport_size(PHONE)
    await visit.open_activity()
    before = await visit.newest()
    await visit.speak(_SHORT)
    await visit.shows("done", after=before)
    await visit.page.get_by_text("Show as a table").click()
    await visit.fits()


async def test_page_follows_the_dark_mode(visit: Visit) -> None:
    """In the system's dark mode, the page has different text and background colours."""
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    light = await visit.page.evaluate(colours)
    await visit.page.emulate_media(color_scheme="dark")
    dark = await visit.page.evaluate(colours)
    assert set(light).isdisjoint(dark)


async def test_choices_are_remembered(visit: Visit) -> None:
    """The chosen speed and voice are still selected after the page has been reloaded."""
    await visit.page.get_by_label("Speed 1×").fill("9")
    voice = visit.page.get_by_label("Voice", exact=True)
    other = await voice.locator("option").last.get_attribute("value")
    assert other is not None
    await voice.select_option(other)
    await visit.page.reload()
    await expect(voice).to_have_value(other)
    await expect(visit.page.locator("#speed-words")).to_have_text("1.25×")


async def test_hidden_page_sends_no_requests(visit: Visit) -> None:
    """A hidden page sends no requests. When it becomes visible again, it sends a request at once."""
    hide = """(hidden) => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await visit.page.clock.install()
    await visit.page.reload()
    await expect(visit.page.get_by_label("Voice", exact=True)).not_to_have_value("")
    await visit.page.wait_for_load_state("networkidle")  # the page loads its lists of voices one after another
    await visit.page.evaluate(hide, True)
    asked = len(visit.requested)
    await visit.page.clock.run_for(60_000)
    assert len(visit.requested) == asked
    async with visit.page.expect_request("**/health"):
        await visit.page.evaluate(hide, False)


async def test_page_uses_only_its_own_server(visit: Visit) -> None:
    """The page causes no console errors or warnings, and sends requests only to its own server."""
    await expect(visit.page.locator("#server-words")).to_have_text("ready")
    await visit.open_activity()
    await visit.speak(_SHORT)
    await visit.reaches("done")
    await visit.shows("done", after=0)
    assert visit.complaints == []
    assert [url for url in visit.requested if not url.startswith(visit.base)] == []


async def test_pieces_of_any_size_are_played_completely(visit: Visit) -> None:
    """Audio that arrives in pieces of any size is played without missing, repeated or changed samples."""
    played = await visit.page.evaluate(_PIECES_PLAYED)
    assert played == {"same": True, "scheduled": 33075, "told": 33075, "underruns": 0}


async def test_underrun_is_counted_and_does_not_click(visit: Visit) -> None:
    """An underrun is counted. The sound fades out before the underrun and fades in after it, so there is no click."""
    played = await visit.page.evaluate(_UNDERRUN)
    assert played["underruns"] == 1
    assert played["jump"] < 0.02  # the level of the signal is 0.5, and a fade of 5 ms divides this level into 110 steps
    assert played["loud"] == pytest.approx(1.0, abs=0.02)
