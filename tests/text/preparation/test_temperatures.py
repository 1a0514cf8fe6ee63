"""`º` after a number is a degree if a word for a temperature precedes it."""

import pytest

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.temperatures import follows_temperature


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("máx.: 30º", True),
        ("Min: 30º", True),
        ("temperatura de 30º", True),
        ("a mínima será de 30º", True),
        ("no 30º andar", False),
        ("Maxim 30º", False),
    ],
)
def test_words_before_a_temperature(text: str, expected: bool) -> None:
    """Up to two words may be between the word and the number."""
    match = lazy("30º").search(text)
    assert match is not None
    assert follows_temperature(match) is expected
