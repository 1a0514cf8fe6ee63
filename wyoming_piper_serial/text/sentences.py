"""Splits streamed text into sentences that are ready to be spoken."""

import regex
from sentence_stream import SentenceBoundaryDetector

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.cleaning import clean_sentence, is_speakable
from wyoming_piper_serial.text.markup import MarkupFilter

# A spoken character: a character of a word or a number, or a currency sign.
_SPOKEN = r"[\w\p{N}\p{Sc}]"
_SILENT = r"[^\w\p{N}\p{Sc}]"

# Matches text up to the first word after a character that can end a sentence, or up to the 200th silent character after
# it, because the detector takes quadratic time for a row of silent characters. Numbers are not words here, because a
# number may belong to a list item (`2.`). The pattern is anchored and possessive. Otherwise, a search in a long row of
# dots would compare each dot with the rest of the row.
_UP_TO_WORD_AFTER_END = regex.compile(
    rf"[^.!?…؟।॥。！？\n]*+.{_SILENT}{{0,200}}+"
    rf"(?:(?:\d++{_SILENT}{{1,200}}+)*+\d*+[{_SPOKEN}--\d]|(?={_SILENT}))",
    flags=regex.DOTALL | regex.V1,
)
# The detector also takes quadratic time for a row of marks that can end a sentence: 500 marks take 10 ms. In a row
# of more than `_MAX_ENDS` marks, such as in a table of contents, the additional marks have no meaning.
_ENDS = ".!?…؟।॥"
_MAX_ENDS = 40
_LONG_ROW = regex.compile(rf"([{_ENDS}]{{{_MAX_ENDS}}})[{_ENDS}]++")
_PASSED = 200  # number of characters to collect before passing them to the detector
_ENDS_SPOKEN = regex.compile(rf"{_SPOKEN}\Z")
_CLOSERS = "'\")]}’”»」』）》】〕〉"
_PAUSES = [regex.compile(pattern, flags=regex.DOTALL) for pattern in (r".*[;:,،、，；：)\n]", r".*\s")]


class SentenceSplitter:
    """Splits streamed text into clean sentences, which do not depend on how the text is divided into chunks.

    The results of the sentence boundary detector can depend on how the text is divided. Therefore, the detector always
    receives text up to positions that are determined only by the text, such as a word after the possible end of a
    sentence.
    """

    def __init__(self, settings: TextSettings) -> None:
        self._settings = settings
        self._markup = MarkupFilter(code_blocks=settings.code_blocks)
        self._restart()

    def _restart(self) -> None:
        self._detector = SentenceBoundaryDetector()
        self._tail = ""  # Text that has not been passed to the detector.
        self._row = ""  # The sentence-ending marks at the end of the text passed to the detector, at most `_MAX_ENDS`.

    def feed(self, text: str) -> list[str]:
        """Adds `text`. Returns the sentences that are now complete."""
        return self._split(self._markup.feed(text))

    def _split(self, text: str) -> list[str]:
        sentences: list[str] = []
        while text:
            room = self._settings.max_sentence - self._pending
            sentences += self._take(text[:room])
            text = text[room:]
            if self._pending >= self._settings.max_sentence:
                sentences += self._cut_at_pause()
        return sentences

    def finish(self) -> list[str]:
        """Ends the text and returns the remaining sentences. Afterwards, the splitter can be used for another text."""
        sentences = self._split(self._markup.finish())
        sentences += self._detect(self._tail)
        sentences += self._speakable(self._detector.finish())
        self._restart()
        return sentences

    @property
    def _pending(self) -> int:
        """The number of characters in the incomplete sentence."""
        detector = self._detector
        return len(self._tail) + len(detector.current_sentence) + len(detector.remaining_text)

    def _take(self, text: str) -> list[str]:
        self._tail += text
        sentences: list[str] = []
        begin = position = 0
        while match := _UP_TO_WORD_AFTER_END.match(self._tail, position):
            position = match.end()
            # The detector searches all of its text each time, so several words are passed together. This does not
            # change its results, except after a mark that can end a sentence.
            if position - begin >= _PASSED or not _ENDS_SPOKEN.search(match[0]):
                sentences += self._detect(self._tail[begin:position])
                begin = position
        if begin < position:
            sentences += self._detect(self._tail[begin:position])
        self._tail = self._tail[position:]
        return sentences

    def _detect(self, text: str) -> list[str]:
        """Passes `text` to the detector. Returns the sentences that are now complete.

        `text` must end where a match of `_UP_TO_WORD_AFTER_END` ends, or be the last piece of the text.
        """
        prepared = self._with_short_rows(text)
        return [clean for raw in self._detector.add_chunk(prepared) for clean in self._speakable(raw)]

    def _with_short_rows(self, text: str) -> str:
        """Returns `text` with each row of marks shortened to `_MAX_ENDS`. The first row may begin before `text`."""
        shortened = _LONG_ROW.sub(r"\1", self._row + text)
        kept = shortened[len(self._row) :]
        self._row = shortened[len(shortened.rstrip(_ENDS)) :][-_MAX_ENDS:]
        return kept

    def _cut_at_pause(self) -> list[str]:
        """Splits a sentence that has reached `max_sentence` at the last pause in its second half.

        Returns the sentences that are now complete.
        """
        text = self._detector.current_sentence + self._detector.remaining_text + self._tail
        half = len(text) // 2
        matches = (pause.match(text, half) for pause in _PAUSES)
        cut = next((match.end() for match in matches if match), len(text))
        self._restart()
        return self._speakable(text[:cut]) + self._take(text[cut:])

    def _speakable(self, raw: str) -> list[str]:
        if not is_speakable(raw):  # avoids cleaning each mark of a row, which the detector returns as a sentence
            return []
        text = clean_sentence(raw)
        if not is_speakable(text):
            return []
        marks = self._settings.auto_punctuation
        has_end = not marks or text.rstrip(_CLOSERS)[-1:] in marks
        return [text if has_end else text + marks[0]]
