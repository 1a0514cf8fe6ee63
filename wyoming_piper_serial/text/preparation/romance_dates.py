"""Builds the rules for dates, times and durations that French, Spanish, Italian and Portuguese share."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import regex

from wyoming_piper_serial.text.preparation.builders import END, SPACE, START, any_of
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Match, Rule

_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>[12][0-9]{3})"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_GOES_ON = rf"{SPACE}?[\p{{Ll}}\p{{N}},;)]"  # what stands behind a dot that does not end the sentence
# What stands behind a date without year, but not behind a fraction.
_CLEAR = (
    rf"(?={SPACE}?(?:\Z|[.,;:!?)»\"])|{SPACE}(?:à|au|a|al|alle|dalle|às|as|por|para|en|em|est|es|è|é|et|y|e|u|o|ou|"
    rf"era|fu|sarà|será|sera|il|on|hay|\p{{Lu}}\p{{L}}+)(?!\p{{L}}))"
)
_LAST_YEAR_OF_THIS_CENTURY = 69  # of years with two digits, as in POSIX


class Calendar(NamedTuple):
    """The words of dates in one language."""

    short_months: Mapping[str, int]
    """Abbreviated names without dot, and the numbers of their months."""

    weekdays: Mapping[str, str]
    """Abbreviated names without dot, and the names."""

    first: str
    """What is said for the first day of a month; `1` if it is as the numeral."""

    of: str
    """The word between day and month; may be empty."""

    before_day: str
    """A pattern for words before a date without year that may also be a fraction, such as `el 3/10`."""

    before_date: str
    """A pattern for further words before a date without year."""


class Time(NamedTuple):
    """A time of day."""

    hours: int
    minutes: int
    seconds: int | None
    before: str
    """The word before the time, in lower case; empty if there is none."""

    after: str
    """The word behind the time; empty if there is none."""


Clock = Callable[[Time], str]


def dates(locale: Locale, calendar: Calendar, clock: Clock) -> list[Rule]:
    """Returns the rules for dates in numbers and for abbreviated names of months and weekdays."""
    of = f" {calendar.of} " if calendar.of else " "

    def say(day: int, month: str, year: str | None) -> str:
        text = f"{calendar.first if day == 1 else day}{of}{month}"
        return f"{text}{of}{year}" if year else text

    def date(match: Match) -> str | None:
        fields = match.groupdict()
        name = fields.get("name")
        month = calendar.short_months[name.casefold()] if name else int(fields["month"])
        text = say(int(fields["day"]), locale.months[month - 1], _year(fields.get("year")))
        if fields.get("hours"):
            seconds = int(fields["seconds"] or 0) or None
            text += ", " + clock(Time(int(fields["hours"]), int(fields["minutes"]), seconds, "", ""))
        return text

    zone = r"(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    iso = rf"{START}{_YEAR}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    iso_time = rf"(?:(?:T|{SPACE})(?P<hours>[0-2][0-9]):{_MINUTES}(?::{_SECONDS}{zone})?)?"
    short_year = r"(?P<year>[12][0-9]{3}|[0-9]{2})"
    numeric = rf"{START}{_DAY}(?P<mark>[-/.]){_MONTH}(?P=mark){short_year}{END}"
    words = rf"(?i:(?P<day_word>{calendar.before_day})|{calendar.before_date})"
    no_year = rf"(?<=(?<!\p{{L}}){words},?{SPACE}){_DAY}/{_MONTH}{END}(?P<clear>{_CLEAR})?"
    name = rf"(?P<name>(?i:{any_of(calendar.short_months)}))"
    joint = rf"(?:{SPACE}(?:{calendar.of or 'de'}{SPACE})?)"
    last = rf"{_YEAR}(?![\p{{L}}\p{{N}}]|[.,:]\p{{N}})"
    # The name without dot may be a word, so a year has to follow.
    named = rf"{START}{_DAY}(?:{joint}|-){name}(?:\.?(?:{joint}|-){last}|\.(?!\p{{L}}))"
    month_year = rf"(?<!\p{{L}}|[0-9]{SPACE}){name}\.{joint}{last}"
    months = any_of(locale.months)
    all_months = any_of((*locale.months, *calendar.short_months))
    is_date = rf"(?P<date>(?={SPACE}[0-3]?[0-9]{joint}(?i:{all_months})(?!\p{{L}})))?"
    weekday = (
        rf"(?<![\p{{L}}.])(?P<weekday>(?i:{any_of(calendar.weekdays)}))\.?(?P<comma>,?){is_date}"
        rf"(?={SPACE}[0-3]?[0-9](?:{SPACE}|/))"
    )
    first = rf"{START}0?1(?:er|º|°|\.º|\.er|ᵉʳ)?(?={joint}(?i:{months})(?!\p{{L}}))"

    def date_without_year(match: Match) -> str | None:
        is_fraction = int(match["day"]) < int(match["month"]) and not match["day"].startswith("0")
        if is_fraction and (match["day_word"] is None or match["clear"] is None):
            return None
        return date(match)

    def of_weekday(match: Match) -> str | None:
        if "." not in match[0] and not match["comma"] and match["date"] is None:
            return None
        return calendar.weekdays[match["weekday"].casefold()] + match["comma"]

    def named_date(match: Match) -> str | None:
        text = date(match)
        ends = match[0].endswith(".") and match.end() == len(match.string)
        return f"{text}." if ends else text

    rules = [
        Rule(regex.compile(weekday), of_weekday),
        Rule(regex.compile(iso + iso_time + END), date),
        Rule(regex.compile(numeric), date),
        Rule(regex.compile(no_year), date_without_year),
        Rule(regex.compile(named), named_date),
        Rule(
            regex.compile(month_year),
            lambda match: f"{locale.months[calendar.short_months[match['name'].casefold()] - 1]}{of}{match['year']}",
        ),
    ]
    return rules if calendar.first == "1" else [*rules, Rule(regex.compile(first), lambda _: calendar.first)]


def _year(written: str | None) -> str | None:
    if written is None or len(written) > 2:
        return written
    return ("20" if int(written) <= _LAST_YEAR_OF_THIS_CENTURY else "19") + written


def times(locale: Locale, clock: Clock, *, conjunction: str, before_clock: str, hours: str) -> list[Rule]:
    """Returns the rules for times of day and durations.

    `conjunction` joins the last two parts of a duration; it may be empty. `before_clock` is a pattern for words before
    a time of day with seconds, which is a duration otherwise. `hours` is a pattern for the word or symbol that may
    stand behind a time.
    """

    def time(match: Match) -> str | None:
        fields = match.groupdict()
        before = regex.findall(r"[\p{L}’']+", match.string[max(0, match.start() - 20) : match.start()])
        after = regex.match(rf"{SPACE}([\p{{L}}.]+)", match.string[match.end() : match.end() + 20])
        seconds = fields.get("seconds")
        return clock(
            Time(
                int(fields["hours"]),
                int(fields["minutes"]),
                int(seconds) if seconds and int(seconds) else None,
                before[-1].casefold() if before else "",
                after[1] if after else "",
            )
        )

    def duration(match: Match) -> str:
        fields = match.groupdict()
        hours, minutes, seconds = (int(fields.get(name) or 0) for name in ("hours", "minutes", "seconds"))
        return say_duration(locale, hours, minutes, seconds, conjunction)

    minute, second = rf"{SPACE}?(?:min(?:\.(?={_GOES_ON}))?|mn|m|['′])", rf"{SPACE}?(?:s|seg\.?|sec\.?|sek|\"|″)"
    hour = rf"{SPACE}?(?:{hours})"
    end = r"(?![\p{L}\p{N}/²³])"
    amount = r"[0-9]{1,3}"
    return [
        Rule(regex.compile(rf"{START}{_HOURS}:{_MINUTES}:{_SECONDS}{hour}{end}"), time),
        Rule(regex.compile(rf"(?<=(?<!\p{{L}})(?i:{before_clock}){SPACE}){_HOURS}:{_MINUTES}:{_SECONDS}{END}"), time),
        Rule(
            regex.compile(rf"{START}(?P<hours>{amount}):{_MINUTES}:{_SECONDS}(?:[.,][0-9]{{1,6}})?{END}"),
            duration,
        ),
        Rule(
            regex.compile(
                rf"{START}(?P<hours>{amount}){hour}{SPACE}?(?P<minutes>[0-9]{{1,2}})(?:{minute}{SPACE}?"
                rf"(?P<seconds>[0-9]{{1,2}}){second}|{minute}){end}"
            ),
            duration,
        ),
        Rule(
            regex.compile(rf"{START}(?P<minutes>{amount}){minute}{SPACE}?(?P<seconds>[0-9]{{1,2}}){second}{end}"),
            duration,
        ),
        Rule(regex.compile(rf"{START}{_HOURS}{SPACE}?[hH]{SPACE}?{_MINUTES}{end}(?![.,:][0-9])"), time),
        Rule(regex.compile(rf"{START}{_HOURS}:{_MINUTES}(?:{hour}(?:\.(?={_GOES_ON}))?{end}|{END})"), time),
    ]


def say_duration(locale: Locale, hours: int, minutes: int, seconds: int, conjunction: str) -> str:
    """Returns a duration in words and digits, such as `3 horas y 20 minutos`."""
    parts = [
        locale.counted(unit, count) for unit, count in (("h", hours), ("min", minutes), ("s", seconds)) if count
    ] or [locale.counted("s", 0)]
    if not conjunction or len(parts) == 1:
        return " ".join(parts)
    return f"{', '.join(parts[:-1])} {conjunction} {parts[-1]}"
