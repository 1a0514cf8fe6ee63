"""Estimates the duration of steps from the durations of earlier steps."""

import math
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from enum import Enum, auto
from typing import Any

from wyoming_piper_serial.engine.pace import characters_of


class Kind(Enum):
    """The kind of work that a step does."""

    ENCODE = auto()
    """Encodes one sentence. The size of the step is the number of characters."""

    DECODE = auto()
    """Decodes the next chunk of a sentence, and runs the flow for it if necessary. The size of the step is the chunk's
    number of frames."""

    FLOW = auto()
    """Runs the flow for the next frames of a sentence. The size of the step is the number of these frames."""

    VOCODE = auto()
    """Decodes the next chunk of a sentence, after a FLOW step for its frames. The size is the same as for DECODE."""

    FINISH = auto()
    """Returns the audio remaining in the resampler at the end. The size of the step is 1."""

    __hash__ = object.__hash__  # an identity hash is faster than Enum.__hash__, which is written in Python


@dataclass(frozen=True, slots=True)
class Work:
    """The properties of a step that determine its cost."""

    voice: str
    kind: Kind
    size: int


@dataclass(slots=True)
class _Estimate:
    """Smoothed size, and smoothed mean and mean deviation of the duration in seconds, of steps of similar size.

    The duration is estimated like TCP's round-trip time (RFC 6298, section 2).
    """

    size: float
    mean: float
    deviation: float
    count: int = 1
    """Number of recorded steps, not counting the steps that were measured when the voice was loaded."""

    def add(self, size: float, seconds: float) -> None:
        # Without this limit, a step during which the machine was suspended would distort the estimate for minutes.
        seconds = min(seconds, _HICCUP * self.mean)
        self.count += 1
        if self.count <= _UNSURE and seconds < self.mean:
            self.mean, self.deviation = seconds, seconds / 4
        self._smooth(seconds)
        self.size += (size - self.size) / 8

    def seconds(self, deviations: float) -> float:
        """Returns the mean plus `deviations` times the mean deviation."""
        return self.mean + deviations * self.deviation

    def follow(self, ratio: float) -> None:
        """Adapts the estimate to a change in speed. `ratio` is the duration of another step divided by that step's
        estimate, limited to `_HICCUP`."""
        mean = self.mean
        change = ratio * mean - mean
        self.deviation += (abs(change) - self.deviation) / 4
        self.mean = mean + change / 8

    def scale(self, ratio: float) -> None:
        """Multiplies the estimate by `ratio`."""
        self.mean *= ratio
        self.deviation *= ratio

    def _smooth(self, seconds: float) -> None:
        self.deviation += (abs(seconds - self.mean) - self.deviation) / 4
        self.mean += (seconds - self.mean) / 8


_DECODING = frozenset({Kind.DECODE, Kind.FLOW, Kind.VOCODE})  # kinds of steps that become slower or faster together

# For this many initial steps, a duration below the mean replaces the mean, because the first step may have been
# unusually slow.
_UNSURE = 2
# Factor that counts as a change in the machine's speed. The speed has changed if two consecutive steps both take more
# than this many times their estimates, or both take less than their estimates divided by this factor. A single such
# step may be an outlier.
_CHANGE = 2.0
_HICCUP = 4.0  # Maximum ratio of a duration to the mean. Longer durations are clipped.
_SEED_DEVIATION = 10  # Ratio of the mean to the mean deviation in an estimate measured when the voice was loaded.
_BUCKETS_PER_OCTAVE = 2  # Number of estimates per doubling of the size. Sizes that share one differ by at most 42 %.
# Maximum number of voices with estimates. A step can adapt the estimates of all of them, which takes about 4 µs for
# each voice, and a voice that is no longer used must not determine what a new voice is assumed to cost.
_MAX_VOICES = 32
_DEVIATIONS = 4.0  # Number of mean deviations between the mean and the bound, as in RFC 6298.


class StepCosts:
    """Estimated durations of steps by voice, kind and size, for the voices used most recently. A kind of step has no
    estimate until such a step of any voice has been measured."""

    def __init__(self) -> None:
        # Estimates by voice, kind and bucket. The least recently used voice is first.
        self._seen: OrderedDict[str, dict[Kind, dict[int, _Estimate]]] = OrderedDict()
        self._last_ratio = 1.0  # duration of the previous step divided by its estimate

    def estimates(self) -> list[list[Any]]:
        """Returns all estimates as JSON-compatible data for `add_unknown`."""
        return [
            [voice, kind.name, bucket, *astuple(estimate)]
            for voice, kinds in self._seen.items()
            for kind, sizes in kinds.items()
            for bucket, estimate in sizes.items()
        ]

    def add_unknown(self, estimates: Iterable[Sequence[Any]]) -> None:
        """Adds the items of `estimates` for which there is no estimate yet.

        Raises KeyError, TypeError or ValueError if an item is malformed.
        """
        for voice, kind, bucket, *estimate in estimates:
            self._sizes(voice, Kind[kind]).setdefault(bucket, _Estimate(*estimate))

    def add(self, work: Work, seconds: float) -> None:
        """Records that a step took `seconds`.

        If the step's own estimate is based on at least two steps, the ratio of `seconds` to this estimate also adapts
        the estimates for other sizes and voices, so that all estimates of this kind follow a change in the machine's
        speed. A DECODE, FLOW or VOCODE step adapts the estimates of all three kinds.

        If two consecutive steps show a large change in speed, all estimates are multiplied by the same factor.
        """
        sizes = self._sizes(work.voice, work.kind)
        own = sizes.get(_bucket(work.size))
        # The cost of encoding cannot be interpolated between sentence lengths accurately enough to detect a change in
        # speed.
        known = own.mean if own else self.typical(work) if sizes and work.kind in _DECODING else 0.0
        doubtful = known > 0 and self._follow_change(seconds / known)
        if own is None:
            if not doubtful:  # an estimate at the new speed must not be scaled by the next step
                sizes[_bucket(work.size)] = _Estimate(work.size, seconds, seconds / 4)
            return
        if own.count > 1 and own.mean > 0:
            self._adapt_others(work.kind, own, seconds / own.mean)
        own.add(work.size, seconds)

    def _sizes(self, voice: str, kind: Kind) -> dict[int, _Estimate]:
        """Returns the estimates for a voice that is in use, by bucket. If there are too many voices, removes the least
        recently used one."""
        kinds = self._seen.setdefault(voice, {})
        self._seen.move_to_end(voice)
        if len(self._seen) > _MAX_VOICES:
            self._seen.popitem(last=False)
        return kinds.setdefault(kind, {})

    def _all(self, kinds: Iterable[Kind]) -> Iterator[_Estimate]:
        """Yields the estimates of all voices for steps of these kinds."""
        for sizes_of in self._seen.values():
            for kind in kinds:
                yield from sizes_of.get(kind, {}).values()

    def _adapt_others(self, kind: Kind, own: _Estimate, ratio: float) -> None:
        """Adapts the estimates for other sizes and voices after a step that took `ratio` times its estimate `own`."""
        alike = _DECODING if kind in _DECODING else {kind}
        ratio = min(ratio, _HICCUP)
        for estimate in self._all(alike):
            if estimate is not own:
                estimate.follow(ratio)

    def _follow_change(self, ratio: float) -> bool:
        """Scales all estimates if two consecutive steps show a change in speed. `ratio` is the duration of the latest
        step divided by its estimate.

        Returns true if this step shows a change and the previous step did not. The next step must confirm the change.
        """
        last, self._last_ratio = self._last_ratio, ratio
        slower, faster = min(last, ratio), max(last, ratio)
        factor = slower if slower > _CHANGE else faster if faster < 1 / _CHANGE else 1.0
        if factor != 1.0:
            self._last_ratio = 1.0
            for estimate in self._all(Kind):
                estimate.scale(factor)
            return False
        return not 1 / _CHANGE <= ratio <= _CHANGE and 1 / _CHANGE <= last <= _CHANGE

    def seed(self, voice: str, step_times: Iterable[tuple[str, int, float]]) -> bool:
        """Adds the step durations measured when the voice was loaded. Keeps existing estimates.

        Returns whether at least one estimate was added.
        """
        added = False
        for kind, size, seconds in step_times:
            work = Work(voice, Kind[kind.upper()], characters_of(size) if kind == "encode" else size)
            sizes, bucket = self._sizes(voice, work.kind), _bucket(work.size)
            if bucket not in sizes:
                sizes[bucket] = _Estimate(work.size, seconds, seconds / _SEED_DEVIATION, count=0)
                added = True
        return added

    def knows(self, voice: str, kind: Kind) -> bool:
        """Returns whether there is an estimate for steps of this kind and voice."""
        return kind in self._seen.get(voice, ())

    def typical(self, work: Work) -> float:
        """Returns the average duration of a step like `work` in seconds, or 0 if there is no estimate."""
        return self._estimate(work, 0.0)

    def expected(self, work: Work) -> float:
        """Returns a duration in seconds that most steps like `work` do not exceed, or 0 if there is no estimate.

        Used to plan many steps.
        """
        return self._estimate(work, 1.0)

    def bound(self, work: Work) -> float:
        """Returns a duration in seconds that a step like `work` rarely exceeds, or 0 if there is no estimate."""
        return self._estimate(work, _DEVIATIONS)

    def _estimate(self, work: Work, deviations: float) -> float:
        sizes = self._seen.get(work.voice, {}).get(work.kind)
        if not sizes:
            # A voice without measured steps of this kind is assumed to be as slow as the slowest other voice.
            return max(
                (
                    self._estimate(Work(voice, work.kind, work.size), deviations)
                    for voice, kinds in self._seen.items()
                    if voice != work.voice and kinds.get(work.kind)
                ),
                default=0.0,
            )
        below = above = None
        size = work.size
        for one in sizes.values():
            if one.size <= size and (below is None or one.size > below.size):
                below = one
            if one.size >= size and (above is None or one.size < above.size):
                above = one
        if below is None or above is None:
            # If a step is larger than all measured steps, its cost is assumed to be proportional to its size. If it is
            # smaller than all of them, it is assumed to cost as much as the smallest one, because most of that cost may
            # be overhead.
            nearest = below or above or next(iter(sizes.values()))
            return nearest.seconds(deviations) * max(1.0, work.size / nearest.size)
        low, high = below.seconds(deviations), above.seconds(deviations)
        share = (work.size - below.size) / (above.size - below.size) if above.size > below.size else 0.0
        return low + share * (high - low)


def _bucket(size: int) -> int:
    return round(_BUCKETS_PER_OCTAVE * math.log2(max(1, size)))
