"""The plan for one listener: when playback can begin, and how large the next chunk is. Pure.

A plan is *feasible* for a release in `R` seconds if each chunk is made before the audio before it has been played. The
slack is the time until the audio runs out: `R` plus the seconds of audio that are held. A step takes its cost from the
slack, and a chunk adds its own duration. So the next chunk may cost as much as the slack.

The next chunk is the largest one that fits. If a second of audio costs less than a second, a larger chunk leaves more
slack. Otherwise all plans lose the same time for the audio itself, and fewer chunks lose less for their overheads. The
tests compare this rule with a search of all plans.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

SIZES = (20, 28, 40, 56, 80, 112, 160)
"""Frames of a chunk, in steps of 40 %, as the estimates of costs. The margins cost as much as 9 frames: a third of the
smallest chunk, a twentieth of the largest."""

_EXACT_CHUNKS = 64  # chunks that are planned one by one; the rest is estimated
_PRECISION = 0.002  # seconds

Cost = Callable[[int], float]
"""Seconds that the decoding of so many frames takes."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A sentence, or the rest of one. With a `count`, several sentences that are alike."""

    encode: float
    """Seconds until its first frame can be decoded; 0 if it is encoded."""

    frames: int
    """Frames to decode."""

    count: int = 1
    """Sentences that follow each other, each with this `encode` and these `frames`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """When to release the audio, and the next chunk until then."""

    release: float
    """Seconds from now until playback can begin without a gap."""

    frames: int
    """Frames of the next chunk; all of them if the sentence has fewer."""


def plan(stretches: Sequence[Stretch], cost: Cost, frame_seconds: float, *, held: float = 0.0) -> Plan:
    """Returns the earliest release, for a listener who plays nothing yet, and the chunk to make until then.

    `stretches` are what is still to be made, in its order. `held` is in seconds of audio that is made and not released.
    """
    if not stretches or not cost(SIZES[0]):  # nothing to do, or no costs are known
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
    """Returns the frames of the largest chunk of `frames` that costs at most `slack` seconds; the smallest chunk if
    none does.
    """
    return _Planner(cost, 0.0).largest(frames, slack)[0]


class _Planner:
    """Plans with one cost function, whose values it keeps: each is used many times."""

    def __init__(self, cost: Cost, frame_seconds: float) -> None:
        self._cost = cost
        self._table = [(size, cost(size)) for size in SIZES]
        self._frame_seconds = frame_seconds

    def largest(self, frames: int, slack: float) -> tuple[int, float]:
        """Returns size and cost of the largest chunk that costs at most `slack`; the smallest chunk if none does."""
        best = (0, 0.0)
        for size, seconds in self._table:
            if size >= frames:
                size, seconds = frames, self._cost(frames)  # noqa: PLW2901 -- the last chunk is what is left
            if not best[0] or seconds <= slack:
                best = size, seconds
            if size == frames:
                break
        return best

    def decoding(self, frames: int) -> float:
        """Returns the seconds to decode so many frames in the largest chunks."""
        size, seconds = self._table[-1]
        count, rest = divmod(frames, size)
        return count * seconds + (self._cost(rest) if rest else 0.0)

    def work(self, stretch: Stretch) -> float:
        """Returns the seconds to make one sentence of `stretch`."""
        return stretch.encode + self.decoding(stretch.frames)

    def is_feasible(self, stretches: Sequence[Stretch], slack: float) -> bool:
        """Returns whether all is made in time if the audio lasts for `slack` seconds from now, and playback goes on."""
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
        """Estimates whether the rest is feasible: at the end of each sentence, the slack must be that of the smallest
        chunk.
        """
        smallest = self._table[0][1]
        for stretch in stretches:
            gain = stretch.frames * self._frame_seconds - self.work(stretch)
            # After sentences that are alike, the slack is smallest behind the first or the last of them.
            if stretch.count and slack + min(gain, gain * stretch.count) < smallest:
                return False
            slack += gain * stretch.count
        return True
