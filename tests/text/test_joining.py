"""Dots inside a sentence are removed, so that espeak-ng does not split the sentence. The words are not changed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixture_voices import phonemizers
from wyoming_piper_serial.phonemes.espeak import Clause, sentences
from wyoming_piper_serial.text.joining import Edit, inner_dots, join_dots

_JOINED = [
    ("en", "Dr. Smith is here.", "Dr Smith is here."),
    ("en", "See No. 5.", "See No 5."),
    ("en", "J. R. R. Tolkien wrote it.", "J R R Tolkien wrote it."),
    ("en", "By A. Smith and G. W. Bush.", "By A- Smith and G W Bush."),
    ("en", "He left at 5 a.m. Peter slept.", "He left at 5 a.m Peter slept."),
    ("en", "He left at 5 a. m. Peter slept.", "He left at 5 a.m Peter slept."),
    ("en", "Fruit, e.g. Granny Smith.", "Fruit, e.g Granny Smith."),
    ("en", "The U.S. Army and the U.K. are big.", "The U.S Army and the U.K. are big."),
    ("en", 'He is vs. "Smith" (approx. 5).', 'He is vs "Smith" (approx 5).'),
    ("en", "Pens, etc., now (approx.) here.", "Pens, etc, now (approx) here."),
    ("en", "Yahoo! Inc is big.", "Yahoo Inc is big."),
    ("en", "He met Lt. Col. Brown.", "He met Lt Col Brown."),
    ("de", "Äpfel, z. B. Boskop.", "Äpfel, z.B Boskop."),
    ("de", "Am 3. Oktober.", "Am 3. oktober."),
    ("de", "Der 21. Geburtstag.", "Der 21. geburtstag."),
    ("de", "Am 3. 10. 2026 um 5.", "Am 3 10 2026 um 5."),
    ("de", "Ludwig XIV. König von Frankreich.", "Ludwig XIV. könig von Frankreich."),
    ("nb", "Vi feirer den 17. Mai.", "Vi feirer den 17. mai."),
    ("cs", "Karel IV. Lucemburský.", "Karel IV Lucemburský."),
    ("it", "Il sig. Rossi.", "Il sig Rossi."),
    ("pl", "Na ul. Długiej.", "Na ul Długiej."),
    ("pl", "To W. Nowak.", "To wu Nowak."),
    ("ru", "Это г. Москва.", "Это г Москва."),
    ("ru", "Это т. е. Москва.", "Это т.е Москва."),
    ("ru", "Это С. Иванов.", "Это эс Иванов."),
    ("hi", "डॉ. राम यहाँ हैं।", "डॉ राम यहाँ हैं।"),
    ("ka", "გვ. 12.", "გვ 12."),
]


def runs(voice: str, text: str) -> list[str]:
    """Return the phonemes of each sentence that espeak-ng recognizes in `text`."""
    process = phonemizers().process("espeak")

    def clauses(part: str) -> list[Clause]:
        request = {"voice": voice, "folder": "", "text": part}
        return [Clause(*clause) for clause in process.submit(process.ask, request).result()]

    return ["".join(sentence) for sentence in sentences(text, clauses)]


@pytest.mark.parametrize(("language", "text", "expected"), _JOINED)
def test_dots_inside_a_sentence_are_removed(language: str, text: str, expected: str) -> None:
    """The dot of an abbreviation, an initial or an ordinal is removed before a capital letter, a number or punctuation.
    A letter that would be read as a word is replaced.
    """
    assert join_dots(text, language) == expected


@pytest.mark.parametrize(("language", "text", "expected"), _JOINED)
def test_espeak_reads_one_sentence(language: str, text: str, expected: str) -> None:
    """espeak-ng reads the joined text as a single sentence."""
    assert len(runs({"en": "en-us"}.get(language, language), join_dots(text, language))) == 1


@pytest.mark.parametrize(
    ("voice", "text", "heard"),
    [
        ("en-us", "At 5 a.m. Peter left.", "ˌeɪˈɛm"),
        ("en-us", "At 5 a. m. Peter left.", "ˌeɪˈɛm"),
        ("en-us", "Fruit, e.g. Granny Smith.", "ˌiːdʒˈiː"),
        ("en-us", "A. Smith was here.", "ˈeɪ smˈɪθ"),
        ("en-us", "J. R. R. Tolkien wrote it.", "dʒˈeɪ ˈɑːɹ ˈɑːɹ tolkˈiːn"),
        ("de", "Äpfel, z. B. Boskop.", "tsˌɛtbˈeː"),
        ("de", "Am 3. Oktober.", "drˈɪtə ɔktˈoːbɜ"),
        ("nb", "Den 17. Mai.", "mˈɑɪ"),
        ("ru", "С. Иванов.", "ˈɛs ɪvˈɑnʌf"),
        ("pl", "W. Nowak.", "vˈu nˈɔvak"),
        ("hu", "IV. Béla király.", "nˈɛɟɛdik bˈeːlɑ"),
    ],
)
def test_letters_and_ordinals_are_read_as_such(voice: str, text: str, heard: str) -> None:
    """In the joined text, espeak-ng reads letters by name and ordinals as ordinals."""
    (run,) = runs(voice, join_dots(text, voice))
    assert heard in run


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "I like Bob. He is nice."),
        ("en", "It costs 5. Peter paid."),
        ("en", "Pens, etc. Peter left."),
        ("en", "At 3.5, v1.2.3, example.com and file.txt."),
        ("en", "It is approx. twenty."),
        ("en", "Say [[ a. B. C ]] now."),
        ("en", "Dr."),
        ("en", "Dr. (“"),
        ("en", ""),
        ("", "Dr. Smith is here."),
        ("xx", "Dr. Smith is here."),
    ],
)
def test_other_dots_are_kept(language: str, text: str) -> None:
    """Dots that end a sentence, dots that espeak-ng ignores, dots in raw phonemes, and dots in a language without data
    are kept.
    """
    assert inner_dots(text, language) == []
    assert join_dots(text, language) == text


def test_changes_name_the_positions_in_the_text() -> None:
    """Each edit contains the start and end of the text that it replaces."""
    assert inner_dots("Dr. A. Smith, z.", "en") == [Edit(2, 3, ""), Edit(4, 6, "A-")]


_PARTS = [
    *("Dr. ", "A. ", "z. B. ", "e. g. ", "г. ", "С. ", "5. ", "XIV. ", "am ", "Oktober ", "The ", "a"),
    *("[[", "]]", ", ", "! ", "(", "»"),
]


@settings(max_examples=200, deadline=None, database=None)
@given(
    st.lists(st.sampled_from(_PARTS)),
    st.sampled_from(["en", "de", "ru", "fr", "hu"]),
)
def test_changes_are_in_order_and_change_no_word(parts: list[str], language: str) -> None:
    """Edits do not overlap. They only remove dots, exclamation marks and spaces, or replace a single letter."""
    text = "".join(parts)
    done = 0
    for start, end, new in inner_dots(text, language):
        assert done <= start < end <= len(text)
        done = end
        old = text[start:end]
        assert (old in (".", "!", " ") and new == "") or new == old.lower() or (len(old) == 2 and old[1] == ".")


@pytest.mark.parametrize("part", [".", "a. ", "A. ", "a.", "[[", ".)", "! ", "z. B. ", ". — "])
def test_long_adversarial_sentence_is_joined(part: str) -> None:
    """Long sentences of punctuation are joined in linear time. An algorithm with quadratic time and a large constant
    factor would take minutes.
    """
    join_dots(part * (5_000 // len(part)), "de")
