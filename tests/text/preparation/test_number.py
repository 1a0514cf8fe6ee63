"""Digits with separators are parsed as a number if they are unambiguous."""

import pytest

from wyoming_piper_serial.text.preparation.number import FRACTION_SIGNS, Number, Separators, proper_fraction

_POINT = Separators(".", ",")
_COMMA = Separators(",", ".")
_SPACED = Separators(",", " ")


@pytest.mark.parametrize(
    ("separators", "run", "expected"),
    [
        (_POINT, "21", Number("21")),
        (_POINT, "21.5", Number("21", "5")),
        (_POINT, "1,234", Number("1234")),
        (_POINT, "1,234,567.89", Number("1234567", "89")),
        (_POINT, "12,34,567", Number("1234567")),
        (_POINT, "1.234", Number("1", "234")),
        (_POINT, "1,2,3", None),
        (_POINT, "2,5", None),
        (_POINT, "3.10.2024", None),
        (_POINT, "1.234.567", Number("1234567")),
        (_POINT, "1’234’567.5", Number("1234567", "5")),
        (_POINT, "12 345", None),
        (_POINT, "12 000", Number("12000")),
        (_POINT, "12\u00a0345", Number("12345")),
        (_POINT, "1 234 567", Number("1234567")),
        (_COMMA, "21,5", Number("21", "5")),
        (_COMMA, "21.5", Number("21", "5")),
        (_COMMA, "1.234", Number("1234")),
        (_COMMA, "0.234", Number("0", "234")),
        (_COMMA, "1234.567", Number("1234", "567")),
        (_COMMA, "1.234,56", Number("1234", "56")),
        (_COMMA, "1,234.56", Number("1234", "56")),
        (_COMMA, "1.23.4", None),
        (_COMMA, "12.34.567", None),
        (_COMMA, "1,234", Number("1", "234")),
        (_SPACED, "1 234", Number("1234")),
        (_SPACED, "1\u202f234,5", Number("1234", "5")),
        (_SPACED, "1.234", Number("1", "234")),
        (_SPACED, "2024 300", None),
        (_SPACED, "0 123", None),
        (_POINT, "9" * 31, None),
    ],
)
def test_number_is_found_by_its_form(separators: Separators, run: str, expected: Number | None) -> None:
    """The language and the positions of dots, commas, spaces and apostrophes determine whether these characters are
    thousands separators or decimal signs.
    """
    assert separators.parse(run) == expected


@pytest.mark.parametrize(
    ("separators", "text", "joined"),
    [
        (_POINT, "about 10 000 km", "about 10000 km"),
        (_POINT, "1 000 000 €, 5 050", "1000000 €, 5050"),
        (_POINT, "12 345 people", "12 345 people"),
        (_POINT, "1\u202f234 and 1’234’567", "1234 and 1234567"),
        (_SPACED, "1 234 and 12 345,6", "1234 and 12345,6"),
        (_SPACED, "601 023 456", "601 023 456"),
        (_SPACED, "601 000 000, 601 023 000", "601000000, 601 023 000"),
        (_SPACED, "030 123 456 and 2024 300 and 5 12 345", "030 123 456 and 2024 300 and 5 12 345"),
        (_SPACED, "1 2345", "1 2345"),
        (_SPACED, "+7 495 123-45-67 and 7 495 123-45", "+7 495 123-45-67 and 7 495 123-45"),
    ],
)
def test_thousands_are_joined(separators: Separators, text: str, joined: str) -> None:
    """Spaces and apostrophes between groups of three digits are recognized as separators if they are unambiguous."""
    for at in reversed(separators.between_thousands(text)):
        text = text[:at] + text[at + 1 :]
    assert text == joined


def test_unit_settles_a_comma_or_a_space() -> None:
    """Before a unit, `2,5` is not a list, and `12 345` is a single number. In a price, the dot in `1.234` is a
    thousands separator.
    """
    assert _POINT.parse("2,5", has_unit=True) == Number("2", "5")
    assert _POINT.parse("12 345", has_unit=True) == Number("12345")
    assert _SPACED.parse("1.234", is_price=True) == Number("1234")
    assert _POINT.parse("1.234", is_price=True) == Number("1", "234")


def test_number_is_made_of_other_types() -> None:
    """A number can be created from an integer or a string."""
    assert [Number.of(3), Number.of("2.50"), Number.of(Number("1"))] == [Number("3"), Number("2", "50"), Number("1")]


def test_fraction_signs() -> None:
    """Each fraction character has a numerator and a denominator."""
    assert FRACTION_SIGNS["½"] == (1, 2)
    assert FRACTION_SIGNS["⅞"] == (7, 8)
    assert FRACTION_SIGNS["⅒"] == (1, 10)


@pytest.mark.parametrize(
    ("fields", "values"),
    [
        ({"sign": "¾"}, (3, 4)),
        ({"sign": None, "numerator": "1", "denominator": "2"}, (1, 2)),
        ({"numerator": "99", "denominator": "100"}, (99, 100)),
        ({"numerator": "1", "denominator": "101"}, None),
        ({"numerator": "0", "denominator": "2"}, None),
        ({"numerator": "2", "denominator": "2"}, None),
    ],
)
def test_proper_fraction(fields: dict[str, str | None], values: tuple[int, int] | None) -> None:
    """A fraction is between 0 and 1, and its denominator is at most 100."""
    assert proper_fraction(fields) == values
