"""Which frames to compute next, and which samples to drop. Pure arithmetic.

Flow and vocoder are convolutions with a finite receptive field: an output needs its input and a margin on each side. A
part is run on a window, which is the requested frames with their margins. After each layer less of the margin is
needed, so the part crops it in some places. Where a window begins or ends with the sentence nothing is cropped: the
convolutions pad with zeros there, as in a run of the whole sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Frames that a flow run computes ahead of the vocoder. Besides the frames that it yields, each run computes about 40
# frames of margin, a fifth of a run of this size. A flow frame costs a quarter of a vocoder frame. At the beginning of
# a sentence the listener has little audio buffered. So a run yields at most twice the chunk or, if that is more, as
# many frames as all runs before it: work for later must not cause an underrun.
_FLOW_AHEAD = 192
_FLOW_CHUNKS_AHEAD = 2


@dataclass(frozen=True)
class Margin:
    """What later layers need at a place in a part, in addition to the samples of the requested frames."""

    rate: int
    """Samples per frame at this place."""

    left: int
    """Number of samples before the first one of the requested frames."""

    right: int
    """Number of samples after their last one."""


@dataclass(frozen=True)
class ReceptiveField:
    """The receptive field of one part."""

    margins: tuple[Margin, ...]
    """The margins at the part's input (rate 1) and at each place where the part can crop, in order."""

    rate: int
    """Samples per frame at the output: 1 for the flow, the hop for the vocoder."""


@dataclass(frozen=True)
class Window:
    """One run of a part."""

    start: int
    """First input frame."""

    stop: int
    """The frame after the last input frame."""

    crops: tuple[tuple[int, int], ...]
    """Number of samples to drop on the left and on the right, for each place where the part can crop."""

    trim: int
    """Number of samples to drop at the start of the output."""

    length: int
    """Number of output samples to keep after the trim."""

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Windows with equal keys have the same shape and can be computed in one run."""
        return self.stop - self.start, self.crops, self.trim, self.length


def window(field: ReceptiveField, start: int, stop: int, total: int) -> Window:
    """The run of a part that yields the frames `start` to `stop` (exclusive) of a sentence of `total` frames."""
    first, *inner = field.margins
    begin = max(0, start - first.left)
    end = min(total, stop + first.right)
    rate, left, right = 1, start - begin, end - stop
    crops = []
    for margin in inner:
        growth = margin.rate // rate
        rate, left, right = margin.rate, left * growth, right * growth
        crop = (max(0, left - margin.left), max(0, right - margin.right))
        crops.append(crop)
        left, right = left - crop[0], right - crop[1]
    return Window(
        start=begin,
        stop=end,
        crops=tuple(crops),
        trim=left * (field.rate // rate),
        length=(stop - start) * field.rate,
    )


@dataclass(frozen=True)
class WindowPlan:
    """The runs that yield the next samples."""

    flow: Window | None
    """The first of the two runs; `None` if the flow is far enough ahead."""

    vocoder: Window


def plan_windows(
    flow: ReceptiveField, vocoder: ReceptiveField, *, total: int, flowed: int, decoded: int, frames: int
) -> WindowPlan:
    """The runs that yield the samples of the next `frames` frames (fewer at the end of the sentence).

    The sentence has `total` frames. `flowed` of them have been through the flow, `decoded` through the vocoder. The
    flow yields each frame once, but computes margins again. Its first run yields only what the first samples need;
    later runs work ahead.
    """
    stop = min(total, decoded + frames)
    need = min(total, stop + vocoder.margins[0].right)
    run = None
    if need > flowed:
        ahead = need if flowed == 0 else max(need, flowed + min(_FLOW_AHEAD, max(_FLOW_CHUNKS_AHEAD * frames, flowed)))
        # If the rest is smaller than the margin, it is included, because it is not worth another run.
        until = total if flowed and ahead + flow.margins[0].right >= total else min(total, ahead)
        run = window(flow, flowed, until, total)
    return WindowPlan(flow=run, vocoder=window(vocoder, decoded, stop, total))


def crop_places(margins: Sequence[Margin]) -> list[int]:
    """Indices of the places where a crop drops at least one frame, left and right together.

    `margins` are those at all places of a part, in order. The first place is the part's input, where the window itself
    is the crop.
    """
    chosen: list[int] = []
    kept = _frames(margins[0])
    for index, margin in enumerate(margins[1:], start=1):
        if kept - _frames(margin) >= 1:
            chosen.append(index)
            kept = _frames(margin)
    return chosen


def _frames(margin: Margin) -> float:
    return (margin.left + margin.right) / margin.rate
