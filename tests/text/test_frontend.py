"""Written sentences become what is spoken: rules, then the lexicon."""

import pytest

from wyoming_piper_serial.settings import TextRules
from wyoming_piper_serial.text.frontend import Frontends
from wyoming_piper_serial.text.lexicon import Lexicon, VoiceLexicon, parse_lexicon
from wyoming_piper_serial.text.preparation.preparer import Preparer


def lexicon(text: str) -> VoiceLexicon:
    return Lexicon([parse_lexicon(text.encode(), "lexicon.txt")]).for_voice("en_US")


@pytest.mark.parametrize(
    ("rules", "spoken"),
    [
        ("auto", "Geis was 5 kiloometers away. [[siː]] for instance"),
        ("off", "Geis was 5 km away. [[siː]] for instance"),
    ],
)
def test_lexicon_applies_to_what_is_spoken(rules: TextRules, spoken: str) -> None:
    """Words are found in the text that the rules return. Words with signs are found before the rules rewrite them."""
    words = lexicon("kilometers = kiloometers\nC++ = /siː/\ne.g. = for instance")
    found = Frontends().frontend("en_US", rules, words).spoken("Geis was 5 km away. C++ e.g.")
    assert found.removesuffix(".") == spoken


def test_failed_rule_does_not_cost_the_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If a rule fails, the sentence is spoken without rules, and a line without the text is logged."""

    def fail(*_: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(Preparer, "prepare", fail)
    assert Frontends().frontend("en_US", "auto", lexicon("a = b")).spoken("a secret") == "b secret"
    assert caplog.messages == ["A sentence of 8 characters could not be prepared in en: ValueError"]


def test_rules_of_a_language_are_loaded_once() -> None:
    """The preparer of a language is shared by all voices of this language."""
    frontends = Frontends()
    assert not frontends.is_loaded("en_US")
    preparer = frontends.preparer("en_US")
    assert frontends.is_loaded("en_US")
    assert frontends.preparer("en_US") is preparer
