"""The frontend converts a written sentence to its spoken form."""

import logging

import pytest
import regex

from wyoming_piper_serial.settings import TextRules, TextSettings
from wyoming_piper_serial.text.frontend import Frontend
from wyoming_piper_serial.text.frontends import Frontends
from wyoming_piper_serial.text.lexicon import Lexicon, VoiceLexicon
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon
from wyoming_piper_serial.text.preparation.passage import Rule, Rules
from wyoming_piper_serial.text.preparation.preparer import Preparer


def lexicon(text: str) -> VoiceLexicon:
    return Lexicon([parse_lexicon(text.encode(), "lexicon.txt")]).for_voice("en_US")


def test_failing_rule_does_not_cost_the_sentence(caplog: pytest.LogCaptureFixture) -> None:
    """If a rule raises an exception, the sentence is spoken as written, and its text is not logged."""

    def fail(_match: object) -> str:
        raise ValueError("5 private")

    preparer = Preparer("de")
    preparer._core = Rules(Rule(regex.compile(r"\d"), fail))
    with caplog.at_level(logging.WARNING):
        assert Frontend(preparer).spoken("5 private") == "5 private"
        assert Frontend(preparer, lexicon("private = secret")).spoken("5 private") == "5 secret"
    assert "ValueError" in caplog.text
    assert "private" not in caplog.text


@pytest.mark.parametrize(
    ("rules", "spoken"),
    [
        ("auto", "Geis was 5 kiloometers away. [[siː]] for instance"),
        ("off", "Geis was 5 km away. [[siː]] for instance"),
    ],
)
def test_lexicon_applies_to_what_is_spoken(rules: TextRules, spoken: str) -> None:
    """Lexicon entries with signs are looked up in the original text, and all others in the output of the rules."""
    words = lexicon("kilometers = kiloometers\nC++ = /siː/\ne.g. = for instance")
    found = Frontends().frontend("en_US", rules, words).spoken("Geis was 5 km away. C++ e.g.")
    assert found.removesuffix(".") == spoken


@pytest.mark.parametrize("text", ["20 → 22", "20→22", "٢٠ → ٢٢", "20 °C ⇒ -5 °C"])
@pytest.mark.parametrize(("language", "rules"), [("en", "off"), ("xx", "auto"), ("ar", "auto")])
def test_arrow_between_numbers_is_never_read(text: str, language: str, rules: TextRules) -> None:
    """Without text rules, the arrow from the old to the new value of a number is a pause."""
    splitter = Frontends().splitter(TextSettings(), language)
    (sentence,) = [*splitter.feed(text), *splitter.finish()]
    spoken = Frontends().frontend(language, rules).spoken(sentence)
    assert ", " in spoken
    assert not set("→⇒") & set(spoken)
