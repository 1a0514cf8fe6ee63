"""Finds the ends of sentences in streamed text."""

from functools import cache

import regex

from wyoming_piper_serial.text.abbreviations import Abbreviations
from wyoming_piper_serial.text.characters import ARROWS, LINK_END
from wyoming_piper_serial.text.dots import Decision, look_at_dot, look_at_exclamation

EAST_ASIAN_ENDS = "。！？｡"
"""Punctuation marks that end a sentence regardless of the next character."""

SCRIPT_ENDS = "؟۔।॥։።፧፨။។៕"
"""Punctuation marks that end a sentence if a space or a letter follows."""

_EAST_ASIAN_ENDS, _SCRIPT_ENDS = frozenset(EAST_ASIAN_ENDS), frozenset(SCRIPT_ENDS)

ENDS = f".!?…{SCRIPT_ENDS}{EAST_ASIAN_ENDS}"
"""Punctuation marks that can end a sentence in any language."""

GREEK_END = ";"
"""The question mark in Greek text."""

# The beginning of a sentence: a capital letter, a letter without case, a number, a currency sign, or a name such as
# iPhone. Unicode has capital forms of the Georgian letters, but Georgian sentences begin with lower-case letters.
_BEGINS = regex.compile(r"[\p{Lu}\p{Lt}\p{Lo}\p{N}\p{Sc}\p{Georgian}]|[ei]\p{Lu}")
_UNFINISHED_NAME = regex.compile(r"[ei]\Z")
# Punctuation before the first word of a sentence. A dash begins direct speech, and a sign belongs to the number after
# it. The length is limited because these characters are examined again with each new chunk.
_OPENERS = regex.compile(
    r"(?:[¿¡\"'“”„‚‘’»›「『《〈【〔（(\[{_]|[«‹][ \u00a0\u202f]?"
    rf"|[{ARROWS}]\s?(?=\S)|[—–]\s(?=\S)|[-−+±](?=\p{{Nd}})){{0,16}}+"
)
_UNFINISHED_DASH = regex.compile(r"[—–]\s?\Z|[-−+±]\Z")
_INVERTED = regex.compile(r"[¿¡]")
# Closing punctuation at the end of a sentence. In French, a space precedes the closing quotation mark.
_CLOSERS = regex.compile(rf"(?:['\")\]}}’‘”“»«›‹」』）》】〕〉_{LINK_END}]|[ \u00a0\u202f]»(?=[\s.,;:!?)\]])){{0,16}}+")
_EAST_ASIAN_CLOSERS = regex.compile(rf"[”’」』）》】〕〉{LINK_END}]{{0,16}}+")
_EAST_ASIAN = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")
_SPACE = regex.compile(r"\s*+")
_BLANK_LINE = regex.compile(r"\n[ \t\r]*+(?:\n|\Z)")
_LETTER_WITHOUT_CASE = regex.compile(r"\p{Lo}")
_WORD = regex.compile(r"[\p{L}\p{N}\p{Sc}]")


@cache
def _patterns_of(marks: str) -> tuple["regex.Pattern[str]", "regex.Pattern[str]"]:
    """Returns the patterns for the text before the first of the characters `marks`, and for a row of them."""
    return regex.compile(rf"[^{marks}\n]*+"), regex.compile(rf"[{marks}]++")


class SentenceBoundaryDetector:
    """Collects text and returns each sentence as soon as it is complete.

    The result does not depend on how the text is divided into chunks. Concatenated, the sentences are the complete
    text.
    """

    def __init__(self, abbreviations: Abbreviations) -> None:
        self._abbreviations = abbreviations
        self._up_to_mark, self._marks = _patterns_of(ENDS + GREEK_END * abbreviations.greek)
        self._text = ""
        self._scanned = 0  # no sentence ends before this position

    @property
    def text(self) -> str:
        """The incomplete sentence."""
        return self._text

    def add_chunk(self, chunk: str) -> list[str]:
        """Adds `chunk`. Returns the sentences that are now complete."""
        self._text += chunk
        return self._divide(complete=False)

    def finish(self) -> list[str]:
        """Marks the end of the text. Returns the remaining sentences."""
        sentences = self._divide(complete=True)
        if self._text:
            sentences.append(self._text)
        self._text, self._scanned = "", 0
        return sentences

    def _divide(self, *, complete: bool) -> list[str]:
        sentences: list[str] = []
        while (found := self._next_end(complete=complete)) is not None:
            sentences.append(self._text[:found])
            self._text, self._scanned = self._text[found:], 0
        return sentences

    def _next_end(self, *, complete: bool) -> int | None:
        """Returns the position at which the first sentence ends, or `None` if it is not known yet."""
        text = self._text
        while True:
            match = self._up_to_mark.match(text, self._scanned)
            at = self._scanned = match.end() if match else self._scanned
            if at == len(text):
                return None
            if text[at] == "\n":
                blank = _BLANK_LINE.match(text, at)
                if blank and blank[0][-1:] == "\n" and len(blank[0]) > 1:
                    return blank.end()
                if blank and not complete:
                    return None
                self._scanned += 1
                continue
            marks = self._marks.match(text, at)
            after = marks.end() if marks else at + 1
            decision, end = end_of_sentence(text, at, after, self._abbreviations, complete=complete)
            if decision is Decision.END:
                return end
            if decision is Decision.UNKNOWN:
                return None
            self._scanned = after


def end_of_sentence(
    text: str, at: int, after: int, abbreviations: Abbreviations, *, complete: bool
) -> tuple[Decision, int]:
    """Decides whether the sentence at the start of `text` ends with the punctuation marks from `at` to `after`.

    The range must include all consecutive marks. `complete` means that no more text follows. Returns the decision and
    the position at which the sentence ends.
    """
    unknown = Decision.INSIDE if complete else Decision.UNKNOWN
    if after == len(text):
        return unknown, after
    row = text[at:after]
    if _is_east_asian(text, at, after):
        end = _end(_EAST_ASIAN_CLOSERS, text, after)
        return (Decision.END if end < len(text) else unknown), end
    end = _end(_CLOSERS, text, after)
    begin = _end(_SPACE, text, end)
    first = _end(_OPENERS, text, begin)
    if first == len(text) or _UNFINISHED_DASH.match(text, first):
        decision = unknown
    elif not _SCRIPT_ENDS.isdisjoint(row):
        follows = _WORD if begin > end else _LETTER_WITHOUT_CASE
        decision = Decision.END if follows.match(text, first) else Decision.INSIDE
    elif begin > end and _UNFINISHED_NAME.match(text, first):
        decision = unknown
    elif begin == end or not (_INVERTED.search(text, begin, first) or _BEGINS.match(text, first)):
        decision = Decision.INSIDE
    elif end == after and row == "." and _BEGINS.match(text, first):
        decision = look_at_dot(text, at, first, abbreviations, complete=complete).decision
    elif end == after and row == "!":
        decision = look_at_exclamation(text, at, first, complete=complete)
    else:
        decision = Decision.END
    return decision, end


def _is_east_asian(text: str, at: int, after: int) -> bool:
    """Returns whether the punctuation marks from `at` to `after` contain a Chinese or Japanese sentence end, begin with
    `!` or `?` and precede a Chinese or Japanese character, or begin with `…` and precede or follow such a character.
    These marks end a sentence whatever follows.
    """
    if not _EAST_ASIAN_ENDS.isdisjoint(text[at:after]):
        return True
    beside = text[at - 1 : at] + text[after] if text[at] == "…" else text[after]
    return text[at] in "…!?" and _EAST_ASIAN.search(beside) is not None


def _end(pattern: "regex.Pattern[str]", text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match else at
