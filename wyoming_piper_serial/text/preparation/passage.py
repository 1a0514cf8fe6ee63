"""A sentence that rules rewrite step by step. It records which written characters each spoken character replaces."""

from collections.abc import Callable, Sequence
from functools import cached_property
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


class Prepared:
    """A sentence as it is spoken."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int], rewritten: Sequence[int]) -> None:
        """`starts` and `ends` are the written range of each character of `text`. `rewritten` says for each character
        whether a rule has written it."""
        self.text = text
        self._starts, self._ends, self._rewritten = starts, ends, rewritten

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Covers `text` from start to end. The text of a span with different lengths was rewritten. Other text is
        unchanged or was replaced by a text of the same length."""
        spans: list[Span] = []
        begin = 0
        for at in range(1, len(self.text) + 1):
            if at == len(self.text) or not self._continues(at):
                spans.append(Span(begin, at, self._starts[begin], self._ends[at - 1]))
                begin = at
        return tuple(spans)

    def _continues(self, at: int) -> bool:
        """Returns whether the character `at` belongs to the same span as the character before it."""
        if self._rewritten[at] != self._rewritten[at - 1]:
            return False
        is_same = (self._starts[at], self._ends[at]) == (self._starts[at - 1], self._ends[at - 1])
        return is_same or (not self._rewritten[at] and self._starts[at] == self._ends[at - 1])


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
        if found:
            self._rewrite(found)

    def _rewrite(self, found: Sequence[tuple[int, int, str]]) -> None:
        """Replaces ranges, which are in order and do not overlap, with spoken text. Takes linear time."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        final, rewritten, done = bytearray(), bytearray(), 0
        for start, end, spoken in [*found, (len(self.text), len(self.text), "")]:
            texts += (self.text[done:start], spoken)
            starts += self._starts[done:start]
            ends += self._ends[done:start]
            final += self._final[done:start]
            rewritten += self._rewritten[done:start]
            if spoken:
                starts += [self._starts[start]] * len(spoken)
                ends += [self._ends[end - 1]] * len(spoken)
                final += b"\x01" * len(spoken)
                rewritten += b"\x01" * len(spoken)
            done = end
        self.text, self._starts, self._ends = "".join(texts), starts, ends
        self._final, self._rewritten = final, rewritten

    def prepared(self) -> Prepared:
        """Returns the text and its spans."""
        return Prepared(self.text, self._starts, self._ends, self._rewritten)
