"""A lexicon replaces whole words with other words or with phonemes."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.text import lexicon as module
from wyoming_piper_serial.text.lexicon import Entry, Lexicon, LexiconFile, VoiceLexicon
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon

TEXT = """
# People
Geis = gice          # a friend
Zoë = /zˈəʊi/
Polish = poalish
polish = pollish
New York = Big Apple
New York City = the city
C++ = see plus plus
C# = see sharp
e.g. = for example
U.S. = you ess
don = donald
24/7 = all day
5 = five
& = and
= = equals
Wien=Vienna
naïve = /naɪ.ˈiːv/
北京 = běijīng
"""


def voice(text: str = TEXT, language: str = "en_US", *names: str) -> VoiceLexicon:
    return Lexicon([parse_lexicon(text.encode(), "lexicon.txt")]).for_voice(language, *names)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Geis, Geist and Geis's dog (Geis).", "gice, Geist and gice's dog (gice)."),
        ("The Geis-Haus of “Geis”", "The gice-Haus of “gice”"),
        ("Zoë's.", "[[zˈəʊi]]'s."),
        ("Zoe\u0308!", "[[zˈəʊi]]!"),
        ("nai\u0308ve", "[[naɪˈiːv]]"),
        # exact case takes precedence; a lower-case entry matches any case
        ("Polish polish POLISH", "poalish pollish pollish"),
        ("geis GEIS", "geis GEIS"),
        ("Don", "donald"),
        # the longest entry takes precedence
        ("New York, New York City, New  York", "Big Apple, the city, Big Apple"),
        ("New\u00a0York", "Big Apple"),
        ("NewYork New-York new york", "NewYork New-York new york"),
        # entries with signs
        ("C++, C++11, C# and C.", "see plus plus, see plus plus 11, see sharp and C."),
        ("R&D & a = b", "R and D and a equals b"),
        ("e.g. this, e.g.", "for example this, for example."),
        ("the U.S. and the U.S.A. (U.S.)", "the you ess and the U.S.A. (you ess.)"),
        # part of a word or a number is not a whole word
        ("don't don’t dell'don I'd don's", "don't don’t dell'donald I'd donald's"),
        ("24/7, 24/75 and 24 7", "all day, 24/75 and 24 7"),
        ("5 15 1.5 5.1 5:30 5-6 5.", "five 15 1.5 5.1 5:30 5-6 five."),
        ("Wien", "Vienna"),
        ("我在北京吃饭", "我在běijīng吃饭"),
        # words between [[ and ]] are phonemes and are not changed
        ("[[Geis]] Geis [[ New York]] New [[x]] York", "[[Geis]] gice [[ New York]] New [[x]] York"),
        ("[[Geis Geis", "[[gice gice"),
        ("", ""),
    ],
)
def test_whole_words_are_replaced(written: str, spoken: str) -> None:
    """Whole words with an entry are replaced, and all other text is unchanged."""
    assert voice().apply(written) == spoken


def test_replaced_words_are_not_replaced_again() -> None:
    """The spoken form of an entry is not looked up again."""
    assert voice("a = b\nb = a").apply("a b") == "b a"


SECTIONS = """
a = all
b = all
c = all
d = all
[en]
a = english
b = english
c = english
[en_GB]
b = british
c = british
[en_gb-alba-medium]
c = alba
[Slow Alba]
c = slow
"""


@pytest.mark.parametrize(
    ("language", "names", "spoken"),
    [
        ("de_DE", ["x"], "all all all all"),
        ("en_US", ["x"], "english english english all"),
        ("en_GB", ["x"], "english british british all"),
        ("en-gb", ["x"], "english british british all"),
        ("en_GB", ["en_GB-alba-medium"], "english british alba all"),
        ("en_GB", ["slow alba", "en_GB-alba-medium"], "english british slow all"),
    ],
)
def test_special_sections_take_precedence(language: str, names: list[str], spoken: str) -> None:
    """The order of precedence is: entries in the section of the voice, of the region and of the language, and entries
    above all sections. Section names ignore case, and hyphens are equivalent to underscores.
    """
    assert voice(SECTIONS, language, *names).apply("a b c d") == spoken


def test_longer_entry_of_a_general_section_takes_precedence() -> None:
    """The longest entry is used, regardless of its section."""
    assert voice("New York = general\n[en]\nNew = special").apply("New York, New") == "general, special"


def test_first_file_takes_precedence() -> None:
    """If two files have an entry for the same word, the entry in the first file is used. No fault is reported."""
    files = [parse_lexicon(text, name) for text, name in ((b"a = 1\nb = 1", "one"), (b"a = 2\nc = 2", "two"))]
    lexicon = Lexicon(files)
    assert lexicon.for_voice("en_US").apply("a b c") == "1 1 2"
    assert lexicon.faults == []
    assert lexicon.count == 3


def test_number_of_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries beyond the maximum number are not used, and a fault is reported."""
    monkeypatch.setattr(module, "MAX_ENTRIES", 2)
    lexicon = Lexicon([LexiconFile([Entry("", word, "x", "f", line) for line, word in enumerate("abc", 1)], [])])
    assert lexicon.for_voice("en").apply("a b c") == "x x c"
    assert lexicon.faults == [("f", 3, "the lexicons have more than 2 entries; the remaining entries are ignored")]


_TEXTS = st.text(st.sampled_from("aB 'é.5,[]-京\u0301\n"), max_size=40)


@given(_TEXTS, st.lists(_TEXTS.filter(lambda word: word.strip(" .\n")), max_size=4))
def test_only_words_of_the_lexicon_are_changed(text: str, words: list[str]) -> None:
    """All text outside the replaced parts is kept in order. The dot at the end of a replaced word may also be kept,
    because it may end the sentence.
    """
    entries = [Entry("", word, "<<>>", "f", 1) for word in words]
    kept = Lexicon([LexiconFile(entries, [])]).for_voice("en_US").apply(text).split("<<>>")
    pattern = ".+".join(re.escape(part.replace(" ", "")) for part in kept)
    assert re.fullmatch(pattern, text.replace(" ", ""), re.DOTALL)


def test_words_with_signs_can_be_found_before_other_words() -> None:
    """Entries with signs or digits can be looked up separately from all other entries."""
    lexicon = voice()
    assert lexicon.written("C++ in New York 24/7") == [(0, 3, "see plus plus"), (16, 20, "all day")]
    assert lexicon.apply_words("C++ in New York 24/7") == "C++ in Big Apple 24/7"


def test_steps_of_a_search_are_bounded() -> None:
    """The search for a phrase stops at the first token that does not continue any entry, so its time does not depend on
    the number of entries.
    """
    rng = random.Random(1)
    words = ["".join(rng.choice("abcdef") for _ in range(6)) for _ in range(10_000)]
    lexicon = voice("\n".join(f"{word}{at} = x" for at, word in enumerate(words)))
    assert lexicon.apply(" ".join(words[:100])) == " ".join(words[:100])
    assert lexicon.apply(f"{words[7]}7") == "x"


def test_expansion_of_a_text_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the replacements in a text exceed the maximum length, no more words are replaced."""
    monkeypatch.setattr(module, "MAX_EXPANSION", 10)
    assert voice("a = four").apply("a a a") == "four four a"
