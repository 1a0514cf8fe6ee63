"""German numerals are spelled and declined correctly."""

import pytest

from wyoming_piper_serial.text.preparation.languages.de_numerals import cardinal, ending, ordinal, year
from wyoming_piper_serial.text.preparation.preparer import Preparer


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


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("in 1 Stunde", "in einer Stunde"),
        ("Vor 1 h", "Vor einer Stunde"),
        ("in 2 Stunden, 1 Minute und 1 Sekunde", "in 2 Stunden, einer Minute und einer Sekunde"),
        ("um 1 Stunde", "um eine Stunde"),
        ("in 1 Tag", "in einem Tag"),
        ("für 1 Tag", "für einen Tag"),
        ("1 Timer", "ein Timer"),
        ("bei 1 °C", "bei einem Grad Celsius"),
        ("bei -1 Grad", "bei minus einem Grad"),
        ("auf 1 Grad", "auf ein Grad"),
        ("mit 1 €", "mit einem Euro"),
        ("für 1 €", "für einen Euro"),
        ("für 1 £", "für ein Pfund"),
        ("um 1 m", "um einen Meter"),
        ("das Licht in 1 Zimmer", "das Licht in einem Zimmer"),
    ],
)
def test_one_is_in_the_case_of_its_preposition(written: str, spoken: str) -> None:
    """The numeral for 1 has the gender of its noun, and the case that the preposition before it requires."""
    assert Preparer("de").prepare(written).text == spoken
