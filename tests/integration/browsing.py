"""Functions for tests of the web page in a browser."""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from playwright.async_api import Browser, ConsoleMessage, Page, Request, ViewportSize, async_playwright, expect

PATIENCE = 100_000  # timeout in milliseconds for each step, long enough for a machine that pauses at times
DESKTOP = ViewportSize(width=1280, height=800)
PHONE = ViewportSize(width=320, height=640)
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The programs that can show the page, in order of preference."""

_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
]

# JavaScript that finds controls that are too small for touch input.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, select, textarea, input, summary")]
    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44)
    .map((e) => `${e.id || e.textContent}: ${e.getBoundingClientRect().height}`)"""

# JavaScript that finds focusable elements without an accessible name. It checks only the kinds of names used on this
# page.
UNNAMED = """() => [...document.querySelectorAll("a, button, select, textarea, input, summary, [tabindex]")]
    .filter((e) => !(e.getAttribute("aria-label") || e.labels?.[0]?.textContent.trim()
        || (e.matches("a, button, summary") && e.textContent.trim())))
    .map((e) => e.outerHTML)"""

# JavaScript that records every text of the live regions, and whether the page was speaking at that time.
_HEAR = """() => {
    window.told = [];
    const tell = ({ target }) => {
        const region = target.nodeType === Node.TEXT_NODE ? target.parentElement : target;
        if (region && region.textContent !== "") {
            window.told.push([region.textContent, document.body.dataset.state]);
        }
    };
    const options = { childList: true, characterData: true, subtree: true };
    document.querySelectorAll("[aria-live], [role=status], [role=alert], output").forEach((region) =>
        new MutationObserver((changes) => changes.forEach(tell)).observe(region, options));
}"""


@dataclass
class Visit:
    """A page opened in a browser, with a record of its errors, warnings and requested URLs."""

    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def watch(self) -> None:
        def complain(message: ConsoleMessage) -> None:
            if message.type in {"error", "warning"}:
                self.complaints.append(message.text)

        def request(asked: Request) -> None:
            self.requested.append(asked.url)

        self.page.on("console", complain)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", request)

    async def fits(self) -> None:
        """Check that the page fits without horizontal scrolling, and that all controls are large enough for touch
        input."""
        width = (self.page.viewport_size or DESKTOP)["width"]
        assert await self.page.evaluate("document.documentElement.scrollWidth") <= width
        assert await self.page.evaluate(TOO_SMALL) == []

    async def listen(self) -> None:
        """Start recording the texts of the live regions, after the list of voices has been loaded and its length
        announced."""
        await expect(self.page.locator("#voices-shown")).not_to_be_empty()
        await self.page.evaluate(_HEAR)

    async def told(self) -> list[list[str]]:
        """Return the recorded texts of the live regions, each with the state of the page at that time."""
        heard: list[list[str]] = await self.page.evaluate("window.told")
        return heard

    async def says(self, words: str | re.Pattern[str]) -> None:
        """Wait until the speech status on the page contains `words`."""
        await expect(self.page.locator("#status")).to_contain_text(words)

    async def look(self) -> None:
        """Make the page request the health of the server now, as it does when it becomes visible again."""
        await self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    async def open_activity(self) -> None:
        await self.page.locator("#activity > summary").click()

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def speak(self, text: str) -> None:
        await self.page.get_by_label("Text", exact=True).fill(text)
        await self.press("Speak")

    async def reaches(self, *states: str) -> None:
        """Wait until the state of the page's speech is one of `states`."""
        await expect(self.page.locator("body")).to_have_attribute("data-state", re.compile(f"^({'|'.join(states)})$"))

    async def counted(self, name: str) -> float:
        """Return the number in the page's data attribute `name`, for example `bytes`, or NaN if the attribute is
        missing."""
        return float(await self.page.locator("body").get_attribute(f"data-{name}") or "nan")

    async def newest(self) -> int:
        """Return the number of the server's most recent utterance, or 0 if there is none."""
        picture = await (await self.page.request.get(f"{self.base}api/activity")).json()
        return max((utterance["number"] for utterance in picture["utterances"]), default=0)

    async def shows(self, state: str, *, after: int, count: int = 1) -> None:
        """Wait until the page shows at least `count` bars in the state `state` for utterances with a number greater
        than `after`."""
        await self.page.wait_for_function(
            """([state, after, count]) => [...document.querySelectorAll(`g[data-state="${state}"]`)]
                .filter((bar) => Number(bar.dataset.number) > after).length >= count""",
            arg=[state, after, count],
        )


@contextlib.asynccontextmanager
async def running_browser() -> AsyncIterator[Browser | None]:
    """Run the first installed browser of `BROWSERS`. Yield `None` if there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        yield None
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        await browser.close()


@contextlib.asynccontextmanager
async def visiting(
    browser: Browser, base: str, *, size: ViewportSize = DESKTOP, path: str = ""
) -> AsyncIterator[Visit]:
    """Open the page in a new browser context, and wait until its list of voices has been loaded. `path` is appended to
    the URL `base`, which ends with a slash."""
    expect.set_options(timeout=PATIENCE)
    context = await browser.new_context(color_scheme="light", viewport=size)
    context.set_default_timeout(PATIENCE)
    opened = Visit(await context.new_page(), base)
    opened.watch()
    await opened.page.goto(base + path)
    await expect(opened.page.get_by_label("Voice", exact=True)).not_to_have_value("")
    yield opened
    await context.close()
