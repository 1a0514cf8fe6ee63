"""Measures the processor time of cleaning texts, and of rows of repeated pieces of markup, which are the slowest texts.

A row has 600 characters (the longest usual sentence) or 5000 characters. It arrives in one piece, or character by
character. Times are in milliseconds."""

import argparse
import random
import time
from collections.abc import Callable

from report import show
from texts import FOUR

from wyoming_piper_serial.text.cleaning import clean_sentence
from wyoming_piper_serial.text.markup import MarkupFilter

_PIECES = [
    *(
        "<think>",
        "</think>",
        "<b>",
        "<a ",
        "<a b=",
        '<a href="',
        "<!--",
        "<!",
        "<|",
        "<|channel|>",
        "<sup>",
        "<",
        "</b",
    ),
    *(
        "&amp;",
        "&a",
        "&",
        "[a",
        "](",
        "](a(",
        "](<",
        "][r]",
        "\n[r]: ",
        "[^1]",
        "[^a",
        "[[",
        "[[a",
        "]]",
        "![",
        "[",
        "]",
    ),
    *(
        "*",
        "**",
        " * ",
        "*a",
        "a*",
        "1*",
        "`",
        "``",
        "`a",
        "```",
        "\n```a",
        "\n~~~",
        "\\",
        "\\a",
        "\\frac{",
        "$a",
        "^{",
    ),
    *(
        "\n",
        "\r\n",
        "\n- ",
        "\n* ",
        "\n- [",
        "\n1. ",
        "\n1",
        "\n# ",
        "\n|",
        " | ",
        "|a",
        "a |\n",
        "\n>",
        "\n ",
        "# ",
        "a # ",
    ),
    *(
        "_",
        "_a",
        "a_",
        "~~",
        "==a",
        "=",
        "--",
        "...",
        "…",
        "。",
        ". ",
        "• ",
        "🎉",
        "\u200d🎉",
        "①",
        "ﷺ",
        "𝐀",
        "ᵃ",
        "\u0301",
    ),
    *("a", "a ", "Word. ", "5", " ", "\t", "【1", "†", "◁", "："),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=0, metavar="N", help="also measure N random pairs of pieces")
    count = parser.parse_args().pairs
    rng = random.Random(0)  # noqa: S311  # not for cryptography
    pieces = [*_PIECES, *("".join(rng.sample(_PIECES, 2)) for _ in range(count))]
    show("Sentences", ["", "filter", "clean"], [[f"{len(text)} characters", *_times(text, text)] for text in FOUR])
    header = ["", "filter", "clean", "by character"]
    for size in (600, 5000):
        rows = [(repr(piece), *_row_times(piece, size)) for piece in pieces]
        for column in (1, 2, 3):
            rows.sort(key=lambda row: -float(row[column]))  # used at once
            show(f"Slowest rows of {size} characters by {header[column]}", header, [list(row) for row in rows[:5]])


def _row_times(piece: str, size: int) -> tuple[str, ...]:
    row = (piece * size)[:size]
    return (*_times(row, row), _measured(lambda: _filtered(list(row))))


def _times(text: str, sentence: str) -> tuple[str, str]:
    return _measured(lambda: _filtered([text])), _measured(lambda: clean_sentence(sentence))


def _filtered(chunks: list[str]) -> None:
    markup = MarkupFilter()
    for chunk in chunks:
        markup.feed(chunk)
    markup.finish()


def _measured(work: Callable[[], object]) -> str:
    times = []
    for _ in range(3):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return f"{1000 * min(times):.2f}"


if __name__ == "__main__":
    main()
