"""What is known about abbreviations, initials and ordinals in each language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import regex

_FILE = "abbreviations.json"
# Languages that are written with the abbreviations of another language.
_SAME = {"no": "nb", "nn": "nb", "bs": "hr", "sh": "sr", "me": "sr"}


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
    """The abbreviations of a language, without their last dot.

    An entry in lower case also stands for its capitalized form.
    """

    always: frozenset[str] = frozenset()
    """Abbreviations that never end a sentence, such as titles."""

    number: frozenset[str] = frozenset()
    """Abbreviations that do not end a sentence before a number, a Roman numeral or a single letter."""

    maybe: frozenset[str] = frozenset()
    """Abbreviations that end a sentence only before a number or one of `starters`."""

    ends: frozenset[str] = frozenset()
    """Abbreviations that end a sentence before a capital letter, such as `etc`. They are listed because a part of them
    is also another abbreviation."""

    names: frozenset[str] = frozenset()
    """Names of letters, which are the initials in scripts without capital letters."""

    starters: frozenset[str] = frozenset()
    """Words in lower case that often begin a sentence and are not a part of a name."""

    letters: Mapping[str, str]
    """How to write a letter that would be read as a word if it had no dot. The name of the letter or, in English, an
    `A` that is not an article."""

    ordinal: OrdinalRules | None = None
    """`None` means that numbers with a dot are not ordinals."""

    known: bool = True
    """Whether there is data about the language. Otherwise, each capitalized word of up to three letters is taken for an
    abbreviation that never ends a sentence."""

    greek: bool = False
    """Whether `;` is the question mark."""

    def has(self, token: str, kind: str) -> bool:
        """Returns whether `token` is in the set with the name `kind`."""
        entries: frozenset[str] = getattr(self, kind)
        return any(form in entries for form in _forms(token))


@cache
def abbreviations_of(language: str) -> Abbreviations:
    """Returns the abbreviations of a language. `language` is a code such as `en_US`; an empty string means unknown."""
    code = regex.split("[_-]", language.lower())[0]
    entry = _data().get(_SAME.get(code, code))
    if entry is None:
        return Abbreviations(letters={}, known=False)
    ordinal = entry.get("ordinal")
    return Abbreviations(
        **{
            kind: frozenset(str(entry.get(kind, "")).split())
            for kind in ("always", "number", "maybe", "ends", "names", "starters")
        },
        letters=entry.get("letters", {}),
        ordinal=ordinal
        and OrdinalRules(
            after=frozenset(ordinal["after"].split()),
            before=tuple(ordinal["before"].split()),
            spoken=ordinal.get("spoken", False),
        ),
        greek=code == "el",
    )


@cache
def _data() -> dict[str, dict[str, object]]:
    text = resources.files(__package__).joinpath("data", _FILE).read_text("utf-8")
    data: dict[str, dict[str, object]] = json.loads(text)
    return data


def _forms(token: str) -> set[str]:
    forms = {token, token[:1].lower() + token[1:]}
    if len(token) > 1 and token.isupper():
        forms |= {token.lower(), token.capitalize()}
    return forms
