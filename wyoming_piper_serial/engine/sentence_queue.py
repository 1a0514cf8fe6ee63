"""Queues the sentences of an utterance until they are encoded, and estimates the duration of their speech.

Must be used in the event loop.
"""

import asyncio
from collections import deque
from collections.abc import Iterator

from wyoming_piper_serial.engine.cutting import cut_ids, most_ids
from wyoming_piper_serial.engine.pace import SpeakingPace, characters_of
from wyoming_piper_serial.engine.speech_job import BegunSentence
from wyoming_piper_serial.engine.timings import SpokenText, TimedText, timed
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.model.protocols import PhonemeIds, SynthesisOptions

# Maximum number of queued sentences. The number is high enough that the voice rarely waits for the phonemizer, but low
# enough that a long text is split and phonemized while it is being spoken, not in advance.
_AHEAD = 4


class SentenceQueue:
    """The phoneme ids of sentences in text order."""

    def __init__(self, config: VoiceConfig, options: SynthesisOptions, pace: SpeakingPace) -> None:
        self.later = 0
        """Number of received characters that are not in the queue yet."""

        scale = options.synthesis.length_scale
        self._length_scale = config.scales.length_scale if scale is None else scale
        self._voice = config.name
        self._id_map = config.phonemes.id_map
        self._pace = pace
        self._sentences: deque[tuple[PhonemeIds, SpokenText | None]] = deque()
        self._encoding: tuple[int, SpokenText | None] | None = None  # the sentence that `pop` returned last
        self._timed: list[TimedText] = []
        self._room = asyncio.Event()
        self._room.set()

    def __len__(self) -> int:
        return len(self._sentences)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The approximate number of characters of each sentence."""
        return tuple(characters_of(len(ids)) for ids, _ in self._sentences)

    @property
    def seconds_per_character(self) -> float:
        """Estimated seconds of speech per character at the utterance's speed."""
        return self._pace.seconds_per_character(self._voice) * self._length_scale

    def parts(
        self, sentence: PhonemeIds, text: SpokenText | None = None
    ) -> Iterator[tuple[PhonemeIds, SpokenText | None]]:
        """Yields the parts of `sentence`, each with its text or `None`. A sentence that is short enough to be encoded
        at once is a single part.

        `text` belongs to the first part. If the sentence is split, the times of its words are not known.
        """
        parts = list(cut_ids(sentence, most_ids(self._length_scale), self._id_map))
        first = text if text is None or len(parts) == 1 else text.undivided()
        return ((part, None if index else first) for index, part in enumerate(parts))

    async def room(self) -> None:
        """Waits until there is room for another sentence."""
        await self._room.wait()

    def append(self, sentence: PhonemeIds, text: SpokenText | None = None) -> None:
        self._sentences.append((sentence, text))
        if len(self._sentences) >= _AHEAD:
            self._room.clear()

    def pop(self) -> PhonemeIds:
        """Removes and returns the first sentence."""
        self._room.set()
        ids, text = self._sentences.popleft()
        self._encoding = characters_of(len(ids)), text
        return ids

    def clear(self) -> None:
        """Removes all sentences. All waiting calls to `room` then return."""
        self._sentences.clear()
        self._room.set()

    def encoded(self, frames: int, frame_seconds: float, begun: BegunSentence | None) -> None:
        """Records the pace and the times of the sentence that `pop` returned last, unless this has already been done.

        `frames` is its number of frames, and `begun` describes its audio. If `frames` is 0, nothing is recorded.
        """
        encoding, self._encoding = self._encoding, None
        if encoding is None or not frames:
            return
        characters, text = encoding
        if self._length_scale > 0:
            self._pace.add(self._voice, characters, frames * frame_seconds / self._length_scale)
        if text is not None and begun is not None:
            self._timed.append(timed(text, begun.start, begun.id_frames, frame_seconds))

    def take_timed(self) -> list[TimedText]:
        """Returns the times of the texts whose encoding has ended since the last call. They are available before the
        first PCM of these texts."""
        timed, self._timed = self._timed, []
        return timed
