"""Plans the start of playback and the size of the next chunk for a single listener. All functions are pure.

A plan is *feasible* for a release in `R` seconds if each chunk is ready before the audio of the earlier chunks ends.
The slack is the time until the audio runs out: `R` plus the seconds of held audio. Each step reduces the slack by its
cost, and each chunk increases the slack by its duration. The cost of the next chunk must not exceed the slack.

The next chunk is the largest one that fits. If a second of audio costs less than a second, a larger chunk leaves more
slack. Otherwise, all plans take the same time except for the overhead of each chunk, and a plan with fewer chunks has
less overhead. The tests compare this rule with an exhaustive search over all plans.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

SIZES = (20, 28, 40, 56, 80, 112, 160)
"""Possible chunk sizes in frames. Each size is about 40 % larger than the previous one and has its own cost estimate.
The margins cost as much as 9 frames: a third of the total for the smallest chunk, a twentieth for the largest."""

_EXACT_CHUNKS = 64  # Number of chunks that are planned individually. The cost of further chunks is estimated.
_PRECISION = 0.002  # Maximum seconds between the planned release and the earliest possible release.

Cost = Callable[[int], float]
"""Function that returns the time in seconds to decode a given number of frames as one chunk."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A unit of remaining work: a sentence, a part of a sentence, or `count` sentences of the same length."""

    encode: float
    """Seconds of work before the frames can be decoded: encoding the sentence, running the flow, or both."""

    frames: int
    """Number of frames to decode."""

    count: int = 1
    """Number of consecutive sentences that have these values."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The time of the release and the size of the next chunk."""

    release: float
    """Seconds from now until playback can begin without a later gap."""

    frames: int
    """Number of frames in the next chunk. It exceeds the remaining frames of the stretch only if the costs are unknown
    or no work is left."""


def plan(stretches: Sequence[Stretch], cost: Cost, frame_seconds: float, *, held: float = 0.0) -> Plan:
    """Returns the earliest time at which playback can begin without a later gap, and the size of the next chunk.

    `stretches` contains the remaining work in order. `held` is the number of seconds of audio that is ready but not
    played yet. If no work is left or the costs are unknown, playback can begin at once, and the chunk has the smallest
    size.
    """
    if not stretches or not cost(SIZES[0]):  # no work is left, or the costs are unknown
        return Plan(0.0, SIZES[0])
    planner = _Planner(cost, frame_seconds)
    first = stretches[0]
    low = 0.0 if held else first.encode + planner.largest(first.frames, 0.0)[1]
    high = low
    if not planner.is_feasible(stretches, low + held):
        high = low + sum(stretch.count * planner.work(stretch) for stretch in stretches)
        while high - low > _PRECISION:
            middle = (low + high) / 2
            if planner.is_feasible(stretches, middle + held):
                high = middle
            else:
                low = middle
    return Plan(high, planner.largest(first.frames, high + held - first.encode)[0])


def largest_chunk(cost: Cost, frames: int, slack: float) -> int:
    """Returns the size of the largest chunk of at most `frames` frames that costs at most `slack` seconds.

    If no chunk is cheap enough, returns the smallest size, or `frames` if fewer frames are left.
    """
    return _Planner(cost, 0.0).largest(frames, slack)[0]


class _Planner:
    """Computes plans for one cost function, whose values are cached because they are used many times."""

    def __init__(self, cost: Cost, frame_seconds: float) -> None:
        self._cost = functools.cache(cost)
        self._table = [(size, self._cost(size)) for size in SIZES]
        self._frame_seconds = frame_seconds

    def largest(self, frames: int, slack: float) -> tuple[int, float]:
        """Returns the size and cost of the largest chunk, as specified by `largest_chunk`."""
        if frames <= self._table[-1][0]:
            seconds = self._cost(frames)  # cost of a last chunk that contains all remaining frames
            if seconds <= slack or frames <= self._table[0][0]:
                return frames, seconds
        for size, seconds in reversed(self._table):
            if size < frames and seconds <= slack:
                return size, seconds
        return self._table[0]

    def decoding(self, frames: int) -> float:
        """Returns the time in seconds to decode `frames` frames in chunks of the largest size."""
        size, seconds = self._table[-1]
        count, rest = divmod(frames, size)
        return count * seconds + (self._cost(rest) if rest else 0.0)

    def work(self, stretch: Stretch) -> float:
        """Returns how many seconds the work of `stretch` takes. If the stretch has several sentences, returns the time
        for one of them."""
        return stretch.encode + self.decoding(stretch.frames)

    def is_feasible(self, stretches: Sequence[Stretch], slack: float) -> bool:
        """Returns whether each chunk of `stretches` is ready in time if the existing audio lasts for `slack`
        seconds."""
        chunks = 0
        for index, stretch in enumerate(stretches):
            for behind in reversed(range(stretch.count)):
                slack -= stretch.encode
                left = stretch.frames
                while left > 0:
                    size, seconds = self.largest(left, slack)
                    if seconds > slack:
                        return False
                    slack += size * self._frame_seconds - seconds
                    left -= size
                    chunks += 1
                    if chunks == _EXACT_CHUNKS:
                        rest = [Stretch(0.0, left), replace(stretch, count=behind), *stretches[index + 1 :]]
                        return self._rest_is_feasible(rest, slack)
        return True

    def _rest_is_feasible(self, stretches: Sequence[Stretch], slack: float) -> bool:
        """Returns whether the slack after each sentence of `stretches` is at least the cost of the smallest chunk.

        If so, `stretches` are probably feasible.
        """
        smallest = self._table[0][1]
        for stretch in stretches:
            gain = stretch.frames * self._frame_seconds - self.work(stretch)
            # In a run of equal sentences, the slack is smallest after the first or the last one. Check only these two.
            if stretch.count and slack + min(gain, gain * stretch.count) < smallest:
                return False
            slack += gain * stretch.count
        return True
