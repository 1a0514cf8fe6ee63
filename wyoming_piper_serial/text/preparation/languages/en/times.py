"""English rules for times of day and durations."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.context import is_end, spaced, text_after, text_before
from wyoming_piper_serial.text.preparation.languages.en.numbers import cardinal, pair
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, INNER_DASHES, Match, Rule

_UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
_HALF_OF_DAY = r"[AaPp](?:\.\s?[Mm]\b\.?|[Mm]\b)"
_TIME = rf"\d{{1,2}}(?:[:.][0-5]\d)?+\s?{_HALF_OF_DAY}|\d{{1,2}}:[0-5]\d"


def clock(hour: int, minute: int) -> str:
    """Returns a time of day in words. `hour` is an hour of the 24-hour clock."""
    if not minute:
        if hour in (0, 24):
            return "midnight"
        return f"{cardinal(hour)} o'clock" if hour <= 12 else f"{cardinal(hour)} hundred"
    if hour == 0:
        return f"twelve {pair(minute)} AM"
    return f"{cardinal(hour)} {pair(minute)}"


def _quantity(number: int, unit: str) -> str:
    return f"{number} {unit}" + "s" * (number != 1)


def _joined(parts: list[str]) -> str:
    return " and ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else parts[0]


def _half_of_day(written: str) -> str:
    """Returns `AM` or `PM` for the written form, such as `a.m.`."""
    return f"{written[0].upper()}M"


def _with_half(match: Match) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if hour > 24:
        return None
    end = "." if match["half"].endswith(".") and is_end(match) else ""
    return cardinal(hour) + (f" {pair(minute)}" if minute else "") + f" {_half_of_day(match['half'])}{end}"


_REMAINS = lazy(r"\s(?:left|remaining|to\sgo|long|ago|elapsed)\b")


_TIMER = lazy(
    r"\b(?:countdown|timer|remaining|duration|length|left)(?::\s|\s(?:is|shows|at)(?:\sat)?\s)\Z", regex.IGNORECASE
)


def _time(match: Match) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour == 0 and (_REMAINS.match(text_after(match)) or _TIMER.search(text_before(match, 24))):
        return f"zero {pair(minute)}"
    if hour <= 24:
        return clock(hour, minute)
    # A number above 24 before the colon is a number of minutes.
    return f"{cardinal(hour)} {pair(minute) if minute else 'minutes'}"


_ASKS_FOR_CLOCK = lazy(
    r"(?:\b(?:at|since|until|till|before|after|by|from|it's|it is|time is|time:)\s|\A)\Z", regex.IGNORECASE
)


def _with_seconds(match: Match) -> str | None:
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    is_clock = match["half"] or _ASKS_FOR_CLOCK.search(text_before(match, 8))
    if is_clock and hour <= 24 and (match.start() or (len(match["hour"]) == 2 and hour)):
        half = f" {_half_of_day(match['half'])}" if match["half"] else ""
        seconds = f" and {_quantity(second, 'second')}" if second else ""
        return (
            cardinal(hour) + (f" {pair(minute)}" if minute else "") + half if half else clock(hour, minute)
        ) + seconds
    parts = [
        _quantity(number, unit) for number, unit in ((hour, "hour"), (minute, "minute"), (second, "second")) if number
    ]
    return _joined(parts or ["0 seconds"])


def _minutes(match: Match) -> str:
    return f"{_quantity(int(match['minute']), 'minute')} and {match['second'].removeprefix('0')} seconds"


def _duration(match: Match) -> str:
    parts = [
        _quantity(int(number), _UNITS[unit[0]])
        for number, unit in zip(match.captures("number"), match.captures("unit"), strict=True)
    ]
    return _joined(parts)


def _hours(match: Match) -> str:
    parts = [_quantity(int(match[name]), name) for name in ("hour", "minute") if int(match[name])]
    return _joined(parts or ["0 hours"])


def _minutes_and_seconds(match: Match) -> str:
    parts = [_quantity(int(match[name]), name) for name in ("minute", "second") if int(match[name])]
    return _joined(parts or ["0 minutes"])


def _military(match: Match) -> str:
    hour, minute = match[1][:2], int(match[1][2:])
    first = ("oh " if hour[0] == "0" and hour != "00" else "") + cardinal(int(hour))
    return f"{first} {pair(minute)} hours"


def rules(locale: Locale) -> list[Rule]:
    """Returns the rules for times. They are applied after the rules for dates and before the rules for ranges."""
    del locale
    return [
        Rule(
            lazy(
                rf"[-–](?:(?<=\b(?:\d{{1,2}}|{_TIME})\s?.)(?=\s?(?:{_TIME})(?![\w:]))"
                rf"|(?<=\b\d{{1,2}}(?:\s?{_HALF_OF_DAY}|:\d\d)\s?.)(?=\s?(?:\d|noon\b|midnight\b))"
                r"|(?<=\b(?i:noon|midnight)\s?.)(?=\s?\d))"
            ),
            lambda match: spaced(match, "to"),
            INNER_DASHES,
        ),
        Rule(
            lazy(
                r"(?<![\w.:,-])(?<hour>\d{1,2}):(?<minute>[0-5]\d):(?<second>[0-5]\d)(?:\.\d++)?"
                rf"(?:\s?(?<half>{_HALF_OF_DAY}))?(?![\w:-])"
            ),
            _with_seconds,
            ":",
        ),
        Rule(
            lazy(rf"(?<![\w.:,-])(?<hour>\d{{1,2}})(?:[:.](?<minute>[0-5]\d))?\s?(?<half>{_HALF_OF_DAY})(?!\w)"),
            _with_half,
            COUNTS,
        ),
        Rule(lazy(r"(?<![\w.:,/-])(?<hour>\d{1,3}):(?<minute>[0-5]\d)\s?(?:h|hrs?|hours?)(?![\w:/%°-])"), _hours, ":"),
        Rule(
            lazy(r"(?<![\w.:,/-])(?<minute>\d{1,3}):(?<second>[0-5]\d)\s?(?:mins?|minutes)(?![\w:/%°-])"),
            _minutes_and_seconds,
            ":",
        ),
        Rule(lazy(r"(?<![\w.:,/-])(?<hour>\d{1,2}):(?<minute>[0-5]\d)(?![\w:/%°-]|[.,]\d)"), _time, ":"),
        Rule(lazy(r"(?<![\w.:,-])(?<minute>\d{1,2}):(?<second>[0-5]\d\.\d{1,3})(?![\w:]|[.,]\d)"), _minutes, ":"),
        Rule(lazy(r"(?<![\w.:,-])((?:[01]\d|2[0-3])[0-5]\d)\s(?:hours|hrs)\b"), _military, COUNTS),
        Rule(
            lazy(
                r"(?<![\w.:,$€£-])(?:(?<number>\d{1,4})\s?(?<unit>d|hr?s?|m(?:ins?)?)(?!\p{L})[,\s]{0,2}(?=\d))++"
                r"(?<number>\d{1,4})\s?(?<unit>hr?s?|m(?:ins?)?|s(?:ecs?)?)(?!\w)"
            ),
            _duration,
            COUNTS,
        ),
    ]
