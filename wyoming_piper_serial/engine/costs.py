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
        self._smooth(seconds)
        self.size += (size - self.size) / 8

    def seconds(self, deviations: float) -> float:
        """Returns the mean plus so many mean deviations."""
        return self.mean + deviations * self.deviation

    def follow(self, ratio: float) -> None:
        """Records that another step took `ratio` times its estimate: the machine is faster or slower than before."""
        self._smooth(min(ratio, _HICCUP) * self.mean)

    def _smooth(self, seconds: float) -> None:
        self.deviation += (abs(seconds - self.mean) - self.deviation) / 4
        self.mean += (seconds - self.mean) / 8


_HICCUP = 4.0
_SEED_DEVIATION = 10  # times that the mean deviation of steps fits into their mean, before it is known
_IDS_PER_CHARACTER = 2
_BUCKETS_PER_OCTAVE = 2  # sizes within 40 % of each other share an estimate
_DEVIATIONS = 4.0  # between mean and bound, as in RFC 6298


class StepCosts:
    """Seconds by voice, kind and size. Nothing is known before the first step of a kind."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, Kind], dict[int, _Estimate]] = {}

    def estimates(self) -> list[list[Any]]:
        """Returns all that is known, for JSON; `add_unknown` reads it."""
        return [
            [voice, kind.name, bucket, *astuple(estimate)]
            for (voice, kind), sizes in self._seen.items()
            for bucket, estimate in sizes.items()
        ]

    def add_unknown(self, estimates: Iterable[Sequence[Any]]) -> None:
        """Take those of `estimates` for which there is none yet. Raises KeyError, TypeError and ValueError."""
        for voice, kind, bucket, *estimate in estimates:
            self._seen.setdefault((voice, Kind[kind]), {}).setdefault(bucket, _Estimate(*estimate))

    def add(self, work: Work, seconds: float) -> None:
        """A step took `seconds`. The estimates of other sizes and voices change by the same ratio.

        So a machine that becomes slow is noticed for steps of all sizes, whichever sizes are run.
        """
        sizes = self._seen.setdefault((work.voice, work.kind), {})
        own = sizes.get(_bucket(work.size))
        if own is None:
            sizes[_bucket(work.size)] = _Estimate(work.size, seconds, seconds / 4)
            return
        ratio = seconds / own.mean if own.count > 1 and own.mean > 0 else 1.0
        for (_, kind), others in self._seen.items():
            for estimate in others.values() if kind is work.kind else ():
                if estimate is not own:
                    estimate.follow(ratio)
        own.add(work.size, seconds)

    def seed(self, voice: str, step_times: Iterable[tuple[str, int, float]]) -> bool:
        """Take the durations that were measured when the voice was loaded, unless its steps are known better.

        Returns whether there was anything new.
        """
        before = sum(map(len, self._seen.values()))
        for kind, size, seconds in step_times:
            work = Work(voice, Kind[kind.upper()], size // _IDS_PER_CHARACTER if kind == "encode" else size)
            self._seen.setdefault((voice, work.kind), {}).setdefault(
                _bucket(work.size), _Estimate(work.size, seconds, seconds / _SEED_DEVIATION)
            )
        return sum(map(len, self._seen.values())) > before

    def typical(self, work: Work) -> float:
        """Returns the seconds that such a step takes on average; 0 while nothing is known."""
        return self._estimate(work, 0.0)

    def expected(self, work: Work) -> float:
        """Returns the seconds that most such steps do not exceed; 0 while nothing is known. For plans of many steps."""
        return self._estimate(work, 1.0)

    def bound(self, work: Work) -> float:
        """Returns the seconds that such a step seldom exceeds; 0 while nothing is known."""
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
        below = max((one for one in sizes.values() if one.size <= work.size), key=_size, default=None)
        above = min((one for one in sizes.values() if one.size >= work.size), key=_size, default=None)
        if below is None or above is None:
            # A step larger than all measured ones costs in proportion; a smaller one may be all overhead.
            nearest = below or above or next(iter(sizes.values()))
            return nearest.seconds(deviations) * max(1.0, work.size / nearest.size)
        low, high = below.seconds(deviations), above.seconds(deviations)
        share = (work.size - below.size) / (above.size - below.size) if above.size > below.size else 0.0
        return low + share * (high - low)


def _size(estimate: _Estimate) -> float:
    return estimate.size


def _bucket(size: int) -> int:
    return round(_BUCKETS_PER_OCTAVE * math.log2(max(1, size)))
