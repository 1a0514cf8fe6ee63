"""The web page in a frame on another site and behind a proxy, and the examples for other sites, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.http.serving import HttpBench, serve
from tests.integration.browsing import DESKTOP, PATIENCE, PHONE, visiting
from tests.integration.sites import prefix_proxy, site
from wyoming_piper_serial.settings import Http

# All tests use one event loop, because they share the browser.
pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.usefixtures("http_is_imported")]

_DOCS = Path(__file__).parents[2] / "docs" / "http.md"
_PREFIX = "/api/hassio_ingress/AbC-123"

# JavaScript that is added to the examples and returns the duration in seconds of the audio that they play.
_FETCHED = """
    return new Promise((resolve) => audio.addEventListener("ended", () => resolve(audio.duration)));"""
_STREAMED = """
    return new Promise((resolve) => socket.addEventListener("close", () => resolve(end)));"""


async def _frame_of(page: Page, bench: HttpBench) -> None:
    """Show the server's page in a frame on another page."""
    await page.evaluate(
        """(url) => {
            const frame = Object.assign(document.createElement("iframe"), { src: url, allow: "autoplay" });
            document.body.append(frame);
        }""",
        f"{bench.base}/",
    )


@pytest.mark.parametrize("anywhere", [False, True])
async def test_page_speaks_in_a_frame_of_an_allowed_site(browser: Browser, anywhere: bool) -> None:
    """A site listed in --http-cors, or any site with --http-embed-anywhere, can show the page in a frame, where it can
    speak."""
    expect.set_options(timeout=PATIENCE)
    async with site() as origin:
        http = Http(embed_anywhere=True) if anywhere else Http(cors=(origin,))
        async with serve(http=http) as bench, await browser.new_page() as page:
            await page.goto(origin)
            await _frame_of(page, bench)
            inner = page.frame_locator("iframe")
            await expect(inner.get_by_label("Voice", exact=True)).not_to_have_value("")
            await inner.get_by_role("button", name="Speak").click()
            await expect(inner.locator("body")).to_have_attribute("data-state", "done")


async def test_other_sites_cannot_show_the_page_in_a_frame(browser: Browser) -> None:
    """Without --http-cors and --http-embed-anywhere, browsers do not show the page in a frame on another site."""
    async with site() as origin, serve() as bench, await browser.new_page() as page:
        await page.goto(origin)
        async with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            await _frame_of(page, bench)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_page_works_behind_a_proxy_with_a_prefix(browser: Browser, size: ViewportSize) -> None:
    """Behind a proxy that strips a path prefix, everything works: files, voices, speech, saving and the activity."""
    async with (
        serve() as bench,
        prefix_proxy(bench.server.address.port, _PREFIX) as base,
        visiting(browser, base, size=size) as visit,
    ):
        await visit.open_activity()
        await visit.speak("Hello there.")
        await visit.reaches("done")
        await expect(visit.page.locator("g.row.own")).to_have_count(1)
        async with visit.page.expect_download() as saving:
            await visit.press("Save as Opus")
        assert (await saving.value).suggested_filename == "hello-there.opus"
        assert visit.complaints == []
        assert [url for url in visit.requested if not url.startswith((base, "blob:"))] == []


async def test_examples_of_the_docs_work_on_another_site(browser: Browser) -> None:
    """The JavaScript examples in docs/http.md play speech on a page from another origin that is listed in
    --http-cors."""
    fetched, streamed = re.findall(r"```js\n(.*?)```", _DOCS.read_text(encoding="utf-8"), re.DOTALL)
    async with site() as origin, serve(http=Http(cors=(origin,))) as bench, await browser.new_page() as page:
        await page.goto(origin)
        host = bench.base.removeprefix("http://")
        for code, rest in [(fetched, _FETCHED), (streamed, _STREAMED)]:
            assert "127.0.0.1:10280" in code
            seconds = await page.evaluate(f"async () => {{ {code.replace('127.0.0.1:10280', host)} {rest} }}")
            assert seconds > 0
        assert bench.engine.snapshot().completed == 2
