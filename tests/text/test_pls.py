"""Lexicons in the W3C's PLS format are parsed, and harmful ones are rejected."""

import pytest

from wyoming_piper_serial.text.lexicon import MAX_ENTRIES, MAX_FAULTS
from wyoming_piper_serial.text.pls import parse_pls

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="ipa" xml:lang="en-US">
"""


def parsed(body: str, head: str = _HEAD) -> tuple[list[tuple[str, str, str, int]], list[tuple[int, str]]]:
    """Parse a file. Return (scope, word, spoken, line) for each entry and (line, reason) for each fault."""
    entries, faults = parse_pls(f"{head}{body}".encode(), "words.pls")
    return (
        [(entry.scope, entry.word, entry.spoken, entry.line) for entry in entries],
        [(fault.line, fault.reason) for fault in faults],
    )


def test_words_have_phonemes_or_other_words() -> None:
    """A lexeme may contain several graphemes. The spoken form is a phoneme string or an alias."""
    entries, faults = parsed("""<lexeme><grapheme>judgment</grapheme><grapheme> judgement </grapheme>
<phoneme>ˈdʒʌdʒ.mənt</phoneme><example>x <grapheme>no</grapheme></example></lexeme>
<lexeme><grapheme>W3C</grapheme><alias>World Wide
 Web Consortium</alias></lexeme></lexicon>""")
    assert entries == [
        ("en-us", "judgment", "[[ˈdʒʌdʒmənt]]", 3),
        ("en-us", "judgement", "[[ˈdʒʌdʒmənt]]", 3),
        ("en-us", "W3C", "World Wide Web Consortium", 5),
    ]
    assert faults == []


def test_first_or_preferred_form_is_used() -> None:
    """If a lexeme has several spoken forms, the first preferred form is used or, if none is preferred, the first."""
    entries, _ = parsed("""<lexeme><grapheme>a</grapheme><phoneme>x</phoneme><alias>y</alias></lexeme>
<lexeme><grapheme>b</grapheme><alias>x</alias><phoneme prefer="true">y</phoneme><phoneme prefer="true">z</phoneme>
</lexeme></lexicon>""")
    assert [entry[2] for entry in entries] == ["[[x]]", "[[y]]"]


def test_other_alphabets_are_faults() -> None:
    """Phonemes in an alphabet other than IPA are ignored, but an alias in the same lexeme is used."""
    entries, faults = parsed("""<lexeme><grapheme>a</grapheme><phoneme alphabet="x-sampa">x</phoneme></lexeme>
<lexeme><grapheme>b</grapheme><phoneme alphabet="x-sampa">x</phoneme><alias>y</alias></lexeme></lexicon>""")
    assert [entry[1:3] for entry in entries] == [("b", "y")]
    assert faults == [(3, "the alphabet of the phonemes is 'x-sampa', not ipa")]


def test_incomplete_and_repeated_words_are_faults() -> None:
    """A lexeme is skipped if its word or spoken form is missing, or if the lexicon already contains its word."""
    entries, faults = parsed("""<lexeme><grapheme>a</grapheme></lexeme>
<lexeme><alias>a</alias></lexeme>
<lexeme><grapheme>b</grapheme><alias>x</alias></lexeme>
<lexeme><grapheme>b</grapheme><alias>y</alias></lexeme></lexicon>""")
    assert [entry[2] for entry in entries] == ["x"]
    missing = "the word or its spoken form is missing"
    assert faults == [(3, missing), (4, missing), (6, "the word is already in line 5, which takes precedence")]


def test_elements_of_other_namespaces_are_ignored() -> None:
    """Elements from other namespaces are ignored. A file without a namespace and a language applies to all voices."""
    entries, faults = parsed(
        "<metadata><x:alias xmlns:x='urn:x'>no</x:alias></metadata>"
        "<lexeme><x:grapheme xmlns:x='urn:x'>no</x:grapheme><grapheme>a</grapheme><alias>b</alias></lexeme></lexicon>",
        head="<lexicon>",
    )
    assert entries == [("", "a", "b", 1)]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<!DOCTYPE lexicon [<!ENTITY a 'b'>]><lexicon/>", "document types and entities are not allowed"),
        ("<!DOCTYPE lexicon SYSTEM 'http://example.com/x.dtd'><lexicon/>", "document types and entities are not"),
        ("<speak/>", "the first element is not <lexicon>"),
        ("<lexicon>" + "<a>" * 30, "elements are nested more than 20 levels deep"),
        ("", "not XML (no element found)"),
        ("<lexicon>&x;</lexicon>", "not XML (undefined entity)"),
        ("Geis = gice", "not XML (syntax error)"),
        ("<?xml version='1.0' encoding='x-unknown'?><lexicon/>", "the encoding is not supported; use UTF-8"),
        ("<?xml version='1.0' encoding='utf-7'?><lexicon/>", "the encoding is not supported; use UTF-8"),
        ("<?xml version='1.0' encoding='idna'?><lexicon/>", "the encoding is not supported; use UTF-8"),
    ],
)
def test_unusable_file_is_one_fault(text: str, reason: str) -> None:
    """If a file is not well-formed XML, declares entities or is nested too deeply, exactly one fault is reported."""
    entries, faults = parsed(text, head="")
    assert entries == []
    assert len(faults) == 1
    assert faults[0][1].startswith(reason)
    assert faults[0][1].endswith("the rest of the file is ignored")


def test_word_after_a_bad_lexeme_for_it_is_used() -> None:
    """A duplicate lexeme is a fault only if the first one is valid."""
    entries, faults = parsed("""<lexeme><grapheme>a</grapheme></lexeme>
<lexeme><grapheme>a</grapheme><alias>x</alias></lexeme></lexicon>""")
    assert [entry[1:] for entry in entries] == [("a", "x", 4)]
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("part", "count"), [("a\n", 1_000_000), ("\u0301", 1_000_000), ("&#97;", 1_000_000), ("  a", 3000)]
)
def test_long_text_is_a_fault(part: str, count: int) -> None:
    """Overlong texts are rejected quickly. Collecting and normalizing all of their characters would take hours."""
    entries, faults = parsed(f"<lexeme><grapheme>{part * count}</grapheme><alias>x</alias></lexeme></lexicon>")
    assert entries == []
    assert faults == [(3, "the word is longer than 200 characters or 30 words and signs")]


def test_phonemes_that_would_end_their_brackets_are_a_fault() -> None:
    """Phonemes that contain closing brackets are rejected, because the text after the brackets would be spoken."""
    entries, faults = parsed("<lexeme><grapheme>a</grapheme><phoneme>x]]y</phoneme></lexeme></lexicon>")
    assert (entries, faults) == ([], [(3, "the [[ and ]] around phonemes do not match")])


def test_file_with_too_many_faults_or_entries_is_not_read_to_its_end() -> None:
    """Parsing stops after a limited number of faults and entries, because each of them is kept in memory."""
    for lexeme in ("<lexeme/>", "<lexeme><phoneme alphabet='x-sampa'>x</phoneme></lexeme>"):
        entries, faults = parsed(lexeme * (MAX_FAULTS + 10))
        assert (entries, len(faults)) == ([], MAX_FAULTS + 1)
        assert faults[-1][1] == "too many faults; the rest of the file is ignored"
    words = "".join(f"<grapheme>w{number}</grapheme>" for number in range(MAX_ENTRIES + 10))
    entries, faults = parsed(f"<lexeme>{words}<alias>x</alias></lexeme>")
    assert len(entries) == MAX_ENTRIES + 1
    assert faults == [(3, "more than 50000 entries; the rest of the file is ignored")]


def test_entries_before_a_fault_are_used() -> None:
    """If a PLS file is damaged, the entries before the error are used."""
    entries, faults = parsed("<lexeme><grapheme>a</grapheme><alias>b</alias></lexeme>\n<lexeme></lexicon>")
    assert [entry[1] for entry in entries] == ["a"]
    assert faults == [(4, "not XML (mismatched tag); the rest of the file is ignored")]
