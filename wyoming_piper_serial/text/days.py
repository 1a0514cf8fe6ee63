"""Days and months as they are written in dates."""

import calendar

YEAR_FIRST = (
    r"(?P<year>(?:1[89]|20)[0-9]{2})\.(?:(?P<space>[ \u00a0\u202f])(?P<month>0?[1-9]|1[0-2])\.(?P=space)"
    r"(?P<day>0?[1-9]|[12][0-9]|3[01])|(?P<month>0[1-9]|1[0-2])\.(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?:(?<=\.0[1-9](?:\.[0-9]{2})?)|(?=\.)))(?![0-9]|[.,:][0-9])"
)
"""A pattern for dates with dots in which the year comes first, such as `2026.10.03` and `2026. 10. 3.`

Without spaces, the month or the day must have a leading zero, or a dot must follow two digits. Versions of programs,
such as `2026.10.3`, are numbered without leading zeros.
"""

_LEAP_YEAR = 2000  # stands for an unknown year, so that 29 February is a day


def is_day(day: int | str, month: int | str, year: str | None = None) -> bool:
    """Returns whether the month has the day. 29 February is a day of a leap year and of an unknown year.

    `day` and `month` are numbers or their digits. `year` has two or four digits, or is empty or `None` if unknown.
    """
    return 1 <= int(month) <= 12 and 1 <= int(day) <= calendar.monthrange(int(year or _LEAP_YEAR), int(month))[1]


def is_written_as_date(day: str, month: str, *, is_spaced: bool) -> bool:
    """Returns whether a day and a month with a dot between them, such as `3. 10` and `03.10`, are a date rather than a
    decimal number. `is_spaced` says whether a space follows the dot.
    """
    return is_spaced or day.startswith("0") or month.startswith("0")
