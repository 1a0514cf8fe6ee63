"""Turns written text into what is spoken, for the language of a voice."""

import threading

from wyoming_piper_serial.text.preparation.preparer import Preparer


class Frontends:
    """Holds the preparer of each language that has been used. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._preparers: dict[str, Preparer] = {}

    def preparer(self, language: str) -> Preparer:
        """Returns the preparer for a language code such as `en_US`. The first call for a language reads its data."""
        with self._lock:
            if language not in self._preparers:
                self._preparers[language] = Preparer(language)
            return self._preparers[language]
