"""Compares this server with wyoming-piper during bursts of 16 simultaneous requests.

A burst consists of four texts, each sent four times. Both servers run at the same time, and the bursts are sent to them
alternately. The order of the requests differs between rounds, but is the same for both servers. During a burst,
`describe` is sent repeatedly, each time on a new connection."""

import argparse
import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import crowd
import numpy as np
from peers import Heard, underruns
from report import milliseconds, show
from servers import Server, ours, wyoming_piper
from texts import FOUR

_TIMES = 4
_QUIET = 1.0  # Pause in seconds after a burst. It lets the servers become idle before the next burst.
_DESCRIBE = 0.05  # Seconds from a reply to the next `describe`.


@dataclass(frozen=True)
class Burst:
    """Measurements of a server during a burst."""

    heard: list[Heard]
    describe: list[float]
    """Duration of each `describe` during the burst, in seconds."""

    cpu: float
    """CPU seconds that the server used during the burst."""

    @property
    def median(self) -> float:
        return statistics.median(heard.first_audio for heard in self.heard)

    @property
    def worst(self) -> float:
        return max(heard.first_audio for heard in self.heard)

    @property
    def cpu_share(self) -> float:
        """CPU seconds per second of audio."""
        return self.cpu / sum(heard.seconds for heard in self.heard)


async def one_burst(server: Server, texts: Sequence[str]) -> Burst:
    await asyncio.sleep(_QUIET)
    before = server.cpu_seconds()
    speech = asyncio.create_task(crowd.burst(server, texts))
    waits = await crowd.describe_until(speech, server, pause=_DESCRIBE)
    return Burst(await speech, waits, server.cpu_seconds() - before)


async def rounds_of(there: Server, here: Server, rounds: int) -> list[tuple[Burst, Burst]]:
    """In each round, measure one burst on each server. The servers are measured first alternately.

    Returns a pair (wyoming-piper, this server) for each round.
    """
    pairs = []
    for number in range(rounds):
        order = np.random.default_rng(number).permutation(len(FOUR) * _TIMES)
        texts = [FOUR[at % len(FOUR)] for at in order]
        if number % 2:
            mine, theirs = await one_burst(here, texts), await one_burst(there, texts)
        else:
            theirs, mine = await one_burst(there, texts), await one_burst(here, texts)
        pairs.append((theirs, mine))
    return pairs


def compared(name: str, pairs: list[tuple[Burst, Burst]], figure: Callable[[Burst], float], aim: str) -> list[str]:
    """Return a table row with the median and the maximum over all rounds of the ratio between this server's figure and
    that of wyoming-piper."""
    ratios = [figure(mine) / figure(theirs) for theirs, mine in pairs]
    return [name, "1", f"{statistics.median(ratios):.2f}", f"{max(ratios):.2f}", aim]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds: int = parser.parse_args().rounds
    with ours() as here, wyoming_piper() as there:
        pairs = asyncio.run(rounds_of(there, here, rounds))
    servers = [[pair[at] for pair in pairs] for at in (0, 1)]
    late = [underruns(heard for burst in bursts for heard in burst.heard) for bursts in servers]
    describe = [milliseconds(max(wait for burst in bursts for wait in burst.describe)) for bursts in servers]
    show(
        f"burst of {len(FOUR) * _TIMES}, {rounds} rounds; ratios are medians of the rounds",
        ("", "wyoming-piper", "this server", "worst round", "at most"),
        [
            compared("median time to first audio", pairs, lambda one: one.median, "0.40"),
            compared("worst time to first audio", pairs, lambda one: one.worst, "0.60"),
            ["underruns", *late, "", "0"],
            ["describe, worst", *describe, "", "20 ms"],
            compared("CPU per second of audio", pairs, lambda one: one.cpu_share, "1.15"),
        ],
    )


if __name__ == "__main__":
    main()
