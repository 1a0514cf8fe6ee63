"""Records recent utterances for the timeline on the web page, without their text or the addresses of clients.

All times are in seconds on the engine's clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from wyoming_piper_serial.observe.outcome import Outcome
from wyoming_piper_serial.settings import Priority

# Maximum number of steps per utterance, of ended utterances, and of all utterances in a response. These limits keep a
# response below about 150 kB, because a browser requests up to four per second. The page shows only half a minute.
_MAX_STEPS = 32
_MAX_ENDED = 64
_MAX_SHOWN = 128

_SHOWN_SECONDS = 60.0  # time in seconds for which an utterance is kept after its synthesis and playback have ended


class StepTaken(NamedTuple):
    """A step of an utterance. Other utterances may have shared it."""

    begin: float
    seconds: float
    audio_seconds: float
    """Duration of the audio that the step produced for this utterance in seconds, or 0 for a step that only encoded a
    sentence, only ran the flow, or failed."""


@dataclass(frozen=True, kw_only=True)
class UtteranceActivity:
    """A snapshot of an utterance that has at least one sentence."""

    number: int
    voice: str
    priority: Priority
    asked: float
    """Time at which the first sentence of the utterance arrived."""

    begun: float | None
    """Time at which the first step of the utterance began, or `None` if no step has begun."""

    heard: float | None
    """Time at which the first audio of the utterance was released, or `None` if it has not been released."""

    lasts_until: float | None
    """Time at which the listener has played the audio synthesized so far, or `None` before playback begins.

    If the client has disconnected, not later than the time of the disconnection.
    """

    ended: float | None
    outcome: Outcome | None
    steps: tuple[StepTaken, ...]
    """The most recent steps of the utterance, oldest first."""


@dataclass(frozen=True)
class Activity:
    """The current and recent utterances at the time `now`."""

    now: float
    utterances: tuple[UtteranceActivity, ...]
    """At most `_MAX_SHOWN` utterances that have not ended or that ended recently, oldest first."""


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
    """Total time in seconds by which steps have exceeded their expected duration since the last step of the
    utterance."""

    _steps: deque[StepTaken] = field(default_factory=lambda: deque(maxlen=_MAX_STEPS))

    def step(self, begin: float, seconds: float, audio_seconds: float) -> None:
        """Records a step that has ended. The utterance may have ended before the step."""
        self._steps.append(StepTaken(begin, seconds, audio_seconds))

    def end(self, now: float, outcome: Outcome) -> None:
        self.ended, self.outcome = now, outcome

    def is_old(self, now: float) -> bool:
        """Returns whether the utterance and its playback ended too long ago to be kept."""
        if self.ended is None:
            return False
        return now - max(self.ended, self.lasts_until or self.ended) > _SHOWN_SECONDS

    def activity(self) -> UtteranceActivity | None:
        """Returns a snapshot of the record for display, or `None` if no sentence has arrived yet."""
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
    """Keeps the records of the last `_MAX_ENDED` utterances, each for at most one minute after its synthesis and
    playback have ended."""

    def __init__(self) -> None:
        self._ended: deque[UtteranceRecord] = deque(maxlen=_MAX_ENDED)

    def add(self, record: UtteranceRecord, now: float) -> None:
        """Adds the record of an ended utterance. The record may still change while the client reads the audio."""
        self._drop_old(now)
        if record.asked is not None:
            self._ended.append(record)

    def activity(self, others: Iterable[UtteranceRecord], now: float) -> Activity:
        """Returns the activity at the time `now`. `others` are the records of utterances that have not ended."""
        self._drop_old(now)
        shown = [shown for record in (*self._ended, *others) if (shown := record.activity()) is not None]
        return Activity(now, tuple(sorted(shown, key=lambda one: (one.asked, one.number))[-_MAX_SHOWN:]))

    def _drop_old(self, now: float) -> None:
        """Removes old records.

        Checks all records, because the order in which utterances end can differ from the order in which their playback
        ends.
        """
        self._ended = deque((record for record in self._ended if not record.is_old(now)), maxlen=_MAX_ENDED)
