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


@pytest.mark.parametrize("text", ["5 N", "N 5", "5° North"])
def test_other_letters_are_no_directions(text: str) -> None:
    """Without a degree sign, and before other letters, a letter is no direction."""
    assert "north" not in Preparer("en").prepare(text).text
