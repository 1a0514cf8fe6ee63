"""The region and the data of a language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wyoming_piper_serial.text.preparation.number import Number, Separators
from wyoming_piper_serial.text.preparation.plurals import PluralRules

_DATA = Path(__file__).resolve().parent.parent / "data"
_ALIASES = {"nb": "no", "nn": "no", "cmn": "zh", "iw": "he", "in": "id"}
_VOWELS = "aeiouyhéèêàâîôûAEIOUYH"


@dataclass(frozen=True, kw_only=True)
class Locale:
    """A language and region, with their words from CLDR and from this package."""

    language: str
    """Code of the language in lower case, such as `en`."""

    region: str
    """Code of the region in upper case, such as `US`; empty if it is unknown."""

    data: Mapping[str, Any]
    """The data of the language, written by `script/update_text_data`; empty if there is none. All properties and
    methods below require data."""

    @classmethod
    def of(cls, code: str) -> "Locale":
        """Returns the locale of a language code such as `en_US`, `en-us` or `en`. Reads its data from the disk."""
        language, _, region = code.replace("-", "_").partition("_")
        language = _ALIASES.get(language.lower(), language.lower())
        region = region.upper()
        data = _read(language)
        for key, value in _read(f"{language}_{region}").items():
            data[key] = {**data[key], **value} if isinstance(value, dict) else value
        return cls(language=language, region=region, data=data)

    @property
    def months(self) -> Sequence[str]:
        """The names of the months in the form used in dates, such as `marca` in Polish."""
        months: Sequence[str] = self.data["months"]
        return months

    @property
    def minus(self) -> str:
        """The word for the sign of a negative number."""
        return str(self.data["minus"])

    @property
    def plus(self) -> str:
        """The word for a plus sign before a number."""
        return str(self.data["plus"])

    @property
    def plus_minus(self) -> str:
        """The words for `±`."""
        return str(self.data["plus_minus"])

    @cached_property
    def separators(self) -> Separators:
        """The decimal sign and the separators of thousands that people use in numbers."""
        return Separators(self.data["decimal"], self.data["group"])

    @cached_property
    def plurals(self) -> PluralRules:
        """The plural rules of the language."""
        return PluralRules(self.data["plural"])

    def spoken(self, number: Number | int | str) -> str:
        """Returns the digits of a number with a decimal sign that espeak-ng reads correctly in the language."""
        number = Number.of(number)
        return f"{number.integer}{self.data['spoken_decimal']}{number.fraction}" if number.fraction else number.integer

    def has_unit(self, unit: str) -> bool:
        """Returns whether the language's data has a name for a unit such as `km/h`."""
        return unit in self.data["units"]

    def has_per(self, unit: str) -> bool:
        """Returns whether the language's data has words for "per" with a unit such as `h`."""
        return unit in self.data["per"]

    def counted(self, unit: str, number: Number | int | str, spoken: str | None = None) -> str:
        """Returns a number with the name of a unit in the correct form, such as `21,5 Grad Celsius`.

        `unit` is a key in `units` of the data, such as `°C`, `km/h` or `%`. `spoken` is the spoken form of the number;
        by default, its digits. Raises KeyError if the language has no name for the unit.
        """
        return self._in_form(self.data["units"][unit], number, spoken)

    def per(self, unit: str, amount: str) -> str:
        """Returns a price with "per unit", such as `0,30 Euro pro Kilowattstunde`. Raises KeyError if the data does not
        contain it.
        """
        return _filled(self.data["price_per"].get(unit) or self.data["per"][unit], amount)

    def per_word(self, word: str, amount: str) -> str:
        """Returns a price with "per" and any word, such as `5 Euro pro Person`."""
        return str(self.data["price_per_any"]).replace("{1}", word).replace("{0}", amount)

    def rate(self, unit: str, quantity: str) -> str:
        """Returns a quantity with "per unit", such as `3 Kubikmeter pro Stunde`. Raises KeyError if the data does not
        contain it.
        """
        return _filled(self.data["per"][unit], quantity)

    def currency(self, code: str, number: Number | int | str, spoken: str | None = None) -> str:
        """Returns a number with the name of a currency in the correct form, such as `5,99 Euro`.

        `code` is an ISO code such as `EUR`. Raises KeyError if the language has no name for the currency.
        """
        return self._in_form(self.data["currencies"][code], number, spoken)

    def scaled_currency(self, code: str, amount: str) -> str:
        """Returns an amount in millions with the name of a currency, such as `5 millones de euros`."""
        name = self.currency(code, 1_000_000, "").strip().removeprefix("de ")
        of = self.data["of"]
        if of == "de" and self.language in ("fr", "ca") and name[:1] in _VOWELS:
            return f"{amount} d'{name}"
        return f"{amount} {of} {name}" if of else f"{amount} {name}"

    def date(self, day: int, month: int, year: int) -> str:
        """Returns a date with its parts in the order of the language, such as `5. März 2024`."""
        fields = {"{d}": str(day), "{m}": self.months[month - 1], "{n}": str(month), "{y}": str(year)}
        text = str(self.data["date"])
        for field, value in fields.items():
            text = text.replace(field, value)
        return text

    def _in_form(self, forms: str | Sequence[str], number: Number | int | str, spoken: str | None) -> str:
        number = Number.of(number)
        if not isinstance(forms, str):
            forms = forms[self.plurals.categories.index(self.plurals.category(number))]
        return _filled(forms, self.spoken(number) if spoken is None else spoken)


def _filled(pattern: str, amount: str) -> str:
    """Returns the pattern with `{0}` replaced by the amount, or with the amount before it if it has no `{0}`."""
    return pattern.replace("{0}", amount) if "{0}" in pattern else amount + pattern


def _read(name: str) -> dict[str, Any]:
    # Language codes come from the configs of voices, so they may contain anything.
    if not name.replace("_", "").isalnum():
        return {}
    try:
        data: dict[str, Any] = json.loads((_DATA / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return data
