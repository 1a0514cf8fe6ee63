"""Removes the parts of a text that are not read aloud, such as control characters, emoji and markdown.

There are three levels. Each one is applied as soon as the text that it needs is available:

- `clean_characters` looks at single characters, so the text may be split anywhere;
- `strip_emphasis` needs the characters before and after a mark;
- `clean_sentence` needs all lines of the sentence.
"""

import unicodedata

import regex

# Unicode classifies these signs as pictographs, but they are read aloud.
_SPOKEN_SIGNS = "©®™°№℃℉"
_PICTURE = regex.compile(
    r"[[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}"
    r"\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
    rf"--[{_SPOKEN_SIGNS}]]|[\p{{Co}}\p{{Cn}}]",
    flags=regex.V1,
)
# The zero-width non-joiner (ZWNJ) and joiner (ZWJ) are kept, because they shape letters in Persian and Indic scripts. A
# rule below removes a ZWJ that joins emoji.
_INVISIBLE = regex.compile(r"[[\p{Cf}\p{Cs}\ufe00-\ufe0f\u20e3]--[\u200c\u200d]]", flags=regex.V1)
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t]]", flags=regex.V1)
_LINE_SEPARATOR = regex.compile(r"[\u2028\u2029\v\f\x85]")

_TIMES = regex.compile(r"(?<=\d[ \t]?)\*(?=[ \t]?\d)")
# Represents ", " until the sentence is cleaned. It is a single character, so that the text does not get longer.
_ITEM_PAUSE = "，"
_ITEM = regex.compile(r"\n[ \t]*(\d{1,3})[.)][ \t]+(?=\S)")
_STAR_ITEM = regex.compile(r"(?<=\n[ \t]*)\*(?=[ \t])")
_EMPHASIS = regex.compile(r"(?<=\d)\*\*(?=\d)(*SKIP)(*FAIL)|(?<!\s)[*`]+|[*`]+(?!\s)|`+")

# Piper's pattern for raw phonemes, which matches only within a line. A block of several lines is cleaned like other
# text and becomes one line, which Piper then also reads as raw phonemes. If brackets are not closed in their line, the
# second alternative skips the rest of the line.
_RAW_PHONEMES = regex.compile(r"(\[\[.*?\]\])|\[\[.*+(*SKIP)(*FAIL)")
_LINE_RULES = [
    (regex.compile(pattern, flags=regex.MULTILINE), replacement)
    for pattern, replacement in [
        (r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1"),  # Links, `[text](address)`, and images, `![text](address)`.
        (r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", ""),  # A horizontal rule, or the line under a heading or a table header.
        (r"^[ \t]*(?:>[ \t]*)+", ""),  # The marker of a quotation, `> text`.
        (rf"^(\d{{1,3}}){_ITEM_PAUSE}", r"\1, "),
        (r"^[ \t]*#{1,6}[ \t]+(.*?[^\s#])[ \t]*+(?:#++[ \t]*+)?$", r"\1\n"),  # The marker of a heading, `# text`.
        # The marker of a list item, which becomes a pause.
        (r"(?<=[\w)\]\"'])\s++(?<=\n[ \t]*)[-+*•‣◦·–—][ \t]+", ", "),
        (r"^[ \t]*[-+*•‣◦·–—][ \t]+", ""),  # The marker of the first list item.
        (r"(?<!\w)_++|(?<!_)_++(?!\w)", ""),  # The markers in `_emphasis_`, but not in `snake_case`.
        (r"~~+", ""),
        (r"(?<=[\w)\]\"'])[ \t]*\n[ \t]*\n", ". "),  # A blank line, which ends a sentence.
        (r"(?<![ \t])[ \t]*+\|[ \t|]*+", " "),  # The borders of table cells.
        (r"(?:…|(?<!\.)\.{3,}+)(?=\s+\w)", ","),  # An ellipsis, because espeak-ng would join the words around it.
        (r"…", "."),
        (r"(?<![\p{L}\p{M}])\u200d|\u200d(?!\p{L})", ""),  # A ZWJ that is left over from a sequence of emoji.
        (r"\s+", " "),
        (r" ?\*(?! \w)|(?<!\w )\* ?", ""),  # A star that is not between two words.
    ]
]
# The maximum number of consecutive combining marks in Unicode's Stream-Safe Text Format (UAX #15). Normalization takes
# quadratic time for long rows of these marks.
_MANY_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")
_SPEAKABLE = regex.compile(r"[\p{L}\p{N}\p{Sc}]")


def clean_characters(text: str) -> str:
    """Removes characters that are never read aloud. Replaces emoji and control characters with spaces to separate
    words."""
    text = _LINE_SEPARATOR.sub("\n", text)
    text = _PICTURE.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return _CONTROL.sub(" ", text)


def strip_emphasis(text: str) -> str:
    """Removes backticks and each `*` next to a word. The `*` in `5 * 3` becomes a multiplication sign."""
    # The detector for sentence boundaries would remove a star that marks a list item.
    text = _STAR_ITEM.sub("-", text)
    return _EMPHASIS.sub("", _TIMES.sub("×", text))


def separate_items(text: str) -> str:
    """Makes each numbered list item a separate sentence that begins with the number.

    The text must not become longer, because the splitter has already compared its length with `max_sentence`.
    """
    return _ITEM.sub(rf"\n\n\1{_ITEM_PAUSE}", text)


def clean_sentence(text: str) -> str:
    """Returns the sentence as one line without markdown, in Unicode normalization form NFC.

    Does not change raw phonemes in `[[ ]]`, which Piper supports.
    """
    parts = _RAW_PHONEMES.split(unicodedata.normalize("NFC", _MANY_MARKS.sub(r"\1", text)))
    return "".join(part if at % 2 else _clean_lines(part) for at, part in enumerate(parts)).strip()


def is_speakable(text: str) -> bool:
    """Returns whether `text` contains a letter, a digit or a currency sign. A text without any of these characters has
    no sound."""
    return _SPEAKABLE.search(text) is not None


def _clean_lines(text: str) -> str:
    for pattern, replacement in _LINE_RULES:
        text = pattern.sub(replacement, text)
    return text
