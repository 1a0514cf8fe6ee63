"""What is written but not spoken: control characters, emoji, markdown marks.

Cleaning happens on three levels, each as early as what it must see allows:

- `clean_characters`: one character at a time, so text may be split anywhere;
- `strip_emphasis`: needs a mark's two neighbours;
- `clean_sentence`: needs the sentence's lines.
"""

import unicodedata

import regex

# Signs that Unicode counts among the pictographs but that people read out.
_SPOKEN_SIGNS = "©®™°№℃℉"
_PICTURE = regex.compile(
    r"[[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}"
    r"\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
    rf"--[{_SPOKEN_SIGNS}]]|[\p{{Co}}\p{{Cn}}]",
    flags=regex.V1,
)
# ZWNJ and ZWJ shape letters in Persian and Indic scripts, so they stay; an emoji's ZWJ goes below.
_INVISIBLE = regex.compile(r"[[\p{Cf}\p{Cs}\ufe00-\ufe0f\u20e3]--[\u200c\u200d]]", flags=regex.V1)
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t]]", flags=regex.V1)
_LINE_SEPARATOR = regex.compile(r"[\u2028\u2029\v\f\x85]")

_TIMES = regex.compile(r"(?<=\d[ \t]?)\*(?=[ \t]?\d)")
_ITEM_PAUSE = "，"  # one character now, ", " in the clean sentence
_ITEM = regex.compile(r"\n[ \t]*(\d{1,3})[.)][ \t]+(?=\S)")
_STAR_ITEM = regex.compile(r"(?<=\n[ \t]*)\*(?=[ \t])")
_EMPHASIS = regex.compile(r"(?<=\d)\*\*(?=\d)(*SKIP)(*FAIL)|(?<!\s)[*`]+|[*`]+(?!\s)|`+")

# As piper finds them: on one line. A block over several lines becomes one line first, and then is one.
_RAW_PHONEMES = regex.compile(r"(\[\[.*?\]\])")
_LINE_RULES = [
    (regex.compile(pattern, flags=regex.MULTILINE), replacement)
    for pattern, replacement in [
        (r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1"),  # [text](address), ![picture](address)
        (r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", ""),  # a rule, a heading's underline, a table's head
        (r"^[ \t]*(?:>[ \t]*)+", ""),  # > a quotation
        (rf"^(\d{{1,3}}){_ITEM_PAUSE}", r"\1, "),
        (r"^[ \t]*#{1,6}[ \t]+(.*?[^\s#])[ \t]*#*[ \t]*$", r"\1\n"),  # # a heading
        (r"(?<=[\w)\]\"'])\s*\n[ \t]*[-+*•‣◦·–—][ \t]+", ", "),  # an item after a line: a pause
        (r"^[ \t]*[-+*•‣◦·–—][ \t]+", ""),  # the first item
        (r"(?<!\w)_+|_+(?!\w)", ""),  # _emphasis_, but not snake_case
        (r"~~+", ""),
        (r"(?<=[\w)\]\"'])[ \t]*\n[ \t]*\n", ". "),  # what stood alone on its line is a sentence
        (r"[ \t]*\|[ \t|]*", " "),  # a table's borders
        (r"(?:…|(?<!\.)\.{3,}+)(?=\s+\w)", ","),  # espeak-ng would join the words on its sides
        (r"…", "."),
        (r"(?<![\p{L}\p{M}])\u200d|\u200d(?!\p{L})", ""),  # what is left of joined emoji
        (r"\s+", " "),
        (r" ?\*(?! \w)|(?<!\w )\* ?", ""),  # a star that does not stand between two words
    ]
]
_SPEAKABLE = regex.compile(r"[\p{L}\p{N}\p{Sc}]")


def clean_characters(text: str) -> str:
    """Replace or drop every character that is never read aloud; words on its sides stay apart."""
    text = _LINE_SEPARATOR.sub("\n", text)
    text = _PICTURE.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return _CONTROL.sub(" ", text)


def strip_emphasis(text: str) -> str:
    """Drop backticks, and each `*` that touches a word; in `5 * 3` it is a sign of multiplication."""
    text = _STAR_ITEM.sub("-", text)  # a list's mark; the sentence boundary detector drops stars
    return _EMPHASIS.sub("", _TIMES.sub("×", text))


def separate_items(text: str) -> str:
    """Let each numbered item of a list be a sentence: the number begins one and does not end one.

    Never makes the text longer: what a sentence's limit counts must not grow behind its back.
    """
    return _ITEM.sub(rf"\n\n\1{_ITEM_PAUSE}", text)


def clean_sentence(text: str) -> str:
    """One line without markdown marks; piper's raw phonemes in `[[ ]]` stay as they are."""
    parts = _RAW_PHONEMES.split(unicodedata.normalize("NFC", text))
    return "".join(part if at % 2 else _clean_lines(part) for at, part in enumerate(parts)).strip()


def is_speakable(text: str) -> bool:
    """Whether `text` holds anything with a sound: a letter, a digit or a currency sign."""
    return _SPEAKABLE.search(text) is not None


def _clean_lines(text: str) -> str:
    for pattern, replacement in _LINE_RULES:
        text = pattern.sub(replacement, text)
    return text
