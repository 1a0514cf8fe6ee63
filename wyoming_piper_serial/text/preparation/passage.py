"""A sentence that rules rewrite step by step. It records which written characters each spoken character replaces."""

from collections.abc import Callable
from typing import NamedTuple

import regex

Match = regex.Match[str]


class Span(NamedTuple):
    """A part of the prepared text and the part of the written text that it stands for, in code points."""

    start: int
    """Start in the prepared text."""

    end: int
    written_start: int
    """Start in the written text."""

    written_end: int


class Prepared(NamedTuple):
    """A sentence as it is spoken."""

    text: str
    spans: tuple[Span, ...]
    """Covers `text` from start to end. The text of a span with different lengths was rewritten. Other text is unchanged
    or was replaced by a text of the same length."""


class Rule(NamedTuple):
    """Rewrites each match of `pattern`.

    `replace` returns the words to say, or `None` to leave the match as it is. Text that a rule has written, and
    protected text, is not rewritten again. However, patterns see it as context.
    """

    pattern: regex.Pattern[str]
    replace: Callable[[Match], str | None]


class Passage:
    """A sentence while it is rewritten. The lengths are small, at most a few thousand characters."""

    def __init__(self, text: str) -> None:
        self.text = text
        # The written range of each character of `text`.
        self._starts = list(range(len(text)))
        self._ends = list(range(1, len(text) + 1))
        self._final = bytearray(len(text))  # 1 for each character that must not be rewritten
        self._rewritten = bytearray(len(text))  # 1 for each character that a rule has written

    def protect(self, pattern: regex.Pattern[str]) -> None:
        """Makes all matches of `pattern` final."""
        for match in pattern.finditer(self.text):
            start, end = match.span()
            self._final[start:end] = b"\x01" * (end - start)

    def is_final(self, start: int, end: int) -> bool:
        """Returns whether any character in the range must not be rewritten."""
        return self._final.find(1, start, end) >= 0

    def apply(self, rule: Rule) -> None:
        """Rewrites the matches of the rule from left to right. Matches do not overlap. A match of no characters is
        skipped."""
        found: list[tuple[int, int, str]] = []
        for match in rule.pattern.finditer(self.text):
            start, end = match.span()
            if start == end or self.is_final(start, end):
                continue
            spoken = rule.replace(match)
            if spoken is not None:
                found.append((start, end, spoken))
        for start, end, spoken in reversed(found):
            self._replace(start, end, spoken)

    def _replace(self, start: int, end: int, spoken: str) -> None:
        length = len(spoken)
        written_start, written_end = self._starts[start], self._ends[end - 1]
        self.text = self.text[:start] + spoken + self.text[end:]
        self._starts[start:end] = [written_start] * length
        self._ends[start:end] = [written_end] * length
        self._final[start:end] = self._rewritten[start:end] = b"\x01" * length

    def prepared(self) -> Prepared:
        """Returns the text and its spans."""
        spans: list[Span] = []
        for at, (written_start, written_end) in enumerate(zip(self._starts, self._ends, strict=True)):
            last = spans[-1] if spans else None
            if last is not None and self._continues(last, at, written_start, written_end):
                spans[-1] = last._replace(end=at + 1, written_end=written_end)
            else:
                spans.append(Span(at, at + 1, written_start, written_end))
        return Prepared(self.text, tuple(spans))

    def _continues(self, last: Span, at: int, written_start: int, written_end: int) -> bool:
        """Returns whether the character `at` belongs to the same span as the character before it."""
        if self._rewritten[at] != self._rewritten[at - 1]:
            return False
        is_same = (written_start, written_end) == (self._starts[at - 1], self._ends[at - 1])
        return is_same or (not self._rewritten[at] and written_start == last.written_end)
