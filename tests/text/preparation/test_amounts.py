"""Prices, units, ranges and fractions are read in the words of a language."""

import pytest

from wyoming_piper_serial.text.preparation.amounts import (
    Money,
    counted_scales,
    counted_units,
    fractions,
    money,
    unit_ranges,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Match, Passage, Rule, Rules

_ENGLISH = Locale.of("en_US")


def _applied(text: str, rules: list[Rule]) -> str:
    passage = Passage(text)
    Rules(*rules).apply(passage)
    return passage.text


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("$5.99", "+5/99$"),
        ("5,99 $", "+5/99$"),
        ("-$5.99", "-5/99$"),
        ("−1,234.50 $", "-1234/50$"),
        ("$-5.99", "-5/99$"),
        ("$ −5.99", "-5/99$"),
        ("5 $-5,99 $", "5 $-+5/99$"),
        ("5,- $", "+5/0$"),
        ("$0.30/kWh", "+0/30$ per kilowatt hour"),
        ("$0.30/xyz", "+0/30$/xyz"),
        ("$5", "$5"),
        ("$5.999", "$5.999"),
        ("5.99 ct.", "+5/99ct.."),
    ],
)
def test_money(written: str, spoken: str) -> None:
    """Amounts with two decimal places are read, with the currency sign before or after the number."""

    def say(amount: Money) -> str:
        sign = "-" if amount.negative else "+"
        return f"{sign}{amount.units}/{amount.hundredths}{amount.currency}"

    assert _applied(written, money(_ENGLISH, ["$", "ct."], say)) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1/2 cup", "0 1 2 cup cup"),
        ("1 1/2 l", "1 1 2 l liters"),
        ("¾", "0 3 4 None"),
        ("1½kg", "1 1 2 kg kilograms"),
        ("3/2", "3/2"),
        ("24/7", "24/7"),
        ("1/2/2024", "1/2/2024"),
        ("1/200", "1/200"),
    ],
)
def test_fractions(written: str, spoken: str) -> None:
    """Proper fractions are read together with the following unit. Dates are not treated as fractions."""

    def say(whole: int, numerator: int, denominator: int, match: Match) -> str | None:
        return f"{whole} {numerator} {denominator} {match['noun']}"

    assert _applied(written, fractions(_ENGLISH, say)) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2 km", "two kilometers"),
        ("2km/h", "two kilometers per hour"),
        ("-2 km", "minus two kilometers"),
        ("3 m³/h", "three cubic meters per hour"),
        ("5 km", "5 km"),
        ("2 kmx", "2 kmx"),
        ("2 B or not", "2 B or not"),
    ],
)
def test_counted_units(written: str, spoken: str) -> None:
    """A number with a unit is rewritten only if the callback returns a word for the number."""
    words = {"2": "two", "3": "three"}
    assert _applied(written, counted_units(_ENGLISH, lambda number, _unit, _: words.get(number))) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("5-10 km", "five up to ten kilometers"),
        ("5–10km.", "five up to ten kilometers."),
        ("10-5 km", "10-5 km"),
        ("5-11 km", "5-11 km"),
        ("5-10 km/h", "5-10 km/h"),
        ("5-10 days", "5-10 days"),
    ],
)
def test_unit_ranges(written: str, spoken: str) -> None:
    """A range with a unit is rewritten only if the callback returns words for both numbers."""

    def say(low: int, high: int, unit: str, _: Match) -> tuple[str, str] | None:
        return ("five up to ", "ten") if (low, high, unit) == (5, 10, "km") else None

    assert _applied(written, unit_ranges(_ENGLISH, say)) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1 million $", "[1 million] million dollars"),
        ("$1M", "[1 M] million dollars"),
        ("-1 bn €", "minus [1 bn] billion euros"),
        ("1 M€/year", "[1 M] million euros per year"),
        ("1 M€/m²m²", "1 M€/m²m²"),
        ("1 $", "1 $"),
        ("11 M€", "11 M€"),
        ("2 M€", "2 M€"),
    ],
)
def test_counted_scales(written: str, spoken: str) -> None:
    """The numeral before a word such as "million" is written by the language if a currency precedes or follows."""
    rules = counted_scales(_ENGLISH, lambda number, scale, _: f"[{number} {scale}]", number="1", digits="1")
    assert _applied(written, rules) == spoken
