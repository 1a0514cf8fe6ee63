"""Rules for English."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import same_unit_ranges
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

_SUFFIX = r"(?:st|nd|rd|th|ST|ND|RD|TH)(?!\w)"
_ORDINAL = lazy(rf"(?<![\w.])(\d{{1,12}}){_SUFFIX}")
# The core rules would read the number without its suffix.
_GROUPED_ORDINAL = lazy(rf"(?<![\w.,$€£])(\d{{1,3}}(?:,\d{{3}}){{1,3}}){_SUFFIX}")


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
        _ordinals(_GROUPED_ORDINAL, locale),
        *money.rules(locale, names),
        same_unit_ranges(" to "),
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
    return [
        _ordinals(_ORDINAL, locale),
        *abbreviations.rules(),
        *acronyms.rules(),
        *signs.late_rules(),
    ]


def _ordinals(pattern: regex.Pattern[str], locale: Locale) -> Rule:
    joint = "and" if locale.region not in ("", "US") else ""
    return Rule(pattern, lambda match: ordinal(int(match[1].replace(",", "")), joint=joint), COUNTS)
