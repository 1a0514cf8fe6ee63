"""Builds the rule for durations whose numbers and letters are written without spaces, as in `2d 3h` and `1h 30min 15s`.

Most of these letters have other meanings when they stand alone.
"""

from collections.abc import Callable, Mapping

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START, any_of, grouped
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits
from wyoming_piper_serial.text.preparation.quantities import with_end

_UNITS = ("d", "h", "min", "s")
_LATIN = "d = d | h = h | min = min m | s = s sec"
# The letters of each unit, by language. All other languages have those of `_LATIN`.
_LETTERS = {
    "bg": "d = д | h = ч | min = мин м | s = сек с",
    "cs": "d = d | h = h hod | min = min m | s = s sek",
    "da": "d = d | h = t h | min = min m | s = s sek",
    "de": "d = d | h = h Std | min = min Min m | s = s Sek sek sec",
    "fi": "d = pv d vrk | h = t h | min = min m | s = s",
    "fr": "d = j | h = h | min = min mn m | s = s sec",
    "hu": "d = n | h = ó h | min = p perc min | s = mp s",
    "it": "d = g gg d | h = h | min = min m | s = s sec",
    "nl": "d = d | h = u h | min = min m | s = s sec",
    "no": "d = d | h = t h | min = min m | s = s sek",
    "pl": "d = d | h = h g godz | min = min m | s = s sek",
    "ro": "d = z | h = h | min = min m | s = s sec",
    "ru": "d = д дн | h = ч час | min = мин м | s = сек с",
    "sk": "d = d | h = h hod | min = min m | s = s sek",
    "sr": "d = d д | h = h ч | min = min m мин м | s = s с",
    "sv": "d = d | h = h tim t | min = min m | s = s sek",
    "tr": "d = g gün | h = sa s | min = dk d | s = sn",
    "uk": "d = д дн | h = год г | min = хв | s = сек с",
}
# Languages whose own rules call `compact_durations`, or read such durations themselves.
_WITH_RULES = {"de", "en", "pl", "ru", "zh"}
# Languages whose own rules read hours, minutes and seconds.
_CLOCKS = {"es", "fr", "it", "pt"}

Say = Callable[[Mapping[str, int], Match], str]


def compact_durations(locale: Locale, say: Say | None = None) -> list[Rule]:
    """Returns the rule for durations with at least two units, the larger before the smaller and none left out between.

    `say` receives the number of each unit and the match. If it is `None`, the units are in the form of the locale, and
    there is no rule for the languages that pass a function.
    """
    if say is None and locale.language in _WITH_RULES:
        return []
    letters = grouped(_LETTERS.get(locale.language, _LATIN))
    names = {unit: [letter for letter, key in letters.items() if key == unit] for unit in _UNITS}

    def one(unit: str) -> str:
        return rf"(?P<{unit}>[0-9]{{1,4}})(?:{any_of(names[unit])})(?![\p{{L}}])\.?"

    days, hours, minutes, seconds = (one(unit) for unit in _UNITS)
    after_hours = rf"{SPACE}?{minutes}(?:{SPACE}?{seconds})?"
    pattern = (
        rf"{START}(?:{days}{SPACE}?{hours}(?:{after_hours})?|{hours}{after_hours}|{minutes}{SPACE}?{seconds})"
        r"(?![\p{L}\p{N}/²³])"
    )

    def replace(match: Match) -> str | None:
        counts = {unit: int(match[unit]) for unit in _UNITS if match[unit]}
        if say is not None:
            return with_end(match, say(counts, match))
        if "d" not in counts and locale.language in _CLOCKS:
            return None
        return with_end(match, " ".join(locale.counted(unit, count) for unit, count in counts.items()))

    return [Rule(lazy(pattern), replace, (*COUNTS, has_digits(2), follows_number(letters)))]
