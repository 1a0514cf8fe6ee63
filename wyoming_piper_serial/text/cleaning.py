"""Removes what is written but not spoken: control characters, emoji, markdown.

There are three levels, each applied as soon as there is enough context:

- `clean_characters` looks at single characters, so the text may be split anywhere;
- `strip_emphasis` needs the two neighbours of a mark;
- `clean_sentence` needs all lines of the sentence.
"""

import unicodedata

import regex

# Unicode counts these as pictographs, but they are read aloud.
_SPOKEN_SIGNS = "©®™°№℃℉"
_PICTURE = regex.compile(
    r"[[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}"
    r"\u2190-\u21ff\u2300-\u23ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\U0001f000-\U0001faff]"
    rf"--[{_SPOKEN_SIGNS}]]|[\p{{Co}}\p{{Cn}}]",
    flags=regex.V1,
)
# ZWNJ and ZWJ are kept, because they shape letters in Persian and Indic scripts. A rule below removes the ZWJ of emoji.
_INVISIBLE = regex.compile(r"[[\p{Cf}\p{Cs}\ufe00-\ufe0f\u20e3]--[\u200c\u200d]]", flags=regex.V1)
_CONTROL = regex.compile(r"[\p{Cc}--[\n\r\t]]", flags=regex.V1)
_LINE_SEPARATOR = regex.compile(r"[\u2028\u2029\v\f\x85]")

_TIMES = regex.compile(r"(?<=\d[ \t]?)\*(?=[ \t]?\d)")
_ITEM_PAUSE = "，"  # a single character in place of ", " until the sentence is clean
_ITEM = regex.compile(r"\n[ \t]*(\d{1,3})[.)][ \t]+(?=\S)")
_STAR_ITEM = regex.compile(r"(?<=\n[ \t]*)\*(?=[ \t])")
_EMPHASIS = regex.compile(r"(?<=\d)\*\*(?=\d)(*SKIP)(*FAIL)|(?<!\s)[*`]+|[*`]+(?!\s)|`+")

# Piper's pattern, which matches within a line. Here a block over several lines counts too; it becomes one line, and
# then piper reads it as raw phonemes.
# Nothing in a line is searched again after brackets that are not closed in it.
_RAW_PHONEMES = regex.compile(r"(\[\[.*?\]\])|\[\[.*+(*SKIP)(*FAIL)")
_LINE_RULES = [
    (regex.compile(pattern, flags=regex.MULTILINE), replacement)
    for pattern, replacement in [
        (r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1"),  # [text](address), ![picture](address)
        (r"^[ \t]*(?:[-*_=|:][ \t]*){3,}$", ""),  # a rule, the underline of a heading or of a table's header
        (r"^[ \t]*(?:>[ \t]*)+", ""),  # > a quotation
        (rf"^(\d{{1,3}}){_ITEM_PAUSE}", r"\1, "),
        (r"^[ \t]*#{1,6}[ \t]+(.*?[^\s#])[ \t]*+(?:#++[ \t]*+)?$", r"\1\n"),  # # a heading
        (r"(?<=[\w)\]\"'])\s++(?<=\n[ \t]*)[-+*•‣◦·–—][ \t]+", ", "),  # a list item after a line becomes a pause
        (r"^[ \t]*[-+*•‣◦·–—][ \t]+", ""),  # the first item
        (r"(?<!\w)_++|(?<!_)_++(?!\w)", ""),  # _emphasis_, but not snake_case
        (r"~~+", ""),
        (r"(?<=[\w)\]\"'])[ \t]*\n[ \t]*\n", ". "),  # a line before a blank line is a sentence
        (r"(?<![ \t])[ \t]*+\|[ \t|]*+", " "),  # borders of a table
        (r"(?:…|(?<!\.)\.{3,}+)(?=\s+\w)", ","),  # otherwise espeak-ng would join the words around it
        (r"…", "."),
        (r"(?<![\p{L}\p{M}])\u200d|\u200d(?!\p{L})", ""),  # the remains of joined emoji
        (r"\s+", " "),
        (r" ?\*(?! \w)|(?<!\w )\* ?", ""),  # a star that is not between two words
    ]
]
# The limit of Unicode's stream-safe text format (UAX #15): normalization takes time with the square of a row's length.
_MANY_MARKS = regex.compile(r"(\p{M}{30})\p{M}++")
_SPEAKABLE = regex.compile(r"[\p{L}\p{N}\p{Sc}]")


def clean_characters(text: str) -> str:
    """Remove every character that is never read aloud. A space keeps the words around it apart."""
    text = _LINE_SEPARATOR.sub("\n", text)
    text = _PICTURE.sub(" ", text)
    text = _INVISIBLE.sub("", text)
    return _CONTROL.sub(" ", text)


def strip_emphasis(text: str) -> str:
    """Remove backticks, and each `*` that touches a word. The `*` of `5 * 3` becomes a multiplication sign."""
    text = _STAR_ITEM.sub("-", text)  # the mark of a list item; the sentence boundary detector removes stars
    return _EMPHASIS.sub("", _TIMES.sub("×", text))


def separate_items(text: str) -> str:
    """Make each numbered item of a list a sentence of its own that begins with its number.

    Never makes the text longer: the splitter has already counted its characters against `max_sentence`.
    """
    return _ITEM.sub(rf"\n\n\1{_ITEM_PAUSE}", text)


def clean_sentence(text: str) -> str:
    """The sentence as one line without markdown, in Unicode's NFC. Piper's raw phonemes in `[[ ]]` do not change."""
    parts = _RAW_PHONEMES.split(unicodedata.normalize("NFC", _MANY_MARKS.sub(r"\1", text)))
    return "".join(part if at % 2 else _clean_lines(part) for at, part in enumerate(parts)).strip()


def is_speakable(text: str) -> bool:
    """Whether `text` has a letter, a digit or a currency sign. Other characters alone have no sound."""
    return _SPEAKABLE.search(text) is not None


def _clean_lines(text: str) -> str:
    for pattern, replacement in _LINE_RULES:
        text = pattern.sub(replacement, text)
    return text
