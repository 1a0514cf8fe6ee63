"""Tests for rules that several languages share. Each rule is built with the words of one language."""

import pytest
import regex

from wyoming_piper_serial.text.preparation.builders import (
    abbreviations,
    any_of,
    capitalized_as,
    digit_strings,
    grouped,
    listed,
    page_ranges,
    page_spans,
    ranges,
    roman_value,
    spelled_digits,
    table,
    weekday_ranges,
    weekdays_between,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rule, Rules

_DIGITS = listed("zero one two three four five six seven eight nine")
_ENGLISH = Locale.of("en_US")


def _applied(text: str, rules: list[Rule]) -> str:
    passage = Passage(text)
    Rules(*rules).apply(passage)
    return passage.text


def test_longer_words_are_tried_first() -> None:
    """Of several words with the same beginning, `any_of` matches the longest. A space in a word matches any kind of
    space.
    """
    pattern = regex.compile(any_of(["No", "No one", "a.b"]))
    assert [match[0] for match in pattern.finditer("No\u00a0one No a.b axb")] == ["No\u00a0one", "No", "a.b"]


def test_words_before_a_match() -> None:
    """`words_before` returns the nearest word first. `word_before` ignores a word followed by punctuation."""
    match = regex.search("5", "It is At, 5")
    assert match is not None
    assert words_before(match) == ["at", "is", "it"]
    assert word_before(match) == ""
    match = regex.search("5", "It is at 5")
    assert match is not None
    assert word_before(match) == "at"


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("I", 1),
        ("IV", 4),
        ("IX", 9),
        ("XIV", 14),
        ("XXXIX", 39),
        ("", None),
        ("IIII", None),
        ("IC", None),
        ("VX", None),
        ("MMXX", None),
    ],
)
def test_roman_numerals(numeral: str, value: int | None) -> None:
    """By default, `roman_value` accepts only Roman numerals in standard form up to 39."""
    assert roman_value(numeral) == value


@pytest.mark.parametrize(("numeral", "value"), [("XL", 40), ("LXXXVIII", 88), ("XCIX", 99), ("CX", None), ("LL", None)])
def test_larger_roman_numerals(numeral: str, value: int | None) -> None:
    """A language can raise the limit for Roman numerals to 99."""
    assert roman_value(numeral, limit=99) == value


def test_capitals() -> None:
    """The spoken word is capitalized if the written word is capitalized."""
    assert capitalized_as("E.g.", "for example") == "For example"
    assert capitalized_as("e.g.", "for example") == "for example"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("e.g. this", "for example this"),
        ("E. g. this", "For example this"),
        ("and e.g.", "and for example."),
        ("“and e.g.”", "“and for example.”"),
        ("the.g. this", "the.g. this"),
        ("5 mln", "5 million"),
        ("5 mlns", "5 mlns"),
        ("5 mln. euros", "5 million euros"),
        ("5 mln.", "5 million."),
        ("a@e.g.com", "a@e.g.com"),
    ],
)
def test_abbreviations(written: str, spoken: str) -> None:
    """An abbreviation must be a whole word. Its dot is kept at the end of the sentence."""
    assert _applied(written, [abbreviations({"e. g.": "for example", "mln": "million"})]) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("10-20 days", "10 to 20 days"),
        ("10–20", "10 to 20"),
        ("10 – 20 %", "10 to 20 %"),
        ("3.5%–4%", "3.5% to 4%"),
        ("1914-1918", "1914 to 1918"),
        ("8:00-6:00", "8:00 to 6:00"),
        ("3-2", "3 beats 2"),
        ("3-4", "3-4"),
        ("10 - 3", "10 - 3"),
        ("10-3=7", "10-3=7"),
        ("747-400", "747-400"),
        ("2024-10-03", "2024-10-03"),
        ("F-16 days", "F-16 days"),
        ("1-800-555", "1-800-555"),
        ("-5–3 or -5-3 %", "-5 to 3 or -5 to 3 %"),
        ("-5–-3", "-5 to -3"),
        ("10 -5 %", "10 -5 %"),
    ],
)
def test_ranges(written: str, spoken: str) -> None:
    """A dash is read as a range if the second number is larger and a word, a unit or an en dash indicates a range."""
    assert _applied(written, ranges("to", score="beats")) == spoken


def test_weekday_ranges() -> None:
    """Ranges of abbreviated weekdays are read in full. The dot at the end of the sentence is kept."""
    rule = weekday_ranges({"mo": "monday", "fr": "friday"}, "to")
    assert _applied("mo-fr, Mo. – fr. at 5, momo-fr, mo-fro, mo.-fr.", [rule]) == (
        "monday to friday, Monday to friday at 5, momo-fr, mo-fro, monday to friday."
    )


def test_weekdays_with_a_word_between_them() -> None:
    """Two abbreviated weekdays are read in full. The names of the second weekday may have another form."""
    rules = weekdays_between({"mo": "monday", "fr": "friday"}, "to|and", last={"mo": "MONDAY", "fr": "FRIDAY"})
    assert _applied("Mo. to fr. at 5, mo and fr", rules) == "Monday to FRIDAY at 5, monday and FRIDAY"
    assert _applied("mo to fr.", rules) == "monday to FRIDAY."
    assert _applied("mo to five, no to fr", rules) == "mo to five, no to fr"


def test_groups_of_digits_have_a_pause() -> None:
    """When a number is spelled out, groups of several digits are separated by commas."""
    assert spelled_digits("(01) 23", _DIGITS) == "zero one, two three"
    assert spelled_digits("1 23", _DIGITS) == "one two three"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("+49 30 1234", "plus four nine, three zero, one two three four"),
        ("(+49) 30 1234", "(plus four nine, three zero, one two three four"),
        ("+49 °C", "+49 °C"),
        ("The code is 471", "The code is four seven one"),
        ("The code: 4711 now", "The code: four seven one one now"),
        ("The barcode is 471", "The barcode is 471"),
        ("0042", "zero zero four two"),
        ("030 123456", "zero three zero, one two three four five six"),
        ("0.42", "0.42"),
        ("05:30", "05:30"),
        ("04", "04"),
        ("03/10/2026, 03-10-26, 03/10", "03/10/2026, 03-10-26, 03/10"),
        ("03-10-26-34", "zero three, one zero, two six, three four"),
        ("02/12 34 56", "zero two, one two, three four, five six"),
        ("1234", "1234"),
    ],
)
def test_digit_strings(written: str, spoken: str) -> None:
    """Telephone numbers, numbers with a leading zero and codes are read digit by digit."""
    assert _applied(written, digit_strings(_DIGITS, plus="plus", contexts="code")) == spoken


@pytest.mark.parametrize("part", [f"+{'9' * 60} ", f"+{'9' * 15}a ", f"0{'9' * 48}a ", f"(0123){'4' * 50}a "])
def test_long_rows_of_digits_take_linear_time(part: str) -> None:
    """The patterns for telephone numbers try only one way to divide a long string of digits into groups. Trying all
    ways would take minutes.
    """
    spoken = _applied(part * 3000, digit_strings(_DIGITS, plus="plus", contexts="code"))
    assert spoken == _applied(part, digit_strings(_DIGITS, plus="plus", contexts="code")) * 3000


def test_tables() -> None:
    """`table`, `grouped` and `listed` parse the words of a language from text."""
    assert table("a b = c | d = e\n  f = g") == {"a b": "c", "d": "e", "f": "g"}
    assert grouped("x = a b |\n y = c") == {"a": "x", "b": "x", "c": "y"}
    assert listed(" a\nb ") == ["a", "b"]


def test_pages_are_read_by_the_language() -> None:
    """The language says the word and both numbers if the second number is larger."""
    rules = page_spans("str\\.|strony", lambda match, low, high: f"{match['noun']} {low} do {high}")
    assert _applied("strony 3-5, Str. 7 – 9, str. 9-7, 3-5", rules) == "strony 3 do 5, Str. 7 do 9, str. 9-7, 3-5"
    assert _applied("str. 1-2-3, str. 1-2.5, str. 1-9999", rules) == "str. 1-2-3, str. 1-2.5, str. 1-9999"


def test_numbers_of_pages_are_a_range() -> None:
    """After a word such as "pages", a hyphen indicates a range even if no unit follows."""
    rules = page_ranges("páginas|pp?\\.", "a")
    assert _applied("páginas 3-5, p. 7–9, 3-5, pp. 1-2-3", rules) == "páginas 3 a 5, p. 7 a 9, 3-5, pp. 1-2-3"
