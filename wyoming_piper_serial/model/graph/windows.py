"""Computes which frames to decode next and which samples to drop. All functions are pure.

Flow and vocoder are convolutions with a finite receptive field: an output depends on the input at the same position and
on a margin on each side. A part (flow or vocoder) is run on a window, which consists of the requested frames and their
margins. Each layer needs a smaller margin than the previous layer, so the part crops the margin at some places. Nothing
is cropped at the beginning and the end of the sentence, because the convolutions pad with zeros there, as in a run of
the whole sentence.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Maximum number of frames that a flow run computes in advance. Each run also computes about 40 frames of margin, which
# is a fifth of this size. A flow frame takes a quarter of the time of a vocoder frame. At the beginning of a sentence,
# the listener has little buffered audio, and computing frames in advance must not cause an underrun. Therefore, a run
# computes at most _FLOW_CHUNKS_AHEAD times the chunk or, if that is more, as many frames as all previous runs together.
_FLOW_AHEAD = 192
_FLOW_CHUNKS_AHEAD = 2


@dataclass(frozen=True)
class Margin:
    """The samples that later layers need at one place in a part, in addition to the samples of the requested frames."""

    rate: int
    """Samples per frame at this place."""

    left: int
    """Number of additional samples before the requested frames."""

    right: int
    """Number of additional samples after the requested frames."""


@dataclass(frozen=True)
class ReceptiveField:
    """The input samples that the outputs of one part depend on."""

    margins: tuple[Margin, ...]
    """The margins at the part's input (rate 1) and at each place where the part can crop, in order."""

    rate: int
    """Samples per frame at the output: 1 for the flow, the hop for the vocoder."""


@dataclass(frozen=True)
class Window:
    """One run of a part on a window of frames."""

    start: int
    """First input frame."""

    stop: int
    """The frame after the last input frame."""

    crops: tuple[tuple[int, int], ...]
    """Numbers of samples to drop on the left and on the right at each place where the part can crop."""

    trim: int
    """Number of samples to drop at the start of the output."""

    length: int
    """Number of output samples to keep after the trim."""

    @property
    def batch_key(self) -> tuple[object, ...]:
        """A key for batches. Windows with the same key have the same shape and can be computed in one run."""
        return self.stop - self.start, self.crops, self.trim, self.length


def window(field: ReceptiveField, start: int, stop: int, total: int) -> Window:
    """Returns the window on which the flow or the vocoder must run to compute the frames `start` to `stop` (exclusive)
    of a sentence of `total` frames.

    `field` is the receptive field of the flow or the vocoder.
    """
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
    """The runs of flow and vocoder that compute the next samples."""

    flow: Window | None
    """The run of the flow, which must precede the run of the vocoder, or `None` if the vocoder needs no new frames from
    the flow."""

    vocoder: Window


def plan_windows(
    flow: ReceptiveField, vocoder: ReceptiveField, *, total: int, flowed: int, decoded: int, frames: int
) -> WindowPlan:
    """Returns the runs that compute the samples of the next `frames` frames, or fewer at the end of the sentence.

    The sentence has `total` frames. The flow has processed the first `flowed` of them, and the vocoder the first
    `decoded`. The first run of the flow computes only the frames needed for the first samples. Later runs compute
    frames in advance. Frames in margins are computed again.
    """
    stop = min(total, decoded + frames)
    need = min(total, stop + vocoder.margins[0].right)
    run = None
    if need > flowed:
        ahead = need if flowed == 0 else max(need, flowed + min(_FLOW_AHEAD, max(_FLOW_CHUNKS_AHEAD * frames, flowed)))
        # If fewer frames than the margin would remain, they are included, because another run for them would be
        # inefficient.
        until = total if flowed and ahead + flow.margins[0].right >= total else min(total, ahead)
        run = window(flow, flowed, until, total)
    return WindowPlan(flow=run, vocoder=window(vocoder, decoded, stop, total))


def crop_places(margins: Sequence[Margin]) -> list[int]:
    """Returns the indices of the places at which a crop drops at least one frame, on both sides together.

    `margins` contains the margins at all places of a part in order. The first place, the input of the part, is not
    included in the result, because the window itself crops the input.
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
