"""Compares this checkout with another checkout, for example one from before a change.

    git worktree add ../before main~10
    script/bench revisions ../before

The benchmark compares the time to first audio, a burst of requests, the CPU time and the startup time of the server.
Both servers run at the same time and are measured alternately, so that other load on the machine affects both. Each
ratio is the median of this checkout divided by the median of the other checkout. Startup is measured with one server at
a time. Both servers use the virtual environment of this checkout.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from pathlib import Path

from burst import Burst, rounds_of
from peers import Heard, speak
from report import show
from servers import COMMAND, ROOT, Server, ours
from start import start
from texts import LONG, MIDDLE, SHORT


def ratio(mine: Sequence[float], others: Sequence[float]) -> str:
    return f"{statistics.median(mine) / statistics.median(others):.3f}"


def spread(mine: Sequence[float], others: Sequence[float]) -> str:
    """Return the first and third quartiles of the ratios of all rounds, as text. The distance between the quartiles
    shows how much the measurements vary."""
    ratios = sorted(one / other for one, other in zip(mine, others, strict=True))
    return f"{ratios[len(ratios) // 4]:.2f} to {ratios[-1 - len(ratios) // 4]:.2f}"


def row(name: str, mine: Sequence[float], others: Sequence[float]) -> list[str]:
    return [name, ratio(mine, others), spread(mine, others)]


def first_audio(here: Server, there: Server, rounds: int) -> list[list[str]]:
    rows = []
    for text in (SHORT, MIDDLE, LONG):
        mine: list[Heard] = []
        others: list[Heard] = []
        for number in range(rounds):
            sides = ((here, mine), (there, others))
            for server, heard in sides if number % 2 else reversed(sides):
                heard.append(speak(server, text))
        rows.append(
            row(f"first audio, {len(text)} characters", *([one.first_audio for one in side] for side in (mine, others)))
        )
        rows.append(
            row(f"all audio, {len(text)} characters", *([one.total for one in side] for side in (mine, others)))
        )
    return rows


def bursts(here: Server, there: Server, rounds: int) -> list[list[str]]:
    pairs = asyncio.run(rounds_of(there, here, rounds))
    sides: list[list[Burst]] = [[pair[at] for pair in pairs] for at in (1, 0)]
    return [
        row("burst of 16: median first audio", *([one.median for one in side] for side in sides)),
        row("burst of 16: worst first audio", *([one.worst for one in side] for side in sides)),
        row("burst of 16: CPU per second of audio", *([one.cpu_share for one in side] for side in sides)),
        row("burst of 16: worst describe", *([max(one.describe) for one in side] for side in sides)),
    ]


def starts(other: Path, rounds: int) -> list[list[str]]:
    sides: dict[Path, list[list[float]]] = {ROOT: [], other: []}
    for checkout in sides:
        start(COMMAND, checkout=checkout)  # a run that fills the caches and is not measured
    for number in range(rounds):
        for checkout in sides if number % 2 else reversed(sides):
            sides[checkout].append(start(COMMAND, checkout=checkout)[0])
    mine, others = (list(zip(*sides[checkout], strict=True)) for checkout in (ROOT, other))
    return [
        row(f"start: {what}", mine[at], others[at])
        for at, what in enumerate(("listening", "first info", "first audio"))
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("other", type=Path, metavar="CHECKOUT", help="folder of the other checkout")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    other: Path = args.other.resolve()
    rows = []
    with ours() as here, ours(checkout=other) as there:
        rows += first_audio(here, there, args.rounds)
        rows += bursts(here, there, max(3, args.rounds // 3))
    rows += starts(other, args.rounds)
    show(f"this checkout / {other.name}, medians of {args.rounds}", ("", "ratio", "half of the pairs"), rows)


if __name__ == "__main__":
    main()
