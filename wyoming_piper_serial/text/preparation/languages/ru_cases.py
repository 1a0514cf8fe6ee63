"""Russian rules for the case of a number after a preposition."""

from collections.abc import Sequence

from wyoming_piper_serial.text.preparation.builders import SPACE
from wyoming_piper_serial.text.preparation.genitives import genitives
from wyoming_piper_serial.text.preparation.languages.ru_numerals import (
    dative,
    dative_of_one,
    genitive,
    instrumental,
    prepositional,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.obliques import Case, obliques, unit_obliques
from wyoming_piper_serial.text.preparation.passage import Rule

GENITIVE_PREPOSITIONS = (
    "до|от|ото|из|без|для|около|более|менее|свыше|вместо|после|кроме|против|среди|вокруг|порядка|из-за|из-под|течение|"
    "ниже|выше|больше|меньше"
)
"""The prepositions that require the genitive, separated by `|`."""

_PARTS_OF_DAY = "утра|дня|вечера|ночи"
_CASES = (
    Case("к|ко|по|благодаря|согласно", r"\p{Ll}{2,20}(?:ам|ям)", dative),
    Case("к|ко|благодаря|согласно", "часу|градусу|проценту|рублю|метру|километру|человеку", dative_of_one),
    Case("с|со|между|над|под|перед|за", r"\p{Ll}{2,20}(?:ами|ями)", instrumental),
    Case("в|во|на|о|об|при", r"\p{Ll}{2,20}(?:ах|ях)", prepositional),
    Case("к|ко", _PARTS_OF_DAY, lambda number: dative(number) or dative_of_one(number)),
    Case("с|со", f"час(?:а|ов)|{_PARTS_OF_DAY}", genitive),
)


def case_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for numbers after prepositions, in order of application."""
    return [
        *obliques(_CASES, "и"),
        unit_obliques(locale, "при", prepositional, _prepositional_plural),
        genitives(locale, "с|со", genitive_of, after=rf"до{SPACE}[0-9]"),
        genitives(locale, GENITIVE_PREPOSITIONS, genitive_of),
    ]


def genitive_of(number: int, noun: str) -> str:
    """Returns the genitive of a number before a noun in the genitive, such as `одной` before `минуты`."""
    words = genitive(number)
    return words.removesuffix("ого") + "ой" if words.endswith("одного") and noun.endswith(("ы", "и")) else words


def _prepositional_plural(genitive_plural: str) -> str | None:
    """Returns the prepositional plural of a unit, such as `градусах` for `градусов`. Returns `None` for an adjective,
    because the noun after it would need the same case.
    """
    if genitive_plural.endswith(("ых", "их", "лет")):
        return None
    for ending, other in (("ов", "ах"), ("ев", "ах"), ("ей", "ях"), ("ь", "ях"), ("ий", "иях")):
        if genitive_plural.endswith(ending):
            return genitive_plural.removesuffix(ending) + other
    return f"{genitive_plural}ах"
