"""Features of the web page's player: pause, seek, save, replay, links and reload."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ViewportSize, expect

from tests.integration.browsing import DESKTOP, PHONE, Visit, visiting
from tests.integration.conftest import ServerProcess

# All tests use one event loop, because they share the browser.
pytestmark = pytest.mark.asyncio(loop_scope="session")

_SHORT = "Hello there."
_MEDIUM = "This sentence takes some seconds, so that there is time to pause it. And here is another one."

# JavaScript that returns the file names for texts.
_NAMES = """async (texts) => {
    const { fileName } = await import("./page/words.js");
    return texts.map((text) => fileName(text, "wav"));
}"""

# JavaScript that checks that a recording returns the samples that were added in pieces.
_RECORDED = """async () => {
    const { Recording } = await import("./page/recording.js");
    const recording = new Recording();
    recording.rate = 16000;
    let told = [];
    for (const size of [1, 65535, 1, 70000, 200000, 3]) {
        const piece = Int16Array.from({ length: size }, (_, index) => (told.length + index) % 30000);
        told = told.concat([...piece]);
        recording.append(piece);
    }
    recording.finish();
    const read = [];
    for (let piece; (piece = recording.slice(read.length, 16000)).length > 0; ) {
        read.push(...piece);
    }
    const whole = recording.pieces().flatMap((piece) => [...piece]);
    const same = (list) => list.length === told.length && list.every((sample, index) => sample === told[index]);
    return { read: same(read), whole: same(whole), levels: recording.levels(4).map((level) => level > 0.9) };
}"""

# JavaScript that records every text that the page marks as the one being spoken.
_MARKS = """() => {
    window.marked = [];
    const mark = document.querySelector("#reading mark");
    const note = () => mark.textContent !== "" && window.marked.push(mark.textContent);
    new MutationObserver(note).observe(mark, { childList: true, characterData: true, subtree: true });
}"""

# JavaScript that returns what is spoken at several positions, according to messages from the server.
_TIMED = """async (positions) => {
    const { Timings } = await import("./page/reading.js");
    const timings = new Timings();
    timings.add({ number: 1, sentence: "No,  no.", passages: [{ text: "No,", start: 0.5 }] });
    timings.add({ number: 1, sentence: "No,  no.", passages: [{ text: "no.", start: 1 }] });
    timings.add({ number: 2, sentence: "A\\nb c.", passages: [{ text: "A b", start: 2 }, { text: "d.", start: 3 }] });
    return positions.map((seconds) => {
        const found = timings.at(seconds);
        return found && [found.text, found.text.slice(found.from, found.to)];
    });
}"""

# JavaScript that makes the browser block all sound, as browsers do before the first click.
_SILENT = """() => {
    AudioContext.prototype.resume = () => new Promise(() => {});
    Object.defineProperty(AudioContext.prototype, "state", { get: () => "suspended" });
}"""


@pytest_asyncio.fixture(loop_scope="session", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
async def visit(browser: Browser, small_server: ServerProcess, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    """Open the page in a new browser context, in desktop and phone size."""
    size: ViewportSize = request.param
    async with visiting(browser, small_server.http, size=size) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def desktop(browser: Browser, small_server: ServerProcess) -> AsyncIterator[Visit]:
    async with visiting(browser, small_server.http) as opened:
        yield opened


async def test_speech_can_be_paused_and_moved(visit: Visit) -> None:
    """Pause stops playback, and Play continues it. The slider changes the position, even while playback is paused."""
    await visit.speak(_MEDIUM)
    await visit.reaches("playing")
    await visit.press("Pause")
    await visit.reaches("paused")
    await visit.says("Paused.")
    position = visit.page.get_by_label("Position")
    before = await position.input_value()
    await visit.fits()
    await expect(visit.page.locator("#time")).to_have_text(re.compile(r"^\d:\d\d / \d:\d\d$"))
    assert await position.input_value() == before
    await position.fill("0.5")
    await expect(visit.page.locator("#time")).to_have_text(re.compile(r"^0:00 / "))
    await expect(visit.page.locator("body")).to_have_attribute("data-state", "paused")
    await visit.press("Play")
    await visit.reaches("playing")
    await position.fill(str(await position.get_attribute("max")))
    await visit.reaches("done")
    await visit.press("Play")
    await visit.reaches("playing")
    await visit.page.keyboard.press("Escape")
    await visit.reaches("stopped")
    assert visit.complaints == []


async def test_speech_is_saved_in_three_formats(visit: Visit) -> None:
    """The name of a saved file is derived from the text. A compressed file contains the same speech as the WAV file."""
    await visit.speak(_SHORT)
    await visit.reaches("done")
    files = {}
    for name, ending in [("WAV", "wav"), ("MP3", "mp3"), ("Opus", "opus")]:
        async with visit.page.expect_download() as saving:
            await visit.press(f"Save as {name}")
        saved = await saving.value
        assert saved.suggested_filename == f"hello-there.{ending}"
        files[ending] = (await saved.path()).read_bytes()
    assert files["wav"][:4] == b"RIFF"
    assert files["opus"][:4] == b"OggS"
    assert files["mp3"][:3] == b"ID3" or files["mp3"][0] == 0xFF


async def test_saved_speech_can_be_made_again(desktop: Visit) -> None:
    """With the seed of a request, the server returns exactly the same samples again, also over plain HTTP."""
    await desktop.speak(_SHORT)
    await desktop.reaches("done")
    async with desktop.page.expect_download() as saving:
        await desktop.press("Save as WAV")
    wav = (await (await saving.value).path()).read_bytes()
    async with desktop.page.expect_request("**/api/text-to-speech?*") as asking:
        await desktop.press("Save as MP3")
    url = (await asking.value).url.replace("format=mp3", "format=wav")
    again = await (await desktop.page.request.post(url, data=_SHORT)).body()
    assert again[44:] == wav[44:]


async def test_last_utterances_are_replayed_without_a_request(desktop: Visit) -> None:
    """The last twenty utterances can be replayed from memory, saved and removed. Older utterances are dropped."""
    for number in range(21):
        await desktop.speak(f"Number {number}.")
        await desktop.reaches("playing", "done")
        await expect(desktop.page.locator("#utterances li").first).to_contain_text(f"Number {number}.")
    items = desktop.page.locator("#utterances li")
    await expect(items).to_have_count(20)
    await expect(items.last).to_contain_text("Number 1.")
    await expect(items.last.locator(".hint")).to_contain_text("Small, English (US), medium")
    before = await desktop.newest()
    await desktop.page.get_by_role("button", name="Replay: Number 5.").click()
    await desktop.reaches("playing", "done")
    await desktop.reaches("done")
    assert await desktop.newest() == before
    await items.nth(1).locator("summary").click()
    async with desktop.page.expect_download() as saving:
        await items.nth(1).get_by_role("button", name="Save as WAV").click()
    assert (await saving.value).suggested_filename == "number-19.wav"
    await desktop.page.set_viewport_size(PHONE)
    await desktop.fits()
    await desktop.page.get_by_role("button", name="Remove: Number 5.").click()
    await expect(items).to_have_count(19)
    await expect(desktop.page.get_by_role("button", name="Replay: Number 4.")).to_be_focused()
    await desktop.press("Remove all")
    await expect(desktop.page.locator("#history")).to_be_hidden()
    assert desktop.complaints == []


async def test_new_utterance_keeps_the_menu_of_another_open(desktop: Visit) -> None:
    """If an utterance ends while the menu of an older one is open, the menu stays open and keeps the keyboard focus."""
    await desktop.speak("One.")
    await desktop.reaches("done")
    first = desktop.page.locator("#utterances li", has_text="One.")
    await first.locator("summary").click()
    wav = first.get_by_role("button", name="Save as WAV")
    await wav.focus()
    await desktop.page.get_by_label("Text", exact=True).evaluate("(text) => { text.value = 'Two.'; }")
    await desktop.page.get_by_label("Text", exact=True).evaluate("(text) => text.form.requestSubmit()")
    await expect(desktop.page.locator("#utterances li")).to_have_count(2)
    await expect(wav).to_be_focused()
    assert desktop.complaints == []


async def test_long_recording_is_played_from_its_oldest_samples(desktop: Visit) -> None:
    """The page keeps the last 25 minutes of a recording. If the beginning has been dropped, "Play again" starts with
    the oldest samples."""
    position, oldest = await desktop.page.evaluate(
        """async () => {
            const { Recording } = await import("./page/recording.js");
            const { Playback } = await import("./page/playback.js");
            const recording = new Recording();
            recording.rate = 48000;
            for (let blocks = 0; blocks < 515; blocks += 1) {
                recording.append(new Int16Array(65536));
            }
            const playback = new Playback(recording, () => {});
            playback.play(0);
            await new Promise((resolve) => setTimeout(resolve));
            const position = playback.position;
            await playback.stop();
            return [position, recording.dropped / recording.rate];
        }"""
    )
    assert 0 < oldest <= position < oldest + 60


async def test_text_voice_and_speed_survive_a_reload(desktop: Visit) -> None:
    """After a reload, the page still shows the entered text, its length, and the chosen voice and speed."""
    await desktop.page.get_by_label("Text", exact=True).fill("Ein Test 🎉")
    await expect(desktop.page.locator("#count")).to_have_text("10 characters")
    await desktop.page.get_by_label("Speed").fill("9")
    await desktop.page.get_by_label("Voice", exact=True).select_option("en_GB-quick-medium")
    await desktop.page.reload()
    await expect(desktop.page.get_by_label("Text", exact=True)).to_have_value("Ein Test 🎉")
    await expect(desktop.page.get_by_label("Voice", exact=True)).to_have_value("en_GB-quick-medium")
    await expect(desktop.page.locator("#speed-words")).to_have_text("1.25×")


async def test_link_carries_the_text_and_the_choices(visit: Visit, browser: Browser) -> None:
    """Copy link creates a link with the text, voice and speed. If the link contains `autoplay`, the opened page
    speaks."""
    await visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await visit.page.get_by_label("Text", exact=True).fill("Fish & chips, 100 %?")
    await visit.page.get_by_label("Voice", exact=True).select_option("en_GB-slow-medium")
    await visit.page.get_by_label("Speed").fill("9")
    await visit.press("Copy link")
    await expect(visit.page.locator("#copy-status")).to_have_text("Link copied.")
    link = await visit.page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{visit.base}?text=")
    async with visiting(browser, f"{link}&autoplay=1") as other:
        await expect(other.page.get_by_label("Text", exact=True)).to_have_value("Fish & chips, 100 %?")
        await expect(other.page.get_by_label("Voice", exact=True)).to_have_value("en_GB-slow-medium")
        await expect(other.page.locator("#speed-words")).to_have_text("1.25×")
        await other.reaches("playing", "done")
        assert other.page.url == visit.base


async def test_link_with_a_language_or_an_unknown_voice(browser: Browser, small_server: ServerProcess) -> None:
    """A link can contain a language. If it contains a voice that does not exist, the page reports this and does not
    speak."""
    async with visiting(browser, small_server.http, path="?voice=en_GB&text=Hello") as visit:
        await expect(visit.page.get_by_label("Voice", exact=True)).to_have_value(re.compile("^en_GB-"))
        await expect(visit.page.locator("body")).to_have_attribute("data-state", "idle")
    async with visiting(browser, small_server.http, path="?voice=nobody&text=Hello") as visit:
        await expect(visit.page.locator("#problem")).to_contain_text("no voice nobody")


async def test_link_that_cannot_be_copied_is_shown(desktop: Visit) -> None:
    """Over plain HTTP, browsers do not allow pages to copy text. In this case, the link is shown and selected."""
    await desktop.page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    await desktop.press("Copy link")
    await expect(desktop.page.get_by_label("Link", exact=True)).to_be_focused()
    assert await desktop.page.evaluate("getSelection().toString()") != ""


async def test_browser_that_wants_a_click_gets_one(desktop: Visit) -> None:
    """If the browser blocks sound until the first click, the page explains what to do. In this case, a link with
    `autoplay` does not request speech."""
    await desktop.page.add_init_script(f"({_SILENT})()")
    await desktop.page.goto(f"{desktop.base}?text=Hello.&autoplay=1")
    await desktop.says("Press Speak.")
    await expect(desktop.page.get_by_role("button", name="Speak")).to_be_focused()
    await expect(desktop.page.locator("body")).to_have_attribute("data-state", "idle")
    await desktop.speak(_MEDIUM)
    await desktop.reaches("blocked")
    await desktop.says("Press Play.")
    await expect(desktop.page.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_activity_is_folded_away_and_remembered(visit: Visit) -> None:
    """The queue view is initially closed and sends no requests. Once opened, it stays open after a reload. The address
    `#activity` also opens it."""
    activity = visit.page.locator("#activity")
    assert not [url for url in visit.requested if url.endswith("api/activity")]
    await expect(visit.page.locator("#summary")).to_have_text(re.compile("no active requests|waiting|playing"))
    await visit.open_activity()
    await expect(visit.page.locator("#waits")).to_be_visible()
    await visit.page.reload()
    await expect(activity).to_have_attribute("open", "")
    await visit.open_activity()
    await expect(visit.page.locator("#waits")).to_be_hidden()
    await visit.page.goto(f"{visit.base}#activity")
    await expect(activity).to_have_attribute("open", "")


async def test_forced_colours_and_reduced_motion(desktop: Visit) -> None:
    """With forced colours and reduced motion, the player works, and the played part of the waveform is distinguishable
    from the rest."""
    await desktop.page.emulate_media(forced_colors="active", reduced_motion="reduce")
    await desktop.speak(_SHORT)
    await desktop.reaches("done")
    strokes = """() => [...document.querySelectorAll("#wave .bars")].map((bars) => getComputedStyle(bars).stroke)"""
    rest, heard = await desktop.page.evaluate(strokes)
    assert rest != heard


async def test_spoken_words_are_marked(visit: Visit) -> None:
    """While speech plays, the page shows the sentence and marks each word in turn. Screen readers announce none of
    this. At the end, nothing is marked."""
    await visit.listen()
    await visit.page.evaluate(_MARKS)
    await visit.speak("Every word is marked. Then it ends.")
    await visit.reaches("playing")
    await expect(visit.page.locator("#reading mark")).not_to_be_empty()
    await visit.fits()
    await visit.reaches("done")
    await expect(visit.page.locator("#reading")).to_have_text("Then it ends.")
    await expect(visit.page.locator("#reading mark")).to_be_empty()
    await expect(visit.page.locator("#reading mark")).to_have_css("box-shadow", "none")
    words = ["Every", "word", "is", "marked.", "Then", "it", "ends."]
    marked = await visit.page.evaluate("window.marked")
    assert marked == [word for word in words if word in marked]
    assert len(marked) > 2
    assert not [words for words, _ in await visit.told() if "marked" in words]
    assert visit.complaints == []


async def test_reduced_motion_shows_the_sentence_without_marks(desktop: Visit) -> None:
    await desktop.page.emulate_media(reduced_motion="reduce")
    await desktop.page.evaluate(_MARKS)
    await desktop.speak(_SHORT)
    await desktop.reaches("done")
    await expect(desktop.page.locator("#reading")).to_have_text(_SHORT)
    assert await desktop.page.evaluate("window.marked") == []


async def test_word_is_found_by_its_time(desktop: Visit) -> None:
    """The words of a sentence follow one another. A passage that does not follow the previous one is ignored."""
    assert await desktop.page.evaluate(_TIMED, [0.4, 0.5, 0.9, 1, 2.5, 9]) == [
        None,
        ["No,  no.", "No,"],
        ["No,  no.", "No,"],
        ["No,  no.", "no."],
        ["A\nb c.", "A\nb"],
        ["A\nb c.", "A\nb"],
    ]


async def test_names_of_files_come_from_the_text(desktop: Visit) -> None:
    """A file name contains the first words of the text in any script, and no characters that an operating system
    forbids."""
    texts: list[Any] = [
        "Good morning!",
        "../etc/passwd: <b>?",
        "Été à Paris",
        "你好，世界",
        "…",
        "word " * 50,
        "x" * 300,
    ]
    names = await desktop.page.evaluate(_NAMES, texts)
    assert names[:5] == ["good-morning.wav", "etc-passwd-b.wav", "été-à-paris.wav", "你好-世界.wav", "speech.wav"]
    assert all(len(name) <= 64 for name in names)


async def test_recording_keeps_every_sample(desktop: Visit) -> None:
    """A recording returns all samples, regardless of the sizes of the pieces in which they were added."""
    assert await desktop.page.evaluate(_RECORDED) == {"read": True, "whole": True, "levels": [True] * 4}
