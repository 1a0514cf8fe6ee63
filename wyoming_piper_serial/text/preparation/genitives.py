"""Builds the rule for whole numbers after prepositions that require the genitive in Slavic languages."""

from collections.abc import Callable

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START, any_of
from wyoming_piper_serial.text.preparation.conditions import number_follows
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import Number
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule

_LETTER = r"\p{L}\p{M}"


def genitives(locale: Locale, prepositions: str, say: Callable[[int, str], str], *, after: str = "") -> Rule:
    """Returns the rule that reads a number such as `5` in "do 5 km" as a word in the genitive.

    A number from 1001 to 2199 without a noun is a year and is not changed. `prepositions` contains words separated by
    `|`. `say` receives the number and the word after it, which may be empty. If the core rules have written the name of
    a unit after the number, the name is also changed to the genitive. `after` is a pattern for what must follow a few
    words later, such as the "to" of "from 3 to 5".
    """
    forms = genitives_of_units(locale)
    ahead = rf"(?=(?:{SPACE}[{_LETTER}]+){{0,3}}?{SPACE}{after})" if after else ""
    noun = rf"(?:(?P<space>{SPACE})(?:(?P<unit>{any_of(forms)})|(?P<noun>\p{{Ll}}+))(?![{_LETTER}]))?"
    pattern = (
        rf"(?<=(?<![{_LETTER}])(?i:{prepositions}){SPACE}(?:{locale.minus}{SPACE})?){START}(?P<number>[1-9][0-9]{{0,3}})"
        rf"(?![{_LETTER}\p{{N}}_/:–-]|[.,:][0-9]|{SPACE}?[%°\p{{Sc}}]|{SPACE}[0-9]){noun}(?!\.[{_LETTER}]){ahead}"
    )

    def replace(match: Match) -> str | None:
        number = int(match["number"])
        if match["unit"]:
            one, many = forms[match["unit"]]
            unit = one if locale.plurals.category(Number(match["number"])) == "one" else many
            return f"{say(number, unit)} {unit}"
        if not match["noun"] and 1000 < number < 2200:  # a year
            return None
        return f"{say(number, match['noun'] or '')}{match['space'] or ''}{match['noun'] or ''}"

    return Rule(lazy(pattern), replace, (*COUNTS, number_follows((*prepositions.split("|"), locale.minus))))


def genitives_of_units(locale: Locale) -> dict[str, tuple[str, str]]:
    """Returns a mapping from the first word of each unit name to the word's genitive singular and plural. The keys are
    the forms that CLDR lists for whole numbers, such as `километр`, `километра` and `километров`.
    """
    categories = locale.plurals.categories
    found: dict[str, tuple[str, str]] = {}
    for names in locale.data["units"].values():
        if isinstance(names, str) or len(names) != len(categories):
            continue
        one, few, many, other = (
            names[categories.index(category)].replace("{0}", "").split()[:1]
            for category in ("one", "few", "many", "other")
        )
        if one and few and many and other and one[0].isalpha():
            for form in (one[0], few[0], many[0]):
                found.setdefault(form, (other[0], many[0]))
    return found
