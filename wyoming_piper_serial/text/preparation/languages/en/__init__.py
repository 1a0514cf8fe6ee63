"""Rules for English."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.languages.en import (
    abbreviations,
    acronyms,
    codes,
    dates,
    fractions,
    money,
    ranges,
    roman,
    signs,
    times,
    units,
    years,
)
from wyoming_piper_serial.text.preparation.languages.en.numbers import ordinal
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Rule

_ORDINAL = lazy(r"(?<![\w.])(\d{1,3}(?:,\d{3}){1,4}|\d{1,12})(?:st|nd|rd|th|ST|ND|RD|TH)(?!\w)")


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the English rules that run before the core rules for all languages, in order of application."""
    names = units.Units(locale)
    return [
        coordinates(locale, "north = N | south = S | east = E | west = W"),
        *codes.telephone_rules(),
        *dates.rules(locale),
        *times.rules(locale),
        *codes.rules(),
        *years.rules(locale),
        *money.rules(locale, names),
        *ranges.name_rules(),
        *fractions.rules(names),
        *units.rules(names),
        *roman.rules(),
        *signs.power_rules(),
        *ranges.rules(),
        *signs.rules(),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the English rules that run after the core rules for all languages, in order of application."""
    joint = "and" if locale.region not in ("", "US") else ""
    return [
        Rule(_ORDINAL, lambda match: ordinal(int(match[1].replace(",", "")), joint=joint), COUNTS),
        *abbreviations.rules(),
        *acronyms.rules(),
        *signs.late_rules(),
    ]
