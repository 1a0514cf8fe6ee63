"""Turns written sentences into what is spoken, for the language of a voice. The order of the stages is written here."""

import logging

from wyoming_piper_serial.text.joining import join_dots
from wyoming_piper_serial.text.lexicon import NO_WORDS, VoiceLexicon
from wyoming_piper_serial.text.preparation.preparer import Preparer

_LOGGER = logging.getLogger(__name__)


class Frontend:
    """Turns sentences of one voice into what is spoken. Pure and thread-safe, apart from log lines."""

    def __init__(self, preparer: Preparer | None, lexicon: VoiceLexicon = NO_WORDS) -> None:
        """`preparer` is `None` if numbers, units and the like are left to the phonemizer."""
        self._preparer = preparer
        self._lexicon = lexicon

    def spoken(self, sentence: str) -> str:
        """Returns what a person would say for a cleaned sentence. Takes less than a millisecond for a usual sentence.

        A rule that fails does not cost the sentence: it is then spoken as it is written.
        """
        if self._preparer is None:
            return self._lexicon.apply(sentence)
        try:
            # Words with signs and digits, such as "e.g." and "24/7", would be rewritten before the lexicon sees them.
            # All other words of the lexicon are those that are spoken in the end.
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
