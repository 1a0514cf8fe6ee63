"""Plots benchmark results. The background is white, so that the diagrams are also readable on dark pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_INK = "#333333"
_GRID = "#dddddd"


@dataclass(frozen=True)
class Curve:
    name: str
    color: str
    median: Sequence[float]
    worst: Sequence[float]


def draw_curves(counts: Sequence[int], curves: Sequence[Curve], file: Path) -> None:
    """Plot the median and the maximum of each curve against the number of clients. The same values always produce the
    same file."""
    mpl.rcParams.update({"svg.hashsalt": "wyoming-piper-serial", "font.size": 11, "text.color": _INK})
    figure = Figure(figsize=(8, 4.5), facecolor="white", layout="constrained")
    axes = figure.add_subplot()
    for curve in curves:
        axes.fill_between(counts, curve.median, curve.worst, color=curve.color, alpha=0.12, linewidth=0)
        axes.plot(counts, curve.worst, color=curve.color, linewidth=1, linestyle=(0, (4, 2)))
        axes.plot(counts, curve.median, color=curve.color, linewidth=2.2, marker="o", markersize=5, clip_on=False)
    _label_lines(axes, counts[-1], curves)
    _style(axes, counts)
    figure.savefig(file, dpi=150, metadata={"Date": None} if file.suffix == ".svg" else None)


def draw_levels(minutes: Sequence[float], levels: Mapping[str, Sequence[float]], file: Path) -> None:
    """Plot each series in `levels` over time, with a separate vertical axis for each. The axes begin at zero, so that
    growth is not exaggerated."""
    mpl.rcParams.update({"svg.hashsalt": "wyoming-piper-serial", "font.size": 11, "text.color": _INK})
    figure = Figure(figsize=(8, 1.5 * len(levels)), facecolor="white", layout="constrained")
    for axes, (name, values) in zip(figure.subplots(len(levels), sharex=True), levels.items(), strict=True):
        axes.plot(minutes, values, color="#1f77b4", linewidth=1.8)
        axes.set_title(name, loc="left", fontsize=11)
        axes.set_ylim(0, 1.25 * max(values))
        axes.grid(axis="y", color=_GRID, linewidth=0.8)
        axes.tick_params(colors=_INK, length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(_GRID)
    axes.set_xlabel("minutes", color=_INK)
    figure.savefig(file, dpi=150, metadata={"Date": None} if file.suffix == ".svg" else None)


@dataclass(frozen=True)
class Buffer:
    """The amount of audio in one listener's buffer over time."""

    name: str
    color: str
    times: Sequence[float]
    """Seconds since the request."""

    seconds: Sequence[float]
    """Seconds of audio in the buffer at each of these times."""


def draw_buffers(panels: Mapping[str, Sequence[Buffer]], file: Path) -> None:
    """Draw a panel for each item in `panels`, one below the other. Each panel shows all its buffers."""
    mpl.rcParams.update({"svg.hashsalt": "wyoming-piper-serial", "font.size": 11, "text.color": _INK})
    figure = Figure(figsize=(8, 3 * len(panels)), facecolor="white", layout="constrained")
    for axes, (title, buffers) in zip(figure.subplots(len(panels), squeeze=False)[:, 0], panels.items(), strict=True):
        for buffer in buffers:
            axes.plot(buffer.times, buffer.seconds, color=buffer.color, linewidth=1.8, label=buffer.name)
        axes.set_title(title, loc="left", fontsize=11)
        axes.set_xlabel("seconds since the request", color=_INK)
        axes.set_ylabel("seconds of audio", color=_INK)
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
        axes.grid(axis="y", color=_GRID, linewidth=0.8)
        axes.tick_params(colors=_INK, length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(_GRID)
        axes.legend(frameon=False)
    figure.savefig(file, dpi=150, metadata={"Date": None} if file.suffix == ".svg" else None)


def _label_lines(axes: Axes, last: int, curves: Sequence[Curve]) -> None:
    """Write a label at the right end of each curve. Labels that would overlap are moved apart."""
    ends = [
        (values[-1], f"{curve.name}, {what}", curve.color)
        for curve in curves
        for what, values in (("median", curve.median), ("worst", curve.worst))
    ]
    apart = 0.055 * max(end for end, *_ in ends)
    lowest = float("-inf")
    for end, label, color in sorted(ends):
        lowest = max(end, lowest + apart)
        axes.annotate(
            label, (last, lowest), (10, 0), textcoords="offset points", color=color, va="center", annotation_clip=False
        )


def _style(axes: Axes, counts: Sequence[int]) -> None:
    axes.set_title("Time to first audio when clients send requests at the same moment", loc="left", fontsize=12)
    axes.set_xlabel("clients", color=_INK)
    axes.set_ylabel("time, wyoming-piper with one client = 1", color=_INK)
    axes.set_xticks(counts)
    axes.set_xlim(0, counts[-1])
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, length=0)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GRID)
