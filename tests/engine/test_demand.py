"""The engine decides whether several listeners can be supplied in time."""

import pytest

from tests.engine.machines import FRAME, Listener, Machine
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.demand import Demand, deferred, demand, demand_of, is_feasible


def candidate(deadline: float, *, frames: int = 400) -> Candidate:
    listener = Listener(1, 0.0, [], frames=frames, deadline=deadline)
    return listener.candidate(300.0)


@pytest.mark.parametrize(
    ("demands", "delay", "feasible"),
    [
        ([], 5.0, True),
        ([Demand(1.0, 0.5, 0.0, 1.0)], 0.0, True),
        ([Demand(1.0, 0.5, 0.0, 1.0)], 0.6, False),
        ([Demand(1.0, 0.6, 0.0, 1.0), Demand(1.0, 0.6, 0.0, 1.0)], 0.0, False),
        ([Demand(1.0, 0.6, 0.0, 1.0), Demand(2.0, 0.6, 0.0, 2.0)], 0.0, True),
        ([Demand(1.0, 0.5, 0.6, 11.0), Demand(1.0, 0.0, 0.6, 11.0)], 0.0, False),
        ([Demand(3.0, 0.5, 0.6, 11.0), Demand(3.0, 0.0, 0.6, 11.0)], 0.0, True),
    ],
)
def test_work_must_not_exceed_the_time_at_any_deadline(demands: list[Demand], delay: float, feasible: bool) -> None:
    """The work due by each deadline must not exceed the time until this deadline. Work may also become due
    gradually.
    """
    assert is_feasible(demands, delay) is feasible


@pytest.mark.parametrize("rate", [0.0, 0.4, 1.0, 1.7])
@pytest.mark.parametrize("start", [0.1, 1.0, 9.0])
def test_deferred_demand_is_feasible_alone_and_starts_no_later_than_needed(rate: float, start: float) -> None:
    """`deferred` leaves a feasible demand unchanged, and moves an infeasible one to the first time at which it is
    feasible."""
    own, delay = Demand(start, 0.7, rate, start + 5.0), 0.3
    later = deferred(own, delay)
    if is_feasible([own], delay):
        assert later == own
        return
    assert later.end - later.start == pytest.approx(5.0)
    for shift, feasible in ((0.001, True), (-0.001, False)):
        moved = Demand(later.start + shift, later.at_once, later.rate, later.end + shift)
        assert is_feasible([moved], delay) is feasible


def test_demand_is_what_is_still_to_be_made() -> None:
    """The demand of a listener is one chunk when its audio ends, and then a constant share of the voice's time until
    the end of the speech."""
    costs = Machine(0.1).measured()
    needs = demand(candidate(5.0), 0, 5.0, 400 * FRAME, costs)
    assert needs.start == 5.0
    assert needs.at_once == pytest.approx(0.1 * 56 * FRAME, rel=0.2)
    assert needs.rate == pytest.approx(0.1, rel=0.1)
    assert needs.end == pytest.approx(5.0 + (400 - 56) * FRAME)


def test_listener_whose_text_is_complete_needs_nothing() -> None:
    """A listener whose complete text has been synthesized needs no more model time."""
    assert demand(candidate(5.0), 0, 5.0, 0.0, Machine(0.1).measured()) == Demand(5.0, 0.0, 0.0, 5.0)


def test_encoding_is_part_of_the_demand() -> None:
    """If a sentence has to be encoded first, the cost of encoding is added to the work that is due at once."""
    costs = Machine(0.1).measured()
    without, with_encoding = (demand(candidate(5.0), encode, 5.0, 3.0, costs) for encode in (0, 200))
    assert with_encoding.at_once > without.at_once + 0.05


def test_playing_listener_has_a_guard() -> None:
    """The work for a playing listener is due some time before the deadline. On a slow machine, this margin is
    longer."""
    fast, slow = (demand_of(candidate(10.0), 4.0, Machine(factor).measured()) for factor in (0.05, 1.0))
    assert 5.4 < fast.start < 5.6
    assert slow.start < 5.0
