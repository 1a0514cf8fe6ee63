"""What recent utterances have gone through, for the picture of the queue. Holds no text and no address.

All times are seconds of the engine's clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from wyoming_piper_serial.observe.outcome import Outcome
from wyoming_piper_serial.settings import Priority

# The picture shows half a minute, and a browser asks for it four times a second: at most about 150 kB each time.
_MAX_STEPS = 32
_MAX_ENDED = 64
_MAX_SHOWN = 128

_SHOWN_SECONDS = 60.0  # after an utterance has ended and its playback too: time to look at it


class StepTaken(NamedTuple):
    """One step in which an utterance took part, alone or with others."""

    begin: float
    seconds: float
    audio_seconds: float
    """Made for this utterance; 0 for a step that encodes or fails."""


@dataclass(frozen=True, kw_only=True)
class UtteranceActivity:
    """One utterance from its first sentence on, at one moment."""

    number: int
    voice: str
    priority: Priority
    asked: float
    """When its first sentence arrived."""

    begun: float | None
    """When its first step began."""

    heard: float | None
    """When its first audio was made."""

    lasts_until: float | None
    """When a listener who started at `heard` has played all that was made so far, or has hung up."""

    ended: float | None
    outcome: Outcome | None
    steps: tuple[StepTaken, ...]
    """The last of them, oldest first."""


@dataclass(frozen=True)
class Activity:
    """The queue at one moment, and its last minute."""

    now: float
    utterances: tuple[UtteranceActivity, ...]
    """Oldest first: those that have not ended, and the last that have. The newest `_MAX_SHOWN` of them."""


@dataclass(slots=True)
class UtteranceRecord:
    """What the engine writes down about one utterance."""

    number: int
    voice: str
    priority: Priority
    asked: float | None = None
    begun: float | None = None
    heard: float | None = None
    lasts_until: float | None = None
    ended: float | None = None
    outcome: Outcome | None = None
    _steps: deque[StepTaken] = field(default_factory=lambda: deque(maxlen=_MAX_STEPS))

    def step(self, begin: float, seconds: float, audio_seconds: float) -> None:
        """A step has ended; the utterance may have ended before it."""
        self._steps.append(StepTaken(begin, seconds, audio_seconds))

    def end(self, now: float, outcome: Outcome) -> None:
        self.ended, self.outcome = now, outcome

    def is_old(self, now: float) -> bool:
        """Whether the utterance and its playback ended too long ago to be shown."""
        if self.ended is None:
            return False
        return now - max(self.ended, self.lasts_until or self.ended) > _SHOWN_SECONDS

    def activity(self) -> UtteranceActivity | None:
        """A copy to show; `None` before the first sentence."""
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
    """Keeps the records of utterances for a while after they have ended."""

    def __init__(self) -> None:
        self._ended: deque[UtteranceRecord] = deque(maxlen=_MAX_ENDED)

    def add(self, record: UtteranceRecord, now: float) -> None:
        """Keep the record of an utterance that has ended. It may still change while the client takes audio."""
        self._drop_old(now)
        if record.asked is not None:
            self._ended.append(record)

    def activity(self, others: Iterable[UtteranceRecord], now: float) -> Activity:
        """What is shown at `now`. `others` are the records of utterances that have not ended."""
        self._drop_old(now)
        shown = [shown for record in (*self._ended, *others) if (shown := record.activity()) is not None]
        return Activity(now, tuple(sorted(shown, key=lambda one: (one.asked, one.number))[-_MAX_SHOWN:]))

    def _drop_old(self, now: float) -> None:
        """Looks at all: the order is that of the ends, and playback may last much longer."""
        self._ended = deque((record for record in self._ended if not record.is_old(now)), maxlen=_MAX_ENDED)
