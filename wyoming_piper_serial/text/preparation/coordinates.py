"""Builds the rule of a language for latitudes and longitudes, such as `40.7° N` and `40°42′46″N`."""

import re
from collections.abc import Callable, Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import CORE_START, SPACE, grouped
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import RUN
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule

_PART = r"[0-5]?[0-9](?:[.,][0-9]{1,4})?"


def coordinates(
    locale: Locale,
    directions: str,
    *,
    count: Callable[[str, str], str | None] = lambda _number, _unit: None,
    small_units: Sequence[str] = (),
    is_direction_first: bool = False,
) -> Rule:
    """Returns the rule for degrees with minutes and seconds of arc, with a direction, or with both.

    `directions` is a table from the words for the directions to their letters. `count` receives a number and the key of
    its unit, `°`, `min` or `s`. It returns the numeral, or `None` for digits. `small_units` contains the words for
    minutes and seconds of arc if they differ from those of time.
    """
    words = grouped(directions)
    letters = "|".join(regex.escape(word).replace(r"\.", rf"\.{SPACE}?", 1) for word in words)
    direction = rf"{SPACE}?(?P<direction>{letters})(?![\p{{L}}\p{{N}}]|['’]\p{{L}})"
    seconds = rf"{SPACE}?(?P<seconds>{_PART}){SPACE}?(?:[″\"”]|′′|'')"
    arc = rf"{SPACE}?(?P<minutes>{_PART}){SPACE}?(?:[′’´]|'(?!'))(?:{seconds})?"
    pattern = (
        rf"{CORE_START}(?P<degrees>{RUN}){SPACE}?[°º](?:{arc}(?:{direction})?|{direction})"
        r"(?![\p{L}\p{N}])(?P<last>(?=[\s\"'»”)]{0,5}\Z))?"
    )
    may_be_in = re.compile(f"[°º]{SPACE}?[0-9{''.join(sorted({word[0] for word in words}))}]")

    def quantity(written: str, unit: str, word: str = "") -> str | None:
        number = locale.separators.parse(written, has_unit=True)
        if number is None:
            return None
        spoken = count(locale.spoken(number), unit)
        return f"{spoken}{word}" if word else locale.counted(unit, number, spoken)

    def replace(match: Match) -> str | None:
        written = (match["degrees"], match["minutes"], match["seconds"])
        names = ("", *small_units) if small_units else ("", "", "")
        parts = [
            quantity(number, unit, word)
            for number, unit, word in zip(written, ("°", "min", "s"), names, strict=True)
            if number
        ]
        direction = regex.sub(SPACE, "", match["direction"] or "")
        dot = "." if direction.endswith(".") and match["last"] is not None else ""
        found = [part for part in parts if part is not None]
        if len(found) < len(parts):
            return None
        if is_direction_first:
            return words.get(direction, "") + "".join(found)
        return " ".join([*found, words[direction]] if direction else found) + dot

    return Rule(lazy(pattern, regex.V1), replace, ("°º", DIGITS, lambda text: may_be_in.search(text) is not None))
