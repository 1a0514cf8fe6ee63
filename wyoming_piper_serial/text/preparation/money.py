"""Core rules for all languages: amounts of money."""

from collections.abc import Sequence

import regex

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.builders import CORE_END, CORE_START, SPACE, any_of
from wyoming_piper_serial.text.preparation.conditions import follows_number, precedes_number
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.number import RUN
from wyoming_piper_serial.text.preparation.passage import DIGITS, Match, Rule, has_word
from wyoming_piper_serial.text.preparation.quantities import SIGN, signed, with_end


def money(locale: Locale) -> Sequence[Rule]:
    """Returns the rules for amounts with a currency sign or code before or after the number."""
    return _Money(locale).rules()


# Letters that may be separated from the currency, unlike `t` and `m`, which are also units.
_SPACED_LETTERS = {"k", "K", "M", "bn", "B"}
# The unit or the word after an amount, as in `5 €/kWh`.
PER = rf"(?:{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³·⋅0-9]{{1,20}}))?"


class RepeatedCurrencies:
    """Finds the redundant part of amounts with both a currency sign and a currency code, such as `$25.50 MXN`.

    If both denote the same currency, the code is redundant. Otherwise, the sign is redundant.
    """

    def __init__(self, locale: Locale) -> None:
        self._signs: dict[str, str] = locale.data["signs"]
        self._pattern = lazy(
            rf"(?<![\p{{L}}\p{{N}}_])(?P<sign>{any_of(self._signs)})(?P<gap>{SPACE}?)[-−–]?{RUN}"
            rf"(?P<behind>{SPACE}?(?P<code>{any_of(locale.data['currencies'])})){CORE_END}",
            regex.V1,
        )

    def positions(self, text: str) -> list[int]:
        """Returns the positions of the redundant characters in `text`."""
        found: list[int] = []
        if not any(map(text.__contains__, self._signs)):
            return found
        for match in self._pattern.finditer(text):
            says_the_same = self._signs[match["sign"]] == match["code"]
            start, end = match.span("behind") if says_the_same else (match.start("sign"), match.end("gap"))
            found += range(start, end)
        return found


_WORD = lazy(r"\p{L}{3,}")
# Dashes instead of cents, as in `5,- €`.
_NO_CENTS = r"(?:[.,][-–—]{1,2}(?![0-9]))?"


def price_per(locale: Locale, per: str | None, amount: str) -> str | None:
    """Returns the amount per the unit or the word in `per`, if any, or `None` if it is neither."""
    if not per:
        return amount
    unit = locale.symbols.unit(per)
    if unit and not unit[1] and locale.has_per(unit[0]):
        return locale.per(unit[0], amount)
    return locale.per_word(per, amount) if _WORD.fullmatch(per) else None


def scales(locale: Locale) -> list[str]:
    """Returns the words such as "million" and their abbreviations that may separate a number from its currency."""
    return [*locale.data["scales"], *locale.data["short_scales"]]


def scale_after(locale: Locale, currency: str) -> str:
    """Returns a pattern for an optional scale between a number and its currency, as in `5 Mio. €`, `5 mnkr` and `5 M€`.

    `currency` is a pattern for the currency. The group `scale` of the match contains the scale.
    """
    words, letters = scales(locale), locale.data["scale_letters"]
    word = rf"{any_of(words)}(?:(?![\p{{L}}\p{{M}}])|(?={currency}))" if words else "(?!)"
    spaced = any_of(letters.keys() & _SPACED_LETTERS)
    letter = rf"(?:{any_of(letters)}(?={currency})|{spaced}(?={SPACE}{currency}))" if letters else "(?!)"
    return rf"(?:{SPACE}?(?P<scale>{word}|{letter}))?"


def scale_before(locale: Locale) -> str:
    """Returns a pattern for an optional scale after a number whose currency precedes it, as in `€ 5 mln` and `$5M`. The
    group `scale` of the match contains the scale.
    """
    words = any_of(scales(locale)) if scales(locale) else "(?!)"
    letter = "|(?<=[0-9])[kM]" if "M" in locale.data["scale_letters"] else ""
    return rf"(?:{SPACE}?(?P<scale>{words}{letter})(?![\p{{L}}\p{{M}}]))?"


class _Money:
    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._codes = locale.currency_codes

    def rules(self) -> list[Rule]:
        currency = any_of(self._codes)
        one = f"(?P<currency>{currency})"
        inner = rf"{SPACE}?(?P<inner>[-−–](?=[0-9]))?"
        before = (
            rf"(?<![\p{{L}}\p{{N}}_/])(?P<sign>{SIGN})?{one}{inner}(?P<number>{RUN}){_NO_CENTS}"
            rf"{scale_before(self._locale)}{PER}{CORE_END}"
        )
        behind = (
            rf"{CORE_START}(?P<sign>{SIGN})?(?P<inner>(?!))?(?P<number>{RUN}){_NO_CENTS}"
            rf"{scale_after(self._locale, currency)}{SPACE}?{one}{PER}{CORE_END}"
        )
        words = (*scales(self._locale), *self._locale.data["scale_letters"])
        rules = [
            Rule(lazy(pattern, regex.V1), self._amount, (DIGITS, has_sign, *has_word(self._codes)))
            for pattern, has_sign in (
                (before, precedes_number(self._codes)),
                (behind, follows_number((*self._codes, *words))),
            )
        ]
        # A currency sign between two numbers belongs to the number before or after it, depending on the language.
        return rules if self._locale.data["sign_first"] else rules[::-1]

    def _amount(self, match: Match) -> str | None:
        number = self._locale.separators.parse(match["number"], is_price=True)
        if number is None:
            return None
        code = self._codes[match["currency"]]
        if match["scale"]:
            text = self._locale.scaled_currency(code, self._locale.scaled(match["scale"], number))
        else:
            text = self._locale.currency(code, number)
        price = price_per(self._locale, match["per"], text)
        return price and with_end(match, signed(self._locale, match["sign"] or match["inner"], price))
