"""Which frames to compute next, and what to trim. Pure arithmetic.

Flow and vocoder are convolutions with a finite reach: an output needs its input and a margin on each
side. A part is run on a window, which is the wanted frames and their margins. On the way through the
part the margin that later layers still need shrinks, so what is no longer needed is cropped there.
Where a window begins or ends with the sentence nothing is cropped: the convolutions pad with zeros
there, as they do in a whole run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Frames of flow made ahead once speech has begun: each flow run costs some 40 frames of margin more than
# it yields, a fifth at this size, and a flow frame costs a quarter of a vocoder frame. At a sentence's
# begin, while its listener has little in hand, a run makes only twice the chunk, or as much again as is
# there: nobody must run dry over work for later.
_FLOW_AHEAD = 192
_FLOW_CHUNKS_AHEAD = 2


@dataclass(frozen=True)
class Margin:
    """What the layers behind a place in a part need on each side of the wanted samples."""

    rate: int
    """Samples of a frame at this place."""

    left: int
    """Samples, as `right`."""

    right: int


@dataclass(frozen=True)
class ReceptiveField:
    """One part: the margins at its input (rate 1) and at each place where it can crop, in order."""

    margins: tuple[Margin, ...]
    rate: int
    """Samples of a frame at the output: 1 for the flow, the hop for the vocoder."""


@dataclass(frozen=True)
class Window:
    """One run of a part."""

    start: int
    """First frame of input."""

    stop: int
    """After the last frame of input."""

    crops: tuple[tuple[int, int], ...]
    """Samples to drop left and right at each place where the part can crop."""

    trim: int
    """Samples to drop at the start of the output."""

    length: int
    """Samples to keep after those."""

    @property
    def batch_key(self) -> tuple[object, ...]:
        """Windows of one shape can be run together."""
        return self.stop - self.start, self.crops, self.trim, self.length


def window(reach: ReceptiveField, start: int, stop: int, total: int) -> Window:
    """The run of a part that yields the frames `start` to `stop` of a sentence of `total` frames."""
    first, *inner = reach.margins
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
        trim=left * (reach.rate // rate),
        length=(stop - start) * reach.rate,
    )


@dataclass(frozen=True)
class WindowPlan:
    """The runs that make the next samples."""

    flow: Window | None
    """To be run first; `None` where the flow is far enough already."""

    vocoder: Window


def plan_windows(
    flow: ReceptiveField, vocoder: ReceptiveField, *, total: int, flowed: int, spoken: int, wanted: int
) -> WindowPlan:
    """The runs that yield the next `wanted` frames (fewer at the end).

    `total` frames in the sentence, `flowed` have been through the flow, `spoken` through the vocoder.
    A flow frame is made once; margins are made again. The first flow run makes what the first samples
    need, later ones run ahead.
    """
    stop = min(total, spoken + wanted)
    need = min(total, stop + vocoder.margins[0].right)
    run = None
    if need > flowed:
        ahead = need if flowed == 0 else max(need, flowed + min(_FLOW_AHEAD, max(_FLOW_CHUNKS_AHEAD * wanted, flowed)))
        # A rest smaller than the margin is not worth a run of its own.
        until = total if flowed and ahead + flow.margins[0].right >= total else min(total, ahead)
        run = window(flow, flowed, until, total)
    return WindowPlan(flow=run, vocoder=window(vocoder, spoken, stop, total))


def inner_margins(places: Sequence[Margin]) -> list[int]:
    """Indices of the places, in order, where a crop spares at least a frame (both sides together).

    The first place is the part's input, where the window itself is the crop.
    """
    chosen: list[int] = []
    kept = _frames(places[0])
    for index, place in enumerate(places[1:], start=1):
        if kept - _frames(place) >= 1:
            chosen.append(index)
            kept = _frames(place)
    return chosen


def _frames(margin: Margin) -> float:
    return (margin.left + margin.right) / margin.rate
