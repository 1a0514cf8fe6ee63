"""Builds the rules for whole numbers in the dative, instrumental and prepositional of Slavic languages.

The ending of a plural noun shows these cases, and the preposition confirms it: Russian `к 5 часам`, `с 5 лампами`, `в 5
комнатах`.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START
from wyoming_piper_serial.text.preparation.conditions import number_follows
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule

_LETTER = r"\p{L}\p{M}"


class Case(NamedTuple):
    """A case of a language."""

    prepositions: str
    """The prepositions that may require the case, separated by `|`."""

    endings: str
    """A pattern for the endings of plural nouns in this case."""

    say: Callable[[int], str | None]
    """Returns the number in this case, or `None` to leave it to espeak-ng."""


def obliques(cases: Iterable[Case], conjunction: str) -> list[Rule]:
    """Returns a rule for each case. `conjunction` may join two numbers, as in `между 5 и 10 часами`."""
    return [_rule(case, conjunction) for case in cases]


def _rule(case: Case, conjunction: str) -> Rule:
    number = "[1-9][0-9]{0,2}"
    link = rf"{SPACE}{conjunction}{SPACE}"
    before = rf"(?<=(?<![{_LETTER}])(?i:{case.prepositions}){SPACE}(?:{number}{link})?)"
    noun = rf"{SPACE}\p{{Ll}}{{2,20}}(?:{case.endings})(?![{_LETTER}])"

    def replace(match: Match) -> str | None:
        return case.say(int(match["number"]))

    pattern = rf"{before}{START}(?P<number>{number})(?![0-9])(?=(?:{link}{number})?{noun})"
    return Rule(lazy(pattern), replace, (*COUNTS, number_follows(case.prepositions.split("|"))))
