"""A stream of text pieces to sentences ready to be spoken."""

import regex
from sentence_stream import SentenceBoundaryDetector

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.cleaning import (
    clean_characters,
    clean_sentence,
    is_speakable,
    separate_items,
    strip_emphasis,
)

# A sentence may have ended once a word follows something that can end one. A number is looked past:
# it may be an item's, `2.` in a list. Anchored and possessive, because a search would try every dot of
# a long row of dots against the whole row.
_UP_TO_WORD_AFTER_END = regex.compile(
    r"[^.!?…؟।॥。！？\n]*+.\W*+(?:[^\W\d]|\d++(?:[^\W\d]|\W++\w))", flags=regex.DOTALL
)
_CLOSERS = "'\")]}’”»」』）》】〕〉"
_PAUSES = [regex.compile(pattern, flags=regex.DOTALL) for pattern in (r".*[;:,،、，；：)\n]", r".*\s")]


class SentenceSplitter:
    """Cuts text that arrives in pieces into clean sentences, the same ones however it is split.

    The boundary detector's answers depend on how much text it has seen when it looks. So it is
    shown text up to borders that the text itself sets (a word after a sentence's possible end),
    never up to the border of a piece.
    """

    def __init__(self, settings: TextSettings) -> None:
        self._settings = settings
        self._restart()

    def _restart(self) -> None:
        self._detector = SentenceBoundaryDetector()
        self._tail = ""  # taken, but not yet shown to the detector
        self._last = "\n"  # the last character shown: the left neighbour of a mark

    def feed(self, text: str) -> list[str]:
        """Take more text; return the sentences that are now complete."""
        text = clean_characters(text)
        sentences: list[str] = []
        while text:
            room = self._settings.max_sentence - self._pending
            sentences += self._take(text[:room])
            text = text[room:]
            if self._pending >= self._settings.max_sentence:
                sentences += self._cut_at_pause()
        return sentences

    def finish(self) -> list[str]:
        """End of text: return what is left. The splitter is then as new."""
        sentences = self._show(self._tail)
        sentences += self._speakable(self._detector.finish())
        self._restart()
        return sentences

    @property
    def _pending(self) -> int:
        detector = self._detector
        return len(self._tail) + len(detector.current_sentence) + len(detector.remaining_text)

    def _take(self, text: str) -> list[str]:
        self._tail += text
        sentences: list[str] = []
        shown = 0
        while border := _UP_TO_WORD_AFTER_END.match(self._tail, shown):
            sentences += self._show(border[0])
            shown = border.end()
        self._tail = self._tail[shown:]
        return sentences

    def _show(self, text: str) -> list[str]:
        """Let the detector look at more text. The text ends in a word or is the last."""
        prepared = separate_items(strip_emphasis(self._last + text))[1:]
        self._last = text[-1:] or self._last
        return [clean for raw in self._detector.add_chunk(prepared) for clean in self._speakable(raw)]

    def _cut_at_pause(self) -> list[str]:
        """Speak an endless sentence up to the last pause in its second half."""
        text = self._detector.current_sentence + self._detector.remaining_text + self._tail
        half = len(text) // 2
        matches = (pause.match(text, half) for pause in _PAUSES)
        cut = next((match.end() for match in matches if match), len(text))
        self._restart()
        return self._speakable(text[:cut]) + self._take(text[cut:])

    def _speakable(self, raw: str) -> list[str]:
        text = clean_sentence(raw)
        if not is_speakable(text):
            return []
        marks = self._settings.auto_punctuation
        ended = not marks or text.rstrip(_CLOSERS)[-1:] in marks
        return [text if ended else text + marks[0]]
