"""Inserts phonemes given in `[[ ]]` into the phonemes of the surrounding text.

Before espeak-ng converts the text, each block of phonemes (`[[ ]]`) is replaced by a placeholder word. Afterwards, the
phonemes of the placeholder are replaced by those of the block. In this way, espeak-ng converts a complete sentence, and
treats "to [[x]]" like "to Paris" and the comma in "[[x]], and" like any other comma. In all tested languages, the
phonemes are closer to those of an ordinary sentence than if the parts between the blocks were converted separately.
Pure, except for calls to the phonemizer.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import regex

RAW_PHONEMES = regex.compile(r"\[\[(.*?)\]\]")
"""A block of phonemes. Group 1 is its content."""

# Placeholder words that do not exist in any language of the voices. They end in a consonant, because espeak-ng links a
# final vowel to the next word. The first sound of a placeholder affects the pronunciation of the word before it, such
# as "the" or "les". In each language, the words of at least one row have the same phonemes in a sentence as on their
# own. In most languages, this is true of all rows.
_PLACEHOLDERS = (  # (word that begins with a consonant, word that begins with a vowel)
    ("namol", "emomil"),
    ("mimil", "imanol"),
    ("limom", "emonom"),
)
_VOWELS = frozenset("aeiouyæøœɐɑɒɔəɚɛɜɝɤɪɨʉʊʌɯɞɘɵɶʏᵻ")
_NOT_SOUNDS = "ˈˌʔ "
# Marks of stress and vowel length, which espeak-ng changes within a sentence.
_STRESS = r"[ˈˌː]*"

# Scripts that are written without spaces between words.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
_ENDS_IN_WORD = regex.compile(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]\Z", flags=regex.V1)
_BEGINS_WITH_WORD = regex.compile(rf"[[\p{{L}}\p{{M}}\p{{N}}]--[{_UNSPACED}]]", flags=regex.V1)
# For espeak-ng, a dot ends a sentence only before a capital letter.
_ENDS_WITH_DOT = regex.compile(r"[.…][\p{P}]*+\s++[\p{P}]*+\Z")
_NEAR = 20  # number of characters before a block in which to look for a dot
_WORD = regex.compile(r"[\p{L}\p{N}\p{S}]")
_LEADING_MARKS = regex.compile(r"[\p{P}\p{Z}\s]*+")
_MARKS = {mark: mark for mark in ".,:;!?"} | dict(zip("。，：；！？…،؛؟।", ".,:;!?.,;?.", strict=True))

Phonemes = list[str]
"""The phonemes of one sentence."""

Read = Callable[[str], list[Phonemes]]
"""Returns the phonemes of each sentence in a text without blocks. May raise any exception."""


class _Block(NamedTuple):
    """A block of phonemes from a text, and whether it is attached to the words around it."""

    phonemes: str
    continues: bool
    """Whether the block continues the word before it, as in `pre[[fɪks]]`."""

    is_continued: bool
    """Whether the word after the block continues it, as in `[[fɪks]]ed`."""


def spliced(text: str, read: Read) -> list[Phonemes]:
    """Returns the phonemes of each sentence in `text`, which may contain blocks of phonemes. `read` must use
    espeak-ng."""
    blocks = list(_blocks(text))
    if not blocks:
        return read(RAW_PHONEMES.sub("", text))
    for words in _PLACEHOLDERS:
        if any(word in text.casefold() for word in words):
            continue
        plain, used = _with_placeholders(text, blocks, words)
        sentences = ["".join(sentence) for sentence in read(plain)]
        pattern = _pattern_of(["".join(map("".join, read(word))) for word in used])
        # If the counts differ, a placeholder has other phonemes in this sentence, or another word sounds like a
        # placeholder.
        if sum(len(pattern.findall(sentence)) for sentence in sentences) == len(blocks):
            return _with_blocks(sentences, pattern, [block for _, _, block in blocks])
    return divided(text, read)


def divided(text: str, read: Read) -> list[Phonemes]:
    """Returns the phonemes of each sentence in `text`. Passes each part of the text before, between and after blocks of
    phonemes to `read` separately, unless it contains only punctuation and spaces.

    This function works for any phonemizer and any text. However, the phonemizer does not see complete sentences.
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
    """Yields the start and the end of each block of phonemes in `text`, and the block itself. Blocks that are separated
    only by spaces are merged. Empty blocks are ignored."""
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
    """Replaces each block of phonemes in `text` by a placeholder word. Returns the new text and the different
    placeholders in it."""
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
    """Returns a pattern that matches the phonemes of any placeholder word, regardless of stress and vowel length."""
    bare = ([sound for sound in phonemes if sound not in "ˈˌː"] for phonemes in placeholders)
    words = (_STRESS.join(["", *map(regex.escape, sounds), ""]) for sounds in bare)
    return regex.compile(rf"( ?+)(?:{'|'.join(words)})( ?+)")


def _with_blocks(sentences: Sequence[str], pattern: "regex.Pattern[str]", blocks: Sequence[_Block]) -> list[Phonemes]:
    """Replaces the phonemes of each placeholder word in `sentences` with its block of phonemes."""
    remaining = iter(blocks)

    def block(match: "regex.Match[str]") -> str:
        before, after = match.groups()
        phonemes, continues, is_continued = next(remaining)
        return f"{'' if continues else before}{phonemes}{'' if is_continued else after}"

    return [[*pattern.sub(block, sentence)] for sentence in sentences]
