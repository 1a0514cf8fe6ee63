"""Builders for rules for dates, times and durations that French, Spanish, Italian and Portuguese share."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import END, SPACE, START, any_of, weekday_ranges, weekdays_between
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.month_ranges import joined_months, month_ranges
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Needs, Rule, has_digits

_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_FIRST = r"(?:(?<=(?<![0-9])0?1)(?:er|º|°|\.º))?"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>[12][0-9]{3})"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_GOES_ON = rf"{SPACE}?[\p{{Ll}}\p{{N}},;)]"  # text after a dot that does not end the sentence

# Text that may follow a date without a year, but that is unlikely to follow a fraction.
_CLEAR = (
    rf"(?={SPACE}?(?:\Z|[.,;:!?)»\"])|{SPACE}(?:à|au|a|al|alle|dalle|às|as|por|para|en|em|est|es|è|é|et|y|e|u|o|ou|"
    rf"era|fu|sarà|será|sera|il|on|hay|\p{{Lu}}\p{{L}}+)(?!\p{{L}}))"
)
_WORD = lazy(r"[\p{L}’']+")
_WORD_BEFORE = lazy(r"(\p{L}+)(?:-feira)?,?\s\Z")
_WORD_BEHIND = lazy(rf"{SPACE}([\p{{L}}.]+)")
_WORDS = {"set", "out", "mar", "ago", "gen", "mag"}  # month abbreviations that are also ordinary words
_BEFORE_DURATION = {
    *("dura", "duran", "duró", "falta", "faltan", "duración", "durante"),
    *("durata", "dura", "durano", "manca", "mancano", "durerà"),
    *("durou", "duram", "faltam", "duração", "leva", "levou", "demora", "demorou"),
}
_LAST_YEAR_OF_THIS_CENTURY = 69  # years with two digits: 00 to 69 mean 2000 to 2069


class Calendar(NamedTuple):
    """The words for dates in one language."""

    short_months: Mapping[str, int]
    """Maps abbreviated month names without a dot to month numbers."""

    weekdays: Mapping[str, str]
    """Maps abbreviated weekdays without a dot to their full names."""

    first: str
    """The word for the first day of a month, or `1` if it is not an ordinal."""

    of: str
    """The word between the day and the month, or empty if there is none."""

    before_day: str
    """A pattern for words that show that a number such as `3/10` is a date without a year and not a fraction, as in
    `el 3/10`.
    """

    before_date: str
    """A pattern for other words that may precede a date without a year."""

    to: str
    """The word in ranges of weekdays."""


class Time(NamedTuple):
    """A time of day."""

    hours: int
    minutes: int
    seconds: int | None
    """`None` if the time has no seconds or 0 seconds."""

    before: str
    """The word before the time in lower case, or empty if there is none."""

    after: str
    """The word after the time, or empty if there is none."""

    has_hours: bool = False
    """Whether a word or symbol for hours follows the time."""


Clock = Callable[[Time], str]


def dates(locale: Locale, calendar: Calendar, clock: Clock) -> list[Rule]:
    """Returns the rules for numeric dates and for abbreviated names of months and weekdays."""
    return _Dates(locale, calendar, clock).rules()


class _Dates:
    def __init__(self, locale: Locale, calendar: Calendar, clock: Clock) -> None:
        self._locale = locale
        self._months = locale.months
        self._calendar = calendar
        self._clock = clock
        self._of = f" {calendar.of} " if calendar.of else " "

    def rules(self) -> list[Rule]:
        calendar = self._calendar
        name = rf"(?P<name>(?i:{any_of(calendar.short_months)}))"
        joint = rf"(?:{SPACE}(?:{calendar.of or 'de'}{SPACE})?)"
        year = rf"{_YEAR}(?![\p{{L}}\p{{N}}]|[.,:]\p{{N}})"
        rules: list[tuple[str, Callable[[Match], str | None], Needs]] = [
            (self._weekday_pattern(joint), self._weekday, COUNTS),
            *self._numeric_patterns(),
            # Without a dot, the abbreviation could be an ordinary word, so a year must follow it.
            (
                rf"{START}{_DAY}{_FIRST}(?:{joint}|-){name}(?:\.?(?:{joint}|-){year}|\.(?!\p{{L}}))",
                self._date_with_dot,
                COUNTS,
            ),
            (rf"{START}{_DAY}{_FIRST}{joint}{name}(?![\p{{L}}\p{{N}}.'’-])", self._date_in_words, COUNTS),
            (rf"(?<!\p{{L}}|[0-9]{SPACE}){name}(?:\.{joint}|\.?/){year}", self._month_and_year, COUNTS),
        ]
        if calendar.first != "1":
            first = rf"{START}0?1(?:er|º|°|\.º|\.er|ᵉʳ)?(?={joint}(?i:{any_of(self._months)})(?!\p{{L}}))"
            rules.append((first, lambda _: calendar.first, COUNTS))
        return [
            *dates_before_times(self._locale, self._date),
            month_ranges(
                self._months,
                calendar.short_months,
                "à|au|a|al|et|e|y|ou|o",
                joined_months(self._months, calendar.to, of=calendar.of),
            ),
            weekday_ranges(calendar.weekdays, calendar.to),
            *weekdays_between(calendar.weekdays, "à|au|a|al|et|e|y|ou|o"),
            *(Rule(lazy(pattern), replace, needs) for pattern, replace, needs in rules),
        ]

    def _weekday_pattern(self, joint: str) -> str:
        months = any_of((*self._months, *self._calendar.short_months))
        date = rf"(?P<date>(?={SPACE}[0-3]?[0-9]{joint}(?i:{months})(?!\p{{L}})))?"
        weekday = rf"(?<![\p{{L}}.])(?P<weekday>(?i:{any_of(self._calendar.weekdays)}))\.?(?P<comma>,?)"
        return rf"{weekday}{date}(?={SPACE}[0-3]?[0-9](?:{SPACE}|/))"

    def _numeric_patterns(self) -> list[tuple[str, Callable[[Match], str | None], Needs]]:
        zone = r"(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
        iso = rf"{START}{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
        iso_time = rf"(?:(?:T|{SPACE})(?P<hours>[0-2][0-9]):{_MINUTES}(?::{_SECONDS}{zone})?)?"
        short_year = r"(?P<year>[12][0-9]{3}|[0-9]{2})"
        words = rf"(?i:(?P<day_word>{self._calendar.before_day})|{self._calendar.before_date})"
        words = words.replace(" ", SPACE)
        before = rf"(?<=(?<!\p{{L}})(?:{words},?{SPACE}|(?P<elided>l|dell|all|dall)['’]))"
        no_year = rf"{before}{_DAY}(?:(?<=(?<![0-9])1)[º°])?/{_MONTH}{END}(?P<clear>{_CLEAR})?"
        return [
            (iso + iso_time + END, self._date, ("-", has_digits(8))),
            (
                rf"{START}{_DAY}(?:(?<=(?<![0-9])1)[º°])?(?P<mark>[-/.]){_MONTH}(?P=mark){short_year}{END}",
                self._date,
                ("-/.", has_digits(4)),
            ),
            (no_year, self._date_without_year, ("/", *COUNTS)),
        ]

    def _month(self, short_name: str) -> str:
        return self._months[self._calendar.short_months[short_name.casefold()] - 1]

    def _date(self, match: Match) -> str | None:
        fields = match.groupdict()
        name, day, year = fields.get("name"), int(fields["day"]), _year(fields.get("year"))
        if not name and not is_day(day, fields["month"], year):
            return None
        month = self._month(name) if name else self._months[int(fields["month"]) - 1]
        text = f"{self._calendar.first if day == 1 else day}{self._of}{month}"
        if year:
            text += f"{self._of}{year}"
        if fields.get("hours"):
            seconds = int(fields["seconds"] or 0) or None
            text += ", " + self._clock(Time(int(fields["hours"]), int(fields["minutes"]), seconds, "", ""))
        return text

    def _date_without_year(self, match: Match) -> str | None:
        is_fraction = int(match["day"]) < int(match["month"]) and not match["day"].startswith("0")
        if is_fraction and ((match["day_word"] is None and match["elided"] is None) or match["clear"] is None):
            return None
        return self._date(match)

    def _date_with_dot(self, match: Match) -> str | None:
        ends = match[0].endswith(".") and match.end() == len(match.string)
        return f"{self._date(match)}{'.' if ends else ''}"

    def _date_in_words(self, match: Match) -> str | None:
        name = match["name"].casefold()
        if name in self._months:
            return None
        before = _WORD_BEFORE.search(match.string[max(0, match.start() - 20) : match.start()])
        is_settled = before is not None and before[1].casefold() in self._calendar.weekdays.values()
        return self._date(match) if is_settled or name not in _WORDS else None

    def _month_and_year(self, match: Match) -> str:
        return f"{self._month(match['name'])}{self._of}{match['year']}"

    def _weekday(self, match: Match) -> str | None:
        if "." not in match[0] and not match["comma"] and match["date"] is None:
            return None
        return self._calendar.weekdays[match["weekday"].casefold()] + match["comma"]


def _year(written: str | None) -> str | None:
    if written is None or len(written) > 2:
        return written
    return ("20" if int(written) <= _LAST_YEAR_OF_THIS_CENTURY else "19") + written


def times(
    clock: Clock, count: Callable[[str, int], str], *, conjunction: str, before_clock: str, hours: str
) -> list[Rule]:
    """Returns the rules for times of day and durations.

    `count` returns the words for a number of hours (`h`), minutes (`min`) or seconds (`s`), such as `una hora`.
    `conjunction` joins the last two parts of a duration and may be empty. `before_clock` is a pattern for words before
    a time of day; without such a word, a time with seconds is read as a duration. `hours` is a pattern for the word or
    symbol that may follow a time.
    """

    def time(match: Match) -> str | None:
        fields = match.groupdict()
        before = _WORD.findall(match.string[max(0, match.start() - 20) : match.start()])
        after = _WORD_BEHIND.match(match.string[match.end() : match.end() + 20])
        seconds = fields.get("seconds")
        if before and before[-1].casefold() in _BEFORE_DURATION and not fields.get("suffix"):
            return duration(match)
        return clock(
            Time(
                int(fields["hours"]),
                int(fields["minutes"]),
                int(seconds) if seconds and int(seconds) else None,
                before[-1].casefold() if before else "",
                after[1] if after else "",
                bool(fields.get("suffix")),
            )
        )

    def duration(match: Match) -> str:
        fields = match.groupdict()
        counts = [
            (unit, int(fields.get(name) or 0)) for unit, name in (("h", "hours"), ("min", "minutes"), ("s", "seconds"))
        ]
        parts = [count(unit, number) for unit, number in counts if number]
        return say_duration(parts or [count("s", 0)], conjunction)

    minute, second = rf"{SPACE}?(?:min(?:\.(?={_GOES_ON}))?|mn|m|['′])", rf"{SPACE}?(?:s|seg\.?|sec\.?|sek|\"|″)"
    counted_minute = rf"{SPACE}?min(?:ut[eio]s?|\.(?={_GOES_ON}))?"
    before_clock = before_clock.replace(" ", SPACE)
    hour = rf"{SPACE}?(?:{hours})"
    suffix = rf"(?P<suffix>{hour})"
    end = r"(?![\p{L}\p{N}/²³])"
    amount = r"[0-9]{1,3}"
    minutes, seconds = rf"{SPACE}?(?P<minutes>[0-9]{{1,2}})", rf"{SPACE}?(?P<seconds>[0-9]{{1,2}}){second}"
    rules: list[tuple[str, Callable[[Match], str | None], Needs]] = [
        (rf"{START}{_HOURS}:{_MINUTES}:{_SECONDS}{suffix}{end}", time, ":"),
        (rf"(?<=(?<!\p{{L}})(?i:{before_clock}){SPACE}){_HOURS}:{_MINUTES}:{_SECONDS}{END}", time, ":"),
        (rf"{START}(?P<hours>{amount}):{_MINUTES}:{_SECONDS}(?:[.,][0-9]{{1,6}})?{END}", duration, ":"),
        (rf"{START}(?P<hours>{amount}){hour}{minutes}(?:{minute}{seconds}|{minute}){end}", duration, COUNTS),
        (rf"{START}(?P<minutes>{amount}){minute}{seconds}{end}", duration, has_digits(2)),
        (rf"{START}(?P<minutes>{amount}):{_SECONDS}{counted_minute}{end}", duration, ":"),
        (rf"{START}{_HOURS}{SPACE}?[hH]{SPACE}?{_MINUTES}{end}(?![.,:][0-9])", time, COUNTS),
        (rf"{START}{_HOURS}:{_MINUTES}(?:{suffix}(?:\.(?={_GOES_ON}))?{end}|{END})", time, ":"),
    ]
    return [Rule(lazy(pattern), replace, needs) for pattern, replace, needs in rules]


def say_duration(parts: Sequence[str], conjunction: str) -> str:
    """Joins the parts of a duration, such as `tres horas` and `veinte minutos`. `conjunction` may be empty."""
    if not conjunction or len(parts) == 1:
        return " ".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"
