"""Editing an entry of a lexicon preserves all other lines."""

import pytest

from wyoming_piper_serial.text.lexicon_edit import (
    MAX_BYTES,
    CannotEdit,
    make_entry,
    section_of,
    with_entry,
    without_entry,
    written,
)
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon

_FILE = """# Names of our street
Geis = guys  # a comment

[de]
Geis = Gais

# more
[en_US]
Joe = /dʒoʊ/
"""


def added(content: str, scope: str, word: str, spoken: str) -> str:
    return with_entry(content.encode(), make_entry(scope, word, spoken)).decode()


@pytest.mark.parametrize(
    ("scope", "line", "after"),
    [
        ("", "Anna = Ana", "Geis = guys  # a comment\n"),
        ("de", "Anna = Ana", "Geis = Gais\n"),
        ("en-us", "Anna = Ana", "Joe = /dʒoʊ/\n"),
        ("EN_us", "Anna = Ana", "Joe = /dʒoʊ/\n"),
        ("fr", "\n[fr]\nAnna = Ana", "Joe = /dʒoʊ/\n"),
    ],
)
def test_entry_is_added_to_its_section(scope: str, line: str, after: str) -> None:
    """A new entry is inserted after the last entry of its section. A missing section is added."""
    assert added(_FILE, scope, "Anna", "Ana") == _FILE.replace(after, f"{after}{line}\n")


def test_entry_is_added_to_an_empty_file() -> None:
    """The first entry of a file is added without a section if it is for all voices."""
    assert added("", "", "Anna", "Ana") == "Anna = Ana\n"
    assert added("", "de", "Anna", "/ana/") == "[de]\nAnna = /ana/\n"
    assert added("[de]\nA = b", "", "Anna", "Ana") == "Anna = Ana\n[de]\nA = b\n"


def test_entry_is_changed_in_its_line() -> None:
    """An entry for the same word and scope is replaced."""
    changed = added(_FILE, "de", "Geis", "/ɡaɪs/")
    assert changed == _FILE.replace("Geis = Gais", "Geis = /ɡaɪs/")


def test_entry_is_removed() -> None:
    """Removing an entry removes all lines for its word and scope. Otherwise, the next such line would take effect."""
    assert without_entry(_FILE.encode(), "DE", "Geis").decode() == _FILE.replace("Geis = Gais\n", "")
    assert without_entry(b"a = b\na = c\nd = e\n", "", "a") == b"d = e\n"
    with pytest.raises(CannotEdit, match="no entry for this word"):
        without_entry(_FILE.encode(), "fr", "Geis")


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        *(("# a", "b"), ("a = b", "c"), ("a", "b # c"), ("", "b"), ("a", ""), ("a", "/b")),
        *(("a\nb = c", "d\0"), ("a", "[[b"), ("x" * 201, "b"), ("a", "b" * 501), ("a", "//")),
    ],
)
def test_entry_that_cannot_be_written_is_refused(word: str, spoken: str) -> None:
    """An entry that cannot be represented in a lexicon is rejected instead of being stored as a different entry."""
    with pytest.raises(CannotEdit):
        added(_FILE, "", word, spoken)


@pytest.mark.parametrize("content", [b"\xff", b"a\0b"])
def test_file_that_is_not_text_is_not_changed(content: bytes) -> None:
    """A file that is not UTF-8 text is not changed."""
    with pytest.raises(CannotEdit, match="not valid UTF-8 text"):
        with_entry(content, make_entry("", "a", "b"))


def test_file_does_not_become_too_large() -> None:
    """A change is rejected if the resulting lexicon file would exceed the maximum size."""
    content = b"#" * (MAX_BYTES - 5) + b"\n"
    with pytest.raises(CannotEdit, match="MiB"):
        with_entry(content, make_entry("", "a", "b"))


def test_other_line_ends_and_a_byte_order_mark_are_read() -> None:
    """Files with other line ends or a byte order mark can be edited."""
    changed = with_entry(b"\xef\xbb\xbfa = b\r\n[de]\rc = d\r\n", make_entry("", "e", "f"))
    assert changed == b"a = b\ne = f\n[de]\nc = d\n"


@pytest.mark.parametrize("spoken", ["guys", "/ɡaɪs/", "the [[ɡaɪs]] man", "[[a]] [[b]]", "and/or"])
def test_spoken_form_is_shown_as_it_is_written(spoken: str) -> None:
    """A spoken form is displayed in lexicon syntax and can be parsed back."""
    entry = make_entry("", "word", spoken)
    assert written(entry.spoken) == spoken
    (read,) = parse_lexicon(f"word = {spoken}\n".encode(), "x").entries
    assert entry.spoken == read.spoken


@pytest.mark.parametrize(
    ("line", "scope"),
    [("[de]", "de"), (" [en_US] # us", "en-us"), ("[x] = y", None), ("[[x]] = y", None), ("[]", None)],
)
def test_section_is_recognized(line: str, scope: str | None) -> None:
    """`section_of` recognizes the same section lines as the lexicon parser."""
    assert section_of(line) == scope
