"""Polish rules for dates, years, times and durations."""

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
    grouped,
    listed,
    table,
    weekday_ranges,
    weekdays_between,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.conditions import follows_number, has_beginning
from wyoming_piper_serial.text.preparation.hours import minutes_and_seconds
from wyoming_piper_serial.text.preparation.languages.pl_numerals import cardinal, feminine, genitive, ordinal, plural
from wyoming_piper_serial.text.preparation.month_ranges import month_ranges
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, RANGES, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end

_MONTHS = listed("stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia")
_MONTHS_NOMINATIVE = listed(
    "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień"
)
_MONTHS_LOCATIVE = listed(
    "styczniu lutym marcu kwietniu maju czerwcu lipcu sierpniu wrześniu październiku listopadzie grudniu"
)
_SHORT_MONTHS = dict(zip(listed("sty lut mar kwi maj cze lip sie wrz paź lis gru"), _MONTHS, strict=True))
_NUMBERS_OF_MONTHS = {name: _MONTHS.index(month) + 1 for name, month in _SHORT_MONTHS.items()}
# The weekdays and their genitives.
_WEEKDAYS = table("""
    poniedziałek = poniedziałku | wtorek = wtorku | środa = środy | czwartek = czwartku | piątek = piątku
    sobota = soboty | niedziela = niedzieli
""")
_SHORT_WEEKDAYS = grouped("""
    poniedziałek = pn pon | wtorek = wt | środa = śr | czwartek = czw | piątek = pt | sobota = sob sb |
    niedziela = niedz nd
""")
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_YEAR = r"(?P<year>[12][0-9]{3})(?![\p{N}\p{L}]|[.,:/-]\p{N})"
_OF_YEAR = rf"(?P<of>{SPACE}?(?:roku(?!\p{{L}})|r\.(?!{SPACE}?ż)))?"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_IS = {"jest", "to", "był", "było", "będzie", "mamy", "data", "dziś", "dzisiaj", "jutro", "wczoraj", *_WEEKDAYS}
_LOCATIVE = {"po", "przed", "między", "pomiędzy", "a", "przy", "ku"}
_CLOCK_ENDINGS = grouped("""
    ej = o po od do około koło godzinie godziny okolicach |
    ą = na przed między pomiędzy nad godziną
""")
_BEFORE_OBJECT = {"na", "za", "przez", "o", "trwa", "potrwa", "zajmie"}
_BEFORE_GENITIVE = {"od", "do", "około", "koło", "powyżej", "poniżej", "dla", "bez"}
_RATIO = {"stosunku", "skala", "skali", "proporcji", "wynikiem", "wygrali", "wygrała", "wygrał", "przegrali", "wynik"}


def date_rules() -> Sequence[Rule]:
    """Returns the rules for dates and years, in order of application."""
    iso = rf"{START}(?P<year>[12][0-9]{{3}})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    zone = r"(?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    iso_time = rf"(?:(?:T|,?{SPACE}){_HOURS}:{_MINUTES}{zone})?"
    numeric = rf"{START}{_DAY}(?P<mark>[./-])(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<year>[12][0-9]{{3}}){END}{_OF_YEAR}"
    no_year = rf"{START}{_DAY}\.(?P<month>0[1-9]|1[0-2])(?P<year>)\.?(?![\p{{N}}\p{{L}}]|{SPACE}?(?:%|°|zł|\p{{Ll}}))"
    months = rf"(?:(?P<name>{any_of(_MONTHS)})|(?P<short>{any_of(set(_SHORT_MONTHS) - {'maj'})})\.?)(?!\p{{L}})"
    named = rf"{START}{_DAY}\.?(?:-?(?:go|ego))?{SPACE}{months}(?:,?{SPACE}{_YEAR}{_OF_YEAR})?"
    dash = rf"{SPACE}?{DASH}{SPACE}?"
    span = (
        rf"{START}(?P<first>0?[1-9]|[12][0-9]|3[01])\.?{dash}{_DAY}\.?{SPACE}"
        rf"(?P<name>{any_of(_MONTHS)})(?:{SPACE}{_YEAR}{_OF_YEAR})?"
    )
    start_of_span = (
        rf"(?<=(?<!\p{{L}})[Oo]d{SPACE}){_DAY}\.?(?={SPACE}do{SPACE}[0-9]{{1,2}}\.?{SPACE}(?:{any_of(_MONTHS)}))"
    )
    # The first of two days, as in `5 i 6 maja`.
    first_day = (
        rf"{START}{_DAY}\.?(?={SPACE}(?:i|oraz|lub){SPACE}[0-9]{{1,2}}\.?{SPACE}(?:{any_of(_MONTHS)})(?!\p{{L}}))"
    )
    month_year = (
        rf"(?<!\p{{L}})(?P<name>(?i:{any_of([*_MONTHS_NOMINATIVE, *_MONTHS_LOCATIVE, *_MONTHS])}))"
        rf"{SPACE}{_YEAR}{_OF_YEAR}"
    )
    of_year = rf"{START}{_YEAR}(?P<noun>{SPACE}?(?:rokiem|roku|rokowi|rok(?!\p{{L}})|r\.(?!{SPACE}?ż)))"
    year_of = rf"(?<=(?<!\p{{L}})(?P<noun>[Rr]oku|[Rr]ok|[Rr]okiem){SPACE}){_YEAR}"
    in_year = (
        rf"(?<=(?<!\p{{L}})[Ww]{SPACE})(?P<year>1[0-9]{{3}}|20[0-9]{{2}})(?=[.,;!?)\"»”]{{0,3}}"
        rf"(?:\Z|{SPACE}\p{{Lu}})|[,;)])"
    )
    decades = (
        rf"(?<=(?<!\p{{L}})(?P<noun>[Ll]atach|[Ll]ata|[Ll]at|[Ll]atami){SPACE}"
        rf"(?:[0-9]{{2}}\.?{SPACE}?(?:i|{DASH}){SPACE}?)?)['’]?(?P<decade>[1-9]0)(?:\.|-te|-tych)?"
        rf"(?![\p{{N}}\p{{L}}])"
    )
    has_month = has_beginning((*_MONTHS, *_MONTHS_NOMINATIVE, *_MONTHS_LOCATIVE), 3)
    return [
        month_ranges(_MONTHS_NOMINATIVE, _NUMBERS_OF_MONTHS, "do", _months),
        weekday_ranges(_SHORT_WEEKDAYS, "–"),
        *weekdays_between(
            {day: _WEEKDAYS[name] for day, name in _SHORT_WEEKDAYS.items()},
            "do",
            before=rf"(?<=(?<!\p{{L}})[Oo]d{SPACE})",
        ),
        Rule(
            lazy(rf"(?<!\p{{L}})(?P<day>{any_of(_SHORT_WEEKDAYS)})\.(?=,?{SPACE}[0-9])"),
            lambda match: _SHORT_WEEKDAYS[match["day"]],
            COUNTS,
        ),
        Rule(lazy(iso + iso_time + END), _date, ("-", has_digits(8))),
        Rule(lazy(numeric), _date, has_digits(6)),
        Rule(lazy(span), _span, (*RANGES, has_month)),
        Rule(lazy(start_of_span), lambda match: ordinal(int(match["day"]), "ego"), COUNTS),
        Rule(lazy(first_day), lambda match: ordinal(int(match["day"]), "ego"), (DIGITS, has_month)),
        Rule(lazy(named), _date, (DIGITS, has_month)),
        Rule(lazy(rf"(?<=(?<!\p{{L}})(?:dnia|od|do|dniu){SPACE}){no_year}"), _date, COUNTS),
        Rule(lazy(month_year), _month_year, (DIGITS, has_month)),
        Rule(lazy(of_year), _of_year, (DIGITS, follows_number("r"))),
        Rule(lazy(year_of), _year_of, COUNTS),
        Rule(lazy(in_year), lambda match: ordinal(int(match["year"]), "ym"), COUNTS),
        Rule(lazy(decades), _decade, COUNTS),
    ]


def date_before_time(match: Match) -> str:
    """Returns the words for a day and a month before a time."""
    return f"{ordinal(int(match['day']), _day_ending(match))} {_MONTHS[int(match['month']) - 1]}"


def time_rules() -> Sequence[Rule]:
    """Returns the rules for times of day, durations and ratios. They are applied after the rules for dates."""
    minute = rf"{SPACE}?(?:m|min\.?|minut[ay]?)(?![\p{{L}}\p{{N}}])"
    short = rf"{START}(?P<hours>[0-9]{{1,3}}){SPACE}?(?:h|godz\.?){SPACE}?(?P<minutes>[0-9]{{1,2}}){minute}"
    duration = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}:{_SECONDS}(?:\.[0-9]{{1,6}})?{END}"
    clock = rf"{START}{_HOURS}:{_MINUTES}{END}"
    dash = rf"{SPACE}?{DASH}{SPACE}?"
    span = (
        rf"(?:(?<!\p{{L}})(?P<godz>[Gg]odz)\.{SPACE}?)?(?P<od>(?<!\p{{L}})[Oo]d{SPACE})?{clock}{dash}"
        rf"(?P<hours2>[01]?[0-9]|2[0-4]):(?P<minutes2>[0-5][0-9]){END}"
    )
    hour = (
        rf"(?P<godz>(?<!\p{{L}})[Gg]odz(?:\.|ina|inie|iny|inę){SPACE}?){_HOURS}(?:[.:]{_MINUTES})?"
        rf"(?![\p{{L}}\p{{N}}]|[.,:]\p{{N}}|{dash}[0-9])"
    )
    ratio = rf"{START}(?P<first>[0-9]{{1,4}}):(?P<second>[0-9]{{1,4}}){END}"
    return [
        Rule(lazy(short), _short_duration, COUNTS),
        minutes_and_seconds(
            r"min\.?|minuty|minut",
            lambda match, minutes, seconds: _duration(0, minutes, seconds, before=word_before(match)),
        ),
        Rule(lazy(duration), _duration_or_time, ":"),
        Rule(lazy(span), _time_span, ":"),
        Rule(lazy(hour), _named_hour, COUNTS),
        Rule(lazy(clock), _time, ":"),
        Rule(lazy(ratio), lambda match: f"{cardinal(int(match['first']))} do {genitive(int(match['second']))}", ":"),
    ]


def _months(first: int, last: int, year: str, match: Match) -> str:
    since = "" if word_before(match) == "od" else "od "
    words = f"{since}{_MONTHS[first - 1]} do {_MONTHS[last - 1]}"
    return f"{words} {ordinal(int(year), 'ego')} roku" if year else words


def _date(match: Match) -> str | None:
    fields = match.groupdict()
    if fields.get("month") and not is_day(fields["day"], fields["month"], fields["year"]):
        return None
    month = fields.get("name") or (_SHORT_MONTHS[fields["short"]] if fields.get("short") else "")
    month = month or _MONTHS[int(fields["month"]) - 1]
    words = f"{ordinal(int(fields['day']), _day_ending(match))} {month}"
    if fields["year"]:
        words += " " + ordinal(int(fields["year"]), "ego") + (" roku" if fields.get("of") else "")
    if fields.get("hours"):
        words += f", {_clock(int(fields['hours']), int(fields['minutes']), 'a')}"
    return words + _final_dot(match)


def _final_dot(match: Match) -> str:
    return "." if match[0].endswith(".") and match.end() == len(match.string) else ""


def _day_ending(match: Match) -> str:
    before = words_before(match)
    start = match.string[: match.start()].rstrip()
    nearest = before[0] if before else ""
    if regex.match(rf"{SPACE}o{SPACE}", match.string[match.end() :][:3]):
        return "ego"
    if nearest in _LOCATIVE:
        return "ym"
    is_named = nearest in _IS and not (nearest in _WEEKDAYS and before[1:2] in (["w"], ["we"]))
    alone = not start.strip('(„«"') and len(match.string) - match.end() <= 2
    return "y" if is_named or alone or start.endswith(":") else "ego"


def _span(match: Match) -> str:
    words = f"{ordinal(int(match['first']), 'ego')} do {ordinal(int(match['day']), 'ego')} {match['name']}"
    if match["year"]:
        words += " " + ordinal(int(match["year"]), "ego") + (" roku" if match["of"] else "")
    return ("" if word_before(match) == "od" else "od ") + words + _final_dot(match)


def _month_year(match: Match) -> str:
    nominative = match["name"].casefold() in _MONTHS_NOMINATIVE
    of = " roku" if match["of"] else ""
    return (
        f"{match['name']} {ordinal(int(match['year']), 'y' if nominative and not of else 'ego')}{of}{_final_dot(match)}"
    )


def _of_year(match: Match) -> str:
    noun = match["noun"].strip(" \u00a0\u2009\u202f")
    before = word_before(match)
    if noun == "rok":
        ending = "y"
    elif noun == "rokiem" or (noun == "r." and before == "przed"):
        noun, ending = "rokiem", "ym"
    elif noun == "rokowi":
        ending = "emu"
    else:
        noun, ending = "roku", "ym" if before in {"w", "we", "po", "o"} else "ego"
    return f"{ordinal(int(match['year']), ending)} {noun}{_final_dot(match)}"


def _year_of(match: Match) -> str:
    before = words_before(match)
    noun = match["noun"].casefold()
    if noun == "roku":
        ending = "ym" if before[1:2] in (["w"], ["po"], ["o"]) else "ego"
    else:
        ending = "y" if noun == "rok" else "ym"
    return ordinal(int(match["year"]), ending)


def _decade(match: Match) -> str:
    ending = {"lata": "e", "latami": "ymi"}.get(match["noun"].casefold(), "ych")
    return ordinal(int(match["decade"]), ending) + _final_dot(match)


def _clock(hours: int, minutes: int, ending: str) -> str:
    hour = "zero" if hours == 0 else ordinal(hours, ending)
    if not minutes:
        return hour if hours else "północ"
    return f"{hour} " + ("zero " if minutes < 10 else "") + cardinal(minutes)


def _clock_ending(match: Match) -> str:
    before = words_before(match)
    if before[:1] == ["a"]:
        return "ą"
    return _CLOCK_ENDINGS.get(word_before(match), "a")


def _time(match: Match) -> str | None:
    if _RATIO.intersection(words_before(match)[:2]):
        return None
    seconds = int(match.groupdict().get("seconds") or 0)
    words = _clock(int(match["hours"]), int(match["minutes"]), _clock_ending(match))
    return words + (f" i {_count(seconds, 'sekunda', 'sekundy', 'sekund')}" if seconds else "")


def _time_span(match: Match) -> str:
    first = _clock(int(match["hours"]), int(match["minutes"]), "ej")
    noun = match["godz"] and match["godz"] + ("inach " if word_before(match) in {"w", "we"} else "iny ")
    return f"{noun or ''}{match['od'] or 'od '}{first} do {_clock(int(match['hours2']), int(match['minutes2']), 'ej')}"


def _named_hour(match: Match) -> str:
    before = word_before(match)
    noun = match["godz"].rstrip(" \u00a0\u2009\u202f")
    if noun.casefold() == "godz.":
        noun = {"o": "godzinie", "po": "godzinie", "przed": "godziną", "na": "godzinę"}.get(
            before, "godziny" if before in {"od", "do", "około", "koło"} else "godzina"
        )
    ending = {"ina": "a", "inę": "ą", "iną": "ą"}.get(noun[-3:], "ej")
    return f"{noun} {_clock(int(match['hours']), int(match['minutes'] or 0), ending)}"


def _duration_or_time(match: Match) -> str | None:
    hours, minutes, seconds = (int(match[name]) for name in ("hours", "minutes", "seconds"))
    before = word_before(match)
    if hours < 25 and (
        before in {"o", "po", "od", "do", "przed", "około"} or (before == "jest" and len(match["hours"]) == 2)
    ):
        return _time(match)
    return _duration(hours, minutes, seconds, before=before)


def _short_duration(match: Match) -> str:
    return with_end(match, _duration(int(match["hours"]), int(match["minutes"]), 0, before=word_before(match)))


def compact_duration(counts: Mapping[str, int], match: Match) -> str:
    """Returns the words for a duration such as `2d 3h`."""
    before, days = word_before(match), counts.get("d", 0)
    words = []
    if days and before in _BEFORE_GENITIVE:
        words = ["jednego dnia" if days == 1 else f"{genitive(days)} dni"]
    elif days:
        words = [f"{cardinal(days)} {'dzień' if days == 1 else 'dni'}"]
    rest = (counts.get("h", 0), counts.get("min", 0), counts.get("s", 0))
    if any(rest) or not days:
        words.append(_duration(*rest, before=before))
    return " ".join(words)


def _duration(hours: int, minutes: int, seconds: int, *, before: str) -> str:
    if before in _BEFORE_GENITIVE:
        parts = ((hours, "godzin"), (minutes, "minut"), (seconds, "sekund"))
        return " ".join(_count_genitive(count, noun) for count, noun in parts if count) or "zera sekund"
    singular = ("godzinę", "minutę", "sekundę") if before in _BEFORE_OBJECT else ("godzina", "minuta", "sekunda")
    counts = (
        (hours, singular[0], "godziny", "godzin"),
        (minutes, singular[1], "minuty", "minut"),
        (seconds, singular[2], "sekundy", "sekund"),
    )
    return " ".join(_count(*count) for count in counts if count[0]) or "zero sekund"


def _count_genitive(count: int, noun: str) -> str:
    return f"jednej {noun}y" if count == 1 else f"{genitive(count)} {noun}"


def _count(count: int, one: str, few: str, many: str) -> str:
    number = "jedną" if count == 1 and one.endswith("ę") else feminine(count)
    return f"{number} {plural(count, one, few, many)}"
