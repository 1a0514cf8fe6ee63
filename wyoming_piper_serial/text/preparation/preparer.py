"""Prepares sentences of one language for the phonemizer. Pure, except that data files and rules are read once."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import regex

from wyoming_piper_serial.text.preparation.dates import dates
from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.masks import digit_strings, protections
from wyoming_piper_serial.text.preparation.money import money
from wyoming_piper_serial.text.preparation.passage import Passage, Prepared, Rule
from wyoming_piper_serial.text.preparation.quantities import numbers, quantities

_DIGIT = regex.compile("[0-9]")  # the rules of all languages rewrite only numbers
_LANGUAGES = "wyoming_piper_serial.text.preparation.languages"


class Preparer:
    """Prepares sentences of one language. Thread-safe, because it does not change after it was created."""

    def __init__(self, language: str) -> None:
        """`language` is a language code such as `en_US`. Reading the data and compiling the patterns takes some
        hundredths of a second."""
        self.locale = Locale.of(language)
        self._protections = protections(self.locale) if self.locale.data else []
        self._digit_strings = digit_strings()
        self._early, self._core, self._late = _rules(self.locale)

    def prepare(self, sentence: str) -> Prepared:
        """Returns what a person would say for `sentence`. A sentence of a language without data is not changed."""
        passage = Passage(sentence)
        if self.locale.data:
            for step in self._protections:
                if isinstance(step, Rule):
                    passage.apply(step)
                else:
                    passage.protect(step)
            for rule in self._early:
                passage.apply(rule)
            if _DIGIT.search(passage.text):
                for pattern in self._digit_strings:
                    passage.protect(pattern)
                for rule in self._core:
                    passage.apply(rule)
            for rule in self._late:
                passage.apply(rule)
        return passage.prepared()


def _rules(locale: Locale) -> tuple[Sequence[Rule], Sequence[Rule], Sequence[Rule]]:
    """Returns the early rules of the language, for dates, times and the like, the rules of all languages, and the late
    rules of the language, for what is left."""
    if not locale.data:
        return [], [], []

    def no_rules(_locale: Locale) -> Sequence[Rule]:
        return []

    name = f"{_LANGUAGES}.{locale.language}"
    language = import_module(name) if find_spec(name) else None
    early: Sequence[Rule] = language.rules(locale) if language else []
    late: Sequence[Rule] = getattr(language, "late_rules", no_rules)(locale)
    return early, [*dates(locale), *money(locale), *quantities(locale), *numbers(locale)], late
