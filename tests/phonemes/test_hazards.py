"""Text that espeak-ng cannot read is divided, and all other text stays as it is."""

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


@pytest.mark.parametrize(
    "unit", ["w.", "A.B.", "a.m. ", "т.е. ", "𝐀.", ".a", "w.,", "a.m., ", "a .", "é.", "e\u0301.", "w..", "x.-", "е.\n", "佛.\U00011439.", "ा."]
)
@pytest.mark.parametrize("count", [30, 97, 150, 300])
def test_row_of_dotted_letters_has_no_more_dots_inside(unit: str, count: int) -> None:
    """In a long row of letters with dots, hyphens replace the dots between the letters. All letters are kept."""
    text = "Then " + unit * count
    defused = defuse(text)
    assert letters(defused) == letters(text)
    assert regex.search(r"(?:[\p{L}\p{M}]\p{M}*[^\p{L}\p{M}\p{N}]*\.[^\p{L}\p{M}\p{N}]*){13}", defused.removeprefix("Then ")) is None


def test_mark_after_a_row_is_kept() -> None:
    """The mark after a row of dotted letters still ends the sentence."""
    assert defuse("A.B." * 20 + " Then") == "-".join("AB" * 20) + ". Then"
    assert defuse("a.b." * 20 + "c!") == "-".join("ab" * 20) + "-c!"


@pytest.mark.parametrize("unit", ["a", "ı", "ы", "한", "か", "ह", "e\u0301", "ab1", "𝐀"])
def test_long_word_is_divided(unit: str) -> None:
    """A word of hundreds of letters becomes words of at most 60 bytes. No letter is separated from its accents."""
    defused = defuse(unit * 300)
    assert defused.replace(" ", "") == unit * 300
    assert all(0 < len(word.encode()) <= 60 for word in defused.split(" "))
    assert not any(regex.match(r"\p{M}", word) for word in defused.split(" "))


def test_long_number_is_divided() -> None:
    """A number of more than 30 digits becomes groups of three digits."""
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
    """A text is divided after a pause, else between words, else between characters."""
    assert halves(text) == (left, text[len(left) :])


def test_division_loses_nothing() -> None:
    """The parts of any text, joined, are the text. None is longer than requested, except a single grapheme."""
    for seed in range(300):
        text = random_text(random.Random(seed))
        assert "".join(halves(text)) == text
        parts = pieces(text, 40)
        assert "".join(parts) == text
        assert all(len(part) <= 40 or len(regex.findall(r"\X", part)) == 1 for part in parts)


def test_no_letter_or_digit_is_lost() -> None:
    """Whatever the text is, its letters and digits stay, in their order."""
    for seed in range(300):
        text = random_text(random.Random(seed))
        assert letters(defuse(text)) == letters(text)


def test_defused_text_is_not_changed_again() -> None:
    """What has been defused once is unchanged by a second call."""
    for seed in range(100):
        defused = defuse(random_text(random.Random(seed)))
        assert defuse(defused) == defused


def letters(text: str) -> str:
    return "".join(regex.findall(r"[\p{L}\p{M}\p{N}]", text))


def test_rows_in_a_row_are_separate() -> None:
    """Two rows with words between them are both divided."""
    defused = defuse("x." * 20 + "word and " + "y." * 20)
    assert "word and" in defused
    assert all(not (a == "x" and b == ".") for a, b in pairwise(defused[:30]))
