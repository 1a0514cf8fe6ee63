"""Numbers are read in the case that the preposition and the ending of the noun show."""

import pytest

from wyoming_piper_serial.text.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("ru", "к 5 часам", "к пяти часам"),
        ("ru", "с 2 лампами", "с двумя лампами"),
        ("ru", "между 5 и 10 часами", "между пятью и десятью часами"),
        ("ru", "при 5 °C", "при пяти градусах Цельсия"),
        ("pl", "przy 5 °C", "przy pięciu stopniach Celsjusza"),
        ("pl", "przy 22 km/h", "przy dwudziestu dwóch kilometrach na godzinę"),
        ("pl", "przy 1 °C", "przy 1 stopień Celsjusza"),
        ("pl", "przy 40 %", "przy czterdziestu procentach"),
        ("pl", "przy 5 in.", "przy pięciu calach."),
        ("pl", "przy 5 km²", "przy pięciu kilometrach kwadratowych"),
        ("pl", "po 3 godzinach", "po trzech godzinach"),
        ("pl", "w 12 pokojach", "w dwunastu pokojach"),
        ("pl", "przed 5 minutami", "przed pięcioma minutami"),
        ("pl", "z 2 lampami", "z dwoma lampami"),
    ],
)
def test_oblique_cases(language: str, written: str, spoken: str) -> None:
    """Numerals agree with a plural noun in the dative, the instrumental and the prepositional."""
    assert Preparer(language).prepare(written).text == spoken


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ru", "к 21 веку"),
        ("ru", "с 5 до дома"),
        ("ru", "5 часам"),
        ("ru", "в 5 часов"),
        ("ru", "к 500 часам"),
        ("pl", "przed 21 minutami"),
        ("pl", "5 minutami"),
    ],
)
def test_uncertain_numbers_are_left(language: str, text: str) -> None:
    """Without a preposition or the ending, and for numbers whose forms are not known, the number is not changed."""
    assert Preparer(language).prepare(text).text == text
