"""The panel "Voices" of the web page, in a real browser in desktop and phone size."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, Locator, Page, ViewportSize, expect

from tests.fixture_voices import FixtureVoices
from tests.integration.browsing import PATIENCE, TOO_SMALL, UNNAMED
from tests.integration.conftest import running_server
from tests.integration.voice_files import ABSENT, BROKEN, CROWD, HERE, files_of, prepare, put
from tests.integration.voices_bench import Bench

# All tests use one event loop, because they share the browser.
pytestmark = pytest.mark.asyncio(loop_scope="session")

_SIZES = {"desktop": ViewportSize(width=1200, height=900), "phone": ViewportSize(width=320, height=640)}
_ANNA, _CROWD, _SMALL = "Anna, French (France), low", "Crowd, English (UK), low", "Small, English (US), medium"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory, fixture_voices: FixtureVoices) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("voices")
    mirror = prepare(fixture_voices, folder)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("NO_PROXY", "127.0.0.1")
        options = ("--download-dir", str(folder), "--voices-url", mirror.url)
        with running_server("--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0", *options) as server:
            yield Bench(folder, mirror, server, fixture_voices)
    mirror.close()


@pytest_asyncio.fixture(loop_scope="session", params=list(_SIZES))
async def page(request: pytest.FixtureRequest, browser: Browser, bench: Bench) -> AsyncIterator[Page]:
    """Open the page and wait for the list of voices. At the end, check that the page has not caused any errors."""
    expect.set_options(timeout=PATIENCE)
    bench.reset()
    context = await browser.new_context(viewport=_SIZES[request.param], reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    opened = await context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    await opened.goto(bench.server.http)
    await expect(row(opened, HERE)).to_be_visible()
    yield opened
    assert faults == []
    await context.close()


def row(page: Page, name: str) -> Locator:
    return page.locator(f'#voices-list li[data-name="{name}"]')


def press(page: Page, words: str, about: str) -> Locator:
    """Return the button named `name`."""
    return page.get_by_role("button", name=f"{words}: {about}", exact=True)


async def refresh(page: Page) -> None:
    """Let the page reload the voices now instead of within three seconds."""
    await page.evaluate('document.dispatchEvent(new Event("visibilitychange"))')


async def test_voice_that_cannot_be_loaded_says_so(page: Page, bench: Bench) -> None:
    """After a voice could not be loaded, it is marked in the form and in the list. When its files have been replaced,
    it is an ordinary voice again."""
    name, title = "es_ES-torn-low", "Torn, Spanish (Spain), low"
    option = page.locator(f'#voice option[value="{name}"]')
    put(bench.voices, bench.folder, name)
    (bench.folder / f"{name}.onnx").write_bytes(b"\x08model")
    await expect(option).to_have_text(title)
    await page.locator("#voice").select_option(name)
    await page.get_by_role("button", name="Speak", exact=True).click()
    await expect(page.locator("#problem")).to_contain_text("cannot be used")
    await expect(option).to_have_text(f"{title}, cannot be used")
    await expect(row(page, name)).to_contain_text("Cannot be used")
    put(bench.voices, bench.folder, name)
    await expect(option).to_have_text(title)
    bench.change("DELETE", f"/{name}")
    await expect(option).to_have_count(0)


async def test_voices_have_names_marks_and_filters(page: Page) -> None:
    """Voices have readable names. For voices that are not on disk, the list shows the download size. For unusable
    voices, it shows the reason. The list can be filtered by search text, language, quality and location."""
    await expect(row(page, HERE)).to_contain_text(_SMALL)
    await expect(row(page, HERE)).to_contain_text("Default")
    await expect(row(page, ABSENT)).to_contain_text("Not on disk, 0.6 MB")
    await expect(row(page, BROKEN)).to_contain_text("not a model")
    rows = page.locator("#voices-list li")
    everything = await rows.count()
    await page.get_by_label("Search voices").fill("french ANNA")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Search voices").fill("nobody at all")
    await expect(page.get_by_text("No voice matches.")).to_be_visible()
    await page.get_by_label("Search voices").fill("")
    await page.get_by_label("Language").select_option(label="English (UK)")
    await expect(rows).to_have_count(1)
    await page.get_by_label("Language").select_option(label="English (all)")
    await expect(rows).to_have_count(3)
    await page.locator("#voices-quality").select_option("low")
    await expect(rows).to_have_count(1)
    await page.locator("#voices-quality").select_option("")
    await page.get_by_label("Language").select_option("")
    await page.locator("#voices-where").select_option("elsewhere")
    await expect(row(page, HERE)).to_have_count(0)
    await expect(row(page, ABSENT)).to_be_visible()
    await page.locator("#voices-where").select_option("")
    await expect(rows).to_have_count(everything)


async def test_sample_is_heard_before_the_download(page: Page, bench: Bench) -> None:
    """For a voice that is not on disk, the page plays the recording from the download server. If there is none, the
    page says so."""
    [path] = [path for path in bench.mirror.files if path.endswith(f"{ABSENT}.onnx")]
    sample = f"{path.rpartition('/')[0]}/samples/speaker_0.mp3"
    bench.mirror.files.pop(sample, None)
    if not bench.samples:
        await press(page, "Hear a sample", _ANNA).click()
        await expect(row(page, ABSENT)).to_contain_text("The sample of the voice")
        bench.samples = True
    speech = await page.request.get(f"{bench.server.http}api/text-to-speech?text=One.&format=mp3")
    bench.mirror.files[sample] = await speech.body()
    async with page.expect_response("**/sample") as heard:
        await press(page, "Hear a sample", _ANNA).click()
    assert (await heard.value).ok
    await expect(press(page, "Hear a sample", _ANNA)).not_to_have_attribute("aria-pressed", "true")
    await expect(row(page, ABSENT).get_by_role("alert")).to_be_hidden()


async def test_voice_is_downloaded_heard_and_removed(page: Page, bench: Bench) -> None:
    """A download shows a progress bar, and can be cancelled and resumed. Afterwards, the voice can be played, and
    removed after a confirmation."""
    bench.mirror.released.clear()
    bench.mirror.stall_after = 200_000
    await press(page, "Download", _ANNA).click()
    bar = row(page, ABSENT).get_by_role("progressbar")
    await expect(bar).to_be_visible()
    await expect(row(page, ABSENT)).to_contain_text("0.2 MB of 0.6 MB")
    await press(page, "Cancel", _ANNA).click()
    await expect(press(page, "Continue download", _ANNA)).to_be_visible()
    bench.mirror.stall_after = None
    bench.mirror.released.set()
    await press(page, "Continue download", _ANNA).click()
    async with page.expect_response("**/api/text-to-speech*") as spoken:
        await press(page, "Hear it", _ANNA).click()
    assert (await spoken.value).ok
    assert (await spoken.value).request.post_data == "Bonjour, voici ma voix."
    await press(page, "Remove", _ANNA).click()
    await expect(press(page, "Keep", _ANNA)).to_be_focused()
    await press(page, "Keep", _ANNA).press("Escape")
    await expect(press(page, "Remove", _ANNA)).to_be_focused()
    await press(page, "Remove", _ANNA).click()
    await press(page, "Yes, remove", _ANNA).click()
    await expect(row(page, ABSENT)).to_contain_text("Not on disk, 0.6 MB")
    assert list(bench.folder.glob(f"{ABSENT}*")) == []


async def test_failed_download_says_why(page: Page, bench: Bench) -> None:
    """If a download fails, the row shows the reason, and the download can be restarted."""
    bench.mirror.status = 503
    await press(page, "Download", _ANNA).click()
    await expect(row(page, ABSENT)).to_contain_text("503")
    bench.mirror.status = None
    # The download can be continued, because the voice's config has already arrived.
    await press(page, "Continue download", _ANNA).click()
    await expect(press(page, "Hear it", _ANNA)).to_be_visible()
    await press(page, "Remove", _ANNA).click()
    await press(page, "Yes, remove", _ANNA).click()
    await expect(row(page, ABSENT)).to_contain_text("Not on disk")


async def test_default_voice_is_chosen(page: Page) -> None:
    """If another voice is made the default, the speech form selects it. The default can be changed back."""
    await press(page, "Make default", _CROWD).click()
    await expect(row(page, CROWD)).to_contain_text("Default")
    await expect(row(page, HERE)).not_to_contain_text("Default")
    await press(page, "Make default", _SMALL).click()
    await expect(row(page, HERE)).to_contain_text("Default")


async def test_preset_is_heard_saved_changed_and_removed(page: Page, bench: Bench) -> None:
    """A preset can be tried before it is saved. It appears in the list, and can be changed and removed."""
    await page.get_by_text("Presets: voices with your own speed, volume or speaker").click()
    form = page.get_by_role("form", name="Preset")
    await form.get_by_role("button", name="Save preset").click()
    await expect(form.get_by_role("alert")).to_contain_text("Type a name")
    await form.get_by_role("textbox", name="Name").fill("calm")
    await form.get_by_label("Voice", exact=True).select_option(CROWD)
    await form.get_by_label("Speaker").select_option(index=2)
    await form.get_by_label("Speed").fill("2")
    await form.get_by_label("Volume").fill("0.5")
    async with page.expect_request("**/api/text-to-speech*") as asked:
        await form.get_by_role("button", name="Hear it").click()
    assert {"length_scale=", "volume=0.5", "speaker="} <= {
        part for part in ("length_scale=", "volume=0.5", "speaker=") if part in (await asked.value).url
    }
    await form.get_by_role("button", name="Save preset").click()
    await expect(row(page, "calm")).to_contain_text("Preset")
    presets = page.get_by_role("list", name="Presets")
    await expect(presets).to_contain_text("speed 0.7×, volume 50 %")
    await press(page, "Edit", "calm").click()
    await form.get_by_role("textbox", name="Name").fill("calmer")
    await form.get_by_label("Speed").fill("0")
    await form.get_by_role("button", name="Save preset").click()
    await expect(presets).to_contain_text("speed 0.5×, volume 50 %")
    await expect(row(page, "calm")).to_have_count(0)
    await press(page, "Remove", "calmer").click()
    await expect(row(page, "calmer")).to_have_count(0)
    assert "calm" not in (bench.folder / "settings.json").read_text()


async def test_word_is_heard_saved_changed_and_removed(page: Page, bench: Bench) -> None:
    """A lexicon entry can be tried before it is saved, and its phonemes are shown. It can be changed and removed."""
    await page.get_by_text("Words: your own pronunciations").click()
    form = page.get_by_role("form", name="Word")
    await form.get_by_role("textbox", name="Word").fill("Geis")
    await form.get_by_label("Spoken as").fill("guys")
    await form.get_by_label("For").select_option(label="English (US)")
    await form.get_by_role("button", name="Hear it").click()
    await expect(form.get_by_role("status")).to_contain_text("ɡˈaɪz")
    assert not (bench.folder / "lexicon.txt").exists() or "Geis" not in (bench.folder / "lexicon.txt").read_text()
    await form.get_by_role("button", name="Save word").click()
    words = page.get_by_role("list", name="Words")
    await expect(words).to_contain_text("Geis is spoken as guys")
    await press(page, "Edit", "Geis").click()
    await form.get_by_label("Spoken as").fill("/unfinished")
    await form.get_by_role("button", name="Save word").click()
    await expect(form.get_by_role("alert")).to_contain_text("the closing / after the phonemes is missing")
    await form.get_by_label("Spoken as").fill("goose")
    await form.get_by_role("button", name="Save word").click()
    await expect(words).to_contain_text("Geis is spoken as goose")
    await press(page, "Remove", "Geis").click()
    await expect(words).not_to_contain_text("Geis")


async def test_voice_is_uploaded_by_choice_and_by_drop(page: Page, bench: Bench) -> None:
    """A pair of files can be uploaded by choosing or dropping it. Other combinations of files are refused with a
    reason."""
    model, config = files_of(bench.voices, "it_IT-nuova-low")
    await page.get_by_text("Add a voice from files").click()
    files = page.get_by_label("Files of the voice")
    problem = page.locator("#voices-upload").get_by_role("alert")

    def payload(pair: dict[str, bytes]) -> list[FilePayload]:
        kind = "application/octet-stream"
        return [{"name": name, "mimeType": kind, "buffer": content} for name, content in pair.items()]

    await files.set_input_files(payload({"it_IT-nuova-low.onnx": model}))
    await expect(problem).to_contain_text("two files")
    pair = {"it_IT-nuova-low.onnx": b"<html>", "it_IT-nuova-low.onnx.json": config}
    await files.set_input_files(payload(pair))
    await expect(problem).to_contain_text("not an ONNX model")
    pair["it_IT-nuova-low.onnx"] = model
    await files.set_input_files(payload(pair))
    await expect(row(page, "it_IT-nuova-low")).to_contain_text("Nuova, Italian (Italy), low")
    title = "Nuova, Italian (Italy), low"
    await press(page, "Remove", title).click()
    await press(page, "Yes, remove", title).click()
    await expect(row(page, "it_IT-nuova-low")).to_have_count(0)
    await page.evaluate(
        """([config, model]) => {
            const bytes = (text) => Uint8Array.from(text, (sign) => sign.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes(config)], "it_IT-nuova-low.onnx.json"));
            data.items.add(new File([bytes(model)], "it_IT-nuova-low.onnx"));
            const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true });
            document.querySelector(".drop").dispatchEvent(drop);
        }""",
        [config.decode("latin-1"), model.decode("latin-1")],
    )
    await expect(row(page, "it_IT-nuova-low")).to_be_visible()
    await press(page, "Remove", title).click()
    await press(page, "Yes, remove", title).click()
    await expect(row(page, "it_IT-nuova-low")).to_have_count(0)


async def test_list_refreshes_by_itself(page: Page, bench: Bench) -> None:
    """The list shows new files on disk and changes by other users without a reload."""
    put(bench.voices, bench.folder, "sv_SE-ny-low")
    await expect(row(page, "sv_SE-ny-low")).to_contain_text("Ny, Swedish (Sweden), low")
    bench.change("PUT", "/presets/theirs", json={"voice": HERE})
    await expect(row(page, "theirs")).to_be_visible()
    bench.change("DELETE", "/presets/theirs")
    bench.change("DELETE", "/sv_SE-ny-low")
    await expect(row(page, "theirs")).to_have_count(0)
    await expect(row(page, "sv_SE-ny-low")).to_have_count(0)


async def test_refresh_keeps_the_focus_and_the_open_question(page: Page, bench: Bench) -> None:
    """If the state of a voice changes while the page asks whether to remove it, the question stays open and keeps the
    keyboard focus. Rows of presets keep the focus too. If the row is removed, the search field gets the focus."""
    name, title = "nl_NL-nieuw-low", "Nieuw, Dutch (Netherlands), low"
    put(bench.voices, bench.folder, name)
    await expect(row(page, name)).to_be_visible()
    bench.change("PUT", "/presets/loud", json={"voice": name, "volume": 2})
    await page.get_by_text("Presets: voices with your own speed, volume or speaker").click()
    await press(page, "Remove", title).click()
    await expect(press(page, "Keep", title)).to_be_focused()
    bench.speak(name)
    await refresh(page)
    await expect(row(page, name)).to_contain_text("In memory")
    await expect(press(page, "Keep", title)).to_be_focused()
    await press(page, "Keep", title).press("Escape")
    await expect(press(page, "Remove", title)).to_be_focused()
    await press(page, "Edit", "loud").focus()
    bench.change("PUT", "/presets/quiet", json={"voice": name, "volume": 0.5})
    await refresh(page)
    await expect(press(page, "Edit", "quiet")).to_be_visible()
    await expect(press(page, "Edit", "loud")).to_be_focused()
    bench.change("PUT", "/presets/loud", json={"voice": name, "volume": 1.5})
    await refresh(page)
    await expect(page.get_by_role("list", name="Presets")).to_contain_text("volume 150 %")
    await expect(press(page, "Edit", "loud")).to_be_focused()
    await press(page, "Remove", title).focus()
    for path in ("/presets/loud", "/presets/quiet", f"/{name}"):
        bench.change("DELETE", path)
    await refresh(page)
    await expect(row(page, name)).to_have_count(0)
    await expect(page.get_by_label("Search voices")).to_be_focused()


async def test_without_the_right_nothing_can_be_changed(page: Page) -> None:
    """Without the token, the page shows the list without buttons for changes, and asks for the token."""

    def told(allowed: bool) -> dict[str, object]:
        code = None if allowed else "unauthorized"
        return {"may_change": allowed, "reason": code, "code": code, "max_upload": 1, "is_default_fixed": False}

    await page.route(
        "**/api/voices/rights", lambda route: route.fulfill(json=told("authorization" in route.request.headers))
    )
    await page.reload()
    await expect(page.get_by_text("enter the token of this server")).to_be_visible()
    await expect(press(page, "Hear it", _CROWD)).to_be_visible()
    await expect(press(page, "Remove", _CROWD)).to_have_count(0)
    await page.get_by_label("Token to change voices").fill("open sesame")
    await page.get_by_role("button", name="Use token").click()
    await expect(press(page, "Remove", _CROWD)).to_be_visible()


async def test_server_that_is_gone_is_said(page: Page) -> None:
    """While the server does not respond, the panel shows that the list may be out of date."""
    await page.context.set_offline(True)
    problem = page.locator("#voices-problem")
    await expect(problem).to_contain_text("not up to date")
    await press(page, "Make default", _CROWD).click()
    await expect(row(page, CROWD).get_by_role("alert")).to_contain_text("not answering")
    await page.context.set_offline(False)
    await expect(problem).to_be_hidden()


async def test_panel_fits_and_has_names(page: Page) -> None:
    """With all sections open, the panel needs no horizontal scrolling. All controls have names and are large enough,
    also with forced colours."""
    await page.emulate_media(forced_colors="active")
    for box in ("Add a voice from files", "Presets: voices", "More values", "Words: your"):
        await page.get_by_text(box).click()
    await expect(page.get_by_role("form", name="Word")).to_be_visible()
    width = await page.evaluate("document.documentElement.clientWidth")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await page.evaluate(UNNAMED) == []
    assert await page.evaluate(TOO_SMALL) == []
