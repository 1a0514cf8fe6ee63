"""Russian numerals are declined correctly."""

import pytest

from wyoming_piper_serial.text.preparation.languages.ru_numerals import (
    cardinal,
    gendered,
    genitive,
    ordinal,
    plural,
    prefix,
)


@pytest.mark.parametrize(
    ("number", "words", "genitive_words"),
    [
        (0, "ноль", "нуля"),
        (2, "два", "двух"),
        (21, "двадцать один", "двадцати одного"),
        (115, "сто пятнадцать", "ста пятнадцати"),
        (1000, "тысяча", "тысячи"),
        (2024, "две тысячи двадцать четыре", "двух тысяч двадцати четырёх"),
    ],
)
def test_cardinals(number: int, words: str, genitive_words: str) -> None:
    """Cardinals are formed in the nominative and in the genitive."""
    assert cardinal(number) == words
    assert genitive(number) == genitive_words


def test_large_cardinals() -> None:
    """The numeral before the word for "thousand" is feminine. Numbers of one million and above remain digits."""
    assert cardinal(21_000) == "двадцать одна тысяча"
    assert cardinal(1_000_000) == "1000000"


@pytest.mark.parametrize(
    ("number", "ending", "words"),
    [
        (1, "ый", "первый"),
        (2, "ого", "второго"),
        (3, "ый", "третий"),
        (3, "ая", "третья"),
        (3, "ое", "третье"),
        (3, "ого", "третьего"),
        (3, "ом", "третьем"),
        (14, "ого", "четырнадцатого"),
        (21, "ое", "двадцать первое"),
        (40, "ый", "сороковой"),
        (100, "ый", "сотый"),
        (1900, "ом", "тысяча девятисотом"),
        (1999, "ом", "тысяча девятьсот девяносто девятом"),
        (2000, "ого", "двухтысячного"),
        (2024, "ого", "две тысячи двадцать четвёртого"),
    ],
)
def test_ordinals(number: int, ending: str, words: str) -> None:
    """Only the last word of an ordinal is declined."""
    assert ordinal(number, ending) == words


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "a"), (2, "b"), (5, "c"), (11, "c"), (12, "c"), (21, "a"), (22, "b"), (111, "c")]
)
def test_plurals(number: int, expected: str) -> None:
    """The last digit determines the form of the noun, except for 11 to 14."""
    assert plural(number, "a", "b", "c") == expected


@pytest.mark.parametrize(("number", "words"), [(1, "одну"), (2, "две"), (11, "одиннадцать"), (21, "двадцать одну")])
def test_gender(number: int, words: str) -> None:
    """The numerals 1 and 2 agree with the noun."""
    assert gendered(number, "одну", "две") == words


@pytest.mark.parametrize(("number", "word"), [(1, "одно"), (2, "двух"), (5, "пяти"), (40, "сорока"), (100, "сто")])
def test_prefixes(number: int, word: str) -> None:
    """As the first part of a compound word, a number is in the genitive, with some exceptions."""
    assert prefix(number) == word
