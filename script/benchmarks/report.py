"""Functions that print tables and figures for the benchmarks."""

import math
from collections.abc import Sequence


def show(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table. The first column is left-aligned, and the other columns are right-aligned."""
    widths = [max(len(line[column]) for line in (header, *rows)) for column in range(len(header))]
    print(f"\n{title}")
    for line in (header, *rows):
        first, *others = (
            cell.ljust(w) if not at else cell.rjust(w) for at, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        print("  ".join((first, *others)), flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the percentile by the nearest-rank method: the smallest of `values` that is greater than or equal to at
    least `percent` per cent of them."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
