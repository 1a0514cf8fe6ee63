"""Plural categories follow the CLDR rules."""

from decimal import Decimal

import pytest
from babel import Locale as CldrLocale
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import Number
from wyoming_piper_serial.text.preparation.plurals import PluralRules

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

_LANGUAGES = [
    "ar",
    "cs",
    "cy",
    "da",
    "de",
    "en",
    "fr",
    "he",
    "hi",
    "is",
    "lv",
    "pl",
    "pt",
    "ro",
    "ru",
    "sl",
    "sr",
    "zh",
]


@given(language=st.sampled_from(_LANGUAGES), whole=st.integers(0, 10**7), fraction=st.from_regex(r"\A[0-9]{0,3}\Z"))
def test_categories_are_those_of_another_implementation(language: str, whole: int, fraction: str) -> None:
    """The plural category of each number matches the category that Babel returns."""
    text = f"{whole}.{fraction}" if fraction else str(whole)
    theirs = CldrLocale.parse(language).plural_form(Decimal(text))
    assert Locale.of(language).plurals.category(Number.of(text)) == theirs


def test_trailing_zeros_count_as_digits_of_the_fraction() -> None:
    """In English, 1 is singular and 1.0 is plural."""
    english = Locale.of("en").plurals
    assert [english.category(Number.of(text)) for text in ("1", "1.0", "2")] == ["one", "other", "other"]


def test_malformed_rule_is_refused() -> None:
    """A rule with invalid CLDR syntax raises an error. Otherwise, wrong plural forms would go unnoticed."""
    with pytest.raises(ValueError, match="n is 1"):
        PluralRules({"one": "n is 1"})
