"""Parses lexicons with one entry per line."""

import unicodedata

import regex

from wyoming_piper_serial.text.lexicon import (
    MAX_ENTRIES,
    MAX_FAULTS,
    Entry,
    Fault,
    LexiconFile,
    fault_of,
    fold,
    phonemes,
)

# Maximum length of a line in bytes, including comments. The limit is needed because normalizing a long sequence of
# combining marks takes quadratic time.
_MAX_LINE = 4000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = regex.compile(rb"\r\n|[\r\n]")


def parse_lexicon(content: bytes, source: str) -> LexiconFile:
    """Parses a lexicon with one `WORD = SPOKEN` or `WORD = /PHONEMES/` per line.

    A line `[NAME]` begins a section for a language or a voice. A `#` at the beginning of a line or after a space begins
    a comment. Lines with faults are skipped.
    """
    if b"\0" in content:  # UTF-16 or a binary file
        return LexiconFile([], [Fault(source, 0, "the file is not UTF-8 text and is ignored")])
    parser = _Parser(source)
    for number, line in enumerate(_LINE_END.split(content.removeprefix(_BYTE_ORDER_MARK)), start=1):
        if len(parser.found.faults) == MAX_FAULTS:
            parser.add_fault(number, "too many faults; the rest of the file is ignored")
            break
        if len(parser.found.entries) > MAX_ENTRIES:
            break
        parser.add_line(number, line)
    return parser.found


class _Parser:
    def __init__(self, source: str) -> None:
        self.found = LexiconFile([], [])
        self._source = source
        self._scope: str | None = ""  # `None` in a section with an invalid name
        self._lines: dict[tuple[str, str], int] = {}  # line numbers by scope and word

    def add_fault(self, number: int, reason: str) -> None:
        """Records a fault in line `number`."""
        self.found.faults.append(Fault(self._source, number, reason))

    def add_line(self, number: int, raw: bytes) -> None:
        """Parses a line, and records its entry or fault."""
        if len(raw) > _MAX_LINE:
            self.add_fault(number, f"the line is longer than {_MAX_LINE} bytes")
            return
        try:
            line = unicodedata.normalize("NFC", raw.decode()).strip()
        except UnicodeDecodeError:
            self.add_fault(number, "the line is not UTF-8")
            return
        if not line or line.startswith("#"):
            return
        if line.startswith("[") and not line.startswith("[[") and " = " not in line:
            self._scope = _section(line)
            if self._scope is None:
                self.add_fault(number, "expected [LANGUAGE] or [VOICE]; the entries in this section are ignored")
        elif self._scope is not None:
            self._add_entry(number, line, self._scope)

    def _add_entry(self, number: int, line: str, scope: str) -> None:
        word, spoken, reason = _entry(line)
        if reason is None:
            before = self._lines.setdefault((scope, word), number)
            if before == number:
                self.found.entries.append(Entry(scope, word, spoken, self._source, number))
                return
            reason = f"the word is already in line {before}, which takes precedence"
        self.add_fault(number, reason)


def _section(line: str) -> str | None:
    name, bracket, rest = line[1:].partition("]")
    rest = rest.strip()
    return fold(name.strip()) if name.strip() and bracket and (not rest or rest.startswith("#")) else None


def _entry(line: str) -> tuple[str, str, str | None]:
    """Returns the word, its spoken form, and the fault in the line, if any."""
    # A word may contain `=` if the separator has spaces around it.
    word, equals, spoken = line.partition(" = ") if " = " in line else line.partition("=")
    if not equals:
        return "", "", "expected WORD = REPLACEMENT"
    word, spoken = " ".join(word.split()), f" {spoken}".partition(" #")[0].strip()
    if spoken.startswith("/"):
        if len(spoken) < 2 or not spoken.endswith("/"):
            return word, spoken, "the closing / after the phonemes is missing"
        spoken = phonemes(spoken[1:-1])
    return word, spoken, fault_of(word, spoken)
