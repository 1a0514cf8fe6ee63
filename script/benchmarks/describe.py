"""Compares the duration of `describe` on this server and on wyoming-piper during 30 seconds of speech.

Home Assistant sends `describe` every 30 seconds, with a timeout of 1 second (5 seconds since 2025.10).
"""

import argparse
import asyncio
import contextlib
import statistics
from collections.abc import Callable

from crowd import burst, describe_until
from report import milliseconds
from servers import Server, ours, wyoming_piper
from texts import REPORT

_PAUSE = 0.01  # seconds from a reply to the next `describe`, short enough to send many of them during the speech


async def poll_during_speech(server: Server) -> tuple[list[float], float]:
    """Return the duration of each `describe` during the speech, and the duration of the speech, in seconds."""
    speech = asyncio.create_task(burst(server, [REPORT]))
    waits = await describe_until(speech, server, pause=_PAUSE)
    (heard,) = await speech
    return waits, heard.seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="leave wyoming-piper out")
    args = parser.parse_args()
    kinds: list[tuple[str, Callable[[], contextlib.AbstractContextManager[Server]]]]
    kinds = [("this server", ours)] if args.alone else [("this server", ours), ("wyoming-piper", wyoming_piper)]
    for name, start in kinds:
        with start() as server:
            waits, spoken = [], 0.0
            for _ in range(args.rounds):
                more, spoken = asyncio.run(poll_during_speech(server))
                waits += more
        print(
            f"{name:14} {len(waits):5} polls during {args.rounds} x {spoken:.0f}s of speech: "
            f"median {milliseconds(statistics.median(waits))}, worst {milliseconds(max(waits))}"
        )


if __name__ == "__main__":
    main()
