"""Builders for rules that several languages share. Each builder is given the words of one language.

All patterns are bounded: they examine a limited number of characters around each digit, sign or letter.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import has_beginning, has_spaced_word
from wyoming_piper_serial.text.preparation.passage import COUNTS, INNER_DASHES, RANGES, Match, Needs, Rule, has_digits

SPACE = "[ \u00a0\u2009\u202f]"
MINUS = "[-\u2010\u2011\u2212]"
DASH = "[-\u2010-\u2015\u2212]"
# Letters of scripts that separate words with spaces. In other scripts, a number may directly follow a letter.
LETTERS = r"\p{Latin}\p{Cyrillic}\p{Greek}µ"
# The position before a number that does not continue another number, a word, a code or an address.
START = rf"(?<![{LETTERS}\p{{N}}_/]|\p{{N}}[.,:]|[{LETTERS}\p{{N}}]{DASH})"
# The position after a number that is not continued by another number, a word, a code or an address.
END = rf"(?![{LETTERS}\p{{N}}_]|[.,:/][\p{{N}}])"
# A date with a leading zero, such as `03/10/2026`, `03-10-26` and `03/10`. It is not a telephone number.
PADDED_DATE = (
    r"0[1-9](?:/(?:0[1-9]|1[0-2])(?:/(?:[12][0-9])?[0-9]{2})?|-(?:0[1-9]|1[0-2])-(?:[12][0-9])?[0-9]{2})"
    r"(?![0-9]|[-/][0-9]|[ \u00a0][0-9]{2}[ \u00a0][0-9]{2})"
)

# Scripts that do not separate words with spaces, or that attach endings to numbers.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}"
# The positions after and before a number for the core rules, which apply to all languages: as `END` and `START`, but a
# number may be beside the letters of an unspaced script, and behind a dash or a slash.
CORE_END = rf"(?![[\p{{L}}\p{{M}}\p{{N}}_²³]--[{UNSPACED}]]|['’]\p{{L}})"
CORE_START = rf"(?<![[\p{{L}}\p{{M}}\p{{N}}_]--[{UNSPACED}]])(?<![0-9][.,:'’\u00a0\u202f\u2009])"

_NUMBER = r"[0-9]{1,7}(?:[.,:][0-9]{1,3})?"
_SENTENCE_END = r"(?P<last>(?=[\s\"'»«”“’)\]]{0,5}\Z))?"
_ROMAN = lazy(r"(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_MAX_ROMAN = 39
_MAX_SCORE = 100
_PHONE_DIGITS = range(7, 16)  # digits in an international telephone number; ITU-T E.164 allows at most 15
_LAST_PAGE = 5000  # the ordinals of all languages reach this number, and few books have more pages
_LOOK_BACK = 60  # number of characters before a match to search for words
_WORDS = lazy(r"\p{L}+(?:['’]\p{L}+)?")


def any_of(words: Iterable[str], *, space: str = SPACE) -> str:
    """Returns a pattern that matches any of the words, trying longer words first. A space in a word matches `space`, by
    default any kind of space.
    """
    ordered = sorted(words, key=len, reverse=True)
    # `re.escape` is ten times as fast as `regex.escape`. It writes a space as `\\ `.
    return "(?:" + "|".join(re.escape(word).replace("\\ ", space) for word in ordered) + ")"


def words_before(match: Match) -> list[str]:
    """Returns the words in the text shortly before the match, in lower case, nearest first."""
    text = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    return [word.casefold() for word in reversed(_WORDS.findall(text))]


def word_before(match: Match) -> str:
    """Returns the word before the match in lower case, or an empty string unless only spaces separate them."""
    text = match.string[max(0, match.start() - _LOOK_BACK) : match.start()].rstrip()
    found = _WORDS.findall(text)
    return found[-1].casefold() if found and text.endswith(found[-1]) else ""


def roman_value(numeral: str, *, limit: int = _MAX_ROMAN) -> int | None:
    """Returns the value of a Roman numeral from I to XCIX, or `None` if `numeral` is invalid or greater than `limit`.

    Numerals above the default limit are rare, and most of them are also abbreviations.
    """
    if not numeral or _ROMAN.fullmatch(numeral) is None:
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    value = sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))
    return value if value <= limit else None


def capitalized_as(written: str, spoken: str) -> str:
    """Returns `spoken`, capitalized if `written` is capitalized."""
    return spoken[:1].upper() + spoken[1:] if written[:1].isupper() else spoken


def abbreviations(table: Mapping[str, str], *, before: str = "", after: str = "") -> Rule:
    """Returns a rule that expands the abbreviations in `table`.

    A space in an abbreviation is optional and matches any kind of space. The first letter may be a capital. A dot at
    the end of the sentence is kept. `before` and `after` are lookaround patterns for the surrounding text.
    """
    keys = dict(table)
    for key, value in table.items():
        keys.setdefault(capitalized_as("A", key), capitalized_as("A", value))
    spoken = {key.replace(" ", ""): value for key, value in keys.items()}
    written = any_of(keys).replace(SPACE, f"{SPACE}?")

    def replace(match: Match) -> str:
        found = regex.sub(SPACE, "", match["abbreviation"])
        return spoken[found] + ("." if found.endswith(".") and match["last"] is not None else "")

    start = rf"(?<![\p{{L}}\p{{N}}_@/-]|[\p{{L}}\p{{N}}]\.){before}"
    # Inside a sentence, a dot belongs to the abbreviation even if the table contains the abbreviation without the dot.
    end = rf"(?:(?<=\.)|\.(?={SPACE}[\p{{L}}\p{{N}}])|(?![\p{{L}}\p{{N}}_])){after}{_SENTENCE_END}"
    return Rule(lazy(f"{start}(?P<abbreviation>{written}){end}"), replace, has_spaced_word(keys))


def ranges(to: str, *, score: str = "") -> list[Rule]:
    """Returns rules that replace the dash in ranges with the word `to`.

    Examples of ranges are `10-20 Tage`, `1914–1918` and `3,5 %–4 %`. The second number must be larger, except in times
    and if it has a sign. Between numbers other than times, a hyphen indicates a range only if a unit follows the first
    number, if a word or a unit follows the second number, or if the first number is at least 1000 and there are no
    spaces around the hyphen.

    If the second number is not larger, as in `3-2`, a dash without spaces is replaced with `score`, unless `score` is
    empty or the first number is at least 100.
    """
    unit = rf"{SPACE}?(?:[%°€$£¥]C?|℃)"
    no_number = r"(?<![\p{L}\p{N}_./,:^-])|(?<=(?<![\p{L}\p{N}_./,:)^-]|[0-9][ \u00a0])(?P<minus>[-−]))"
    left = rf"(?<=(?:{no_number})(?P<low>{_NUMBER})\.?(?P<unit>{unit})?)"
    right = rf"(?=[+€$£¥]?(?P<high>{_NUMBER})\.?(?P<follows>{unit}|{SPACE}?\p{{L}})?(?!{DASH}?[0-9/]|{SPACE}?=))"
    dash = lazy(rf"{left}(?P<dash>{SPACE}?{DASH}{SPACE}?){right}")

    def between(match: Match) -> str | None:
        low, high = (float(match[name].replace(",", ".").replace(":", ".")) for name in ("low", "high"))
        is_time = ":" in match["low"]
        spaced = len(match["dash"]) > 1
        if match["minus"]:
            low = -low
        if low >= high and not is_time:
            return None if spaced or not score or low >= _MAX_SCORE else f" {score} "
        is_certain = "–" in match["dash"] or "—" in match["dash"] or is_time or match["follows"] or match["unit"]
        if is_certain or (low >= 1000 and not spaced):
            return f" {to} "
        return None

    # The second number is negative, as in `-10–-5 °C`.
    signed = rf"(?<=(?<![\p{{L}}\p{{N}}_./,:]|[\p{{L}}\p{{N}}]-){_NUMBER}(?:{unit})?)({SPACE}?)[–—]\1(?=[-−+][0-9])"
    return [Rule(lazy(signed), lambda _: f" {to} ", RANGES), same_unit_ranges(f" {to} "), Rule(dash, between, RANGES)]


def same_unit_ranges(to: str) -> Rule:
    """Returns the rule that replaces the dash between two amounts with the same unit with `to`, as in `5 kg–7 kg`. The
    second number must be larger.
    """
    low = rf"(?<=(?<![\p{{L}}\p{{N}}_./,:-])(?P<low>{_NUMBER}){SPACE}?(?P<unit>[\p{{L}}µ°²³/]{{1,8}}))"
    high = rf"(?=(?P<high>{_NUMBER}){SPACE}?(?P=unit)(?![\p{{L}}\p{{N}}²³/]|{SPACE}?=))"

    def between(match: Match) -> str | None:
        low, high = (float(match[name].replace(",", ".").replace(":", ".")) for name in ("low", "high"))
        return to if low < high else None

    return Rule(lazy(rf"{low}{SPACE}?{DASH}{SPACE}?{high}"), between, RANGES)


def page_ranges(words: str, to: str) -> list[Rule]:
    """Returns the rule that replaces a dash between page numbers with `to`. `words` is a pattern for the word before
    the numbers, such as "page".
    """
    before = rf"(?<=(?<!\p{{L}})(?i:{words}){SPACE}?[0-9]{{1,5}})"
    dash = lazy(rf"{before}{SPACE}?[-–]{SPACE}?(?=[0-9]{{1,5}}(?![\p{{N}}-]))")
    return [Rule(dash, lambda _: f" {to} ", RANGES)]


def page_spans(words: str, say: Callable[[Match, int, int], str]) -> list[Rule]:
    """Returns the rule that reads a word such as "page" and the two numbers with a dash after it, as in `s. 5-7`.

    `words` is a pattern for the word, which is the group `noun` of the match. `say` receives the match and the numbers.
    """
    number = "[1-9][0-9]{0,3}"

    def replace(match: Match) -> str | None:
        low, high = int(match["low"]), int(match["high"])
        return say(match, low, high) if low < high <= _LAST_PAGE else None

    pattern = (
        rf"(?<![\p{{L}}\p{{N}}.])(?P<noun>(?i:{words})){SPACE}?(?P<low>{number}){SPACE}?[-–]{SPACE}?(?P<high>{number})"
        r"(?![\p{L}\p{N}-]|[.,:/]\p{N})"
    )
    return [Rule(lazy(pattern), replace, RANGES)]


def weekday_ranges(weekdays: Mapping[str, str], to: str) -> Rule:
    """Returns a rule for ranges of abbreviated weekdays, such as `Mo-Fr`. The keys of `weekdays` have no dots."""
    names = {**{capitalized_as("A", day): capitalized_as("A", name) for day, name in weekdays.items()}, **weekdays}
    day = any_of(names)
    end = rf"(?:\.(?!{SPACE}*\Z)|(?!\p{{L}}))"
    pattern = rf"(?<![\p{{L}}\p{{N}}])(?P<first>{day})\.?{SPACE}?{DASH}{SPACE}?(?P<last>{day}){end}"

    def replace(match: Match) -> str:
        return f"{names[match['first']]} {to} {names[match['last']]}"

    return Rule(lazy(pattern), replace, (*INNER_DASHES, has_beginning(weekdays, 2)))


def weekdays_between(
    weekdays: Mapping[str, str], words: str, *, last: Mapping[str, str] | None = None, before: str = ""
) -> list[Rule]:
    """Returns rules for two abbreviated weekdays with a word between them, such as `lun. au ven.`.

    The keys of `weekdays` have no dots. `words` is a pattern for the word between the weekdays. `last` contains the
    names of the second weekday, by default the same names. `before` is a lookbehind for the first weekday.
    """
    last = last or weekdays
    day = any_of(weekdays)
    words = words.replace(" ", SPACE)
    end = rf"(?:\.(?!{SPACE}*\Z)|(?!\p{{L}}))"
    first_day = rf"(?<![\p{{L}}\p{{N}}]){before}(?P<day>(?i:{day}))\.?(?={SPACE}(?:{words}){SPACE}{day}(?!\p{{L}}))"
    last_day = rf"(?<=(?<!\p{{L}})(?i:{any_of(set(weekdays.values()))}){SPACE}(?:{words}){SPACE})(?P<day>{day}){end}"
    needs = has_beginning(weekdays, 2)
    return [
        Rule(lazy(first_day), lambda match: capitalized_as(match["day"], weekdays[match["day"].casefold()]), needs),
        Rule(lazy(last_day), lambda match: last[match["day"]], needs),
    ]


def spelled_digits(text: str, names: Sequence[str]) -> str:
    """Returns the names of the digits in `text`. If every group has several digits, commas separate the groups."""
    groups = regex.findall("[0-9]+", text)
    pause = ", " if all(len(group) > 1 for group in groups) else " "
    return pause.join(" ".join(names[int(digit)] for digit in group) for group in groups)


def spelled(patterns: Iterable[regex.Pattern[str]], names: Sequence[str], needs: Needs) -> list[Rule]:
    """Returns rules that read all matches of `patterns` digit by digit. `names` are the words for 0 to 9."""
    return [Rule(pattern, lambda match: spelled_digits(match[0], names), needs) for pattern in patterns]


def digit_strings(names: Sequence[str], *, plus: str, contexts: str) -> list[Rule]:
    """Returns rules that read digit by digit: international telephone numbers, numbers with a leading zero, and numbers
    after a word that matches `contexts`, such as `PIN|Code`.

    `names` are the words for 0 to 9, and `plus` is the word for the plus sign of an international number.
    """
    group = rf"(?:{SPACE}?[-/.]?{SPACE}?\(?[0-9]{{1,9}}+\)?)"

    def international(match: Match) -> str | None:
        if sum(character.isdigit() for character in match[0]) not in _PHONE_DIGITS:
            return None
        return f"{plus} {spelled_digits(match[0], names)}"

    phone = lazy(rf"(?<![\p{{L}}\p{{N}}+])\+[0-9]{{1,3}}{group}{{1,6}}{END}")
    more = rf"(?:{SPACE}?[-/]?{SPACE}?[0-9]{{2,9}}+){{1,5}}"
    code = rf"(?:\(0[0-9]{{1,5}}\)|0[0-9]{{1,5}}){more}|0[0-9]{{2,14}}"
    zero = lazy(rf"(?<![0-9]{SPACE}){START}(?!{PADDED_DATE})(?:{code}){END}(?!\.[0-9]|{DASH}[0-9])")
    return [*codes(names, contexts), Rule(phone, international, "+"), *spelled([zero], names, ("0", has_digits(3)))]


def codes(names: Sequence[str], contexts: str) -> list[Rule]:
    """Returns rules that read a code digit by digit after a word that matches `contexts`. `names` are the words for 0
    to 9.
    """
    contexts = contexts.replace(" ", SPACE)

    between = rf"[:#]?(?:{SPACE}\p{{Ll}}{{1,9}}[:]?){{0,4}}{SPACE}?[„\"“]?"
    context = lazy(
        rf"(?=[0-9])(?<![0-9])(?<=(?<![\p{{L}}])(?:{contexts}){between})(?:[0-9]{{3,12}}"
        rf"(?:[-{SPACE[1:-1]}][0-9]{{2,9}}){{0,4}}|[0-9]{{1,2}}"
        rf"(?:[-{SPACE[1:-1]}][0-9]{{2,4}}){{2,5}}){END}(?!{SPACE}?[%€$£°])"
    )
    letters = lazy(
        rf"(?<=(?<![\p{{L}}])(?:{contexts}){between})(?P<letters>[A-Z]{{1,3}})[- ]?(?P<digits>[0-9]{{2,6}}){END}"
    )

    def with_letters(match: Match) -> str:
        return f"{' '.join(match['letters'])} {spelled_digits(match['digits'], names)}"

    return [Rule(letters, with_letters, COUNTS), *spelled([context], names, COUNTS)]


def fine_particles(number: str) -> Rule:
    """Returns a rule that separates `PM` (particulate matter) from the number in "PM2.5". `number` is the spelling of
    2.5 that espeak-ng reads correctly.
    """
    return Rule(lazy(r"(?<=PM)2[.,]5(?![\p{L}\p{N}])"), lambda _: f" {number}", COUNTS)


def table(text: str) -> dict[str, str]:
    """Parses a table of the form `key = value | key = value`, which may span several lines."""
    entries = (entry.partition("=") for line in text.splitlines() for entry in line.split("|") if entry.strip())
    return {key.strip(): value.strip() for key, _, value in entries}


def listed(text: str) -> list[str]:
    """Returns the words in `text`."""
    return text.split()


def grouped(text: str) -> dict[str, str]:
    """Parses a table of the form `value = word word | value = word`. Returns a mapping from each word to its value."""
    groups = (group.partition("=") for group in text.split("|"))
    return {word: value.strip() for value, _, members in groups for word in members.split()}
