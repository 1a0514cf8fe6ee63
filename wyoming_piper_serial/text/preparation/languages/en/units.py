"""Units that are common in English only, and the names of units after fractions and amounts of money."""

import regex

from wyoming_piper_serial.text.preparation.languages.en.context import is_attribute
from wyoming_piper_serial.text.preparation.passage import Match, Rule

_COMMON = """
tsp,tsps|teaspoon|teaspoons
tbsp,tbsps,Tbsp|tablespoon|tablespoons
oz|ounce|ounces
fl oz,fl. oz|fluid ounce|fluid ounces
lb,lbs|pound|pounds
ft|foot|feet
yd,yds|yard|yards
mi|mile|miles
gal|gallon|gallons
qt,qts|quart|quarts
sqft,sq ft,sq. ft|square foot|square feet
sq in,sq. in|square inch|square inches
sq mi,sq. mi|square mile|square miles
sq yd,sq. yd|square yard|square yards
sq m,sq. m|square meter|square meters
sq km,sq. km|square kilometer|square kilometers
cu ft,cu. ft|cubic foot|cubic feet
cu in,cu. in|cubic inch|cubic inches
cu yd,cu. yd|cubic yard|cubic yards
mph|mile per hour|miles per hour
mpg|mile per gallon|miles per gallon
kph,kmh|kilometer per hour|kilometers per hour
Gbps|gigabit per second|gigabits per second
Mbps|megabit per second|megabits per second
kbps,Kbps|kilobit per second|kilobits per second
bps|bit per second|bits per second
MBps|megabyte per second|megabytes per second
fps|frame per second|frames per second
bpm|beat per minute|beats per minute
hr,hrs|hour|hours
min,mins|minute|minutes
sec,secs|second|seconds
wk,wks|week|weeks
mo,mos|month|months
yr,yrs|year|years
doz|dozen|dozen
pkg,pkgs|package|packages
pc,pcs|piece|pieces
hp|horsepower|horsepower
psi|P S I|P S I
rpm|R P M|R P M
BTU,BTUs|B T U|B T Us
cal,cals|calorie|calories
kcal,kcals|kilocalorie|kilocalories
"""
# Units of all languages, which are needed here only after fractions and after "/" behind an amount of money.
_METRIC = """
in|inch|inches
km|kilometer|kilometers
m|meter|meters
cm|centimeter|centimeters
mm|millimeter|millimeters
kg|kilogram|kilograms
g|gram|grams
mg|milligram|milligrams
l,L|liter|liters
ml,mL|milliliter|milliliters
h|hour|hours
s|second|seconds
d|day|days
kWh|kilowatt hour|kilowatt hours
MWh|megawatt hour|megawatt hours
kW|kilowatt|kilowatts
GB|gigabyte|gigabytes
MB|megabyte|megabytes
TB|terabyte|terabytes
m²,m2|square meter|square meters
m³,m3|cubic meter|cubic meters
t|ton|tons
"""


def _table(text: str) -> dict[str, tuple[str, str]]:
    rows = (line.split("|") for line in text.strip().splitlines())
    return {written: (singular, plural) for names, singular, plural in rows for written in names.split(",")}


_NAMES = _table(_COMMON)
_ALL_NAMES = _NAMES | _table(_METRIC)


def _either(names: dict[str, tuple[str, str]]) -> str:
    """Returns a pattern for any of the names, the longest first."""
    return "|".join(regex.escape(name, special_only=True) for name in sorted(names, key=len, reverse=True))


ANY_UNIT = rf"(?:{_either(_ALL_NAMES)})(?![\w'])"
"""A pattern for an abbreviated unit."""

# "in" is a unit only where the preposition cannot stand.
_INCHES = r"in(?:\.(?=\s?[\p{Ll}\d]|,|\Z)|(?=\Z|[,;:)!?]|\s(?:x|×|by|wide|long|tall|high|deep|thick|of\s(?:rain|snow))\b))(?!\w)"


def unit_name(written: str, *, is_plural: bool) -> str:
    """Returns the name of a unit that `ANY_UNIT` matches."""
    return _ALL_NAMES[written][is_plural]


_ONE = regex.compile(r"(?<![\d.,])1\Z")


def _unit(match: Match) -> str:
    written = "in" if match["inches"] else match["unit"]
    before, following = match.string[: match.start()][-24:], match.string[match.end() :][:30]
    head = before.rstrip("0123456789.,")
    is_singular = match["hyphen"] or _ONE.search(before) or is_attribute(head, following)
    return f" {unit_name(written, is_plural=not is_singular)}"


_OPENING_QUOTE = regex.compile(r"(?<!\w)['‘]")


def _feet_and_inches(match: Match) -> str | None:
    feet, inches = int(match["feet"]), match["inches"]
    if not inches and _OPENING_QUOTE.search(match.string[: match.start()]):
        return None
    return f"{feet} foot {inches}" if inches else f"{feet} {'foot' if feet == 1 else 'feet'}"


def _inch_sign(match: Match) -> str | None:
    before, following = match.string[: match.start()], match.string[match.end() :]
    # The sign closes a quotation that was opened before.
    if (match["sign"] == '"' and before.count('"') % 2) or (match["sign"] == "”" and "“" in before):
        return None
    head = before.rstrip("0123456789.,/")
    is_singular = _ONE.search(before) or is_attribute(head[-12:], following[:30])
    return " inch" if is_singular else " inches"


def early_rules() -> list[Rule]:
    """Returns the rules of the signs of feet and inches."""
    return [
        Rule(
            regex.compile(
                r"(?<![\w.,'’-])(?<feet>\d{1,3})(?:['’′]\s?(?<inches>\d{1,2})\s?(?:[\"”″]|''|’’|(?!\w))|\s?[′'’](?=[\s.,)]|\Z)(?<inches>))"
            ),
            _feet_and_inches,
        ),
        Rule(regex.compile(r"(?<=\d)\s?(?<sign>[\"”″])(?!\w)"), _inch_sign),
    ]


def late_rules() -> list[Rule]:
    """Returns the rules of abbreviated units behind a number."""
    return [
        Rule(
            regex.compile(
                rf"(?<=\d)(?:\s|(?<hyphen>-))?(?:(?<inches>{_INCHES})|(?<unit>{_either(_NAMES)})(?![\w'])(?:\.(?=\s?[\p{{Ll}}\d]|,))?)"
            ),
            _unit,
        )
    ]
