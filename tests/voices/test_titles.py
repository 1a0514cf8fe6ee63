"""Tests for human-readable names of voices and languages."""

import pytest

from wyoming_piper_serial.voices.remote.index import load_public
from wyoming_piper_serial.voices.titles import LanguageNames

_NAMES = LanguageNames.load()


@pytest.mark.parametrize(
    ("dataset", "language", "quality", "title"),
    [
        ("joe", "en_US", "medium", "Joe, English (US), medium"),
        ("hfc_female", "en_GB", "x_low", "Hfc Female, English (UK), x low"),
        ("thorsten", "de", "", "Thorsten, German"),
        ("mls", "pt-br", "low", "Mls, Portuguese (Brazil), low"),
        ("x", "qq_XX", "high", "X, qq_XX, high"),
        ("", "en_US", "", "English (US)"),
    ],
)
def test_title_of_a_voice(dataset: str, language: str, quality: str, title: str) -> None:
    """A title contains the name, the language and the quality of a voice. An unknown language is shown as its code."""
    assert _NAMES.title(dataset, language, quality) == title


def test_every_public_voice_has_a_language_with_a_name() -> None:
    """The languages of all public voices have human-readable names."""
    codes = {voice.language for voice in load_public(None)}
    assert len(codes) > 40
    assert [code for code in codes if _NAMES.language(code) == code] == []
