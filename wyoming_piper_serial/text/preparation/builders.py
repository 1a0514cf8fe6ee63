"""Builds the rules that several languages share from the words of one language.

All patterns are bounded: they look at a limited number of characters around each digit, sign or letter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import regex

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import Number
from wyoming_piper_serial.text.preparation.passage import Match, Rule
from wyoming_piper_serial.text.preparation.quantities import signed, with_end
from wyoming_piper_serial.text.preparation.symbols import Symbols

SPACE = "[ \u00a0\u2009\u202f]"
MINUS = "[-\u2010\u2011\u2212]"
DASH = "[-\u2010-\u2015\u2212]"
# Letters of scripts that separate words with spaces. In other scripts, a number may touch a word.
_LETTERS = r"\p{Latin}\p{Cyrillic}\p{Greek}µ"
# The position before a number that is not the rest of another number, word, code or address.
START = rf"(?<![{_LETTERS}\p{{N}}_/]|\p{{N}}[.,:]|[{_LETTERS}\p{{N}}]{DASH})"
# The position after such a number.
END = rf"(?![{_LETTERS}\p{{N}}_]|[.,:/][\p{{N}}])"

_NUMBER = r"[0-9]{1,7}(?:[.,:][0-9]{1,3})?"
_SENTENCE_END = r"(?P<last>(?=[\s\"'»«”“’)\]]{0,5}\Z))?"
_ROMAN = regex.compile(r"X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}
_VULGAR = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅕": (1, 5),
    "⅖": (2, 5),
    "⅗": (3, 5),
    "⅘": (4, 5),
    "⅙": (1, 6),
    "⅚": (5, 6),
    "⅛": (1, 8),
    "⅜": (3, 8),
    "⅝": (5, 8),
    "⅞": (7, 8),
    "⅒": (1, 10),
}
_MAX_DENOMINATOR = 100
_LONGEST_SYMBOL = 4  # of a unit behind a fraction
_MAX_SCORE = 100
_PHONE_DIGITS = range(7, 16)  # of an international telephone number; at most 15 by ITU-T E.164
_LOOK_BACK = 60  # characters in which the words before a match are looked for
_WORDS = regex.compile(r"\p{L}+(?:['’]\p{L}+)?")
_HAN = regex.compile(r"\p{Han}")


class Money(NamedTuple):
    """An amount with hundredths, such as 5,99."""

    negative: bool
    units: int
    hundredths: int
    currency: str
    """As it is written, such as `€`."""


def any_of(words: Iterable[str]) -> str:
    """Returns a pattern that matches each of the words, the longest first. A space in a word matches any space."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(regex.escape(word, literal_spaces=True).replace(" ", SPACE) for word in ordered) + ")"


def words_before(match: Match) -> list[str]:
    """Returns the words shortly before the match, in lower case, the nearest first."""
    text = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    return [word.casefold() for word in reversed(_WORDS.findall(text))]


def word_before(match: Match) -> str:
    """Returns the nearest word before the match in lower case, if only spaces stand between."""
    text = match.string[max(0, match.start() - _LOOK_BACK) : match.start()].rstrip()
    found = _WORDS.findall(text)
    return found[-1].casefold() if found and text.endswith(found[-1]) else ""


def roman_value(numeral: str) -> int | None:
    """Returns the value of a roman numeral from I to XXXIX, or `None` if it is not such a numeral. Larger numerals
    are rare, and most of them are also abbreviations."""
    if not numeral or _ROMAN.fullmatch(numeral) is None:
        return None
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    return sum(-one if one < following else one for one, following in zip(values, [*values[1:], 0], strict=True))


def capitalized_as(written: str, spoken: str) -> str:
    """Returns `spoken` with a capital if `written` begins with one."""
    return spoken[:1].upper() + spoken[1:] if written[:1].isupper() else spoken


def abbreviations(table: Mapping[str, str], *, before: str = "", after: str = "") -> Rule:
    """Returns a rule that writes out abbreviations.

    A space in a key may be missing in the text, or be any space. The first letter may be a capital. The dot of an
    abbreviation at the end of the sentence remains. `before` and `after` are patterns (lookarounds) for what stands
    before and after the abbreviation.
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
    end = rf"(?:(?<=\.)|(?![\p{{L}}\p{{N}}_])){after}{_SENTENCE_END}"
    return Rule(regex.compile(f"{start}(?P<abbreviation>{written}){end}"), replace)


def ranges(to: str, *, score: str = "") -> list[Rule]:
    """Returns rules that say `to` for the dash of a range such as `10-20 Tage`, `1914–1918` or `3,5 %–4 %`.

    A hyphen is a range only between a smaller and a larger number, and where a word or a unit follows. A dash before a
    smaller number, as in `3-2`, becomes `score`, unless it is empty.
    """
    unit = rf"{SPACE}?(?:[%°€$£¥]C?|℃)"
    left = rf"(?<=(?<![\p{{L}}\p{{N}}_./,:-])(?P<low>{_NUMBER})\.?(?P<unit>{unit})?)"
    right = rf"(?=[+€$£¥]?(?P<high>{_NUMBER})\.?(?P<follows>{unit}|{SPACE}?\p{{L}})?(?!{DASH}?[0-9/]|{SPACE}?=))"
    dash = regex.compile(rf"{left}(?P<dash>{SPACE}?{DASH}{SPACE}?){right}")

    def between(match: Match) -> str | None:
        low, high = (float(regex.sub("[,:]", ".", match[name])) for name in ("low", "high"))
        is_time = ":" in match["low"]
        spaced = len(match["dash"]) > 1
        if low >= high and not is_time:
            return None if spaced or not score or low >= _MAX_SCORE else f" {score} "
        is_certain = "–" in match["dash"] or "—" in match["dash"] or is_time or match["follows"] or match["unit"]
        if is_certain or (low >= 1000 and not spaced):
            return f" {to} "
        return None

    return [Rule(dash, between)]


def spelled_digits(text: str, names: Sequence[str]) -> str:
    """Returns the names of the digits in `text`, with a comma between groups of several digits."""
    groups = regex.findall("[0-9]+", text)
    pause = ", " if all(len(group) > 1 for group in groups) else " "
    return pause.join(" ".join(names[int(digit)] for digit in group) for group in groups)


def digit_strings(names: Sequence[str], *, plus: str, contexts: str) -> list[Rule]:
    """Returns rules that read codes digit by digit: international telephone numbers, numbers with a zero at the start,
    and numbers after a word of `contexts`, a pattern such as `PIN|Code`.

    `names` are the words for 0 to 9, and `plus` is the word for the sign of an international number.
    """
    contexts = contexts.replace(" ", SPACE)
    group = rf"(?:{SPACE}?[-/.]?{SPACE}?\(?[0-9]{{1,9}}\)?)"

    def international(match: Match) -> str | None:
        if sum(character.isdigit() for character in match[0]) not in _PHONE_DIGITS:
            return None
        return f"{plus} {spelled_digits(match[0], names)}"

    def spelled(match: Match) -> str:
        return spelled_digits(match[0], names)

    between = rf"[:#]?(?:{SPACE}\p{{Ll}}{{1,9}}[:]?){{0,3}}{SPACE}?[„\"“]?"
    phone = regex.compile(rf"(?<![\p{{L}}\p{{N}}+])\+[0-9]{{1,3}}{group}{{1,6}}{END}")
    more = rf"(?:{SPACE}?[-/]?{SPACE}?[0-9]{{2,9}}){{1,5}}"
    code = rf"(?:\(0[0-9]{{1,5}}\)|0[0-9]{{1,5}}){more}|0[0-9]{{2,14}}"
    zero = regex.compile(rf"(?<![0-9]{SPACE}){START}(?:{code}){END}(?!\.[0-9]|{DASH}[0-9])")
    context = regex.compile(
        rf"(?=[0-9])(?<![0-9])(?<=(?<![\p{{L}}])(?:{contexts}){between})(?:[0-9]{{3,12}}"
        rf"(?:[-{SPACE[1:-1]}][0-9]{{2,9}}){{0,4}}|[0-9]{{1,2}}"
        rf"(?:[-{SPACE[1:-1]}][0-9]{{2,4}}){{2,5}}){END}(?!{SPACE}?[%€$£°])"
    )
    letters = regex.compile(
        rf"(?<=(?<![\p{{L}}])(?:{contexts}){between})(?P<letters>[A-Z]{{1,3}})[- ]?(?P<digits>[0-9]{{2,6}}){END}"
    )

    def with_letters(match: Match) -> str:
        return f"{' '.join(match['letters'])} {spelled_digits(match['digits'], names)}"

    return [Rule(letters, with_letters), Rule(phone, international), Rule(context, spelled), Rule(zero, spelled)]


def money(locale: Locale, currencies: Iterable[str], say: Callable[[Money], str]) -> list[Rule]:
    """Returns rules that read amounts with hundredths, such as `5,99 €`, `$1,234.50` and `0,30 €/kWh`.

    `currencies` are the written signs and names. Amounts without hundredths are left to the rules of all languages.
    """
    symbols = Symbols(locale)
    currency = f"(?P<currency>{any_of(currencies)})"
    units = r"(?P<units>[0-9]{1,3}(?:[\u00a0\u2009\u202f .,'’][0-9]{3}){1,4}|[0-9]{1,9})"
    amount = rf"{units}[.,](?P<hundredths>[0-9]{{2}}|[-–—](?![0-9]))"
    sign = f"(?P<sign>{MINUS})?"
    per = rf"(?P<slash>{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³·⋅]{{1,6}}))?"

    def replace(match: Match) -> str:
        units = int(regex.sub("[^0-9]", "", match["units"]))
        hundredths = int(match["hundredths"]) if match["hundredths"].isdigit() else 0
        currency = match["currency"]
        spoken = say(Money(match["sign"] is not None, units, hundredths, currency))
        if match["slash"]:
            unit = symbols.unit(match["per"])
            known = unit is not None and not unit[1] and locale.has_per(unit[0])
            return locale.per(unit[0], spoken) if unit and known else spoken + match["slash"]
        return with_end(match, spoken)

    behind = rf"{START}{sign}{amount}{SPACE}?{currency}{per}(?![\p{{L}}\p{{N}}])"
    ahead = rf"(?<![\p{{L}}\p{{N}}]){sign}{currency}{SPACE}?{amount}{per}(?![.,]?[0-9]|[\p{{L}}])"
    return [Rule(regex.compile(pattern), replace) for pattern in (behind, ahead)]


def counted_units(locale: Locale, say: Callable[[str, str], str | None], *, number: str = "[0-9]{1,6}") -> list[Rule]:
    """Returns a rule for numbers with the symbol of a unit whose form espeak does not know, such as `eine` in `1 h`.

    `say` receives the number as it is written, and the key of the unit in the data of the language. It returns `None`
    to leave the number to the rules of all languages. `number` is the pattern of the numbers.
    """
    symbols = Symbols(locale)
    unit = any_of(symbols.all)
    per = rf"(?:{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³]{{1,6}}))?"
    pattern = (
        rf"{START}(?P<sign>{MINUS})?(?<![0-9])(?P<number>{number})(?P<space>{SPACE}?)(?P<unit>{unit}){per}"
        rf"(?![{_LETTERS}\p{{N}}_²³/∕]|['’]\p{{L}})"
    )

    def replace(match: Match) -> str | None:
        key, divisor = symbols.unit(match["unit"]) or ("", "")
        amount = Number.of(match["number"].replace(",", ""))
        after = match.string[match.end() : match.end() + 8]
        attached = not match["space"]
        if not key or not symbols.is_settled(match["unit"], amount, is_attached=attached, after=after):
            return None
        spoken = say(match["number"], key)
        if match["per"]:
            divisor = (symbols.unit(match["per"]) or ("", ""))[0]
        if spoken is None or (match["per"] and not locale.has_per(divisor)):
            return None
        text = locale.counted(key, amount, spoken)
        return with_end(match, signed(locale, match["sign"], locale.per(divisor, text) if divisor else text))

    return [Rule(regex.compile(pattern), replace)]


def fractions(locale: Locale, say: Callable[[int, int, int, Match], str | None]) -> list[Rule]:
    """Returns rules that read proper fractions such as `1/2`, `1 1/2 l`, `¾` and `1½`.

    `say` receives the whole number (0 if there is none), the numerator, the denominator and the match, whose group
    `noun` is the word or the unit behind the fraction. A unit is named in the form for a decimal fraction.
    """
    symbols = Symbols(locale)
    units = [symbol for symbol in symbols.all if len(symbol) <= _LONGEST_SYMBOL and symbol.isalpha()]

    def replace(match: Match) -> str | None:
        fields = match.groupdict()
        if "sign" in fields:
            numerator, denominator = _VULGAR[match["sign"]]
        else:
            numerator, denominator = int(match["numerator"]), int(match["denominator"])
        if not 0 < numerator < denominator <= _MAX_DENOMINATOR:
            return None
        spoken = say(int(match["whole"] or 0), numerator, denominator, match)
        unit = symbols.unit(match["noun"]) if "space" in fields else None
        if spoken is None or unit is None:
            return spoken
        return locale.counted(unit[0], Number(match["whole"] or "0", "5"), spoken)

    end = r"(?![\p{Latin}\p{Cyrillic}\p{N}/²³])"
    with_unit = rf"(?P<space>{SPACE}?)(?P<noun>{any_of(units)}){end}"
    with_word = rf"(?={SPACE}?(?P<noun>\p{{L}}{{1,20}}))?"
    whole = rf"{START}(?:(?P<whole>[0-9]{{1,4}}){SPACE}"
    slash = rf"{whole})?(?P<numerator>[0-9]{{1,2}})[/⁄](?P<denominator>[0-9]{{1,3}})(?![0-9_]|[.,:/][0-9])"
    signs = rf"{whole}?)?(?P<sign>[{''.join(_VULGAR)}])"
    patterns = (
        slash + with_unit,
        signs + with_unit,
        slash + with_word + r"(?![\p{Latin}\p{Cyrillic}])",
        signs + with_word,
    )
    return [Rule(regex.compile(pattern), replace) for pattern in patterns]


def table(text: str) -> dict[str, str]:
    """Returns the entries of a table that is written as `key = value | key = value`, in any number of lines."""
    entries = (entry.partition("=") for line in text.splitlines() for entry in line.split("|") if entry.strip())
    return {key.strip(): value.strip() for key, _, value in entries}


class Signs(NamedTuple):
    """The words of a language for signs. A sign with an empty word is left to espeak."""

    times: str
    minus: str
    squared: str
    cubed: str
    less: str
    greater: str
    about: str
    number: str
    fold: str = ""
    """For `x` in `4x faster`, if it differs from `times`."""

    equals: str = ""
    plus: str = ""
    conjunction: str = ""
    """For `&`."""

    root: str = ""
    unequal: str = ""
    plus_minus: str = ""
    at_most: str = ""
    at_least: str = ""
    divided: str = ""
    section: str = ""
    """For `§`."""


def signs(say: Signs) -> list[Rule]:
    """Returns rules that read signs between and before numbers and letters."""
    term = r"[\p{L}\p{N}]"
    left, right = rf"(?<=(?:{term}|[)²³%]){SPACE}?)", rf"(?={SPACE}?(?:{term}|[(√−-]))"
    # A variable or a number, but not a unit such as m².
    power = rf"(?<=[0-9)]|(?<![\p{{L}}\p{{N}}/]|[0-9]{SPACE})[a-ln-zA-LN-Zα-ωа-яА-Я])"
    words = [
        (rf"(?<=[0-9)]){SPACE}?(?:[×✕*]|(?<!(?<![0-9])0)[xX]){SPACE}?(?=[0-9(])", say.times),
        (rf"{left}×{right}", say.times),
        (rf"(?<={START}[0-9]{{1,4}})[x×](?={SPACE}\p{{L}})", say.fold or say.times),
        (rf"(?<=[0-9)]){SPACE}[-−–]{SPACE}(?=[0-9(])", say.minus),
        (rf"(?<=[0-9)])(?:[-−](?=[0-9]{{1,7}}{SPACE}?=)|−(?=[0-9]))", say.minus),
        (rf"(?<=[\p{{L}})²³]{SPACE})[-−](?={SPACE}(?:{term}|[(√])[^\n]{{0,40}}=)", say.minus),
        (rf"{left}(?<!=)=(?!=){right}", say.equals),
        (rf"{left}\+{right}", say.plus),
        (f"{power}²", say.squared),
        (f"{power}³", say.cubed),
        (rf"(?<=(?:{term}|[)²³%]){SPACE})<(?={SPACE}(?:{term}|[(√−-]))", say.less),
        (rf"(?<=(?:{term}|[)²³%]){SPACE})>(?={SPACE}(?:{term}|[(√−-]))", say.greater),
        (rf"(?<![\p{{L}}\p{{N}}])[~≈]{SPACE}?(?=[0-9])", say.about),
        (r"(?<![\p{L}\p{N}#&])#(?=[0-9])", say.number),
        (rf"(?<={term}{SPACE}?)&(?={SPACE}?{term})", say.conjunction),
        (rf"√(?={SPACE}?(?:{term}|\())", say.root),
        (rf"{left}[≠≢]{right}", say.unequal),
        (rf"±(?={SPACE}?[0-9])", say.plus_minus),
        (rf"≤{right}", say.at_most),
        (rf"≥{right}", say.at_least),
        (rf"{left}÷{right}", say.divided),
        (rf"§(?={SPACE}?[0-9])", say.section),
    ]
    return [Rule(regex.compile(pattern), _spaced(word)) for pattern, word in words if word]


def _spaced(word: str) -> Callable[[Match], str]:
    def replace(match: Match) -> str:
        if _HAN.match(word):
            return word
        before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
        return (
            (" " if before and (before.isalnum() or before in ")²³%") else "")
            + word
            + (" " if after and after.isalnum() else "")
        )

    return replace


def listed(text: str) -> list[str]:
    """Returns the words of a list that is written as one text."""
    return text.split()


def grouped(text: str) -> dict[str, str]:
    """Returns the value of each word of a table that is written as `value = word word | value = word`."""
    groups = (group.partition("=") for group in text.split("|"))
    return {word: value.strip() for value, _, members in groups for word in members.split()}
