"""Checks what stands around the numbers of a text. A rule that fails its check is neither compiled nor applied."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from wyoming_piper_serial.text.preparation.number import FRACTION_SIGNS
from wyoming_piper_serial.text.preparation.passage import DASH_SIGNS, DIGITS, Derived, Need, has_letter, shared_mark

_NUMBER = re.compile("[0-9]+")
_NO_CENTS = re.compile("[.,][-–—]{1,2}")
_FRACTION = re.compile(f"[0-9][/⁄][0-9]|[{''.join(FRACTION_SIGNS)}]")
_HYPHEN = "-"
_EDGE = "\0\0\0"  # Stands before and after a text, so that no position beside a number is outside of it.


class _Neighbours(NamedTuple):
    """The characters and words beside the numbers of a text, in the form that ignores case."""

    before: frozenset[str]
    """The character before each number, with and without a sign and a space between them."""

    after: frozenset[str]
    """The last digit of each number and the character after it, with and without a space, a hyphen or the dash of `5,-`
    between them.
    """

    words: frozenset[str]
    """For each number after a space or a sign, the word before it."""

    next_words: frozenset[str]
    """For each number before a space, the word after it, up to its first character that is not a letter."""


def _neighbours(text: str) -> _Neighbours:
    text = f"{_EDGE}{text.casefold()}{_EDGE}"
    before, after, words, next_words = set(), set(), set(), set()
    for number in _NUMBER.finditer(text):
        start, end = number.span()
        digit, previous, following = text[end - 1], text[start - 1], text[end]
        before.add(previous)
        spaced = start - (previous in DASH_SIGNS)
        spaced -= text[spaced - 1].isspace()
        before.add(text[spaced - 1])
        if spaced < start:
            words.add(_last_word(text, spaced))
        after.add(digit + following)
        if following.isspace():
            next_words.add(_first_word(text, end + 1))
        if dashed := _NO_CENTS.match(text, end):
            end = dashed.end()
            following = text[end]
            after.add(digit + following)
        if following == _HYPHEN or following.isspace():
            after.add(digit + text[end + 1])
    return _Neighbours(frozenset(before), frozenset(after), frozenset(words), frozenset(next_words))


def _last_word(text: str, end: int) -> str:
    """Returns the letters before the position `end`. The text must begin with a character that is not a letter."""
    start = end
    while text[start - 1].isalpha():
        start -= 1
    return text[start:end]


def _first_word(text: str, start: int) -> str:
    """Returns the letters from the position `start`. The text must end with a character that is not a letter."""
    end = start
    while text[end].isalpha():
        end += 1
    return text[start:end]


def precedes_number(signs: Iterable[str]) -> Need:
    """Returns a predicate that checks whether one of `signs` may be before a number, with or without a minus sign and a
    space between them. It compares one character.
    """
    last = frozenset(sign.casefold()[-1] for sign in signs)
    return Derived(_neighbours, lambda neighbours: not last.isdisjoint(neighbours.before))


def follows_number(signs: Iterable[str], digits: str = DIGITS) -> Need:
    """Returns a predicate that checks whether one of `signs` may be after a number that ends with one of `digits`, with
    or without a space, a hyphen or the dash of `5,-` between them. It compares one character.
    """
    first = frozenset(digit + sign.casefold()[0] for sign in signs for digit in digits)
    return Derived(_neighbours, lambda neighbours: not first.isdisjoint(neighbours.after))


def number_follows(words: Iterable[str]) -> Need:
    """Returns a predicate that checks whether one of `words` is before a number, with a space or a sign between them.
    Of a word with a hyphen, it compares the last part.
    """
    last = frozenset(word.casefold().rpartition(_HYPHEN)[2] for word in words)
    return Derived(_neighbours, lambda neighbours: not last.isdisjoint(neighbours.words))


def number_precedes(words: Iterable[str]) -> Need:
    """Returns a predicate that checks whether one of `words` is after a number and a space. It compares the letters at
    the beginning of each word, up to its first character that is not a letter.
    """
    first = frozenset(_first_word(word.casefold() + _EDGE, 0) for word in words)
    return Derived(_neighbours, lambda neighbours: not first.isdisjoint(neighbours.next_words))


def has_fraction(text: str) -> bool:
    """Returns whether `text` contains a fraction such as `1/2` or `½`."""
    return _FRACTION.search(text) is not None


def has_beginning(words: Iterable[str], length: int) -> Need:
    """Returns a predicate that checks whether a text contains the first `length` characters of any of `words`, ignoring
    case."""
    known = tuple(dict.fromkeys(word.casefold()[:length] for word in words))
    return lambda text: any(map(text.casefold().__contains__, known))


def has_spaced_word(words: Iterable[str]) -> tuple[Need, ...]:
    """Returns a check whether a text contains any of `words`, in which spaces are optional."""
    known = tuple({"".join(word.split()) for word in words})

    def contains(text: str) -> bool:
        compact = "".join(text.split())
        return any(map(compact.__contains__, known))

    mark = shared_mark(known)
    return (mark, has_letter, contains) if mark else (has_letter, contains)
