"""Individual characters are cleaned: some are removed, and compatibility characters are replaced."""

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wyoming_piper_serial.text.characters import PICTURE, clean_characters

# Suppress Hypothesis's warning that fixtures run once per test instead of once per example. This is harmless because no
# fixture holds state of the code under test.
_PROPERTY = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_TEXT = st.text(st.one_of(st.characters(), st.sampled_from("\r\n①❷Ⓐﬁ℃５ａ㎏")))


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\0b\x07c\x7fd", "a b c d"),
        ("one\u2028two\u2029three\vfour\ffive\x85six", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("one\r\ntwo\rthree\n\nfour\r\n\r\nfive", "one\ntwo\nthree\n\nfour\n\nfive"),
        ("party🎉time", f"party{PICTURE}time"),
        ("up ☝🏽 or ⏏", f"up {PICTURE}{PICTURE} or {PICTURE}"),
        ("up → or ➡️", "up → or ➡"),
        ("keycap 1\ufe0f\u20e3", "keycap 1"),
        ("fi\u00adnish\ufeff \u200bline", "finish line"),
        ("left \ud800 right \udfff", "left  right "),
        ("private \ue000 unassigned \U000e0fff", f"private {PICTURE} unassigned {PICTURE}"),
    ],
)
def test_characters_that_are_never_read_aloud_are_removed(text: str, cleaned: str) -> None:
    """Control characters, invisible characters and lone surrogates are removed. All line ends become newlines. Emoji
    and other pictographs become a marker, which keeps the words around them separate.
    """
    assert clean_characters(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "© ® ™ ° № µ Ω § ª º",
        "½ 1½ x² m³ 10⁶ H₂O ¼ ⅔",
        "tab\tand\nnewline",
        "می\u200cخواهم كتاب",
        "क्\u200dष",
        "naïve Ünïcödé £5 €5",
        "你好，世界！（好）：“是”；？。",
        "ｶﾞｷﾞ ハ゛",
        "ㅋㅋ 한국 น้ำ ເຂົ້າ և",
        "5′ 10″ … a–b",
    ],
)
def test_characters_that_are_read_aloud_are_kept(text: str) -> None:
    """Characters that are read aloud are kept even if NFKC would change them: fractions, powers, Chinese punctuation,
    half-width katakana, and Thai, Lao, Armenian and Korean letters.
    """
    assert clean_characters(text) == text


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("21℃ 70℉", "21°C 70°F"),
        ("5㎏ 3㎞ 4㎡ 2㎥ 10㎧ 9㎨", "5kg 3km 4m² 2m³ 10m/s 9m/s²"),
        ("㍿ ㍻ ㋀ ㏂ ㎖", "株式会社 平成 1月 a.m. ml"),
        ("Ａｂｃ１２．５％", "Abc12．5%"),
        ("＄５ ＋ ￥３", "$5 + ¥3"),
        ("ﬁne oﬃce Ĳ ǆ ſ", "fine office IJ dž s"),
        ("𝐀𝒷𝔠 𝟏𝟐 ℂ ℓ", "Abc 12 C l"),
        ("Ludwig Ⅳ and ⅻ", "Ludwig IV and xii"),
        ("⑴ ⒈ ⒜ 🄐", "(1) 1. (a) (A)"),
        ("①Open ②③ Ⓐ ❶ ⓫ ➂x 🅗🅘", "1 Open 2 3 A 1 11 3 x HI"),
        ("well‑known ½∕¼", "well-known ½/¼"),
        ("‼ ⁇ ⁉", "!! ?? !?"),
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("｢好｡｣", "「好。」"),
    ],
)
def test_compatibility_characters_become_what_they_stand_for(text: str, cleaned: str) -> None:
    """A compatibility character is replaced with the characters that it represents. A circled number is separated from
    adjacent words.
    """
    assert clean_characters(text) == cleaned


@_PROPERTY
@given(_TEXT, _TEXT, _TEXT)
def test_text_may_be_split_anywhere(left: str, middle: str, right: str) -> None:
    """Text can be cleaned in parts, split at any position, if the character before each part is known."""
    parts = [clean_characters(left), clean_characters(middle, left), clean_characters(right, left + middle)]
    assert clean_characters(left + middle + right) == "".join(parts)


@_PROPERTY
@given(st.text(st.characters()))
def test_clean_text_has_no_special_characters(text: str) -> None:
    """For any input, the cleaned text contains no control characters except newlines and tabs, no surrogates, and no
    private-use character except the marker for pictographs.
    """
    left = {unicodedata.category(character) for character in clean_characters(text) if character not in "\n\t\ue003"}
    assert not left & {"Cc", "Cs", "Co"}
    clean_characters(text).encode()
