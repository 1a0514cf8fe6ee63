"""The calendar decides whether a month has a day, and the way of writing whether a number is a date."""

import pytest
import regex

from wyoming_piper_serial.text.days import YEAR_FIRST, is_day, is_written_as_date


@pytest.mark.parametrize(
    ("day", "month", "year", "expected"),
    [
        (31, 1, None, True),
        ("31", "04", None, False),
        ("0", "4", None, False),
        (5, 13, None, False),
        (5, 0, None, False),
        ("29", "2", None, True),
        ("29", "2", "", True),
        ("29", "02", "2024", True),
        ("29", "02", "2026", False),
        ("29", "02", "1900", False),
        ("29", "02", "24", True),
        ("29", "02", "00", True),
        ("29", "02", "26", False),
        ("28", "02", "2026", True),
        ("30", "02", "2024", False),
    ],
)
def test_month_has_the_day(day: int | str, month: int | str, year: str | None, expected: bool) -> None:
    """29 February is a day of leap years only, and of a date without a year."""
    assert is_day(day, month, year) is expected


@pytest.mark.parametrize(
    ("day", "month", "is_spaced", "expected"),
    [("3", "10", True, True), ("03", "10", False, True), ("3", "05", False, True), ("3", "10", False, False)],
)
def test_spaces_and_leading_zeros_show_a_date(day: str, month: str, is_spaced: bool, expected: bool) -> None:
    """Without either, the two numbers can be a decimal number."""
    assert is_written_as_date(day, month, is_spaced=is_spaced) is expected


@pytest.mark.parametrize("text", ["2026.10.03", "2026.03.10", "2026. 10. 3.", "2026. 3. 10", "2026.11.12."])
def test_date_with_the_year_first(text: str) -> None:
    assert regex.match(YEAR_FIRST, text)


@pytest.mark.parametrize("text", ["2026.10.3", "2026.11.12", "2026.13.03", "2026.10.03.1", "1026.10.03", "2026.10. 03"])
def test_version_has_no_leading_zeros(text: str) -> None:
    """Programs are numbered by year and month without leading zeros, such as Home Assistant 2026.11.2."""
    assert not regex.match(YEAR_FIRST, text)
