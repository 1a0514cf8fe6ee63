"""How long steps take is learnt from those that were run."""

import pytest

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work

CHUNK = Work("joe", Kind.DECODE, 64)


def test_nothing_is_known_before_the_first_step() -> None:
    """The first request does not wait because of a guess."""
    assert StepCosts().bound(CHUNK) == 0.0


def test_steady_costs_are_known_exactly_after_a_while() -> None:
    """The bound comes down to the mean if nothing varies."""
    costs = StepCosts()
    for _ in range(60):
        costs.add(CHUNK, 0.04)
    assert costs.typical(CHUNK) == pytest.approx(0.04)
    assert costs.bound(CHUNK) == pytest.approx(0.04, rel=0.01)


def test_the_bound_stays_above_costs_that_vary() -> None:
    """The mean is in the middle, the bound above nearly all."""
    costs = StepCosts()
    for number in range(200):
        costs.add(CHUNK, 0.03 if number % 2 else 0.05)
    assert costs.typical(CHUNK) == pytest.approx(0.04, rel=0.1)
    assert costs.bound(CHUNK) >= 0.05


def test_costs_follow_a_machine_that_becomes_slower() -> None:
    """Old measurements lose their weight."""
    costs = StepCosts()
    for seconds in (0.02, 0.06):
        for _ in range(60):
            costs.add(CHUNK, seconds)
    assert costs.typical(CHUNK) == pytest.approx(0.06, rel=0.01)


def test_one_hiccup_is_soon_forgotten() -> None:
    """A machine that was suspended for a minute does not delay newcomers for long."""
    costs = StepCosts()
    for seconds in [0.04] * 30 + [60.0] + [0.04] * 20:
        costs.add(CHUNK, seconds)
    assert costs.bound(CHUNK) < 0.06


def test_sizes_that_were_not_seen_are_taken_from_the_nearest() -> None:
    """A larger one in proportion, a smaller one with the same cost."""
    costs = StepCosts()
    costs.add(CHUNK, 0.04)
    assert costs.typical(Work("joe", Kind.DECODE, 128)) == pytest.approx(0.08)
    assert costs.typical(Work("joe", Kind.DECODE, 20)) == pytest.approx(0.04)


def test_kinds_and_voices_are_measured_apart() -> None:
    """A new voice is taken to be as slow as the slowest known one; kinds do not replace each other."""
    costs = StepCosts()
    costs.add(CHUNK, 0.04)
    costs.add(Work("ann", Kind.DECODE, 64), 0.09)
    assert costs.typical(CHUNK) == pytest.approx(0.04)
    assert costs.typical(Work("new", Kind.DECODE, 64)) == pytest.approx(0.09)
    assert costs.typical(Work("joe", Kind.ENCODE, 64)) == 0.0
