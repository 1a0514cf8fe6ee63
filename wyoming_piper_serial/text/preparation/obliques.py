"""Builds the rules for whole numbers from 1 to 999 whose case is shown by a preposition, in Slavic languages.

The noun after the number usually confirms the case: Russian `к 5 часам` (dative), `с 5 лампами` (instrumental), `в 5
комнатах` (prepositional).
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START, any_of
from wyoming_piper_serial.text.preparation.conditions import number_follows
from wyoming_piper_serial.text.preparation.genitives import genitives_of_units
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule

_LETTER = r"\p{L}\p{M}"


class Case(NamedTuple):
    """A case of a language."""

    prepositions: str
    """The prepositions that may require the case, separated by `|`."""

    nouns: str
    """A pattern for nouns in this case, such as `\\p{Ll}+ами`."""

    say: Callable[[int], str | None]
    """Returns the number in this case, or `None` to leave it to espeak-ng."""


def obliques(cases: Iterable[Case], conjunction: str) -> list[Rule]:
    """Returns a rule for each case. `conjunction` may join two numbers, as in `между 5 и 10 часами`."""
    return [_rule(case, conjunction) for case in cases]


def unit_obliques(
    locale: Locale, prepositions: str, say: Callable[[int], str | None], plural: Callable[[str], str | None]
) -> Rule:
    """Returns the rule for a number and the name of a unit after one of `prepositions`, as in Polish `przy 5 °C`.

    The core rules have written the name. `say` returns the number in the case of the prepositions, or `None` to leave
    it. `plural` receives the genitive plural of the unit, and returns the plural in this case, or `None`.
    """
    forms = genitives_of_units(locale)
    percent = locale.data["units"]["%"]
    if isinstance(percent, str):  # one form for all numbers
        forms |= dict.fromkeys(percent.replace("{0}", "").split(), ("", percent.replace("{0}", "").strip()))

    def replace(match: Match) -> str | None:
        number, unit = say(int(match["number"])), plural(forms[match["unit"]][1])
        return f"{number} {unit}" if number and unit else None

    pattern = (
        rf"(?<=(?<![{_LETTER}])(?i:{prepositions}){SPACE}){START}(?P<number>[1-9][0-9]{{0,2}}){SPACE}"
        rf"(?P<unit>{any_of(forms)})(?![{_LETTER}])"
    )
    return Rule(lazy(pattern), replace, (*COUNTS, number_follows(prepositions.split("|"))))


def _rule(case: Case, conjunction: str) -> Rule:
    number = "[1-9][0-9]{0,2}"
    link = rf"{SPACE}{conjunction}{SPACE}"
    before = rf"(?<=(?<![{_LETTER}])(?i:{case.prepositions}){SPACE}(?:{number}{link})?)"
    noun = rf"{SPACE}(?:{case.nouns})(?![{_LETTER}])"

    def replace(match: Match) -> str | None:
        return case.say(int(match["number"]))

    pattern = rf"{before}{START}(?P<number>{number})(?![0-9])(?=(?:{link}{number})?{noun})"
    return Rule(lazy(pattern), replace, (*COUNTS, number_follows(case.prepositions.split("|"))))
