"""Abbreviations are looked up by language code, and the data is consistent."""

import json
from importlib import resources

import pytest

from wyoming_piper_serial.text.abbreviations import abbreviations_of

_DATA = json.loads(resources.files("wyoming_piper_serial.text").joinpath("data/abbreviations.json").read_text("utf-8"))
_PIPER_LANGUAGES = [
    *("ar", "bg", "ca", "cs", "cy", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fr", "hi", "hu", "id", "is", "it"),
    *("ka", "kk", "lb", "lv", "ml", "ne", "nl", "no", "pl", "pt", "ro", "ru", "sk", "sl", "sr", "sv", "sw", "te", "tr"),
    *("uk", "ur", "vi", "zh", "bn", "mr", "th"),
]


@pytest.mark.parametrize("code", ["en", "en_US", "en-gb", "EN_gb"])
def test_region_and_case_of_a_code_are_ignored(code: str) -> None:
    """The abbreviations depend on the language in a code, but not on its region or case."""
    assert abbreviations_of(code) == abbreviations_of("en")


def test_norwegian_has_several_codes() -> None:
    """`no` and `nb` are treated as the same language, because voices use both codes."""
    assert abbreviations_of("no_NO") == abbreviations_of("nb") == abbreviations_of("nn")


@pytest.mark.parametrize("code", ["", "xx", "x_y", "tlh_XX"])
def test_language_without_data_is_unknown(code: str) -> None:
    """For a language without data, the result is marked as unknown and contains no abbreviations."""
    found = abbreviations_of(code)
    assert not found.known
    assert not found.always
    assert found.ordinal is None


@pytest.mark.parametrize("code", _PIPER_LANGUAGES)
def test_each_language_of_a_voice_has_data(code: str) -> None:
    """There is data for all languages of Piper's voices."""
    found = abbreviations_of(code)
    assert found.known
    assert found.always


def test_forms_of_an_abbreviation() -> None:
    """A lower-case entry also matches its capitalized form, but a capitalized entry does not match its lower-case form.
    Both match their upper-case form.
    """
    english = abbreviations_of("en")
    assert {"Dr", "DR", "e.g", "E.g"} <= english.always
    assert "dr" not in english.always
    assert {"fig", "Fig", "FIG", "Sat", "SAT"} <= english.number
    assert "sat" not in english.number


@pytest.mark.parametrize("language", _DATA)
def test_entries_have_the_form_that_is_looked_up(language: str) -> None:
    """No entry contains a space or ends with a dot. Words that begin a sentence are in lower case. No word is in two
    contradictory sets.
    """
    entry = _DATA[language]
    kinds = {"always", "number", "months", "counted", "maybe", "ends", "names", "starters", "letters", "ordinal"}
    assert set(entry) <= kinds
    words = {kind: entry[kind].split() for kind in entry if kind not in ("letters", "ordinal")}
    for kind, found in words.items():
        assert len(set(found)) == len(found), kind
        assert not [word for word in found if word.endswith(".") or word.startswith(".")], kind
    starters = words.get("starters", [])
    assert starters == [word.lower() for word in starters]
    always = set(words.get("always", []))
    assert not always & set(words.get("ends", []))
    ordinal = entry.get("ordinal", {})
    assert set(ordinal) <= {"after", "before", "spoken", "year_first"}
    assert ordinal.get("before", "") == ordinal.get("before", "").lower()
