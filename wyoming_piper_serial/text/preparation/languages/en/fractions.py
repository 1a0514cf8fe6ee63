"""Fractions and other numbers with a slash."""

import regex

from wyoming_piper_serial.text.preparation.languages.en.context import is_attribute
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, ordinal, plural
from wyoming_piper_serial.text.preparation.languages.en.units import ANY_UNIT, unit_name
from wyoming_piper_serial.text.preparation.passage import Match, Rule

_SIGNS = {
    sign: (int(numerator), int(denominator))
    for sign, numerator, _, denominator in (
        *("½1/2", "⅓1/3", "⅔2/3", "¼1/4", "¾3/4", "⅕1/5", "⅖2/5", "⅗3/5", "⅘4/5"),
        *("⅙1/6", "⅚5/6", "⅐1/7", "⅛1/8", "⅜3/8", "⅝5/8", "⅞7/8", "⅑1/9"),
    )
}
_DENOMINATORS = frozenset((*range(2, 13), 15, 16, 20, 24, 30, 32, 50, 64, 100, 128, 1000))
_FIXED = {
    "24/7": "twenty four seven",
    "9/11": "nine eleven",
    "7/11": "seven eleven",
    "50/50": "fifty fifty",
    "20/20": "twenty twenty",
}
_OF = regex.compile(r"\s(?:of|in|on|inch|mile|second|cup|teaspoon)", regex.IGNORECASE)
_PRESSURE = regex.compile(r"\b(?:pressure|bp)\b.{0,24}\Z", regex.IGNORECASE)


def _words(numerator: int, denominator: int) -> str:
    if denominator == 2:
        return f"{cardinal(numerator)} {'half' if numerator == 1 else 'halves'}"
    name = "quarter" if denominator == 4 else ordinal(denominator)
    return f"{cardinal(numerator)} {name if numerator == 1 else plural(name)}"


def _fraction(match: Match) -> str | None:
    whole, sign = match["whole"], match["sign"]
    if sign:
        numerator, denominator = _SIGNS[sign]
    else:
        numerator, denominator = int(match["numerator"]), int(match["denominator"])
        written = f"{numerator}/{denominator}"
        following = match.string[match.end("denominator") :][:12]
        if not whole:
            if written in _FIXED:
                return _FIXED[written] + match[0][match.end("denominator") - match.start() :]
            if numerator == denominator or (
                denominator in (10, 100) and not match["unit"] and not _OF.match(following)
            ):
                return f"{cardinal(numerator)} out of {cardinal(denominator)}" if denominator <= 100 else None
            if 80 <= numerator <= 250 and 40 <= denominator <= 150:
                is_pressure = _PRESSURE.search(match.string[max(0, match.start() - 40) : match.start()])
                return f"{numerator} over {denominator}" if is_pressure else None
        if denominator not in _DENOMINATORS or numerator > denominator > 4 or (whole and numerator >= denominator):
            return None
    spoken = _words(numerator, denominator)
    if whole:
        number = whole if len(whole) > 2 else cardinal(int(whole))
        spoken = f"{number} and {'a half' if spoken == 'one half' else spoken}"
    if not match["unit"]:
        return spoken
    before, following = match.string[: match.start()][-12:], match.string[match.end() :][:30]
    is_plural = bool(whole) and not match["hyphen"] and not is_attribute(before, following)
    written = "in" if match["unit"] in '"”″' else match["unit"]
    return f"{spoken} {unit_name(written, is_plural=is_plural)}"


def rules() -> list[Rule]:
    """Returns the rules of fractions. They come after the rules of dates and codes."""
    signs = "".join(_SIGNS)
    unit = rf"(?:(?:\s|(?<hyphen>-))?(?<unit>(?!in\b){ANY_UNIT}|in(?=\.|\Z)|[\"”″])(?:\.(?!\Z))?)?"
    return [
        Rule(
            regex.compile(
                rf"(?<![\w.,:/$€£%-])(?:(?:(?<whole>\d{{1,4}})(?:\s|(?<=\d)-|\sand\s))?(?<numerator>\d{{1,3}})[/⁄]"
                rf"(?<denominator>\d{{1,4}})(?<sign>)(?![\w/%°:]|-\d|[.,]\d)|(?:(?<whole>\d{{1,4}})\s?-?)?(?<sign>[{signs}]))(?!\p{{L}}){unit}"
            ),
            _fraction,
        )
    ]
