"""Splits streamed text into sentences that are ready to be spoken."""

import regex

from wyoming_piper_serial.settings import TextSettings
from wyoming_piper_serial.text.abbreviations import abbreviations_of
from wyoming_piper_serial.text.boundaries import ENDS, GREEK_END, SentenceBoundaryDetector
from wyoming_piper_serial.text.cleaning import (
    clean_characters,
    clean_sentence,
    is_speakable,
    separate_items,
    strip_emphasis,
)

# A spoken character: a character of a word or a number, or a currency sign.
_SPOKEN = r"[\w\p{N}\p{Sc}]"
_SILENT = r"[^\w\p{N}\p{Sc}]"

# The detector looks at a row of marks again for each chunk. In a row of more than `_MAX_ENDS` marks, such as in a table
# of contents, the additional marks have no meaning.
_ROW = ".!?…؟।॥"
_MAX_ENDS = 40
_LONG_ROW = regex.compile(rf"([{_ROW}]{{{_MAX_ENDS}}})[{_ROW}]++")
_PASSED = 200  # number of characters to collect before passing them to the detector
_ENDS_SPOKEN = regex.compile(rf"{_SPOKEN}\Z")
_GREEK_QUESTION_MARK = "\u037e"
_GREEK_QUESTION = regex.compile(r"(?<=[\w)\]»”\"']);(?=[)\]»”\"']*+(?:\s|\Z))")
_ELLIPSIS = "…"
_CLOSERS = "'\")]}’”»」』）》】〕〉"
_PAUSES = [regex.compile(pattern, flags=regex.DOTALL) for pattern in (r".*[;:,،、，；：)\n]", r".*\s")]


class SentenceSplitter:
    """Splits streamed text into clean sentences, which do not depend on how the text is divided into chunks.

    The results of the sentence boundary detector can depend on how the text is divided. Therefore, the detector always
    receives text up to positions that are determined only by the text, such as a word after the possible end of a
    sentence.
    """

    def __init__(self, settings: TextSettings, language: str = "") -> None:
        """`language` is a code such as `en_US`; an empty string means unknown."""
        self._settings = settings
        self._abbreviations = abbreviations_of(language)
        self._up_to_word_after_end = _up_to_word_after_end(ENDS + GREEK_END * self._abbreviations.greek)
        self._restart()

    def _restart(self) -> None:
        self._detector = SentenceBoundaryDetector(self._abbreviations)
        self._tail = ""  # Text that has not been passed to the detector.
        self._last = "\n"  # The last character passed to the detector. `strip_emphasis` needs it as context.
        self._row = ""  # The sentence-ending marks at the end of the text passed to the detector, at most `_MAX_ENDS`.

    def feed(self, text: str) -> list[str]:
        """Adds `text`. Returns the sentences that are now complete."""
        text = clean_characters(text).replace(_GREEK_QUESTION_MARK, "?")
        sentences: list[str] = []
        while text:
            room = self._settings.max_sentence - self._pending
            # An ellipsis is the last character of a piece, because it counts as two characters.
            size = text.find(_ELLIPSIS, 0, room) + 1 or room
            sentences += self._take(text[:size])
            text = text[size:]
            if self._pending >= self._settings.max_sentence:
                sentences += self._cut_at_pause()
        return sentences

    def finish(self) -> list[str]:
        """Ends the text and returns the remaining sentences. Afterwards, the splitter can be used for another text."""
        sentences = self._detect(self._tail)
        sentences += [clean for raw in self._detector.finish() for clean in self._speakable(raw)]
        self._restart()
        return sentences

    @property
    def _pending(self) -> int:
        """The number of characters in the incomplete sentence. An ellipsis counts as two characters, because it may
        become a comma and a space."""
        return sum(len(text) + text.count(_ELLIPSIS) for text in (self._tail, self._detector.text))

    def _take(self, text: str) -> list[str]:
        self._tail += text
        sentences: list[str] = []
        begin = position = 0
        while match := self._up_to_word_after_end.match(self._tail, position):
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

        `text` must end where a match of `_up_to_word_after_end` ends, or be the last piece of the text.
        """
        prepared = self._with_short_rows(separate_items(strip_emphasis(self._last + text))[1:])
        self._last = text[-1:] or self._last
        return [clean for raw in self._detector.add_chunk(prepared) for clean in self._speakable(raw)]

    def _with_short_rows(self, text: str) -> str:
        """Returns `text` with each row of marks shortened to `_MAX_ENDS`. The first row may begin before `text`."""
        shortened = _LONG_ROW.sub(r"\1", self._row + text)
        kept = shortened[len(self._row) :]
        self._row = shortened[len(shortened.rstrip(_ROW)) :][-_MAX_ENDS:]
        return kept

    def _cut_at_pause(self) -> list[str]:
        """Splits a sentence that has reached `max_sentence` at the last pause in its second half.

        Returns the sentences that are now complete.
        """
        text = self._detector.text + self._tail
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
        if self._abbreviations.greek:
            text = _GREEK_QUESTION.sub("?", text)
        marks = self._settings.auto_punctuation
        has_end = not marks or text.rstrip(_CLOSERS + " ")[-1:] in marks
        return [text if has_end else text + marks[0]]


def _up_to_word_after_end(ends: str) -> "regex.Pattern[str]":
    """Returns a pattern that matches text up to the first word after one of the marks `ends` or a line break, or up to
    the 200th silent character after it.

    Numbers are not words here, because a number may belong to a list item (`2.`). The pattern is anchored and
    possessive. Otherwise, a search in a long row of dots would compare each dot with the rest of the row.
    """
    return regex.compile(
        rf"[^{ends}\n]*+.{_SILENT}{{0,200}}+"
        rf"(?:(?:\d++{_SILENT}{{1,200}}+)*+\d*+[{_SPOKEN}--\d]|(?={_SILENT}))",
        flags=regex.DOTALL | regex.V1,
    )
