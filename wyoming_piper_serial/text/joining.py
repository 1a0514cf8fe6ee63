"""Removes dots inside a sentence at which espeak-ng would end the sentence."""

from typing import NamedTuple

import regex

from wyoming_piper_serial.text.abbreviations import Abbreviations, abbreviations_of
from wyoming_piper_serial.text.dots import Decision, Dot, Kind, look_at_dot, look_at_exclamation
from wyoming_piper_serial.text.patterns import RAW_PHONEMES, lazy

# espeak-ng ends a sentence at a dot or an exclamation mark before a space, even if a quotation mark or a bracket is
# adjacent to the space. The only exception is a dot before a lower-case letter, but espeak-ng does not treat Georgian
# letters as lower case. It ignores a comma or another pause after a dot.
_CLOSERS = r"[)\]}\"'’”»]"
_SMALL = r"[\p{Ll}--\p{Georgian}]"
_USELESS_DOT = rf"(?P<useless>\.(?={_CLOSERS}*+[,;:]\s|{_CLOSERS}++\s++{_SMALL}))"
_MARK = lazy(
    rf"{RAW_PHONEMES}(*SKIP)(*FAIL)|(?<![.!?…])(?:{_USELESS_DOT}|[.!](?=\s++\S)(?!\s++{_SMALL}))", flags=regex.V1
)
_UP_TO_WORD = lazy(r"\s*+[\"'“”„‚‘’«»‹›(\[{¿¡—–_]*+")
_SPACE = lazy(r"\s")
_SPACED_LETTERS = lazy(r"(?:\p{L}\.\s?)+\p{L}")


class Edit(NamedTuple):
    """A replacement of the characters from `start` to `end` with `text`."""

    start: int
    end: int
    text: str


def inner_dots(sentence: str, language: str) -> list[Edit]:
    """Returns the edits, ordered by position, that make espeak-ng read `sentence` as a single sentence.

    `sentence` comes from SentenceSplitter and may have been prepared. `language` is a code such as `en_US`. Dots that
    end a sentence are kept. An initial that would be read as a word is replaced with the name of the letter. If
    espeak-ng reads a number with a dot as an ordinal, the dot is kept and the next word is changed to lower case. If
    there is no data for the language, returns no edits.
    """
    inner = sentence[:-1]
    if "." not in inner and "!" not in inner:
        return []
    abbreviations = abbreviations_of(language)
    if not abbreviations.known:
        return []
    edits: list[Edit] = []
    for mark in _MARK.finditer(sentence):
        at = mark.start()
        if mark["useless"]:
            edits.append(Edit(at, at + 1, ""))
            continue
        first = _UP_TO_WORD.match(sentence, at + 1)
        next_at = first.end() if first else at + 1
        if next_at == len(sentence):
            continue
        if mark[0] == "!":
            if look_at_exclamation(sentence, at, next_at, complete=True) is Decision.INSIDE:
                edits.append(Edit(at, at + 1, ""))
            continue
        dot = look_at_dot(sentence, at, next_at, abbreviations, complete=True)
        if dot.decision is Decision.INSIDE:
            spaces = _spaces(sentence[dot.begin : at], dot)
            while spaces and edits and edits[-1].start >= dot.begin:
                edits.pop()  # discard the edit for an earlier dot of the same abbreviation, as in `z. B.`
            edits += [Edit(dot.begin + space, dot.begin + space + 1, "") for space in spaces]
            edits.append(_edit(sentence, at, next_at, dot, abbreviations))
    return edits


def join_dots(sentence: str, language: str) -> str:
    """Returns `sentence` with the edits from `inner_dots` applied."""
    parts: list[str] = []
    done = 0
    for start, end, text in inner_dots(sentence, language):
        parts += sentence[done:start], text
        done = end
    return "".join([*parts, sentence[done:]])


def _spaces(written: str, dot: Dot) -> list[int]:
    """Returns the positions of the spaces in an abbreviation of single letters, such as `z. B.`. Without these spaces,
    espeak-ng spells the abbreviation.
    """
    is_spaced = dot.kind is Kind.WORD and _SPACED_LETTERS.fullmatch(written)
    return [space.start() for space in _SPACE.finditer(written)] if is_spaced else []


def _edit(sentence: str, at: int, next_at: int, dot: Dot, abbreviations: Abbreviations) -> Edit:
    """Returns the edit that keeps espeak-ng from ending the sentence at the dot at `at`."""
    written = sentence[dot.begin : at]
    rules = abbreviations.ordinal
    if dot.kind is Kind.ORDINAL and rules and rules.spoken and sentence[next_at].isupper():
        return Edit(next_at, next_at + 1, sentence[next_at].lower())
    if dot.kind is Kind.INITIAL and written in abbreviations.letters:
        return Edit(dot.begin, at + 1, abbreviations.letters[written])
    return Edit(at, at + 1, "")
