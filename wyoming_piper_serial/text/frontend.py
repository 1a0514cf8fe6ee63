"""Turns written sentences into what is spoken, for the language of a voice. The order of the stages is written here."""

import logging
import threading

from wyoming_piper_serial.settings import TextRules
from wyoming_piper_serial.text.preparation.preparer import Preparer

_LOGGER = logging.getLogger(__name__)


class Frontend:
    """Turns sentences of one voice into what is spoken. Pure and thread-safe, apart from log lines."""

    def __init__(self, preparer: Preparer | None) -> None:
        """`preparer` is `None` if numbers, units and the like are left to the phonemizer."""
        self._preparer = preparer

    def spoken(self, sentence: str) -> str:
        """Returns what a person would say for a cleaned sentence. Takes less than a millisecond for a usual sentence.

        A rule that fails does not cost the sentence: it is then spoken as it is written.
        """
        if self._preparer is None:
            return sentence
        try:
            return self._preparer.prepare(sentence).text
        except Exception as error:  # noqa: BLE001 -- rules of any language
            # The message may contain the text, which is private.
            _LOGGER.warning(
                "A sentence of %d characters could not be prepared in %s: %s",
                len(sentence),
                self._preparer.locale.language,
                type(error).__name__,
            )
            return sentence


class Frontends:
    """Holds the preparer of each language that has been used. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._preparers: dict[str, Preparer] = {}

    def is_loaded(self, language: str) -> bool:
        """Returns whether `preparer` returns at once for this language."""
        return language in self._preparers

    def preparer(self, language: str) -> Preparer:
        """Returns the preparer for a language code such as `en_US`.

        The first call for a language reads its data and compiles its patterns, which takes some hundredths of a second.
        It must not be made in the event loop.
        """
        with self._lock:
            if language not in self._preparers:
                self._preparers[language] = Preparer(language)
            return self._preparers[language]

    def frontend(self, language: str, rules: TextRules) -> Frontend:
        """Returns the frontend for a voice. See `preparer` for the first call for a language."""
        return Frontend(self.preparer(language) if rules == "auto" else None)
