"""Compares the time to first audio of this server and of wyoming-piper for several numbers of simultaneous clients.

All clients send the same sentence, so their times differ only because clients wait for each other. The table shows
ratios: each time is divided by the time of wyoming-piper with the first number of clients (one by default). Both
servers run at the same time, and the requests are sent to them alternately."""

import argparse
import asyncio
import importlib.util
import statistics
from dataclasses import dataclass, field
from pathlib import Path

from crowd import burst
from report import show
from servers import Server, ours, wyoming_piper
from texts import MIDDLE

_COUNTS = (1, 2, 4, 8, 16, 24, 32)
_QUIET = 1.0  # pause in seconds after a burst, so that the servers become idle before the next burst


@dataclass
class Waits:
    """Measurements of a server with a fixed number of clients: the times to first audio in seconds, with an entry for
    each round, and the number of responses with underruns."""

    medians: list[float] = field(default_factory=list)
    worsts: list[float] = field(default_factory=list)
    underruns: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.medians)

    @property
    def worst(self) -> float:
        return statistics.median(self.worsts)

    async def measure(self, server: Server, clients: int) -> None:
        await asyncio.sleep(_QUIET)
        answers = await burst(server, [MIDDLE] * clients)
        self.medians.append(statistics.median(heard.first_audio for heard in answers))
        self.worsts.append(max(heard.first_audio for heard in answers))
        self.underruns += sum(heard.underrun_seconds > 0 for heard in answers)


Row = tuple[int, Waits, Waits]
"""The number of clients, the measurements of wyoming-piper, and the measurements of this server."""


async def measure(there: Server, here: Server, counts: list[int], rounds: int) -> list[Row]:
    rows = [(count, Waits(), Waits()) for count in counts]
    for _ in range(rounds):
        for count, theirs, mine in rows:
            await theirs.measure(there, count)
            await mine.measure(here, count)
    return rows


def print_table(rows: list[Row], unit: float, rounds: int) -> None:
    show(
        f"time to first audio, medians of {rounds}; wyoming-piper with {rows[0][0]} client is 1",
        ("clients", "wyoming-piper: median", "worst", "underruns", "this server: median", "worst", "underruns"),
        [
            [str(count), *(cell for waits in servers for cell in _cells(waits, unit, count * rounds))]
            for count, *servers in rows
        ],
    )


def _cells(waits: Waits, unit: float, requests: int) -> list[str]:
    return [f"{waits.median / unit:.2f}", f"{waits.worst / unit:.2f}", f"{waits.underruns} of {requests}"]


def draw(rows: list[Row], unit: float, file: Path) -> None:
    """Plot the results of the benchmark. The extension of the file name determines the image format."""
    from plot import Curve, draw_curves  # noqa: PLC0415 -- only developers have matplotlib

    counts, theirs, mine = zip(*rows, strict=True)
    curves = [
        Curve(name, color, [waits.median / unit for waits in server], [waits.worst / unit for waits in server])
        for name, color, server in (
            ("wyoming-piper 2.5.2", "#9a4a1c", theirs),
            ("this server", "#1c5f9a", mine),
        )
    ]
    draw_curves(counts, curves, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--counts", type=int, nargs="+", default=_COUNTS, help="numbers of clients, in ascending order")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw a diagram to this file, .svg or .png")
    args = parser.parse_args()
    if args.plot and not importlib.util.find_spec("matplotlib"):
        parser.error("--plot needs matplotlib; script/setup dev installs it")
    with ours() as here, wyoming_piper() as there:
        rows = asyncio.run(measure(there, here, args.counts, args.rounds))
    unit = rows[0][1].median
    print_table(rows, unit, args.rounds)
    if args.plot:
        draw(rows, unit, args.plot)


if __name__ == "__main__":
    main()
