"""Builds the rule for a day and a month as numbers directly before a time of day, as in Dutch `3-10 om 18:30`.

Elsewhere, such numbers may be a range, a fraction or a decimal number.
"""

from collections.abc import Callable

from wyoming_piper_serial.text.days import is_day
from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, START
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, Match, Rule, has_digits

_SLAVIC, _SLASH = "./", "/"
# The signs between the day and the month, and a pattern for the words between the date and the time, by language.
_LANGUAGES = {
    "bg": (_SLAVIC, "в|от"),
    "ca": (_SLASH, "a les|a la"),
    "cs": (_SLAVIC, "v|ve|od"),
    "da": ("./", r"kl\.|klokken"),
    "de": ("./", "um|ab|gegen"),
    "el": ("./", "στις|στη"),
    "es": ("-/", "a las|a la|desde las"),
    "et": ("./", "kell"),
    "fi": ("./", "klo|kello"),
    "fr": (_SLASH, "à|vers|dès"),
    "id": (_SLASH, "pukul|jam"),
    "it": ("-/", "alle ore|alle|ore|dalle"),
    "nl": ("-./", "om|vanaf"),
    "no": ("./", r"kl\.|klokken|klokka"),
    "pl": (_SLAVIC, r"o|od|o godz\.|o godzinie|godz\."),
    "pt": ("-/", "às|à|as"),
    "ro": ("./", "la ora|la|ora"),
    "ru": (_SLAVIC, "в|к|с"),
    "sk": (_SLAVIC, "o|od"),
    "sl": (_SLAVIC, "ob"),
    "sr": (_SLAVIC, "u|у"),
    "sv": (_SLASH, r"kl\.|klockan"),
    "tr": ("./", "saat"),
    "uk": (_SLAVIC, "о|об"),
    "vi": (_SLASH, "lúc"),
}
_TIME = rf"[0-2]?[0-9](?:[:.hH][0-5][0-9](?:min)?|{SPACE}?(?:Uhr|uur|h|horas?|heures?)(?!\p{{L}}))"


def dates_before_times(locale: Locale, say: Callable[[Match], str | None] | None = None) -> list[Rule]:
    """Returns the rule for a day and a month before a time, or an empty list if the language has none.

    `say` receives a match with the groups `day` and `month`. If it is `None`, the date has the format of the locale.
    After a dot, a month with one digit may be the fraction of a decimal number, so that such a text is not a date.
    """
    if locale.language not in _LANGUAGES:
        return []
    marks, words = _LANGUAGES[locale.language]
    form = str(locale.data["date"]).partition("{m}")[0] + "{m}"

    def replace(match: Match) -> str | None:
        if not is_day(match["day"], match["month"]):
            return None
        if say is not None:
            return say(match)
        return form.replace("{d}", str(int(match["day"]))).replace("{m}", locale.months[int(match["month"]) - 1])

    month = r"(?P<month>1[0-2]|0[1-9]|(?<!\.)[1-9]|[1-9](?=\.))\.?"
    date = rf"{START}(?P<day>0?[1-9]|[12][0-9]|3[01])[{marks}]{month}"
    ahead = rf"(?={SPACE}(?:{words.replace(' ', SPACE)}){SPACE}{_TIME}(?![\p{{L}}\p{{N}}]))"
    return [Rule(lazy(date + ahead), replace, (marks, *COUNTS, has_digits(4)))]
