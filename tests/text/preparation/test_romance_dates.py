"""Dates, times and durations are read in the Romance languages."""

import pytest

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Rule, Rules
from wyoming_piper_serial.text.preparation.romance_dates import Calendar, Time, dates, say_duration, times

_SPANISH = Locale.of("es")
_CALENDAR = Calendar(
    short_months={"ene": 1, "oct": 10, "set": 9, "mayo": 5},
    weekdays={"lun": "lunes", "mar": "martes"},
    first="primero",
    of="de",
    before_day="el",
    before_date="hasta",
    to="a",
)


def _clock(time: Time) -> str:
    seconds = f" {time.seconds}s" if time.seconds else ""
    return f"<{time.before}|{time.hours} {time.minutes}{seconds}|{time.after}{'|h' if time.has_hours else ''}>"


def _applied(text: str, rules: list[Rule]) -> str:
    passage = Passage(text)
    Rules(*rules).apply(passage)
    return passage.text


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("3/10/2024", "3 de octubre de 2024"),
        ("01.10.24", "primero de octubre de 2024"),
        ("31-12-99", "31 de diciembre de 1999"),
        ("2024-10-03", "3 de octubre de 2024"),
        ("2024-10-03T18:05:10.5Z", "3 de octubre de 2024, <|18 5 10s|>"),
        ("2024-10-03 18:05", "3 de octubre de 2024, <|18 5|>"),
        ("el 3/10.", "el 3 de octubre."),
        ("lun-mar, de lun. a mar.", "lunes a martes, de lunes a martes."),
        ("Lun. y mar. son", "Lunes y martes son"),
        ("lun. a las 5, mar y sol", "lun. a las 5, mar y sol"),
        ("el 3/10 de", "el 3/10 de"),
        ("hasta 15/3", "hasta 15 de marzo"),
        ("hasta 3/10", "hasta 3/10"),
        ("3/10", "3/10"),
        ("3 oct. 2024", "3 de octubre de 2024"),
        ("3 de oct. de 2024", "3 de octubre de 2024"),
        ("3-oct-2024", "3 de octubre de 2024"),
        ("3 oct.", "3 de octubre."),
        ("3 oct. y", "3 de octubre y"),
        ("3 oct", "3 de octubre"),
        ("3 set", "3 set"),
        ("lunes 3 set", "lunes 3 de septiembre"),
        ("oct. 2024", "octubre de 2024"),
        ("lun. 3 oct.", "lunes 3 de octubre."),
        ("lun, 3 de octubre", "lunes, 3 de octubre"),
        ("mar 3 oct", "martes 3 de octubre"),
        ("mar 3 veces", "mar 3 veces"),
        ("1 de mayo", "primero de mayo"),
        ("1.º de mayo", "primero de mayo"),
        ("3 mayo", "3 mayo"),
        ("3/10-2024", "3/10-2024"),
        ("33/10/2024", "33/10/2024"),
        ("3/13/2024", "3/13/2024"),
        ("1.2.3.2024", "1.2.3.2024"),
    ],
)
def test_dates(text: str, spoken: str) -> None:
    """Numeric and abbreviated dates are read if they are unambiguous."""
    assert _applied(text, dates(_SPANISH, _CALENDAR, _clock)) == spoken


def test_the_first_day_can_be_an_ordinary_numeral() -> None:
    """If a language has no special word for the first day of a month, "1" before a month is not changed."""
    rules = dates(_SPANISH, _CALENDAR._replace(first="1", of=""), _clock)
    assert _applied("1/10/2024 y 1 mayo", rules) == "1 octubre 2024 y 1 mayo"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("a las 18:45 de", "a las <las|18 45|de> de"),
        ("18h45", "<|18 45|>"),
        ("18 h 45", "<|18 45|>"),
        ("18:45 h", "<|18 45||h>"),
        ("18:45 h. y", "<|18 45|y|h> y"),
        ("18:45 h.", "<|18 45||h>."),
        ("a las 18:45:30", "a las <las|18 45 30s|>"),
        ("18:45:30 horas", "<|18 45 30s||h>"),
        ("18:45:00 horas", "<|18 45||h>"),
        ("1:30:00", "1h and 30min"),
        ("0:00:00", "0s"),
        ("10:01:05.5", "10h, 1min and 5s"),
        ("3 h 20 min", "3h and 20min"),
        ("3h20m10s", "3h, 20min and 10s"),
        ("5m 30s", "5min and 30s"),
        ("5' 30\"", "5min and 30s"),
        ("25:30", "25:30"),
        ("3:2", "3:2"),
        ("18:45:3", "18:45:3"),
        ("1:18:45:30", "1:18:45:30"),
        ("5 m 30 cm", "5 m 30 cm"),
        ("a18h45", "a18h45"),
    ],
)
def test_times(text: str, spoken: str) -> None:
    """The callback for times of day receives the words around the time. Durations are read with the names of their
    units.
    """
    rules = times(
        _clock, lambda unit, number: f"{number}{unit}", conjunction="and", before_clock="las", hours="horas?|h"
    )
    assert _applied(text, rules) == spoken


def test_durations_are_joined() -> None:
    """A conjunction or, without one, a space precedes the last part of a duration."""
    assert say_duration(["a"], "y") == "a"
    assert say_duration(["a", "b", "c"], "y") == "a, b y c"
    assert say_duration(["a", "b"], "") == "a b"
