"""English rules for years, decades and eras."""

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.languages.en.context import (
    counts,
    goes_on,
    is_end,
    measures,
    text_after,
    text_before,
    words,
)
from wyoming_piper_serial.text.preparation.languages.en.numbers import decade, pair, year
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import COUNTS, INNER_DASHES, Match, Rule, has_digits

# Words that mark the next four-digit number as a year unless it is a count.
_STRONG = words(
    "in since year est established founded born died c during circa copyright © spring summer autumn fall winter"
    " early late mid q1 q2 q3 q4 h1 h2"
)
# Words that mark the next number as a year if the number is a recent year and the text after it can follow a year.
_WEAK = words("until till by from before after around about of to and or between through for")
_DETERMINERS = words("the a an this that his her their its our my your every")
_LAST_WORD = lazy(r"([\p{L}\d©]{1,12})[.,]?[\s-]\Z")
_LISTED = lazy(r"(?<!\d)(?:1[89]\d\d|20[0-4]\d)(?:,|,?\s(?:and|or|to|&))\s\Z")
_PAIRED = lazy(r"\b(?:in|from|between|circa|c\.|since)\s1[1-9]\d\d,?\s(?:and|or|to)\s\Z")
_SECOND = lazy(r"\s(?:to|and|until|till)\s(?:1[1-9]|20)\d\d(?![\w:/%°+]|[.,]\d|[-–]\d)")
_STRONG_BEFORE = lazy(r"\b(?:in|since|year)\s\Z", regex.IGNORECASE)
_CLOSING = {"(": ")", '"': '"', "“": "”", "‘": "’"}
_ERA = lazy(r"\s(?:BCE?|CE|AD|B\.C\.|C\.E\.|A\.D\.)(?!\w)")
_DECADE_CONTEXT = lazy(r"\b(?:the|early|late|mid|his|her|their|my|your|our)[\s-]\Z", regex.IGNORECASE)
_FOLLOWS_START = lazy(r"\s(?:was|is|will|has|had|saw|brought|marked|began|ended|became)\b|\s?[:–—]\s")


class _Years:
    """Reads years in the style of one region."""

    def __init__(self, locale: Locale) -> None:
        self._joint = "and" if locale.region not in ("", "US") else ""

    def words(self, number: int) -> str:
        return year(number, joint=self._joint)

    def pair(self, match: Match) -> str | None:
        """Returns a range of years such as 1914–1918, 1990-95 or 2024/25 in words, or `None` for other ranges."""
        first, last = int(match["first"]), match["last"]
        if len(last) == 2:
            if int(last) <= first % 100:
                return None
            end = pair(int(last))
        elif int(last) <= first:
            return None
        else:
            end = self.words(int(last))
        is_round = len(last) == 4 and first % 100 == 0 and int(last) % 100 == 0 and first < 1900
        if is_round or counts(text_after(match, 30)):
            return None
        between = " " if match["sign"] == "/" else " to "
        return self.words(first) + between + end

    def decade(self, match: Match) -> str | None:
        number = int(match["decade"])
        before = text_before(match, 12)
        if number < 100 and not match["short"] and not _DECADE_CONTEXT.search(before):
            return None
        return decade(number)

    def alone(self, match: Match) -> str | None:
        before, following = text_before(match, 24), text_after(match, 40)
        return self.words(int(match[0])) if _is_year(int(match[0]), before, following) else None


def _is_year(number: int, before: str, following: str) -> bool:
    """Returns whether a number from 1000 to 2099 is a year. `before` contains at most 24 characters."""
    recent = 1900 <= number < 2050
    if _ERA.match(following) or before.endswith(("AD ", "A.D. ")):
        return True
    if number < 1100 and not (number % 100 > 9 and _STRONG_BEFORE.search(before)):
        return False
    if before[-1:] in _CLOSING:
        # A year in brackets, or at the end of a title in quotation marks.
        return number >= (1500 if before[-1] == "(" else 1900) and following[:1] == _CLOSING[before[-1]]
    if not before.strip():
        return recent and _FOLLOWS_START.match(following) is not None
    if _PAIRED.search(before) or (recent and _LISTED.search(before)):
        return not counts(following)
    last = _LAST_WORD.search(before)
    return last is not None and _is_year_after(last[1], last.start() == 0, recent, number, following)


def _is_year_after(word: str, is_first: bool, recent: bool, number: int, following: str) -> bool:
    """Returns whether `word`, which precedes `number`, marks it as a year. `is_first` says whether this word begins the
    sentence.
    """
    lower = word.lower()
    if lower in _STRONG:
        return not (measures(following) if recent and lower in ("in", "since") else counts(following))
    if lower in ("from", "between") and (second := _SECOND.match(following)) is not None:
        return not counts(following[second.end() :])
    if counts(following) or not recent:
        return False
    if lower in _WEAK:
        return goes_on(following)
    if lower in _DETERMINERS:
        return following[:1].isspace() or (lower == "the" and goes_on(following))
    # After a capitalized word, the number may be part of the name of an event, such as "Expo 2020". The first word of a
    # sentence is always capitalized, so it is not treated as a name.
    return word[0].isupper() and not is_first and number >= 1950 and goes_on(following)


def _era(match: Match) -> str:
    return match[0].replace(".", "") + "." * is_end(match)


def rules(locale: Locale) -> list[Rule]:
    """Returns the rules for years. They are applied after the rules for dates, times and codes, and before the rules
    for ranges.
    """
    years = _Years(locale)
    return [
        Rule(lazy(r"(?:B\.C\.(?:E\.)?|C\.E\.|A\.D\.)(?<=\d\s.{4,6})(?!\w)"), _era, COUNTS),
        Rule(
            lazy(
                r"(?<![\w.,$€£:/-])(?<first>(?:1[1-9]|20)\d\d)\s?(?<sign>[-–/])"
                r"(?:\s?(?<last>(?:1[1-9]|20)\d\d)|(?<last>\d\d))(?![\w:/%-]|[.,]\d)"
            ),
            years.pair,
            ("-/–", has_digits(4)),
        ),
        Rule(lazy(r"\bFY\s?['’]?(20\d\d|\d\d)\b"), lambda match: f"fiscal year {years.words(int(match[1]))}", COUNTS),
        Rule(lazy(r"(?<=\d0['’]?s)\s?[-–]\s?(?=['’]?(?:1[1-9]|20)?\d0['’]?s\b)"), lambda _: " to ", INNER_DASHES),
        Rule(
            lazy(r"(?<![\w.,$€£/])(?:(?<short>['’‘])(?<decade>\d0)|(?<decade>(?:1[1-9]|20)?\d0))['’]?s\b"),
            years.decade,
            COUNTS,
        ),
        Rule(
            lazy(r"(?<=\b(?:of|in|since|[Tt]he|summer|winter|spring|fall)\s)['’](\d\d)(?![\w'’])"),
            lambda match: pair(int(match[1])),
            "'’",
        ),
        Rule(lazy(r"(?<![\w.,:/$€£¥₹#°+])(?:1\d|20)\d\d(?![\w:/%°+]|[.,]\d|[-–]\d)"), years.alone, has_digits(4)),
    ]
