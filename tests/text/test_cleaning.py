"""`clean_sentence` removes line markers and joins the lines of a sentence."""

import asyncio

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.text import cleaning
from wyoming_piper_serial.text.characters import ITEM_PAUSE, LINK_END, STAR, clean_characters
from wyoming_piper_serial.text.cleaning import clean_sentence, is_speakable

# Suppress Hypothesis's warning that fixtures run once per test instead of once per example. This is harmless because no
# fixture holds state of the code under test.
_PROPERTY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_BLOCK = regex.compile(r"\[\[.*?\]\]")
_MARKS = [*"._~*#|>`[-=… \n\u200d\u0301🎉\ud800", "- ", "# ", "| ", "> ", " *", "[[", "\n "]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"See [the{LINK_END} and [[site{LINK_END}{LINK_END}.", "See the and site."),
        ("# Title\nText", "Title. Text"),
        ("## Learn C#\nText", "Learn C# Text"),
        ("## \nText", "Text"),
        ("Title\n==\nText", "Title. Text"),
        ("Title\n--\nText", "Title. Text"),
        ("### Title ###\nText", "Title. Text"),
        ("Title\n=====\nText", "Title. Text"),
        ("#hashtag", "#hashtag"),
        ("above\n---\nbelow", "above. below"),
        ("- milk\n- eggs\n- bread", "milk, eggs, bread"),
        ("- 45 %\n- 5 €\n\nNext", "45 %, 5 €. Next"),
        ("+ milk\n• eggs\n  ◦ bread", "milk, eggs, bread"),
        ("word - word – word", "word - word – word"),
        ("> quoted\n> > twice", "quoted twice"),
        ("| a | b |\n|---|:-:|\n| 1 | 2 |", "a, b, 1, 2"),
        ("_stress_ in snake_case and __init__", "stress in snake_case and init"),
        ("~~gone~~ but ~5", "but ~5"),
        ("It is ~~open~~ closed, ~~10~~ 5 €", "It is closed, 5 €"),
        ("- ~~buy milk~~\n- get eggs", "buy milk, get eggs"),
        ("~~ a ~~ b", "a b"),
        ("==marked== but a == b", "marked but a == b"),
        ("a • b", "a, b"),
        ("> 5 kg\n>5 kg", "5 kg >5 kg"),
        ("array[0] [sic] [1][2]", "array 0 sic 1 2"),
        ("x\\alpha and $$x^2$$", "x\\alpha and x²"),
        ("fact【4:0†source】.", "fact."),
        ("2ⁿᵈ Mᵐᵉ xₐ 3＜5 １２：３０ don´t", "2nd Mme xa 3<5 １２:３０ don't"),
        (f"1{ITEM_PAUSE}Open all{STAR}", "1, Open all*"),
        ("first line\n  second\tline", "first line second line"),
        ("a paragraph\n\nanother", "a paragraph. another"),
        ("one… two... three", "one, two, three"),
        ("the end…", "the end."),
        ("-5…-3 °C, 5...10, 3...2...1", "-5–-3 °C, 5–10, 3, 2, 1"),
        ("12，5 1，234，567 1，23", "12，5 1,234,567 1，23"),
        ("-٣٫٥ °C, ۱٬۲۳۴, ४५%, ২১.৫, ๕", "-3.5 °C, 1,234, 45%, 21.5, 5"),
        ("e\u0301", "é"),
        ("left behind \u200d joiner", "left behind joiner"),
    ],
)
def test_markup_of_a_sentence_becomes_a_pause_or_is_removed(text: str, cleaned: str) -> None:
    """Links are replaced by their text, list items and headings end with a pause, and lines are joined."""
    assert clean_sentence(text) == cleaned


def test_chinese_list_of_numbers_is_no_thousands() -> None:
    """In Chinese, a full-width comma between digits separates the items of a list."""
    assert clean_sentence("5，100，3：2", "zh") == "5，100，3:2"


@pytest.mark.parametrize(
    "text", ["[[ h_ɛˈloʊ # | ]]", "Say [[ h_ɛ | l ]] now", "[[ one ]] and [[  two  ]]", "[[ ~~a~~ ]]"]
)
def test_raw_phonemes_do_not_change(text: str) -> None:
    """Text inside `[[ ]]`, which contains raw phonemes for Piper, is not changed."""
    assert clean_sentence(text) == text


@pytest.mark.parametrize(
    "text", ["[[x]] - a", "A [[x]] – [[y]] z", "[[x]] > b", "[[x]] # b", "a - [[x]]", "[[x]][[y]]"]
)
def test_text_after_raw_phonemes_is_not_the_start_of_a_line(text: str) -> None:
    """A character after `[[ ]]` is not treated as the marker of an item, a heading or a quotation."""
    assert clean_sentence(text) == text


def test_letter_that_stands_for_raw_phonemes_is_left_out() -> None:
    """If the text itself contains the placeholder letter for raw phonemes, the letter is removed, and no phonemes are
    lost.
    """
    assert clean_sentence("a Ꙭ [[x]] b") == "a [[x]] b"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("See ~~[[x]]~~ [[y]] now.", "See [[y]] now."),
        ("[[x]] ~~old [[y]] text~~ [[z]]", "[[x]] [[z]]"),
        ("See 【1†[[x]]】[[y]]", "See [[y]]"),
        ("[[x]]ꙁꙁ ~~[[y]]~~ꙁ[[z]]", "[[x]]ꙁꙁ ꙁ[[z]]"),
    ],
)
def test_raw_phonemes_are_left_out_with_the_text_around_them(text: str, cleaned: str) -> None:
    """If a rule removes text that contains raw phonemes, these are removed too, and all others keep their place."""
    assert clean_sentence(text) == cleaned


@_PROPERTY
@given(st.lists(st.sampled_from([*_MARKS, "~~", "[[x]]", "[[y]]", "【1†", "】", "word", "1", "Ꙭ", "ꙁ"]), max_size=30))
def test_any_markup_around_raw_phonemes_can_be_cleaned(parts: list[str]) -> None:
    """Raw phonemes are kept or left out, but never mixed up with others, whatever stands around them."""
    text = "".join(parts)
    blocks = iter(_BLOCK.findall(text))
    assert all(block in blocks for block in _BLOCK.findall(clean_sentence(text)) if block in {"[[x]]", "[[y]]"})


def test_raw_phonemes_over_two_lines_become_one_line() -> None:
    """A newline inside raw phonemes becomes a space, because Piper recognizes raw phonemes only on a single line."""
    assert clean_sentence("say [[ hɛ\nloʊ ]]") == "say [[ hɛ loʊ ]]"


@pytest.mark.parametrize("text", ["a", "7", "£", "½", "你", "नमस्ते", "Ⅷ", "… a"])
def test_letters_digits_and_currency_have_a_sound(text: str) -> None:
    """Text with a letter, a digit or a currency sign is speakable."""
    assert is_speakable(text)


@pytest.mark.parametrize("text", ["", " \n", "…", "?!.,;:", "- ", "***", "“”", "[[ ]]", "%", "\u0301"])
def test_marks_alone_have_no_sound(text: str) -> None:
    """Text that consists only of punctuation is not speakable."""
    assert not is_speakable(text)


@pytest.mark.unmeasured  # faster tests cover the same code
@pytest.mark.parametrize(
    "part",
    [
        *(*_MARKS, "a", "a.", "a\n", "\n- ", "\n* ", "[a", "[a](", "](", "1. ", "\n1. ", "a\n1. "),
        *("_", "\t", " \t", "[[", "[[a", "[[]]", "# a", "# ", "|", "| ", "\u0301", "\u0301\u0316", "\u200d", "… "),
    ],
)
async def test_long_rows_of_one_mark_are_cleaned(part: str) -> None:
    """Long repetitions of a marker are cleaned in linear time. A quadratic algorithm would block the event loop for
    longer than the guard of all tests allows."""
    row = part * (25_000 // len(part))
    for text in (row, f"a {row} b", f"{row}\nb", f"# a{row}b", f"[[{row}", f"a{row}|"):
        clean_sentence(clean_characters(text))
        await asyncio.sleep(0)  # the guard measures each text alone


def test_marks_on_one_letter_are_limited() -> None:
    """Each letter keeps at most 30 combining marks, the limit of Unicode's stream-safe text format."""
    text = clean_sentence("x" + "\u0301" * 1000 + "y" + "\u0301" * 30 + "z")
    assert text == "x" + "\u0301" * 30 + "ý" + "\u0301" * 29 + "z"


@_PROPERTY
@given(st.text(st.sampled_from("_a *\t\n|#[]()-.")))
def test_quick_patterns_match_what_plain_ones_match(text: str) -> None:
    """The patterns that avoid quadratic time match the same text as simpler, slower patterns."""
    end = cleaning._BEFORE_PAUSE
    for quick, plain in (
        (r"(?<!\w)_++|(?<!_)_++(?![\w(])", r"(?<!\w)_+|(?<!_)_++(?![\w(])"),
        (rf"(?<={end})\s++(?<=\n[ \t]*)[-+*·–—•‣⁃∙◦][ \t]+", rf"(?<={end})\s*\n[ \t]*[-+*·–—•‣⁃∙◦][ \t]+"),
        (r"(?<![ \t])[ \t]*+\|[ \t|]*+", r"[ \t]*\|[ \t|]*"),
        (
            r"^[ \t]*#{1,6}[ \t]+(\S.*?(?<=\S))[ \t]*+(?:(?<=[ \t])#++[ \t]*+)?$",
            r"^[ \t]*#{1,6}[ \t]+(\S|\S.*?\S)(?:[ \t]+#*)?[ \t]*$",
        ),
    ):
        assert quick in {pattern.pattern for _, pattern, _ in cleaning._LINE_RULES}
        found, expected = (regex.sub(pattern, "<>", text, flags=regex.MULTILINE) for pattern in (quick, plain))
        assert found == expected
    assert cleaning._RAW_PHONEMES.split(text) == regex.split(r"(\[\[.*?\]\])", text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Settings → Devices", "Settings, Devices"),
        ("A ↔ B ⇒ C", "A, B, C"),
        ("x ← 5", "x, 5"),
        ("20 → 22 °C", "20 → 22 °C"),
        ("80% ➡ 75%", "80% ➡ 75%"),
        ("see →", "see"),
    ],
)
def test_arrows(text: str, cleaned: str) -> None:
    """An arrow between words is a pause. An arrow between two numbers is kept for the text rules."""
    assert clean_sentence(text) == cleaned
