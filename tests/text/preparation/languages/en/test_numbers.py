"""Numbers are converted to English words."""

import pytest

from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, decade, digits, ordinal, pair, year


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (40, "forty"),
        (21, "twenty one"),
        (100, "one hundred"),
        (101, "one hundred one"),
        (1013, "one thousand thirteen"),
        (1_234_567, "one million two hundred thirty four thousand five hundred sixty seven"),
        (10**12, "one trillion"),
    ],
)
def test_cardinal_is_written_in_words(number: int, words: str) -> None:
    """By default, numbers are written in American English, without "and"."""
    assert cardinal(number) == words


def test_joint_stands_before_tens_and_ones() -> None:
    """In British English, "and" follows the hundreds or thousands before a number below one hundred."""
    assert cardinal(101, joint="and") == "one hundred and one"
    assert cardinal(1013, joint="and") == "one thousand and thirteen"
    assert cardinal(1213, joint="and") == "one thousand two hundred and thirteen"
    assert cardinal(200_000, joint="and") == "two hundred thousand"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (2, "second"),
        (3, "third"),
        (5, "fifth"),
        (8, "eighth"),
        (9, "ninth"),
        (12, "twelfth"),
        (20, "twentieth"),
        (21, "twenty first"),
        (100, "one hundredth"),
        (1000, "one thousandth"),
    ],
)
def test_ordinal_is_written_in_words(number: int, words: str) -> None:
    """Only the last word of an ordinal changes its form."""
    assert ordinal(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (44, "forty four"),
        (753, "seven hundred fifty three"),
        (1000, "one thousand"),
        (1066, "ten sixty six"),
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1999, "nineteen ninety nine"),
        (2000, "two thousand"),
        (2005, "two thousand five"),
        (2010, "twenty ten"),
        (2100, "twenty one hundred"),
    ],
)
def test_year_is_written_in_pairs(number: int, words: str) -> None:
    """A year is read as two two-digit numbers, except in the first decade of a millennium."""
    assert year(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "two thousands"),
        (20, "twenties"),
        (1800, "eighteen hundreds"),
        (1990, "nineteen nineties"),
        (2010, "twenty tens"),
    ],
)
def test_decade_is_written_as_a_plural(number: int, words: str) -> None:
    """In the name of a decade, only the last word is in the plural."""
    assert decade(number) == words


def test_digits_are_written_one_by_one() -> None:
    """When a text is spelled digit by digit, all other characters are ignored."""
    assert digits("00-42") == "zero zero four two"


def test_pair_tells_its_zeros() -> None:
    """In a pair of digits, a zero before another digit is read as "oh", and two zeros are read as "hundred"."""
    assert [pair(number) for number in (0, 5, 24)] == ["hundred", "oh five", "twenty four"]
