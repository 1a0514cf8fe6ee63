"""German numerals are spelled and declined correctly."""

import pytest

from wyoming_piper_serial.text.preparation.languages.de_numerals import cardinal, ending, ordinal, year


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "null"),
        (7, "sieben"),
        (12, "zwölf"),
        (16, "sechzehn"),
        (17, "siebzehn"),
        (21, "einundzwanzig"),
        (30, "dreißig"),
        (100, "einhundert"),
        (101, "einhundertein"),
        (1999, "eintausendneunhundertneunundneunzig"),
        (20_000, "zwanzigtausend"),
    ],
)
def test_cardinals(number: int, words: str) -> None:
    """In a German cardinal, the ones precede the tens, and all parts form a single word."""
    assert cardinal(number) == words


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "erste"),
        (3, "dritte"),
        (7, "siebte"),
        (8, "achte"),
        (19, "neunzehnte"),
        (20, "zwanzigste"),
        (21, "einundzwanzigste"),
        (100, "hundertste"),
        (101, "hunderterste"),
        (1000, "tausendste"),
        (203, "zweihundertdritte"),
    ],
)
def test_ordinals(number: int, word: str) -> None:
    """The stems of ordinals end in `t` up to 19 and in `st` from 20, with four exceptions."""
    assert ordinal(number, "e") == word


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1100, "elfhundert"),
        (1901, "neunzehnhunderteins"),
        (1914, "neunzehnhundert 14"),
        (1999, "neunzehnhundertneunundneunzig"),
        (1066, "1066"),
        (2024, "2024"),
    ],
)
def test_years(number: int, words: str) -> None:
    """Years from 1100 to 1999 are read in hundreds."""
    assert year(number) == words


@pytest.mark.parametrize(
    ("before", "noun", "expected"),
    [
        (["der"], "Etage", "e"),
        (["der", "in"], "Etage", "en"),
        (["am"], "Oktober", "en"),
        (["das"], "Mal", "e"),
        (["mein"], "Geburtstag", "er"),
        (["mein"], "Kind", "es"),
        (["meine"], "Frage", "e"),
        (["meinen"], "Geburtstag", "en"),
        ([], "Etage", "e"),
        ([], "Kapitel", "es"),
        ([], "Platz", "er"),
        (["in"], "Auflage", "er"),
        (["auf"], "Platz", "em"),
    ],
)
def test_endings(before: list[str], noun: str, expected: str) -> None:
    """An ordinal's ending depends on the article and the preposition or, without them, on the gender of the noun."""
    assert ending(before, noun) == expected
