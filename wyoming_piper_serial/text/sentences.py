"""Splits streamed text into sentences that are ready to be spoken."""

import regex

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.abbreviations import abbreviations_of
from wyoming_piper_serial.text.boundaries import SentenceBoundaryDetector
from wyoming_piper_serial.text.cleaning import clean_sentence, is_speakable
from wyoming_piper_serial.text.markup import MarkupFilter

_GREEK_QUESTION_MARK = "\u037e"
_GREEK_QUESTION = regex.compile(r"(?<=[\w)\]»”\"']);(?=[)\]»”\"']*+(?:\s|\Z))")
_ELLIPSIS = "…"
_CLOSERS = "'\")]}’”»」』）》】〕〉"
# Of a longer sequence of punctuation marks, such as a dot leader in a table of contents, only the first `_MAX_ENDS` are
# kept.
_ROW = ".!?…؟।॥"
_MAX_ENDS = 40
_LONG_ROW = regex.compile(rf"([{_ROW}]{{{_MAX_ENDS}}})[{_ROW}]++")
_PAUSES = [regex.compile(pattern, flags=regex.DOTALL) for pattern in (r".*[;:,،、，；：)\n]", r".*\s")]


class SentenceSplitter:
    """Splits streamed text into sentences without markup. The result does not depend on how the text is divided into
    chunks.
    """

    def __init__(self, settings: TextSettings, language: str = "") -> None:
        """`language` is a code such as `en_US`, or empty if unknown."""
        self._settings = settings
        self._language = language
        self._abbreviations = abbreviations_of(language)
        self._markup = MarkupFilter(code_blocks=settings.code_blocks, language=language)
        self._detector = SentenceBoundaryDetector(self._abbreviations)

    def feed(self, text: str) -> list[str]:
        """Adds `text`. Returns the sentences that are now complete."""
        return self._split(self._markup.feed(text))

    def finish(self) -> list[str]:
        """Marks the end of the text. Returns the remaining sentences, and resets the splitter for another text."""
        sentences = self._split(self._markup.finish())
        return sentences + self._spoken(self._detector.finish())

    def _split(self, text: str) -> list[str]:
        text = text.replace(_GREEK_QUESTION_MARK, "?")
        sentences: list[str] = []
        while text:
            room = self._settings.max_sentence - self._pending
            # An ellipsis counts as two characters, so `size` does not extend beyond the first ellipsis.
            size = text.find(_ELLIPSIS, 0, room) + 1 or room
            sentences += self._spoken(self._detector.add_chunk(text[:size]))
            text = text[size:]
            if self._pending >= self._settings.max_sentence:
                sentences += self._cut_at_pause()
        return sentences

    @property
    def _pending(self) -> int:
        """The length of the incomplete sentence in characters. An ellipsis counts as two characters because a comma and
        a space may replace it.
        """
        return len(self._detector.text) + self._detector.text.count(_ELLIPSIS)

    def _cut_at_pause(self) -> list[str]:
        """Splits a sentence that has reached `max_sentence` at the last pause in its second half, or at its end if
        there is no pause. Returns the sentences that are now complete.
        """
        text = self._detector.text
        half = len(text) // 2
        matches = (pause.match(text, half) for pause in _PAUSES)
        cut = next((match.end() for match in matches if match), len(text))
        self._detector = SentenceBoundaryDetector(self._abbreviations)
        return self._spoken([text[:cut], *self._detector.add_chunk(text[cut:])])

    def _spoken(self, sentences: list[str]) -> list[str]:
        return [clean for raw in sentences for clean in self._speakable(raw)]

    def _speakable(self, raw: str) -> list[str]:
        # The detector may return each punctuation mark of a long sequence as a sentence. Cleaning all of these would
        # take too long.
        if not is_speakable(raw):
            return []
        text = clean_sentence(_LONG_ROW.sub(r"\1", raw), self._language)
        if not is_speakable(text):
            return []
        if self._abbreviations.greek:
            text = _GREEK_QUESTION.sub("?", text)
        marks = self._settings.auto_punctuation
        has_end = not marks or text.rstrip(_CLOSERS + " ")[-1:] in marks
        return [text if has_end else text + marks[0]]
