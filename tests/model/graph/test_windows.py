"""Which frames are computed, and what is trimmed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.model.graph.windows import (
    Margin,
    ReceptiveField,
    Window,
    WindowPlan,
    inner_margins,
    plan_windows,
    window,
)

FLOW = ReceptiveField(margins=(Margin(1, 32, 32), Margin(1, 16, 16)), rate=1)
VOCODER = ReceptiveField(margins=(Margin(1, 11, 11), Margin(8, 53, 53), Margin(64, 13, 13)), rate=256)


def _run(total: int, wanted: list[int]) -> list[WindowPlan]:
    """The steps of a sentence; the last size is repeated until the end."""
    steps: list[WindowPlan] = []
    flowed = spoken = 0
    while spoken < total:
        size = wanted[min(len(steps), len(wanted) - 1)]
        step = plan_windows(FLOW, VOCODER, total=total, flowed=flowed, spoken=spoken, wanted=size)
        flowed += step.flow.length if step.flow else 0
        assert step.vocoder.stop <= flowed, "the vocoder would read latents that are not there"
        spoken += step.vocoder.length // VOCODER.rate
        steps.append(step)
    assert spoken == total
    return steps


def _made(run: Window, reach: ReceptiveField) -> int:
    """Output samples of a run before the trim."""
    rate, length = 1, run.stop - run.start
    for margin, (left, right) in zip(reach.margins[1:], run.crops, strict=True):
        length = length * (margin.rate // rate) - left - right
        rate = margin.rate
    return length * (reach.rate // rate)


def test_a_window_inside_a_sentence_has_its_margins_and_crops_to_what_is_still_needed() -> None:
    """11 frames are 88 samples at rate 8, of which 53 are needed; those are 424 at rate 64, of which 13."""
    assert window(VOCODER, 100, 124, 500) == Window(
        start=89, stop=135, crops=((35, 35), (411, 411)), trim=52, length=24 * 256
    )


def test_a_window_at_the_edges_of_a_sentence_crops_nothing_there() -> None:
    """Where the sentence begins and ends the convolutions' own zeros are the right ones."""
    assert window(VOCODER, 0, 24, 24) == Window(start=0, stop=24, crops=((0, 0), (0, 0)), trim=0, length=24 * 256)


def test_a_window_near_an_edge_crops_what_the_edge_leaves_over() -> None:
    """Nine frames before are all there are: 72 samples, of which 53 are needed."""
    assert window(VOCODER, 9, 20, 500).crops[0] == (19, 35)


@given(
    total=st.integers(1, 600),
    start=st.integers(0, 599),
    length=st.integers(1, 600),
    reach=st.sampled_from([FLOW, VOCODER]),
)
def test_every_window_yields_what_was_asked(total: int, start: int, length: int, reach: ReceptiveField) -> None:
    """Trim and length lie within what the run makes, and exactly the right margin is over."""
    start = min(start, total - 1)
    run = window(reach, start, min(total, start + length), total)
    over = _made(run, reach) - run.trim - run.length
    assert 0 <= run.start <= start
    assert run.stop <= total
    assert over >= 0
    assert all(min(crop) >= 0 for crop in run.crops)


@given(total=st.integers(1, 1500), wanted=st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_each_frame_is_spoken_once_and_goes_through_the_flow_once(total: int, wanted: list[int]) -> None:
    """Windows without their margins lie end to end."""
    steps = _run(total, wanted)
    flowed = sum(step.flow.length for step in steps if step.flow)
    assert flowed <= total
    position = 0
    for step in steps:
        if step.flow:
            assert step.flow.start <= position
            position += step.flow.length


def test_the_first_flow_run_makes_only_what_the_first_samples_need() -> None:
    """Latency is what counts until the first samples are there."""
    first = _run(1000, [24, 128])[0]
    assert first.flow is not None
    assert first.flow.length == 24 + 11


def test_later_flow_runs_work_ahead() -> None:
    """Small chunks must not each pay for the flow's margins."""
    steps = _run(1000, [24])
    assert sum(step.flow is not None for step in steps) < len(steps) / 5


def test_a_sentence_asked_for_at_once_takes_one_run_of_each_part() -> None:
    """Nothing is computed twice where nothing is cut."""
    (step,) = _run(300, [300])
    assert step.flow == Window(start=0, stop=300, crops=((0, 0),), trim=0, length=300)


@pytest.mark.parametrize(
    ("places", "chosen"),
    [
        ([Margin(1, 32, 32), Margin(1, 32, 32), Margin(1, 24, 24), Margin(1, 24, 24)], [2]),
        ([Margin(1, 3, 3), Margin(8, 21, 21), Margin(8, 2, 2)], [2]),
        ([Margin(1, 0, 0)], []),
    ],
)
def test_crops_are_placed_where_they_spare_at_least_a_frame(places: list[Margin], chosen: list[int]) -> None:
    """Each crop copies what it keeps, so one that spares nothing costs."""
    assert inner_margins(places) == chosen
