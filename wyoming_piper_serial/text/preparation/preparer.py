"""Prepares sentences of one language for the phonemizer. Pure, except that data files and rules are read once."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

import regex

from wyoming_piper_serial.text.preparation.locale import Locale
from wyoming_piper_serial.text.preparation.passage import Passage, Prepared, Rule

# Raw phonemes, addresses and other text whose signs must not be rewritten.
_PROTECTED = [regex.compile(r"\[\[.*?\]\]"), regex.compile(r"\b\w+://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")]
_LANGUAGES = "wyoming_piper_serial.text.preparation.languages"


class Preparer:
    """Prepares sentences of one language. Thread-safe, because it does not change after it was created."""

    def __init__(self, language: str) -> None:
        """`language` is a language code such as `en_US`. Reading the data and compiling the patterns takes some
        hundredths of a second."""
        self.locale = Locale.of(language)
        self._rules = self._all_rules()

    def prepare(self, sentence: str) -> Prepared:
        """Returns what a person would say for `sentence`. A sentence of a language without data is not changed."""
        passage = Passage(sentence)
        for pattern in _PROTECTED:
            passage.protect(pattern)
        for rule in self._rules:
            passage.apply(rule)
        return passage.prepared()

    def _all_rules(self) -> Sequence[Rule]:
        name = f"{_LANGUAGES}.{self.locale.language}"
        if find_spec(name) is None:
            return ()
        module = import_module(name)
        return [*module.rules(self.locale), *getattr(module, "late_rules", lambda _: ())(self.locale)]
