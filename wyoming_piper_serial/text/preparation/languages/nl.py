"""Rules for Dutch."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.amounts import Money, fractions, money
from wyoming_piper_serial.text.preparation.builders import (
    END,
    SPACE,
    START,
    abbreviations,
    any_of,
    digit_strings,
    fine_particles,
    listed,
    page_ranges,
    ranges,
    roman_value,
    table,
    weekday_ranges,
    weekdays_between,
    word_before,
    words_before,
)
from wyoming_piper_serial.text.preparation.coordinates import coordinates
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.hours import minutes_and_seconds
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.month_ranges import joined_months, month_ranges
from wyoming_piper_serial.text.preparation.passage import COUNTS, DIGITS, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end
from wyoming_piper_serial.text.preparation.references import references
from wyoming_piper_serial.text.preparation.signs import Signs, signs

_DIGITS = listed("nul één twee drie vier vijf zes zeven acht negen")
_ONES = listed(
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien "
    "achttien negentien"
)
_TENS = listed("nul tien twintig dertig veertig vijftig zestig zeventig tachtig negentig")
_ORDINALS = {1: "eerste", 3: "derde", 8: "achtste"}
_MONTHS = listed("januari februari maart april mei juni juli augustus september oktober november december")
_SHORT_MONTHS = {
    "jan": 1,
    "feb": 2,
    "mrt": 3,
    "apr": 4,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "sept": 9,
    "okt": 10,
    "nov": 11,
    "dec": 12,
}
_WEEKDAYS = table(
    "ma = maandag | di = dinsdag | wo = woensdag | do = donderdag | vr = vrijdag | za = zaterdag | zo = zondag"
)
_ABBREVIATIONS = table("""
    d.w.z. = dat wil zeggen | o.a. = onder andere | m.a.w. = met andere woorden | i.p.v. = in plaats van
    e.d. = en dergelijke | a.u.b. = alstublieft | s.v.p. = alstublieft | m.b.t. = met betrekking tot
    n.a.v. = naar aanleiding van | t.a.v. = ten aanzien van | t.o.v. = ten opzichte van | i.v.m. = in verband met
    z.s.m. = zo snel mogelijk | t.b.v. = ten behoeve van | d.m.v. = door middel van | m.n. = met name
    m.u.v. = met uitzondering van | i.h.b. = in het bijzonder | o.l.v. = onder leiding van | v.Chr. = voor Christus
    n.Chr. = na Christus | v. Chr. = voor Christus | n. Chr. = na Christus | a.s. = aanstaande | j.l. = jongstleden
    b.v. = bijvoorbeeld | i.t.t. = in tegenstelling tot | z.o.z. = zie ommezijde | e.a. = en andere
    e.v. = en volgende | o.i.d. = of iets dergelijks | p.p. = per persoon | a.d.h.v. = aan de hand van
    bijv. = bijvoorbeeld | bv. = bijvoorbeeld | enz. = enzovoort | etc. = et cetera | ca. = circa
    jl. = jongstleden | evt. = eventueel | resp. = respectievelijk | incl. = inclusief | excl. = exclusief
    vgl. = vergelijk | zgn. = zogenaamd | nl. = namelijk | gem. = gemiddeld | dhr. = de heer | mevr. = mevrouw
    mw. = mevrouw | mej. = mejuffrouw | dr. = doctor | drs. = doctorandus | prof. = professor | ir. = ingenieur
    ing. = ingenieur | ds. = dominee | fam. = familie | jr. = junior | sr. = senior | tel. = telefoon | nr. = nummer
    nrs. = nummers | mln. = miljoen | mld. = miljard | mln = miljoen | mld = miljard | blz. = bladzijde
    afb. = afbeelding | hfst. = hoofdstuk | bijz. = bijzonder | geb. = geboren | ong. = ongeveer
    plm. = plusminus | enz = enzovoort | etc = et cetera | dhr = de heer | mevr = mevrouw | bijv = bijvoorbeeld
    aub = alstublieft
""")
_BEFORE_NUMBER = table(
    "max. = maximaal | art. = artikel | p. = pagina | min. = minimaal | fig. = figuur | vanaf ca. = vanaf circa"
)
_AFTER_NUMBER = table("sec. = seconden | min. = minuten | u. = uur | uur. = uur")
_CURRENCIES = {
    **dict.fromkeys(("€", "EUR", "euro"), ("euro", "cent")),
    **dict.fromkeys(("$", "US$", "US-$", "U$S", "USD", "dollar"), ("dollar", "cent")),
    **dict.fromkeys(("£", "GBP", "pond"), ("pond", "pence")),
}
_CODES = (
    "[Pp]incode|PIN(?:-code)?|pin|[Cc]ode|[Ww]achtwoord|[Tt]elefoonnummer|[Tt]elefoon|[Tt]el\\.?|"
    "[Nn]oodnummer|[Ii]nlogcode|"
    "[Kk]lantnummer|[Rr]ekeningnummer|[Bb]el|[Bb]elt u|[Vv]lucht|[Bb]estelnummer|[Tt]oegangscode"
)
_SIGNS = Signs(
    times="keer",
    minus="min",
    squared="kwadraat",
    cubed="tot de derde",
    power="tot de macht",
    less="kleiner dan",
    greater="groter dan",
    about="ongeveer",
    number="nummer",
    equals="is gelijk aan",
    root="wortel",
    unequal="is ongelijk aan",
    plus_minus="plus of min",
    at_most="kleiner dan of gelijk aan",
    at_least="groter dan of gelijk aan",
    divided="gedeeld door",
)
_PARTS_OF_WORKS = "deel|hoofdstuk|hfst\\.|fase|band|akte|type|klasse|wereldoorlog|wo|boek|niveau|categorie|graad"
_HALF_OF_NEUTER = (
    r"(?:uur|kilo|kilogram|kg|glas|pond|blik|pak|jaar|brood|ei|ons|dozijn|miljoen|miljard|\p{Ll}{2,12}je)(?![\p{L}/])"
)
_BEFORE_CLOCK = {"om", "vanaf", "tot", "voor", "na", "rond", "sinds", "tussen"}
_BEFORE_RATIO = {"verhouding", "schaal", "formaat"}
_HOURS = r"(?P<hours>[01]?[0-9]|2[0-4])"
_MINUTES = r"(?P<minutes>[0-5][0-9])"
_SECONDS = r"(?P<seconds>[0-5][0-9])"
_UUR = rf"(?P<uur>{SPACE}?(?:uur|u\.?|h)(?![\p{{L}}\p{{N}}]))"


def rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Dutch rules that run before the core rules for all languages, in order of application."""
    return [
        *references(locale),
        coordinates(locale, "noord = N | zuid = Z S | oost = O E | west = W"),
        *dates_before_times(locale, _date_before_time),
        *_dates(),
        *digit_strings(_DIGITS, plus="plus", contexts=_CODES),
        *_grouped_ordinals(),
        *_postcodes(),
        *money(locale, _CURRENCIES, _money),
        *page_ranges("pagina(?:'s)?|bladzijden?|blz\\.|pag\\.|pp?\\.|hoofdstukken", "tot"),
        *ranges("tot"),
        *_times(),
        *fractions(locale, _fraction, is_singular=True),
        *_romans(),
        *signs(_SIGNS),
        fine_particles("2,5"),
        Rule(lazy(rf"§§?{SPACE}?(?=[0-9])"), lambda _: "paragraaf ", "§"),
    ]


def late_rules(locale: Locale) -> Sequence[Rule]:
    """Returns the Dutch rules that run after the core rules for all languages, in order of application."""
    del locale
    number = rf"{START}(?P<number>[1-9][0-9]{{0,3}})(?:e|ste|de)(?![\p{{L}}\p{{N}}])"
    street = r"(?<=\p{Ll})str\.(?=[\s,;)]|\Z)"
    return [
        Rule(lazy(number), lambda match: ordinal(int(match["number"])), COUNTS),
        Rule(lazy(street), lambda _: "straat"),
        Rule(lazy(rf"(?<=minuten|minuut|seconden|uur)\.(?=[,;]|{SPACE}\p{{Ll}})"), lambda _: ""),
        abbreviations(_AFTER_NUMBER, before=rf"(?<=[0-9]{SPACE}?)"),
        abbreviations(_BEFORE_NUMBER, after=rf"(?={SPACE}?[0-9])"),
        abbreviations({"mr.": "meester"}, after=rf"(?={SPACE}\p{{Lu}})"),
        abbreviations({"St.": "Sint"}, after=rf"(?={SPACE}?\p{{Lu}})"),
        abbreviations(_ABBREVIATIONS),
    ]


def cardinal(number: int) -> str:
    """Returns a number from 0 to 9999 as a single word."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        ones, tens = number % 10, _TENS[number // 10]
        if not ones:
            return tens
        return _ONES[ones] + ("ën" if _ONES[ones].endswith("e") else "en") + tens
    size, word = (1000, "duizend") if number >= 1000 else (100, "honderd")
    count, rest = divmod(number, size)
    return (cardinal(count) if count > 1 else "") + word + (cardinal(rest) if rest else "")


def ordinal(number: int) -> str:
    """Returns the ordinal for a number from 1 to 9999, such as `derde` for 3."""
    rest = number % 100
    if rest in _ORDINALS:
        last = _ORDINALS[rest]
    elif not rest:
        return f"{cardinal(number)}ste"
    else:
        last = cardinal(rest) + ("de" if rest < 20 else "ste")
    return (cardinal(number - rest) if number > rest else "") + last


def _grouped_ordinals() -> list[Rule]:
    # The core rules would read the number without its ending.
    number = rf"{START}(?P<number>[1-9]\.[0-9]{{3}})(?:e|ste|de)(?![\p{{L}}\p{{N}}])"
    return [Rule(lazy(number), lambda match: ordinal(int(match["number"].replace(".", ""))), COUNTS)]


def _postcodes() -> list[Rule]:
    pattern = (
        rf"{START}(?P<first>[1-9][0-9])(?P<last>[0-9]{{2}}){SPACE}?(?P<letters>[A-Z]{{2}})"
        rf"(?![\p{{L}}\p{{N}}])(?={SPACE}\p{{Lu}}|[,.)]|\Z)"
    )

    def replace(match: Match) -> str:
        last = match["last"] if match["last"][0] != "0" else " ".join(_DIGITS[int(digit)] for digit in match["last"])
        return f"{match['first']} {last} {match['letters'][0]} {match['letters'][1]}"

    return [Rule(lazy(pattern), replace, COUNTS)]


def _dates() -> list[Rule]:
    day, year = r"(?P<day>0?[1-9]|[12][0-9]|3[01])", r"(?P<year>[12][0-9]{3})"
    month = r"(?P<month>0?[1-9]|1[0-2])"
    iso = rf"{START}{year}-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    zone = r"(?::[0-5][0-9](?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
    iso_time = rf"(?:(?:T|,?{SPACE}){_HOURS}:{_MINUTES}{zone}(?:{SPACE}uur(?!\p{{L}}))?)?"
    numeric = rf"{START}{day}(?P<mark>[-/.]){month}(?P=mark){year}{END}"
    name = rf"(?P<name>{any_of(_SHORT_MONTHS)})(?:\.|(?![\p{{L}}.]))"
    named = rf"{START}{day}{SPACE}{name}(?:{SPACE}{year}(?![\p{{N}}\p{{L}}]))?"
    month_year = rf"(?<!\p{{L}}){name}{SPACE}{year}(?![\p{{N}}\p{{L}}])"
    weekday = (
        rf"(?<![\p{{L}}'’])(?P<weekday>{any_of(_WEEKDAYS)})\.?(?=,?{SPACE}[0-9]{{1,2}}{SPACE}"
        rf"(?i:{any_of([*_MONTHS, *_SHORT_MONTHS])})(?!\p{{L}}))"
    )
    decade = rf"(?<=[Jj]aren{SPACE})['’](?=[1-9]0(?![0-9]))"
    return [
        Rule(lazy(iso + iso_time + END), _date, ("-", has_digits(8))),
        Rule(lazy(numeric), _date, DIGITS),
        month_ranges(_MONTHS, _SHORT_MONTHS, "tot en met|t/m|tot|en|of", joined_months(_MONTHS, "tot")),
        weekday_ranges(_WEEKDAYS, "tot"),
        *weekdays_between(_WEEKDAYS, "t/m|tot en met|tot|en|of"),
        # `t/m` is no rate of the units `t` and `m`.
        Rule(lazy(r"(?<![\p{L}\p{N}/])t/m(?![\p{L}\p{N}/])"), lambda _: "tot en met", "/"),
        Rule(lazy(weekday), lambda match: _WEEKDAYS[match["weekday"]], COUNTS),
        Rule(lazy(named), _date, COUNTS),
        Rule(lazy(month_year), _date, COUNTS),
        Rule(lazy(decade), lambda _: "", "'’"),
    ]


def _date(match: Match) -> str | None:
    fields = match.groupdict()
    if fields.get("month") and not is_day(fields["day"], fields["month"], fields["year"]):
        return None
    month = _SHORT_MONTHS[fields["name"]] if fields.get("name") else int(fields["month"])
    words = [str(int(fields["day"]))] if fields.get("day") else []
    words += [_MONTHS[month - 1]]
    if fields["year"]:
        words += [fields["year"]]
    if fields.get("hours"):
        words[-1] += ","
        words += [_clock(int(fields["hours"]), int(fields["minutes"]))]
    ends = match[0].endswith(".") and match.end() == len(match.string)
    return " ".join(words) + ("." if ends else "")


def _date_before_time(match: Match) -> str:
    return f"{int(match['day'])} {_MONTHS[int(match['month']) - 1]}"


def _times() -> list[Rule]:
    units = rf"{SPACE}?(?:m|min\.?|minuten)(?![\p{{L}}\p{{N}}])"
    short = rf"{START}(?P<hours>[0-9]{{1,3}}){SPACE}?(?:h|u\.?|uur){SPACE}?(?P<minutes>[0-9]{{1,2}}){units}"
    duration = rf"{START}(?P<hours>[0-9]{{1,3}}):{_MINUTES}:{_SECONDS}(?:\.[0-9]{{1,6}})?{END}"
    ratio = rf"{START}(?P<first>[0-9]{{1,4}}):(?P<second>[0-9]{{1,6}}){END}"
    return [
        Rule(lazy(short), _short_duration, COUNTS),
        minutes_and_seconds(r"min\.?|minuten", lambda _, minutes, seconds: _duration(0, minutes, seconds)),
        Rule(lazy(rf"{START}{_HOURS}:{_MINUTES}:{_SECONDS}{_UUR}"), _time, ":"),
        Rule(lazy(duration), _duration_or_time, ":"),
        Rule(lazy(rf"{START}{_HOURS}:{_MINUTES}{_UUR}?{END}"), _time, ":"),
        Rule(lazy(rf"{START}{_HOURS}\.{_MINUTES}{_UUR}"), _time, COUNTS),
        Rule(lazy(rf"{START}{_HOURS}[uh]{_MINUTES}(?![\p{{L}}\p{{N}}])"), _time, COUNTS),
        Rule(lazy(rf"{START}0(?P<hours>[0-9]){_UUR}"), lambda match: _clock(int(match["hours"]), 0), COUNTS),
        Rule(lazy(ratio), lambda match: f"{int(match['first'])} op {int(match['second'])}", ":"),
    ]


def _clock(hours: int, minutes: int) -> str:
    return f"{hours} uur" + (f" {minutes}" if minutes else "")


def _time(match: Match) -> str | None:
    fields = match.groupdict()
    if not fields.get("uur") and _BEFORE_RATIO.intersection(words_before(match)[:2]):
        return None
    words = _clock(int(match["hours"]), int(match["minutes"]))
    if fields.get("seconds") and int(fields["seconds"]):
        words += f" en {_count(int(fields['seconds']), 'seconde', 'seconden')}"
    return words


def _duration_or_time(match: Match) -> str | None:
    hours, minutes, seconds = (int(match[name]) for name in ("hours", "minutes", "seconds"))
    before = word_before(match)
    if (before in _BEFORE_CLOCK and hours < 25) or (before == "is" and len(match["hours"]) == 2):
        return _time(match)
    return _duration(hours, minutes, seconds)


def _short_duration(match: Match) -> str:
    return with_end(match, _duration(int(match["hours"]), int(match["minutes"]), 0))


def _duration(hours: int, minutes: int, seconds: int) -> str:
    counts = ((hours, "uur", "uur"), (minutes, "minuut", "minuten"), (seconds, "seconde", "seconden"))
    return " ".join(_count(*count) for count in counts if count[0]) or "0 seconden"


def _count(count: int, singular: str, plural: str) -> str:
    return f"{count} {singular if count == 1 else plural}"


def _money(amount: Money) -> str:
    units, hundredths = _CURRENCIES[amount.currency]
    sign = "min " if amount.negative else ""
    if not amount.units and amount.hundredths:
        return f"{sign}{amount.hundredths} {hundredths}"
    return f"{sign}{amount.units} {units}" + (f" {amount.hundredths}" if amount.hundredths else "")


def _fraction(whole: int, numerator: int, denominator: int, match: Match) -> str | None:
    following = match["noun"] or ""
    if regex.fullmatch(f"{_PARTS_OF_WORKS}|pagina|bladzijde|stap|aflevering|les|nummer|track", word_before(match)):
        return f"{numerator} van {denominator}"
    if denominator == 2:
        half = "half" if not following[:1].isalpha() or regex.match(_HALF_OF_NEUTER, following) else "halve"
        return (
            f"ander{half}"
            if whole == 1
            else f"{cardinal(whole)}ën{half}"
            if whole in {2, 3}
            else f"{whole} en een {half}"
            if whole
            else f"een {half}"
        )
    if denominator > 12 and denominator not in {16, 20, 100}:
        return None
    part = "kwart" if denominator == 4 else ordinal(denominator)
    words = "driekwart" if (numerator, denominator) == (3, 4) else f"{cardinal(numerator)} {part}"
    return f"{whole} {words}" if whole else words


def _romans() -> list[Rule]:
    numeral = "(?P<numeral>[IVX]{1,7})"
    ruler = rf"(?<![\p{{L}}])(?P<name>\p{{Lu}}\p{{Ll}}+){SPACE}{numeral}(?![\p{{L}}\p{{N}}'’-])"
    century = rf"{START}{numeral}(?:e|de|ste)(?![\p{{L}}\p{{N}}])"
    part = rf"(?<=(?<!\p{{L}})(?i:{_PARTS_OF_WORKS}){SPACE}){numeral}(?![\p{{L}}\p{{N}}])"
    return [
        Rule(lazy(part), lambda match: str(roman_value(match["numeral"]) or match["numeral"]), "IVX"),
        Rule(lazy(ruler), _ruler, "IVX"),
        Rule(lazy(century), _roman_ordinal, "IVX"),
    ]


def _ruler(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    if value is None or (
        len(match["numeral"]) == 1
        and regex.match(r"\.", match.string[match.end() : match.end() + 1])
        and match.end() + 1 < len(match.string)
    ):
        return None
    if match["numeral"] in {"X", "V"} and match["name"].casefold() not in _KINGS:
        return None
    return f"{match['name']} de {ordinal(value).capitalize()}"


_KINGS = listed("lodewijk karel willem filips hendrik leopold johannes paulus pius gregorius george napoleon frederik")


def _roman_ordinal(match: Match) -> str | None:
    value = roman_value(match["numeral"])
    return None if value is None else ordinal(value)
