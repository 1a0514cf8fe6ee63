"""English rules for dates, months and days of the week."""

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.context import counts, is_end, spaced, text_after, text_before
from wyoming_piper_serial.text.preparation.languages.en.numbers import ordinal, year
from wyoming_piper_serial.text.preparation.languages.en.times import clock
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule, has_digits, has_word

_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)
_DAYS = {
    name[:3].lower(): name for name in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
}
_MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_MONTHS, start=1)}
_SHORT_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# "May" and "March" are months only if capitalized.
_MONTH = (
    r"(?:(?i:january|february|april|june|july|august|september|october|november|december)|March|May"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_WEEKDAY = r"(?:Mon|Tue|Tues|Wed|Thu|Thur|Thurs|Fri|Sat|Sun)\b\.?"
_DAYS_AND_MONTHS = (*_DAYS, *_SHORT_MONTHS)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_NTH = r"(?:st|nd|rd|th)?"
_YEAR = r"(?:1\d|20)\d\d"
_CLEAR = r"(?![\d:/%°′'-]|[.,]\d|–\d)"  # text that must not follow a day or a year
_RANGE = r"(?:\s?[-–]\s?|\sto\s|\sand\s)"


class _Dates:
    """Reads dates in the style of one region."""

    def __init__(self, locale: Locale) -> None:
        self._british = locale.region not in ("", "US")
        self._joint = "and" if self._british else ""

    def year(self, text: str) -> str:
        return year(int(text), joint=self._joint)

    def full(self, day: int, month: int, written_year: str) -> str | None:
        """Returns a date in words, or `None` if there is no such day. The year may have two digits."""
        if not is_day(day, month, written_year):
            return None
        if len(written_year) == 2:
            written_year = ("19" if int(written_year) >= 50 else "20") + written_year
        name, nth, spoken_year = _MONTHS[month - 1], ordinal(day), self.year(written_year)
        return f"the {nth} of {name}, {spoken_year}" if self._british else f"{name} {nth}, {spoken_year}"

    def iso(self, match: Match) -> str | None:
        date = self.full(int(match["day"]), int(match["month"]), match["year"])
        if date is None or match["hour"] is None:
            return date
        hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
        if hour > 24 or minute > 59:
            return None
        spoken = f"{date}, {clock(hour, minute)}"
        if second:
            spoken += f" and {second} second" + "s" * (second != 1)
        zone = match["zone"] or ""
        if zone in ("", "Z"):
            return spoken + " UTC" * bool(zone)
        offset = f"{int(zone[1:3])}" + (f":{zone[-2:]}" if zone[-2:] != "00" else "")
        return f"{spoken} UTC {'minus' if zone[0] == '-' else 'plus'} {offset}"

    def year_and_month(self, match: Match) -> str | None:
        month = int(match["month"])
        # "2001-02" is a range of years.
        if not 1 <= month <= 12 or month > int(match["year"][2:]):
            return None
        return f"{_MONTHS[month - 1]} {self.year(match['year'])}"

    def numeric(self, match: Match) -> str | None:
        first, second, separator, written_year = int(match["first"]), int(match["second"]), match[2], match["year"]
        if len(written_year) == 2 and separator != "/":
            return None
        day_first = self._british or separator == "."
        day, month = (first, second) if day_first else (second, first)
        if month > 12 and separator != ".":
            day, month = month, day
        return self.full(day, month, written_year)

    def day_and_month(self, match: Match) -> str | None:
        first, second = int(match["first"]), int(match["second"])
        if {first, second} == {9, 11}:
            return None
        day, month = (first, second) if self._british else (second, first)
        if month > 12:
            day, month = month, day
        if not is_day(day, month):
            return None
        nth, name = ordinal(day), _MONTHS[month - 1]
        return f"the {nth} of {name}" if self._british else f"{name} {nth}"

    def month_first(self, match: Match) -> str | None:
        if not _are_days(match):
            return None
        # "March" and "May" may be verbs: "March 5 miles" and "May 5 people come?" do not contain dates.
        if match["month"] in ("March", "May") and not match["year"] and counts(text_after(match)):
            return None
        the = "the " if self._british else ""
        spoken = f"{_month(match['month'])} {the}{ordinal(int(match['day']))}"
        if match["last"]:
            spoken += f"{_between(match['between'])}{the}{ordinal(int(match['last']))}"
        return spoken + self._after(match)

    def day_first(self, match: Match) -> str | None:
        if not _are_days(match):
            return None
        the = "" if text_before(match, 4).lower().endswith(("the ", "the\u00a0")) else "the "
        spoken = the + ordinal(int(match["day"]))
        if match["last"]:
            spoken += f"{_between(match['between'])}{ordinal(int(match['last']))}"
        end = "." if match[0].endswith(".") and is_end(match) else ""
        return f"{spoken} of {_month(match['month'])}" + self._after(match) + end

    def _after(self, match: Match) -> str:
        return f", {self.year(match['year'])}" if match["year"] else ""

    def month_of_year(self, match: Match) -> str:
        return f"{_month(match['month'])} {self.year(match['year'])}"


def _month(written: str) -> str:
    return _MONTHS[_MONTH_NUMBERS[written[:3].lower()] - 1]


def _are_days(match: Match) -> bool:
    """Returns whether the month has the day or, in a range, both days."""
    month = _MONTH_NUMBERS[match["month"][:3].lower()]
    return all(is_day(day, month, match["year"]) for day in (match["day"], match["last"]) if day)


def _between(written: str) -> str:
    return " and " if written.strip() == "and" else " to "


def _month_alone(match: Match) -> str:
    return _month(match["month"])


def _weekday(match: Match) -> str:
    return _DAYS[match["weekday"][:3].lower()]


def rules(locale: Locale) -> list[Rule]:
    """Returns the rules for dates. They are applied before the rules for times, years, fractions and ranges."""
    dates = _Dates(locale)
    return [*_weekdays(), *_numeric_dates(dates), *_dates_with_names(dates)]


def _has_day_or_month(text: str) -> bool:
    return any(map(text.casefold().__contains__, _DAYS_AND_MONTHS))


def _weekdays() -> list[Rule]:
    neighbour = rf"\s?(?:[-–,/&]|and|or|to|through)\s?{_WEEKDAY}"
    return [
        Rule(
            lazy(
                rf"[-–](?<=\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{{0,6}}\.?|{_MONTH})\s?.)(?=\s?(?:{_WEEKDAY}|{_MONTH}\b))"
            ),
            lambda match: spaced(match, "to"),
            ("-–", _has_day_or_month),
        ),
        Rule(
            lazy(
                rf"\b(?:(?<weekday>(?:Mon|Wed|Sat|Sun)(?=\.?(?:{neighbour}|,?\s(?:{_MONTH}|\d)|\s(?:morning|afternoon|evening|night)\b)))"
                r"|(?<weekday>(?:Mon|Wed)(?=\sat\s\d)|(?:Sat|Sun)(?=\sat\s\d{1,2}(?::\d\d)?(?:\s?[ap]\.?m|(?<=:\d\d))))"
                rf"|(?<={_WEEKDAY}(?:\s?[-–,/&]\s?|\s(?:and|or|to|through)\s)|\b(?i:on|next|last|every|until|by|from)\s)"
                r"(?<weekday>Mon|Wed|Sat|Sun)(?!\s\p{Lu})|(?<=\d\s|[ap]m\s)(?<weekday>Mon|Wed|Sat|Sun)(?=[.,;)]|\Z)"
                r"|(?<weekday>Mon|Wed|Sat|Sun)(?=\.\s[\p{Ll}\d])|(?<weekday>Tues?|Thu(?:rs?)?|Fri))\b(?!')(?:\.(?=,|\s?[-–\p{Ll}\d]|\s\p{Lu}))?"
            ),
            _weekday,
            has_word(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
        ),
    ]


def _numeric_dates(dates: _Dates) -> list[Rule]:
    return [
        Rule(
            lazy(
                r"(?<![\w/.-])(?<year>[12]\d{3})([-/])(?<month>\d\d)\2(?<day>\d\d)"
                r"(?:(?:T|\s)(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.\d++)?)?"
                r"(?<zone>Z|[+-]\d\d:?\d\d)?)?(?![\w/-]|[.:]\d)"
            ),
            dates.iso,
            ("-/", has_digits(8)),
        ),
        Rule(
            lazy(r"(?<![\w/.-])(?<first>\d{1,2})([/.-])(?<second>\d{1,2})\2(?<year>\d{4}|\d{2})(?![\w/-]|\.\d)"),
            dates.numeric,
            ("/.-", has_digits(4)),
        ),
        Rule(
            lazy(r"(?<![\w/.$€£,-])(?<year>[12]\d{3})-(?<month>\d\d)(?![\w/-]|[.:,]\d)"),
            dates.year_and_month,
            ("-", has_digits(6)),
        ),
        Rule(
            lazy(
                rf"(?:(?<=\b[Oo]n\s|(?:day|\b{_WEEKDAY}),?\s)(?<first>\d{{1,2}})/(?<second>\d{{1,2}})(?![\w/]|\.\d)"
                r"|(?<![\w/.,-])(?<first>\d{1,2})/(?<second>\d{1,2})(?=\sat\s\d{1,2}(?::\d\d|\s?[ap]\.?m)))"
            ),
            dates.day_and_month,
            "/",
        ),
    ]


def _has_month(text: str) -> bool:
    return any(map(text.casefold().__contains__, _SHORT_MONTHS))


def _dates_with_names(dates: _Dates) -> list[Rule]:
    """Returns the rules for dates in which the month is a word."""
    return [
        Rule(
            lazy(rf"[-–](?<=\b(?:{_MONTH})\s{_DAY}{_NTH}(?:,?\s{_YEAR})?\s?.)(?=\s?(?:{_MONTH})\s{_DAY}(?!\d))"),
            lambda match: spaced(match, "to"),
            ("-–", DIGITS, _has_month),
        ),
        Rule(
            lazy(
                rf"\b(?<month>{_MONTH})\s?(?<day>{_DAY}){_NTH}\b"
                rf"(?:(?<between>{_RANGE})(?<last>{_DAY}){_NTH}\b)?{_CLEAR}(?!\s?[ap]\.?m\b)"
                rf"(?:,?\s(?<year>{_YEAR})\b{_CLEAR})?"
            ),
            dates.month_first,
            (DIGITS, _has_month),
        ),
        Rule(
            lazy(
                rf"(?<![\w.,:/$€£#+-])(?<day>{_DAY}){_NTH}(?:(?<between>{_RANGE})(?<last>{_DAY}){_NTH})?"
                rf"\s(?:of\s)?(?<month>{_MONTH})(?!\w)(?:,?\s(?<year>{_YEAR})\b{_CLEAR})?"
            ),
            dates.day_first,
            (DIGITS, _has_month),
        ),
        Rule(lazy(rf"\b(?<month>{_MONTH}),?\s(?<year>{_YEAR})\b{_CLEAR}"), dates.month_of_year, (DIGITS, _has_month)),
        # An ambiguous abbreviation, such as "Mar", is read as a month only if the words around it show that it is one.
        Rule(
            lazy(
                rf"\b(?:(?<month>(?:Jan|Mar|Jun)(?=\.?(?:\s?[-–]\s?|\sto\s){_MONTH}))|(?<=(?i:\b{_MONTH}(?:\s?[-–/]\s?|\sto\s)"
                r"|\b(?:in|since|until|till|from|late|early|mid|last|next|through)[\s-]))"
                r"(?<month>Jan|Mar|Jun)|(?<month>Feb|Apr|Jul|Aug|Sept?|Oct|Nov|Dec))\b(?!\s\p{Lu}|')(?:\.(?=,|\s?[-–\p{Ll}\d]))?"
            ),
            _month_alone,
            has_word(("Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")),
        ),
    ]
