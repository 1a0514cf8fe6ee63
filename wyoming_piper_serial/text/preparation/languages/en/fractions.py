"""English rules for fractions and other numbers with a slash."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import has_fraction
from wyoming_piper_serial.text.preparation.languages.en.context import is_attribute, text_after, text_before
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, ordinal, plural
from wyoming_piper_serial.text.preparation.languages.en.units import Units
from wyoming_piper_serial.text.preparation.number import FRACTION_SIGNS
from wyoming_piper_serial.text.preparation.passage import Match, Rule

_DENOMINATORS = frozenset((*range(2, 13), 15, 16, 20, 24, 30, 32, 50, 64, 100, 128, 1000))
_FIXED = {
    "24/7": "twenty four seven",
    "9/11": "nine eleven",
    "7/11": "seven eleven",
    "50/50": "fifty fifty",
    "20/20": "twenty twenty",
}
_OF = lazy(r"\s(?:of|in|on|inch|mile|second|cup|teaspoon)", regex.IGNORECASE)
_PRESSURE = lazy(r"\b(?:pressure|bp)\b.{0,24}\Z", regex.IGNORECASE)


def _words(numerator: int, denominator: int) -> str:
    if denominator == 2:
        return f"{cardinal(numerator)} {'half' if numerator == 1 else 'halves'}"
    name = "quarter" if denominator == 4 else ordinal(denominator)
    return f"{cardinal(numerator)} {name if numerator == 1 else plural(name)}"


def _whole_numbers(numerator: int, denominator: int, match: Match) -> str | None:
    """Reads two numbers with a slash that are not a fraction, such as a score. Returns `None` if they may be a
    fraction.
    """
    fixed = _FIXED.get(f"{numerator}/{denominator}")
    if fixed is not None:
        return fixed
    is_part = match["unit"] or _OF.match(match.string[match.end("denominator") :][:12])
    if numerator == denominator <= 100 or (denominator in (10, 100) and not is_part):
        return f"{cardinal(numerator)} out of {cardinal(denominator)}"
    is_pressure = 80 <= numerator <= 250 and 40 <= denominator <= 150
    if is_pressure and _PRESSURE.search(text_before(match, 40)):
        return f"{numerator} over {denominator}"
    return None


class _Fractions:
    def __init__(self, units: Units) -> None:
        self._units = units

    def fraction(self, match: Match) -> str | None:
        whole = match["whole"]
        if match["sign"]:
            numerator, denominator = FRACTION_SIGNS[match["sign"]]
        else:
            numerator, denominator = int(match["numerator"]), int(match["denominator"])
            words = None if whole else _whole_numbers(numerator, denominator, match)
            if words is not None:
                return words + match[0][match.end("denominator") - match.start() :]
            if denominator not in _DENOMINATORS or (numerator >= denominator and (whole or denominator > 4)):
                return None
        spoken = _words(numerator, denominator)
        if whole:
            number = whole if len(whole) > 2 else cardinal(int(whole))
            spoken = f"{number} and {'a half' if spoken == 'one half' else spoken}"
        return f"{spoken} {self._unit(match)}" if match["unit"] else spoken

    def _unit(self, match: Match) -> str:
        before, following = text_before(match, 30), text_after(match, 30)
        is_plural = match["whole"] and not match["hyphen"] and not is_attribute(before, following)
        return self._units.name(match["unit"], is_plural=bool(is_plural))


def rules(units: Units) -> list[Rule]:
    """Returns the rules for fractions. They are applied after the rules for dates and codes."""
    unit = rf"(?:(?:\s|(?<hyphen>-))?(?<unit>(?!in\b|t\.\s\p{{Ll}}){units.pattern}|in(?=\.|\Z)|[\"”″])(?:\.(?!\Z))?)?"
    return [
        Rule(
            lazy(
                r"(?<![\w.,:/$€£%-])(?:(?:(?<whole>\d{1,4})(?:\s|(?<=\d)-|\sand\s))?(?<numerator>\d{1,3})[/⁄]"
                r"(?<denominator>\d{1,4})(?<sign>)(?![\w/%°:]|-\d|[.,]\d)"
                rf"|(?:(?<whole>\d{{1,4}})\s?-?)?(?<sign>[{''.join(FRACTION_SIGNS)}]))(?!\p{{L}}){unit}"
            ),
            _Fractions(units).fraction,
            ("/⁄" + "".join(FRACTION_SIGNS), has_fraction),
        )
    ]
