"""How long steps take, estimated from the steps that were run."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from enum import Enum, auto
from typing import Any


class Kind(Enum):
    """What a step runs."""

    ENCODE = auto()
    """The encoder for one sentence; its size is characters."""

    DECODE = auto()
    """The next chunk of a sentence; its size is frames."""

    FINISH = auto()
    """The rest that the resampler holds back at the end; its size is 1."""


@dataclass(frozen=True)
class Work:
    """What the cost of a step depends on."""

    voice: str
    kind: Kind
    size: int


@dataclass
class _Estimate:
    """Smoothed mean and mean deviation, as TCP estimates its round-trip times (RFC 6298, section 2)."""

    size: float
    mean: float
    deviation: float
    count: int = 1

    def add(self, size: float, seconds: float) -> None:
        # One step of a machine that was suspended must not raise the estimate for minutes.
        seconds = min(seconds, _HICCUP * self.mean)
        self.count += 1
        if self.count == 2 and seconds < self.mean:
            self.mean, self.deviation = seconds, seconds / 4
        self.deviation += (abs(seconds - self.mean) - self.deviation) / 4
        self.mean += (seconds - self.mean) / 8
        self.size += (size - self.size) / 8


_HICCUP = 4.0
_BUCKETS_PER_OCTAVE = 2  # sizes within 40 % of each other share an estimate
_DEVIATIONS = 4.0  # between mean and bound, as in RFC 6298


class StepCosts:
    """Seconds by voice, kind and size. Nothing is known before the first step of a kind."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Kind], dict[int, _Estimate]] = {}

    def estimates(self) -> list[list[Any]]:
        """All that is known, for JSON; `from_estimates` reads it."""
        return [
            [voice, kind.name, bucket, *astuple(estimate)]
            for (voice, kind), sizes in self._seen.items()
            for bucket, estimate in sizes.items()
        ]

    @classmethod
    def from_estimates(cls, estimates: Iterable[Sequence[Any]]) -> "StepCosts":
        """The inverse of `estimates`. Raises KeyError, TypeError and ValueError."""
        costs = cls()
        for voice, kind, bucket, *estimate in estimates:
            costs._seen.setdefault((voice, Kind[kind]), {})[bucket] = _Estimate(*estimate)
        return costs

    def add(self, work: Work, seconds: float) -> None:
        """A step took `seconds`."""
        sizes = self._seen.setdefault((work.voice, work.kind), {})
        bucket = _bucket(work.size)
        if bucket in sizes:
            sizes[bucket].add(work.size, seconds)
        else:
            sizes[bucket] = _Estimate(work.size, seconds, seconds / 4)

    def typical(self, work: Work) -> float:
        """Seconds that such a step takes on average; 0 while nothing is known."""
        return self._estimate(work, 0.0)

    def bound(self, work: Work) -> float:
        """Seconds that such a step seldom exceeds; 0 while nothing is known."""
        return self._estimate(work, _DEVIATIONS)

    def _estimate(self, work: Work, deviations: float) -> float:
        sizes = self._seen.get((work.voice, work.kind))
        if not sizes:
            # A voice without a measured step is taken to be as slow as the slowest of the others.
            return max(
                (
                    self._estimate(Work(voice, kind, work.size), deviations)
                    for voice, kind in self._seen
                    if kind is work.kind and voice != work.voice
                ),
                default=0.0,
            )
        bucket = _bucket(work.size)
        nearest = sizes.get(bucket) or sizes[min(sizes, key=lambda other: abs(other - bucket))]
        # A step larger than all measured ones costs in proportion; a smaller one may be all overhead.
        return (nearest.mean + deviations * nearest.deviation) * max(1.0, work.size / nearest.size)


def _bucket(size: int) -> int:
    return round(_BUCKETS_PER_OCTAVE * math.log2(max(1, size)))
