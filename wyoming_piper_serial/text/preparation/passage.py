"""A sentence that rules rewrite step by step. It records which written characters each spoken character replaces."""

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import compress
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

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int], kinds: Sequence[int]) -> None:
        """`starts` and `ends` are the written range of each character of `text`. `kinds` says what each character is: 1
        for the words of a rule, other numbers for text as it was written."""
        self.text = text
        self._starts, self._ends, self._kinds = starts, ends, kinds

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
        if (self._kinds[at] == 1) != (self._kinds[at - 1] == 1):
            return False
        is_same = (self._starts[at], self._ends[at]) == (self._starts[at - 1], self._ends[at - 1])
        return is_same or (self._kinds[at] != 1 and self._starts[at] == self._ends[at - 1])


class Rule(NamedTuple):
    """Rewrites each match of `pattern`.

    `replace` returns the words to say, or `None` to leave the match as it is. Text that a rule has written, and
    protected text, is not rewritten again. However, patterns see it as context.
    """

    pattern: regex.Pattern[str]
    replace: Callable[[Match], str | None]


class Passage:
    """A sentence while it is rewritten. The lengths are small, at most a few thousand characters."""

    def __init__(self, text: str, replacements: Sequence[tuple[int, int, str]] = ()) -> None:
        """`replacements` are ranges (start, end) of `text` and the words to say for them, in order."""
        self.text = text
        # The written range of each character of `text`.
        self._starts = list(range(len(text)))
        self._ends = list(range(1, len(text) + 1))
        # What each character is: 0 as it was written, 1 the words of a rule, 2 protected.
        self._final = bytearray(len(text))
        if replacements:
            self._rewrite(replacements)

    def protect(self, pattern: regex.Pattern[str]) -> None:
        """Makes all matches of `pattern` final."""
        for match in pattern.finditer(self.text):
            start, end = match.span()
            self._final[start:end] = b"\x02" * (end - start)

    def is_final(self, start: int, end: int) -> bool:
        """Returns whether any character in the range must not be rewritten."""
        return any(self._final[start:end])

    def apply(self, rule: Rule, *, rewrites_words: bool = False) -> None:
        """Rewrites the matches of the rule from left to right. Matches do not overlap. A match of no characters is
        skipped. With `rewrites_words`, the rule also rewrites text that rules have written."""
        found: list[tuple[int, int, str]] = []
        for match in rule.pattern.finditer(self.text):
            start, end = match.span()
            is_barred = self._final.find(2, start, end) >= 0 if rewrites_words else self.is_final(start, end)
            if start == end or is_barred:
                continue
            spoken = rule.replace(match)
            if spoken is not None:
                found.append((start, end, spoken))
        if found:
            self._rewrite(found)

    def join(self, positions: Sequence[int]) -> None:
        """Removes the characters at `positions`, such as separators of thousands, unless they are final. The text
        around them can still be rewritten. Each removed character becomes a part of the character before it. Takes
        linear time."""
        removed = [at for at in positions if at and not self.is_final(at - 1, at + 2)]
        if not removed:
            return
        for at in reversed(removed):  # the character before may be removed too
            self._ends[at - 1] = self._ends[at]
        keep = bytearray(b"\x01") * len(self.text)
        for at in removed:
            keep[at] = 0
        self.text = "".join(compress(self.text, keep))
        self._starts, self._ends = list(compress(self._starts, keep)), list(compress(self._ends, keep))
        self._final = bytearray(compress(self._final, keep))

    def _rewrite(self, found: Sequence[tuple[int, int, str]]) -> None:
        """Replaces ranges, which are in order and do not overlap, with spoken text. Takes linear time."""
        texts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        final, done = bytearray(), 0
        for start, end, spoken in [*found, (len(self.text), len(self.text), "")]:
            texts += (self.text[done:start], spoken)
            starts += self._starts[done:start]
            ends += self._ends[done:start]
            final += self._final[done:start]
            if spoken:
                starts += [self._starts[start]] * len(spoken)
                ends += [self._ends[end - 1]] * len(spoken)
                final += b"\x01" * len(spoken)
            done = end
        self.text, self._starts, self._ends = "".join(texts), starts, ends
        self._final = final

    def prepared(self) -> Prepared:
        """Returns the text and its spans."""
        return Prepared(self.text, self._starts, self._ends, self._final)
