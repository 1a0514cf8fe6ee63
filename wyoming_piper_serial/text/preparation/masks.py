"""Finds text that no rule may rewrite, such as raw phonemes, addresses, versions and names with dots."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import RAW_PHONEMES, UNCLOSED_PHONEMES, lazy
from wyoming_piper_serial.text.preparation.builders import PADDED_DATE
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Mask, Needs, Rule, has_digits, has_letter, has_word
from wyoming_piper_serial.text.versions import BEFORE_VERSION, has_version_word

_DOT = lazy(r"(?<=[0-9])\.(?=[0-9])")

_ADDRESS = lazy(r"\bhttps?://(?:www\.)?+(\w\S*+)")
# An address in the domain `io`. The English voice of espeak-ng would pronounce "io" as in "Rio".
_ADDRESS_IO = lazy(
    r"(?<![\w.-])(?:https?://(?:www\.)?+)?+([A-Za-z0-9-]++(?:\.(?!io\b)[A-Za-z0-9-]++)*+)\.io\b(\S*+)"
    rf"|{_ADDRESS.pattern}"
)
# Numbers whose dots are not decimal signs.
_VERSIONS: list[tuple[str, Needs]] = [
    # An IPv4 address.
    (r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?(?!\.?[\w])", (".", has_digits(4))),
    # A version of three or more parts, but not a date such as 3.10.2024, a number such as 1.234.567 or
    # a telephone number such as 555.123.4567 or 06.12.34.56.78.
    (
        (
            r"(?<![\w.])"
            r"(?![0-9]{1,2}\.[0-9]{1,2}\.(?:[0-9]{4}|[0-9]{2})(?!\.?[0-9]))(?![0-9]{1,3}(?:\.[0-9]{3})++(?!\.?[0-9]))"
            r"(?![0-9]{3}\.[0-9]{3}\.[0-9]{4}(?!\.?[0-9]))(?!0[1-9](?:\.[0-9]{2}){4}(?!\.?[0-9]))"
            r"[0-9]++(?:\.[0-9]++){2,}+(?:[-+][\w.]++)?"
        ),
        (".", has_digits(3)),
    ),
    (r"\bv[0-9]++(?:\.[0-9]++)++", (".", has_digits(2), *has_word(["v"]))),
    # A standard for wireless networks, such as 802.11ac.
    (r"(?<![\w.])802\.[0-9]{1,2}[a-z]{0,3}(?![\w.])", (".", has_digits(4))),
    (rf"{BEFORE_VERSION}[0-9]++(?:\.[0-9]++)++", (".", has_digits(2), has_version_word)),
]
# A Chinese date such as 2026.10.03. In other languages, it is more likely a version.
_CHINESE_DATE = (
    r"(?!(?<!版本[号：:为是]?\s?)(?:19|20)[0-9]{2}\.(?:0[1-9]|1[0-2])\.(?:0[1-9]|[12][0-9]|3[01])(?!\.?[0-9]))"
)
_MASKS: list[tuple[Needs, str]] = [
    (has_word(("://", "www.")), r"\b\w{2,12}://\S++|\bwww\.\S++"),
    ("@", r"(?<![\w.+-])[\w.+-]{1,64}+(?<=\w)@[\w-]++(?:\.[\w-]++)++"),
    # An IPv6 or MAC address, but not a time.
    (":", r"(?<![\w:])(?=[0-9A-Fa-f:]{0,30}::|(?:[0-9A-Fa-f]{1,4}:){4})[0-9A-Fa-f:]{3,39}+(?![\w:])"),
    ("/", r"(?<![^\s(\"'])(?:~|\.{1,2})?(?:/[\w.-]++){2,}+/?"),  # a path
    ("\\", r"\b[A-Za-z]:\\\S++"),
    # A name with dots, such as light.kitchen or example.com/help, but not an abbreviation such as dott.ssa.
    (
        (".", has_letter),
        (
            r"(?<![\w.])(?!(?i:dott|prof|avv|sig|dr|sq|fl)\.)[A-Za-z][\w-]{2,}+(?:\.[A-Za-z_]\w++)++"
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


def protections(locale: Locale) -> Sequence[Rule | Mask]:
    """Returns masks for text that is spoken as written, and rules for addresses, in order of application.

    `https://www.` is removed from addresses because people do not say it. In languages in which espeak-ng does not read
    the dots in versions and network addresses, the dots are replaced with words.
    """
    dot = str(locale.data["dot"])
    versions: list[Rule | Mask] = [Mask(lazy(pattern), needs) for pattern, needs in _VERSIONS]
    if locale.language == "zh":
        versions = [Mask(lazy(_CHINESE_DATE + pattern), needs) for pattern, needs in _VERSIONS[:-1]]
        versions.append(Mask(lazy(_VERSIONS[-1][0]), _VERSIONS[-1][1]))
    if dot:
        versions = [
            Rule(lazy(pattern), lambda match: _DOT.sub(f" {dot} ", match[0]), needs) for pattern, needs in _VERSIONS
        ]
    address = Rule(_ADDRESS, lambda match: match[1], has_word(["http"]))
    if locale.language == "en":
        address = Rule(
            _ADDRESS_IO, lambda match: match[3] or f"{match[1]} dot i o{match[2]}", has_word(["http", ".io"])
        )
    masks = [Mask(lazy(pattern), needs) for needs, pattern in _MASKS]
    return [Mask(lazy(f"{RAW_PHONEMES}|{UNCLOSED_PHONEMES}"), "["), address, *masks, *versions]


def digit_strings() -> Sequence[Mask]:
    """Returns masks for strings of digits that are not numbers, such as telephone numbers."""
    return [Mask(lazy(pattern), has_digits(5)) for pattern in _DIGIT_STRINGS]
