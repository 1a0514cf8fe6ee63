"""Unit symbols, and the decision whether a symbol after a number denotes a unit."""

from collections.abc import Iterator, Mapping
from typing import Any

from wyoming_piper_serial.text.patterns import lazy
from wyoming_piper_serial.text.preparation.conditions import follows_number
from wyoming_piper_serial.text.preparation.number import Number

# Alternative spellings of international symbols, by unit. Spellings that differ only in case are not listed.
_SPELLINGS = {
    "°C": ("℃", "ºC", "˚C", "° C", "º C", "deg C", "degC"),
    "°F": ("℉", "ºF", "˚F", "° F", "º F", "deg F", "degF"),
    "°": ("º", "˚"),
    "km/h": ("kmh", "kph", "km/hr", "km/hour"),
    "mph": ("mi/h",),
    "kn": ("kt", "kts"),
    "in": ("inch", "″"),
    "ft²": ("sq ft", "sq. ft.", "sqft"),
    "m²": ("sqm",),
    "mi²": ("sq mi",),
    "fl oz": ("fl. oz.", "floz"),
    "lb": ("lbs",),
    "l": ("ℓ",),
    "kB": ("KB",),
    "Mbit": ("Mb",),
    "Gbit": ("Gb",),
    "kbit": ("kb",),
    "s": ("sec",),
    "h": ("hr", "hrs"),
    "min": ("mins",),
    "%": ("٪", "％"),
    "mmHg": ("mm Hg",),
    "inHg": ("in Hg",),
    "Ω": ("\u2126", "ohm"),
    "BTU": ("Btu",),
    "Nm": ("N·m", "N m"),
    "dB": ("dBA", "dB(A)"),
    "l/100 km": ("l/100km",),
    "kWh/100 km": ("kWh/100km",),
}
# Rates that are written as one word, with the unit before and after "per".
_RATES = {
    "kbps": ("kbit", "s"),
    "Mbps": ("Mbit", "s"),
    "Gbps": ("Gbit", "s"),
    "kBps": ("kB", "s"),
    "MBps": ("MB", "s"),
    "GBps": ("GB", "s"),
}
# Unit keys in the language data that are words rather than symbols.
_WORDS = {"week", "month", "year", "cup"}

# Symbols that often have another meaning: a word, an abbreviation, or the letter of a list item or building. They
# denote the unit if the number has a fraction, or if they follow a space and are at the end of a clause.
# `Symbols.is_settled` has more rules for `K`, `in` and `mi`.
_WEAK = frozenset(
    {"A", "B", "C", "J", "K", "N", "T", "d", "t", "in", "mi", "ac", "cd", "pt", "qt", "MP", "kt", "б", "Б"}
)
_WEAK_IN_LANGUAGE = {
    "bg": {"с", "в", "г"},
    "cs": {"s", "V"},
    "es": {"ha", "mi"},
    "hr": {"s"},
    "hu": {"s", "ha"},
    "it": {"ha", "mi"},
    "no": {"ha"},
    "ru": {"с", "к", "А", "Н", "К"},
    "sk": {"s", "V"},
    "sl": {"s", "V"},
    "sr": {"s", "с", "к"},
    "sv": {"ha"},
    "uk": {"с", "А", "Н", "К"},
}
# Ambiguous symbols that denote the unit if no space precedes them, as in `27in`.
_STRONG_ATTACHED = frozenset({"in", "mi", "inch"})
# Symbols with another meaning in a different case, such as `mA` and `MA`.
_EXACT_CASE = frozenset({"ma", "mi", "in", "ha", "pa", "st", "mb", "kb", "gb", "mw", "pb", "ah", "cd"})
# Spellings of symbols with `µ` that are ordinary words. They denote the unit only if no space precedes them.
_WORDS_IN_LANGUAGE = {"de": {"um"}, "hr": {"um"}, "lb": {"um"}, "pt": {"um"}, "sl": {"um"}, "sr": {"um"}, "sv": {"um"}}
_NOTHING_FOLLOWS = lazy(r"[\s\u00a0]*(?:$|[.,;:!?)\]}…»”\"'、。，；！？])")
_DIMENSION = lazy(r" (?:of|long|wide|tall|high|deep|thick|by|x|×)\b")
_NAME = lazy(r" \p{Lu}\p{Ll}")
_MIDDLE_DOTS = "·⋅*"
_MICRO = "µμ"  # the sign in Unicode's compatibility block, and the Greek letter


class Symbols:
    """The unit symbols of a language."""

    def __init__(self, language: str, data: Mapping[str, Any]) -> None:
        """`language` is a code such as `en`, and `data` is the data of the language."""
        self._language = language
        self._units: dict[str, tuple[str, str]] = {}
        for key in data["units"]:
            if key not in _WORDS:
                for symbol in _spellings(key):
                    self._units.setdefault(symbol, (key, ""))
        self._units |= {
            symbol: (unit, per)
            for symbol, (unit, per) in _RATES.items()
            if unit in data["units"] and per in data["per"]
        }
        for symbol, key in data["symbols"].items():
            if key in data["units"]:
                for spelling in _with_variants(symbol):
                    self._units[spelling] = (key, "")
        self._folded = _unique_folded(self._units)
        self.may_follow_number = follows_number(self._units)
        """Returns whether a unit symbol may follow a number in a text. Compares only the first character of symbols."""

    @property
    def all(self) -> list[str]:
        """All unit symbols. Patterns may ignore case, because `unit` decides which capitalizations are accepted."""
        return list(self._units)

    def unit(self, symbol: str) -> tuple[str, str] | None:
        """Returns the unit of a symbol and the unit after "per", such as `kbit` and `s` for `kbps`.

        The second unit is empty if there is none. Returns `None` if the symbol is unknown or not accepted with this
        capitalization.
        """
        return self._units.get(symbol) or self._folded.get(symbol.casefold())

    def is_settled(self, symbol: str, number: Number, *, is_attached: bool, after: str) -> bool:
        """Returns whether `symbol` after `number` denotes a unit. `after` is the text after the symbol."""
        is_word = symbol in _WORDS_IN_LANGUAGE.get(self._language, ())
        if is_word or number.fraction or (is_attached and symbol in _STRONG_ATTACHED):
            return is_attached or not is_word
        value = int(number.integer)
        if symbol == "K" and value >= 1000:  # a color temperature, such as 2700 K
            return True
        if self._is_time(symbol, value, is_attached=is_attached):
            return False
        if symbol == "mi" and self._language == "en" and not is_attached:
            return True
        if symbol in _WEAK or symbol in _WEAK_IN_LANGUAGE.get(self._language, ()):
            is_dimension = symbol == "in" and self._language == "en" and _DIMENSION.match(after) is not None
            return not is_attached and (is_dimension or _NOTHING_FOLLOWS.match(after) is not None)
        return not (symbol in {"W", "V"} and self._language == "en" and _NAME.match(after))

    def _is_time(self, symbol: str, value: int, *, is_attached: bool) -> bool:
        """Returns whether the number and the symbol form a year or a decade, as in "the 90s"."""
        if symbol == "г":
            return 1000 <= value < 2200
        is_decade = value % 10 == 0 and (10 <= value < 100 or 1100 <= value < 2100)
        return symbol == "s" and self._language == "en" and is_attached and is_decade


def _spellings(key: str) -> Iterator[str]:
    for symbol in (key, *_SPELLINGS.get(key, ())):
        yield from _with_variants(symbol)


def _with_variants(symbol: str) -> Iterator[str]:
    """Yields the symbol, and variants with characters that look the same or are easier to type."""
    yield symbol
    for sign in _MICRO:
        if sign in symbol:
            yield symbol.replace(sign, "\u00b5")
            yield symbol.replace(sign, "\u03bc")
            yield symbol.replace(sign, "u")
    for power, digit in (("²", "2"), ("³", "3")):
        if power in symbol:
            yield symbol.replace(power, digit)
            yield symbol.replace(power, f"^{digit}")
    if symbol.endswith(("Wh", "Втч")):
        for dot in _MIDDLE_DOTS:
            yield f"{symbol[:-1]}{dot}{symbol[-1]}"
    if symbol.endswith("Втгод"):
        for dot in _MIDDLE_DOTS:
            yield f"{symbol[:-3]}{dot}{symbol[-3:]}"
    if "״" in symbol or "׳" in symbol:
        yield symbol.replace("״", '"').replace("׳", "'")


def _unique_folded(units: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """Returns the units of the symbols that are recognized with any capitalization.

    These exclude ambiguous symbols, the symbols in `_EXACT_CASE`, symbols with `u` instead of `µ`, and all single
    characters except `l`. `US` is the name of a country, and `UG` is the abbreviation of a floor.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for symbol, unit in units.items():
        found.setdefault(symbol.casefold(), set()).add(unit)
    exact = {*_EXACT_CASE, *(f"u{symbol[1:]}".casefold() for symbol in units if symbol[0] in _MICRO)}
    return {
        symbol: next(iter(known))
        for symbol, known in found.items()
        if len(known) == 1 and symbol not in exact and (len(symbol) > 1 or symbol == "l")
    }
