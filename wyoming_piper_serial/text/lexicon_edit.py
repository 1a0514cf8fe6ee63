"""Edits entries in the content of a lexicon file. Comments and the order of lines are preserved."""

import unicodedata

from wyoming_piper_serial.text.lexicon import Entry, fault_of, fold, phonemes
from wyoming_piper_serial.text.lexicon_lines import parse_lexicon

MAX_BYTES = 4 << 20
"""Maximum size of a lexicon in bytes. The maximum number of entries takes about 2 MB of text. Reading a larger file
would take seconds.
"""

_NAME = "the lexicon"


class CannotEdit(ValueError):
    """The entry cannot be written or does not exist. The message states the reason."""


def written(spoken: str) -> str:
    """Returns the spoken form of an entry in lexicon syntax: if it consists only of phonemes, they are in slashes."""
    inner = spoken.removeprefix("[[").removesuffix("]]")
    is_block = len(inner) == len(spoken) - 4 and "[[" not in inner and "]]" not in inner
    return f"/{inner}/" if is_block else spoken


def parse_spoken(text: str) -> str:
    """Parses a spoken form in lexicon syntax. Raises CannotEdit if the closing slash is missing."""
    text = unicodedata.normalize("NFC", text).strip()
    if text.startswith("/"):
        if len(text) < 2 or not text.endswith("/"):
            raise CannotEdit("the closing / after the phonemes is missing")
        return phonemes(text[1:-1])
    return text


def make_entry(scope: str, word: str, spoken: str) -> Entry:
    """Returns an entry. `scope` is a language, the name of a voice, or empty. `spoken` is in lexicon syntax.

    Raises CannotEdit if the entry is invalid.
    """
    word = " ".join(unicodedata.normalize("NFC", word).split())
    entry = Entry(fold(unicodedata.normalize("NFC", scope).strip()), word, parse_spoken(spoken), _NAME, 0)
    fault = fault_of(entry.word, entry.spoken)
    if fault is not None:
        raise CannotEdit(fault)
    return entry


def with_entry(content: bytes, entry: Entry) -> bytes:
    """Adds `entry` to `content`, replacing any entry for the same word and scope.

    Raises CannotEdit if the entry cannot be written in a lexicon, if `content` is not UTF-8 text, or if the lexicon
    would become too large.
    """
    lines = _lines(content)
    old = _find(content, entry.scope, entry.word)
    line = f"{entry.word} = {written(entry.spoken)}"
    if old is not None:
        lines[old.line - 1] = line
    else:
        at = _end_of_scope(lines, entry.scope)
        if at is None:
            blank = [""] if lines and lines[-1].strip() else []
            lines += [*blank, f"[{entry.scope}]", line]
        else:
            lines.insert(at, line)
    changed = _joined(lines)
    # A word such as "# a" or "[a]" cannot be represented, and a comment sign would truncate the spoken form.
    before = {(one.scope, one.word): one.spoken for one in parse_lexicon(content, _NAME).entries}
    after = {(one.scope, one.word): one.spoken for one in parse_lexicon(changed, _NAME).entries}
    if after != before | {(entry.scope, entry.word): entry.spoken}:
        raise CannotEdit("this word or its spoken form cannot be represented in a lexicon")
    if len(changed) > MAX_BYTES:
        raise CannotEdit(f"the lexicon would exceed {MAX_BYTES >> 20} MiB")
    return changed


def without_entry(content: bytes, scope: str, word: str) -> bytes:
    """Removes the entry for `word` and `scope` from `content`. Raises CannotEdit if there is none, or if `content` is
    not UTF-8 text.
    """
    entry = _find(content, fold(scope), word)
    if entry is None:
        raise CannotEdit("the lexicon has no entry for this word")
    while entry is not None:  # otherwise, a later line for the same word would take effect
        lines = _lines(content)
        del lines[entry.line - 1]
        content = _joined(lines)
        entry = _find(content, fold(scope), word)
    return content


def _find(content: bytes, scope: str, word: str) -> Entry | None:
    entries = parse_lexicon(content, _NAME).entries
    return next((one for one in entries if (one.scope, one.word) == (scope, word)), None)


def _lines(content: bytes) -> list[str]:
    """Splits `content` into lines as `parse_lexicon` does. Raises CannotEdit if the content is not UTF-8 text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotEdit("the lexicon is not valid UTF-8 text") from error
    if "\0" in text:
        raise CannotEdit("the lexicon is not valid UTF-8 text")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _joined(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _end_of_scope(lines: list[str], scope: str) -> int | None:
    """Returns the index of the line after the last entry in the first section for `scope`, or `None` if there is no
    such section.
    """
    current: str | None = ""
    end = 0 if scope == "" else None
    for index, line in enumerate(lines):
        section = section_of(line)
        if section is not None:
            if current == scope and end is not None:
                break
            current = section
            end = index + 1 if section == scope else end
        elif current == scope and line.strip() and not line.strip().startswith("#"):
            end = index + 1
    return end


def section_of(line: str) -> str | None:
    """Returns the scope of a section line `[NAME]`, or `None` for any other line."""
    if not line.strip().startswith("["):
        return None
    entries = parse_lexicon(f"{line}\nx = x\n".encode(), _NAME).entries
    return entries[0].scope if len(entries) == 1 and entries[0].line == 2 and entries[0].scope else None
