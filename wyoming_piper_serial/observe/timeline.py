"""The history of recent utterances, for the picture of the queue. Holds no text and no address.

All times are seconds of the engine's clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from wyoming_piper_serial.observe.outcome import Outcome
from wyoming_piper_serial.settings import Priority

# The picture shows half a minute, and a browser requests it four times a second: at most about 150 kB each time.
_MAX_STEPS = 32
_MAX_ENDED = 64
_MAX_SHOWN = 128

_SHOWN_SECONDS = 60.0  # seconds for which an ended utterance is still shown, after the end of its playback too


class StepTaken(NamedTuple):
    """One step in which an utterance took part, alone or with others."""

    begin: float
    seconds: float
    audio_seconds: float
    """Seconds of audio made for this utterance; 0 for a step that encodes or fails."""


@dataclass(frozen=True, kw_only=True)
class UtteranceActivity:
    """An utterance that has at least one sentence, at one moment."""

    number: int
    voice: str
    priority: Priority
    asked: float
    """The time at which its first sentence arrived."""

    begun: float | None
    """The time at which its first step began; `None` before."""

    heard: float | None
    """The time at which its first audio was made; `None` before."""

    lasts_until: float | None
    """The time at which a listener who started at `heard` has played all audio made so far, or has disconnected."""

    ended: float | None
    outcome: Outcome | None
    steps: tuple[StepTaken, ...]
    """The last steps, oldest first."""


@dataclass(frozen=True)
class Activity:
    """The queue at one moment, and its last minute."""

    now: float
    utterances: tuple[UtteranceActivity, ...]
    """Oldest first: those that have not ended, and the last ones that have. At most `_MAX_SHOWN`."""


@dataclass(slots=True)
class UtteranceRecord:
    """The events of one utterance, as the engine records them."""

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
        """Record a step that has ended. The utterance may have ended before it."""
        self._steps.append(StepTaken(begin, seconds, audio_seconds))

    def end(self, now: float, outcome: Outcome) -> None:
        self.ended, self.outcome = now, outcome

    def is_old(self, now: float) -> bool:
        """Whether the utterance and its playback ended too long ago to be shown."""
        if self.ended is None:
            return False
        return now - max(self.ended, self.lasts_until or self.ended) > _SHOWN_SECONDS

    def activity(self) -> UtteranceActivity | None:
        """A copy for display; `None` before the first sentence."""
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
        """Keep the record of an utterance that has ended. It can still change while the client takes audio."""
        self._drop_old(now)
        if record.asked is not None:
            self._ended.append(record)

    def activity(self, others: Iterable[UtteranceRecord], now: float) -> Activity:
        """The activity at the time `now`. `others` are the records of utterances that have not ended."""
        self._drop_old(now)
        shown = [shown for record in (*self._ended, *others) if (shown := record.activity()) is not None]
        return Activity(now, tuple(sorted(shown, key=lambda one: (one.asked, one.number))[-_MAX_SHOWN:]))

    def _drop_old(self, now: float) -> None:
        """Check all records: they are in the order of their ends, but playback may last much longer."""
        self._ended = deque((record for record in self._ended if not record.is_old(now)), maxlen=_MAX_ENDED)
