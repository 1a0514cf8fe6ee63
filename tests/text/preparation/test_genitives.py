"""Numbers after prepositions that require the genitive are read in the genitive."""

import pytest

from wyoming_piper_serial.text.preparation.genitives import genitives
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("do 5 kilometrów", "do <5 kilometrów> kilometrów"),
        ("do 3 kilometry na godzinę", "do <3 kilometrów> kilometrów na godzinę"),
        ("Do 1 kilometr.", "Do <1 kilometra> kilometra."),
        ("od 7 domów", "od <7 domów> domów"),
        ("od 7, do 8", "od <7 >, do <8 >"),
        ("od 2024", "od 2024"),
        ("od 2024 sztuk", "od <2024 sztuk> sztuk"),
        (
            "do 5-7, do 5.5, do 10:30, do 5 000, do 5 €, dodo 5, do 12345",
            "do 5-7, do 5.5, do 10:30, do 5 000, do 5 €, dodo 5, do 12345",
        ),
    ],
)
def test_number_and_unit_are_in_the_genitive(written: str, spoken: str) -> None:
    """The callback receives a number after a preposition and the word that follows. Years, codes and similar numbers
    are not changed.
    """
    rule = genitives(Locale.of("pl"), "do|od", lambda number, noun: f"<{number} {noun}>")
    passage = Passage(written)
    passage.rewrite(rule, rewrites_words=True)
    assert passage.text == spoken
