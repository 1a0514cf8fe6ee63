"""What has happened since start, in one place and one snapshot."""

import bisect
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from wyoming_piper_serial.settings import Priority

# Upper bounds in seconds. Below 50 ms nobody notices; above a minute a request has been given up.
_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)

Outcome = Literal["completed", "cancelled", "failed", "refused"]
"""`failed` was accepted, but ended by an error; `refused` was not: the queue was full, or the server was ending."""


@dataclass(frozen=True)
class Distribution:
    """How often seconds fell under which bound."""

    counts: tuple[int, ...]
    """One for each of `bounds`, and one for what is beyond the last; not cumulated."""

    seconds: float
    """Sum of all that was seen."""

    bounds: tuple[float, ...] = _BOUNDS
    """Seconds; a value belongs to the first bound that is not below it."""

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """The bound under which `share` of the values lie; infinite beyond the last, 0 without values."""
        wanted, seen = share * self.count, 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            seen += count
            if seen and seen >= wanted:
                return bound
        return 0.0

    def since(self, earlier: "Distribution") -> "Distribution":
        """What was seen after `earlier`."""
        counts = tuple(count - before for count, before in zip(self.counts, earlier.counts, strict=True))
        return Distribution(counts, self.seconds - earlier.seconds, self.bounds)


class _Histogram:
    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect.bisect_left(_BOUNDS, seconds)] += 1
        self._seconds += seconds

    def figures(self) -> Distribution:
        return Distribution(tuple(self._counts), self._seconds)


@dataclass(frozen=True, kw_only=True)
class QueueFigures:
    """Who is in the queue at one moment."""

    waiting: Mapping[Priority, int] = field(default_factory=dict)
    """Requests that wait for their first step."""

    oldest_wait: float = 0.0
    """Seconds."""

    playing: int = 0
    """Requests of which something has been heard, and that are not done."""


@dataclass(frozen=True)
class LastError:
    """The last that a client was told; its text may be private."""

    code: str
    seconds_ago: float


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Figures since start, and the queue as it is."""

    uptime: float
    """Seconds."""

    workers: int
    queue: QueueFigures
    accepted: int
    requests: Mapping[tuple[Outcome, str], int]
    """Those that are over, by outcome and error code; the code of the completed and the cancelled is empty."""

    errors: Mapping[str, int]
    """Errors told to clients, by code; also those of requests that were never accepted."""

    last_error: LastError | None
    """Of `errors`; `None` before the first."""

    waits: Distribution
    """From a request's first sentence to its first step."""

    first_audio: Distribution
    """From a request's first sentence to its first audio."""

    steps: Distribution
    """What steps took."""

    underruns: int
    """Times that a listener who started at the first audio had to wait for the voice."""

    underrun_seconds: float
    audio_seconds: float
    connections: int = 0
    """Open now, whatever they speak."""

    voices: tuple[str, ...] = ()
    """Names of those in memory."""

    @property
    def completed(self) -> int:
        return self._over("completed")

    @property
    def cancelled(self) -> int:
        return self._over("cancelled")

    @property
    def failed(self) -> int:
        return self._over("failed")

    @property
    def refused(self) -> int:
        return self._over("refused")

    def _over(self, outcome: Outcome) -> int:
        return sum(count for (ended, _), count in self.requests.items() if ended == outcome)

    @property
    def busy_seconds(self) -> float:
        return self.steps.seconds

    @property
    def real_time_factor(self) -> float:
        """Seconds of work per second of audio; 0 before any was made."""
        return self.busy_seconds / self.audio_seconds if self.audio_seconds else 0.0

    def since(self, earlier: "Snapshot") -> "Snapshot":
        """What has happened after `earlier`; the queue, the connections and the voices as they are."""
        errors = Counter(self.errors) - Counter(earlier.errors)
        return replace(
            self,
            uptime=self.uptime - earlier.uptime,
            accepted=self.accepted - earlier.accepted,
            requests=Counter(self.requests) - Counter(earlier.requests),
            errors=errors,
            last_error=self.last_error if errors else None,
            waits=self.waits.since(earlier.waits),
            first_audio=self.first_audio.since(earlier.first_audio),
            steps=self.steps.since(earlier.steps),
            underruns=self.underruns - earlier.underruns,
            underrun_seconds=self.underrun_seconds - earlier.underrun_seconds,
            audio_seconds=self.audio_seconds - earlier.audio_seconds,
        )

    def __str__(self) -> str:
        errors = ", ".join(f"{code} {count}" for code, count in sorted(self.errors.items())) or "none"
        waiting = ", ".join(f"{count} {priority.value}" for priority, count in self.queue.waiting.items()) or "nobody"
        busy = self.busy_seconds / self.uptime / self.workers if self.uptime > 0 else 0.0
        return (
            f"{self.accepted} requests: {self.completed} completed, {self.cancelled} cancelled, "
            f"{self.failed} failed; {self.refused} refused; errors told: {errors}; "
            f"waiting: {waiting}, playing: {self.queue.playing}; "
            f"waiting time {_typical(self.waits)}, first audio {_typical(self.first_audio)}; "
            f"{self.underruns} underruns; {self.audio_seconds:.1f}s of audio in {self.busy_seconds:.1f}s "
            f"({self.steps.count} steps), real-time factor {self.real_time_factor:.3f}, busy {busy:.0%}"
        )


def _typical(seen: Distribution) -> str:
    """Median and 95th percentile, as far as the bounds tell."""
    if not seen.count:
        return "-"
    return " / ".join(f"<{bound:g}s" for bound in (seen.quantile(0.5), seen.quantile(0.95)))


class Metrics:
    """Counts; lives on the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, workers: int = 1) -> None:
        """`lanes` is how many steps can run at the same time."""
        self._clock = clock
        self._workers = workers
        self._since = clock()
        self._accepted = 0
        self._requests: Counter[tuple[Outcome, str]] = Counter()
        self._errors: Counter[str] = Counter()
        self._last_error: tuple[str, float] | None = None  # code, and when
        self._waits = _Histogram()
        self._first_audio = _Histogram()
        self._steps = _Histogram()
        self._underruns = 0
        self._underrun_seconds = 0.0
        self._audio_seconds = 0.0

    def request_accepted(self) -> None:
        self._accepted += 1

    def request_completed(self) -> None:
        self._requests["completed", ""] += 1

    def request_cancelled(self) -> None:
        self._requests["cancelled", ""] += 1

    def request_failed(self, code: str) -> None:
        self._requests["failed", code] += 1

    def request_refused(self, code: str) -> None:
        self._requests["refused", code] += 1

    def error_sent(self, code: str) -> None:
        self._errors[code] += 1
        self._last_error = code, self._clock()

    def waited(self, seconds: float) -> None:
        self._waits.add(seconds)

    def first_audio(self, seconds: float) -> None:
        self._first_audio.add(seconds)

    def underrun(self, seconds: float) -> None:
        self._underruns += 1
        self._underrun_seconds += seconds

    def step_done(self, *, busy_seconds: float, audio_seconds: float) -> None:
        self._steps.add(busy_seconds)
        self._audio_seconds += audio_seconds

    def snapshot(self, queue: QueueFigures | None = None) -> Snapshot:
        now = self._clock()
        return Snapshot(
            uptime=now - self._since,
            workers=self._workers,
            queue=queue or QueueFigures(),
            accepted=self._accepted,
            requests=dict(self._requests),
            errors=dict(self._errors),
            last_error=self._last_error_at(now),
            waits=self._waits.figures(),
            first_audio=self._first_audio.figures(),
            steps=self._steps.figures(),
            underruns=self._underruns,
            underrun_seconds=self._underrun_seconds,
            audio_seconds=self._audio_seconds,
        )

    def _last_error_at(self, now: float) -> LastError | None:
        if self._last_error is None:
            return None
        code, told = self._last_error
        return LastError(code, now - told)
