"""Limits the rate of log lines of each kind. Pure: the caller passes `now`, the time in seconds on a monotonic
clock."""

from collections.abc import Iterator
from dataclasses import dataclass

BURST = 200
"""Maximum number of lines of a kind in a burst. This is enough for 64 waiting requests and their errors."""

PER_SECOND = 20.0
"""Maximum average number of lines of a kind per second. With 300 bytes per line, this is at most 0.5 GB per day."""

DEBUG_FACTOR = 25
"""Factor by which both limits are multiplied for lines at level DEBUG. Sixteen listeners cause about 400 debug lines of
a kind per second."""

Kind = tuple[str, int]
"""The place in the code that logs a line: (file, line number)."""

SUMMARY_PERIOD = 10.0
"""Minimum time in seconds from the first omitted line of a kind to the summary. The summary is written with the next
line of any kind."""


@dataclass
class _Bucket:
    tokens: float
    since: float
    left_out: int = 0
    summary_due: float = 0.0


class LogRate:
    """Limits the rate of log lines with one token bucket for each kind."""

    def __init__(self) -> None:
        self._buckets: dict[Kind, _Bucket] = {}
        self._full: set[Kind] = set()  # kinds with lines omitted since the last summary

    def admits(self, kind: Kind, *, now: float, factor: float = 1) -> bool:
        """Returns whether a line of this kind may be written now. The limits are multiplied by `factor`."""
        bucket = self._buckets.setdefault(kind, _Bucket(BURST * factor, now))
        bucket.tokens = min(BURST * factor, bucket.tokens + (now - bucket.since) * PER_SECOND * factor)
        bucket.since = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return True
        if not bucket.left_out:
            bucket.summary_due = now + SUMMARY_PERIOD
            self._full.add(kind)
        bucket.left_out += 1
        return False

    def summaries(self, *, now: float) -> Iterator[tuple[Kind, int]]:
        """Yields each kind whose summary is due, with the number of lines omitted since the last summary."""
        due = [kind for kind in self._full if now >= self._buckets[kind].summary_due]
        for kind in due:
            self._full.remove(kind)
            bucket = self._buckets[kind]
            left_out, bucket.left_out = bucket.left_out, 0
            yield kind, left_out
