"""Finds which phonemes belong to which words of a sentence. Pure.

A phonemizer does not return this information. It separates words with spaces, but it also joins words ("of the") and
splits others. The functions here therefore compare the number of words with the number of groups of phonemes between
spaces. They do so separately for each clause, because punctuation marks occur in the text and in the phonemes. If the
numbers differ, or if a word may be spoken as several words, the clause or the sentence is treated as one unit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import regex

_PAUSES = ",;:.!?"
_ENDS_CLAUSE = regex.compile(r"[,;:.!?…][\"'’”»)\]]*$")
# Other words, such as "50%" or "and/or", may be spoken as several words.
_PLAIN = regex.compile(r"[\"'‘“«(\[¿¡]*[\p{L}\p{M}]+(?:['’][\p{L}\p{M}]+)*['’]?[\"'’”»)\],;:.!?…]*")
_LETTER = regex.compile(r"[\p{L}\p{M}\p{N}]")
_LAST_LETTER = regex.compile(r"(?r)[\p{L}\p{M}\p{N}]")  # (?r) searches from the end
# Bounds for the number of phonemes of a word, as multiples of its letters. "Through" has 0.4, and a single letter that
# is spoken by its name has up to 5. Outside these bounds, a word has probably been joined to its neighbor.
_FEWEST, _MOST, _MOST_EXTRA = 0.3, 2.0, 5

Id = tuple[int, int]
"""The position of a phoneme id: the number of the model run of the sentence, and the index in its ids."""


class Mark(NamedTuple):
    """A passage of a sentence, and the index of the first phoneme id that belongs to it."""

    at: int
    text: str


class Aligner:
    """Aligns the sentences of one request. For each sentence, `spoken` is called first and `marks` second. The two
    calls may come from different threads.
    """

    def __init__(self, prepare: Callable[[str], str], id_map: Mapping[str, Sequence[int]]) -> None:
        """`prepare` returns the spoken form of a sentence."""
        self._prepare = prepare
        self._id_map = id_map
        self._spoken = ""

    def spoken(self, sentence: str) -> str:
        """Returns the spoken form of `sentence`, and keeps it for `marks`."""
        self._spoken = self._prepare(sentence)
        return self._spoken

    def marks(self, sentence: str, runs: Sequence[Sequence[int]]) -> list[list[Mark]]:
        """Returns the marks of each model run of the sentence that was last passed to `spoken`."""
        return align(sentence, self._spoken, runs, self._id_map)


class _Unit(NamedTuple):
    """Written words, and the spoken words that they become."""

    text: str
    spoken: Sequence[str]


class _Group(NamedTuple):
    """Phonemes between two spaces."""

    first: Id
    length: int


def align(
    written: str, spoken: str, runs: Sequence[Sequence[int]], id_map: Mapping[str, Sequence[int]]
) -> list[list[Mark]]:
    """Returns the marks of each model run of a sentence, in text order.

    `spoken` is the spoken form of the sentence `written`. `runs` contains the phoneme ids of the sentence. The texts of
    all marks, joined with spaces, are the words of `written`.
    """
    units = _units(written.split(), spoken.split())
    marks = None if units is None else _marks(_word_clauses(units), _phoneme_clauses(runs, id_map))
    if marks is None:
        marks = [((0, 0), " ".join(written.split()))] if runs else []
    found: list[list[Mark]] = [[] for _ in runs]
    for (run, index), text in marks:
        found[run].append(Mark(index, text))
    return found


def _units(written: Sequence[str], spoken: Sequence[str]) -> list[_Unit] | None:
    """Pairs written words with spoken words. The words from the first to the last that differ form one unit.

    Returns `None` if these words have no counterpart.
    """
    begin = _common(zip(written, spoken, strict=False))
    shorter = min(len(written), len(spoken)) - begin
    end = min(shorter, _common(zip(reversed(written), reversed(spoken), strict=False)))
    changed, into = written[begin : len(written) - end], spoken[begin : len(spoken) - end]
    if bool(changed) != bool(into):
        return None
    units = [_Unit(word, [other]) for word, other in zip(written[:begin], spoken[:begin], strict=True)]
    if changed:
        units.append(_Unit(" ".join(changed), into))
    last = zip(written[len(written) - end :], spoken[len(spoken) - end :], strict=True)
    return units + [_Unit(word, [other]) for word, other in last]


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    """Returns the number of equal pairs at the beginning. Punctuation at the edges of a word is ignored."""
    count = 0
    for written, spoken in pairs:
        if written != spoken and (_bare(written) != _bare(spoken) or not _bare(written)):
            break
        count += 1
    return count


def _bare(word: str) -> str:
    """Returns `word` without the punctuation at its edges, in linear time."""
    first, last = _LETTER.search(word), _LAST_LETTER.search(word)
    return word[first.start() : last.end()] if first and last else ""


def _word_clauses(units: Sequence[_Unit]) -> list[list[_Unit]]:
    clauses: list[list[_Unit]] = [[]]
    for unit in units:
        clauses[-1].append(unit)
        if _ENDS_CLAUSE.search(unit.spoken[-1]):
            clauses.append([])
    return clauses if clauses[-1] else clauses[:-1]


def _phoneme_clauses(runs: Sequence[Sequence[int]], id_map: Mapping[str, Sequence[int]]) -> list[list[_Group]]:
    silent = {number for symbol in "^_$" for number in id_map.get(symbol, ())}
    spaces = set(id_map.get(" ", ()))
    pauses = {number for symbol in _PAUSES for number in id_map.get(symbol, ())}
    clauses: list[list[_Group]] = [[]]
    first, length = (0, 0), 0  # the group that may still grow; its length is 0 if there is none
    for run, ids in enumerate(runs):
        for index, number in enumerate(ids):
            if number in silent:
                continue
            if number not in spaces and number not in pauses:
                first, length = first if length else (run, index), length + 1
                continue
            if length:
                clauses[-1].append(_Group(first, length))
                length = 0
            if number in pauses and clauses[-1]:
                clauses.append([])
    if length:
        clauses[-1].append(_Group(first, length))
    return clauses if clauses[-1] else clauses[:-1]


def _marks(words: Sequence[Sequence[_Unit]], phonemes: Sequence[Sequence[_Group]]) -> list[tuple[Id, str]] | None:
    """Returns a mark for each unit. A clause whose words do not match its groups of phonemes gets a single mark.

    Returns `None` if the text and the phonemes have different numbers of clauses.
    """
    if len(words) != len(phonemes):
        return None
    marks: list[tuple[Id, str]] = []
    for units, groups in zip(words, phonemes, strict=True):
        if _corresponds([word for unit in units for word in unit.spoken], groups):
            at = 0
            for unit in units:
                marks.append((groups[at].first, unit.text))
                at += len(unit.spoken)
        else:
            marks.append((groups[0].first, " ".join(unit.text for unit in units)))
    return marks


def _corresponds(words: Sequence[str], groups: Sequence[_Group]) -> bool:
    """Returns whether each word of a clause is one group."""
    return len(words) == len(groups) and all(map(_fits, words, groups))


def _fits(word: str, group: _Group) -> bool:
    letters = len(_bare(word))
    return bool(_PLAIN.fullmatch(word)) and _FEWEST * letters <= group.length <= _MOST * letters + _MOST_EXTRA
