"""Core rules for all languages: ISO 8601 dates, dates with dots or slashes, and times with a colon."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.days import YEAR_FIRST, is_day, is_written_as_date
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import UNSPACED, capitalized_as
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits

# A date may be beside the letters of a script that does not separate words with spaces.
_DATE = lazy(
    rf"(?<![[\w.:/+-]--[{UNSPACED}]])"
    r"(?P<year>[0-9]{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12][0-9]|3[01])"
    r"(?:[T ](?P<time>[0-2][0-9]:[0-5][0-9])(?P<seconds>:[0-5][0-9])?"
    r"(?:[.,][0-9]{1,9})?(?:Z|[+-][0-2][0-9]:?[0-5][0-9])?)?"
    rf"(?![[\p{{L}}\p{{N}}_]--[{UNSPACED}]]|[-/:][0-9])",
    regex.V1,
)
# In dates with dots, the day comes first in all languages.
_POINTED_DATE = lazy(
    r"(?<![\w.,:/+-])(?P<day>0?[1-9]|[12][0-9]|3[01])\.(?P<space>[ \u00a0\u202f]?)(?P<month>0?[1-9]|1[0-2])\.(?P=space)"
    r"(?P<year>(?:1[89]|20)[0-9]{2})(?![\w/:-]|[.,][0-9])"
)
# In languages in which the day comes first.
_SLASHED_DATE = lazy(
    r"(?<![\w.,:/+-])(?P<day>0?[1-9]|[12][0-9]|3[01])/(?P<month>0?[1-9]|1[0-2])/(?P<year>(?:1[89]|20)[0-9]{2})"
    r"(?![\w/:-]|[.,][0-9])"
)
# In languages in which the year comes first.
_YEAR_FIRST_DATE = lazy(
    rf"(?<![[\w.,:/+-]--[{UNSPACED}]])"
    r"(?P<year>(?:1[89]|20)[0-9]{2})/(?P<month>0?[1-9]|1[0-2])/(?P<day>0?[1-9]|[12][0-9]|3[01])"
    rf"(?![[\w/:-]--[{UNSPACED}]]|[.,][0-9])",
    regex.V1,
)
_POINTED_YEAR_FIRST_DATE = lazy(rf"(?<![[\w.,:/+-]--[{UNSPACED}]]){YEAR_FIRST}(?![[\w/:]--[{UNSPACED}]])", regex.V1)
_TIME = lazy(
    r"(?<![\w.,:/+-])(?P<hour>[0-2]?[0-9]):(?P<minute>[0-5][0-9])(?::(?P<second>[0-5][0-9]))?(?![\w:/]|[.,][0-9])"
)


# A day and a month without a year, each written as an ordinal with a dot.
_DAY_AND_MONTH = lazy(
    r"(?<![\w.,:/+-])(?P<day>0?[1-9]|[12][0-9]|3[01])\.(?P<space>[ \u00a0\u202f]?)(?P<month>0?[1-9]|1[0-2])\."
    r"(?![\w.,:/-]|[ \u00a0\u202f][0-9]{4})(?:(?P<last>(?=[\s\"'»”)]*\Z))|(?P<next>(?=\s\p{Lu})))?"
)
# Words before a date: prepositions and days of the week. At the end of a text and before a capital letter, `21.5.` is a
# date only after such a word. Otherwise, it is a decimal number and the end of the sentence, because Home Assistant
# uses a decimal point in all languages. German has rules of its own.
_BEFORE_DATE = {
    "cs": r"dne|do|od|k|ke|na|před|po|pondělí|úter\w+|střed\w+|čtvrt\w+|pát\w+|sobot\w+|neděl\w+",
    "da": r"den|d|fra|til|inden|senest|(?:man|tirs|ons|tors|fre|lør|søn)dag",
    "et": r"alates|kuni|(?:esmas|teisi|kolma|nelja|lau|püha)päev\w*|reede\w*",
    "fi": r"(?:maanan|tiis|tors|perjan|lauan|sunnun)tai\w*|keskivii[kv]\w+",
    "is": r"þann|frá|til|(?:mánu|þriðju|miðviku|fimmtu|föstu|laugar|sunnu)dag\w*",
    "no": r"den|d|fra|til|innen|(?:man|tirs|ons|tors|fre|lør|søn)dag",
    "sk": r"dňa|do|od|k|na|pred|po|pondel\w+|utor\w+|stred\w+|štvrt\w+|piat\w+|sobot\w+|nedeľ\w+",
    "sl": r"dne|do|od|pred|po|ponedelj\w+|tor\w+|sred\w+|četrt\w+|pet\w+|sobot\w+|nedelj\w+",
    "sr": r"dana|do|od|pre|posle|дана|до|од|пре|после|"
    r"ponedelj\w+|utor\w+|sred\w+|četvrt\w+|pet\w+|subot\w+|nedelj\w+|"
    r"понедељ\w+|утор\w+|сред\w+|четврт\w+|пет\w+|субот\w+|недељ\w+",
}


def dates(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for dates and times that the language's own rules do not handle."""

    def date(match: Match) -> str | None:
        text = numeric(match)
        if text is None or not match["time"]:
            return text
        seconds = match["seconds"] or ""
        time = match["time"] + (seconds if seconds not in ("", ":00") else "")
        return f"{text} {time.replace(':', colon)}"

    def numeric(match: Match) -> str | None:
        day, month, year = match["day"], match["month"], match["year"]
        return locale.date(int(day), int(month), int(year)) if is_day(day, month, year) else None

    def time(match: Match) -> str:
        return colon.join(part for part in match.groups() if part)

    def short(match: Match) -> str | None:
        day, month = match["day"], match["month"]
        is_end = match["last"] is not None or match["next"] is not None
        is_settled = not is_end or is_written_as_date(day, month, is_spaced=match["space"] != "")
        if not is_day(day, month) or not (is_settled or before_date.search(match.string, 0, match.start())):
            return None
        text = f"{int(day)}. {locale.months[int(month) - 1]}"
        return text if match["last"] is None else f"{text}."

    before_date = lazy(rf"(?<!\w)(?i:{_BEFORE_DATE.get(locale.language, '(?!)')})[.,]?[ \u00a0\u202f]\Z")
    colon = str(locale.data["colon"])
    rules = [
        Rule(_DATE, date, ("-", has_digits(8))),
        Rule(_POINTED_DATE, numeric, (".", has_digits(6))),
        *_clock_times(locale),
    ]
    if locale.data["date"].startswith("{d}"):
        rules.append(Rule(_SLASHED_DATE, numeric, ("/", has_digits(6))))
    elif locale.data["date"].startswith("{y}"):
        rules.append(Rule(_YEAR_FIRST_DATE, numeric, ("/", has_digits(6))))
        rules.append(Rule(_POINTED_YEAR_FIRST_DATE, numeric, (".", has_digits(6))))
    if locale.data["date"] == "{d}. {m} {y}":
        rules.append(Rule(_DAY_AND_MONTH, short, (".", has_digits(2))))
    # In some languages, espeak-ng reads the colon in a time aloud.
    return rules if colon == ":" else [*rules, Rule(_TIME, time, ":")]


def _clock_times(locale: Locale) -> list[Rule]:
    """Returns the rule for times after a word such as `kl.` or `klo`, or an empty list if the language has no such
    word. The rule expands the word, and keeps the dot in the time from being read as a decimal sign.
    """
    words = locale.data["clock"]
    short = {word.rstrip(".") for word in words if word.endswith(".") or word == "klo"}
    long = next((word for word in words if word.rstrip(".") not in short), "")
    if not short or not long:
        return []

    def clock(match: Match) -> str:
        minute = match["minute"] or "00"
        spoken = "" if minute == "00" else f" 0 {minute[1]}" if minute[0] == "0" else f" {minute}"
        word = match["word"]
        word = capitalized_as(word, long) if word.casefold().rstrip(".") in short else word
        return f"{word} {int(match['hour'])}{spoken}"

    known = "|".join(regex.escape(word.rstrip(".")) + r"\.?" * word.endswith(".") for word in words)
    pattern = (
        rf"(?<![\w.-])(?P<word>(?i:{known}))[ \u00a0]?(?P<hour>[01]?[0-9]|2[0-4])(?:[.:](?P<minute>[0-5][0-9]))?"
        r"(?![\w:/-]|[.,:][0-9])"
    )
    return [Rule(lazy(pattern), clock, COUNTS)]
