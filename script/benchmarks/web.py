"""Compares the time to first audio over HTTP and over Wyoming, and measures browsers together with Wyoming clients.

The first part sends requests alternately over Wyoming and over HTTP, in several formats. In the second part, three
pages in headless Chromium and eight Wyoming clients send their requests at the same time. Each page counts the
underruns in its playback.
"""

import argparse
import asyncio
import contextlib
import socket
import statistics
import time
from collections.abc import AsyncIterator

import crowd
import httpx
from peers import Heard, underruns
from playwright.async_api import Page
from report import show
from servers import Server, ours
from texts import FOUR, MIDDLE, REPORT

from tests.integration.browsing import BROWSERS, running_browser

_FORMATS = ("wav", "pcm", "mp3", "opus", "flac", "aac")
_BROWSERS = 3
_QUIET = 0.5  # Pause in seconds after a request, so that the server becomes idle before the next request.
_PATIENCE = 120_000  # Maximum time in milliseconds until a page has played its text.


async def first_by_wyoming(server: Server) -> float:
    await asyncio.sleep(_QUIET)
    return (await crowd.speak(server, MIDDLE)).first_audio


async def first_by_http(client: httpx.AsyncClient, name: str) -> float:
    """Return the time in seconds from sending a request on an open connection to receiving the first bytes of the
    response body."""
    await client.get("health")
    await asyncio.sleep(_QUIET)
    begin = time.perf_counter()
    async with client.stream("POST", "v1/audio/speech", json={"input": MIDDLE, "response_format": name}) as response:
        response.raise_for_status()
        body = response.aiter_raw()
        await anext(body)
        seconds = time.perf_counter() - begin
        async for _ in body:
            pass
    return seconds


async def alone(server: Server, base: str, rounds: int) -> None:
    ratios: dict[str, list[float]] = {name: [] for name in _FORMATS}
    async with httpx.AsyncClient(base_url=base, timeout=60) as client:
        for _ in range(rounds):
            for name in _FORMATS:
                wyoming = await first_by_wyoming(server)
                ratios[name].append(await first_by_http(client, name) / wyoming)
    show(
        f"first audio of {len(MIDDLE)} characters, one client, Wyoming = 1; medians of {rounds}",
        ("HTTP, format", "ratio"),
        [[name, f"{statistics.median(ratios[name]):.2f}"] for name in _FORMATS],
    )


@contextlib.asynccontextmanager
async def pages(base: str) -> AsyncIterator[list[Page]]:
    async with running_browser() as browser:
        if browser is None:
            raise SystemExit(f"no browser is installed: none of {', '.join(BROWSERS)}; on Debian: apt install chromium")
        opened = [await browser.new_page() for _ in range(_BROWSERS)]
        for page in opened:
            await page.goto(base)
            await page.get_by_label("Text", exact=True).fill(REPORT)
        yield opened


async def played(page: Page) -> tuple[float, int]:
    """Wait until the page has played the whole text. Return the time to first audio in seconds and the number of
    underruns."""
    ends = ", ".join(f"body[data-state={state}]" for state in ("done", "failed", "stopped"))
    await page.locator(ends).wait_for(state="attached", timeout=_PATIENCE)
    seen = await page.evaluate("({...document.body.dataset})")
    if seen["state"] != "done":
        raise RuntimeError(f"a page did not finish: {seen}")
    return float(seen["firstAudio"]) / 1000, int(seen["underruns"])


async def together(server: Server, base: str, rounds: int) -> None:
    wyoming: list[Heard] = []
    web: list[tuple[float, int]] = []
    async with pages(base) as opened:
        for _ in range(rounds):
            await asyncio.sleep(_QUIET)
            answers = asyncio.create_task(crowd.burst(server, FOUR * 2))
            await asyncio.gather(*(page.get_by_role("button", name="Speak").click() for page in opened))
            web += await asyncio.gather(*(played(page) for page in opened))
            wyoming += await answers
    gaps = [count for _, count in web]
    show(
        f"{_BROWSERS} browsers and {len(FOUR) * 2} Wyoming clients at once, {rounds} rounds",
        ("", "underruns", "first audio, worst to median"),
        [
            [
                "browsers",
                f"{sum(map(bool, gaps))} of {len(gaps)}, {sum(gaps)} in total",
                _spread([wait for wait, _ in web]),
            ],
            ["Wyoming clients", underruns(wyoming), _spread([one.first_audio for one in wyoming])],
        ],
    )


def _spread(waits: list[float]) -> str:
    return f"{max(waits) / statistics.median(waits):.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    with ours("--http-uri", f"tcp://127.0.0.1:{port}") as server:
        asyncio.run(alone(server, base, rounds))
        asyncio.run(together(server, base, rounds))


if __name__ == "__main__":
    main()
