"""Splits text that would crash espeak-ng, overflow its buffers, or take several seconds to convert. Pure.

The limits were measured with the version of espeak-ng in piper-tts 1.8, in at least 20 languages.
"""

from collections.abc import Iterator

import regex

from wyoming_piper_serial.phonemes.splicing import RAW_PHONEMES

# espeak-ng treats letters separated by dots, as in "e.g." or "w.w.w.", as one abbreviation. Letters with a total of
# about 96 bytes overflow a buffer on the stack. Abbreviations of at least this many letters are therefore split. Common
# abbreviations are shorter.
_MAX_DOTTED = 12
# Roman numerals (Ⅳ), Braille, and vowel signs of Indic scripts without a preceding letter also count as letters.
_LETTERS = r"\p{Alphabetic}\p{M}\u2800-\u28ff"
# Numeric characters such as ½, ① and ⒗ count as marks between letters.
_MARK = rf"[^{_LETTERS}\p{{Nd}}]"
_LETTER = rf"[{_LETTERS}]\p{{M}}*+"
_DOT = r"[.․．。]"
_DOTTED_ROW = regex.compile(
    rf"(?<![{_LETTERS}\p{{Nd}}])(?:{_LETTER}(?={_MARK}*?{_DOT}){_MARK}++){{{_MAX_DOTTED},}}+"
    rf"(?:{_LETTER}(?![\p{{Alphabetic}}\p{{Nd}}\u2800-\u28ff]))?"
)
_LAST_MARKS = regex.compile(rf"{_MARK}++$")
_BETWEEN_LETTERS = regex.compile(rf"(?<=[{_LETTERS}]){_MARK}++(?=[{_LETTERS}])")

# espeak-ng drops all phonemes of a word after about the 130th. If the word is in a script that the language does not
# use, the conversion takes quadratic time: a second for 600 letters. The longest dictionary words take about 80 bytes.
_MAX_WORD = 120  # Maximum size of a word in bytes of UTF-8.
_WORD_PIECE = 60  # Maximum size in bytes of each piece of a split word.
# Words of fewer than 30 characters cannot be too long, because a character has at most four bytes.
_LONG_WORD = regex.compile(rf"[{_LETTERS}\p{{N}}'’]{{30,}}+")
# espeak-ng treats each Chinese character as a separate word, so these characters do not count towards the maximum size
# of a word.
_HAN = regex.compile(r"\p{Han}++")
_NUMBER = regex.compile(r"\p{N}")
_GRAPHEME = regex.compile(r"\X")

# espeak-ng treats a number as one word. If a number has more than 32 digits, espeak-ng reads each digit separately and
# drops the last digits.
_LONG_NUMBER = regex.compile(r"\d{31,}+")
_NUMBER_PIECE = 3

# espeak-ng processes at most 800 bytes of a clause. A longer clause is split in the middle of a word, or is truncated.
# A Hangul syllable counts as nine bytes, because espeak-ng converts it to three letters of three bytes each.
_MAX_CLAUSE = 700  # Maximum size of a clause in bytes.
_CLAUSE_END = regex.compile(r"[.,;:!?…،؛؟।](?=\s)|[、。，；：！？]|\n\s*\n")
_HANGUL = regex.compile(r"[\uac00-\ud7a3]")
_BYTES_OF_HANGUL = 9 - 3

# espeak-ng also drops everything after the 300th word of a clause. Numbers and most punctuation marks also count as
# words. In 37 languages, every truncated clause had at least 247 words, as counted with the pattern below.
_MAX_WORDS = 200
_COUNTED_WORD = regex.compile(
    r"\p{Han}|[\p{L}--\p{Han}][\p{M}[\p{L}--\p{Han}]]*+|\p{Nd}++|[^\s\p{L}\p{Nd}]", flags=regex.V1
)

_PAUSE = regex.compile(r"[,;:،؛、，；：]\s*+|[.!?…。！？]\s++")
_SPACE = regex.compile(r"\s++")


def defuse(text: str) -> str:
    """Returns `text` with long dotted abbreviations, long words and long numbers split. Other text is unchanged."""
    text = _DOTTED_ROW.sub(_hyphenated, text)
    text = _LONG_NUMBER.sub(lambda match: " ".join(_slices(match[0], _NUMBER_PIECE)), text)
    return _LONG_WORD.sub(_divided, text)


def _hyphenated(match: "regex.Match[str]") -> str:
    # Spaces between the letters would not help, because espeak-ng joins dotted letters across spaces, and drops
    # repeated letters that are separated by spaces. Letters that are separated by hyphens are neither joined nor
    # dropped.
    row = match[0]
    letters = _LAST_MARKS.sub("", row)
    return _BETWEEN_LETTERS.sub(_hyphens, letters) + row[len(letters) :]


def _hyphens(marks: "regex.Match[str]") -> str:
    """Returns the replacement for the marks between two letters: a hyphen, and any numeric characters among the
    marks."""
    return "-".join(["", *_NUMBER.findall(marks[0]), ""])


def _divided(match: "regex.Match[str]") -> str:
    word = match[0]
    if len(_HAN.sub("", word).encode()) <= _MAX_WORD:
        return word
    pieces, size = [""], 0
    for grapheme in _GRAPHEME.findall(word):
        length = len(grapheme.encode())
        if size and size + length > _WORD_PIECE:
            pieces.append("")
            size = 0
        pieces[-1] += grapheme
        size += length
    return " ".join(pieces)


def _slices(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


def has_long_clause(text: str) -> bool:
    """Returns whether `text` has a clause that is too long for espeak-ng's buffers."""
    return any(
        len(clause.encode(errors="surrogatepass")) + _BYTES_OF_HANGUL * len(_HANGUL.findall(clause)) > _MAX_CLAUSE
        or (len(clause) > _MAX_WORDS and len(_COUNTED_WORD.findall(clause)) > _MAX_WORDS)
        for clause in _CLAUSE_END.split(text)
        if len(clause) > _MAX_CLAUSE // 9
    )


def halves(text: str) -> tuple[str, str]:
    """Splits `text` near its middle: at a punctuation mark if possible, otherwise between words, otherwise between
    graphemes.

    The two halves together are equal to `text`. A block of raw phonemes (`[[ ]]`) is never split. If `text` has at
    least four characters and two graphemes, and is not a single block, neither half is empty.
    """
    quarter = len(text) // 4
    inside = {at for match in RAW_PHONEMES.finditer(text) for at in range(match.start() + 1, match.end())}
    for pattern in (_PAUSE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, quarter, len(text) - quarter)]
        ends = [end for end in ends if end not in inside]
        if ends:
            cut = min(ends, key=lambda end: abs(2 * end - len(text)))
            return text[:cut], text[cut:]
    ends = [match.end() for match in _GRAPHEME.finditer(text) if match.end() not in inside][:-1]
    cut = min(ends, key=lambda end: abs(2 * end - len(text)), default=len(text))
    return text[:cut], text[cut:]


def pieces(text: str, size: int) -> list[str]:
    """Splits `text` into parts of at most `size` characters, between words where possible. A block of raw phonemes or a
    grapheme that is longer remains whole."""
    if len(text) <= size:
        return [text]
    left, right = halves(text)
    if not left or not right:
        return [text]
    return [*pieces(left, size), *pieces(right, size)]
