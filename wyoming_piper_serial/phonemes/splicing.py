"""Inserts the phonemes that a text contains in `[[ ]]` into the phonemes of the surrounding text.

espeak-ng reads the text with a placeholder word for each block of phonemes. Afterwards, the phonemes of the placeholder
are replaced by the block. Therefore, espeak-ng sees a complete sentence: it reads "to [[x]]" like "to Paris", and the
comma in "[[x]], and" like any comma. In all tested languages, the result differs less from the phonemes of the sentence
with the written word than if espeak-ng reads the parts between the blocks separately. Pure, except for calls to the
phonemizer.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import regex

RAW_PHONEMES = regex.compile(r"\[\[(.*?)\]\]")
"""A block of phonemes. Group 1 is its content."""

# Words that no language of the voices contains. They end in a consonant, because espeak-ng links a vowel to the next
# word. Their first sound decides how espeak-ng reads the word before: "the", "les". In each language, there is at least
# one row whose words espeak-ng reads in a sentence as it reads them alone. In most languages, this is true of all
# words.
_PLACEHOLDERS = (  # (begins with a consonant, begins with a vowel)
    ("namol", "emomil"),
    ("mimil", "imanol"),
    ("limom", "emonom"),
)
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɚɛɜɝɤɪɨʉʊʌɯɞɘɵɶʏᵻ")
_NOT_SOUNDS = "ˈˌʔ "
# espeak-ng changes the stress and the length of the vowels in a sentence.
_STRESS = r"[ˈˌː]*"

# Scripts without spaces between words.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_ENDS_IN_WORD = regex.compile(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]\Z", flags=regex.V1)
_BEGINS_WITH_WORD = regex.compile(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]", flags=regex.V1)
# espeak-ng ends a sentence at a dot only before a capital letter.
_ENDS_WITH_DOT = regex.compile(r"[.…][\p{P}]*+\s++[\p{P}]*+\Z")
_NEAR = 20  # maximum number of characters between a dot and the next word that are examined
_WORD = regex.compile(r"[\p{L}\p{N}\p{S}]")
_LEADING_MARKS = regex.compile(r"[\p{P}\p{Z}\s]*+")
_MARKS = {mark: mark for mark in ".,:;!?"} | dict(zip("。，：；！？…،؛؟।", ".,:;!?.,;?.", strict=True))

Phonemes = list[str]
"""The phonemes of one sentence."""

Read = Callable[[str], list[Phonemes]]
"""Returns the phonemes of each sentence in a text that contains no blocks. May raise any error."""


class _Block(NamedTuple):
    """Phonemes that replace a placeholder."""

    phonemes: str
    continues: bool
    """Whether the phonemes continue the word before them, as in `pre[[fɪks]]`."""

    is_continued: bool


def spliced(text: str, read: Read) -> list[Phonemes]:
    """Returns the phonemes of each sentence in `text`, which may contain blocks. `read` must use espeak-ng."""
    blocks = list(_blocks(text))
    if not blocks:
        return read(RAW_PHONEMES.sub("", text))
    for words in _PLACEHOLDERS:
        if any(word in text.casefold() for word in words):
            continue
        plain, used = _with_placeholders(text, blocks, words)
        sentences = ["".join(sentence) for sentence in read(plain)]
        pattern = _pattern_of(["".join(map("".join, read(word))) for word in used])
        # Otherwise, espeak-ng reads a placeholder differently in this sentence, or a word of the sentence like it.
        if sum(len(pattern.findall(sentence)) for sentence in sentences) == len(blocks):
            return _with_blocks(sentences, pattern, [block for _, _, block in blocks])
    return divided(text, read)


def divided(text: str, read: Read) -> list[Phonemes]:
    """Returns the phonemes of each sentence in `text`. Passes the text between the blocks to `read` separately.

    This works with each phonemizer and each text. However, the phonemizer does not see a complete sentence.
    """
    found: list[Phonemes] = [[]]
    end = 0
    for start, stop, block in [*_blocks(text), (len(text), len(text), None)]:
        part = text[end:start]
        if end:
            marks = _LEADING_MARKS.match(part)
            leading, part = (marks[0], part[marks.end() :]) if marks else ("", part)
            found[-1] += [_MARKS[mark] for mark in leading if mark in _MARKS][:1]
            found[-1] += " " * bool(leading and part)
        if _WORD.search(part):
            first, *others = read(part) or [[]]
            found[-1] += first
            found += others
        if block is not None:
            found[-1] += " " * (part[-1:].isspace() and found[-1][-1:] != [" "])
            found[-1] += block.phonemes
        end = stop
    return [sentence for sentence in found if sentence]


def _blocks(text: str) -> Iterator[tuple[int, int, _Block]]:
    """Yields the start and the end of each block in `text`, and the block. Blocks with only spaces between them are one
    block. A block without phonemes is ignored."""
    start = end = -1
    phonemes = ""
    for match in RAW_PHONEMES.finditer(text):
        content = unicodedata.normalize("NFD", match[1].strip())
        between = text[end : match.start()] if end >= 0 else "."
        if not content:
            continue
        if not between or between.isspace():
            phonemes += (" " if between else "") + content
        else:
            if end >= 0:
                yield start, end, _block(text, start, end, phonemes)
            start, phonemes = match.start(), content
        end = match.end()
    if end >= 0:
        yield start, end, _block(text, start, end, phonemes)


def _block(text: str, start: int, end: int, phonemes: str) -> _Block:
    return _Block(
        phonemes,
        continues=bool(_ENDS_IN_WORD.search(text[:start][-1:])),
        is_continued=bool(_BEGINS_WITH_WORD.match(text[end:][:1])),
    )


def _with_placeholders(
    text: str, blocks: Sequence[tuple[int, int, _Block]], words: tuple[str, str]
) -> tuple[str, list[str]]:
    """Returns `text` with a placeholder for each block, and the placeholders that it contains."""
    plain, end = "", 0
    used: dict[str, None] = {}
    for start, stop, block in blocks:
        plain += RAW_PHONEMES.sub("", text[end:start])
        word = words[block.phonemes.lstrip(_NOT_SOUNDS)[:1] in _VOWELS]
        used[word] = None
        plain += " " * bool(_ENDS_IN_WORD.search(plain[-1:]))
        plain += word.capitalize() if _ENDS_WITH_DOT.search(plain[-_NEAR:]) else word
        plain += " " * bool(_BEGINS_WITH_WORD.match(text[stop : stop + 1]))
        end = stop
    return plain + RAW_PHONEMES.sub("", text[end:]), list(used)


def _pattern_of(placeholders: Sequence[str]) -> "regex.Pattern[str]":
    """Returns a pattern that finds the phonemes of placeholders, regardless of their stress."""
    bare = ([sound for sound in phonemes if sound not in "ˈˌː"] for phonemes in placeholders)
    words = (_STRESS.join(["", *map(regex.escape, sounds), ""]) for sounds in bare)
    return regex.compile(rf"( ?+)(?:{'|'.join(words)})( ?+)")


def _with_blocks(sentences: Sequence[str], pattern: "regex.Pattern[str]", blocks: Sequence[_Block]) -> list[Phonemes]:
    """Replaces each placeholder in `sentences` with its block."""
    remaining = iter(blocks)

    def block(match: "regex.Match[str]") -> str:
        before, after = match.groups()
        phonemes, continues, is_continued = next(remaining)
        return f"{'' if continues else before}{phonemes}{'' if is_continued else after}"

    return [[*pattern.sub(block, sentence)] for sentence in sentences]
