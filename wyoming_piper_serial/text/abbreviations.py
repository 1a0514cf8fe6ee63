"""The abbreviations, initials and ordinals of each language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import regex

_FILE = "abbreviations.json"
# Languages that are written with the abbreviations of another language.
_SAME = {"no": "nb", "nn": "nb", "bs": "hr"}


@dataclass(frozen=True, kw_only=True)
class OrdinalRules:
    """Decides whether a number with a dot before a capital letter is an ordinal, as in `3. Oktober`."""

    after: frozenset[str] = frozenset()
    """Words in lower case after which a number with a dot is an ordinal, such as articles."""

    before: tuple[str, ...] = ()
    """Beginnings of words, in lower case, before which a number with a dot is an ordinal, such as names of months."""

    spoken: bool = False
    """Whether espeak-ng reads a number with a dot before a lower-case word as an ordinal."""


@dataclass(frozen=True, kw_only=True)
class Abbreviations:
    """The abbreviations of a language, without their last dot, in all their written forms."""

    always: frozenset[str] = frozenset()
    """Abbreviations that never end a sentence, such as titles."""

    number: frozenset[str] = frozenset()
    """Abbreviations that do not end a sentence before a number, a Roman numeral or a single letter."""

    maybe: frozenset[str] = frozenset()
    """Abbreviations that end a sentence only before a number or one of `starters`."""

    ends: frozenset[str] = frozenset()
    """Abbreviations that end a sentence before a capital letter, such as `etc`. They are listed because a part of each
    is also another abbreviation.
    """

    names: frozenset[str] = frozenset()
    """Names of letters, which are used as initials in scripts without capital letters."""

    starters: frozenset[str] = frozenset()
    """Lower-case words that often begin a sentence and are not part of a name."""

    letters: Mapping[str, str]
    """Replacement for an initial that would be read as a word without its dot: the name of the letter or, in English,
    an `A` that is not read as an article.
    """

    ordinal: OrdinalRules | None = None
    """`None` means that numbers with a dot are not ordinals."""

    known: bool = True
    """Whether there is data about the language. If not, each capitalized word of up to three letters counts as an
    abbreviation that never ends a sentence.
    """

    greek: bool = False
    """Whether `;` is a question mark in this language."""


@cache
def abbreviations_of(language: str) -> Abbreviations:
    """Returns the abbreviations of a language. `language` is a code such as `en_US`; an empty string means unknown."""
    code = regex.split("[_-]", language.lower())[0]
    entry = _data().get(_SAME.get(code, code))
    if entry is None:
        return Abbreviations(letters={}, known=False)
    ordinal = entry.get("ordinal")
    return Abbreviations(
        always=_with_capitals(entry["always"]),
        number=_with_capitals(entry.get("number", "")),
        maybe=_with_capitals(entry.get("maybe", "")),
        ends=_with_capitals(entry.get("ends", "")),
        names=frozenset(entry.get("names", "").split()),
        starters=frozenset(entry.get("starters", "").split()),
        letters=entry.get("letters", {}),
        ordinal=None if ordinal is None else _ordinal_rules(ordinal),
        greek=code == "el",
    )


def _ordinal_rules(entry: dict[str, Any]) -> OrdinalRules:
    return OrdinalRules(
        after=frozenset(entry["after"].split()),
        before=tuple(entry["before"].split()),
        spoken=entry.get("spoken", False),
    )


@cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("data").joinpath(_FILE).read_text("utf-8"))
    return data


def _with_capitals(words: str) -> frozenset[str]:
    """Returns `words` with their capitalized forms. Words of more than one letter are also returned with an initial
    capital and in capital letters. A single capital letter counts as an initial.
    """
    listed = words.split()
    longer = [word for word in listed if len(word) > 1]
    return frozenset(listed) | {word[0].upper() + word[1:] for word in longer} | {word.upper() for word in longer}
