"""What the words around a number tell about it."""

import pytest

from wyoming_piper_serial.text.preparation.languages.en.context import (
    counts,
    goes_on,
    is_attribute,
    measures,
    next_word,
    table,
    words,
)


@pytest.mark.parametrize(
    ("following", "word"), [(" people came", "people"), ("-year", "year"), (", and", ""), ("", ""), (" 5", "")]
)
def test_next_word_follows_a_space_or_a_hyphen(following: str, word: str) -> None:
    """The word next to a number is found, but no word behind a comma."""
    assert next_word(following) == word


def test_units_measure_and_plurals_count() -> None:
    """A unit measures, a plural counts, and a verb or a preposition does neither."""
    assert [text for text in (" km", "%", " books", " was") if measures(text)] == [" km", "%"]
    counted = [" km", "%", " people", " books"]
    assert [text for text in (*counted, " was", " in", " plus", ".") if counts(text)] == counted


@pytest.mark.parametrize(
    ("following", "expected"),
    [("", True), (".", True), (" we", True), (" Apple", True), (" report", False), ("%", False)],
)
def test_sentence_goes_on_after_a_year(following: str, expected: bool) -> None:
    """After a year there is the end, a mark, a function word or a name."""
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
    """The unit of such an amount is in the singular."""
    assert is_attribute(before, following) is expected


def test_tables_are_read_from_text() -> None:
    """Words and pairs are separated by spaces, and `_` is a space."""
    assert words("a  b a") == {"a", "b"}
    assert table("vs=versus etc=et_cetera") == {"vs": "versus", "etc": "et cetera"}
