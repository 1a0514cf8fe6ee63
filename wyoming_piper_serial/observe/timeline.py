"""Records recent utterances for the timeline on the web page. Does not store text or addresses.

All times are in seconds on the engine's clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from wyoming_piper_serial.observe.outcome import Outcome
from wyoming_piper_serial.settings import Priority

# Maximum numbers of steps per utterance, of ended utterances, and of all utterances in a response. They limit a
# response to about 150 kB, because a browser requests four per second. The page shows only half a minute.
_MAX_STEPS = 32
_MAX_ENDED = 64
_MAX_SHOWN = 128

_SHOWN_SECONDS = 60.0  # seconds for which an utterance is kept after both synthesis and playback have ended


class StepTaken(NamedTuple):
    """One step of an utterance. Other utterances may have shared the step."""

    begin: float
    seconds: float
    audio_seconds: float
    """Seconds of audio that the step produced for this utterance, or 0 for a step that only encoded a sentence, only
    ran the flow, or failed."""


@dataclass(frozen=True, kw_only=True)
class UtteranceActivity:
    """A snapshot of an utterance that has at least one sentence."""

    number: int
    voice: str
    priority: Priority
    asked: float
    """Time at which the first sentence of the utterance arrived."""

    begun: float | None
    """Time at which the first step of the utterance began, or `None` if it has not begun."""

    heard: float | None
    """Time at which the first audio of the utterance was ready, or `None` if it is not ready."""

    lasts_until: float | None
    """Time at which playback ends for a listener that started to play at `heard`.

    If the client has disconnected, this is the time of the disconnection.
    """

    ended: float | None
    outcome: Outcome | None
    steps: tuple[StepTaken, ...]
    """The most recent steps of the utterance, oldest first."""


@dataclass(frozen=True)
class Activity:
    """The utterances that had not ended at the time `now`, and those that had ended shortly before."""

    now: float
    utterances: tuple[UtteranceActivity, ...]
    """The utterances that have not ended and those that ended recently, oldest first, at most `_MAX_SHOWN`."""


@dataclass(slots=True)
class UtteranceRecord:
    """The events of one utterance, recorded by the engine."""

    number: int
    voice: str
    priority: Priority
    asked: float | None = None
    begun: float | None = None
    heard: float | None = None
    lasts_until: float | None = None
    ended: float | None = None
    outcome: Outcome | None = None
    delay: float = 0.0
    """Total seconds that steps have taken longer than expected since the last step of the utterance."""

    _steps: deque[StepTaken] = field(default_factory=lambda: deque(maxlen=_MAX_STEPS))

    def step(self, begin: float, seconds: float, audio_seconds: float) -> None:
        """Records a step that has ended. The utterance may have ended earlier than the step."""
        self._steps.append(StepTaken(begin, seconds, audio_seconds))

    def end(self, now: float, outcome: Outcome) -> None:
        self.ended, self.outcome = now, outcome

    def is_old(self, now: float) -> bool:
        """Returns whether the utterance and its playback ended too long ago to be shown."""
        if self.ended is None:
            return False
        return now - max(self.ended, self.lasts_until or self.ended) > _SHOWN_SECONDS

    def activity(self) -> UtteranceActivity | None:
        """Returns a copy of the record for display, or `None` before the first sentence has arrived."""
        if self.asked is None:
            return None
        return UtteranceActivity(
            number=self.number,
            voice=self.voice,
            priority=self.priority,
            asked=self.asked,
            begun=self.begun,
            heard=self.heard,
            lasts_until=self.lasts_until,
            ended=self.ended,
            outcome=self.outcome,
            steps=tuple(self._steps),
        )


class Timeline:
    """Keeps the record of each utterance for a minute after both its synthesis and its playback have ended."""

    def __init__(self) -> None:
        self._ended: deque[UtteranceRecord] = deque(maxlen=_MAX_ENDED)

    def add(self, record: UtteranceRecord, now: float) -> None:
        """Adds the record of an ended utterance. The record can still change while the client reads the audio."""
        self._drop_old(now)
        if record.asked is not None:
            self._ended.append(record)

    def activity(self, others: Iterable[UtteranceRecord], now: float) -> Activity:
        """Returns the activity at the time `now`. `others` contains the records of utterances that have not ended."""
        self._drop_old(now)
        shown = [shown for record in (*self._ended, *others) if (shown := record.activity()) is not None]
        return Activity(now, tuple(sorted(shown, key=lambda one: (one.asked, one.number))[-_MAX_SHOWN:]))

    def _drop_old(self, now: float) -> None:
        """Removes old records.

        All records are checked, because playback does not end in the same order as the utterances.
        """
        self._ended = deque((record for record in self._ended if not record.is_old(now)), maxlen=_MAX_ENDED)
