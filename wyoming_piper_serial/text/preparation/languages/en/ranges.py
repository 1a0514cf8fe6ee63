"""English rules for ranges, ratios, dimensions, multiples and magnitudes of numbers."""

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.context import next_word, spaced, text_after, text_before, words
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, plural
from wyoming_piper_serial.text.preparation.passage import COUNTS, INNER_DASHES, Match, Rule

_MAGNITUDES = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion"}
_POINT = lazy(r"\d[.]\d{1,3}\Z")
_LARGE = lazy(r"(?:[2-9]\d|\d{3})\Z")
_THOUSANDS = lazy(r"(?<![\d.,])\d{4,5}\s?\Z")
_CURRENCY_NEXT = lazy(r"\s?(?:\p{Sc}|(?:EUR|USD|GBP|CAD|AUD|INR|CHF|JPY)\b)")
_COUNT_BEFORE = lazy(r"(?<![\w.,-])\d{1,4}(?:\.\d{1,3})?\s?\Z")
_COUNTABLE = words("people users views followers downloads records rows tokens parameters subscribers")
_NUMBER = r"(?:\d{1,3}(?:,\d{3})++|\d{1,9}+)(?:\.\d{1,9}+)?"
_FIRST = lazy(rf"(?<![\w.,-])({_NUMBER})\s\Z")
_SECOND = lazy(rf"\s({_NUMBER})")
_EQUALS = lazy(r"\s?[=≈]")
_FORMULA = lazy(r"\s?(?:[=≈+]|equals\b)|\s[-–×x÷*/]\s?\d")
# Text, such as a unit, that may separate the first number of a range from the dash.
_ATTACHED = r"(?:%|°[CF]?|[kKM]|[\"”″'’′]|x)?"
_LENGTH = r"(?:mm|cm|m|km|in|ft|inch(?:es)?|feet|foot|px|[\"”″′'])"
_FACTOR = lazy(r"[\d.,]*\d")
_POWER_OF_TEN = lazy(r"10(?:\s(?:to\sthe\spower|squared|cubed)|[\^⁰¹²³⁴⁵⁶⁷⁸⁹⁻])")
_LENGTH_NEXT = lazy(rf"\s?{_LENGTH}(?!\w)|\s(?!(?:and|but|gives|makes|then)\b)\p{{Ll}}{{3,}}")
_SCRIPTURE = lazy(
    r"\b(?:Genesis|Exodus|Leviticus|Numbers|Deuteronomy|Joshua|Judges|Ruth|Samuel|Kings|Chronicles|Job|Psalms?|Proverbs|Isaiah"
    r"|Jeremiah|Ezekiel|Daniel|Matthew|Mark|Luke|John|Acts|Romans|Corinthians|Galatians|Ephesians|Philippians|Colossians"
    r"|Thessalonians|Timothy|Hebrews|James|Peter|Jude|Revelation|Surah|Quran)\s\d{1,3}\Z"
)

_PROPORTION = lazy(r"(?i:\b(?:ratio|mix(?:ed|ture)?|dilut\w+|proportions?|scale|odds)\b[^.]{0,20})\Z")
# A name or a count before a number in the plural, as in "two 747s".
_NAME_BEFORE = lazy(
    r"(?:\b(\p{Lu}[\p{L}-]{0,15})|\b(?i:two|three|four|five|six|seven|eight|nine|ten|[2-9]|several|many|some|few|"
    r"all|these|those|both|old|older|new|newer))\s\Z"
)
_BEFORE_SECONDS = frozenset(
    {"after", "within", "every", "for", "wait", "about", "around", "at", "by", "in", "is", "last", "next", "only"}
    | {"over", "under", "than", "takes", "took", "timeout", "until", "delay", "duration", "time", "timer", "lasts"}
)


def _by_or_times(match: Match) -> str:
    rest = text_after(match, 40).lstrip(" \u00a0")
    number = _FACTOR.match(rest)
    after_number = rest[number.end() :] if number else rest
    is_product = _EQUALS.match(after_number) is not None
    if match[0] != "x":
        is_spaced = match.string[match.start() - 1].isspace()
        is_length = _LENGTH_NEXT.match(after_number) and not _FORMULA.match(after_number)
        is_product = is_product or _POWER_OF_TEN.match(rest) is not None or (is_spaced and not is_length)
    return spaced(match, "times" if is_product else "by")


def _magnitude(match: Match) -> str | None:
    written, following = match["magnitude"], text_after(match, 20)
    number = text_before(match, 10)
    is_money = _CURRENCY_NEXT.match(following) is not None  # such as `5M €`
    if is_money or _COUNT_BEFORE.search(number) is None or (number[-1:].isspace() and len(written) == 1):
        return None
    is_name = next_word(following)[:1].isupper()
    word = next_word(following).lower()
    if written == "m":
        return spaced(match, "million") if word in _COUNTABLE else None
    is_kelvins = written == "K" and _THOUSANDS.search(number) is not None  # a color temperature, such as 2700K
    if is_kelvins or (written == "k" and word not in ("run", "race", "resolution")):
        return spaced(match, "kelvins" if _THOUSANDS.search(number) else "thousand")
    has_point = _POINT.search(number) is not None
    if written in ("bn", "mn", "tn", "MM"):
        return spaced(match, _MAGNITUDES[written[0].lower()])
    is_counted = word in _COUNTABLE or (word.endswith("s") and word.islower() and len(word) > 4)
    if has_point or (is_counted and written in "KMB") or (written == "M" and not number.endswith("3")):
        return spaced(match, _MAGNITUDES[written.lower()])
    return spaced(match, "thousand") if written == "K" and not is_name and _LARGE.search(number) else None


def _minus_or_to(match: Match) -> str | None:
    """Reads a dash with spaces between two numbers.

    The dash is "minus" in a formula. A hyphen is also "minus" if the second number is not larger than the first.
    Otherwise, the dash is "to".
    """
    first = _FIRST.search(text_before(match, 24))
    second = _SECOND.match(match.string, match.end())
    if first is None or second is None:
        return None
    falls = float(second[1].replace(",", "")) <= float(first[1].replace(",", ""))
    is_minus = (match[0] == "-" and falls) or _EQUALS.match(match.string, second.end())
    return "minus" if is_minus else "to"


def _ratio(match: Match) -> str | None:
    if _SCRIPTURE.search(text_before(match, 20)):
        return " "
    return " to " if not match["range"] or _PROPORTION.search(text_before(match, 30)) else None


def _models(match: Match) -> str | None:
    """Reads the plural of a number that serves as a name, as in "two 747s", but not a duration in seconds."""
    number, before = match["number"], text_before(match, 24)
    name = _NAME_BEFORE.search(before)
    if name is None or (name[1] and name[1].lower() in _BEFORE_SECONDS):
        return None
    hundreds, rest = divmod(int(number), 100)
    if not hundreds:
        return plural(cardinal(rest))
    if not rest:
        return f"{cardinal(hundreds)} hundreds"
    return f"{cardinal(hundreds)} {'oh ' if rest < 10 else ''}{plural(cardinal(rest))}"


def name_rules() -> list[Rule]:
    """Returns the rules for numbers that serve as names, such as 747. They are applied before the rules for units and
    ranges.
    """
    return [
        Rule(
            lazy(
                r"(?<![\w.,:/$€£-]|\w-)(?<number>[1-9]\d{1,2})s\b"
                r"(?!'|\s(?:left|remaining|elapsed|ago|time|delay|countdown|interval))"
            ),
            _models,
            COUNTS,
        ),
        # Case numbers with two parts: No. 22-451.
        Rule(
            lazy(
                r"[-–](?<=\b(?i:no|case|docket|file|invoice|model|bill|ticket|article|part\sno|case\sno)\.?\s#?\d{1,6}.)(?=\d{1,6}\b(?![-–:.,/]\d))"
            ),
            lambda _: " dash ",
            INNER_DASHES,
        ),
    ]


def rules() -> list[Rule]:
    """Returns the rules for numbers with a sign between them. They are applied after the rules for dates, times, codes,
    years and money.
    """
    return [
        # Dimensions, products and multiples: 9x13, 3 × 4, 5 m x 3 m, 4x faster, x2.
        Rule(
            lazy(
                rf"[x×✕✖*](?<=(?:\d|\d\s?{_LENGTH}|half|quarters?|thirds?)\s?.)(?=\s?(?:[-\u2212]?\d|√|\())(?<!\b0x)"
                r"|×(?<=[\p{L})]\s.)(?=\s[\p{L}\d(])"
            ),
            _by_or_times,
            "x×✕✖*",
        ),
        Rule(lazy(r"(?<=\d\sby\s)\d{1,2}s\b"), lambda match: plural(cardinal(int(match[0][:-1]))), COUNTS),
        Rule(
            lazy(
                r"[x×](?<=(?<![\w.,])(?:\d{1,3}(?:,\d{3}){1,2}|\d{1,6}(?:\.\d{1,3})?)\s?.)(?![\w²³^]|\s?(?:[-+=*/)\u2212–]|minus\b|plus\b|equals\b|times\b|squared\b|cubed\b|to\sthe\spower\b))"
            ),
            lambda match: spaced(match, "times"),
            "x×",
        ),
        Rule(lazy(r"[x×](?<![\w.,].)(?=\d{1,3}(?![\w.,]\d))"), lambda _: "times ", "x×"),
        # Magnitudes: 5k, 3.5M.
        Rule(lazy(r"(?<=[\d\s])(?<magnitude>bn|mn|tn|MM|[kKMBm])(?=\+?(?:\s|[.,;:!?)]|\Z))"), _magnitude, COUNTS),
        Rule(lazy(r"/(?<=\d\s.)(?=\s\d)"), lambda _: "divided by", "/"),
        Rule(lazy(r":(?<=(?<![\w.,:/-])\d{1,4}.)(?=\d{1,6}+(?![\w:/]|[.,]\d)(?<range>[-–])?)"), _ratio, ":"),
        # A dash between words is a pause, not a minus sign.
        Rule(
            lazy(r"\s[–—-]\s(?=\d)(?<=\p{L}{2}[)\]\"'”’]?...)(?<!\b(?:half|quarters?|thirds?)...)"),
            lambda _: ", ",
            INNER_DASHES,
        ),
        Rule(lazy(r"[-–](?<=\d\s.)(?=\s\d)"), _minus_or_to, INNER_DASHES),
        Rule(
            lazy(
                rf"[-–—](?<=(?:(?<!\w|\w[-–.])\d[\d,.]{{0,12}}{_ATTACHED}|\b(?:half|quarters?|thirds?|[tmb]\p{{Ll}}{{2,4}}[nd]))\s?.)"
                r"(?=\s?[-\u2212]?(?:\d{1,12}+|\.\d)(?!-[\d\p{Lu}]))(?<!\d[-–]\d{1,9}.)(?<!\s.(?=\s?\d))"
            ),
            lambda match: spaced(match, "to"),
            INNER_DASHES,
        ),
    ]
