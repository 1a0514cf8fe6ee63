"""Converts rows of stars to spoken ratings, and removes all other stars."""

from typing import NamedTuple

import regex

FULL_STARS = "★⭐🌟✭✮✯"
EMPTY_STARS = "☆✩✰"
STARS = FULL_STARS + EMPTY_STARS
"""Characters that are kept until a sentence is complete, because a row of them may be a rating."""

_MAX_STARS = 10
"""Maximum number of stars in a rating. A longer row is a decorative line."""

# A row of stars, or a number before a star sign. The groups `before` and `after` match if a word is adjacent.
_ROW = regex.compile(
    rf"(?:(?P<number>(?<![\d.,])\d{{1,2}}(?:[.,]\d)?)[ \u00a0]?[{FULL_STARS}](?![{STARS}])"
    rf"|(?P<before>(?<=[\p{{L}}\p{{N}}]))?(?=[{STARS}])(?P<full>[{FULL_STARS}]*+)(?P<half>½?)(?P<empty>[{EMPTY_STARS}]*+))"
    r"(?P<after>(?=[\p{L}\p{N}]))?"
)
# A word that may be a noun described by the rating, as in "5★ hotel".
_DESCRIBED = regex.compile(r" (?!and|or|from|on|in|for|by|out|at|with|is|are|was|to|but)\p{Ll}{2}")


class _Words(NamedTuple):
    """The words for ratings in one language."""

    of: str
    """The word between the rating and the maximum rating."""

    one: str
    few: str
    """The form after 2 to 4 in Slavic languages, and the plural in others."""

    many: str
    of_stars: str
    """The form after `of`."""


def _words(of: str, one: str, many: str, few: str = "", of_stars: str = "") -> _Words:
    return _Words(of, one, few or many, many, of_stars or many)


_LANGUAGES = {
    "ca": _words("de", "estrella", "estrelles"),
    "cs": _words("z", "hvězda", "hvězd", "hvězdy"),
    "da": _words("ud af", "stjerne", "stjerner"),
    "de": _words("von", "Stern", "Sterne", of_stars="Sternen"),
    "en": _words("out of", "star", "stars"),
    "es": _words("de", "estrella", "estrellas"),
    "fr": _words("sur", "étoile", "étoiles"),
    "it": _words("su", "stella", "stelle"),
    "nl": _words("van de", "ster", "sterren"),
    "no": _words("av", "stjerne", "stjerner"),
    "pl": _words("na", "gwiazdka", "gwiazdek", "gwiazdki"),
    "pt": _words("de", "estrela", "estrelas"),
    "ru": _words("из", "звезда", "звёзд", "звезды"),
    "sk": _words("z", "hviezda", "hviezd", "hviezdy"),
    "sv": _words("av", "stjärna", "stjärnor"),
    "uk": _words("з", "зірка", "зірок", "зірки"),
    "zh": _words("星，满分", "星", "星"),
}


def read_ratings(text: str, language: str) -> str:
    """Replaces ratings such as `★★★★☆` with "4 out of 5 stars", and removes all other stars.

    `language` is a code such as `en_US`. For languages without words for ratings, the replacement is `4/5`.
    """
    if set(text).isdisjoint(STARS):
        return text
    code = regex.split("[_-]", language, maxsplit=1)[0].lower()
    words = _LANGUAGES.get({"nb": "no", "nn": "no"}.get(code, code))

    def replace(match: "regex.Match[str]") -> str:
        spoken = _rating(match, words)
        if not spoken:
            return " "
        if words and match["number"] and code == "en" and _DESCRIBED.match(text, match.end()):
            spoken = f"{match['number']} {words.one}"
        return f"{' ' * (match['before'] is not None)}{spoken}{' ' * (match['after'] is not None)}"

    return _ROW.sub(replace, text)


def _rating(match: "regex.Match[str]", words: _Words | None) -> str:
    if match["number"]:
        return f"{match['number']} {_stars(match['number'], words)}".rstrip()
    full, empty = len(match["full"]), len(match["empty"])
    total = full + len(match["half"]) + empty
    if not 2 <= total <= _MAX_STARS or (total == 2 and empty):
        return ""
    given = f"{full}.5" if match["half"] else str(full)
    if not empty:
        return f"{given} {_stars(given, words)}".rstrip()
    return f"{given} {words.of} {total} {words.of_stars}" if words else f"{given}/{total}"


def _stars(number: str, words: _Words | None) -> str:
    if words is None:
        return ""
    return words.one if number == "1" else words.few if number in {"2", "3", "4"} else words.many
