"""Finds text that no rule may rewrite, such as raw phonemes, addresses, versions and names with dots."""

from collections.abc import Sequence

from wyoming_piper_serial.text.days import YEAR_FIRST
from wyoming_piper_serial.text.patterns import RAW_PHONEMES, UNCLOSED_PHONEMES, lazy
from wyoming_piper_serial.text.preparation.builders import PADDED_DATE
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Mask, Match, Needs, Rule, has_digits, has_letter, has_word
from wyoming_piper_serial.text.versions import BEFORE_VERSION, has_version_word

_DOT = lazy(r"(?<=[0-9])\.(?=[0-9])")

_ADDRESS = lazy(r"\bhttps?://(?:www\.)?+(\w\S*+)")
# An address in the domain `io`. The English voice of espeak-ng would pronounce "io" as in "Rio".
_ADDRESS_IO = lazy(
    r"(?<![\w.-])(?:https?://(?:www\.)?+)?+([A-Za-z0-9-]++(?:\.(?!io\b)[A-Za-z0-9-]++)*+)\.io\b(\S*+)"
    rf"|{_ADDRESS.pattern}"
)
# A version of three or more parts, but not a date such as 3.10.2024, a number such as 1.234.567 or
# a telephone number such as 555.123.4567 or 06.12.34.56.78.
_PARTS = (
    r"(?<![\w.])"
    r"(?![0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?!\.?[0-9]))(?![0-9]{1,3}(?:\.[0-9]{3})++(?!\.?[0-9]))"
    r"(?![0-9]{3}\.[0-9]{3}\.[0-9]{4}(?!\.?[0-9]))(?!0[1-9](?:\.[0-9]{2}){4}(?!\.?[0-9]))"
    r"[0-9]++(?:\.[0-9]++){2,}+(?:[-+][\w.]++)?"
)
# Numbers whose dots are not decimal signs.
_VERSIONS: list[tuple[str, Needs]] = [
    # An IPv4 address.
    (r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?!\.?[\w])", (".", has_digits(4))),
    (_PARTS, (".", has_digits(3))),
    (r"\bv[0-9]++(?:\.[0-9]++)++", (".", has_digits(2), *has_word(["v"]))),
    # A standard for wireless networks, such as 802.11ac.
    (r"(?<![\w.])802\.[0-9]{1,2}[a-z]{0,3}(?!\.?\w)", (".", has_digits(4))),
    (rf"{BEFORE_VERSION}[0-9]++(?:\.[0-9]++)++", (".", has_digits(2), has_version_word)),
]
_MASKS: list[tuple[Needs, str]] = [
    (has_word(("://", "www.")), r"\b\w{2,12}://\S++|\bwww\.\S++"),
    ("@", r"(?<![\w.+-])[\w.+-]{1,64}+(?<=\w)@[\w-]++(?:\.[\w-]++)++"),
    # An IPv6 or MAC address, but not a time.
    (":", r"(?<![\w:])(?=[0-9A-Fa-f:]{0,30}::|(?:[0-9A-Fa-f]{1,4}:){4})[0-9A-Fa-f:]{3,39}+(?![\w:])"),
    ("/", r"(?<![^\s(\"'])(?:~|\.{1,2})?(?:/[\w.-]++){2,}+/?"),  # a path
    ("\\", r"\b[A-Za-z]:\\\S++"),
    # A name with dots, such as light.kitchen or example.com/help, but not an abbreviation such as dott.ssa
    # or mio.kr.
    (
        (".", has_letter),
        (
            r"(?<![\w.])(?!(?i:dott|prof|avv|sig|dr|sq|fl)\.|(?:mi[oa]|mill|mrd|milj)\.kr\b)[A-Za-z][\w-]{2,}+(?:\.[A-Za-z_]\w++)++"
            r"(?:/[\w~%+?=&#-]++(?:\.[\w~%+?=&#-]++)*+)*+/?"
        ),
    ),
]
# Strings of digits that are not numbers. The core rules skip them, but the rules of a language may read them digit by
# digit.
_DIGIT_STRINGS = [
    r"(?<![\w+])\+[0-9]{1,3}(?:[ \u00a0/-]?\(?[0-9]{2,8}\)?){2,6}+",  # telephone numbers
    (
        rf"(?<![\w.,-])(?!{PADDED_DATE})(?=(?:[ \u00a0/-]{{0,3}}[0-9]){{6}})"
        r"0[0-9]{1,4}[ \u00a0/-]{1,3}[0-9]{2,}+(?:[ \u00a0/-]{1,3}[0-9]{2,}+)*+(?![.,:][0-9])"
    ),
    r"(?<![\w.,-])\(?[0-9]{3}\)?[- ][0-9]{3}-[0-9]{4}(?![\w])",
]

# Czech and Slovak telephone numbers have nine digits, and mobile numbers begin with 6 or 7. A noun or a unit after nine
# digits shows that they are a number, unless a word such as `tel.` precedes them.
_NINE_DIGITS = r"[0-9]{3}[ \u00a0]?[0-9]{3}[ \u00a0]?[0-9]{3}"
_MOBILE = r"[67][0-9]{2} [0-9]{3} [0-9]{3}"
_BEFORE_TELEPHONE = (
    r"(?<=(?<!\w)(?i:tel\.?|telefon\p{L}{0,4}|mobil\p{L}{0,4}|(?:za)?volejte|(?:za)?volajte|čísl[oue]|linku):?"
    r"[ \u00a0](?:na[ \u00a0])?(?:čísl[oe][ \u00a0])?)"
)
_TELEPHONE_START = r"(?<![\w.,+-]|[0-9\p{Sc}\p{Pd}−][ \u00a0]|\p{Sc})"
_TELEPHONE_END = r"(?!\w|[.,:/-]\w|[ \u00a0]?[0-9%°\p{Sc}])"
_TELEPHONE = lazy(
    rf"(?<![\w+])\+42[01][ \u00a0]?{_NINE_DIGITS}{_TELEPHONE_END}|{_BEFORE_TELEPHONE}{_MOBILE}{_TELEPHONE_END}"
    rf"|{_TELEPHONE_START}{_MOBILE}{_TELEPHONE_END}(?! (?!(?:a|i|či|nebo|alebo)\b)\p{{L}})"
)
_TELEPHONE_GROUP = lazy(r"\+42[01]|[0-9]{3}")


def protections(locale: Locale) -> Sequence[Rule | Mask]:
    """Returns masks for text that no other rule may change, and rules for addresses and versions, in order of
    application.

    `http://` or `https://`, and a `www.` that follows it, are removed from addresses, because people do not say them.
    In English, `.io` is replaced with `dot i o`. If the language's data contains a word for the dot, it replaces the
    dots in versions and network addresses.
    """
    dot = str(locale.data["dot"])
    # In languages in which the year comes first, `2026.10.03` is a date.
    no_date = f"(?!{YEAR_FIRST})" if locale.data["date"].startswith("{y}") else ""
    patterns = [(f"{no_date}{pattern}" if pattern is _PARTS else pattern, needs) for pattern, needs in _VERSIONS]
    versions: list[Rule | Mask] = [Mask(lazy(pattern), needs) for pattern, needs in patterns]
    if dot:
        versions = [
            Rule(lazy(pattern), lambda match: _DOT.sub(f" {dot} ", match[0]), needs) for pattern, needs in patterns
        ]
    address = Rule(_ADDRESS, lambda match: match[1], has_word(["http"]))
    if locale.language == "en":
        address = Rule(
            _ADDRESS_IO, lambda match: match[3] or f"{match[1]} dot i o{match[2]}", has_word(["http", ".io"])
        )
    masks = [Mask(lazy(pattern), needs) for needs, pattern in _MASKS]
    return [Mask(lazy(f"{RAW_PHONEMES}|{UNCLOSED_PHONEMES}"), "["), address, *masks, *versions]


def digit_strings(locale: Locale) -> Sequence[Rule | Mask]:
    """Returns masks for strings of digits that are not numbers, such as telephone numbers, and the rule that separates
    the groups of a Czech or Slovak telephone number.
    """

    def grouped(match: Match) -> str:
        return ", ".join(_TELEPHONE_GROUP.findall(match[0]))

    rules = [Rule(_TELEPHONE, grouped, has_digits(9))] if locale.language in {"cs", "sk"} else []
    return [*rules, *(Mask(lazy(pattern), has_digits(5)) for pattern in _DIGIT_STRINGS)]
