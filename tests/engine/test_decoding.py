"""On a slow machine, the flow of a sentence runs in separate steps, whose windows cover each frame once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engine.machines import Listener, Machine
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.decoding import (
    FIRST_WINDOW,
    FLOW_WINDOW,
    LARGEST_WINDOW,
    DecodingCosts,
    flow_step,
    has_flow_steps,
    windows,
)

SLOW, FAST = Machine(0.6, flow=True), Machine(0.1, flow=True)


def candidate_of(frames: int, unflowed: int) -> Candidate:
    return Listener(1, 0.0, [], frames=frames, unflowed=unflowed).candidate(300.0)


@given(frames=st.integers(0, 20_000), begun=st.booleans())
def test_windows_cover_each_frame_once(frames: int, begun: bool) -> None:
    """The windows together cover the sentence. No window is empty, much larger than the usual size, or a short
    remainder."""
    sizes = list(windows(frames, begun=begun))
    assert sum(sizes) == frames
    assert all(0 < size <= FLOW_WINDOW * 4 // 3 for size in sizes)
    assert all(size >= FIRST_WINDOW for size in sizes[1:])


def test_the_first_window_of_a_long_sentence_is_small() -> None:
    """The first window of a long sentence is small, so the first chunk can be decoded early. A short sentence has only
    one window."""
    assert list(windows(900)) == [FIRST_WINDOW, FLOW_WINDOW, 900 - FIRST_WINDOW - FLOW_WINDOW]
    assert next(windows(1000, begun=True)) == FLOW_WINDOW
    assert list(windows(2 * FIRST_WINDOW)) == [2 * FIRST_WINDOW]


def test_large_windows_are_limited() -> None:
    """A sentence usually has one large window. A very long one has several, because a step cannot be interrupted."""
    assert list(windows(900, large=True)) == [900]
    assert list(windows(LARGEST_WINDOW + 1, large=True)) == [LARGEST_WINDOW, 1]
    assert list(windows(0, large=True)) == []


def test_only_slow_machines_have_flow_steps() -> None:
    """On a fast machine, the flow runs together with the chunks that need it."""
    candidate = candidate_of(400, 400)
    assert has_flow_steps(candidate, SLOW.measured())
    assert not has_flow_steps(candidate, FAST.measured())


def test_exact_speech_has_no_flow_steps() -> None:
    """The bytes of a request with a seed do not depend on the speed of the machine."""
    assert not has_flow_steps(replace(candidate_of(400, 400), exact=True), SLOW.measured())


def test_a_voice_whose_flow_was_never_measured_has_no_flow_steps() -> None:
    """The flow does not run in separate steps if its cost was never measured, as for a voice whose model is not
    split.
    """
    assert not has_flow_steps(candidate_of(400, 400), replace(SLOW, flow=False).measured())
    assert not has_flow_steps(candidate_of(400, 400), StepCosts())


@pytest.mark.parametrize(
    ("frames", "unflowed", "expected"),
    [(1000, 1000, FIRST_WINDOW), (915, 904, FLOW_WINDOW), (300, 0, 0), (500, 200, 0)],
)
def test_a_flow_step_comes_when_no_frame_can_be_decoded(frames: int, unflowed: int, expected: int) -> None:
    """The flow runs at the beginning, and whenever all frames that it has produced have been decoded."""
    candidate = candidate_of(frames, unflowed)
    assert flow_step(candidate, DecodingCosts(candidate, SLOW.measured())) == expected


def test_costs_of_a_slow_machine_include_the_flow() -> None:
    """The cost of a chunk includes only the vocoder. The cost of a frame also includes the flow."""
    costs, candidate = SLOW.measured(), candidate_of(400, 400)
    decoding = DecodingCosts(candidate, costs)
    assert decoding.chunk(40) == Work("voice", Kind.VOCODE, 40)
    assert decoding.per_frame() > costs.typical(decoding.chunk(96)) / 96
    assert sum(size for _, size in decoding.windows(400)) == 400
    assert all(seconds > 0 for seconds, _ in decoding.windows(400))
    alike = DecodingCosts(candidate, FAST.measured())
    assert alike.chunk(40) == Work("voice", Kind.DECODE, 40)
    assert list(alike.windows(400)) == [(0.0, 400)]
