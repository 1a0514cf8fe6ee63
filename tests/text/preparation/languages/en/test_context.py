"""The meaning of a number in English text is determined from the words around it."""

import pytest
import regex

from wyoming_piper_serial.text.preparation.languages.en.context import (
    counts,
    goes_on,
    is_attribute,
    is_end,
    measures,
    next_word,
    spaced,
    table,
    text_after,
    text_before,
    words,
)


@pytest.mark.parametrize(
    ("following", "word"), [(" people came", "people"), ("-year", "year"), (", and", ""), ("", ""), (" 5", "")]
)
def test_next_word_follows_a_space_or_a_hyphen(following: str, word: str) -> None:
    """`next_word` returns the word after a number, but not if a comma separates them."""
    assert next_word(following) == word


def test_units_measure_and_plurals_count() -> None:
    """`measures` recognizes units after a number. `counts` also recognizes plural nouns, but not verbs and
    prepositions.
    """
    assert [text for text in (" km", "%", " books", " was") if measures(text)] == [" km", "%"]
    counted = [" km", "%", " people", " books"]
    assert [text for text in (*counted, " was", " in", " plus", ".") if counts(text)] == counted


@pytest.mark.parametrize(
    ("following", "expected"),
    [("", True), (".", True), (" we", True), (" Apple", True), (" report", False), ("%", False)],
)
def test_sentence_goes_on_after_a_year(following: str, expected: bool) -> None:
    """A year may be followed by the end of the sentence, punctuation, a function word or a name."""
    assert goes_on(following) is expected


@pytest.mark.parametrize(
    ("before", "following", "expected"),
    [
        ("a ", " bag", True),
        ("It is a ", " bag", True),
        ("a ", " of rice", False),
        ("a 5 foot by ", " rug", True),
        ("weighs ", " bag", False),
        ("a ", ".", False),
    ],
)
def test_amount_after_an_article_describes_a_noun(before: str, following: str, expected: bool) -> None:
    """An amount between an article and a noun modifies the noun, as in "a 5 pound bag"."""
    assert is_attribute(before, following) is expected


def test_tables_are_read_from_text() -> None:
    """`words` and `table` split a string at spaces. In the values of `table`, `_` represents a space."""
    assert words("a  b a") == {"a", "b"}
    assert table("vs=versus etc=et_cetera") == {"vs": "versus", "etc": "et cetera"}


def test_text_around_a_match_is_limited() -> None:
    """`text_before` and `text_after` return at most the requested number of characters."""
    match = regex.compile("x").search("abcxdef")
    assert match is not None
    assert (text_before(match, 2), text_after(match, 2)) == ("bc", "de")


@pytest.mark.parametrize(("text", "expected"), [("x", True), ("x.", False), ('x")', True), ("x y", False)])
def test_sentence_ends_after_a_match(text: str, expected: bool) -> None:
    """A match is at the end of the sentence even if only closing quotes and brackets follow it."""
    match = regex.compile("x").search(text)
    assert match is not None
    assert is_end(match) is expected


@pytest.mark.parametrize(("text", "expected"), [("1x2", "1 by 2"), ("1 x 2", "1 by 2"), ("x2", "by 2"), ("1x", "1 by")])
def test_words_for_a_sign_stand_between_spaces(text: str, expected: str) -> None:
    """A space is added before or after the words for a sign only where there is none yet."""
    assert regex.sub("x", lambda match: spaced(match, "by"), text) == expected
