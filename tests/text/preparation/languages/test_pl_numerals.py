"""Polish numerals are declined correctly."""

import pytest

from wyoming_piper_serial.text.preparation.languages.pl_numerals import (
    cardinal,
    feminine,
    genitive,
    ordinal,
    plural,
    prefix,
)


@pytest.mark.parametrize(
    ("number", "words", "genitive_words"),
    [
        (0, "zero", "zera"),
        (2, "dwa", "dwóch"),
        (21, "dwadzieścia jeden", "dwudziestu jeden"),
        (115, "sto piętnaście", "stu piętnastu"),
        (1000, "tysiąc", "tysiąca"),
        (2024, "dwa tysiące dwadzieścia cztery", "dwóch tysięcy dwudziestu czterech"),
    ],
)
def test_cardinals(number: int, words: str, genitive_words: str) -> None:
    """Cardinals are formed in the nominative and in the genitive."""
    assert cardinal(number) == words
    assert genitive(number) == genitive_words


def test_large_cardinals_remain_digits() -> None:
    """Numbers of one million and above remain digits, because espeak-ng reads them correctly."""
    assert cardinal(5_000_000) == "5000000"
    assert cardinal(25_000) == "dwadzieścia pięć tysięcy"


@pytest.mark.parametrize(
    ("number", "ending", "words"),
    [
        (1, "y", "pierwszy"),
        (2, "y", "drugi"),
        (2, "a", "druga"),
        (2, "ego", "drugiego"),
        (3, "y", "trzeci"),
        (3, "a", "trzecia"),
        (3, "ego", "trzeciego"),
        (3, "ym", "trzecim"),
        (14, "ego", "czternastego"),
        (21, "e", "dwudzieste pierwsze"),
        (100, "y", "setny"),
        (1900, "ym", "tysiąc dziewięćsetnym"),
        (1999, "ym", "tysiąc dziewięćset dziewięćdziesiątym dziewiątym"),
        (2000, "ego", "dwutysięcznego"),
        (2024, "ego", "dwa tysiące dwudziestego czwartego"),
    ],
)
def test_ordinals(number: int, ending: str, words: str) -> None:
    """The tens and the ones of an ordinal are declined."""
    assert ordinal(number, ending) == words


@pytest.mark.parametrize(
    ("number", "expected"), [(1, "a"), (2, "b"), (5, "c"), (12, "c"), (21, "c"), (22, "b"), (112, "c"), (0, "c")]
)
def test_plurals(number: int, expected: str) -> None:
    """Nouns have a separate plural form after 2, 3 and 4, but not after 12, 13 and 14."""
    assert plural(number, "a", "b", "c") == expected


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "jedna"), (2, "dwie"), (12, "dwanaście"), (22, "dwadzieścia dwie"), (21, "dwadzieścia jeden")],
)
def test_feminine(number: int, words: str) -> None:
    """The numerals 1 and 2 agree with a feminine noun."""
    assert feminine(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "jedno"), (2, "dwu"), (3, "trzy"), (5, "pięcio"), (12, "dwunasto"), (24, "dwudziestocztero"), (100, "stu")],
)
def test_prefixes(number: int, words: str) -> None:
    """The first part of a compound is formed from the genitive of the number."""
    assert prefix(number) == words


def test_large_number_has_no_prefix() -> None:
    """Compounds with larger numbers are rare."""
    assert prefix(200) is None
