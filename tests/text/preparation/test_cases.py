"""The texts in `cases.tsv` are spoken as a person would say them."""

from pathlib import Path

import pytest

from tests.text.spoken import is_spoken_as

_ROWS = [
    row.split("\t") for row in (Path(__file__).parent.parent / "cases.tsv").read_text(encoding="utf-8").splitlines()[1:]
]


@pytest.mark.parametrize(("language", "text", "expected"), [(row[0], row[3], row[4]) for row in _ROWS])
def test_text_is_spoken_as_a_person_would_say_it(language: str, text: str, expected: str) -> None:
    """The prepared text has the same phonemes as one of the expected texts."""
    assert is_spoken_as(text, expected, language)
