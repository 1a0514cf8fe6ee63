"""A sentence that rules rewrite step by step. Each character of the result is mapped to the part of the original
sentence that it replaces.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache, cached_property
from itertools import compress
from operator import not_
from typing import Any, NamedTuple

import regex

Match = regex.Match[str]


DIGITS = "0123456789"
DASHES = "-\u2010\u2011\u2012–—\u2015−"

DASH_SIGNS = frozenset(DASHES)
_ENDS = ".!?…"
_NUMBERS = frozenset(f"{DIGITS}{DASHES}+ \u00a0.,:;!?…。，！？；：、")


class Derived:
    """A predicate that checks a value derived from a text. A passage derives the value only once for all predicates
    with the same `derive`.
    """

    def __init__(self, derive: Callable[[str], Any], holds: Callable[[Any], bool]) -> None:
        """`derive` returns the value, and `holds` checks it."""
        self.derive, self.holds = derive, holds

    def __call__(self, text: str) -> bool:
        return self.holds(self.derive(text))


Need = str | Callable[[str], bool]
Needs = Need | tuple[Need, ...]
"""A quick check whether a pattern can match a text: a string, a predicate, or several of these, all of which must pass.
A string passes if it is empty or the text contains at least one of its characters. If the check fails, the pattern is
neither compiled nor searched. Most texts need only a few of hundreds of patterns.
"""


_Test = Callable[[str], bool] | frozenset[str]


def has_letter(text: str) -> bool:
    """Returns whether `text` contains a letter."""
    return any(map(str.isalpha, text))


def _is_no_bare_number(text: str) -> bool:
    return not _NUMBERS.issuperset(text)


def _has_inner_dash(text: str) -> bool:
    return not DASH_SIGNS.isdisjoint(text[1:])


INNER_DASHES: tuple[Need, ...] = (DASHES, _has_inner_dash)
"""A dash that is not the first character. Most dashes of short texts are minus signs at their beginning."""

COUNTS: tuple[Need, ...] = (DIGITS, has_letter)
"""A digit and a letter."""

AMOUNTS: tuple[Need, ...] = (DIGITS, _is_no_bare_number)
"""A digit and a character other than digits, spaces and common punctuation."""


@cache
def has_digits(count: int) -> Need:
    """Returns a predicate that checks whether a text contains at least `count` digits."""
    return lambda text: len(text) >= count and sum(map(text.count, DIGITS)) >= count


RANGES: tuple[Need, ...] = (*INNER_DASHES, has_digits(2))
"""Two digits and a dash that is not the first character."""


def has_word(words: Iterable[str]) -> tuple[Need, ...]:
    """Returns a check whether a text contains any of `words`."""
    known = tuple(words)

    def contains(text: str) -> bool:
        return any(map(text.__contains__, known))

    if mark := shared_mark(known):
        return mark, contains
    return (has_letter, contains) if all(map(has_letter, known)) else (contains,)


def shared_mark(words: Iterable[str]) -> str:
    """Returns a character other than a letter that all words contain, such as the dot of abbreviations, or an empty
    string if there is none. As a check, it excludes most texts before words are looked up.
    """
    return min((character for character in set.intersection(*map(set, words)) if not character.isalpha()), default="")


class Span(NamedTuple):
    """A range of the prepared text and the corresponding range of the original text, in code points."""

    start: int
    """Start in the prepared text."""

    end: int
    written_start: int
    """Start in the written text."""

    written_end: int


class Prepared:
    """A sentence in its spoken form."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int], kinds: Sequence[int]) -> None:
        """`starts` and `ends` contain, for each character of `text`, its range in the original text. `kinds` contains 1
        for each character that a rule has written, and another value for each character of the original text.
        """
        self.text = text
        self._starts, self._ends, self._kinds = starts, ends, kinds

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """Spans that cover `text` from start to end. If the two ranges of a span differ in length, its text was
        rewritten. Otherwise, its text is unchanged or was rewritten to text of the same length.
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

    `replace` returns the words to say, or `None` to keep the match. Protected text is never rewritten. The output of
    earlier rules is rewritten only with `rewrites_words` (see `Rules.apply`). Patterns can see both as context.
    """

    pattern: regex.Pattern[str]
    replace: Callable[[Match], str | None]
    needs: Needs = ""


class Mask(NamedTuple):
    """A pattern for text that no rule may rewrite."""

    pattern: regex.Pattern[str]
    needs: Needs = ""


class Rules:
    """Rules and masks in the order in which they are applied, with an index of their needs.

    A rule needs certain characters or words to match. A language has about a hundred rules, and a sentence meets the
    needs of only a few. The index finds these rules in one pass over the characters of the sentence.
    """

    def __init__(self, *rules: Rule | Mask) -> None:
        self.rules = rules
        # Sets of rules as bit masks: bit `n` stands for the rule at position `n`. Characters include rules, then tests
        # exclude rules. The test for letters excludes most rules, so it is the first.
        self._always = 0
        self._of_character: dict[str, int] = {}
        self._of_test: dict[_Test, int] = {has_letter: 0}
        for bit, rule in enumerate(rules):
            needs = rule.needs if isinstance(rule.needs, tuple) else (rule.needs,)
            characters = [need for need in needs if isinstance(need, str) and need]
            tests: list[_Test] = [need for need in needs if not isinstance(need, str)]
            if not characters:
                self._always |= 1 << bit
            for character in "".join(characters[:1]):
                self._of_character[character] = self._of_character.get(character, 0) | 1 << bit
            for test in (*tests, *map(frozenset, characters[1:])):
                self._of_test[test] = self._of_test.get(test, 0) | 1 << bit

    def __repr__(self) -> str:
        return f"<Rules: {len(self.rules)} rules>"

    def apply(self, passage: "Passage", *, rewrites_words: bool = False, rewrites_only: str = "") -> None:
        """Applies each rule and mask in turn, except those that cannot match. With `rewrites_words`, the output of
        earlier rules is also rewritten. If `rewrites_only` is not empty, each match must contain at least one of these
        characters. The remaining rules are then skipped when none of the characters can still be rewritten.
        """
        text, position = passage.text, 0
        left = self._applicable(passage)
        while left:
            lowest = (left & -left).bit_length() - 1
            position += lowest
            rule = self.rules[position]
            if isinstance(rule, Mask):
                passage.protect(rule)
            else:
                passage.rewrite(rule, rewrites_words=rewrites_words)
            position += 1
            left >>= lowest + 1
            if passage.text is not text:
                if rewrites_only and not passage.has_open(rewrites_only):
                    return
                text = passage.text
                left = self._applicable(passage) >> position

    def _applicable(self, passage: "Passage") -> int:
        """Returns the rules whose needs the text meets, as a bit mask."""
        found = self._always
        for character in passage.characters & self._of_character.keys():
            found |= self._of_character[character]
        passed = passage.passed
        for test, rules in self._of_test.items():
            if found & rules:
                is_passed = passed.get(test)
                if not (passage.passes(test) if is_passed is None else is_passed):
                    found &= ~rules
        return found


class Passage:
    """A sentence that is being rewritten. Apart from pattern searches, each method takes linear time."""

    def __init__(self, text: str, replacements: Sequence[tuple[int, int, str]] = ()) -> None:
        """`replacements` contains the start, the end and the replacement of ranges of `text`, ordered by position."""
        self.text = text
        # For each character of `text`: its range in the original text.
        self._starts = list(range(len(text)))
        self._ends = list(range(1, len(text) + 1))
        # The kind of each character: 0 for original text, 1 for text that a rule has written, 2 for protected text.
        self._final = bytearray(len(text))
        # What is known about `_tested`, which is the text unless it has changed since.
        self._tested, self._characters = text, frozenset(text)
        self._passed: dict[_Test, bool] = {}
        self._derived: dict[Callable[[str], Any], Any] = {}
        if replacements:
            self._replace(replacements)

    def protect(self, mask: Mask) -> None:
        """Protects all matches of the mask from being rewritten."""
        for match in mask.pattern.finditer(self.text):
            start, end = match.span()
            self._final[start:end] = b"\x02" * (end - start)

    @property
    def characters(self) -> Set[str]:
        """The different characters of the text."""
        self._forget_old_text()
        return self._characters

    @property
    def passed(self) -> Mapping[_Test, bool]:
        """The results of the tests of the text that are known already."""
        self._forget_old_text()
        return self._passed

    def passes(self, test: _Test) -> bool:
        """Returns whether the text passes a test, which is a predicate or a set of characters. The text passes a set if
        it contains at least one of the characters.
        """
        self._forget_old_text()
        passed = self._passed.get(test)
        if passed is None:
            if isinstance(test, Derived):
                passed = test.holds(self._value_of(test.derive))
            else:
                passed = test(self.text) if callable(test) else not self._characters.isdisjoint(test)
            self._passed[test] = passed
        return passed

    def _value_of(self, derive: Callable[[str], Any]) -> Any:
        if derive not in self._derived:
            self._derived[derive] = derive(self.text)
        return self._derived[derive]

    def _forget_old_text(self) -> None:
        if self._tested is not self.text:
            self._tested, self._characters = self.text, frozenset(self.text)
            self._passed, self._derived = {}, {}

    @property
    def is_settled(self) -> bool:
        """Whether only the punctuation at the end of the text can still be rewritten."""
        return 0 not in self._final[: len(self.text.rstrip(_ENDS))]

    def has_open(self, characters: str) -> bool:
        """Returns whether any of `characters` can still be rewritten."""
        return any(map(characters.__contains__, compress(self.text, map(not_, self._final))))

    def is_final(self, start: int, end: int) -> bool:
        """Returns whether the range contains a character that must not be rewritten."""
        return any(self._final[start:end])

    def rewrite(self, rule: Rule, *, rewrites_words: bool = False) -> None:
        """Rewrites the non-overlapping matches of the rule from left to right. Empty matches are skipped. With
        `rewrites_words`, the output of earlier rules is also rewritten."""
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
            self._replace(found)

    def join(self, positions: Sequence[int]) -> None:
        """Removes the characters at `positions`, such as thousands separators.

        A character is kept if it or an adjacent character must not be rewritten. Text around removed characters can
        still be rewritten. In the spans, a removed character belongs to the character before it or, at the start of the
        text, to the character after it.
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
        self._starts = [self._starts[at] for at in kept]
        self._ends = [self._ends[at] for at in kept]
        self._final = bytearray(self._final[at] for at in kept)

    def _replace(self, found: Sequence[tuple[int, int, str]]) -> None:
        """Replaces the ranges in `found` in linear time. The ranges must be in order and must not overlap."""
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
        """Returns the rewritten text and its spans."""
        return Prepared(self.text, self._starts, self._ends, self._final)
