"""The frontend turns a written sentence into what is spoken."""

import logging

import pytest
import regex

from wyoming_piper_serial.text.frontend import Frontend, Frontends
from wyoming_piper_serial.text.preparation.passage import Rule
from wyoming_piper_serial.text.preparation.preparer import Preparer


def test_rules_are_those_of_the_language() -> None:
    """The same sentence is spoken in the words of the voice's language."""
    frontends = Frontends()
    assert frontends.frontend("de_DE", "auto").spoken("-5 °C") == "minus 5 Grad Celsius"
    assert frontends.frontend("fr_FR", "auto").spoken("-5 °C") == "moins 5 degrés Celsius"


def test_rules_can_be_turned_off() -> None:
    """Without rules, the sentence is left to the phonemizer, and no data is read."""
    frontends = Frontends()
    assert frontends.frontend("de_DE", "off").spoken("-5 °C") == "-5 °C"
    assert not frontends.is_loaded("de_DE")


def test_a_language_is_loaded_once() -> None:
    """The data of a language is read and its patterns are compiled when it is first used."""
    frontends = Frontends()
    first = frontends.preparer("de_DE")
    assert frontends.is_loaded("de_DE")
    assert frontends.preparer("de_DE") is first


def test_failing_rule_does_not_cost_the_sentence(caplog: pytest.LogCaptureFixture) -> None:
    """The sentence is spoken as it is written, and the log does not contain it."""

    def fail(_match: object) -> str:
        raise ValueError("5 private")

    preparer = Preparer("de")
    preparer._core = [Rule(regex.compile(r"\d"), fail)]
    with caplog.at_level(logging.WARNING):
        assert Frontend(preparer).spoken("5 private") == "5 private"
    assert "ValueError" in caplog.text
    assert "private" not in caplog.text
