"""A word before a version is recognized in many languages."""

import pytest
import regex

from wyoming_piper_serial.text.preparation.preparer import Preparer
from wyoming_piper_serial.text.versions import BEFORE_VERSION


@pytest.mark.parametrize(
    "text", ["Verze 3.6", "version 3.6", "Verzia je 3.6", "Версия: 3.6", "versio 3.6", "Home Assistant 3.6"]
)
def test_word_before_a_version(text: str) -> None:
    """A verb or a colon may stand between the word and the version."""
    assert regex.search(BEFORE_VERSION + "3", text)


@pytest.mark.parametrize("text", ["verze z 3.6", "konverze 3.6", "dnes 3.6"])
def test_other_words(text: str) -> None:
    """Any other word may precede a date."""
    assert not regex.search(BEFORE_VERSION + "3", text)


@pytest.mark.parametrize("text", ["Home Assistant 3.6. ist da", "Es ist Home Assistant 3.6."])
def test_dot_after_a_version_is_no_ordinal(text: str) -> None:
    """A dot after a version belongs to the sentence. The version is not read as a date."""
    assert Preparer("de").prepare(text).text == text
