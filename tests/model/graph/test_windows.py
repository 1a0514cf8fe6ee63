"""A plan states which frames a model run computes for a chunk, and which samples are dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.model.graph.windows import (
    Margin,
    ReceptiveField,
    Window,
    WindowPlan,
    crop_places,
    plan_windows,
    window,
)

FLOW = ReceptiveField(margins=(Margin(1, 32, 32), Margin(1, 16, 16)), rate=1)
VOCODER = ReceptiveField(margins=(Margin(1, 11, 11), Margin(8, 53, 53), Margin(64, 13, 13)), rate=256)


def _plans(total: int, chunks: list[int]) -> list[WindowPlan]:
    """Return the plans for a sentence of `total` frames. `chunks` contains the chunk sizes in frames. The last size is
    repeated until the end of the sentence."""
    plans: list[WindowPlan] = []
    flowed = decoded = 0
    while decoded < total:
        frames = chunks[min(len(plans), len(chunks) - 1)]
        plan = plan_windows(FLOW, VOCODER, total=total, flowed=flowed, decoded=decoded, frames=frames)
        flowed += plan.flow.length if plan.flow else 0
        assert plan.vocoder.stop <= flowed, "the vocoder would read latents that the flow has not yielded"
        decoded += plan.vocoder.length // VOCODER.rate
        plans.append(plan)
    assert decoded == total
    return plans


def _output_length(run: Window, field: ReceptiveField) -> int:
    """Return the number of output samples of a run, before `trim` and `length` are applied."""
    rate, length = 1, run.stop - run.start
    for margin, (left, right) in zip(field.margins[1:], run.crops, strict=True):
        length = length * (margin.rate // rate) - left - right
        rate = margin.rate
    return length * (field.rate // rate)


def test_a_window_inside_a_sentence_has_its_margins_and_crops_to_what_is_still_needed() -> None:
    """Inside a sentence, a window has its full margins, and each crop leaves only what later layers need."""
    # The margin of 11 frames is 88 samples at rate 8. Of these, 53 are needed and 35 are cropped. The 53 samples become
    # 424 samples at rate 64. Of these, 13 are needed and 411 are cropped.
    assert window(VOCODER, 100, 124, 500) == Window(
        start=89, stop=135, crops=((35, 35), (411, 411)), trim=52, length=24 * 256
    )


def test_a_window_at_the_edges_of_a_sentence_crops_nothing_there() -> None:
    """At the beginning and the end of a sentence, nothing is cropped, because the convolutions pad with zeros there."""
    assert window(VOCODER, 0, 24, 24) == Window(start=0, stop=24, crops=((0, 0), (0, 0)), trim=0, length=24 * 256)


def test_a_window_near_an_edge_crops_what_the_edge_leaves_over() -> None:
    """Near the beginning of a sentence, fewer frames precede the window, so fewer samples are cropped."""
    # Nine frames precede the window. At rate 8 they are 72 samples, of which 53 are needed and 19 are cropped.
    assert window(VOCODER, 9, 20, 500).crops[0] == (19, 35)


@given(
    total=st.integers(1, 600),
    start=st.integers(0, 599),
    length=st.integers(1, 600),
    field=st.sampled_from([FLOW, VOCODER]),
)
def test_every_window_yields_the_requested_frames(total: int, start: int, length: int, field: ReceptiveField) -> None:
    """For any window, the run yields at least the requested samples, and no crop is negative."""
    start = min(start, total - 1)
    run = window(field, start, min(total, start + length), total)
    rest = _output_length(run, field) - run.trim - run.length
    assert 0 <= run.start <= start
    assert run.stop <= total
    assert rest >= 0
    assert all(min(crop) >= 0 for crop in run.crops)


@given(total=st.integers(1, 1500), chunks=st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_flow_and_vocoder_yield_each_frame_once(total: int, chunks: list[int]) -> None:
    """For all chunk sizes, the flow and the vocoder yield each frame exactly once."""
    plans = _plans(total, chunks)
    flowed = sum(plan.flow.length for plan in plans if plan.flow)
    assert flowed <= total
    position = 0
    for plan in plans:
        if plan.flow:
            assert plan.flow.start <= position
            position += plan.flow.length


def test_the_first_flow_run_yields_only_what_the_first_samples_need() -> None:
    """The first flow run yields only the frames needed for the first chunk, so the first audio is not delayed."""
    first = _plans(1000, [24, 128])[0]
    assert first.flow is not None
    assert first.flow.length == 24 + 11


def test_later_flow_runs_work_ahead() -> None:
    """Later flow runs compute frames in advance, so fewer than a fifth of the small chunks need a flow run."""
    plans = _plans(1000, [24])
    assert sum(plan.flow is not None for plan in plans) < len(plans) / 5


def test_a_sentence_in_one_chunk_needs_one_run_of_each_part() -> None:
    """A sentence that is decoded in one chunk needs one flow run and one vocoder run, without margins."""
    (plan,) = _plans(300, [300])
    assert plan.flow == Window(start=0, stop=300, crops=((0, 0),), trim=0, length=300)


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        ([Margin(1, 32, 32), Margin(1, 32, 32), Margin(1, 24, 24), Margin(1, 24, 24)], [2]),
        ([Margin(1, 3, 3), Margin(8, 21, 21), Margin(8, 2, 2)], [2]),
        ([Margin(1, 0, 0)], []),
    ],
)
def test_crops_are_placed_where_they_drop_at_least_a_frame(places: list[Margin], chosen: list[int]) -> None:
    """A crop is used only where at least one frame is dropped, because a crop copies the remaining samples."""
    assert crop_places(places) == chosen
