"""A preparer applies the rules of a language without losing text."""

import re
from pathlib import Path

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

import wyoming_piper_serial
from tests.text.preparation.core_rules import prepared
from wyoming_piper_serial.text.preparation.passage import Passage, Rule, Rules
from wyoming_piper_serial.text.preparation.preparer import Preparer

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

CASES = (Path(__file__).parent.parent / "cases.tsv").read_text(encoding="utf-8").splitlines()[1:]
_DATA = Path(wyoming_piper_serial.__file__).parent / "text" / "data"
# Languages that have no rules of their own, only the core rules.
_PLAIN = ["el", "uk", "tr", "hi", "ar", "ko"]
_PIECES = [
    *("-", "−", "–", "+", "±", " ", "\u00a0", "\u202f", ".", ",", ":", "/", "'", "(", ")", "%", "°C", "€", "$", "kr"),
    *(
        "0",
        "5",
        "21",
        "234",
        "2024",
        "km",
        "km/h",
        "m",
        "kWh",
        "word",
        "слово",
        "字",
        "[[",
        "]]",
        "@",
        "a.b",
        "v1",
        "\n",
    ),
]
_TEXTS = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@given(st.text(max_size=80) | _TEXTS)
def test_language_without_data_is_left_as_it_is(text: str) -> None:
    """A preparer does not change text in a language for which there is no data."""
    assert Preparer("xx_XX").prepare(text).text == text


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@given(st.sampled_from(_PLAIN), _TEXTS)
@example("el", "5 km/h -3.5 °C 1.234.567 € 2024-03-05")
def test_no_digit_and_no_word_is_lost(language: str, text: str) -> None:
    """All digits are kept in order, except in dates. Only text with digits or signs is rewritten."""
    result = Preparer(language).prepare(text)
    if not regex.search(r"\d{4}-\d{2}-\d{2}", text):
        assert regex.findall(r"\d", result.text) == regex.findall(r"\d", text)
    for span in result.spans:
        written, spoken = text[span.written_start : span.written_end], result.text[span.start : span.end]
        assert spoken == written or regex.search(r"\d|^[−±]$", written)
    assert result.spans == () or result.spans[-1].written_end == len(text)


@given(_TEXTS)
def test_words_of_the_text_are_kept(text: str) -> None:
    """Words that are not units are spoken as written."""
    assert prepared(text, "tr").count("word") == text.count("word")


def test_scheme_of_an_address_is_left_out() -> None:
    """The scheme of an address is removed, because people do not say "h t t p s colon slash slash". The rest of the
    address is left to espeak-ng.
    """
    assert prepared("Δες https://www.example.com/a-5 τώρα", "el") == "Δες example.com/a-5 τώρα"


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
def test_prepared_text_is_not_prepared_again() -> None:
    """Preparing text that is already prepared does not change it."""
    for path in sorted(_DATA.glob("??.json")):
        once = prepared("-3.5 °C, 30 km/h, 45 %, 5,99 €, 1 kWh", path.stem)
        assert prepared(once, path.stem) == once


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("language", sorted({row.partition("\t")[0] for row in CASES}))
def test_rule_whose_needs_fail_matches_nothing(language: str) -> None:
    """A rule rewrites no text that does not meet its needs, so the rule can safely be skipped."""
    preparer = Preparer(language)
    groups = (preparer._early, preparer._core, preparer._late, preparer._agreement)
    written = [row.split("\t")[3] for row in CASES if row.partition("\t")[0] == language]
    texts = [*written, *(re.sub("[0-9]", "", text) for text in written), *(re.sub(r"\D", "", text) for text in written)]
    passages = [Passage(text) for text in texts]
    for rule in (rule for group in groups for rule in group.rules):
        if not isinstance(rule, Rule):
            continue
        rules = Rules(rule)
        for passage in passages:
            if not rules._applicable(passage):
                found = [rule.replace(match) for match in rule.pattern.finditer(passage.text)]
                assert not any(found), (rule.pattern.pattern, passage.text)
