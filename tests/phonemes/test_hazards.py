"""Text that would crash espeak-ng or overflow its buffers is changed. Other text is not changed."""

import random
from itertools import pairwise

import pytest
import regex

from tests.phonemes.texts import random_text
from wyoming_piper_serial.phonemes.hazards import defuse, halves, pieces


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello there.",
        "The U.S.A. and the U.K., e.g. at 5 a.m. or 6 p.m., i.e. early.",
        "z. B. am 3. Mai, d. h. bald; т.е. и т.д.",
        "J. R. R. Tolkien met C. S. Lewis.",
        "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
        "https://example.com/a/long/path?with=a&query=of&many=parts#and-a-fragment",
        "12345678901234567890",
        "这是一个没有标点的很长的中文句子" * 10,
        "안녕하세요 오늘 날씨가 좋습니다",
    ],
)
def test_usual_text_is_unchanged(text: str) -> None:
    """Abbreviations, initials, long words, addresses, numbers and Chinese text are unchanged."""
    assert defuse(text) == text


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize(
    "unit",
    [
        "w.",
        "A.B.",
        "a.m. ",
        "т.е. ",
        "𝐀.",
        ".a",
        "w.,",
        "a.m., ",
        "a .",
        "é.",
        "e\u0301.",
        "w..",
        "x.-",
        "е.\n",
        "佛.\U00011439.",
        "ा.",
        "Ⅳ.",
        "ⓐ.",
        "埁.Ⅻ.",
        "⠫.",
        "⒗Ӧ.",
        "①a. ",
    ],
)
@pytest.mark.parametrize("count", [30, 97, 150, 300])
def test_row_of_dotted_letters_has_no_more_dots_inside(unit: str, count: int) -> None:
    """In a long sequence of letters separated by dots, hyphens replace the dots. All letters are kept."""
    text = "Then " + unit * count
    defused = defuse(text)
    assert letters(defused) == letters(text)
    assert (
        regex.search(
            r"(?:[\p{Alphabetic}\p{M}⠫]\p{M}*[^\p{Alphabetic}\p{M}\p{Nd}⠫]*\.[^\p{Alphabetic}\p{M}\p{Nd}⠫]*){13}",
            defused.removeprefix("Then "),
        )
        is None
    )


def test_mark_after_a_row_is_kept() -> None:
    """The punctuation mark after a sequence of dotted letters still ends the sentence."""
    assert defuse("A.B." * 20 + " Then") == "-".join("AB" * 20) + ". Then"
    assert defuse("a.b." * 20 + "c!") == "-".join("ab" * 20) + "-c!"


@pytest.mark.parametrize("unit", ["a", "ı", "ы", "한", "か", "ह", "e\u0301", "ab1", "𝐀"])
def test_long_word_is_divided(unit: str) -> None:
    """A word of hundreds of letters is split into words of at most 60 bytes. An accent is never separated from its
    letter."""
    defused = defuse(unit * 300)
    assert defused.replace(" ", "") == unit * 300
    assert all(0 < len(word.encode()) <= 60 for word in defused.split(" "))
    assert not any(regex.match(r"\p{M}", word) for word in defused.split(" "))


def test_long_number_is_divided() -> None:
    """A number with more than 30 digits is split into groups of three digits."""
    assert defuse("123" * 11 + "4") == " ".join(["123"] * 11 + ["4"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("one two three four", "one two "),
        ("this is it, and that was not it", "this is it, "),
        ("thisisonewordwithoutaspace", "thisisoneword"),
        ("中文没有空格", "中文没"),
        ("ab", "a"),
        ("a", "a"),
        ("", ""),
    ],
)
def test_text_is_divided_near_its_middle(text: str, left: str) -> None:
    """A text that is too long is split near its middle: after a pause if possible, otherwise between words, otherwise
    between characters."""
    assert halves(text) == (left, text[len(left) :])


def test_raw_phonemes_are_not_divided() -> None:
    """A text is split before or after a block of phonemes (`[[ ]]`), not inside the block."""
    assert halves("a [[b c d e f g]] h") == ("a ", "[[b c d e f g]] h")
    assert halves("[[b c d e f g]]h") == ("[[b c d e f g]]", "h")
    assert halves("[[b c d e f g]]") == ("[[b c d e f g]]", "")


def test_division_loses_nothing() -> None:
    """For any text, the pieces into which it is split are equal to the text when joined. Only a piece with a single
    grapheme can exceed the size limit."""
    for seed in range(300):
        text = random_text(random.Random(seed))
        assert "".join(halves(text)) == text
        parts = pieces(text, 40)
        assert "".join(parts) == text
        assert all(len(part) <= 40 or len(regex.findall(r"\X", part)) == 1 for part in parts)


def test_no_letter_or_digit_is_lost() -> None:
    """`defuse` keeps all letters and digits of any text, in order."""
    for seed in range(300):
        text = random_text(random.Random(seed))
        assert letters(defuse(text)) == letters(text)


def test_defused_text_is_not_changed_again() -> None:
    """`defuse` is idempotent."""
    for seed in range(100):
        defused = defuse(random_text(random.Random(seed)))
        assert defuse(defused) == defused


def letters(text: str) -> str:
    return "".join(regex.findall(r"[\p{L}\p{M}\p{N}]", text))


def test_two_rows_are_changed_separately() -> None:
    """If there are words between two sequences of dotted letters, both sequences are changed, and the words are
    kept."""
    defused = defuse("x." * 20 + "word and " + "y." * 20)
    assert "word and" in defused
    assert all(not (a == "x" and b == ".") for a, b in pairwise(defused[:30]))
