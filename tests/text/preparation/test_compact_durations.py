"""Durations without spaces are read with all of their units."""

import pytest

from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rules


def _prepared(language: str, text: str) -> str:
    passage = Passage(text)
    Rules(*compact_durations(Locale.of(language))).apply(passage)
    return passage.text


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("uk", "1год 30хв 15с", "1 година 30 хвилин 15 секунд"),
        ("bg", "1ч 30мин 15с", "1 час 30 минути 15 секунди"),
        ("sv", "2d3h", "2 dygn 3 timmar"),
        ("cs", "2d 3h 5m 1s.", "2 dny 3 hodiny 5 minut 1 sekunda."),
        ("hu", "30p 15mp", "30 perc 15 másodperc"),
        ("fr", "2j 3h, 3h 5min", "2 jours 3 heures, 3h 5min"),
        ("it", "2g 3h, 5g, 2g 3m", "2 giorni 3 ore, 5g, 2g 3m"),
        ("sv", "3h 2d, 5m 3m, 5s", "3h 2d, 5m 3m, 5s"),
        ("sv", "2d 3h/5, 2d 3hm, a2d 3h", "2d 3h/5, 2d 3hm, a2d 3h"),
        ("en", "2d 3h", "2d 3h"),
    ],
)
def test_units_beside_each_other(language: str, written: str, spoken: str) -> None:
    """The letters are units of time only beside each other, the larger before the smaller."""
    assert _prepared(language, written) == spoken
