"""Loads and caches the text rules and data of each language."""

import threading
from typing import TYPE_CHECKING

from wyoming_piper_serial.settings import TextRules, TextSettings
from wyoming_piper_serial.text.lexicon import NO_WORDS, VoiceLexicon

if TYPE_CHECKING:
    from wyoming_piper_serial.text.frontend import Frontend
    from wyoming_piper_serial.text.preparation.preparer import Preparer
    from wyoming_piper_serial.text.sentences import SentenceSplitter


class Frontends:
    """Caches the preparer of each language in use. Thread-safe.

    `load` imports the modules that split and prepare text. Compiling their patterns takes a tenth of a second, which
    would otherwise delay the start of the server.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._languages: set[str] = set()
        self._preparers: dict[str, Preparer] = {}
        # Set by `load`, which imports the modules of these classes.
        self._frontend: type[Frontend]
        self._splitter: type[SentenceSplitter]

    def is_loaded(self, language: str, rules: TextRules) -> bool:
        """Returns whether the language is already loaded, so that `load` returns immediately."""
        return language in (self._preparers if rules == "auto" else self._languages)

    def load(self, language: str, rules: TextRules) -> None:
        """Imports the modules, reads the data of a language and builds its rules, whose patterns are compiled later.

        `language` is a language code such as `en_US`. If `rules` is `off`, only the data for splitting sentences is
        read. The event loop must not call this for a language that is not loaded, because loading blocks.
        """
        # Loading another language holds the lock, so check without it first.
        if self.is_loaded(language, rules):
            return
        from wyoming_piper_serial.text.frontend import Frontend  # noqa: PLC0415
        from wyoming_piper_serial.text.preparation.preparer import Preparer  # noqa: PLC0415
        from wyoming_piper_serial.text.sentences import SentenceSplitter  # noqa: PLC0415

        with self._lock:
            self._frontend, self._splitter = Frontend, SentenceSplitter
            if language not in self._languages:
                SentenceSplitter(TextSettings(), language)  # loads the abbreviations of the language
                self._languages.add(language)
            if rules == "auto" and language not in self._preparers:
                self._preparers[language] = Preparer(language)

    def preparer(self, language: str) -> "Preparer":
        """Returns the preparer of a language. Loads the language if necessary."""
        self.load(language, "auto")
        return self._preparers[language]

    def splitter(self, settings: TextSettings, language: str) -> "SentenceSplitter":
        """Returns a splitter for one text. Loads the language if necessary."""
        self.load(language, "off")
        return self._splitter(settings, language)

    def frontend(self, language: str, rules: TextRules, lexicon: VoiceLexicon = NO_WORDS) -> "Frontend":
        """Returns the frontend for a voice. Loads the language if necessary."""
        self.load(language, rules)
        return self._frontend(self._preparers[language] if rules == "auto" else None, lexicon)
