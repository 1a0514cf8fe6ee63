"""German rules for dates, times and durations."""

from collections.abc import Mapping, Sequence

import regex

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import (
    DASH,
    END,
    SPACE,
    START,
    any_of,
    listed,
    table,
    weekday_ranges,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.conditions import follows_number, has_beginning
from wyoming_piper_serial.text.preparation.languages.de_numerals import DETERMINED, ending, one, ordinal, year
from wyoming_piper_serial.text.preparation.month_ranges import month_ranges
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, RANGES, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end

_MONTHS = listed("Januar Februar März April Mai Juni Juli August September Oktober November Dezember")
_SHORT_MONTHS = {
    "Jan": 1,
    "Jän": 1,
    "Feb": 2,
    "Mrz": 3,
    "Mär": 3,
    "Apr": 4,
    "Jun": 6,
    "Jul": 7,
    "Aug": 8,
    "Sep": 9,
    "Sept": 9,
    "Okt": 10,
    "Nov": 11,
    "Dez": 12,
}
_WEEKDAYS = table(
    "Mo = Montag | Di = Dienstag | Mi = Mittwoch | Do = Donnerstag | Fr = Freitag | Sa = Samstag | So = Sonntag"
)
_MONTH = rf"(?P<name>{any_of([*_MONTHS, 'Jänner', 'Feber'])}(?!\p{{L}})|{any_of(_SHORT_MONTHS)}(?:\.|(?![\p{{L}}.])))"
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_YEAR = r"(?P<year>[12][0-9]{3})(?![\p{N}\p{L}]|[.,:/-]\p{N})"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_UHR = rf"(?P<uhr>{SPACE}?(?:Uhr|h)(?!\p{{L}}))"
_BEFORE_CLOCK = {"um", "ab", "bis", "vor", "nach", "gegen", "seit", "zwischen"}
# Words before a duration, such as `noch 1:30 h`.
_BEFORE_DURATION = {"noch", "dauer", "dauert", "laufzeit", "restzeit", "restlaufzeit", "insgesamt"}
_BEFORE_DAY = {*DETERMINED, "bis", "ab", "seit", "und", *(day.casefold() for day in _WEEKDAYS.values())}
# Words before a ratio or a score, such as 2:10.
_BEFORE_RATIO = {"verhältnis", "maßstab", "format", "steht", "stand", "endet", "endete", "gewann", "gewannen", "verlor"}
# A four-digit number is a year unless the text around it shows that it is a quantity or a code.
_BARE_YEAR = (
    r"(?<![\p{L}\p{N}_/#§$€£+×=-]|[\p{N}][.,:]|[§$€£+×=−-][ \u00a0\u2009\u202f]|"
    r"(?:Nr|Nummer|Zimmer|Raum|Seite|Artikel|Port|Modell|Typ|"
    r"Fehler|Kanal|Platz|PLZ|Postfach)\.?[ \u00a0\u2009\u202f])1[1-9][0-9]{2}"
    r"(?![\p{L}\p{N}_/-]|[.,:]\p{N}|[ \u00a0\u2009\u202f]?[%°€$£+×=*/−]|"
    r"[ \u00a0\u2009\u202f](?:\p{Lu}|(?:[mkcµd]?[mglWsA]|k?cal|kg|km|min|ms|mal|x|ppm|bar|mbar|lx|lm|qm)(?!\p{L})))"
)


def date_rules() -> Sequence[Rule]:
    """Returns the rules for dates and years."""
    iso = rf"{START}(?P<year>[12][0-9]{{3}})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    zone = r"(?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    iso_time = rf"(?:(?:T|,?{SPACE}){_HOURS}:{_MINUTES}{zone}(?:{SPACE}Uhr(?!\p{{L}}))?)?"
    short_year = rf"(?P<year>[0-9]{{4}}|[0-9]{{2}}(?!{SPACE}?Uhr|[0-9]))"
    numeric = rf"{START}{_DAY}\.{SPACE}?(?P<month>0?[1-9]|1[0-2])\.(?:{SPACE}?{short_year})?{END}"
    slashed = rf"{START}{_DAY}/(?P<month>0?[1-9]|1[0-2])/(?P<year>[12][0-9]{{3}}){END}"
    named = rf"{START}{_DAY}\.{SPACE}{{0,2}}{_MONTH}(?:{SPACE}{_YEAR})?"
    month_year = rf"(?<!\p{{L}}){_MONTH}{SPACE}{_YEAR}"
    span = rf"(?<={START}(?:0?[1-9]|[12][0-9]|3[01])\.){SPACE}?{DASH}{SPACE}?(?={_DAY}\.{SPACE}?(?:{_MONTH}|1?[0-9]\.))"
    hours = r"[0-9]{1,2}(?:[:.][0-5][0-9])?"
    clock = rf"{hours}(?:{SPACE}?{DASH}{SPACE}?{hours})?{SPACE}?Uhr(?!\p{{L}})|[0-9]{{1,2}}:[0-5][0-9](?![0-9])"
    weekday = (
        rf"(?<![\p{{L}}]){any_of(_WEEKDAYS)}(?:(?:\.,?|,)(?={SPACE}(?:(?:de[mnr]{SPACE})?[0-9]{{1,2}}\.|{clock}))"
        rf"|(?<!So)(?={SPACE}(?:{clock})))"
    )
    decade = rf"{START}(?P<decade>1[1-9][0-9]0)er(?![\p{{Ll}}])"
    has_month = has_beginning([*_MONTHS, *_SHORT_MONTHS, "Feber"], 3)
    return [
        month_ranges(_MONTHS, _SHORT_MONTHS, "bis|und|oder", _months),
        weekday_ranges(_WEEKDAYS, "bis"),
        Rule(lazy(weekday), _weekday, COUNTS),
        Rule(lazy(span), lambda _: " bis ", (*RANGES, ".")),
        Rule(lazy(iso + iso_time + END), _date, ("-", has_digits(8))),
        Rule(lazy(numeric), _date, (".", has_digits(2))),
        Rule(lazy(slashed), _date, ("/", has_digits(6))),
        Rule(lazy(named), _date, (DIGITS, has_month)),
        Rule(
            lazy(month_year), lambda match: f"{_month(match['name'])} {year(int(match['year']))}", (DIGITS, has_month)
        ),
        Rule(lazy(decade), lambda match: year(int(match["decade"])) + "er", (DIGITS, follows_number("e", "0"))),
    ]


def date_before_time(match: Match) -> str:
    """Returns the words for a day and a month before a time."""
    return f"{ordinal(int(match['day']), _date_ending(match))} {_MONTHS[int(match['month']) - 1]}"


def time_rules() -> Sequence[Rule]:
    """Returns the rules for times of day, durations and ratios. They are applied after the rules for dates."""
    units = rf"{SPACE}?(?:m|min|Min\.?)(?![\p{{L}}\p{{N}}])"
    short = rf"{START}(?P<hours>[0-9]{{1,3}}){SPACE}?(?:h|Std\.?){SPACE}?(?P<minutes>[0-9]{{1,2}}){units}"
    hours = rf"(?:{SPACE}?(?:Std\.?|Stunden|h)(?!\p{{L}}))?"
    duration = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}:{_SECONDS}(?:\.[0-9]{{1,6}})?{hours}{END}"
    counted = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}{SPACE}?(?:Std\.?|Stunden?)(?![\p{{L}}\p{{N}}])"
    short_of_hour = rf"{START}(?P<minutes>[0-9]{{1,3}}):{_SECONDS}{SPACE}?(?:min|Min\.?|Minuten)(?![\p{{L}}\p{{N}}])"
    full = rf"{START}(?P<hours>1|0[0-9]){SPACE}?Uhr(?!\p{{L}})"
    ratio = rf"{START}(?P<first>[0-9]{{1,4}}):(?P<second>[0-9]{{1,6}}){END}"
    return [
        Rule(lazy(short), _short_duration, COUNTS),
        Rule(lazy(rf"{START}{_HOURS}:{_MINUTES}:{_SECONDS}{_UHR}"), _time, ":"),
        Rule(lazy(duration), _duration_or_time, ":"),
        Rule(lazy(counted), _short_duration, ":"),
        Rule(lazy(short_of_hour), _short_duration, ":"),
        Rule(lazy(rf"{START}{_HOURS}:{_MINUTES}{_UHR}?{END}"), _time, ":"),
        Rule(lazy(rf"{START}{_HOURS}\.{_MINUTES}{_UHR}"), _time, COUNTS),
        Rule(lazy(full), lambda match: _clock(int(match["hours"]), 0), COUNTS),
        Rule(lazy(ratio), lambda match: f"{int(match['first'])} zu {int(match['second'])}", ":"),
    ]


def year_rules() -> Sequence[Rule]:
    """Returns the rule for years that are not part of a date. It is applied after the rules for all other numbers."""
    return [Rule(lazy(_BARE_YEAR), lambda match: year(int(match[0])), has_digits(4))]


def _months(first: int, last: int, written_year: str, match: Match) -> str:
    words = f"{_MONTHS[first - 1]} {match['word'] or 'bis'} {_MONTHS[last - 1]}"
    return f"{words} {year(int(written_year))}" if written_year else words


def _month(name: str) -> str:
    short = name.rstrip(".")
    return _MONTHS[_SHORT_MONTHS[short] - 1] if short in _SHORT_MONTHS else name


def _weekday(match: Match) -> str:
    weekday = _WEEKDAYS[match[0].rstrip(".,")]
    return weekday + "," * (match[0] != match[0].rstrip(".,"))


def _date(match: Match) -> str | None:
    fields = match.groupdict()
    if "name" in fields:
        month = _month(fields["name"])
    elif not is_day(fields["day"], fields["month"], fields["year"]) or (
        fields["year"] is None and not _BEFORE_DAY.intersection(words_before(match)[:1])
    ):
        return None
    else:
        month = _MONTHS[int(fields["month"]) - 1]
    if "name" not in fields and fields["year"] and word_before(match) in {"ist", "war", "wird"}:
        words = f"der {ordinal(int(fields['day']), 'e')} {month}"
    elif _follows_weekday_in_dative(match):
        words = f"dem {ordinal(int(fields['day']), 'en')} {month}"
    else:
        words = f"{ordinal(int(fields['day']), _date_ending(match))} {month}"
    if fields["year"]:
        words += f" {year(int(fields['year']))}"
    elif match[0].endswith(".") and match.end() == len(match.string):
        words += "."
    if fields.get("hours"):
        words += f", {_clock(int(fields['hours']), int(fields['minutes']))}"
    return words


def _follows_weekday_in_dative(match: Match) -> bool:
    """Returns whether a weekday after a preposition precedes the date, as in `am Montag, 6. Januar`."""
    weekday, preposition = [*words_before(match)[:2], "", ""][:2]
    is_weekday = weekday in {day.casefold() for day in _WEEKDAYS.values()}
    return is_weekday and preposition in {"am", "vom", "ab", "seit"}


def _date_ending(match: Match) -> str:
    before = words_before(match)
    start = match.string[: match.start()].rstrip()
    if before and before[0] in {"bis", "und", "oder"} and regex.search(r"[0-9.]\s*\p{L}+\Z", start[-12:]):
        return ending(before[1:] or ["am"], is_date=True)
    return ending([] if start.endswith((",", ":", "(", ".")) else before[:2], is_date=True)


def _clock(hours: int, minutes: int) -> str:
    hour = "ein" if hours == 1 else str(hours)
    return f"{hour} Uhr" + (f" {minutes}" if minutes else "")


def _time(match: Match) -> str | None:
    fields = match.groupdict()
    before = words_before(match)[:2]
    if not fields.get("uhr") and _BEFORE_RATIO.intersection(before):
        return None
    if (fields.get("uhr") or "").endswith("h") and _BEFORE_DURATION.intersection(before):
        return _short_duration(match)
    words = _clock(int(match["hours"]), int(match["minutes"]))
    if fields.get("seconds") and int(fields["seconds"]):
        seconds = int(fields["seconds"])
        words += " und eine Sekunde" if seconds == 1 else f" und {seconds} Sekunden"
    return words


def _duration_or_time(match: Match) -> str | None:
    before = word_before(match)
    if (before in _BEFORE_CLOCK and int(match["hours"]) < 25) or (before == "ist" and len(match["hours"]) == 2):
        return _time(match)
    return _duration(match)


def _short_duration(match: Match) -> str:
    return with_end(match, _duration(match))


def compact_duration(counts: Mapping[str, int], match: Match) -> str:
    """Returns the words for a duration such as `2d 3h`."""
    nouns = {
        "d": ("Tag", "Tage"),
        "h": ("Stunde", "Stunden"),
        "min": ("Minute", "Minuten"),
        "s": ("Sekunde", "Sekunden"),
    }
    return " ".join(
        f"{one(match, 'm' if unit == 'd' else 'f')} {nouns[unit][0]}" if count == 1 else f"{count} {nouns[unit][1]}"
        for unit, count in counts.items()
    )


def _duration(match: Match) -> str:
    fields, one_of_feminine = match.groupdict(), one(match, "f")
    counts = [
        (int(fields.get(name) or 0), noun)
        for name, noun in (("hours", "Stunde"), ("minutes", "Minute"), ("seconds", "Sekunde"))
    ]
    words = [f"{one_of_feminine} {noun}" if count == 1 else f"{count} {noun}n" for count, noun in counts if count]
    return " ".join(words) or "0 Sekunden"
