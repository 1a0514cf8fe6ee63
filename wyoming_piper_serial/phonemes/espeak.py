"""Converts the clauses that espeak-ng returns to lists of phonemes, following Piper's rules. Pure, except for calls to
espeak-ng."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import regex

from wyoming_piper_serial.phonemes.hazards import defuse, halves, has_long_clause
from wyoming_piper_serial.phonemes.splicing import spliced

# espeak-ng stores about 1000 phonemes of a clause and silently drops the rest. In all tested languages, every truncated
# clause had at least 799 code points of phonemes, so a clause with fewer code points of phonemes is complete.
MAX_CLAUSE = 600  # Maximum length of a clause in code points of phonemes.

# espeak-ng drops the end of a word after about 130 phonemes. espeak-ng spells words without vowels and words in other
# scripts letter by letter, and may also say the script or the Unicode number of each letter. A spelled word reaches
# this limit after 5 to 50 letters. In all languages of the voices, every truncated word had at least 121 code points of
# phonemes. The longest dictionary words have 88.
_MAX_WORD = 100  # Maximum length of a word in code points of phonemes. A shorter word is complete.
# Words of two letters are complete, because they have at most 112 code points of phonemes. Each Chinese or Japanese
# character is a separate word.
_WORD = regex.compile(r"(?:(?![\p{Han}\p{Hiragana}\p{Katakana}])[\p{L}\p{M}\p{N}'’]){3,}+")
_MIN_TEXT = 16  # minimum length in characters of a text that can be split

_LANGUAGE_SWITCH = regex.compile(
    r"\([^)]+\)"
)  # a language code in parentheses, which espeak-ng inserts before and after foreign words
_PAUSES = frozenset(",:;")


class Clause(NamedTuple):
    """The phonemes of one clause, which is a piece of text up to a punctuation mark."""

    phonemes: str
    """The phonemes in IPA."""

    terminator: str
    """The punctuation mark that ends the clause, or an empty string if there is none."""

    ends_sentence: bool


Clauses = Callable[[str], Iterable[Sequence[str | bool]]]
"""Passes a text to espeak-ng. Returns (phonemes, terminator, ends_sentence) for each clause. May raise any
exception."""


def sentences(text: str, clauses: Clauses, clusters: Iterable[tuple[str, ...]] = ()) -> list[list[str]]:
    """Returns the phonemes of each sentence in `text`. Text in `[[ ]]` is treated as raw phonemes and becomes part of
    the surrounding sentence.

    Each group of phonemes in `clusters` is merged into one phoneme. Exceptions from `clauses` are passed on.
    """
    known = set(clusters)
    return [_merged(sentence, known) for sentence in spliced(text, lambda part: _spoken(part, clauses)) if sentence]


def _spoken(text: str, clauses: Clauses) -> list[list[str]]:
    """Returns the phonemes of each sentence in `text`, which must not contain raw phonemes (`[[ ]]`)."""
    done: list[list[str]] = []
    sentence: list[str] = []
    text = defuse(text)
    found = complete_clauses(text, clauses)
    if any(len(clause.phonemes) > _MAX_WORD for clause in found):
        divided = with_complete_words(text, clauses)
        found = found if divided == text else complete_clauses(divided, clauses)
    for clause in found:
        phonemes = _LANGUAGE_SWITCH.sub("", clause.phonemes) + clause.terminator
        if clause.terminator in _PAUSES:
            phonemes += " "
        # NFD separates accents from their letters, because an accent is a separate phoneme in Piper's voices.
        sentence += unicodedata.normalize("NFD", phonemes)
        if clause.ends_sentence:
            done.append(sentence)
            sentence = []
    return [*done, sentence] if sentence else done


def with_complete_words(text: str, clauses: Clauses) -> str:
    """Returns `text` with spaces inserted into words whose last phonemes espeak-ng might otherwise drop."""
    words = dict.fromkeys(_WORD.findall(text))
    # Each word is passed to espeak-ng as a separate paragraph, and every paragraph is a separate clause. Therefore, a
    # single call can check all words of a typical text.
    if all(len(str(clause[0])) <= _MAX_WORD for clause in clauses("\n\n".join(words))):
        return text

    def divided(word: str) -> str:
        if sum(len(str(clause[0])) for clause in clauses(word)) <= _MAX_WORD:
            return word
        left, right = halves(word)
        return f"{divided(left)} {divided(right)}" if left and right else word

    return _WORD.sub(lambda match: divided(match[0]), text)


def complete_clauses(text: str, clauses: Clauses) -> list[Clause]:
    """Returns the clauses of `text`. If espeak-ng may have dropped phonemes of a clause, splits the text until all
    clauses are complete or the text cannot be split further (see `halves`)."""
    found: list[Clause] = []
    if not has_long_clause(text):
        found = [Clause(str(clause[0]), str(clause[1]), bool(clause[2])) for clause in clauses(text)]
        if len(text) < _MIN_TEXT or all(len(clause.phonemes) <= MAX_CLAUSE for clause in found):
            return found
    left, right = halves(text)
    if not left or not right:
        return found
    return [*_continued(complete_clauses(left, clauses), left[-1]), *complete_clauses(right, clauses)]


def _continued(found: list[Clause], last: str) -> list[Clause]:
    """Returns the clauses of the text before a split, modified so that the sentence continues after the split.

    If the last clause ends with a punctuation mark, the clauses are not modified. `last` is the last character before
    the split.
    """
    if found and not found[-1].terminator:
        space = " " if last.isspace() else ""
        found[-1] = found[-1]._replace(phonemes=found[-1].phonemes + space, ends_sentence=False)
    return found


def _merged(phonemes: Sequence[str], clusters: set[tuple[str, ...]]) -> list[str]:
    """Returns `phonemes` with each cluster (a group of phonemes that the voice treats as one) merged. Longer clusters
    take precedence."""
    if not clusters:
        return list(phonemes)
    longest = max(map(len, clusters))
    merged, at = [], 0
    while at < len(phonemes):
        sizes = range(min(longest, len(phonemes) - at), 1, -1)
        size = next((size for size in sizes if tuple(phonemes[at : at + size]) in clusters), 1)
        merged.append("".join(phonemes[at : at + size]))
        at += size
    return merged
