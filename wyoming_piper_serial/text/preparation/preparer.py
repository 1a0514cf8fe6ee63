"""Prepares sentences of one language for the phonemizer."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from wyoming_piper_serial.text.preparation.arrows import changes
from wyoming_piper_serial.text.preparation.compact_durations import compact_durations
from wyoming_piper_serial.text.preparation.dates import dates
from wyoming_piper_serial.text.preparation.dates_before_times import dates_before_times
from wyoming_piper_serial.text.preparation.hours import hours
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.masks import digit_strings, protections
from wyoming_piper_serial.text.preparation.money import RepeatedCurrencies, money
from wyoming_piper_serial.text.preparation.passage import DIGITS, Mask, Passage, Prepared, Rule, Rules, has_letter
from wyoming_piper_serial.text.preparation.quantities import numbers, quantities

_DIGITS = frozenset(DIGITS)
_NUMBERS = f"{DIGITS}±−"  # the core rules rewrite only numbers and signs between them
_LANGUAGES = "wyoming_piper_serial.text.preparation.languages"


class Preparer:
    """Prepares sentences of one language. Immutable and therefore thread-safe."""

    def __init__(self, language: str) -> None:
        """`language` is a code such as `en_US`. Reading the data and building the rules takes several hundredths of a
        second. The patterns are compiled on first use (see `lazy`).
        """
        self.locale = Locale.of(language)
        self._protections = Rules(*protections(self.locale)) if self.locale.data else Rules()
        self._repeated_currencies = RepeatedCurrencies(self.locale) if self.locale.data else None
        self._digit_strings = Rules(*digit_strings(self.locale)) if self.locale.data else Rules()
        self._early, self._core, self._late, self._agreement = _rules(self.locale)

    def prepare(self, sentence: str, replacements: Sequence[tuple[int, int, str]] = ()) -> Prepared:
        """Returns the spoken form of `sentence`.

        `replacements` contains the start, the end and the replacement of parts of `sentence`. If there is no data for
        the language, only these replacements are made.
        """
        passage = Passage(sentence, replacements)
        if self.locale.data:
            self._protect(passage)
            self._early.apply(passage)
            if passage.has_open(_NUMBERS):
                self._digit_strings.apply(passage)
                self._core.apply(passage, rewrites_only=_NUMBERS)
            if not passage.is_settled:
                self._late.apply(passage)
            self._agreement.apply(passage, rewrites_words=True)
        return passage.prepared()

    def _protect(self, passage: Passage) -> None:
        """Protects text that no rule may rewrite, and removes thousands separators and redundant currencies."""
        self._protections.apply(passage)
        found: list[int] = []
        if passage.passes(_DIGITS):
            found += self.locale.separators.between_thousands(passage.text)
            if self._repeated_currencies and passage.passes(has_letter):
                found += self._repeated_currencies.positions(passage.text)
        if found:
            passage.join(found)


class _RulesOfLanguage(NamedTuple):
    early: Rules = Rules()
    """The language's own rules that are applied before the core rules: dates, times and so on."""

    core: Rules = Rules()
    """The core rules, which apply to all languages."""

    late: Rules = Rules()
    """The language's own rules that are applied after the core rules."""

    agreement: Rules = Rules()
    """The language's rules for numbers before nouns. They also rewrite words from other rules."""


def _rules(locale: Locale) -> _RulesOfLanguage:
    if not locale.data:
        return _RulesOfLanguage()
    name = f"{_LANGUAGES}.{locale.language}"
    language = import_module(name) if find_spec(name) else None

    def of_language(function: str) -> Sequence[Rule | Mask]:
        rules: Sequence[Rule | Mask] = getattr(language, function)(locale) if hasattr(language, function) else ()
        return rules

    core = Rules(
        *dates_before_times(locale),
        *hours(locale),
        *dates(locale),
        *money(locale),
        *quantities(locale),
        *numbers(locale),
    )
    return _RulesOfLanguage(
        early=Rules(*changes(locale), *compact_durations(locale), *of_language("rules")),
        core=core,
        late=Rules(*of_language("late_rules")),
        agreement=Rules(*of_language("agreement_rules")),
    )
