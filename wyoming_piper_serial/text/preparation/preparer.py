"""Prepares sentences of one language for the phonemizer. Creating a preparer reads files."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from wyoming_piper_serial.text.preparation.dates import dates
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.masks import digit_strings, protections
from wyoming_piper_serial.text.preparation.money import RepeatedCurrencies, money
from wyoming_piper_serial.text.preparation.passage import DIGITS, Passage, Prepared, Rule
from wyoming_piper_serial.text.preparation.quantities import numbers, quantities

_LANGUAGES = "wyoming_piper_serial.text.preparation.languages"


class Preparer:
    """Prepares sentences of one language. Immutable and therefore thread-safe."""

    def __init__(self, language: str) -> None:
        """`language` is a code such as `en_US`. Reading the data and compiling the patterns takes several hundredths of
        a second.
        """
        self.locale = Locale.of(language)
        self._protections = protections(self.locale) if self.locale.data else []
        self._repeated_currencies = RepeatedCurrencies(self.locale) if self.locale.data else None
        self._digit_strings = digit_strings()
        self._early, self._core, self._late, self._agreement = _rules(self.locale)

    def prepare(self, sentence: str, replacements: Sequence[tuple[int, int, str]] = ()) -> Prepared:
        """Returns the spoken form of `sentence`.

        `replacements` contains tuples of start, end and replacement for parts of `sentence`. If there is no data for
        the language, only these replacements are made.
        """
        passage = Passage(sentence, replacements)
        if self.locale.data:
            self._protect(passage)
            passage.apply(*self._early)
            if passage.has(DIGITS):  # the core rules rewrite only numbers
                for mask in self._digit_strings:
                    passage.protect(mask)
                passage.apply(*self._core)
            passage.apply(*self._late)
            passage.apply(*self._agreement, rewrites_words=True)
        return passage.prepared()

    def _protect(self, passage: Passage) -> None:
        """Protects text that no rule may rewrite, and removes superfluous characters in numbers."""
        for step in self._protections:
            if isinstance(step, Rule):
                passage.apply(step)
            else:
                passage.protect(step)
        if passage.has(DIGITS):
            passage.join(self._left_out(passage.text))

    def _left_out(self, text: str) -> list[int]:
        """Returns the positions of thousands separators and of redundant currency signs or codes."""
        repeated = self._repeated_currencies.positions(text) if self._repeated_currencies else []
        return sorted({*self.locale.separators.between_thousands(text), *repeated})


class _Rules(NamedTuple):
    early: Sequence[Rule] = ()
    """The language's own rules that are applied before the core rules, such as those for dates and times."""

    core: Sequence[Rule] = ()
    """The core rules, which apply to all languages."""

    late: Sequence[Rule] = ()
    """The language's own rules that are applied after the core rules."""

    agreement: Sequence[Rule] = ()
    """The language's rules for numbers before nouns. They also rewrite the output of other rules."""


def _rules(locale: Locale) -> _Rules:
    if not locale.data:
        return _Rules()
    name = f"{_LANGUAGES}.{locale.language}"
    language = import_module(name) if find_spec(name) else None

    def of_language(function: str) -> Sequence[Rule]:
        rules: Sequence[Rule] = getattr(language, function)(locale) if hasattr(language, function) else ()
        return rules

    core = [*dates(locale), *money(locale), *quantities(locale), *numbers(locale)]
    return _Rules(of_language("rules"), core, of_language("late_rules"), of_language("agreement_rules"))
