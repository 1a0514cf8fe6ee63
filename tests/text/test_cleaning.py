"""Text is cleaned: characters and markup that are not read aloud are removed."""

import unicodedata

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.text import cleaning
from wyoming_piper_serial.text.cleaning import clean_characters, clean_sentence, is_speakable, strip_emphasis

# hypothesis warns that a fixture runs once for each test, not once for each example. This is harmless here, because no
# fixture contains state of the code under test.
_PROPERTY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_MARKS = [*"._~*#|>`[-=… \n\u200d\u0301🎉\ud800", "- ", "# ", "| ", "> ", " *", "[[", "\n "]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\0b\x07c\x7fd", "a b c d"),
        ("one\u2028two\u2029three\vfour\ffive\x85six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("party🎉time", "party time"),
        ("up ☝🏽 or → that ✔️", "up    or   that  "),
        ("flag 🇫🇷!", "flag   !"),
        ("keycap 1\ufe0f\u20e3", "keycap 1"),
        ("fi\u00adnish\ufeff \u200bline", "finish line"),
        ("left \ud800 right \udfff", "left  right "),
        ("private \ue000 unassigned \U000e0fff", "private   unassigned  "),
    ],
)
def test_characters_that_are_never_read_aloud_are_removed(text: str, cleaned: str) -> None:
    """Control characters, emoji, invisible marks and lone surrogates are removed. The words around them stay
    separate."""
    assert clean_characters(text) == cleaned


@pytest.mark.parametrize(
    "text", ["© ® ™ ° № ℃ ℉", "tab\tand\r\nnewline", "می\u200cخواهم", "क्\u200dष", "naïve Ünïcödé 你好 1½ £5"]
)
def test_characters_that_are_read_aloud_are_kept(text: str) -> None:
    """Characters that are read aloud are kept, as are white space and the joiners that some scripts need."""
    assert clean_characters(text) == text


@_PROPERTY
@given(st.text(st.characters()), st.text(st.characters()))
def test_characters_are_cleaned_one_by_one(left: str, right: str) -> None:
    """Each character is cleaned independently of the others, so a text may be split at any position before it is
    cleaned."""
    assert clean_characters(left + right) == clean_characters(left) + clean_characters(right)


@_PROPERTY
@given(st.text(st.characters()))
def test_clean_text_has_no_special_characters(text: str) -> None:
    """The cleaned text of any input contains no control characters except white space, no surrogates and no
    private-use characters."""
    left = {unicodedata.category(character) for character in clean_characters(text) if character not in "\n\r\t"}
    assert not left & {"Cc", "Cs", "Co"}
    clean_characters(text).encode()


@pytest.mark.parametrize(
    ("text", "stripped"),
    [
        ("**bold** and *italic* and ***both***", "bold and italic and both"),
        ("`code` and ` spaced code `", "code and  spaced code "),
        ("```python\ncode\n```", "python\ncode\n"),
        ("5 * 3 and 5*3", "5 × 3 and 5×3"),
        ("a * b", "a * b"),
        ("milk\n* eggs\n  * bread", "milk\n- eggs\n  - bread"),
    ],
)
def test_emphasis_is_not_spoken(text: str, stripped: str) -> None:
    """Stars and backticks that mark emphasis or code are removed. Stars that mean multiplication or begin a list
    item are kept."""
    assert strip_emphasis(text) == stripped


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("See [the site](https://example.org/a_b?c=d).", "See the site."),
        ("![A cat](cat.png) sleeps", "A cat sleeps"),
        ("# Title\nText", "Title. Text"),
        ("### Title ###\nText", "Title. Text"),
        ("Title\n=====\nText", "Title. Text"),
        ("#hashtag", "#hashtag"),
        ("above\n---\nbelow", "above. below"),
        ("- milk\n- eggs\n- bread", "milk, eggs, bread"),
        ("+ milk\n• eggs\n  ◦ bread", "milk, eggs, bread"),
        ("word - word – word", "word - word – word"),
        ("> quoted\n> > twice", "quoted twice"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a b 1 2"),
        ("_stress_ in snake_case and __init__", "stress in snake_case and init"),
        ("~~gone~~ but ~5", "gone but ~5"),
        ("first line\n  second\tline", "first line second line"),
        ("a paragraph\n\nanother", "a paragraph. another"),
        ("one… two... three", "one, two, three"),
        ("the end…", "the end."),
        ("e\u0301", "é"),
        ("left behind \u200d joiner", "left behind joiner"),
    ],
)
def test_markup_of_a_sentence_becomes_a_pause_or_is_removed(text: str, cleaned: str) -> None:
    """A link is replaced by its text, list items and headings end with a pause, and lines are joined."""
    assert clean_sentence(text) == cleaned


@pytest.mark.parametrize(
    "text", ["[[ h_ɛˈloʊ # | ]]", "Say [[ h_ɛ | l ]] now", "[[ one ]] and [[  two  ]]", "[[ ~~a~~ ]]"]
)
def test_raw_phonemes_do_not_change(text: str) -> None:
    """Text inside `[[ ]]` consists of raw phonemes for Piper, and is not changed."""
    assert clean_sentence(text) == text


def test_raw_phonemes_over_two_lines_become_one_line() -> None:
    """A newline inside raw phonemes becomes a space, because Piper reads raw phonemes only on one line."""
    assert clean_sentence("say [[ hɛ\nloʊ ]]") == "say [[ hɛ loʊ ]]"


@pytest.mark.parametrize("text", ["a", "7", "£", "½", "你", "नमस्ते", "Ⅷ", "… a"])
def test_letters_digits_and_currency_have_a_sound(text: str) -> None:
    """A text with a letter, a digit or a currency sign is speakable."""
    assert is_speakable(text)


@pytest.mark.parametrize("text", ["", " \n", "…", "?!.,;:", "- ", "***", "“”", "[[ ]]", "%", "\u0301"])
def test_marks_alone_have_no_sound(text: str) -> None:
    """A text that consists only of punctuation is not speakable."""
    assert not is_speakable(text)


@pytest.mark.unmeasured  # the other tests cover the same lines in less time
@pytest.mark.parametrize(
    "part",
    [
        *(*_MARKS, "a", "a.", "a\n", "\n- ", "\n* ", "[a", "[a](", "](", "1. ", "\n1. ", "a\n1. "),
        *("_", "\t", " \t", "[[", "[[a", "[[]]", "# a", "# ", "|", "| ", "\u0301", "\u0301\u0316", "\u200d", "… "),
    ],
)
def test_long_rows_of_one_mark_are_cleaned(part: str) -> None:
    """A long repetition of one mark is cleaned in linear time. In quadratic time, this test would take minutes."""
    row = part * (100_000 // len(part))
    for text in (row, f"a {row} b", f"{row}\nb", f"# a{row}b", f"[[{row}", f"a{row}|"):
        clean_sentence(strip_emphasis(clean_characters(text)))


def test_marks_on_one_letter_are_limited() -> None:
    """Each letter keeps at most 30 combining marks, which is the limit of Unicode's stream-safe text format."""
    text = clean_sentence("x" + "\u0301" * 1000 + "y" + "\u0301" * 30 + "z")
    assert text == "x" + "\u0301" * 30 + "ý" + "\u0301" * 29 + "z"


@_PROPERTY
@given(st.text(st.sampled_from("_a *\t\n|#[]()-.")))
def test_quick_patterns_match_what_plain_ones_match(text: str) -> None:
    """The patterns that avoid quadratic time match the same text as simple patterns."""
    for quick, plain in (
        (r"(?<!\w)_++|(?<!_)_++(?!\w)", r"(?<!\w)_+|_+(?!\w)"),
        (r"(?<=[\w)\]\"'])\s++(?<=\n[ \t]*)[-+*•‣◦·–—][ \t]+", r"(?<=[\w)\]\"'])\s*\n[ \t]*[-+*•‣◦·–—][ \t]+"),
        (r"(?<![ \t])[ \t]*+\|[ \t|]*+", r"[ \t]*\|[ \t|]*"),
        (r"^[ \t]*#{1,6}[ \t]+(.*?[^\s#])[ \t]*+(?:#++[ \t]*+)?$", r"^[ \t]*#{1,6}[ \t]+(.*?[^\s#])[ \t]*#*[ \t]*$"),
    ):
        assert quick in {pattern.pattern for pattern, _ in cleaning._LINE_RULES}
        found, expected = (regex.sub(pattern, "<>", text, flags=regex.MULTILINE) for pattern in (quick, plain))
        assert found == expected
    assert cleaning._RAW_PHONEMES.split(text) == regex.split(r"(\[\[.*?\]\])", text)
