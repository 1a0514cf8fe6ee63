"""Cleans a sentence: removes line markers and any remaining markup, and joins the lines.

Text is cleaned in three stages. Each stage runs as soon as its input is available:

- `clean_characters` processes individual characters, so the text may be split anywhere;
- `MarkupFilter` processes markup while the text is still arriving;
- `clean_sentence` requires the complete sentence.
"""

import unicodedata

import regex

from wyoming_piper_serial.text.characters import ARROWS, CHANGE_ARROW, ITEM_PAUSE, LINK_END, STAR
from wyoming_piper_serial.text.formulas import read_formulas
from wyoming_piper_serial.text.patterns import RAW_PHONEMES, UNCLOSED_PHONEMES
from wyoming_piper_serial.text.ratings import STARS, read_ratings

_STAND_IN = "\ua66c"  # the placeholder for raw phonemes: a letter of Old Church Slavonic, a language without voices
# The letters that encode the number of a block of raw phonemes in its placeholder, as hexadecimal digits. The number is
# needed because a rule may remove a placeholder, for example in struck-out text.
_DIGITS = str.maketrans({f"{digit:x}": chr(0xA641 + 2 * digit) for digit in range(16)})
_NUMBERED = regex.compile(rf"{_STAND_IN}([\ua641-\ua65f]{{4}})")

# A block that spans several lines is cleaned like other text and becomes a single line, which Piper then also reads as
# raw phonemes.
_RAW_PHONEMES = regex.compile(rf"({RAW_PHONEMES})|{UNCLOSED_PHONEMES}")
_FULL_WIDTH = 0xFF01 - ord("!")  # offset between the code points of a full-width and an ASCII character

# Superscript and subscript letters.
_SMALL_LETTERS = (
    *(*range(0x2B0, 0x2B9), *range(0x2E0, 0x2E5), *range(0x1D2C, 0x1D6B), *range(0x1D9B, 0x1DC0)),
    *(0x2071, 0x207F, *range(0x2090, 0x209D)),
)
# The zeros of scripts whose digits are replaced with European digits, which the text rules know: Arabic, Persian and
# Urdu, Devanagari, Bengali, Telugu, Malayalam and Thai. espeak-ng reads both alike, or only the European digits.
_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xC66, 0xD66, 0xE50)
# Characters that are replaced only at this stage. If `clean_characters` replaced them, they could be mistaken for
# markup or change raw phonemes.
_LATE_CHARACTERS = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in _SMALL_LETTERS},
    **{code: chr(code - _FULL_WIDTH) for code in map(ord, "＜＞＆＃＼～")},
    **dict.fromkeys(map(ord, "｜｀"), " "),
    **{zero + digit: str(digit) for zero in _ZEROS for digit in range(10)},
    ord("٫"): ".",
    ord("٬"): ",",
}
_BULLETS = "•‣⁃∙◦"
_BEFORE_PAUSE = r"[\w\p{Sc})\]\"'”’»%‰°]"  # the last character of a line that has no punctuation
_LINE_RULES = [
    (needs, regex.compile(pattern, regex.MULTILINE | regex.V1), replacement)
    for needs, pattern, replacement in [
        (LINK_END, rf"{LINK_END}(?=!?\[)", f"{LINK_END} "),
        *[(LINK_END, rf"\[([^\[\]{LINK_END}]*){LINK_END}", r"\1")] * 3,  # Links, and images inside links.
        (LINK_END, LINK_END, ""),
        # A citation in an answer from an OpenAI assistant.
        ("【", r"【\d++[^【】]{0,8}†[^【】]*+】", ""),
        # A horizontal rule, or the line under a heading or a table header.
        ("-*_=|:", r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", ""),
        ("=-", r"^[ \t]*+(?:=+|--)[ \t]*+$", ""),  # A short line under a heading.
        (">", r"^[ \t]*(?:>(?![\d=])[ \t]*)+", ""),  # The marker of a block quotation, `> text`.
        (ITEM_PAUSE, rf"^(\d{{1,3}}){ITEM_PAUSE}", r"\1, "),
        (ITEM_PAUSE, ITEM_PAUSE, " "),
        # The marker of a heading, `# text`.
        ("#", r"^[ \t]*#{1,6}[ \t]+(\S.*?(?<=\S))[ \t]*+(?:(?<=[ \t])#++[ \t]*+)?$", r"\1\n"),
        ("#", r"^[ \t]*#{1,6}[ \t]*$", ""),
        # The marker of a list item other than the first becomes a pause.
        ("\n", rf"(?<={_BEFORE_PAUSE})\s++(?<=\n[ \t]*)[-+*·–—{_BULLETS}][ \t]+", ", "),
        (f"-+*·–—{_BULLETS}", rf"^[ \t]*[-+*·–—{_BULLETS}][ \t]+", ""),  # The marker of the first list item is removed.
        (_BULLETS, rf"(?<={_BEFORE_PAUSE})[ \t]*+[{_BULLETS}][ \t]++(?=\S)", ", "),  # A bullet between items.
        (_BULLETS, rf"[{_BULLETS}]", " "),
        # An arrow between words is a pause. All other arrows are removed.
        (ARROWS, rf"(?<=[\w)\]\"'”’»%°])[ \t]*+(?!{CHANGE_ARROW})[{ARROWS}][ \t]*+(?=[\w(\[\"'“‘«])", ", "),
        (ARROWS, rf"(?!{CHANGE_ARROW})[{ARROWS}]", " "),
        # The markers in `_emphasis_`, but not in `snake_case`.
        ("_", r"(?<!\w)_++|(?<!_)_++(?![\w(])", ""),
        ("~", r"~~+", ""),
        # The markers in `==highlight==`.
        ("=", r"(?<![=\w])==(?=[^\s=])([^=\n]*+)(?<!\s)==(?![=\w])", r"\1"),
        # The end of a table row.
        ("|", r"(?<=[^\s|])[ \t]*+(?:\|[ \t]*+)?\n\s*+\|[ \t]*+(?=[^\s|])", ", "),
        ("\n", rf"(?<={_BEFORE_PAUSE})[ \t]*\n[ \t]*\n", ". "),  # A blank line, which ends a sentence.
        ("|", r"(?<=[\w)\]\"'%°])[ \t]++\|[ \t]++(?=[^\s|])", ", "),  # A pause between table cells.
        # All other borders of table cells are removed.
        ("|", r"(?<![ \t])[ \t]*+\|[ \t|]*+", " "),
        # An ellipsis between two numbers is a range, but not in a countdown such as `3...2...1`.
        (".…", r"(?<=\d)(?<!(?:…|\.\.)\d{1,9})(?:…|(?<!\.)\.{3})(?=[-−+]?\d{1,9}(?!\d|…|\.\.))", "–"),
        # An ellipsis between words becomes a pause, because espeak-ng would join the words.
        (".…", r"(?:…|(?<!\.)\.{3,}+)(?=\s*+\w)", ", "),
        ("…", r"…", "."),
        # A zero-width joiner (ZWJ) left over from an emoji sequence.
        ("\u200d", r"(?<![\p{L}\p{M}])\u200d|\u200d(?!\p{L})", ""),
        # The brackets in `array[0]`.
        ("[]", r"(?<=\w)\[(?!\[)|(?<!\])\](?=\w)|(?<!\])\]\[(?!\[)", " "),
        # All other single brackets. In some languages, espeak-ng reads the name of a bracket.
        ("[]", r"(?<!\[)\[(?!\[)|(?<!\])\](?!\])", ""),
        ("´｀", r"(?<=\p{L})[´｀](?=\p{L})", "'"),
        ("", r"\s+", " "),
        (STAR, STAR, "*"),
    ]
]
"""Each rule consists of a string of characters, a pattern and a replacement. The rule is applied only if the string is
empty or the text contains at least one of its characters.
"""
# The rules that a text with a character may need, as a bit mask: bit `n` stands for the rule at position `n`.
_ALWAYS = sum(1 << bit for bit, (needs, _, _) in enumerate(_LINE_RULES) if not needs)
_RULES_OF_CHARACTER = {
    character: sum(1 << bit for bit, (needs, _, _) in enumerate(_LINE_RULES) if character in needs)
    for character in {character for needs, _, _ in _LINE_RULES for character in needs}
}
_NUMBER_MARK = regex.compile(r"(?<=\d)[．：](?=\d)")  # a full-width dot or colon between digits
# Full-width commas between thousands. Chinese lists separate numbers with such commas.
_THOUSANDS_MARK = regex.compile(r"(?<=(?<!\d)\d{1,3}(?:，\d{3}){0,5})，(?=\d{3}(?:，\d{3}){0,5}(?![\d:，]))")

# Unicode's Stream-Safe Text Format (UAX #15) allows at most 30 consecutive combining marks. Normalizing longer
# sequences takes quadratic time.
_MANY_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")
_SPEAKABLE = regex.compile(rf"[\p{{L}}\p{{N}}\p{{Sc}}{STARS}]")
# Struck-out text. Three or more tildes are a horizontal line or a code fence.
_STRUCK = regex.compile(r"(?<!~)~~(?=[^\s~])([^~\n]{1,200}+)(?<!\s)~~(?!~)")


def clean_sentence(text: str, language: str = "") -> str:
    """Returns the sentence as a single line without Markdown, in Unicode normalization form NFC.

    `language` is a code such as `en_US`, or empty if unknown. Raw phonemes in `[[ ]]`, which Piper supports, are only
    normalized.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MANY_MARKS.sub(r"\1", text))
    # The sentence must be cleaned as a whole, so a placeholder letter replaces each block of raw phonemes.
    text = text.replace(_STAND_IN, " ")
    if "[[" not in text:
        return _clean_lines(text, language).strip()
    blocks: dict[str, str] = {}

    def stand_in(found: "regex.Match[str]") -> str:
        number = f"{len(blocks):04x}".translate(_DIGITS)
        blocks[number] = found[0]
        return _STAND_IN + number

    cleaned = _clean_lines(_RAW_PHONEMES.sub(stand_in, text), language)
    return _NUMBERED.sub(lambda found: blocks[found[1]], cleaned).strip()


def is_speakable(text: str) -> bool:
    """Returns whether `text` contains a letter, a number character such as `5` or `½`, a currency sign or a star. Text
    without any of these characters is not spoken.
    """
    return _SPEAKABLE.search(text) is not None


def _clean_lines(text: str, language: str) -> str:
    text = read_ratings(read_formulas(text), language)
    if "~~" in text:
        text = _without_struck(text)
    applicable = _ALWAYS
    for character in _RULES_OF_CHARACTER.keys() & set(text):
        applicable |= _RULES_OF_CHARACTER[character]
    # `applicable` remains valid, because no replacement adds a character that another rule requires.
    while applicable:
        lowest = applicable & -applicable
        _, pattern, replacement = _LINE_RULES[lowest.bit_length() - 1]
        text = pattern.sub(replacement, text)
        applicable ^= lowest
    if text.isascii():
        return text
    text = _NUMBER_MARK.sub(lambda found: chr(ord(found[0]) - _FULL_WIDTH), text)
    if not language.startswith("zh"):
        text = _THOUSANDS_MARK.sub(",", text)
    return text.translate(_LATE_CHARACTERS)


def _without_struck(text: str) -> str:
    """Returns `text` without struck-out words. If a line has no other words, as in a list of completed tasks, its words
    are kept.
    """
    lines = text.split("\n")
    return "\n".join(rest if is_speakable(rest := _STRUCK.sub(" ", line)) else line.replace("~~", "") for line in lines)
