"""The abbreviations, initials and ordinals of each language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import regex

_FILE = "abbreviations.json"
# Languages that share the abbreviations of another language.
_SAME = {"no": "nb", "nn": "nb", "bs": "hr"}


@dataclass(frozen=True, kw_only=True)
class OrdinalRules:
    """The rules that determine whether a number with a dot is an ordinal, as in `3. Oktober`."""

    after: frozenset[str] = frozenset()
    """Lower-case words, such as articles. A number with a dot after one of these words is an ordinal."""

    before: tuple[str, ...] = ()
    """Lower-case prefixes of words, such as names of months. A number with a dot before such a word is an ordinal."""

    year_first: bool = False
    """Whether dates begin with the year, as in `2026. 10. 3.`"""

    spoken: bool = False
    """Whether espeak-ng reads a number with a dot before a lower-case word as an ordinal."""


@dataclass(frozen=True, kw_only=True)
class Abbreviations:
    """The abbreviations of a language, in all capitalizations and without the final dot."""

    always: frozenset[str] = frozenset()
    """Abbreviations that do not end a sentence, such as titles. However, after a number, an abbreviation of up to three
    letters may be a unit symbol, which can end a sentence.
    """

    number: frozenset[str] = frozenset()
    """Abbreviations that do not end a sentence before a number, a Roman numeral or a single letter."""

    months: frozenset[str] = frozenset()
    """Those of `number` that are names of months, in languages that write dates as `3 oct. 26`."""

    maybe: frozenset[str] = frozenset()
    """Abbreviations that end a sentence only before a number or one of `starters`."""

    counted: frozenset[str] = frozenset()
    """Abbreviations of words such as "million". They are like those in `maybe` after a number, and otherwise words."""

    ends: frozenset[str] = frozenset()
    """Abbreviations that end a sentence before a capital letter, such as `etc`. They are listed because each of them
    contains another abbreviation.
    """

    names: frozenset[str] = frozenset()
    """Names of letters. Scripts without capital letters use them as initials."""

    starters: frozenset[str] = frozenset()
    """Lower-case words that often begin a sentence and are not part of a name."""

    letters: Mapping[str, str]
    """Maps initials that would be read as words without the dot to their replacements: the name of the letter or, in
    English, an `A` that is not read as the article.
    """

    ordinal: OrdinalRules | None = None
    """`None` if the language does not write ordinals with a dot."""

    known: bool = True
    """Whether there is data for the language. If not, every capitalized word of up to three letters is treated as an
    abbreviation that never ends a sentence.
    """

    greek: bool = False
    """Whether `;` is a question mark in this language."""


@cache
def abbreviations_of(language: str) -> Abbreviations:
    """Returns the abbreviations of a language. `language` is a code such as `en_US`, or empty if unknown."""
    code = regex.split("[_-]", language.lower())[0]
    entry = _data().get(_SAME.get(code, code))
    if entry is None:
        return Abbreviations(letters={}, known=False)
    ordinal = entry.get("ordinal")
    return Abbreviations(
        always=_with_capitals(entry["always"]),
        number=_with_capitals(f"{entry.get('number', '')} {entry.get('months', '')}"),
        months=_with_capitals(entry.get("months", "")),
        maybe=_with_capitals(entry.get("maybe", "")),
        counted=_with_capitals(entry.get("counted", "")),
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
        year_first=entry.get("year_first", False),
        spoken=entry.get("spoken", False),
    )


@cache
def _data() -> dict[str, dict[str, Any]]:
    data: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("data").joinpath(_FILE).read_text("utf-8"))
    return data


def _with_capitals(words: str) -> frozenset[str]:
    """Returns `words` together with their capitalized and upper-case forms. Single letters are not converted, because a
    single capital letter is an initial.
    """
    listed = words.split()
    longer = [word for word in listed if len(word) > 1]
    return frozenset(listed) | {word[0].upper() + word[1:] for word in longer} | {word.upper() for word in longer}
