"""Compares the time to first audio of this server and of wyoming-piper when requests arrive at random times.

First, the capacity of wyoming-piper in requests per second is measured with a burst of requests. Then, requests arrive
in a Poisson process at half of this rate. The servers are measured one after the other, with the same texts at the same
intervals."""

import argparse
import asyncio

import numpy as np
from crowd import burst, speak
from peers import Heard, underruns
from report import percentile, show
from servers import Server, ours, wyoming_piper
from texts import FOUR

_SATURATING = FOUR * 4
_LOAD = 0.5
_QUIET = 1.0  # seconds without requests before each measurement

Arrivals = list[tuple[float, str]]
"""Planned requests. Each item contains the time at which the request is sent, in seconds since the start, and the
text."""


async def capacity(server: Server) -> float:
    """Return the number of requests per second that the server completes in a burst."""
    heard = await burst(server, _SATURATING)
    return len(heard) / max(one.total for one in heard)


def poisson(rate: float, seconds: float, seed: int) -> Arrivals:
    random = np.random.default_rng(seed)
    arrivals: Arrivals = []
    at = random.exponential(1 / rate)
    while at < seconds:
        arrivals.append((at, FOUR[random.integers(len(FOUR))]))
        at += random.exponential(1 / rate)
    return arrivals


async def answers_to_all(server: Server, arrivals: Arrivals) -> list[Heard]:
    await asyncio.sleep(_QUIET)
    begin = asyncio.get_running_loop().time()
    return await asyncio.gather(*(_arrive(server, begin + at, text) for at, text in arrivals))


async def _arrive(server: Server, at: float, text: str) -> Heard:
    await asyncio.sleep(at - asyncio.get_running_loop().time())
    return await speak(server, text)


async def measure(there: Server, here: Server, seconds: float, seed: int) -> tuple[list[Heard], list[Heard]]:
    """Send the same requests to both servers. Return the responses of wyoming-piper and those of this server."""
    arrivals = poisson(_LOAD * await capacity(there), seconds, seed)
    if not arrivals:
        raise RuntimeError("no request was sent: use more --seconds or another --seed")
    return await answers_to_all(there, arrivals), await answers_to_all(here, arrivals)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with ours() as here, wyoming_piper() as there:
        answers = asyncio.run(measure(there, here, args.seconds, args.seed))
    rows = []
    for percent, aim in ((50, ""), (95, "0.25"), (100, "")):
        theirs, mine = (percentile([heard.first_audio for heard in answered], percent) for answered in answers)
        name = {50: "median", 100: "worst"}.get(percent, f"{percent}th percentile of")
        rows.append([f"{name} time to first audio", "1", f"{mine / theirs:.2f}", aim])
    rows.append(["underruns", *map(underruns, answers), "0"])
    show(
        f"{len(answers[0])} random arrivals in {args.seconds:.0f} s, at half of wyoming-piper's capacity",
        ("", "wyoming-piper", "this server", "at most"),
        rows,
    )


if __name__ == "__main__":
    main()
