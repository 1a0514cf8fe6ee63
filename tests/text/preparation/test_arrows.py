"""An arrow between two numbers is read as a word, or is a pause."""

import pytest

from wyoming_piper_serial.text.preparation.preparer import Preparer


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [
        ("en", "20 → 22 °C", "20 to 22 degrees Celsius"),
        ("en", "80% → 75%", "80 percent to 75 percent"),
        ("de", "20→22 °C", "20 auf 22 Grad Celsius"),
        ("ru", "20 °C ⇒ 22 °C", "20 градусов Цельсия до двадцати двух градусов Цельсия"),
        ("cs", "20 → 22 °C", "20, 22 stupňů Celsia"),
    ],
)
def test_arrow_between_numbers(language: str, written: str, spoken: str) -> None:
    """The languages with their own rules have a word for the arrow. In all others, it is a pause."""
    assert Preparer(language).prepare(written).text == spoken
