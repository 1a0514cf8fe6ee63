"""Rules for latitudes and longitudes, such as `40.7° N`."""

from collections.abc import Mapping, Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, grouped
from wyoming_piper_serial.text.preparation.languages.zh_numerals import decimal
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import RUN
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule, has_letter
from wyoming_piper_serial.text.preparation.quantities import START

# The words for the letters of the directions. Letters differ: east is O in German, and west is O in French.
_DIRECTIONS = {
    "de": "Nord = N | Süd = S | Ost = E O | West = W",
    "en": "north = N | south = S | east = E | west = W",
    "es": "norte = N | sur = S | este = E | oeste = O W",
    "fr": "nord = N | sud = S | est = E | ouest = O W",
    "it": "nord = N | sud = S | est = E | ovest = O W",
    "nl": "noord = N | zuid = Z S | oost = O E | west = W",
    "pl": ("szerokości północnej = N | szerokości południowej = S | długości wschodniej = E | długości zachodniej = W"),
    "pt": "norte = N | sul = S | leste = E L | oeste = O W",
    "ru": "северной широты = N с.ш. | южной широты = S ю.ш. | восточной долготы = E в.д. | западной долготы = W з.д.",
    "zh": "北纬 = N | 南纬 = S | 东经 = E | 西经 = W",
}


def coordinates(locale: Locale) -> Sequence[Rule]:
    """Returns the rule for a number of degrees and a direction. Other languages than the ten have none."""
    words = grouped(_DIRECTIONS.get(locale.language, ""))
    return [_rule(locale, words)] if words else []


def _rule(locale: Locale, words: Mapping[str, str]) -> Rule:
    letters = "|".join(regex.escape(word).replace(r"\.", rf"\.{SPACE}?", 1) for word in words)
    pattern = (
        rf"{START}(?P<number>{RUN}){SPACE}?[°º]{SPACE}?(?P<direction>{letters})"
        r"(?![\p{L}\p{N}]|['’]\p{L})(?P<last>(?=[\s\"'»”)]{0,5}\Z))?"
    )

    def replace(match: Match) -> str | None:
        number = locale.separators.parse(match["number"], has_unit=True)
        if number is None:
            return None
        direction = regex.sub(SPACE, "", match["direction"])
        dot = "." if direction.endswith(".") and match["last"] is not None else ""
        if locale.language == "zh":
            digits = locale.spoken(number)
            return words[direction] + locale.counted("°", number, decimal(digits))
        return f"{locale.counted('°', number)} {words[direction]}{dot}"

    return Rule(lazy(pattern, regex.V1), replace, ("°º", DIGITS, has_letter))
