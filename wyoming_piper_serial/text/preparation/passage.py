"""A sentence that rules rewrite step by step. Each spoken character is mapped to the written text that it replaces."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import NamedTuple

import regex

Match = regex.Match[str]


DIGITS = "0123456789"
DASHES = "-\u2010\u2011\u2012–—\u2015−"

_NUMBERS = frozenset(f"{DIGITS} \u00a0.,:;!?")

Needs = str | Callable[[str], bool]
"""A quick check whether a pattern can match a text: a string of characters of which the text must contain at least one,
or a predicate. An empty string always passes. If the check fails, the pattern is neither compiled nor searched. Most
texts need only a few of hundreds of patterns.
"""


def COUNTS(text: str) -> bool:  # noqa: N802 -- used like DIGITS
    """Returns whether `text` contains a digit and a letter."""
    return not set(text).isdisjoint(DIGITS) and any(map(str.isalpha, text))


def AMOUNTS(text: str) -> bool:  # noqa: N802 -- used like DIGITS
    """Returns whether `text` contains a digit and a character other than digits, spaces and common punctuation."""
    return not set(text).isdisjoint(DIGITS) and not _NUMBERS.issuperset(text)


def has_word(words: Iterable[str]) -> Needs:
    """Returns a predicate that checks whether a text contains any of `words`. Each word must contain a letter."""
    known = tuple(words)
    return lambda text: any(map(str.isalpha, text)) and any(map(text.__contains__, known))


class Span(NamedTuple):
    """A range of the prepared text and the corresponding range of the written text, in code points."""

    start: int
    """Start in the prepared text."""

    end: int
    written_start: int
    """Start in the written text."""

    written_end: int


class Prepared:
    """A sentence in its spoken form."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int], kinds: Sequence[int]) -> None:
        """`starts` and `ends` contain the written range of each character of `text`. `kinds` contains 1 for each
        character of words from a rule, and another value for each character of written text.
        """
        self.text = text
        self._starts, self._ends, self._kinds = starts, ends, kinds

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Spans that cover `text` from start to end. If the two ranges of a span differ in length, its text was
        rewritten. Otherwise, its text is unchanged or was replaced with text of the same length.
        """
        spans: list[Span] = []
        begin = 0
        for at in range(1, len(self.text) + 1):
            if at == len(self.text) or not self._continues(at):
                spans.append(Span(begin, at, self._starts[begin], self._ends[at - 1]))
                begin = at
        return tuple(spans)

    def _continues(self, at: int) -> bool:
        """Returns whether the character at `at` belongs to the same span as the previous character."""
        if (self._kinds[at] == 1) != (self._kinds[at - 1] == 1):
            return False
        is_same = (self._starts[at], self._ends[at]) == (self._starts[at - 1], self._ends[at - 1])
        return is_same or (self._kinds[at] != 1 and self._starts[at] == self._ends[at - 1])


class Rule(NamedTuple):
    """A rule that rewrites each match of `pattern`.

    `replace` returns the words to say, or `None` to keep the match. The output of earlier rules and protected text are
    not rewritten, but patterns can see them as context.
    """

    pattern: regex.Pattern[str]
    replace: Callable[[Match], str | None]
    needs: Needs = ""


class Mask(NamedTuple):
    """A pattern whose matches no rule may rewrite."""

    pattern: regex.Pattern[str]
    needs: Needs = ""


class Passage:
    """A sentence that is being rewritten. Apart from pattern searches, each method takes linear time."""

    def __init__(self, text: str, replacements: Sequence[tuple[int, int, str]] = ()) -> None:
        """`replacements` contains tuples of start, end and replacement for ranges of `text`, in order."""
        self.text = text
        self._changed()
        # The written range of each character of `text`.
        self._starts = list(range(len(text)))
        self._ends = list(range(1, len(text) + 1))
        # The kind of each character: 0 for written text, 1 for words from a rule, 2 for protected text.
        self._final = bytearray(len(text))
        if replacements:
            self._rewrite(replacements)

    def protect(self, mask: Mask) -> None:
        """Protects all matches of the mask from being rewritten."""
        if not self.has(mask.needs):
            return
        for match in mask.pattern.finditer(self.text):
            start, end = match.span()
            self._final[start:end] = b"\x02" * (end - start)

    def has(self, needs: Needs) -> bool:
        """Returns whether the text meets the needs of a pattern."""
        if needs not in self._known:
            self._known[needs] = needs(self.text) if callable(needs) else not self._characters.isdisjoint(needs)
        return self._known[needs]

    def _changed(self) -> None:
        """Resets cached results after a change to the text."""
        self._characters = set(self.text)
        self._known: dict[Needs, bool] = {"": True}

    def is_final(self, start: int, end: int) -> bool:
        """Returns whether the range contains a character that must not be rewritten."""
        return any(self._final[start:end])

    def apply(self, *rules: Rule, rewrites_words: bool = False) -> None:
        """Applies each rule in turn: rewrites its non-overlapping matches from left to right. Empty matches are
        skipped. With `rewrites_words`, the output of earlier rules is also rewritten.
        """
        for rule in rules:
            # Most rules are skipped here, so do not call `has` if the result is cached.
            known = self._known.get(rule.needs)
            if known or (known is None and self.has(rule.needs)):
                self._apply(rule, rewrites_words=rewrites_words)

    def _apply(self, rule: Rule, *, rewrites_words: bool) -> None:
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
        """Removes the characters at `positions`, such as thousands separators.

        A character is kept if it or an adjacent character must not be rewritten. Text around removed characters can
        still be rewritten. The written range of a removed character is added to the character before it or, at the
        start of the text, to the character after it.
        """
        removed = {at for at in positions if not self.is_final(max(0, at - 1), at + 2)}
        if not removed:
            return
        kept: list[int] = []
        for at in range(len(self.text)):
            if at not in removed:
                kept.append(at)
            elif kept:
                self._ends[kept[-1]] = self._ends[at]
        if kept:
            self._starts[kept[0]] = self._starts[0]
        self.text = "".join(self.text[at] for at in kept)
        self._changed()
        self._starts = [self._starts[at] for at in kept]
        self._ends = [self._ends[at] for at in kept]
        self._final = bytearray(self._final[at] for at in kept)

    def _rewrite(self, found: Sequence[tuple[int, int, str]]) -> None:
        """Replaces ranges with spoken text in linear time. The ranges must be in order and must not overlap."""
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
        self._changed()
        self._final = final

    def prepared(self) -> Prepared:
        """Returns the text and its spans."""
        return Prepared(self.text, self._starts, self._ends, self._final)
