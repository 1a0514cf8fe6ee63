"""Unit symbols are recognized in all common spellings, but not where the same letters form a word."""

import pytest

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import Number


@pytest.mark.parametrize(
    ("code", "symbol", "unit"),
    [
        ("en", "km/h", ("km/h", "")),
        ("en", "KM/H", ("km/h", "")),
        ("en", "kwh", ("kWh", "")),
        ("en", "m2", ("m²", "")),
        ("en", "m^3", ("m³", "")),
        ("en", "\u03bcg", ("µg", "")),
        ("en", "ug", ("µg", "")),
        ("en", "Mbps", ("Mbit", "s")),
        ("en", "MB", ("MB", "")),
        ("en", "Mb", ("Mbit", "")),
        ("en", "mb", None),
        ("en", "us", ("µs", "")),
        ("en", "US", None),
        ("de", "UG", None),
        ("sv", "UM", None),
        ("en", "Ma", None),
        ("en", "hello", None),
        ("nl", "km/u", ("km/h", "")),
        ("no", "km/t", ("km/h", "")),
        ("ru", "кВт·ч", ("kWh", "")),
        ("he", 'ק"מ', ("km", "")),
        ("de", "Std.", ("h", "")),
    ],
)
def test_symbol_has_a_unit(code: str, symbol: str, unit: tuple[str, str] | None) -> None:
    """Case matters only if it changes the meaning. Language-specific symbols come from CLDR."""
    assert Locale.of(code).symbols.unit(symbol) == unit


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        ("en", "5 m|", True),
        ("en", "16 A|.", True),
        ("en", "12 A| bed", False),
        ("en", "5A|", False),
        ("en", "1.5A|", True),
        ("en", "6 in| wide", True),
        ("en", "5 in| the box", False),
        ("en", "27in| screen", True),
        ("en", "90s|", False),
        ("en", "95s|", True),
        ("en", "65 W| Main St", False),
        ("en", "65 W| bulb", True),
        ("en", "2700K|", True),
        ("en", "4K|", False),
        ("it", "5 ha| detto", False),
        ("cs", "5 s| cukrem", False),
        ("ru", "5 с| половиной", False),
        ("de", "3,5 um| 2 Uhr", False),
        ("pt", "3 um| homem", False),
        ("de", "5um|", True),
        ("ru", "500 г| муки", True),
        ("ru", "2024 г|.", False),
    ],
)
def test_ambiguous_symbol_is_a_unit_where_the_form_settles_it(code: str, text: str, expected: bool) -> None:
    """An ambiguous symbol is a unit only after a number with a fraction or at the end of a clause."""
    written, _, after = text.partition("|")
    digits = written.rstrip("AmiKnsWhaгсu ")
    symbol = written[len(digits) :].strip()
    is_attached = written == f"{digits}{symbol}"
    number = Number.of(digits)
    assert Locale.of(code).symbols.is_settled(symbol, number, is_attached=is_attached, after=after) is expected
