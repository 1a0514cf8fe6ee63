"""What utterances have gone through lately, for a picture of the queue. Holds no text and no address.

All times are seconds of the engine's clock.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from wyoming_piper_serial.settings import Priority

# What a picture of half a minute can show, and a browser take four times a second: some 150 kB at worst.
_MAX_STEPS = 32
_MAX_OVER = 64
_MAX_SEEN = 128

_SHOWN_SECONDS = 60.0  # after an utterance is over and heard: time to look at it


class StepTaken(NamedTuple):
    """One step of the voice; others may have taken part in it."""

    begin: float
    seconds: float
    audio_seconds: float
    """Of this utterance; 0 for a step that encodes, or fails."""


@dataclass(frozen=True, kw_only=True)
class UtteranceActivity:
    """One utterance from its first text on."""

    number: int
    voice: str
    priority: Priority
    asked: float
    """When its first text was there."""

    begun: float | None
    """When its first step began."""

    heard: float | None
    """When its first audio was there."""

    lasts_until: float | None
    """When a listener who started at `heard` has heard all that is made so far, or has hung up."""

    ended: float | None
    outcome: str | None
    """`completed`, `cancelled` or an error's code."""

    steps: tuple[StepTaken, ...]
    """The last of them, oldest first."""


@dataclass(frozen=True)
class Activity:
    """The queue at one moment, and its last minute."""

    now: float
    utterances: tuple[UtteranceActivity, ...]
    """Oldest first, the newest at most: those that are not over, and the last that were."""


@dataclass(slots=True)
class Trace:
    """What one utterance writes down."""

    number: int
    voice: str
    priority: Priority
    asked: float | None = None
    begun: float | None = None
    heard: float | None = None
    lasts_until: float | None = None
    ended: float | None = None
    outcome: str | None = None
    _steps: deque[StepTaken] = field(default_factory=lambda: deque(maxlen=_MAX_STEPS))

    def step(self, begin: float, seconds: float, audio_seconds: float) -> None:
        """A step has come back, perhaps after the end of the utterance it was made for."""
        self._steps.append(StepTaken(begin, seconds, audio_seconds))

    def sounds(self, now: float, *, until: float) -> None:
        """There is audio, which lasts `until` then."""
        if self.heard is None:
            self.heard = now
        self.lasts_until = until

    def end(self, now: float, outcome: str) -> None:
        self.ended, self.outcome = now, outcome
        if outcome == "cancelled" and self.lasts_until is not None:
            self.lasts_until = min(self.lasts_until, now)  # nobody listens any more

    def is_old(self, now: float) -> bool:
        """Whether it is over, and heard, for so long that nobody looks for it."""
        if self.ended is None:
            return False
        return now - max(self.ended, self.lasts_until or self.ended) > _SHOWN_SECONDS

    def activity(self) -> UtteranceActivity | None:
        """What is to be seen of it; `None` before its first text."""
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
    """Keeps the traces of utterances that are over, for a while."""

    def __init__(self) -> None:
        self._over: deque[Trace] = deque(maxlen=_MAX_OVER)

    def add(self, trace: Trace, now: float) -> None:
        """Keep the trace of an utterance that is over."""
        self._forget_old(now)
        if trace.asked is not None:
            self._over.append(trace)

    def activity(self, others: Iterable[Trace], now: float) -> Activity:
        """The picture, together with `others`, which are not over."""
        self._forget_old(now)
        seen = [seen for trace in (*self._over, *others) if (seen := trace.activity()) is not None]
        return Activity(now, tuple(sorted(seen, key=lambda one: (one.asked, one.number))[-_MAX_SEEN:]))

    def _forget_old(self, now: float) -> None:
        """Not in order: one that ended early may be listened to for long."""
        self._over = deque((trace for trace in self._over if not trace.is_old(now)), maxlen=_MAX_OVER)
