"""Cleans a sentence: removes the marks of lines and the remains of other markup, and joins the lines.

The cleaning of a text has three stages. Each one is applied as soon as the text that it needs is available:

- `clean_characters` looks at single characters, so the text may be split anywhere;
- `MarkupFilter` looks at pieces of markup, in the text as it arrives;
- `clean_sentence` needs all lines of the sentence.
"""

import unicodedata

import regex

from wyoming_piper_serial.text.characters import ITEM_PAUSE, LINK_END, STAR
from wyoming_piper_serial.text.formulas import read_formulas
from wyoming_piper_serial.text.patterns import lazy

# Piper's pattern for raw phonemes, which matches only within a line. A block of several lines is cleaned like other
# text and becomes one line, which Piper then also reads as raw phonemes. If brackets are not closed in their line, the
# second alternative skips the rest of the line.
_STAND_IN = "\ua66c"  # a letter of Old Church Slavonic, which no voice speaks
_RAW_PHONEMES = lazy(r"(\[\[.*?\]\])|\[\[.*+(*SKIP)(*FAIL)")
_FULL_WIDTH = 0xFF01 - ord("!")  # difference between the code points of a full-width character and its ASCII character
# Superscript and subscript letters.
_SMALL_LETTERS = (
    *(*range(0x2B0, 0x2B9), *range(0x2E0, 0x2E5), *range(0x1D2C, 0x1D6B), *range(0x1D9B, 0x1DC0)),
    *(0x2071, 0x207F, *range(0x2090, 0x209D)),
)
# Characters that `clean_characters` keeps. If it replaced them, they could be mistaken for markup or change raw
# phonemes.
_LATE_CHARACTERS = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in _SMALL_LETTERS},
    **{code: chr(code - _FULL_WIDTH) for code in map(ord, "＜＞＆＃＼～")},
    **dict.fromkeys(map(ord, "｜｀"), " "),
}
_BULLETS = "•‣⁃∙◦"
_LINE_RULES = [
    (needs, lazy(pattern, regex.MULTILINE | regex.V1), replacement)
    for needs, pattern, replacement in [
        (LINK_END, rf"{LINK_END}(?=!?\[)", f"{LINK_END} "),
        *[(LINK_END, rf"\[([^\[\]{LINK_END}]*){LINK_END}", r"\1")] * 3,  # Links, and images in links.
        (LINK_END, LINK_END, ""),
        ("【", r"【\d++[^【】]{0,8}†[^【】]*+】", ""),  # A source in the answers of OpenAI's assistants.
        # A horizontal rule, or the line under a heading or a table header.
        ("-*_=|:", r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", ""),
        ("=-", r"^[ \t]*+(?:=+|--)[ \t]*+$", ""),  # A short line under a heading.
        (">", r"^[ \t]*(?:>(?![\d=])[ \t]*)+", ""),  # The marker of a quotation, `> text`.
        (ITEM_PAUSE, rf"^(\d{{1,3}}){ITEM_PAUSE}", r"\1, "),
        (ITEM_PAUSE, ITEM_PAUSE, " "),
        # The marker of a heading, `# text`.
        ("#", r"^[ \t]*#{1,6}[ \t]+(\S.*?(?<=\S))[ \t]*+(?:(?<=[ \t])#++[ \t]*+)?$", r"\1\n"),
        ("#", r"^[ \t]*#{1,6}[ \t]*$", ""),
        # The marker of a list item, which becomes a pause.
        ("\n", rf"(?<=[\w)\]\"'])\s++(?<=\n[ \t]*)[-+*·–—{_BULLETS}][ \t]+", ", "),
        (f"-+*·–—{_BULLETS}", rf"^[ \t]*[-+*·–—{_BULLETS}][ \t]+", ""),  # The marker of the first list item.
        (_BULLETS, rf"(?<=[\w)\]\"'])[ \t]*+[{_BULLETS}][ \t]++(?=\S)", ", "),  # A bullet between items in one line.
        (_BULLETS, rf"[{_BULLETS}]", " "),
        # The markers in `_emphasis_`, but not in `snake_case`.
        ("_", r"(?<!\w)_++|(?<!_)_++(?![\w(])", ""),
        ("~", r"~~+", ""),
        # The markers in `==highlight==`.
        ("=", r"(?<![=\w])==(?=[^\s=])([^=\n]*+)(?<!\s)==(?![=\w])", r"\1"),
        # The end of a table row.
        ("|", r"(?<=[^\s|])[ \t]*+(?:\|[ \t]*+)?\n\s*+\|[ \t]*+(?=[^\s|])", ", "),
        ("\n", r"(?<=[\w)\]\"'])[ \t]*\n[ \t]*\n", ". "),  # A blank line, which ends a sentence.
        ("|", r"(?<=[\w)\]\"'%°])[ \t]++\|[ \t]++(?=[^\s|])", ", "),  # The border between table cells.
        ("|", r"(?<![ \t])[ \t]*+\|[ \t|]*+", " "),  # Other borders of table cells.
        # An ellipsis; espeak-ng would join the words around it.
        (".…", r"(?:…|(?<!\.)\.{3,}+)(?=\s*+\w)", ", "),
        ("…", r"…", "."),
        # A ZWJ that is left over from a sequence of emoji.
        ("\u200d", r"(?<![\p{L}\p{M}])\u200d|\u200d(?!\p{L})", ""),
        ("[]", r"(?<=\w)\[(?!\[)|(?<!\])\](?=\w)|(?<!\])\]\[(?!\[)", " "),  # The brackets in `array[0]`.
        # espeak-ng reads the name of a bracket in some languages.
        ("[]", r"(?<!\[)\[(?!\[)|(?<!\])\](?!\])", ""),
        ("´｀", r"(?<=\p{L})[´｀](?=\p{L})", "'"),
        ("", r"\s+", " "),
        (STAR, STAR, "*"),
    ]
]
"""The characters of which the text must contain one, the pattern, and the replacement."""
_NUMBER_MARK = lazy(r"(?<=\d)[．：，](?=\d)")  # in a number or a time in full-width digits
# The maximum number of consecutive combining marks in Unicode's Stream-Safe Text Format (UAX #15). Normalization takes
# quadratic time for long rows of these marks.
_MANY_MARKS = lazy(r"(\p{M}{30})\p{M}++")
_SPEAKABLE = lazy(r"[\p{L}\p{N}\p{Sc}]")


def clean_sentence(text: str) -> str:
    """Returns the sentence as one line without markdown, in Unicode normalization form NFC.

    Does not change raw phonemes in `[[ ]]`, which Piper supports.
    """
    text = unicodedata.normalize("NFC", _MANY_MARKS.sub(r"\1", text))
    # In the rules' view, each block of raw phonemes is a single letter, because a sentence must be cleaned as a whole.
    text = text.replace(_STAND_IN, " ")
    if "[[" not in text:
        return _clean_lines(text).strip()
    blocks = _RAW_PHONEMES.findall(text)
    parts = _clean_lines(_RAW_PHONEMES.sub(_STAND_IN, text)).split(_STAND_IN)
    return "".join(part + block for part, block in zip(parts, [*blocks, ""], strict=True)).strip()


def is_speakable(text: str) -> bool:
    """Returns whether `text` contains a letter, a digit or a currency sign. Otherwise, it has no sound."""
    return _SPEAKABLE.search(text) is not None


def _clean_lines(text: str) -> str:
    text = read_formulas(text)
    characters = set(text)
    for needs, pattern, replacement in _LINE_RULES:
        # No replacement adds a character that another rule needs.
        if not needs or not characters.isdisjoint(needs):
            text = pattern.sub(replacement, text)
    text = _NUMBER_MARK.sub(lambda found: chr(ord(found[0]) - _FULL_WIDTH), text)
    return text.translate(_LATE_CHARACTERS)
