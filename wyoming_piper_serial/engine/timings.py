"""The times at which the words of a text are spoken."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

Marks = Sequence[tuple[int, str]]
"""Passages of a sentence in text order, each with the index of the first phoneme id that belongs to it."""


@dataclass(frozen=True)
class SpokenText:
    """The text of the phoneme ids that are encoded together: a sentence, or a part of one."""

    number: int
    """Number of the sentence, which is the same for all parts of a sentence."""

    sentence: str
    """The whole sentence, as it was written."""

    marks: Marks
    """The passages that begin in this part. Their texts are consecutive."""

    def undivided(self) -> "SpokenText":
        """Returns the same text with all passages joined to one, for a part whose durations are not known."""
        text = " ".join(text for _, text in self.marks)
        return SpokenText(self.number, self.sentence, ((0, text),) if self.marks else ())


@dataclass(frozen=True)
class TimedPassage:
    """A passage of a sentence, and the time at which it begins."""

    text: str
    start: float
    """Seconds from the beginning of the utterance's audio."""


@dataclass(frozen=True, kw_only=True)
class TimedText:
    """The times of the passages that begin in a part of a sentence."""

    number: int
    sentence: str
    passages: tuple[TimedPassage, ...]


def timed(text: SpokenText, start: float, id_frames: Sequence[int] | None, frame_seconds: float) -> TimedText:
    """Returns the times of a text whose audio begins at `start`, in seconds.

    `id_frames` contains the number of frames of each phoneme id. If it is `None`, the text is one passage.
    """
    if id_frames is None:
        text, id_frames = text.undivided(), ()
    begins = [0, *accumulate(id_frames)]
    passages = tuple(TimedPassage(words, start + begins[index] * frame_seconds) for index, words in text.marks)
    return TimedText(number=text.number, sentence=text.sentence, passages=passages)
