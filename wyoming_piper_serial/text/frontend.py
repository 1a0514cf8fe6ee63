"""Converts cleaned sentences to their spoken form with the lexicon and the text rules."""

import logging

from wyoming_piper_serial.text.joining import join_dots
from wyoming_piper_serial.text.lexicon import NO_WORDS, VoiceLexicon
from wyoming_piper_serial.text.preparation.arrows import pause_at_changes
from wyoming_piper_serial.text.preparation.preparer import Preparer

_LOGGER = logging.getLogger(__name__)


class Frontend:
    """Converts sentences to their spoken form for one voice. Thread-safe. Its only side effect is logging."""

    def __init__(self, preparer: Preparer | None, lexicon: VoiceLexicon = NO_WORDS) -> None:
        """If `preparer` is `None`, numbers, units and abbreviations are left to the phonemizer."""
        self._preparer = preparer
        self._lexicon = lexicon

    def spoken(self, sentence: str) -> str:
        """Returns the spoken form of a cleaned sentence. This takes less than a millisecond for a typical sentence.

        If a rule raises an exception, only the lexicon is applied.
        """
        return pause_at_changes(self._prepared(sentence))

    def _prepared(self, sentence: str) -> str:
        if self._preparer is None:
            return self._lexicon.apply(sentence)
        try:
            # Entries with signs or digits, such as "e.g." and "24/7", are looked up first, because the text rules would
            # rewrite them. All other words are looked up in the output of the rules.
            prepared = self._preparer.prepare(sentence, self._lexicon.written(sentence))
            return join_dots(self._lexicon.apply_words(prepared.text), self._preparer.locale.language)
        except Exception as error:  # noqa: BLE001 -- rules of any language
            # Log only the type of the error. Its message may contain the text, which is private.
            _LOGGER.warning(
                "A sentence of %d characters could not be prepared in %s: %s",
                len(sentence),
                self._preparer.locale.language,
                type(error).__name__,
            )
            return self._lexicon.apply(sentence)
