"""Helpers that determine the meaning of a number from the text around it."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.passage import Match


def words(text: str) -> frozenset[str]:
    """Returns the set of words in `text`."""
    return frozenset(text.split())


def table(text: str) -> dict[str, str]:
    """Parses pairs such as `vs=versus etc=et_cetera` to a dictionary. In a value, `_` represents a space."""
    pairs = (pair.split("=") for pair in text.split())
    return {written: spoken.replace("_", " ") for written, spoken in pairs}


FUNCTION_WORDS = words(
    "and or but nor the a an he she it they we i you was were is are has had have will would can could to until"
    " till when which that who with at as by in on for after before because there his her their its our this these"
    " those from through if so while where since did does not also then than of per each if into over under about"
    " without within do may might must should off up down out only more less"
)
"""Words that are never counted nouns."""

_COUNTED = words(
    "people men women children feet percent degrees mm cm m km ft mi kg g mg lb lbs oz ml l w kw kwh wh mah v hz"
    " mhz ghz kb mb gb tb px rpm kcal cal mph kph hp psi bpm fps sq cubic square meter metre foot mile watt volt"
    " hour minute second dollar euro pound calorie word page seat ton gallon liter litre hpa lux lumen"
)
_NEXT_WORD = lazy(r"\s{0,2}-?(\p{L}++)?")
_ARTICLE = lazy(
    r"\b(?:an?|the|another|one|each|every)\s(?:\d[\w.,]{0,6}(?:\s\p{Ll}{1,5})?\s(?:x|×|by)\s){0,2}\Z", regex.IGNORECASE
)
_NOT_PLURAL = frozenset(("plus", "versus", "always", "perhaps", "thus"))


_CONTAINERS = words(
    "cans bottle bottles bag bags box boxes jar jars pack packs packet packets package packages carton cartons tin tins"
    " container containers pan pans pot pots dish dishes skillet steak steaks glass glasses tub tubs tube tubes sheet"
)
"""Nouns that an amount can modify even without an article."""
_CAN = lazy(r"[\s-]can(?!\s(?:be|not|also|only|have|still)\b)\b")


def text_before(match: Match, length: int = 36) -> str:
    """Returns the last `length` characters before the match."""
    return match.string[max(0, match.start() - length) : match.start()]


def text_after(match: Match, length: int = 36) -> str:
    """Returns the first `length` characters after the match."""
    return match.string[match.end() : match.end() + length]


def is_end(match: Match) -> bool:
    """Returns whether the match is at the end of the sentence."""
    return not text_after(match).strip(" \"')]”’»")


def spaced(match: Match, words: str) -> str:
    """Returns the words for a sign, with spaces added where they would otherwise touch another word."""
    last, following = text_before(match, 1), text_after(match, 1)
    left = " " if last and not last.isspace() else ""
    right = " " if following.isalnum() or (following and following in "(.√$€£+-\u2212") else ""
    return left + words.rstrip() + (right or " " * (words.endswith(" ") and not following.isspace()))


def next_word(following: str) -> str:
    """Returns the first word of `following` if a space or a hyphen precedes it, or an empty string."""
    found = _NEXT_WORD.match(following)
    return (found[1] or "") if found is not None else ""


def measures(following: str) -> bool:
    """Returns whether the text after a number begins with a unit or another word for a quantity."""
    return next_word(following).lower() in _COUNTED or following.lstrip()[:1] in ("%", "°")


def counts(following: str) -> bool:
    """Returns whether the text after a number begins with a unit or a plural noun, so that the number is a count."""
    word = next_word(following)
    is_plural = word.islower() and len(word) > 2 and word.endswith("s")
    return measures(following) or (is_plural and word not in FUNCTION_WORDS | _NOT_PLURAL)


def goes_on(following: str) -> bool:
    """Returns whether `following` can continue a sentence after a number that is not a count."""
    rest = following.lstrip()
    if not rest or not rest[0].isalpha():
        return rest[:1] not in ("%", "°", "$", "€", "£")
    word = next_word(following)
    return word.lower() in FUNCTION_WORDS or word[:1].isupper()


def sizes(following: str) -> bool:
    """Returns whether an amount before `following` is the size of a container, as in "two 12 ounce cans"."""
    return next_word(following) in _CONTAINERS


def is_attribute(before: str, following: str) -> bool:
    """Returns whether an amount between `before` and `following` modifies the noun after it, as in "a 5 pound bag"."""
    if following[:1] not in (" ", "\u00a0", "-"):
        return False
    word = next_word(following)
    if _ARTICLE.search(before[-30:]) is None:
        return False
    return (word.islower() and (word not in FUNCTION_WORDS or _CAN.match(following) is not None)) or (
        len(word) > 1 and word.isupper()
    )
