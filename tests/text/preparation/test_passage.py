"""Rules rewrite a passage one after another. The passage maps each part of the result to the original text."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.text.preparation.passage import (
    DIGITS,
    Derived,
    Mask,
    Needs,
    Passage,
    Rule,
    Rules,
    Span,
    has_digits,
    has_word,
)

_DIGITS = Rule(regex.compile(r"\d+"), lambda match: f"<{match[0]}>")


def test_rule_rewrites_each_match() -> None:
    """The spans map each rewritten or unchanged part of the result to its range in the original text."""
    passage = Passage("a 12 b 3")
    passage.rewrite(_DIGITS)
    prepared = passage.prepared()
    assert prepared.text == "a <12> b <3>"
    assert prepared.spans == (Span(0, 2, 0, 2), Span(2, 6, 2, 4), Span(6, 9, 4, 7), Span(9, 12, 7, 8))


def test_rewritten_text_is_final() -> None:
    """A rule does not rewrite a match that contains the output of an earlier rule or protected text."""
    passage = Passage("1 [2] 3")
    passage.protect(Mask(regex.compile(r"\[.*?\]")))
    passage.rewrite(Rule(regex.compile("1"), lambda _: "7"))
    passage.rewrite(_DIGITS)
    assert passage.prepared().text == "7 [2] <3>"


def test_rule_may_rewrite_the_words_of_rules() -> None:
    """An agreement rule rewrites the output of other rules, but not protected text."""
    passage = Passage("1 [2] 3")
    passage.protect(Mask(regex.compile(r"\[.*?\]")))
    passage.rewrite(_DIGITS)
    passage.rewrite(Rule(regex.compile("<?[123]"), lambda _: "n"), rewrites_words=True)
    prepared = passage.prepared()
    assert prepared.text == "n> [2] n>"
    assert [(span.written_start, span.written_end) for span in prepared.spans] == [(0, 1), (1, 6), (6, 7)]


def test_characters_are_removed_between_others() -> None:
    """A number from which spaces were removed can still be rewritten, and its span covers the removed spaces. Protected
    text is kept.
    """
    passage = Passage("1 000 [2 000]")
    passage.protect(Mask(regex.compile(r"\[.*?\]")))
    passage.join([1, 8])
    assert passage.text == "1000 [2 000]"
    passage.rewrite(_DIGITS)
    prepared = passage.prepared()
    assert prepared.text == "<1000> [2 000]"
    assert [(span.written_start, span.written_end) for span in prepared.spans] == [(0, 5), (5, 13)]


def test_characters_are_removed_at_the_start() -> None:
    """A character that is removed at the start of the text belongs to the span of the next character."""
    passage = Passage("$ 5 EUR")
    passage.join([0, 1])
    assert passage.text == "5 EUR"
    assert [(span.written_start, span.written_end) for span in passage.prepared().spans] == [(0, 7)]


def test_characters_are_removed_in_a_row() -> None:
    """Consecutive removed characters belong to the span of the character before them or, at the start of the text, of
    the character after them.
    """
    passage = Passage("$$5 MXN!")
    passage.join([0, 1, 3, 4, 5, 6])
    passage.rewrite(_DIGITS)
    prepared = passage.prepared()
    assert prepared.text == "<5>!"
    assert prepared.spans == (Span(0, 3, 0, 7), Span(3, 4, 7, 8))


def test_rule_may_leave_a_match() -> None:
    """If `replace` returns `None`, the match is not changed. Empty matches are skipped."""
    passage = Passage("1 2")
    passage.rewrite(Rule(regex.compile(r"\d"), lambda match: None if match[0] == "1" else "two"))
    passage.rewrite(Rule(regex.compile(r"(?=1)"), lambda _: "never"))
    assert passage.prepared().text == "1 two"


@given(st.text(alphabet="ab1 2", max_size=40), st.integers(0, 3))
def test_spans_cover_both_texts(text: str, times: int) -> None:
    """The spans cover the prepared text and the original text without gaps."""
    passage = Passage(text)
    for _ in range(times):
        passage.rewrite(Rule(regex.compile(r"1+b?"), lambda match: match[0] * 2))
    prepared = passage.prepared()
    ends = (0, 0)
    for span in prepared.spans:
        assert (span.start, span.written_start) == ends
        ends = (span.end, span.written_end)
    assert ends == (len(prepared.text), len(text))


def test_joined_characters_become_a_part_of_those_before_them() -> None:
    """Characters in or next to protected text are not removed."""
    passage = Passage("1 000 000 [2 000] 3  ")
    passage.protect(Mask(regex.compile(r"\[.*?\]")))
    passage.join([1, 5, 12, 19, 20])
    prepared = passage.prepared()
    assert prepared.text == "1000000 [2 000] 3"
    assert prepared.spans == (Span(0, 17, 0, 21),)
    passage.join([])
    assert passage.prepared().text == prepared.text


def test_pattern_is_searched_only_in_a_text_with_what_it_needs() -> None:
    """A rule is applied only if the text, including the output of earlier rules, contains a character or word that the
    rule needs.
    """
    passage = Passage("one 2 and c")
    rules = Rules(
        Rule(regex.compile("2"), lambda _: "b", "ac"),
        Rule(regex.compile("c"), lambda _: "3", "b"),
        Rule(regex.compile("one"), lambda _: "1", "45"),
        Rule(regex.compile("one"), lambda _: "1", has_word(["an", "x"])),
        Mask(regex.compile("and"), has_word(["or"])),
        Rule(regex.compile("and"), lambda _: "2", "1"),
        Rule(regex.compile("b"), lambda _: "4"),
    )
    rules.apply(passage)
    assert passage.text == "1 b 2 3"


@pytest.mark.parametrize(
    ("needs", "text", "meets"),
    [
        ("", "", True),
        ("xy", "y", True),
        ("xy", "z", False),
        (("xy", DIGITS), "x", False),
        (("xy", DIGITS), "x5", True),
        (has_digits(2), "1 a", False),
        (has_digits(2), "1 2", True),
        (has_word(["no.", "vol."]), "volume", False),
        (has_word(["no.", "vol."]), "vol.", True),
        (has_word(["km", "mile"]), "5", False),
        (has_word(["km", "mile"]), "5 km", True),
        (has_word(["://", "www"]), "5://", True),
        ((DIGITS, has_digits(2), ".,"), "5.1", True),
        ((DIGITS, has_digits(2), ".,"), "51", False),
    ],
)
def test_rule_is_searched_if_its_needs_are_met(needs: Needs, text: str, meets: bool) -> None:
    """All parts of the needs must be met: a character of each string, and each predicate."""
    passage = Passage(text)
    Rules(Rule(regex.compile(r".*"), lambda _: "found", needs)).apply(passage)
    assert (passage.text == "found") == (meets and text != "")


def test_value_is_derived_once_from_each_text() -> None:
    """Predicates that derive the same value share it until a rule changes the text."""
    derived: list[str] = []

    def derive(text: str) -> int:
        derived.append(text)
        return len(text)

    passage = Passage("1 a")
    rules = Rules(
        Rule(regex.compile("1"), lambda _: "one", Derived(derive, lambda length: length == 3)),
        Rule(regex.compile("a"), lambda _: "b", Derived(derive, lambda length: length == 5)),
        Rule(regex.compile("b"), lambda _: "c", Derived(derive, lambda length: length == 4)),
    )
    rules.apply(passage)
    assert passage.text == "one b"
    assert derived == ["1 a", "one a", "one b"]


def test_rules_for_numbers_end_with_the_last_number() -> None:
    """If every match contains one of certain characters, the rules end when no such character can be rewritten."""
    passage = Passage("1 a")
    rules = Rules(
        Rule(regex.compile("1"), lambda _: "one 1"),
        Rule(regex.compile("a"), lambda _: "b"),
    )
    rules.apply(passage, rewrites_only=DIGITS)
    assert passage.text == "one 1 a"
    rules.apply(passage)
    assert passage.text == "one 1 b"
