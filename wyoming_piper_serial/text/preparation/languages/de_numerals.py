"""German numerals in words: cardinals, years, and ordinals with their endings."""

from collections.abc import Sequence

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import SPACE, any_of, listed
from wyoming_piper_serial.text.preparation.passage import Match

_ONES = ["null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf"]
_TEENS = {16: "sechzehn", 17: "siebzehn"}
_TENS = ["", "zehn", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig"]
_ORDINALS = {1: "erst", 3: "dritt", 7: "siebt", 8: "acht"}

_LOOK_BACK = 60  # number of characters before a number to search for a preposition
# Nouns that may follow an ordinal without an article, by gender. All other nouns are treated as masculine.
_FEMININE = (
    "Aufgabe Auflage Ausgabe Bundesliga Dosis Episode Etage Folge Frage Generation Gruppe Hälfte Klasse Lektion Liga "
    "Mannschaft Minute Phase Reihe Runde Sekunde Seite Staffel Stelle Strophe Stufe Stunde Version Wahl Woche Zeile"
)
_NEUTER = (
    "Bild Drittel Halbjahr Jahr Jahrhundert Jahrtausend Jahrzehnt Kapitel Kind Lebensjahr Mal Obergeschoss OG Quartal "
    "Rennen Semester Spiel Stockwerk Tor Treffen Untergeschoss UG Viertel"
)
_MASCULINE = "Absatz Akt FC Gang Geburtstag Mai Patient Platz Preis Rang Schritt Stock Tag Teil Versuch Weltkrieg Zug"
KNOWN_NOUNS = any_of(listed(f"{_FEMININE} {_NEUTER} {_MASCULINE}"))

# Words that determine the ending of the following ordinal (`erste`, `ersten`, `erster`).
_WEAK = lazy(r"(?:die|das|ins|ans|aufs|dies|diese|dieses|jede|jedes|jene|welche|welches|[mdks]?eine|ihre|unsere|eure)")
_OBLIQUE = lazy(
    r"(?:am|vom|zum|zur|beim|im|den|dem|des|[mdks]?eine[nmrs]|ihre[nmrs]|unsere[nmrs]|eure[nmrs]|"
    r"(?:dies|jed|jen|all)e[nm]|"
    r"beide|beiden|ab|bis|seit|gegen|für|nach|vor)"
)
_STRONG = lazy(r"(?:[mdks]?ein|ihr|unser|euer|sein)")
_BEFORE_DATIVE = lazy(
    r"(?:in|aus|bei|mit|nach|seit|von|zu|auf|an|vor|hinter|über|unter|neben|zwischen|während|wegen|trotz|ab)"
)
# A preposition and the other quantities of a list, as in `in 2 Stunden, 1 Minute`.
_DATIVE_OF_QUANTITY = lazy(
    rf"(?<!\p{{L}})(?i:in|aus|bei|mit|nach|seit|von|zu|vor|ab|unter){SPACE}"
    rf"(?:[0-9]+{SPACE}\p{{L}}+(?:,{SPACE}|{SPACE}und{SPACE}))*\Z"
)
_BEFORE_ACCUSATIVE = lazy(rf"(?<!\p{{L}})(?i:für|um|auf|über|ohne|gegen|durch|pro){SPACE}\Z")
DETERMINED = listed(
    "am vom zum zur beim im ins der die das den dem des dieser diese dieses diesen diesem jeder jede jedes jeden jedem "
    "ein eine einen einem einer mein meine meinen meinem meiner dein deine deinen deinem deiner sein "
    "seine seinen seinem "
    "seiner kein keinen unser unsere unseren unserem ihr ihre ihren ihrem ihrer euer eure euren eurem"
)


def cardinal(number: int) -> str:
    """Returns a number from 0 to 999 999 as a single word."""
    if number < 13:
        return _ONES[number]
    if number < 20:
        return _TEENS.get(number) or _ONES[number - 10] + "zehn"
    if number < 100:
        ones = number % 10
        return (f"{_ONES[ones]}und" if ones else "") + _TENS[number // 10]
    size, word = (1000, "tausend") if number >= 1000 else (100, "hundert")
    count, rest = divmod(number, size)
    return cardinal(count) + word + (cardinal(rest) if rest else "")


def ordinal(number: int, ending: str) -> str:
    """Returns the ordinal for a number from 1 to 999 999, with the given ending. For 3 and `en`, this is `dritten`."""
    rest = number % 100
    if rest in _ORDINALS:
        stem = _ORDINALS[rest]
    elif rest == 0:
        return f"{_without_one(cardinal(number))}st{ending}"
    else:
        stem = cardinal(rest) + ("t" if rest < 20 else "st")
    return (_without_one(cardinal(number - rest)) if number > rest else "") + stem + ending


def _without_one(word: str) -> str:
    return word.removeprefix("ein") if word.startswith(("einhundert", "eintausend")) else word


def year(number: int) -> str:
    """Returns a year in words. 1100 to 1999 are read in hundreds. Other years are left to espeak-ng."""
    if not 1100 <= number <= 1999:
        return str(number)
    hundreds, rest = divmod(number, 100)
    words = f"{cardinal(hundreds)}hundert"
    if "4" in str(rest):  # inside a word, espeak-ng would pronounce the `v` of `vier` as in `Vase`
        return f"{words} {rest}"
    return words + (("eins" if rest == 1 else cardinal(rest)) if rest else "")


def one(match: Match, gender: str = "n") -> str:
    """Returns the numeral for 1 before a noun: the dative after a preposition such as `in`, the accusative after one
    such as `für`, else the nominative. `gender` is `m`, `f` or `n`.
    """
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    if _DATIVE_OF_QUANTITY.search(before):
        return "einer" if gender == "f" else "einem"
    if gender == "m" and _BEFORE_ACCUSATIVE.search(before):
        return "einen"
    return "eine" if gender == "f" else "ein"


def ending(before: Sequence[str], noun: str = "", *, is_date: bool = False) -> str:
    """Returns the ending of an ordinal before `noun`. `before` contains the preceding words, as returned by
    `words_before`. `is_date` says that the ordinal is the day of a date: its ending is then `en` after `ab`, `nach`,
    `seit` and `vor`.
    """
    article = before[0] if before else ""
    previous = before[1] if len(before) > 1 else ""
    if article == "der":
        return "en" if _BEFORE_DATIVE.fullmatch(previous) else "e"
    if _WEAK.fullmatch(article):
        return "e"
    if _OBLIQUE.fullmatch(article) and not (_is_strong_dative(article) and not is_date):
        return "en"
    feminine, neuter = noun in _FEMININE.split(), noun in _NEUTER.split()
    if _BEFORE_DATIVE.fullmatch(article) and not _STRONG.fullmatch(article):
        return "er" if feminine else "em"
    return "e" if feminine else "es" if neuter else "er"


def _is_strong_dative(article: str) -> bool:
    return article in {"ab", "nach", "seit", "vor"}
