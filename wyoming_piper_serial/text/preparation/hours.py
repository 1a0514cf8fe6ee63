"""Core rules for all languages: times before the word for hours, and durations of hours, minutes and seconds."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import DASH, LETTERS, SPACE, START, any_of
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end


class _Hours(NamedTuple):
    """The words with which a language writes times such as `18.30 hod.`"""

    words: str
    """A pattern for the words after a time. None of them follows a decimal number of hours."""

    to: str
    """The word between two times with a dash."""

    between: str
    """A pattern for other words between two times."""

    joint: str = " "
    """The text between the hours and the minutes."""


_HOURS = {
    "bg": _Hours(r"ч\.|ч|часа", "до", "до|и", " и "),
    "cs": _Hours(r"hod\.|hod|hodin", "až", "do|až|a"),
    "sk": _Hours(r"hod\.|hod|hodín", "až", "do|až|a"),
    "sr": _Hours(r"ч\.|ч|часова", "до", "до|и", " и "),
}
# Symbols for hours that have another meaning when they stand alone, here tons.
_OTHER_HOURS = {"da": ("t", "t."), "no": ("t", "t.")}
# Letters that are minutes or seconds only beside hours or minutes.
_OTHER_MINUTES, _OTHER_SECONDS = ("m", "м"), ("s", "с")


def hours(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for times before a word such as `hod.`, and for durations such as `2h 30m` and `1:05 min`."""
    times = _HOURS.get(locale.language)
    return [*_durations(locale), *(_times(locale, times) if times else [])]


def minutes_and_seconds(words: str, say: Callable[[Match, int, int], str]) -> Rule:
    """Returns the rule for minutes and seconds with a colon before a word for minutes, as in `1:05 min`.

    `words` is a pattern for this word. `say` receives the match, the minutes and the seconds.
    """
    pattern = rf"{START}(?P<min>[0-9]{{1,3}}):(?P<s>[0-5][0-9]){SPACE}?(?:{words})(?![{LETTERS}\p{{N}}_²³/∕])"

    def replace(match: Match) -> str:
        return with_end(match, say(match, int(match["min"]), int(match["s"])))

    return Rule(lazy(pattern), replace, (":", *COUNTS, has_digits(3)))


def _times(locale: Locale, say: _Hours) -> list[Rule]:
    first = r"(?P<hours>[01]?[0-9]|2[0-4])[.:](?P<minutes>[0-5][0-9])"
    second = r"(?P<last_hours>[01]?[0-9]|2[0-4])[.:](?P<last_minutes>[0-5][0-9])"
    to = rf"(?:{SPACE}?{DASH}{SPACE}?|{SPACE}(?P<between>{say.between}){SPACE})"
    pattern = rf"{START}{first}(?:{to}{second})?{SPACE}?(?:{say.words})(?![\p{{L}}\p{{N}}])"

    def time(hours: str, minutes: str) -> str:
        text = locale.counted("h", int(hours))
        return text if minutes == "00" else f"{text}{say.joint}{locale.counted('min', int(minutes))}"

    def replace(match: Match) -> str:
        text = time(match["hours"], match["minutes"])
        if match["last_hours"]:
            text += f" {match['between'] or say.to} {time(match['last_hours'], match['last_minutes'])}"
        return with_end(match, text)

    return [Rule(lazy(pattern), replace, (*COUNTS, ".:", has_digits(3)))]


def _durations(locale: Locale) -> list[Rule]:
    symbols = {
        unit: [symbol for symbol in locale.symbols.all if locale.symbols.unit(symbol) == (unit, "")]
        for unit in ("h", "min", "s")
    }
    if not all(symbols.values()):
        return []
    hour_symbols = [*symbols["h"], *_OTHER_HOURS.get(locale.language, ())]
    minute_symbols = [*symbols["min"], *_OTHER_MINUTES]
    hour = rf"(?P<h>[0-9]{{1,3}}){SPACE}?{any_of(hour_symbols)}{SPACE}?"
    minute = rf"{SPACE}?{any_of(minute_symbols)}"
    second = rf"{SPACE}?(?P<s>[0-5]?[0-9]){SPACE}?{any_of([*symbols['s'], *_OTHER_SECONDS])}"
    end = rf"(?![{LETTERS}\p{{N}}_²³/∕]|['’]\p{{L}})"
    # With spaces, as in `100 m 10 s`, the first unit may also be meters.
    short = rf"(?P<min>[0-5]?[0-9]){any_of(_OTHER_MINUTES)}{SPACE}?(?P<s>[0-5]?[0-9]){any_of(_OTHER_SECONDS)}"
    pattern = rf"{START}(?:{hour}(?P<min>[0-5]?[0-9]){minute}(?:{second})?|{short}){end}"

    def counted(match: Match) -> str:
        parts = [locale.counted(unit, int(match[unit])) for unit in ("h", "min", "s") if match.groupdict().get(unit)]
        return str(locale.data["space"].join(parts))

    def replace(match: Match) -> str:
        return with_end(match, counted(match))

    def say(match: Match, minutes: int, seconds: int) -> str:
        return counted(match) if minutes and seconds else locale.counted("min" if minutes else "s", minutes or seconds)

    needs = (*COUNTS, has_digits(2), follows_number([*hour_symbols, *_OTHER_MINUTES]))
    colon = minutes_and_seconds(any_of(symbols["min"]), say)
    rules = [colon, Rule(lazy(pattern, regex.V1), replace, needs)]
    if locale.language in _OTHER_HOURS:
        # The symbol for tons has no dot. At the end of a sentence, the dot may be the full stop.
        dotted = rf"{START}(?P<h>[0-9]{{1,3}}){SPACE}?t\.(?={SPACE}[\p{{Ll}}\p{{N}}])"
        rules.append(Rule(lazy(dotted), lambda match: locale.counted("h", int(match["h"])), (".", *COUNTS)))
    return rules
