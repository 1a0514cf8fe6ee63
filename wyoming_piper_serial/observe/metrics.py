"""Counts requests and errors, collects durations, and creates snapshots of these figures."""

import bisect
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from wyoming_piper_serial.observe.outcome import Ending, Outcome
from wyoming_piper_serial.settings import Priority

# Upper bounds of the histogram buckets in seconds. Users do not notice delays below 50 ms, and few users wait longer
# than a minute.
_BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True)
class Distribution:
    """A histogram of durations."""

    counts: tuple[int, ...]
    """Number of values in each bucket. There is one bucket for each bound, and one for values above the last bound.

    The counts are not cumulative.
    """

    seconds: float
    """Sum of all values in seconds."""

    bounds: tuple[float, ...] = _BOUNDS
    """Upper bounds in seconds, inclusive."""

    @property
    def count(self) -> int:
        return sum(self.counts)

    def quantile(self, share: float) -> float:
        """Returns the smallest bound that is greater than or equal to at least the fraction `share` of the values.

        Returns infinity if there is no such bound, or 0 if there are no values.
        """
        wanted, seen = share * self.count, 0
        for bound, count in zip((*self.bounds, float("inf")), self.counts, strict=True):
            seen += count
            if seen and seen >= wanted:
                return bound
        return 0.0

    def since(self, earlier: "Distribution") -> "Distribution":
        """Returns the distribution of the values added after the snapshot `earlier`."""
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
    """A snapshot of the queue."""

    waiting: Mapping[Priority, int] = field(default_factory=dict)
    """Number of requests waiting for their first step, by priority."""

    oldest_wait: float = 0.0
    """Time in seconds for which the oldest waiting request has waited."""

    playing: int = 0
    """Number of unfinished requests whose first audio has been released to the client."""


@dataclass(frozen=True)
class LastError:
    """The last error sent to a client. The message is omitted, because it may contain private text."""

    code: str
    seconds_ago: float


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The figures since the server started (or, in a result of `since`, since an earlier snapshot), and the current
    queue, connections and voices."""

    uptime: float
    """Seconds since the server started, or since the earlier snapshot."""

    workers: int
    queue: QueueFigures
    accepted: int
    requests: Mapping[Outcome, int]
    """Number of requests that have ended, by outcome."""

    errors: Mapping[str, int]
    """Number of errors sent to clients, by error code. This includes errors for requests that were not accepted."""

    last_error: LastError | None
    """The last error sent to a client, or `None` if there was none."""

    waits: Distribution
    """Distribution of the time from a request's first sentence to its first step."""

    first_audio: Distribution
    """Distribution of the time from a request's first sentence to its first audio."""

    steps: Distribution
    """Distribution of step durations."""

    underruns: int
    """Number of underruns, assuming that listeners start playback when the first audio arrives."""

    foreseen_underruns: int
    """Number of underruns that would have occurred even if no step had taken longer than expected, for example because
    there were more listeners than the voice can supply."""

    underrun_seconds: float
    held_seconds: float
    """Total time in seconds for which first audio was held back to prevent gaps."""

    audio_seconds: float
    connections: int = 0
    """Number of open connections of all protocols."""

    voices: tuple[str, ...] = ()
    """Names of the voices in memory."""

    @property
    def completed(self) -> int:
        return self._over(Ending.COMPLETED)

    @property
    def cancelled(self) -> int:
        return self._over(Ending.CANCELLED)

    @property
    def failed(self) -> int:
        return self._over(Ending.FAILED)

    @property
    def refused(self) -> int:
        return self._over(Ending.REFUSED)

    def _over(self, ending: Ending) -> int:
        return sum(count for outcome, count in self.requests.items() if outcome.ending is ending)

    @property
    def busy_seconds(self) -> float:
        return self.steps.seconds

    @property
    def real_time_factor(self) -> float:
        """Model time in seconds per second of audio, or 0 if there is no audio yet."""
        return self.busy_seconds / self.audio_seconds if self.audio_seconds else 0.0

    def since(self, earlier: "Snapshot") -> "Snapshot":
        """Returns the figures collected since the snapshot `earlier`, with the current queue, connections and
        voices."""
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
            foreseen_underruns=self.foreseen_underruns - earlier.foreseen_underruns,
            underrun_seconds=self.underrun_seconds - earlier.underrun_seconds,
            held_seconds=self.held_seconds - earlier.held_seconds,
            audio_seconds=self.audio_seconds - earlier.audio_seconds,
        )

    def __str__(self) -> str:
        errors = ", ".join(f"{code} {count}" for code, count in sorted(self.errors.items())) or "none"
        waiting = ", ".join(f"{count} {priority.value}" for priority, count in self.queue.waiting.items()) or "none"
        busy = self.busy_seconds / self.uptime / self.workers if self.uptime > 0 else 0.0
        return (
            f"{self.accepted} requests accepted, {self.completed} completed, {self.cancelled} cancelled, "
            f"{self.failed} failed, {self.refused} refused; errors sent: {errors}; "
            f"waiting: {waiting}, playing: {self.queue.playing}; "
            f"waiting time: {_typical(self.waits)}; first audio: {_typical(self.first_audio)}; "
            f"{self.underruns} underruns; {self.audio_seconds:.1f}s of audio in {self.busy_seconds:.1f}s of model runs "
            f"({self.steps.count} steps), real-time factor {self.real_time_factor:.3f}, busy {busy:.0%}"
        )


def _typical(seen: Distribution) -> str:
    """Returns the median and the 95th percentile as text, rounded up to bucket bounds. Without values, returns `-`."""
    if not seen.count:
        return "-"
    return f"median <{seen.quantile(0.5):g}s, 95% <{seen.quantile(0.95):g}s"


class Metrics:
    """Counts requests, errors, steps and audio. May be used only from the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, workers: int = 1) -> None:
        """`workers` is the number of steps that can run at the same time."""
        self._clock = clock
        self._workers = workers
        self._since = clock()
        self._accepted = 0
        self._requests: Counter[Outcome] = Counter()
        self._errors: Counter[str] = Counter()
        self._last_error: tuple[str, float] | None = None  # error code and time of the last error sent to a client
        self._waits = _Histogram()
        self._first_audio = _Histogram()
        self._steps = _Histogram()
        self._underruns = 0
        self._foreseen_underruns = 0
        self._underrun_seconds = 0.0
        self._held_seconds = 0.0
        self._audio_seconds = 0.0

    def request_accepted(self) -> None:
        self._accepted += 1

    def request_ended(self, outcome: Outcome) -> None:
        """Counts an accepted request that has ended, by its outcome."""
        self._requests[outcome] += 1

    def request_refused(self, code: str) -> None:
        """Counts a request that was refused with the error `code`."""
        self._requests[Outcome.refused(code)] += 1

    def error_sent(self, code: str) -> None:
        self._errors[code] += 1
        self._last_error = code, self._clock()

    def waited(self, seconds: float) -> None:
        self._waits.add(seconds)

    def first_audio(self, seconds: float, *, held: float = 0.0) -> None:
        """Records the time to the first audio of a request, and the time for which this audio was held back, both in
        seconds."""
        self._first_audio.add(seconds)
        self._held_seconds += held

    def underrun(self, seconds: float, *, foreseen: bool = False) -> None:
        self._underruns += 1
        self._foreseen_underruns += foreseen
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
            foreseen_underruns=self._foreseen_underruns,
            underrun_seconds=self._underrun_seconds,
            held_seconds=self._held_seconds,
            audio_seconds=self._audio_seconds,
        )

    def _last_error_at(self, now: float) -> LastError | None:
        if self._last_error is None:
            return None
        code, when = self._last_error
        return LastError(code, now - when)
