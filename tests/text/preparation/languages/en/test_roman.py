"""Roman numerals in English text are spoken as a person would say them."""

import pytest

from tests.text.spoken import is_spoken_as


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("World War II ended.", "World War two ended."),
        ("World War I ended.", "World War one ended."),
        ("Henry VIII died.", "Henry the eighth died."),
        ("King Louis XIV died.", "King Louis the fourteenth died."),
        ("Queen Elizabeth II died.", "Queen Elizabeth the second died."),
        ("Elizabeth I of England.", "Elizabeth the first of England."),
        ("King George V and Henry V.", "King George the fifth and Henry the fifth."),
        ("Pope John Paul II died.", "Pope John Paul the second died."),
        ("Pope Benedict XVI.", "Pope Benedict the sixteenth."),
        ("Read Chapter IV.", "Read chapter four."),
        ("Read Chapter I, then V.", "Read chapter one, then V."),
        ("Read Part II of it.", "Read part two of it."),
        ("Act III, Scene II", "Act three, scene two"),
        ("Volume IX is out.", "Volume nine is out."),
        ("Rocky III was good.", "Rocky three was good."),
        ("Super Bowl LVIII was close.", "Super Bowl fifty eight was close."),
        ("Type II diabetes", "Type two diabetes"),
        ("Final Fantasy VII", "Final Fantasy seven"),
        ("Louis XIV's palace", "Louis the fourteenth's palace"),
        ("In the XIX century.", "In the nineteenth century."),
        ("In the XXIst century.", "In the twenty first century."),
        ("Phase III trials.", "Phase three trials."),
        ("Apollo XI landed.", "Apollo eleven landed."),
        ("Robert Davis III spoke.", "Robert Davis the third spoke."),
        ("Mark IV tank", "Mark four tank"),
        ("See item (ii) and (iv).", "See item (two) and (four)."),
        ("See p. xii.", "See page twelve."),
        ("Article V says so.", "Article five says so."),
        ("Title IX applies.", "Title nine applies."),
        ("Windsor XII lost.", "Windsor twelve lost."),
    ],
)
def test_roman_numerals_are_spoken(written: str, spoken: str) -> None:
    """The prepared text has the same phonemes as the expected words."""
    assert is_spoken_as(written, spoken, "en_US")
