"""Signs between numbers, in formulas and between words."""

import regex

from wyoming_piper_serial.text.preparation.languages.en.context import next_word, words
from wyoming_piper_serial.text.preparation.passage import Match, Rule

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_OPERATORS = {
    "=": "equals",
    "==": "equals",
    "===": "equals",
    "!=": "is not equal to",
    "≠": "is not equal to",
    "<=": "is less than or equal to",
    "≤": "is less than or equal to",
    ">=": "is greater than or equal to",
    "≥": "is greater than or equal to",
    "<": "is less than",
    ">": "is greater than",
    "≈": "is approximately",
    "≅": "is approximately",
    "±": "plus or minus",
    "÷": "divided by",
    "·": "times",
    "⋅": "times",
    "→": "to",
    "->": "to",
    "=>": "to",
    "∞": "infinity",
    "∝": "is proportional to",
    "≡": "is equivalent to",
    "∈": "is in",
}
_BEFORE_NUMBER = {
    "~": "about ",
    "≈": "approximately ",
    "±": "plus or minus ",
    "<": "less than ",
    ">": "more than ",
    "≤": "at most ",
    "≥": "at least ",
    "<=": "at most ",
    ">=": "at least ",
    "√": "the square root of ",
    "∛": "the cube root of ",
}


def _power(match: Match) -> str:
    written = ((match["sign"] or "").translate(_SUPERSCRIPTS) or match["exponent"]).strip("{}()")
    if written in ("2", "3"):
        return " squared" if written == "2" else " cubed"
    exponent = written.replace("-", "minus ").replace("\u2212", "minus ").replace("+", "")
    return f" to the power of {exponent}"


def _magnitude(match: Match) -> str | None:
    written, following = match["magnitude"], match.string[match.end() :][:20]
    number = match.string[: match.start()][-6:]
    word = next_word(following).lower()
    if written == "k" and word not in ("run", "race", "resolution"):
        return " thousand"
    has_point = _POINT.search(number) is not None
    if written in ("bn", "mn", "tn", "MM"):
        return f" {_MAGNITUDES[written[0].lower()]}"
    is_counted = word in _COUNTABLE or (word.endswith("s") and word.islower() and len(word) > 4)
    if has_point or (is_counted and written in "KMB") or (written == "M" and not number.endswith("3")):
        return f" {_MAGNITUDES[written.lower()]}"
    return " thousand" if written == "K" and _LARGE.search(number) else None


_POINT = regex.compile(r"\d[.]\d{1,3}\Z")
_LARGE = regex.compile(r"(?:[2-9]\d|\d{3})\Z")
_COUNTABLE = words("people users views followers downloads records rows tokens parameters subscribers")


def _between(match: Match) -> str:
    operator = match["operator"]
    # "It took > 5 minutes", but "x > 5".
    if operator in _BEFORE_NUMBER and _WORD_BEFORE.search(match.string[: match.start()][-8:]):
        return f" {_BEFORE_NUMBER[operator]}"
    return f" {_OPERATORS[operator]} "


_WORD_BEFORE = regex.compile(r"(?<![\d²³])\p{L}{2,}\Z")


def _before_number(match: Match) -> str:
    return _BEFORE_NUMBER[match["sign"]]


def _minus_or_to(match: Match) -> str:
    """A dash with spaces between two numbers is a minus in a formula, or if the second number is not the larger one."""
    first, second = float(match["first"].replace(",", "")), float(match["second"].replace(",", ""))
    rest = match.string[match.end("second") :]
    return " minus " if (match["dash"] == "-" and second <= first) or _EQUALS.match(rest) else " to "


_EQUALS = regex.compile(r"\s?[=≈]")
_FORMULA = regex.compile(r"\s?(?:[=≈+]|equals\b)|\s[-–×x÷*/]\s?\d")
# What can stand between the first number of a range and the dash.
_ATTACHED = r"(?:%|°[CF]?|[kKM]|[\"”″'’′]|x)?"
_LENGTH = r"(?:mm|cm|m|km|in|ft|inch(?:es)?|feet|foot|px|[\"”″′'])"


def _by_or_times(match: Match) -> str:
    rest = match.string[match.end() :]
    after_number = rest.lstrip(" \u00a0").lstrip("0123456789.,")
    is_spaced = match[0] != match[0].strip()
    if match["sign"] == "x":
        return " times " if _EQUALS.match(after_number) else " by "
    if _POWER_OF_TEN.match(rest):
        return " times "
    if _LENGTH_NEXT.match(after_number) and not _FORMULA.match(after_number):
        return " by "
    return " times " if is_spaced or _EQUALS.match(after_number) else " by "


_POWER_OF_TEN = regex.compile(r"10(?:\s(?:to\sthe\spower|squared|cubed)|[\^⁰¹²³⁴⁵⁶⁷⁸⁹⁻])")
_LENGTH_NEXT = regex.compile(rf"\s?{_LENGTH}(?!\w)|\s\p{{Ll}}{{3,}}")


_SCRIPTURE = regex.compile(
    r"\b(?:Genesis|Exodus|Leviticus|Numbers|Deuteronomy|Joshua|Judges|Ruth|Samuel|Kings|Chronicles|Job|Psalms?|Proverbs|Isaiah"
    r"|Jeremiah|Ezekiel|Daniel|Matthew|Mark|Luke|John|Acts|Romans|Corinthians|Galatians|Ephesians|Philippians|Colossians"
    r"|Thessalonians|Timothy|Hebrews|James|Peter|Jude|Revelation|Surah|Quran)\s\d{1,3}\Z"
)


def _ratio(match: Match) -> str:
    return " " if _SCRIPTURE.search(match.string[: match.start()][-20:]) else " to "


_OPERATOR = r"(?:[=≠≤≥<>≈×÷+→]|[!=<>]=|->)"


def early_rules() -> list[Rule]:
    """Returns the rules of signs between numbers. They come after the rules of dates, times, codes, years and money."""
    number = r"(?:\d{1,3}(?:,\d{3})++|\d{1,9}+)(?:\.\d{1,9}+)?"
    return [
        # Powers: x², 10^6, 1e6.
        Rule(
            regex.compile(
                r"(?<=[\p{L}\d)])(?:(?<sign>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]{1,3})"
                r"|\s?\^\s?(?<exponent>[23](?![\d.])|[-\u2212]?\p{L}\b|\{[^{}\s]{1,8}\}|\([^()\s]{1,8}\)))"
                r"(?<!(?:\b|\d\s?)(?:[mkcd]?m|ft|in|yd|mi|km)[²³])"
            ),
            _power,
        ),
        Rule(regex.compile(r"(?<=[\p{L}\d)])\s?\^\s?(?=[-\u2212]?\d)"), lambda _: " to the power of "),
        Rule(
            regex.compile(r"(?<=(?<![\w.,])\d{1,9}(?:\.\d{1,9})?)[eE]\+?(?=[-\u2212]?\d{1,3}(?![\w.]))"),
            lambda _: " times 10 to the power of ",
        ),
        Rule(regex.compile(r"π(?=\p{L})"), lambda _: "pi "),
        # Fractions of one: .5
        Rule(regex.compile(r"(?<![\w.,)\]])\.(?=\d++(?!\.\d))"), lambda _: "0."),
        # Multiples and dimensions: 4x faster, x2, 9x13, 3 × 4, 5 m x 3 m.
        Rule(
            regex.compile(
                rf"(?<=\d|\d\s?{_LENGTH}\s?|(?:half|quarters?|thirds?)\s?)\s?(?<sign>[x×✕✖*])\s?(?=[-\u2212]?\d|√|\()(?<!\b0x)"
                r"|(?<=\p{L}|\))\s(?<sign>×)\s(?=[\p{L}\d(])"
            ),
            _by_or_times,
        ),
        Rule(
            regex.compile(r"(?<=(?<![\w.,])\d{1,6}(?:\.\d{1,3})?)\s?[x×](?![\w²³^]|\s?[-+=*/)\u2212–])"),
            lambda _: " times",
        ),
        Rule(regex.compile(r"(?<![\w.,])[x×](?=\d{1,3}(?![\w.,]\d))"), lambda _: "times "),
        # Magnitudes: 5k, 3.5M.
        Rule(
            regex.compile(
                r"(?<=(?<![\w.,-])\d{1,4}(?:\.\d{1,3})?)(?:\s?(?<magnitude>bn|mn|tn|MM)|(?<magnitude>[kKMB]))(?=\+?(?:\s|[.,;:!?)]|\Z))"
            ),
            _magnitude,
        ),
        Rule(regex.compile(r"(?<=\d)\s/\s(?=\d)"), lambda _: " divided by "),
        # Ratios and scores.
        Rule(regex.compile(r"(?<=(?<![\w.,:/-])\d{1,4}):(?=\d{1,6}(?![\w:/-]|[.,]\d))"), _ratio),
        Rule(
            regex.compile(
                r"(?<=(?<![\w.])\d{1,9}|\b[a-z])\s?-\s?(?=(?:\d{0,4}[a-z]|\d{1,9})\b\s?[=+])|(?<=\b\d{0,4}[a-z]\s)[-\u2212–](?=\s\d)|(?<=[²³]|squared|cubed)\s?[-\u2212–]\s?(?=\d)"
            ),
            lambda _: " minus ",
        ),
        # A dash between words is a pause, not a minus.
        Rule(
            regex.compile(r"(?<=\p{L}{2}[)\]\"'”’]?)\s[–—-]\s(?=\d)(?<!\b(?:half|quarters?|thirds?).{3})"),
            lambda _: ", ",
        ),
        # Subtractions and ranges.
        Rule(
            regex.compile(rf"(?<=(?<![\w.,-])(?<first>{number}))\s(?<dash>[-–])\s(?=(?<second>{number}))"),
            _minus_or_to,
        ),
        Rule(
            regex.compile(
                rf"[-–—](?<=(?<!\w|\w[-–.])\d[\d,.]{{0,12}}{_ATTACHED}.|\b(?:half|quarters?|thirds?|thousand|million|billion).)"
                r"(?=[-\u2212]?(?:\d{1,12}+|\.\d)(?!-\d))(?<!\d[-–]\d{1,9}.)"
            ),
            lambda _: " to ",
        ),
        # Formulas. A letter is not the article.
        Rule(
            regex.compile(
                rf"(?<![\p{{L}}'’])[aA](?=\s{_OPERATOR}\s)|(?<={_OPERATOR}\s)[aA](?=\s{_OPERATOR}\s|[.,;:)]|\Z)"
            ),
            lambda _: "eigh",
        ),
        Rule(
            regex.compile(
                r"(?<=[\p{L}\p{N})\]%²³°'\"])\s?(?<operator>≠|≤|≥|≈|≅|±|÷|→|∝|≡|∈|[⋅·](?=\s?[\d(])|(?<=\s)(?:===?|!=|<=|>=|->|=>)(?=\s)|(?<=\d)(?:==|!=|<=|>=)(?=\d)|(?<=\s)[<>](?=\s[\p{L}\p{N}-]))\s?(?=[\p{L}\p{N}(\[.√∞$€£+\u2212-])"
            ),
            _between,
        ),
        Rule(regex.compile(r"(?<![\w)\]])(?<sign>[~≈±≤≥√∛]|[<>]=?)\s?(?=[-\u2212$€£]?[\d.(]|\p{L}\b)"), _before_number),
        Rule(regex.compile(r"(?<=\d|\b\p{L}|[²³])\+(?=\d|\p{L}\b)"), lambda _: " plus "),
        Rule(regex.compile(r"(?<=[\p{L}\d)]|[²³])\s?=\s?(?=[\p{L}\d(.-])(?<!\b\w{2,}=)"), lambda _: " equals "),
    ]


def late_rules() -> list[Rule]:
    """Returns the rules of signs between words."""
    return [
        Rule(regex.compile(r"\bC\+\+"), lambda _: "C plus plus"),
        Rule(regex.compile(r"\b(?<=\b[CF])#"), lambda _: " sharp"),
        Rule(regex.compile(r"(?<![\w&])#(?=\p{L}{1,3}\d)"), lambda _: "number "),
        Rule(regex.compile(r"(?<![\w&])#(?=\p{L})"), lambda _: "hashtag "),
        Rule(regex.compile(r"(?<=\p{L}\)?)\s?/\s?(?=\(?\p{L})(?<!\b\p{L}/)(?!/\p{L}\b)"), lambda _: " "),
        Rule(regex.compile(r"(?<=\w)\(\)"), lambda _: ""),
    ]
