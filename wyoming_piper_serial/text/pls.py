"""Parses lexicons in the W3C's PLS format (Pronunciation Lexicon Specification 1.0).

Entities are refused because they could expand a short file to gigabytes. Document types are also refused because they
can declare entities.
"""

import unicodedata
from xml.parsers import expat

from wyoming_piper_serial.text.lexicon import (
    MAX_ENTRIES,
    MAX_FAULTS,
    MAX_SPOKEN,
    Entry,
    Fault,
    LexiconFile,
    fault_of,
    fold,
    phonemes,
)

_NAMESPACE = "http://www.w3.org/2005/01/pronunciation-lexicon"
_SEPARATOR = "}"
_MAX_DEPTH = 20  # maximum nesting of elements; a PLS file has three levels, and metadata may have a few more

# Maximum number of characters in the text of an element, including indentation. The limit is needed because normalizing
# a long sequence of combining marks takes quadratic time.
_MAX_TEXT = 4 * MAX_SPOKEN
_TEXTS = frozenset({"grapheme", "phoneme", "alias"})
_LANGUAGE = "http://www.w3.org/XML/1998/namespace" + _SEPARATOR + "lang"


class _Unusable(Exception):
    """The rest of the file cannot be used. The message states the reason."""


def parse_pls(content: bytes, source: str) -> LexiconFile:
    """Parses a PLS file. If the file is not well-formed XML, or has content that is refused, returns the entries before
    the error and a fault for the error.
    """
    parser = _Parser(source)
    try:
        parser.parse(content)
    except _Unusable as error:
        parser.stop(parser.line, str(error))
    except expat.ExpatError as error:
        parser.stop(error.lineno, f"not XML ({expat.ErrorString(error.code)})")
    except (LookupError, ValueError):  # an unknown encoding, or invalid bytes
        parser.stop(1, "the encoding is not supported; use UTF-8")
    return parser.found


class _Parser:
    def __init__(self, source: str) -> None:
        self.found = LexiconFile([], [])
        self._source = source
        self._path: list[str] = []
        self._scope = ""
        self._alphabet = "ipa"
        self._own_alphabet = "ipa"  # the alphabet of the current `phoneme` element
        self._prefers = False
        self._text = ""
        self._words: list[str] = []
        self._spoken: str | None = None
        self._is_preferred = False
        self._line = 0
        self._fault: str | None = None
        self._seen: dict[str, int] = {}
        self._expat = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._expat.buffer_text = True
        self._expat.StartDoctypeDeclHandler = self._refuse
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._add_text

    @property
    def line(self) -> int:
        """The current line number."""
        return self._expat.CurrentLineNumber

    def parse(self, content: bytes) -> None:
        """Parses the file. Raises _Unusable or ExpatError if the file cannot be read to the end."""
        self._expat.Parse(content, True)

    def stop(self, line: int, reason: str) -> None:
        """Records the fault that makes the rest of the file unusable."""
        self.found.faults.append(Fault(self._source, line, f"{reason}; the rest of the file is ignored"))

    def _refuse(self, *_: object) -> None:
        raise _Unusable("document types and entities are not allowed")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        namespace, _, name = tag.rpartition(_SEPARATOR)
        name = name if namespace in ("", _NAMESPACE) else tag
        self._path.append(name)
        if len(self._path) > _MAX_DEPTH:
            raise _Unusable(f"elements are nested more than {_MAX_DEPTH} levels deep")
        if len(self._path) == 1:
            if name != "lexicon":
                raise _Unusable("the first element is not <lexicon>")
            self._scope = fold(attributes.get(_LANGUAGE, ""))
            self._alphabet = attributes.get("alphabet", "ipa")
        elif name == "lexeme":
            self._words, self._spoken, self._is_preferred, self._fault = [], None, False, None
            self._line = self.line
        elif name in _TEXTS:
            self._text = ""
            self._own_alphabet = attributes.get("alphabet", self._alphabet)
            self._prefers = attributes.get("prefer") == "true"

    def _add_text(self, text: str) -> None:
        if self._path[-1] in _TEXTS:
            self._text += text[: _MAX_TEXT + 1 - len(self._text)]

    def _end(self, _tag: str) -> None:
        name = self._path.pop()
        if self._path[-1:] == ["lexeme"] and name in _TEXTS:
            text = " ".join(unicodedata.normalize("NFC", self._text).split())
            if len(self._text) > _MAX_TEXT:
                text = self._text  # too long for a valid entry, so it need not be normalized
            if name == "grapheme":
                self._words.append(text)
            elif name == "phoneme" and self._own_alphabet.casefold() != "ipa":
                self._fault = f"the alphabet of the phonemes is {self._own_alphabet!r:.40}, not ipa"
            elif self._spoken is None or (self._prefers and not self._is_preferred):
                self._spoken = phonemes(text) if name == "phoneme" else text
                self._is_preferred = self._prefers
        elif name == "lexeme":
            self._add_entries()

    def _add_entries(self) -> None:
        if self._spoken is None and self._fault is not None:
            self._add_fault(self._fault)
            return
        for word in self._words or [""]:
            if len(self.found.entries) > MAX_ENTRIES:
                raise _Unusable(f"more than {MAX_ENTRIES} entries")
            reason = fault_of(word, self._spoken or "")
            if reason is None:
                before = self._seen.setdefault(word, self._line)
                if before == self._line:
                    self.found.entries.append(Entry(self._scope, word, self._spoken or "", self._source, self._line))
                    continue
                reason = f"the word is already in line {before}, which takes precedence"
            self._add_fault(reason)

    def _add_fault(self, reason: str) -> None:
        if len(self.found.faults) == MAX_FAULTS:
            raise _Unusable("too many faults")
        self.found.faults.append(Fault(self._source, self._line, reason))
