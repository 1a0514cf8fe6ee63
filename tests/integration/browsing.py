"""Functions for tests of the web page in a browser."""

import re
from dataclasses import dataclass, field

from playwright.async_api import ConsoleMessage, Page, Request, expect


@dataclass
class Visit:
    """A page that is open in a browser, with a record of its errors, its warnings and the URLs that it requests."""

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

    async def speak(self, text: str) -> None:
        await self.page.get_by_label("Text", exact=True).fill(text)
        await self.page.get_by_role("button", name="Speak").click()

    async def reaches(self, *states: str) -> None:
        """Wait until the speech of this page is in one of `states`."""
        await expect(self.page.locator("body")).to_have_attribute("data-state", re.compile(f"^({'|'.join(states)})$"))

    async def counted(self, name: str) -> float:
        """Return the number in the data attribute `name` of the page, for example `bytes`. Return NaN if the attribute
        is missing."""
        return float(await self.page.locator("body").get_attribute(f"data-{name}") or "nan")

    async def newest(self) -> int:
        """Return the number of the newest utterance of the server, or 0 if there is none."""
        picture = await (await self.page.request.get(f"{self.base}api/activity")).json()
        return max((utterance["number"] for utterance in picture["utterances"]), default=0)

    async def shows(self, state: str, *, after: int, count: int = 1) -> None:
        """Wait until the page shows at least `count` bars in the state `state`. Only utterances with a number greater
        than `after` count."""
        await self.page.wait_for_function(
            """([state, after, count]) => [...document.querySelectorAll(`g[data-state="${state}"]`)]
                .filter((bar) => Number(bar.dataset.number) > after).length >= count""",
            arg=[state, after, count],
        )
