"""English rules for units that only English uses, and for units that modify a noun, as in "a 5 pound bag"."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.languages.en.context import (
    is_attribute,
    is_end,
    sizes,
    text_after,
    text_before,
)
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import AMOUNTS, COUNTS, DIGITS, Match, Rule, has_word

# Units that the language data lacks: written forms, singular and plural.
_MORE = """
tsps|teaspoon|teaspoons
tbsps,Tbsp|tablespoon|tablespoons
fl. oz|fluid ounce|fluid ounces
lbs|pound|pounds
yds|yard|yards
qts|quart|quarts
sqft,sq ft,sq. ft|square foot|square feet
sq in,sq. in|square inch|square inches
sq mi,sq. mi|square mile|square miles
sq yd,sq. yd|square yard|square yards
sq m,sq. m|square meter|square meters
mm²|square millimeter|square millimeters
mm³|cubic millimeter|cubic millimeters
sq km,sq. km|square kilometer|square kilometers
cu ft,cu. ft|cubic foot|cubic feet
cu in,cu. in|cubic inch|cubic inches
cu yd,cu. yd|cubic yard|cubic yards
kph,kmh|kilometer per hour|kilometers per hour
Gbps|gigabit per second|gigabits per second
Mbps|megabit per second|megabits per second
kbps,Kbps|kilobit per second|kilobits per second
bps|bit per second|bits per second
MBps|megabyte per second|megabytes per second
KiB|kibibyte|kibibytes
MiB|mebibyte|mebibytes
GiB|gibibyte|gibibytes
TiB|tebibyte|tebibytes
KiB/s|kibibyte per second|kibibytes per second
MiB/s|mebibyte per second|mebibytes per second
GiB/s|gibibyte per second|gibibytes per second
fps|frame per second|frames per second
bpm|beat per minute|beats per minute
hr,hrs|hour|hours
mins|minute|minutes
sec,secs|second|seconds
wk,wks|week|weeks
mo,mos|month|months
yr,yrs|year|years
doz|dozen|dozen
pkg,pkgs|package|packages
pc,pcs|piece|pieces
psi|P S I|P S I
dBm|decibel milliwatt|decibel milliwatts
rpm|R P M|R P M
BTU,BTUs|B T U|B T Us
cals|calorie|calories
kcals|kilocalorie|kilocalories
"""
# "in" is a unit only where it cannot be the preposition.
_INCHES = (
    r"in(?:\.(?=\s?[\p{Ll}\d]|,|\Z)|(?=\Z|[,;:)!?]"
    r"|\s(?:x|×|by|wide|long|tall|high|deep|thick|of\s(?:rain|snow))\b))(?!\w)"
)
# Unit keys in the language data that are words rather than symbols.
_WORDS = ("week", "month", "year")
# Symbols that also occur in names such as 4K, 2d or 3B.
_NAMES_TOO = ("K", "B", "d")
# Letters that are units in recipes if a dot follows.
_KITCHEN_LETTERS = {"c": "cup", "T": "tablespoon", "t": "teaspoon"}
_ONE_OR_PART = lazy(
    r"(?:(?<![\d.,])1|(?<!\b(?:\d{1,4}|one|two|three|four|five|six|seven|eight|nine|ten)\sand\s\w{1,5}\s)\b(?:half|thirds?|quarters?))\s?\Z"
)
_INCH_SIGNS = ("inch", '"', "”", "″")
_ONE = lazy(r"(?<![\d.,])1\Z")
_QUOTE_OPENED = lazy(r"(?<![^\s(\[])\"(?=\S)")
_QUOTE_CLOSED = lazy(r"(?<=[^\s\d(\[])\"")
_NOUN_NEXT = lazy(r"[\s-](?:\p{Ll}|\p{Lu}{2})")
# A pattern for text after a number that may be a unit.
_ABBREVIATION = r"(?:(?:sq|cu|fl)\.?\s)?[°µ]?\p{L}{1,5}[²³]?(?:/\p{L}{1,3}[²³]?)?(?![\w'/²³])"
_OPENING_QUOTE = lazy(r"(?<!\w)['‘]")


class Units:
    """The English names of units."""

    def __init__(self, locale: Locale) -> None:
        known = {
            key: names for key, names in locale.data["units"].items() if isinstance(names, list) and key not in _WORDS
        }
        self._names = {key: (str(names[0]).strip(), str(names[-1]).strip()) for key, names in known.items()}
        rows = (line.split("|") for line in _MORE.strip().splitlines())
        more = {written: (one, many) for names, one, many in rows for written in names.split(",")}
        self._names |= more
        self.pattern = _either(self._names)
        """A pattern for any abbreviated unit. In this pattern, "in" means inches, not the preposition."""
        self._more = frozenset(more)

    def name(self, written: str, *, is_plural: bool) -> str:
        """Returns the name of a unit. `written` is the unit as written in the text: an abbreviation or an inch sign."""
        return self._names["in" if written in _INCH_SIGNS else written][is_plural]

    def counted(self, match: Match) -> str | None:
        """Returns the name of a unit after a number, or `None` to leave the unit to the core rules."""
        written = match["unit"] or "in"
        following = text_after(match, 30)
        before = text_before(match, 36)
        if (written not in self._names and written != "inch") or written in _NAMES_TOO:
            return None
        describes = match["hyphen"] or is_attribute(before.rstrip("0123456789.,"), following) or sizes(following)
        is_plain = match["unit"] and written not in self._more and not match["dot"]
        if is_plain and not (describes and _NOUN_NEXT.match(following) and written != "in"):
            return None
        end = "." if match[0].endswith(".") and is_end(match) else ""
        return f" {self.name(written, is_plural=not (describes or _ONE.search(before)))}{end}"


def _either(names: dict[str, tuple[str, str]]) -> str:
    """Returns a pattern that matches any of the names, trying longer names first."""
    ordered = sorted(names, key=len, reverse=True)
    return rf"(?:{'|'.join(regex.escape(name, special_only=True) for name in ordered)})(?![\w'/²³])"


def _feet_and_inches(match: Match) -> str | None:
    feet, inches = int(match["feet"]), match["inches"]
    if inches and int(inches) > 12:
        return None
    if not inches and _OPENING_QUOTE.search(text_before(match, 200)):
        return None
    return f"{feet} foot {inches}" if inches else f"{feet} {'foot' if feet == 1 else 'feet'}"


def _inch_sign(match: Match) -> str | None:
    before, following = text_before(match, 200), text_after(match)
    # A quotation mark that closes a quotation is not an inch sign.
    is_open = len(_QUOTE_OPENED.findall(before)) > len(_QUOTE_CLOSED.findall(before))
    if (match["sign"] == '"' and is_open) or (match["sign"] == "”" and "“" in before):
        return None
    describes = is_attribute(before.rstrip("0123456789.,/")[-30:], following[:30])
    return " inch" if describes or _ONE.search(before) else " inches"


def _kitchen_letter(match: Match) -> str:
    name = _KITCHEN_LETTERS[match[0][-2]]
    return f" {name if _ONE_OR_PART.search(text_before(match)) else name + 's'}"


def rules(units: Units) -> list[Rule]:
    """Returns the rules for units after a number."""
    return [
        Rule(
            lazy(
                r"(?<![\w.,'’-])(?<feet>\d{1,3})"
                r"(?:['’′]\s?(?<inches>\d{1,2})\s?(?:[\"”″]|''|’’|(?!\w))|\s?[′'’](?=[\s.,)]|\Z)(?<inches>))"
            ),
            _feet_and_inches,
            "'’′",
        ),
        # Temperatures without a degree sign, but not a seat such as 12F.
        Rule(
            lazy(
                r"(?:\s?F|\sC)(?<=(?<![\w.,/$])\d{2,3}(?:\.\d)?\s?.)(?![\w°]|[.'’-]\p{L})"
                r"(?<!\b(?i:seats?|rows?|gate|room)\s\d{2,3}\s?.)"
            ),
            lambda match: " degrees " + ("Fahrenheit" if match[0].endswith("F") else "Celsius"),
            (DIGITS, follows_number("FC")),
        ),
        # Durations in seconds, but not a decade such as the 90s.
        Rule(
            lazy(
                r"s(?<=(?<![\w.,'’])\d{1,3}0s)(?=\s(?:left|remaining|elapsed|ago|timer|timeout|delay|countdown|interval)\b)"
                r"|s(?<=\b(?:after|every|within|for|wait|waits|waited|took|takes)\s\d{1,3}0s)"
                r"(?=[.,;:!?)]|\Z|\s(?:and|or|before|then|until)\b)"
            ),
            lambda _: " seconds",
            (*COUNTS, follows_number("s", "0")),
        ),
        Rule(
            lazy(r"\s?[cTt]\.(?<=(?:(?<![\w.,])\d{1,2}|\b(?:half|thirds?|quarters?))\s?..)(?=\s\p{Ll}{3})"),
            _kitchen_letter,
            has_word(("c.", "t.", "T.")),
        ),
        Rule(lazy(r"(?<=\d)\s?(?<sign>[\"”″])(?!\w)"), _inch_sign, '"”″'),
        Rule(
            lazy(
                rf"(?<=\d)(?:\s|(?<hyphen>-))?(?:{_INCHES}|(?<unit>{_ABBREVIATION})(?<dot>\.(?=\s?[\p{{Ll}}\d]|[,)]))?)"
            ),
            units.counted,
            AMOUNTS,
        ),
    ]
