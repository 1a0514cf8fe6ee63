"""Cleans individual characters: removes those that are never read aloud, and replaces compatibility characters with the
characters that they represent.

A compatibility character, such as `ﬁ`, `Ⅳ`, `㎏` or `Ａ`, is a variant of one or more ordinary characters. Unicode's
normalization form NFKC replaces all of them, which sometimes changes the meaning: `1½` becomes `11⁄2`, and `x²` becomes
`x2`. This module replaces a character only if its decomposition preserves the meaning (UAX #44, `Decomposition_Type`).
"""

import unicodedata
from functools import lru_cache

import regex

from wyoming_piper_serial.text.ratings import STARS

# Later stages use these private-use characters as markers. Input text cannot contain them, because this module removes
# private-use characters.
LINK_END = "\ue000"
"""Replaces `](address)` at the end of a link."""

ITEM_PAUSE = "\ue001"
"""Follows the number of a list item."""

STAR = "\ue002"
"""A star that is read aloud."""

PICTURE = "\ue003"
"""Replaces a picture, such as an emoji. It may mark a list item."""

RIGHT_ARROWS = "→⇒⟶⟹➔➙➜➝➞➡"
ARROWS = f"{RIGHT_ARROWS}←⇐⟵⟸⬅↔⇔⟷⟺"
"""Arrows that may stand between words. At the start of a line, they may mark a list item."""

_GAP = r"[ \t\u00a0\u2009\u202f]?"
CHANGE_ARROW = rf"(?<=\d{_GAP}[%°]?\p{{L}}{{0,4}}{_GAP})[{RIGHT_ARROWS}](?={_GAP}[-−+]?\p{{Sc}}?\d)"
"""A pattern for an arrow from the old to the new value of a number. Such an arrow is kept for the text rules."""

# Signs that are read aloud, although Unicode classifies them as pictographs.
_SPOKEN_SIGNS = "©®™"
# Some language models enclose their reasoning in marks that contain `◁` and `▷`. `blocks` removes these marks. Stars
# are kept because a row of stars is a rating.
_KEPT_PICTURES = f"◁▷{STARS}{ARROWS}"
_PICTURE = regex.compile(
    r"[[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}"
    r"\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
    rf"--[{_SPOKEN_SIGNS}{_KEPT_PICTURES}]]|[\p{{Co}}\p{{Cn}}]",
    flags=regex.V1,
)
# The zero-width non-joiner (ZWNJ) and joiner (ZWJ) are kept because they affect the shape of letters in Persian and in
# Indic scripts. A rule in `cleaning` removes the ZWJ that joins emoji.
_INVISIBLE = regex.compile(r"[[\p{Cf}\p{Cs}\ufe00-\ufe0f\u20e3]--[\u200c\u200d]]", flags=regex.V1)
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t]]", flags=regex.V1)
_LINE_END = regex.compile(r"(?<!\r)\n|[\r\u2028\u2029\v\f\x85]|(\n)")

# Circled numbers, such as `①`, `❶` and `➀`. A space is inserted between such a number and an adjacent word.
_CIRCLED = r"[\u2460-\u2473\u24ea-\u24ff\u2776-\u2793\u3251-\u325f\u32b1-\u32bf]"
_CIRCLED_BESIDE_WORD = regex.compile(
    rf"(?<=[\p{{L}}\p{{N}}])(?={_CIRCLED})|(?<={_CIRCLED})(?=[[\p{{L}}\p{{N}}]--{_CIRCLED}])", flags=regex.V1
)

# Ranges of characters that may be replaced. `_replacement` decides whether to replace a character.
_COMPATIBILITY = regex.compile(
    r"[\u0132\u0133\u013f\u0140\u0149\u017f\u01c4-\u01cc\u01f1-\u01f3\u03d0-\u03d6\u03f0-\u03f9\u1e9a\u2010\u2011\u2024\u20a8"
    r"\u2047-\u2049\u2100-\u214f\u2160-\u217f\u203c\u2215\u2460-\u24ff\u2776-\u2793\u2f00-\u2fd5\u3200-\u33ff\ufb00-\ufdfc"
    r"\ufe10-\ufe19\ufe30-\ufe6b\ufe70-\ufefc\uff01-\uff65\uffe0-\uffe6\U0001d400-\U0001d7ff\U0001ee00-\U0001eebb"
    r"\U0001f100-\U0001f16b\U0001f190\U0001f200-\U0001f251\U0001fbf0-\U0001fbf9]"
)
_REPLACED_TYPES = frozenset(
    f"<{name}>"
    for name in (
        *("compat", "font", "circle", "wide", "narrow", "vertical", "square", "small"),
        *("isolated", "final", "initial", "medial"),  # positional forms of Arabic letters
    )
)
# Characters that are not replaced. `ℹ` and `Ⓜ` are emoji; `№` is read aloud; `ℵ` to `ℸ` would become Hebrew letters.
# Full-width punctuation is normal in Chinese and Japanese, and the sentence splitter recognizes it. Full-width forms of
# markup characters (`＜`, `｀`, ...) are replaced in `cleaning`, after markup has been removed.
_KEPT = frozenset("ℹⓂ№ℵℶℷℸ，．：；！？（）［］｛｝＜＞＆＃＼｀＿｜～｟｠㊗㊙")
_SIGNS = {"\u2010": "-", "\u2011": "-", "\u2215": "/"}  # the hyphen, the non-breaking hyphen and the division slash
_NUMBERS = range(0x2460, 0x2800)
_NEGATIVE_LETTERS = range(0x1F150, 0x1F16A)  # white letters in black circles; they have no decomposition


def clean_characters(text: str, before: str = "") -> str:
    """Removes characters that are never read aloud, and replaces control, picture and compatibility characters.

    Control characters become spaces, so that they still separate words. Line ends become newlines, emoji and other
    pictographs become PICTURE, and compatibility characters become the characters that they represent.

    A text may be cleaned in parts. `before` is the last character of the previous part, or empty.
    """
    before = before[-1:]
    cleaned = _LINE_END.sub(_line_end, before + text)
    if cleaned.isascii():
        return _CONTROL.sub(" ", cleaned[len(before) :])
    cleaned = _CIRCLED_BESIDE_WORD.sub(" ", cleaned)[len(before) :]
    cleaned = _COMPATIBILITY.sub(lambda found: _replacement(found[0]), cleaned)
    cleaned = _PICTURE.sub(PICTURE, cleaned)
    cleaned = _INVISIBLE.sub("", cleaned)
    return _CONTROL.sub(" ", cleaned)


def _line_end(found: "regex.Match[str]") -> str:
    return "" if found[1] else "\n"  # group 1 is the LF of a CR LF pair


@lru_cache(maxsize=1024)  # enough for the distinct characters of a typical text
def _replacement(character: str) -> str:
    """Returns the replacement for `character`, which is one character. The replacement may have several characters."""
    if character in _KEPT:
        return character
    code = ord(character)
    if character in _SIGNS:
        return _SIGNS[character]
    if code in _NEGATIVE_LETTERS:
        return chr(code - _NEGATIVE_LETTERS.start + ord("A"))
    kind, _, points = unicodedata.decomposition(character).partition(" ")
    if kind in _REPLACED_TYPES:
        # The parts of a decomposition are replaced recursively. In `㎡`, the `²` is kept.
        parts = "".join(chr(int(point, 16)) for point in points.split())
        return character if parts.startswith(" ") else "".join(map(_replacement, parts))
    # Some characters, such as numbers in black circles, have no decomposition.
    number = unicodedata.numeric(character, None) if code in _NUMBERS else None
    return character if number is None else f"{number:g}"
