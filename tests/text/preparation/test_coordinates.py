"""Degrees of latitude and longitude are read with the name of the direction."""

import pytest

from wyoming_piper_serial.text.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en", "40.7° N, 74.0° W", "40.7 degrees north, 74.0 degrees west"),
        ("en", "1°S", "1 degree south"),
        ("de", "52,5° N, 13,4° O", "52,5 Grad Nord, 13,4 Grad Ost"),
        ("fr", "48,85° N, 2,35° O", "48,85 degrés nord, 2,35 degrés ouest"),
        ("es", "40,4° N, 3,7° O", "40,4 grados norte, 3,7 grados oeste"),
        ("it", "41,9° N, 12,5° E", "41,9 gradi nord, 12,5 gradi est"),
        ("nl", "52,4° N, 4,9° O", "52,4 graden noord, 4,9 graden oost"),
        ("pt", "38,7° N, 9,1° O", "38,7 graus norte, 9,1 graus oeste"),
        ("pl", "52° N", "52 stopnie szerokości północnej"),
        ("ru", "55° с. ш.", "55 градусов северной широты."),
        ("zh", "39.9° N", "北纬三十九点九度"),
    ],
)
def test_directions(language: str, written: str, spoken: str) -> None:
    """The letter of a direction depends on the language: O is east in German, and west in French."""
    assert Preparer(language).prepare(written).text == spoken


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en", "40°42′46″N", "40 degrees 42 minutes 46 seconds north"),
        ("en", "74° 0' 21.5\" W.", "74 degrees 0 minutes 21.5 seconds west."),
        ("en", "1° 1.5′ S", "1 degree 1.5 minutes south"),
        ("en", "an angle of 5° 3′", "an angle of 5 degrees 3 minutes"),
        ("de", "1°1′1″ N, 13°24′ O", "ein Grad eine Minute eine Sekunde Nord, 13 Grad 24 Minuten Ost"),
        ("fr", "48°51′24″N", "48 degrés cinquante et une minutes 24 secondes nord"),
        ("es", "40°1′46″O", "40 grados un minuto 46 segundos oeste"),
        ("it", "41°53′30″N", "41 gradi 53 minuti 30 secondi nord"),
        ("nl", "52°22′N", "52 graden 22 minuten noord"),
        ("pl", "40°42′21″N", "40 stopni czterdzieści dwie minuty dwadzieścia jeden sekund szerokości północnej"),
        ("ru", "55°21′32″ с. ш.", "55 градусов двадцать одна минута тридцать две секунды северной широты."),
        ("ru", "55° 21,5′", "55 градусов двадцать одна целая и пять десятых минуты"),
        ("pt", "38°42′49″O", "38 graus 42 minutos 49 segundos oeste"),
        ("zh", "40°42′46″N", "北纬四十度四十二分四十六秒"),
    ],
)
def test_minutes_and_seconds_of_arc(language: str, written: str, spoken: str) -> None:
    """Minutes and seconds of arc are read as such, with or without a direction."""
    assert Preparer(language).prepare(written).text == spoken


@pytest.mark.parametrize("text", ["20° 65′", "20° 5''", "20° 5′a", "20° 5a"])
def test_other_numbers_after_degrees_are_no_minutes(text: str) -> None:
    """Without the sign for minutes, and for more than 59, a number after degrees is not read as minutes of arc."""
    assert "minutes" not in Preparer("en").prepare(text).text


@pytest.mark.parametrize("text", ["5 N", "N 5", "5° North"])
def test_other_letters_are_no_directions(text: str) -> None:
    """Without a degree sign, and before other letters, a letter is no direction."""
    assert "north" not in Preparer("en").prepare(text).text
