"""How long `describe` waits while a 30-second text is spoken: this server and wyoming-piper in turn.

Home Assistant gives a server 1 second for it (5 since 2025.10) and polls every 30 seconds.
"""

import argparse
import asyncio
import contextlib
import statistics
import time
from collections.abc import Callable

from servers import ours, wyoming_piper
from wyoming.client import AsyncTcpClient
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize

_TEXT = (
    "The weather tomorrow begins with fog in the valleys and a light wind from the west. By noon the sun comes "
    "through, and it gets as warm as eighteen degrees. In the evening clouds move in from the sea, and after "
    "midnight there will be some rain. On Wednesday it stays cool, with showers in the morning and a few bright "
    "hours in the afternoon. The rest of the week looks dry, mild and calm, so you can hang out the washing, paint "
    "the fence and sow the beans. That was the weather; the news follows at eight, and after it the concert from the "
    "town hall, with music for strings and for wind instruments by three composers of the last century."
)
_PAUSE = 0.01  # seconds between polls: hundreds of them fall into one text


async def poll_during_speech(host: str, port: int) -> tuple[list[float], float]:
    """Seconds each `describe` took on a fresh connection while the text was spoken, and seconds of speech."""
    async with AsyncTcpClient(host, port) as speaking:
        await speaking.write_event(Synthesize(text=_TEXT).event())
        speech = asyncio.create_task(_listen(speaking))
        waits = []
        while not speech.done():
            begin = time.perf_counter()
            async with AsyncTcpClient(host, port) as client:
                await client.write_event(Describe().event())
                event = await client.read_event()
            if event is None or not Info.is_type(event.type):
                raise RuntimeError("describe was not answered")
            waits.append(time.perf_counter() - begin)
            await asyncio.sleep(_PAUSE)
        return waits, await speech


async def _listen(client: AsyncTcpClient) -> float:
    seconds = 0.0
    while (event := await client.read_event()) is not None and event.type != "audio-stop":
        if event.type == "audio-chunk":
            seconds += len(event.payload or b"") / event.data["width"] / event.data["rate"]
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="leave wyoming-piper out")
    args = parser.parse_args()
    kinds: list[tuple[str, Callable[[], contextlib.AbstractContextManager[tuple[str, int]]]]]
    kinds = [("this server", ours)] if args.alone else [("this server", ours), ("wyoming-piper", wyoming_piper)]
    for name, start in kinds:
        with start() as (host, port):
            waits, spoken = [], 0.0
            for _ in range(args.rounds):
                more, spoken = asyncio.run(poll_during_speech(host, port))
                waits += more
        print(
            f"{name:14} {len(waits):5} polls during {args.rounds} x {spoken:.0f}s of speech: "
            f"median {statistics.median(waits) * 1000:7.1f} ms, worst {max(waits) * 1000:7.1f} ms"
        )


if __name__ == "__main__":
    main()
