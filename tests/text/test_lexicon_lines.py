"""A lexicon with one entry per line is parsed, and its faults are reported."""

import pytest

from wyoming_piper_serial.text.lexicon import MAX_ENTRIES, MAX_FAULTS
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nothing", "expected WORD = REPLACEMENT"),
        ("word =", "the word or its spoken form is missing"),
        ("= spoken", "the word or its spoken form is missing"),
        ("word = # comment", "the word or its spoken form is missing"),
        ("word = /x", "the closing / after the phonemes is missing"),
        ("word = /", "the closing / after the phonemes is missing"),
        ("word = //", "the word or its spoken form is missing"),
        ("good = again", "the word is already in line 1, which takes precedence"),
        ("[en", "expected [LANGUAGE] or [VOICE]; the entries in this section are ignored"),
        ("[]", "expected [LANGUAGE] or [VOICE]; the entries in this section are ignored"),
        ("a" * 201 + " = b", "the word is longer than 200 characters or 30 words and signs"),
        ("a." * 16 + " = b", "the word is longer than 200 characters or 30 words and signs"),
        ("a = " + "b" * 501, "the spoken form of the word is longer than 500 characters"),
        ("a = b\x1bc", "the word or its spoken form contains control characters"),
        ("a\x84b = c", "the word or its spoken form contains control characters"),
        ("a = [[x", "the [[ and ]] around phonemes do not match"),
        ("a = x]] y", "the [[ and ]] around phonemes do not match"),
        ("a = /x]]y/", "the [[ and ]] around phonemes do not match"),
        ("a = b #" + "c" * 4000, "the line is longer than 4000 bytes"),
        # Normalizing this line would take hours.
        pytest.param("a" + "\u0301" * 2_000_000 + " = b", "the line is longer than 4000 bytes", id="marks"),
    ],
)
def test_bad_line_is_left_out(line: str, reason: str) -> None:
    """Faults are reported with their line numbers and reasons. All other lines are used."""
    found = parse_lexicon(f"good = yes\r\n{line}\r\n[de]\r\ngood = ja\r\n".encode(), "words.txt")
    assert found.faults == [("words.txt", 2, reason)]
    assert [(entry.scope, entry.spoken, entry.line) for entry in found.entries] == [("", "yes", 1), ("de", "ja", 4)]


@pytest.mark.parametrize("content", ["a = b\nc = d".encode("utf-16"), "a = b\nc = d".encode("utf-16-be"), b"a = \0b"])
def test_file_that_is_not_text_is_one_fault(content: bytes) -> None:
    """A file in UTF-16 is rejected. Every other byte is NUL, and espeak-ng would ignore the rest of a sentence after a
    NUL.
    """
    assert parse_lexicon(content, "words.txt") == ([], [("words.txt", 0, "the file is not UTF-8 text and is ignored")])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(end: str) -> None:
    """Lines may end with LF, CR LF or CR."""
    found = parse_lexicon(f"a = b{end}{end}c = d{end}".encode(), "words.txt")
    assert [(entry.word, entry.spoken, entry.line) for entry in found.entries] == [("a", "b", 1), ("c", "d", 3)]


def test_file_that_is_no_lexicon_is_not_read_to_its_end() -> None:
    """Parsing stops after a limited number of faults and entries, because each of them is kept in memory."""
    found = parse_lexicon(b"nothing\n" * (MAX_FAULTS + 10), "words.txt")
    assert len(found.faults) == MAX_FAULTS + 1
    assert found.faults[-1] == ("words.txt", 1001, "too many faults; the rest of the file is ignored")
    many = "".join(f"w{number} = x\n" for number in range(MAX_ENTRIES + 10))
    assert len(parse_lexicon(many.encode(), "words.txt").entries) == MAX_ENTRIES + 1


def test_entries_below_a_bad_section_are_not_used() -> None:
    """Entries in an invalid section are ignored, because they could be intended for other voices."""
    found = parse_lexicon(b"[en\na = b\nbad\n[de]\nc = d", "words.txt")
    assert [entry.word for entry in found.entries] == ["c"]
    assert len(found.faults) == 1


def test_bytes_that_are_not_text_are_faults() -> None:
    """A line that is not UTF-8 is skipped. A byte order mark is ignored."""
    found = parse_lexicon(b"\xef\xbb\xbfa = b\n\xff = c\nd = e", "words.txt")
    assert [entry.word for entry in found.entries] == ["a", "d"]
    assert found.faults == [("words.txt", 2, "the line is not UTF-8")]


def test_word_after_a_bad_line_for_it_is_used() -> None:
    """A duplicate entry is a fault only if the first one is valid."""
    found = parse_lexicon(b"a = /x\na = y\na = z", "words.txt")
    assert [(entry.spoken, entry.line) for entry in found.entries] == [("y", 2)]
    assert [fault.line for fault in found.faults] == [1, 3]
