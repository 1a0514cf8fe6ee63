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


class _Money:
    def __init__(self, locale: Locale) -> None:
        self._locale = locale
        self._symbols = locale.symbols
        self._codes = {code: code for code in locale.data["currencies"]} | dict(locale.data["signs"])

    def rules(self) -> list[Rule]:
        one = f"(?P<currency>{any_of(self._codes)})"
        words = [*self._locale.data["scales"], *self._locale.data["short_scales"]]
        scale = f"(?P<scale>{any_of(words) if words else '(?!)'})"
        scale = rf"(?:{SPACE}?{scale}(?![\p{{L}}\p{{M}}]))?"
        per = rf"(?:{SPACE}?[/∕]{SPACE}?(?P<per>[\p{{L}}µ°²³·⋅0-9]{{1,20}}))?"
        inner = rf"{SPACE}?(?P<inner>[-−–](?=[0-9]))?"
        before = (
            rf"(?<![\p{{L}}\p{{N}}_/])(?P<sign>{SIGN})?{one}{inner}(?P<number>{RUN}){_NO_CENTS}{scale}{per}{CORE_END}"
        )
        behind = (
            rf"{CORE_START}(?P<sign>{SIGN})?(?P<inner>(?!))?(?P<number>{RUN}){_NO_CENTS}{scale}{SPACE}?{one}{per}"
            rf"{CORE_END}"
        )
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
            is_short = match["scale"] in self._locale.data["short_scales"]
            spoken = self._locale.spoken(number)
            amount = self._locale.counted(match["scale"], number) if is_short else f"{spoken} {match['scale']}"
            text = self._locale.scaled_currency(code, amount)
        else:
            text = self._locale.currency(code, number)
        if match["per"]:
            unit = self._symbols.unit(match["per"])
            if unit and not unit[1] and self._locale.has_per(unit[0]):
                text = self._locale.per(unit[0], text)
            elif _WORD.fullmatch(match["per"]):
                text = self._locale.per_word(match["per"], text)
            else:
                return None
        return with_end(match, signed(self._locale, match["sign"] or match["inner"], text))
