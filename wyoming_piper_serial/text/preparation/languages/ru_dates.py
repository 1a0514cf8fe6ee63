"""Russian rules for dates, years, times and durations."""

from collections.abc import Callable, Mapping, Sequence

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
    weekdays_between,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.conditions import follows_number, has_beginning
from wyoming_piper_serial.text.preparation.hours import minutes_and_seconds
from wyoming_piper_serial.text.preparation.languages.ru_numerals import (
    cardinal,
    dative,
    dative_of_one,
    gendered,
    genitive,
    instrumental,
    instrumental_of_one,
    ordinal,
    plural,
)
from wyoming_piper_serial.text.preparation.month_ranges import month_ranges
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, INNER_DASHES, RANGES, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end

_MONTHS = listed("января февраля марта апреля мая июня июля августа сентября октября ноября декабря")
_OTHER_MONTHS = listed(
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь "
    "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре"
)
_SHORT_MONTHS = dict(zip(listed("янв фев мар апр июн июл авг сен окт ноя дек"), _MONTHS[:4] + _MONTHS[5:], strict=True))
_SHORT_MONTHS |= {"февр": "февраля", "сент": "сентября", "нояб": "ноября"}
_NUMBERS_OF_MONTHS = {name: _MONTHS.index(month) + 1 for name, month in _SHORT_MONTHS.items()}
_WEEKDAYS = listed("понедельник вторник среда четверг пятница суббота воскресенье")
_SHORT_WEEKDAYS = table("""
    пн = понедельник | вт = вторник | ср = среда | чт = четверг | пт = пятница | сб = суббота | вс = воскресенье
""")
_WEEKDAY_GENITIVES = listed("понедельника вторника среды четверга пятницы субботы воскресенья")
_WEEKDAY_OBJECTS = {"среда": "среду", "пятница": "пятницу", "суббота": "субботу"}
_DAY = r"(?P<day>0?[1-9]|[12][0-9]|3[01])"
_YEAR = r"(?P<year>[12][0-9]{3})(?![\p{N}\p{L}]|[.,:/-]\p{N})"
_OF_YEAR = rf"(?P<of>{SPACE}?(?:года(?!\p{{L}})|г\.|г(?!\p{{L}})))?"
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_IS = {
    "сегодня",
    "завтра",
    "вчера",
    "послезавтра",
    "это",
    "было",
    "будет",
    "дата",
    "число",
    "на",
    "по",
    "за",
    *_WEEKDAYS,
}
_IN_YEAR = {
    **dict.fromkeys(("в", "во", "о"), ("ом", "году")),
    **dict.fromkeys(("к", "по"), ("ому", "году")),
    **dict.fromkeys(("перед", "между"), ("ым", "годом")),
    **dict.fromkeys(("за", "на"), ("ый", "год")),
}
_YEAR_ENDINGS = {"год": "ый", "годом": "ым", "годов": "ого", "годы": "ый"}
_BEFORE_OBJECT = {"на", "через", "за", "займёт", "займет", "занимает", "длится", "ещё"}
_BEFORE_GENITIVE = {"до", "от", "около", "более", "менее", "больше", "меньше", "свыше", "из", "после", "без"}
_BETWEEN = lazy(rf"(?i:между){SPACE}[0-9]{{1,2}}:[0-9]{{2}}{SPACE}и{SPACE}\Z")
_BEFORE_CLOCK = {"в", "до", "с", "после", "около", "к", "от", "сейчас"}


def date_rules() -> Sequence[Rule]:
    """Returns the rules for dates and years, in order of application."""
    iso = rf"{START}(?P<year>[12][0-9]{{3}})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    zone = r"(?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    iso_time = rf"(?:(?:T|,?{SPACE}){_HOURS}:{_MINUTES}{zone})?"
    numeric = rf"{START}{_DAY}(?P<mark>[./-])(?P<month>0?[1-9]|1[0-2])(?P=mark)(?P<year>[12][0-9]{{3}}){END}{_OF_YEAR}"
    no_year = (
        rf"{START}{_DAY}\.(?P<month>0[1-9]|1[0-2])(?P<year>)"
        rf"(?![\p{{N}}\p{{L}}]|[.,:]\p{{N}}|{SPACE}?(?:[%°₽]|\p{{Ll}}))"
    )
    months = rf"(?:(?P<name>{any_of(_MONTHS)})|(?P<short>{any_of(_SHORT_MONTHS)})\.?)(?!\p{{L}})"
    named = rf"{START}{_DAY}(?:-?(?P<suffix>го|е|ого|ое|му))?{SPACE}{months}(?:,?{SPACE}{_YEAR}{_OF_YEAR})?"
    dash = rf"{SPACE}?{DASH}{SPACE}?"
    span = (
        rf"{START}(?P<first>0?[1-9]|[12][0-9]|3[01]){dash}{_DAY}{SPACE}(?P<name>{any_of(_MONTHS)})"
        rf"(?:{SPACE}{_YEAR}{_OF_YEAR})?"
    )
    start_of_span = (
        rf"(?<=(?<!\p{{L}})[Сс]о?{SPACE}){_DAY}(?={SPACE}(?:по|до){SPACE}[0-9]{{1,2}}{SPACE}(?:{any_of(_MONTHS)}))"
    )
    # The first of two days, as in `5 и 6 мая`.
    first_day = rf"{START}{_DAY}(?={SPACE}(?:и|или){SPACE}[0-9]{{1,2}}{SPACE}(?:{any_of(_MONTHS)})(?!\p{{L}}))"
    month_year = rf"(?<!\p{{L}})(?P<name>(?i:{any_of([*_OTHER_MONTHS, *_MONTHS])})){SPACE}{_YEAR}{_OF_YEAR}"
    noun = rf"(?P<noun>{SPACE}?(?:годом|годах|годов|годы|года|году|год|гг\.|г\.)(?!\p{{L}}))"
    years = rf"{START}(?P<first>[12][0-9]{{3}}){dash}{_YEAR}{noun}?"
    early = (
        rf"(?:{START}|(?<=(?<!\p{{L}})[Вв]{SPACE}))(?P<year>[1-9][0-9]{{0,3}})(?P<noun>{SPACE}?г\.)"
        rf"(?={SPACE}?(?:до{SPACE})?н\.{SPACE}?э\.)"
    )
    in_year = (
        rf"(?<=(?<!\p{{L}})[Вв]{SPACE})(?P<year>1[0-9]{{3}}|20[0-9]{{2}})(?P<noun>)"
        rf"(?=[.,;!?)\"»”]{{0,3}}(?:\Z|{SPACE}\p{{Lu}})|[,;)])"
    )
    decades = (
        rf"{START}(?P<decade>(?:1[0-9]|20)?[1-9]0)-(?P<suffix>е|х|м|ми)(?![\p{{L}}\p{{N}}])(?:{SPACE}?(?P<years>гг)\.)?"
    )
    one = rf"(?i:{any_of(_SHORT_WEEKDAYS)})(?!\p{{L}})\.?"
    other = rf"(?:,{SPACE}?|{SPACE}(?:и|или){SPACE}){one}"
    # After these prepositions, `Вт` means watts instead of Tuesday, and `ср.` can mean "average" instead of Wednesday.
    preposition = rf"(?P<preposition>(?i:во?|на){SPACE})(?!Вт|ср\.(?!,))"
    listed_weekdays = rf"(?<!\p{{L}}|[0-9]{SPACE}?)(?:{preposition}{one}(?:{other})*+|{one}(?:{other})++)"
    # After a number, `Вт` means watts.
    weekday = rf"(?<!\p{{L}}|[0-9]{SPACE}?)(?i:{any_of(_SHORT_WEEKDAYS)})\.?(?=,?{SPACE}[0-9])"
    has_month, has_weekday = has_beginning([*_MONTHS, *_OTHER_MONTHS], 3), has_beginning(_SHORT_WEEKDAYS, 2)
    return [
        month_ranges(_OTHER_MONTHS[:12], _NUMBERS_OF_MONTHS, "по|до", _range_of_months),
        weekday_ranges(_SHORT_WEEKDAYS, "–"),
        *weekdays_between(
            dict(zip(_SHORT_WEEKDAYS, _WEEKDAY_GENITIVES, strict=True)),
            "по",
            last={day: _WEEKDAY_OBJECTS.get(name, name) for day, name in _SHORT_WEEKDAYS.items()},
            before=rf"(?<=(?<!\p{{L}})[Сс]о?{SPACE})",
        ),
        Rule(lazy(iso + iso_time + END), _date, ("-", has_digits(8))),
        Rule(lazy(numeric), _date, has_digits(6)),
        Rule(lazy(span), _span, (*RANGES, has_month)),
        Rule(lazy(start_of_span), lambda match: ordinal(int(match["day"]), "ого"), COUNTS),
        Rule(lazy(listed_weekdays), _listed_weekdays, has_weekday),
        Rule(lazy(weekday), lambda match: _SHORT_WEEKDAYS[match[0].rstrip(".").casefold()], (DIGITS, has_weekday)),
        Rule(lazy(first_day), lambda match: ordinal(int(match["day"]), "ого"), (DIGITS, has_month)),
        Rule(lazy(named), _date, (DIGITS, has_month)),
        Rule(lazy(rf"(?<=(?<!\p{{L}})(?:до|от|с|по|на|сегодня|к){SPACE}){no_year}"), _date, COUNTS),
        Rule(lazy(month_year), _month_year, (DIGITS, has_month)),
        Rule(lazy(years), _years, (*INNER_DASHES, has_digits(8))),
        Rule(lazy(rf"{START}{_YEAR}{noun}"), _of_year, (DIGITS, follows_number("г"))),
        Rule(lazy(early), _of_year, (DIGITS, follows_number("г"))),
        Rule(lazy(in_year), lambda match: ordinal(int(match["year"]), "ом"), COUNTS),
        Rule(lazy(decades), _decade, INNER_DASHES),
    ]


def date_before_time(match: Match) -> str:
    """Returns the words for a day and a month before a time."""
    return f"{ordinal(int(match['day']), _day_ending(match))} {_MONTHS[int(match['month']) - 1]}"


def time_rules() -> Sequence[Rule]:
    """Returns the rules for times of day, durations and ratios. They are applied after the rules for dates."""
    minute = rf"{SPACE}?(?:м|мин\.?|минут[аы]?)(?![\p{{L}}\p{{N}}])"
    short = (
        rf"{START}(?P<hours>[0-9]{{1,3}}){SPACE}?(?:ч\.?|час\.?|часа|часов){SPACE}?(?P<minutes>[0-9]{{1,2}}){minute}"
    )
    duration = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}:{_SECONDS}(?:\.[0-9]{{1,6}})?{END}"
    clock = rf"{START}{_HOURS}:{_MINUTES}{END}"
    dash = rf"{SPACE}?{DASH}{SPACE}?"
    span = (
        rf"(?P<since>(?<!\p{{L}})[Сс]{SPACE})?{clock}{dash}(?P<hours2>[01]?[0-9]|2[0-4]):(?P<minutes2>[0-5][0-9]){END}"
    )
    ratio = rf"{START}(?P<first>[0-9]{{1,4}}):(?P<second>[0-9]{{1,6}}){END}"
    return [
        Rule(lazy(short), _short_duration, COUNTS),
        minutes_and_seconds(
            r"мин\.?|минуты|минут",
            lambda match, minutes, seconds: _duration(0, minutes, seconds, before=word_before(match)),
        ),
        Rule(lazy(duration), _duration_or_time, ":"),
        Rule(lazy(span), _time_span, ":"),
        Rule(lazy(clock), _time, ":"),
        Rule(lazy(ratio), _ratio, ":"),
    ]


def _final_dot(match: Match) -> str:
    return "." if match[0].endswith(".") and match.end() == len(match.string) else ""


def _range_of_months(first: int, last: int, year: str, match: Match) -> str:
    since = "" if word_before(match) in {"с", "со"} else "с "
    words = f"{since}{_MONTHS[first - 1]} по {_OTHER_MONTHS[last - 1]}"
    return f"{words} {ordinal(int(year), 'ого')} года" if year else words


def _date(match: Match) -> str | None:
    fields = match.groupdict()
    if fields.get("month") and not is_day(fields["day"], fields["month"], fields["year"]):
        return None
    month = fields.get("name") or (_SHORT_MONTHS[fields["short"]] if fields.get("short") else "")
    month = month or _MONTHS[int(fields["month"]) - 1]
    words = f"{ordinal(int(fields['day']), _day_ending(match))} {month}"
    if fields["year"]:
        words += f" {ordinal(int(fields['year']), 'ого')}"
        if regex.match(rf"{SPACE}год", match.string[match.end() :][:5]) is None:
            words += " года"
    if fields.get("hours"):
        words += f", {_clock(int(fields['hours']), int(fields['minutes']))}"
    return words + _final_dot(match)


def _day_ending(match: Match) -> str:
    suffix = match.groupdict().get("suffix")
    if suffix:
        return {"го": "ого", "ого": "ого", "му": "ому"}.get(suffix, "ое")
    before = words_before(match)
    start = match.string[: match.start()].rstrip()
    nearest = before[0] if before else ""
    if nearest in {"к", "ко"}:
        return "ому"
    if nearest in {"перед", "между"}:
        return "ым"
    is_named = nearest in _IS and not (nearest in _WEEKDAYS and before[1:2] in (["в"], ["во"]))
    alone = not start.strip('(„«"') and len(match.string) - match.end() <= 2
    return "ое" if is_named or alone or start.endswith(":") else "ого"


def _span(match: Match) -> str:
    words = f"{ordinal(int(match['first']), 'ого')} по {ordinal(int(match['day']), 'ое')} {match['name']}"
    if match["year"]:
        words += f" {ordinal(int(match['year']), 'ого')} года"
    return ("" if word_before(match) in {"с", "со"} else "с ") + words + _final_dot(match)


def _month_year(match: Match) -> str:
    year = ordinal(int(match["year"]), "ого")
    follows = regex.match(rf"{SPACE}год", match.string[match.end() :][:5]) is not None
    return f"{match['name']} {year}{'' if follows else ' года'}{_final_dot(match)}"


def _years(match: Match) -> str:
    noun = (match["noun"] or "").strip(" \u00a0\u2009\u202f")
    first, last = int(match["first"]), int(match["year"])
    before = word_before(match)
    if noun in {"гг.", "годах"} and before in {"в", "во"}:
        return f"{ordinal(first, 'ом')} – {ordinal(last, 'ом')} годах{_final_dot(match)}"
    if noun in {"гг.", "г.", "годов", "годы", "года"}:
        return f"{ordinal(first, 'ого')} – {ordinal(last, 'ого')} годов{_final_dot(match)}"
    since = "" if before in {"с", "со"} else "с "
    return f"{since}{ordinal(first, 'ого')} по {ordinal(last, 'ый')}" + (f" {noun}" if noun else "")


def _of_year(match: Match) -> str:
    noun = match["noun"].strip(" \u00a0\u2009\u202f")
    before = word_before(match)
    if noun in {"г.", "гг."}:
        ending, noun = _IN_YEAR.get(before, ("ого", "года"))
    elif noun == "году":
        ending = "ому" if before in {"к", "по"} else "ом"
    else:
        ending = _YEAR_ENDINGS.get(noun, "ого")
    return f"{ordinal(int(match['year']), ending)} {noun}{_final_dot(match)}"


def _decade(match: Match) -> str:
    ending = {"е": "ые", "х": "ых", "м": "ым", "ми": "ыми"}[match["suffix"]]
    noun = {"е": "годы", "х": "годов", "м": "годам", "ми": "годами"}[match["suffix"]]
    words = ordinal(int(match["decade"]), ending)
    return words + (f" {noun}{_final_dot(match)}" if match["years"] else "")


def _listed_weekdays(match: Match) -> str:
    def name(day: Match) -> str:
        weekday = _SHORT_WEEKDAYS[day["day"].casefold()]
        return _WEEKDAY_OBJECTS.get(weekday, weekday) if match["preposition"] else weekday

    days = rf"(?<!\p{{L}})(?P<day>(?i:{any_of(_SHORT_WEEKDAYS)}))(?!\p{{L}})\.?"
    return with_end(match, regex.sub(days, name, match[0]))


def _clock(hours: int, minutes: int) -> str:
    if not minutes:
        return f"{cardinal(hours)} {plural(hours, 'час', 'часа', 'часов')}"
    return f"{cardinal(hours)} " + ("ноль " if minutes < 10 else "") + cardinal(minutes)


def _clock_genitive(hours: int, minutes: int) -> str:
    return _clock_in_case(hours, minutes, genitive, ("часа", "часов"))


def _clock_dative(hours: int, minutes: int) -> str:
    return _clock_in_case(hours, minutes, lambda number: dative(number) or dative_of_one(number), ("часу", "часам"))


def _clock_instrumental(hours: int, minutes: int) -> str:
    return _clock_in_case(
        hours, minutes, lambda number: instrumental(number) or instrumental_of_one(number), ("часом", "часами")
    )


def _clock_in_case(hours: int, minutes: int, say: Callable[[int], str | None], nouns: tuple[str, str]) -> str:
    """Returns a time in an oblique case. `nouns` contains the singular and the plural of "hour" in this case."""
    hour = say(hours) or "ноль"
    if not minutes:
        return f"{hour} {nouns[0] if plural(hours, 'one', '', '') else nouns[1]}"
    return f"{hour} " + ("" if minutes >= 10 else "ноль ") + (say(minutes) or "ноль")


_CLOCKS = {
    **dict.fromkeys(listed("с со до от после около позднее позже раньше ранее"), _clock_genitive),
    **dict.fromkeys(("к", "ко"), _clock_dative),
    **dict.fromkeys(("перед", "между"), _clock_instrumental),
}


def _time(match: Match) -> str | None:
    if {"счёт", "счетом", "счётом", "масштаб", "масштабе", "соотношение", "соотношении"}.intersection(
        words_before(match)[:2]
    ):
        return None
    seconds = int(match.groupdict().get("seconds") or 0)
    before = word_before(match)
    if before == "и" and _BETWEEN.search(match.string[: match.start()]):
        before = "между"
    say = _CLOCKS.get(before, _clock)
    words = say(int(match["hours"]), int(match["minutes"]))
    return words + (f" {_count(seconds, 'секунда', 'секунды', 'секунд')}" if seconds else "")


def _time_span(match: Match) -> str:
    first = _clock_genitive(int(match["hours"]), int(match["minutes"]))
    return f"{match['since'] or 'с '}{first} до {_clock_genitive(int(match['hours2']), int(match['minutes2']))}"


def _ratio(match: Match) -> str:
    first, second = int(match["first"]), int(match["second"])
    if second >= 100 or {"масштаб", "масштабе", "соотношение", "соотношении"}.intersection(words_before(match)[:2]):
        return f"{first} к {second}"
    return f"{cardinal(first)} {cardinal(second)}"


def _duration_or_time(match: Match) -> str | None:
    hours, minutes, seconds = (int(match[name]) for name in ("hours", "minutes", "seconds"))
    before = word_before(match)
    if hours < 25 and before in _BEFORE_CLOCK:
        return _time(match)
    return _duration(hours, minutes, seconds, before=before)


def _short_duration(match: Match) -> str:
    return with_end(match, _duration(int(match["hours"]), int(match["minutes"]), 0, before=word_before(match)))


def compact_duration(counts: Mapping[str, int], match: Match) -> str:
    """Returns the words for a duration such as `2д 3ч`."""
    before, days = word_before(match), counts.get("d", 0)
    words = []
    if days and before in _BEFORE_GENITIVE:
        words = [_count_genitive(days, "дня", "дней")]
    elif days:
        words = [f"{cardinal(days)} {plural(days, 'день', 'дня', 'дней')}"]
    rest = (counts.get("h", 0), counts.get("min", 0), counts.get("s", 0))
    if any(rest) or not days:
        words.append(_duration(*rest, before=before))
    return " ".join(words)


def _duration(hours: int, minutes: int, seconds: int, *, before: str) -> str:
    if before in _BEFORE_GENITIVE:
        parts = ((hours, "часа", "часов"), (minutes, "минуты", "минут"), (seconds, "секунды", "секунд"))
        return " ".join(_count_genitive(*part) for part in parts if part[0]) or "нуля секунд"
    singular = ("минуту", "секунду") if before in _BEFORE_OBJECT else ("минута", "секунда")
    words = [f"{cardinal(hours)} {plural(hours, 'час', 'часа', 'часов')}"] if hours else []
    if minutes:
        words.append(_count(minutes, singular[0], "минуты", "минут"))
    if seconds:
        words.append(_count(seconds, singular[1], "секунды", "секунд"))
    return " ".join(words) or "0 секунд"


def _count_genitive(count: int, one: str, many: str) -> str:
    noun = one if plural(count, "one", "", "") else many
    words = genitive(count)
    return f"{words.removesuffix('ого') + 'ой' if noun.endswith('ы') and words.endswith('одного') else words} {noun}"


def _count(count: int, one: str, few: str, many: str) -> str:
    number = gendered(count, "одну" if one.endswith("у") else "одна", "две")
    return f"{number} {plural(count, one, few, many)}"
