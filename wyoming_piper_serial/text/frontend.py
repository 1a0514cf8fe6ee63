"""Converts written sentences to their spoken form in the language of a voice. This module determines the order of the
stages.
"""

import logging

from wyoming_piper_serial.text.joining import join_dots
from wyoming_piper_serial.text.lexicon import NO_WORDS, VoiceLexicon
from wyoming_piper_serial.text.preparation.preparer import Preparer

_LOGGER = logging.getLogger(__name__)


class Frontend:
    """Converts the sentences of one voice to their spoken form. Pure and thread-safe, except that it logs warnings."""

    def __init__(self, preparer: Preparer | None, lexicon: VoiceLexicon = NO_WORDS) -> None:
        """If `preparer` is `None`, numbers, units and abbreviations are left to the phonemizer."""
        self._preparer = preparer
        self._lexicon = lexicon

    def spoken(self, sentence: str) -> str:
        """Returns a cleaned sentence as a person would say it. Takes less than a millisecond for a typical sentence.

        If a rule fails, the sentence is spoken as written.
        """
        if self._preparer is None:
            return self._lexicon.apply(sentence)
        try:
            # Words with signs and digits, such as "e.g." and "24/7", are looked up first, because the rules would
            # rewrite them. All other words are looked up in the output of the rules.
            prepared = self._preparer.prepare(sentence, self._lexicon.written(sentence))
            return join_dots(self._lexicon.apply_words(prepared.text), self._preparer.locale.language)
        except Exception as error:  # noqa: BLE001 -- rules of any language
            # The message may contain the text, which is private.
            _LOGGER.warning(
                "A sentence of %d characters could not be prepared in %s: %s",
                len(sentence),
                self._preparer.locale.language,
                type(error).__name__,
            )
            return self._lexicon.apply(sentence)
