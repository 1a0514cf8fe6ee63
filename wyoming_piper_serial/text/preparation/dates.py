"""Core rules for all languages: ISO 8601 dates, dates with dots, and times with a colon. Pure."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule

_DATE = lazy(
    r"(?<![\w.:/+-])(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?:[T ](?P<time>[0-2][0-9]:[0-5][0-9])(?P<seconds>:[0-5][0-9])?"
    r"(?:[.,][0-9]{1,9})?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?)?"
    r"(?![\p{L}\p{N}_]|[-/:][0-9])"
)
# In dates with dots, the day comes first in all languages.
_POINTED_DATE = lazy(
    r"(?<![\w.,:/+-])(?P<day>0?[1-9]|[12][0-9]|3[01])\.(?P<space>[ \u00a0\u202f]?)(?P<month>0?[1-9]|1[0-2])\.(?P=space)"
    r"(?P<year>(?:1[89]|20)[0-9]{2})(?![\w/:-]|[.,][0-9])"
)
_TIME = lazy(
    r"(?<![\w.,:/+-])(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?![\w:/]|[.,][0-9])"
)


def dates(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for dates and times that the language's own rules have left unchanged."""

    def date(match: Match) -> str:
        text = locale.date(int(match["day"]), int(match["month"]), int(match["year"]))
        if not match["time"]:
            return text
        seconds = match["seconds"] or ""
        time = match["time"] + (seconds if seconds not in ("", ":00") else "")
        return f"{text} {time.replace(':', colon)}"

    def pointed(match: Match) -> str:
        return locale.date(int(match["day"]), int(match["month"]), int(match["year"]))

    def time(match: Match) -> str:
        return colon.join(part for part in match.groups() if part)

    colon = str(locale.data["colon"])
    rules = [Rule(_DATE, date, DIGITS), Rule(_POINTED_DATE, pointed, DIGITS)]
    # In some languages, espeak-ng reads the colon aloud.
    return rules if colon == ":" else [*rules, Rule(_TIME, time, DIGITS)]
