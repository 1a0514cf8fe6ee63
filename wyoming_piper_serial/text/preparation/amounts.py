"""Builds the rules of one language for amounts: prices with subunits, numbers with units, ranges and fractions."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import DASH, LETTERS, MINUS, SPACE, START, any_of
from wyoming_piper_serial.text.preparation.conditions import follows_number, has_fraction, precedes_number
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.money import PER, price_per, scale_after, scale_before, scales
from wyoming_piper_serial.text.preparation.number import FRACTION_SIGNS, Number, proper_fraction
from wyoming_piper_serial.text.preparation.passage import AMOUNTS, DIGITS, RANGES, Match, Rule
from wyoming_piper_serial.text.preparation.quantities import signed, with_end

_LONGEST_SYMBOL = 4  # maximum length of a unit symbol after a fraction


class Money(NamedTuple):
    """An amount of money with two decimal places, such as 5,99, or with a dash instead of them, as in 5,-."""

    negative: bool
    units: int
    hundredths: int
    currency: str
    """The currency as written, such as `€`."""


def money(locale: Locale, currencies: Iterable[str], say: Callable[[Money], str]) -> list[Rule]:
    """Returns rules that read amounts with two decimal places, such as `5,99 €`, `$1,234.50` and `0,30 €/kWh`, or with
    a dash instead of them.

    `currencies` contains the currency signs and names as they are written. All other amounts are left to the core
    rules.
    """
    symbols = locale.symbols
    written = list(currencies)
    currency = f"(?P<currency>{any_of(written)})"
    units = r"(?P<units>[0-9]{1,3}(?:[\u00a0\u2009\u202f .,'’][0-9]{3}){1,4}|[0-9]{1,9})"
    amount = rf"{units}[.,](?P<hundredths>[0-9]{{2}}|[-–—](?![0-9]))"
    sign = rf"(?P<sign>(?<!\p{{Sc}}){MINUS})?"
    per = rf"(?P<slash>{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³·⋅]{{1,6}}))?"

    def replace(match: Match) -> str:
        units = int(regex.sub("[^0-9]", "", match["units"]))
        hundredths = int(match["hundredths"]) if match["hundredths"].isdigit() else 0
        currency = match["currency"]
        is_negative = bool(match["sign"] or match["inner"])
        spoken = say(Money(is_negative, units, hundredths, currency))
        if match["slash"]:
            unit = symbols.unit(match["per"])
            known = unit is not None and not unit[1] and locale.has_per(unit[0])
            return locale.per(unit[0], spoken) if unit and known else spoken + match["slash"]
        return with_end(match, spoken)

    inner = "(?P<inner>[-−–](?=[0-9]))?"
    behind = rf"{START}{sign}(?P<inner>(?!))?{amount}{SPACE}?{currency}{per}(?![\p{{L}}\p{{N}}])"
    ahead = rf"(?<![\p{{L}}\p{{N}}]){sign}{currency}{SPACE}?{inner}{amount}{per}(?![.,]?[0-9]|[\p{{L}}])"
    return [
        Rule(lazy(behind), replace, (".,", *AMOUNTS, follows_number(written))),
        Rule(lazy(ahead), replace, (".,", *AMOUNTS, precedes_number(written))),
    ]


def counted_units(
    locale: Locale, say: Callable[[str, str, Match], str | None], *, number: str = "[0-9]{1,6}", digits: str = DIGITS
) -> list[Rule]:
    """Returns a rule for numbers that espeak-ng would read in the wrong form before a unit symbol, such as `1` in
    German `1 h`, which is read as `eine Stunde`.

    `say` receives the number as written, the key of the unit in the language's data and the match. It returns the
    numeral, or `None` to leave the number to the core rules. `number` is the pattern that numbers must match, and
    `digits` contains the digits with which they can end.
    """
    symbols = locale.symbols
    unit = any_of(symbols.all)
    per = rf"(?:{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³]{{1,6}}))?"
    pattern = (
        rf"{START}(?P<sign>{MINUS})?(?<![0-9])(?P<number>{number})(?P<space>{SPACE}?)(?P<unit>{unit}){per}"
        rf"(?![{LETTERS}\p{{N}}_²³/∕]|['’]\p{{L}})"
    )

    def replace(match: Match) -> str | None:
        key, divisor = symbols.unit(match["unit"]) or ("", "")
        amount = Number.of(match["number"].replace(",", ""))
        after = match.string[match.end() : match.end() + 8]
        attached = not match["space"]
        if not key or not symbols.is_settled(match["unit"], amount, is_attached=attached, after=after):
            return None
        spoken = say(match["number"], key, match)
        if match["per"]:
            divisor = (symbols.unit(match["per"]) or ("", ""))[0]
        if spoken is None or (match["per"] and not locale.has_per(divisor)):
            return None
        text = locale.counted(key, amount, spoken)
        return with_end(match, signed(locale, match["sign"], locale.rate(divisor, text) if divisor else text))

    return [Rule(lazy(pattern), replace, (*AMOUNTS, follows_number(symbols.all, digits)))]


def counted_scales(
    locale: Locale, say: Callable[[str, str, Match], str | None], *, number: str, digits: str
) -> list[Rule]:
    """Returns rules for numbers that espeak-ng would read in the wrong form before a word such as "million" and a
    currency, as in German `1 Mio. €`, which is read as `eine Million Euro`.

    `say`, `number` and `digits` are those of `counted_units`. `say` receives the word or its abbreviation as the unit.
    """
    codes = locale.currency_codes
    one = any_of(codes)
    amount = rf"(?<![0-9])(?P<number>{number})(?![0-9])"
    ahead = rf"(?<![\p{{L}}\p{{N}}_/])(?P<sign>{MINUS})?(?P<currency>{one}){SPACE}?{amount}{scale_before(locale)}"
    behind = rf"{START}(?P<sign>{MINUS})?{amount}{scale_after(locale, one)}{SPACE}?(?P<currency>{one})"

    def replace(match: Match) -> str | None:
        scale = match["scale"]
        spoken = say(match["number"], scale, match) if scale else None
        if spoken is None:
            return None
        text = locale.scaled_currency(codes[match["currency"]], locale.scaled(scale, match["number"], spoken))
        price = price_per(locale, match["per"], text)
        return price and with_end(match, signed(locale, match["sign"], price))

    end = rf"{PER}(?![{LETTERS}\p{{N}}_/∕])"
    written = (*codes, *scales(locale), *locale.data["scale_letters"])
    return [
        Rule(lazy(ahead + end), replace, (*AMOUNTS, precedes_number(codes))),
        Rule(lazy(behind + end), replace, (*AMOUNTS, follows_number(written, digits))),
    ]


def unit_ranges(locale: Locale, say: Callable[[int, int, str, Match], tuple[str, str] | None]) -> list[Rule]:
    """Returns a rule for ranges of whole numbers before a unit symbol, such as `10–20 min`.

    `say` receives both numbers, the key of the unit and the match. `say` returns a pair of texts: the text before the
    second number, and the text of the second number. If `say` returns `None`, other rules handle the range.
    """
    symbols = locale.symbols
    pattern = (
        rf"{START}(?P<low>[1-9][0-9]{{0,3}}){SPACE}?{DASH}{SPACE}?(?P<high>[1-9][0-9]{{0,3}})(?P<space>{SPACE}?)"
        rf"(?P<unit>{any_of(symbols.all)})(?![{LETTERS}\p{{N}}_²³/∕]|['’]\p{{L}})"
    )

    def replace(match: Match) -> str | None:
        key, divisor = symbols.unit(match["unit"]) or ("", "")
        low, high = int(match["low"]), int(match["high"])
        after = match.string[match.end() : match.end() + 8]
        if not key or divisor or low >= high:
            return None
        if not symbols.is_settled(match["unit"], Number(match["high"]), is_attached=not match["space"], after=after):
            return None
        words = say(low, high, key, match)
        return words and with_end(match, words[0] + locale.counted(key, high, words[1]))

    return [Rule(lazy(pattern), replace, (*RANGES, symbols.may_follow_number))]


def fractions(
    locale: Locale, say: Callable[[int, int, int, Match], str | None], *, is_singular: bool = False
) -> list[Rule]:
    """Returns rules that read proper fractions such as `1/2`, `1 1/2 l`, `¾` and `1½`.

    `say` receives the whole number (0 if there is none), the numerator, the denominator and the match. The group `noun`
    of the match contains the word or unit symbol after the fraction, if any. A unit is read in the form that follows a
    decimal number, or with `is_singular` in the singular.
    """
    symbols = locale.symbols
    units = [symbol for symbol in symbols.all if len(symbol) <= _LONGEST_SYMBOL and symbol.isalpha()]

    def replace(match: Match) -> str | None:
        fields = match.groupdict()
        values = proper_fraction(fields)
        if values is None:
            return None
        spoken = say(int(match["whole"] or 0), *values, match)
        unit = symbols.unit(match["noun"]) if "space" in fields else None
        if spoken is None or unit is None:
            return spoken
        number = Number("1") if is_singular else Number(match["whole"] or "0", "5")
        return locale.counted(unit[0], number, spoken)

    end = r"(?![\p{Latin}\p{Cyrillic}\p{N}/²³])"
    with_unit = rf"(?P<space>{SPACE}?)(?P<noun>{any_of(units)}){end}"
    with_word = rf"(?={SPACE}?(?P<noun>\p{{L}}{{1,20}}))?"
    whole = rf"{START}(?:(?P<whole>[0-9]{{1,4}}){SPACE}"
    slash = rf"{whole})?(?P<numerator>[0-9]{{1,2}})[/⁄](?P<denominator>[0-9]{{1,3}})(?![0-9_]|[.,:/][0-9])"
    signs = rf"{whole}?)?(?P<sign>[{''.join(FRACTION_SIGNS)}])"
    patterns = (
        (slash + with_unit, ("/⁄", has_fraction)),
        (signs + with_unit, "".join(FRACTION_SIGNS)),
        (slash + with_word + r"(?![\p{Latin}\p{Cyrillic}])", ("/⁄", has_fraction)),
        (signs + with_word, "".join(FRACTION_SIGNS)),
    )
    return [Rule(lazy(pattern), replace, needs) for pattern, needs in patterns]
