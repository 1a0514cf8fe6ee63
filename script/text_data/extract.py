"""Extracts the language data for text preparation from Unicode CLDR and espeak-ng."""

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import Any, cast

import regex
from babel import Locale, localedata

from script.text_data.names import CURRENCY_NAMES, DECIBEL, NOUNS, PER_NAMES, PRICE_NAMES, UNIT_NAMES
from script.text_data.units import CLDR_UNITS, DENOMINATORS, LIKE_KILOWATT_HOUR, PREFIXED, PREFIXES
from script.text_data.words import (
    CLOCK_WORDS,
    CURRENCIES,
    DATES,
    DECIMAL_WORDS,
    DOT_WORDS,
    PARTITIVES,
    PER_PATTERNS,
    PRICE_PATTERNS,
    RELATED,
    SCALE_LETTERS,
    SCALES,
    SHARED_SIGNS,
    SIGNS,
    SIGNS_OF_CURRENCIES,
    SPOKEN_COLON,
    SYMBOLS,
)
from wyoming_piper_serial.phonemes.process import load_espeak

# CLDR names and espeak-ng voices that differ from the language code.
CLDR_NAMES = {"no": "nb", "zh": "zh_Hans", "sr": "sr_Cyrl", "pt": "pt_BR"}
ESPEAK_VOICES = {"en": "en-us", "no": "nb", "pt": "pt-br", "zh": "cmn"}
# Regions whose data differs from that of their language. Their files contain only the differences.
REGIONS = ["en_GB", "es_AR", "es_MX", "nl_BE", "pt_PT"]
CATEGORIES = ("zero", "one", "two", "few", "many", "other")
ROOT: Mapping[str, Any] = localedata.LocaleDataDict(cast("Any", localedata.load("root")))["unit_patterns"]
WORDS = {"digital-bit", "digital-byte", "pressure-bar"}  # units that have words as names even in CLDR's root locale
Forms = dict[str, str]


class Language:
    """The CLDR data of one language or region, converted to the format of the data files."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.language = code.partition("_")[0]
        self.cldr = Locale.parse(CLDR_NAMES.get(code, code))
        self._units: Mapping[str, Any] = self.cldr._data["unit_patterns"]  # noqa: SLF001 -- no public function
        self._of = PARTITIVES.get(self.language, "")
        self._space = "" if self.language in {"ja", "zh"} else " "
        self.categories = [one for one in CATEGORIES if one in self.cldr.plural_form.rules or one == "other"]

    def data(self) -> dict[str, Any]:
        """Return the content of the data file for this language."""
        signs = SIGNS[self.language]
        symbols = self.cldr.number_symbols["latn"]
        units = self._named_units()
        short_scales = self._short_scales()
        return {
            "plural": {name: self.cldr.plural_form.rules[name] for name in self.categories if name != "other"},
            "minus": signs.minus,
            "plus": signs.plus,
            "plus_minus": signs.plus_minus or f"{signs.plus} {signs.minus}",
            "decimal": symbols["decimal"],
            "group": symbols["group"].replace("\u202f", " ").replace("\u00a0", " "),
            "spoken_decimal": self._spoken_decimal(symbols["decimal"]),
            "dot": DOT_WORDS.get(self.language, ""),
            "colon": " " if self.language in SPOKEN_COLON else ":",
            "clock": CLOCK_WORDS.get(self.language, []),
            "date": self._date(),
            "months": [self.cldr.months["format"]["wide"][at] for at in range(1, 13)],
            "units": {key: self._packed(forms) for key, forms in {**units, **short_scales}.items()},
            "per": self._per(units),
            "price_per_any": PRICE_PATTERNS.get(self.language) or self._generic_per(),
            "price_per": {key: f" {name}" for key, name in PRICE_NAMES.get(self.code, {}).items()},
            "symbols": self._symbols(),
            "short_scales": list(short_scales),
            "scale_letters": {letter: self._packed(forms) for letter, forms in self._scale_letters().items()},
            "currencies": {code: self._packed(self._currency(code)) for code in CURRENCIES},
            "signs": self._signs(),
            "scales": self._scales(),
            "sign_first": str(self.cldr.currency_formats["standard"].pattern).startswith("¤"),
            "space": self._space,
            "of": self._of,
        }

    def _packed(self, forms: Forms) -> str | list[str]:
        """Return the forms in the order of CLDR's plural categories, or a single form if all forms are equal."""
        ordered = [spoken(forms.get(name, forms["other"])) for name in self.categories]
        return ordered[0] if len(set(ordered)) == 1 else ordered

    def _spoken_decimal(self, written: str) -> str:
        """Return a decimal sign that espeak-ng reads aloud in this language, or the word for it between spaces. Raises
        ValueError if there is neither."""
        if word := DECIMAL_WORDS.get(self.language):
            return f" {word} "
        for sign in dict.fromkeys([written, ".", ","]):
            if speaks(self.language, f"21{sign}5") != speaks(self.language, "21 5"):
                return sign
        raise ValueError(f"{self.code}: espeak-ng does not read any decimal sign; add the language to DECIMAL_WORDS")

    def _date(self) -> str:
        """Return the language's date format, such as `{d} {m} {y}`."""
        if self.language in DATES:
            return DATES[self.language]
        pattern = self.cldr.date_formats["long"].pattern
        for name, field in (("MMMM", "{m}"), ("dd", "{d}"), ("d", "{d}"), ("y", "{y}"), ("M", "{n}"), (" G", "")):
            pattern = "".join(
                part if at % 2 else part.replace(name, field) if "{" not in part else replaced(part, name, field)
                for at, part in enumerate(regex.split(r"('[^']*')", pattern))
            )
        return str(pattern.replace("'", "").replace("{d}日", "{d}日").strip(" ."))

    def _unit(self, name: str) -> Forms:
        """Return the plural forms of a unit's name, without forms that are only a symbol or lack the placeholder for
        the number.
        """
        long = dict(self._units.get(name, {}).get("long", {}))
        root = {} if name in WORDS else ROOT.get(name, {})
        symbols = {str(one) for one in dict(root.get("long", {})).values()}
        forms = {form: self._mended(str(pattern)) for form, pattern in long.items() if form in CATEGORIES}
        return {form: one for form, one in forms.items() if one not in symbols and "{0}" in one}

    def _mended(self, pattern: str) -> str:
        pattern = regex.sub(r"[\u00a0\u202f]", " ", pattern)
        pattern = regex.sub(r"[\u00ad\u200e\u200f]", "", pattern)
        pattern = regex.sub(r"\b(?:US|амер\.|am\.) ", "", pattern)  # the US gallon
        pattern = regex.sub(r"\bpr\. ", "per ", pattern)
        if self.language not in {"ja", "ko", "th", "zh"}:
            pattern = regex.sub(r"^\{0\}(?=\p{L})", "{0} ", pattern)
        return regex.sub(" +", " ", pattern).strip()

    def _named_units(self) -> dict[str, Forms]:
        units = {key: self._unit(name) for key, name in CLDR_UNITS.items()}
        units = {key: forms for key, forms in units.items() if "other" in forms}
        for key, (base, old, new) in PREFIXED.items():
            if forms := self._prefixed(units, base, old, new):
                units[key] = forms
        for key, base in LIKE_KILOWATT_HOUR.items():
            if forms := like_kilowatt_hour(units, base):
                units[key] = forms
        own: dict[str, Any] = {"dB": DECIBEL.get(self.language, "decibel"), **UNIT_NAMES.get(self.code, {})}
        for key, names in own.items():
            units[key] = self._own(names)
        return {key: forms for key, forms in units.items() if is_name(key, forms)}

    def _own(self, names: str | list[str]) -> Forms:
        """Return the forms of a name that CLDR lacks: a single form for all numbers, or a form for each plural
        category.
        """
        if isinstance(names, str):
            return {"other": names if "{0}" in names else f"{{0}}{self._space}{names}"}
        categories = self.categories
        if len(names) == 2:  # the forms for the categories `one` and `other`
            return {"one": f"{{0}} {names[0]}", **{one: f"{{0}} {names[1]}" for one in categories if one != "one"}}
        assert len(names) == len(categories), (self.code, names, categories)  # noqa: S101 -- a mistake in the table
        return {category: f"{{0}} {name}" for category, name in zip(categories, names, strict=True)}

    def _prefixed(self, units: Mapping[str, Forms], base: str, old: str, new: str) -> Forms | None:
        before, after = self._prefix(units, old), self._prefix(units, new)
        if before is None or after is None or base not in units:
            return None
        forms = {form: with_prefix(pattern, before, after) for form, pattern in units[base].items()}
        return (
            {form: pattern for form, pattern in forms.items() if pattern is not None} if all(forms.values()) else None
        )

    def _prefix(self, units: Mapping[str, Forms], name: str) -> str | None:
        if not name:
            return ""
        long, short = (bare(units.get(key, {}).get("other", "")) for key in PREFIXES[name])
        if not short or not long.casefold().endswith(short.casefold()):
            return None
        return long[: -len(short)]

    def _generic_per(self) -> str:
        """Return the pattern for "one unit per another unit"."""
        pattern = dict(self.cldr._data["compound_unit_patterns"]["per"])  # noqa: SLF001 -- no public function
        long = pattern.get("long", pattern)
        generic = str(dict(long).get("compound", "{0} / {1}"))
        if "/" in generic:
            generic = PER_PATTERNS.get(self.language, "{0} {1}")
        return self._mended(generic)

    def _per(self, units: Mapping[str, Forms]) -> dict[str, str]:
        """Return the phrases that mean "per unit" after a quantity, by unit."""
        own = PER_NAMES.get(self.code, {})
        generic = self._generic_per()
        found = {}
        for key in DENOMINATORS:
            name = CLDR_UNITS.get(key, "")
            per = str(dict(self._units.get(name, {}).get("long", {})).get("per", ""))
            per = self._mended(per)
            if key in own:
                per = own[key] if "{0}" in own[key] else "{0} " + own[key]
            elif key in units and (not per or "/" in per):
                name = bare(units[key].get("one", units[key]["other"]))
                per = generic.replace("{1}", name)
            if per and "/" not in per:
                found[key] = spoken(self._mended(per))
        return found

    def _symbols(self) -> dict[str, str]:
        """Return the unit symbols that are specific to this language, with their units."""
        found: dict[str, str] = {}
        for key, name in CLDR_UNITS.items():
            if key in {"d", "week", "month", "year"}:
                continue  # abbreviations such as Russian "г." have too many meanings
            short = dict(self._units.get(name, {}).get("short", {}))
            for form, pattern in short.items():
                symbol = bare(str(pattern)).replace("⋅", "").replace("·", "")
                per = "{0}" not in str(pattern).replace(symbol, "") or form not in CATEGORIES
                if per or not is_symbol(symbol) or symbol in CLDR_UNITS or symbol.casefold() == key.casefold():
                    continue
                found.setdefault(symbol, key)
        found |= SYMBOLS.get(self.language, {})
        names = {bare(pattern) for key in CLDR_UNITS for pattern in self._unit(CLDR_UNITS[key]).values()}
        return {symbol: key for symbol, key in found.items() if symbol not in names}

    def _name(self, code: str) -> Forms:
        plurals: Mapping[str, Any] = self.cldr._data["currency_names_plural"].get(code, {})  # noqa: SLF001
        names = {form: regex.sub(r"\s*\(.*\)", "", str(name)) for form, name in dict(plurals).items()}
        if "other" not in names:
            names = {"other": self.cldr.currencies.get(code, code), **names}
        return names

    def _currency(self, code: str) -> Forms:
        """Return the plural forms of a currency's name, without the country if it is usually omitted in speech."""
        own = CURRENCY_NAMES.get(self.language, {}).get(code)
        if own is not None:
            return self._own(own)
        names, related = self._name(code), [self._name(one) for one in RELATED.get(code, [])]
        short = {
            form: noun(code, name, [one.get(form, one["other"]) for one in related]) for form, name in names.items()
        }
        if self.language == "ro" and "other" in short:
            short["other"] = f"de {short['other']}"  # the form that follows numbers of 20 and above
        return {form: f"{{0}}{self._space}{name}" for form, name in short.items()}

    def _signs(self) -> dict[str, str]:
        signs = dict(SIGNS_OF_CURRENCIES)
        for code in (self.language, self.code):
            signs |= SHARED_SIGNS.get(code, {})
        return signs

    def _short_scales(self) -> dict[str, Forms]:
        """Return the plural forms of words such as "million", by the abbreviation of the word."""
        found: dict[str, Forms] = {}
        formats = self.cldr.compact_decimal_formats
        for size in ("1000", "1000000", "1000000000", "1000000000000"):
            forms = self._scale(size)
            for patterns in formats["short"].values():
                short = compact(patterns, size)
                if (
                    len(short) > 1
                    and f"{{0}} {short}" not in forms.values()
                    and regex.search(r"\p{L}{2}", short)
                    and "other" in forms
                ):
                    found[short] = forms
            found |= dict.fromkeys(SCALES.get(self.language, {}).get(size, ()), forms)
        # These abbreviations are also written without the dot, unless the result is another word, such as Czech "mil".
        found |= {short[:-1]: forms for short, forms in found.items() if short.endswith(".") and len(short) > 3}
        words = {"mil", "bil", *CLDR_UNITS}
        return {short: forms for short, forms in found.items() if "other" in forms and short not in words}

    def _scale(self, size: str) -> Forms:
        """Return the plural forms of the word for `size`, such as "million", without abbreviations."""
        forms = {form: compact(patterns, size) for form, patterns in self.cldr.compact_decimal_formats["long"].items()}
        return {form: f"{{0}} {word}" for form, word in forms.items() if len(word) > 1 and not word.endswith(".")}

    def _scale_letters(self) -> dict[str, Forms]:
        """Return the plural forms of words such as "million", by the letter of the word before a currency."""
        if not self._space:
            return {}
        sizes = {"k": "1000", "M": "1000000"} | SCALE_LETTERS.get(self.language, {})
        # If a language has a word between "million" and the currency, such as French "de", this word does not follow a
        # thousand. The letter for a thousand is therefore left out in these languages.
        letters = {letter: self._scale(size) for letter, size in sizes.items() if size > "1000" or not self._of}
        # In languages that count in lakhs, the pattern for a million contains "10 lakhs".
        lakhs = self.cldr.compact_decimal_formats["long"]["other"]["1000000"].pattern.count("0") > 1
        return {} if lakhs else {letter: forms for letter, forms in letters.items() if "other" in forms}

    def _scales(self) -> list[str]:
        """Return words such as "million" that may separate a number from its currency."""
        found: dict[str, None] = {}
        for patterns in self.cldr.compact_decimal_formats["long"].values():
            for size, pattern in patterns.items():
                word = regex.sub(r"[0'\u200e\u200f]|;.*", "", str(pattern.pattern)).strip()
                if len(size) > (6 if self._of else 3) and len(word) > 1 and not word.endswith("."):
                    found[word] = None
        return list(found)


def is_name(key: str, forms: Forms) -> bool:
    """Return whether `forms` are words rather than symbols."""
    if regex.search(r"[/%‰°.]", "".join(forms.values())):
        return False
    return bare(forms["other"]).casefold() != key.casefold() or key in {"bar", "bit", "mbar"}


def spoken(pattern: str) -> str:
    """Convert a CLDR pattern to the format of the data file, which omits a leading `{0}`."""
    return pattern.removeprefix("{0}")


def bare(pattern: str) -> str:
    """Return a pattern without the number's placeholder and without the spaces next to the placeholder."""
    return regex.sub(r"[\u00a0\u202f\u200e\u200f]", " ", pattern).replace("{0}", "").strip()


def replaced(part: str, name: str, field: str) -> str:
    """Return this part of a date format with `name` replaced by `field`, except inside fields in braces."""
    return regex.sub(rf"(?<!\{{){name}(?!\}})", field, part)


def compact(patterns: Mapping[str, Any], size: str) -> str:
    """Return the word in one of CLDR's compact number formats, such as "million"."""
    return regex.sub(r"[0'\u200e\u200f\u00a0]|;.*", "", str(patterns[size].pattern) if size in patterns else "").strip()


def is_symbol(text: str) -> bool:
    """Return whether a unit's short form in CLDR is a symbol that is commonly written after a number."""
    if not text or " " in text.strip() or ("/" in text and len(text) > 12):
        return False
    is_abbreviation = len(text) == 2 and text.endswith(".") and not regex.match(r"\p{Thai}", text)
    return len(text) > 2 or not (text.isascii() or is_abbreviation)


def with_prefix(pattern: str, before: str, after: str) -> str | None:
    """Return `pattern` with the unit's prefix `before` replaced by `after`, or `None` if there is no such prefix."""
    start = regex.search(r"\p{L}", pattern.replace("{0}", "   "))
    at = pattern.casefold().find(before.casefold()) if before else (start.start() if start else -1)
    if at < 0:
        return None
    rest = pattern[at + len(before) :]
    is_title = pattern[at].isupper()
    rest = rest[:1].lower() + rest[1:] if after else rest
    text = after + rest
    text = (text[:1].upper() if is_title else text[:1].lower()) + text[1:]
    return pattern[:at] + text


def like_kilowatt_hour(units: Mapping[str, Forms], base: str) -> Forms | None:
    """Return the plural forms of the unit `base` times hour, such as "milliampere-hour", or `None` if they cannot be
    derived.
    """
    if not {"kW", "kWh", base} <= units.keys():
        return None
    forms = {}
    for form, pattern in units["kWh"].items():
        kilowatt, name, other = (bare(one.get(form, one["other"])) for one in (units["kW"], units["kWh"], units[base]))
        stem = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(kilowatt, name, strict=False)))
        if len(stem) < 4 or len(kilowatt) - len(stem) > 2:
            return None
        trimmed = other[: len(other) - (len(kilowatt) - len(stem))]
        forms[form] = pattern.replace(stem, trimmed)
    return forms


def noun(code: str, name: str, related: Iterable[str]) -> str:
    """Return the words of a currency's name that all `related` names contain, such as "krona".

    If there are none, return the words that match NOUNS or, if none match, the whole name.
    """
    words = name.split()
    others = [set(regex.split(r"[\s-]+", one.casefold())) for one in related]
    parts = regex.split(r"[\s-]+", name) if others else words
    shared = [word for word in parts if others and all(word.casefold() in other for other in others)]
    stem = NOUNS.get(code)
    if not shared and stem:
        shared = [word for word in words if regex.match(rf"(?:{stem})", word, regex.IGNORECASE) or word == "de"]
        shared = shared if shared != ["de"] else []
    return " ".join(shared or words)


_espeak: list[Any] = []


def speaks(language: str, text: str) -> str:
    """Return espeak-ng's phonemes for `text`, without stress marks."""
    if not _espeak:
        _espeak.append(load_espeak())
    _espeak[0].set_voice(ESPEAK_VOICES.get(language, language))
    return regex.sub("[ˈˌ]", "", "".join(clause[0] for clause in _espeak[0].get_phonemes(text)))
