"""The costs of future steps are estimated from the measured costs of earlier steps."""

import random

import pytest

from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work

CHUNK = Work("joe", Kind.DECODE, 64)


def test_nothing_is_known_before_the_first_step() -> None:
    """Before the first measurement, the estimated cost is 0, because a guess could delay the first request."""
    assert StepCosts().bound(CHUNK) == 0.0


def test_steady_costs_are_known_exactly_after_a_while() -> None:
    """If all measured costs are equal, the mean and the upper bound converge to this cost."""
    costs = StepCosts()
    for _ in range(60):
        costs.add(CHUNK, 0.04)
    assert costs.typical(CHUNK) == pytest.approx(0.04)
    assert costs.bound(CHUNK) == pytest.approx(0.04, rel=0.01)


def test_the_bound_stays_above_costs_that_vary() -> None:
    """If costs alternate between two values, the mean is between them, and the upper bound covers the larger one."""
    costs = StepCosts()
    for number in range(200):
        costs.add(CHUNK, 0.03 if number % 2 else 0.05)
    assert costs.typical(CHUNK) == pytest.approx(0.04, rel=0.1)
    assert costs.bound(CHUNK) >= 0.05


def test_costs_follow_a_machine_that_becomes_slower() -> None:
    """New measurements replace old ones: when steps become slower, the mean follows."""
    costs = StepCosts()
    for seconds in (0.02, 0.06):
        for _ in range(60):
            costs.add(CHUNK, seconds)
    assert costs.typical(CHUNK) == pytest.approx(0.06, rel=0.01)


def test_one_hiccup_is_soon_forgotten() -> None:
    """A single very slow step, for example after the machine was suspended, has hardly any effect on the upper bound 20
    steps later."""
    costs = StepCosts()
    for seconds in [0.04] * 30 + [60.0] + [0.04] * 20:
        costs.add(CHUNK, seconds)
    assert costs.bound(CHUNK) < 0.06


def test_sizes_that_were_not_seen_are_taken_from_the_nearest() -> None:
    """The cost of a size that was not measured is estimated from the nearest measured size: the same cost if that
    size is larger, and a proportional cost if it is smaller."""
    costs = StepCosts()
    costs.add(CHUNK, 0.04)
    assert costs.typical(Work("joe", Kind.DECODE, 128)) == pytest.approx(0.08)
    assert costs.typical(Work("joe", Kind.DECODE, 20)) == pytest.approx(0.04)


def test_sizes_between_measured_ones_are_interpolated() -> None:
    """The cost of a size between two measured ones is interpolated linearly."""
    costs = StepCosts()
    costs.add(Work("joe", Kind.DECODE, 20), 0.02)
    costs.add(Work("joe", Kind.DECODE, 160), 0.12)
    at_20, at_160 = (costs.typical(Work("joe", Kind.DECODE, size)) for size in (20, 160))
    assert costs.typical(Work("joe", Kind.DECODE, 90)) == pytest.approx((at_20 + at_160) / 2)


def test_a_slow_machine_is_noticed_for_all_sizes_and_voices() -> None:
    """If steps of one size become slower, the estimates for other sizes and voices increase too."""
    costs = StepCosts()
    others = [Work("joe", Kind.DECODE, 160), Work("ann", Kind.DECODE, 64)]
    for _ in range(30):
        for work, seconds in ((CHUNK, 0.04), (others[0], 0.1), (others[1], 0.05)):
            costs.add(work, seconds)
    before = [costs.bound(work) for work in others]
    for _ in range(3):
        costs.add(CHUNK, 0.12)
    assert all(costs.bound(work) > 2 * old for work, old in zip(others, before, strict=True))
    for _ in range(30):
        costs.add(CHUNK, 0.12)
    assert costs.typical(others[0]) == pytest.approx(0.3, rel=0.1)
    assert costs.typical(others[1]) == pytest.approx(0.15, rel=0.1)


def test_kinds_and_voices_are_measured_apart() -> None:
    """An unmeasured voice is assumed to have the costs of the slowest measured voice. The cost of encoding is not
    estimated from decoding."""
    costs = StepCosts()
    costs.add(CHUNK, 0.04)
    costs.add(Work("ann", Kind.DECODE, 64), 0.09)
    assert costs.typical(CHUNK) == pytest.approx(0.04)
    assert costs.typical(Work("new", Kind.DECODE, 64)) == pytest.approx(0.09)
    assert costs.typical(Work("joe", Kind.ENCODE, 64)) == 0.0


def test_measured_times_of_a_voice_are_the_first_estimates() -> None:
    """The step times that are measured while a voice is loaded are the first estimates. They do not replace the
    costs of real steps."""
    costs = StepCosts()
    times = [("encode", 100, 0.05), ("decode", 20, 0.02), ("decode", 80, 0.06)]
    assert costs.seed("joe", times)
    assert costs.typical(Work("joe", Kind.ENCODE, 50)) == pytest.approx(0.05)
    assert costs.typical(Work("joe", Kind.DECODE, 50)) == pytest.approx(0.04)
    assert costs.typical(Work("joe", Kind.DECODE, 160)) == pytest.approx(0.12)
    for _ in range(60):
        costs.add(Work("joe", Kind.DECODE, 20), 0.04)
    assert not costs.seed("joe", times)
    assert costs.typical(Work("joe", Kind.DECODE, 20)) == pytest.approx(0.04, rel=0.01)


def test_times_measured_on_a_busy_machine_are_corrected_by_two_steps() -> None:
    """If the first steps are much faster than the steps that were measured while the voice was loaded, all estimates
    decrease."""
    costs = StepCosts()
    costs.seed("joe", [("encode", 100, 0.05), ("decode", 20, 0.02), ("decode", 80, 0.06), ("flow", 40, 0.08)])
    costs.add(Work("joe", Kind.DECODE, 20), 0.005)
    costs.add(Work("joe", Kind.DECODE, 80), 0.015)
    assert costs.typical(Work("joe", Kind.ENCODE, 50)) == pytest.approx(0.0125, rel=0.3)
    assert costs.typical(Work("joe", Kind.FLOW, 40)) == pytest.approx(0.02, rel=0.3)


def test_steps_of_other_voices_do_not_change_measured_times() -> None:
    """The estimates of a voice stay the same while steps of many other voices vary around their estimates."""
    costs = StepCosts()
    rng = random.Random(1)
    for number in range(40):
        costs.seed(str(number), [("decode", 20, 0.02), ("decode", 80, 0.06), ("vocode", 20, 0.01), ("flow", 40, 0.03)])
        for _ in range(2):
            costs.add(Work(str(number), Kind.VOCODE, 20), 0.01 * rng.lognormvariate(0, 0.1))
            costs.add(Work(str(number), Kind.FLOW, 40), 0.03 * rng.lognormvariate(0, 0.1))
    assert costs.typical(Work("0", Kind.DECODE, 80)) == pytest.approx(0.06, rel=0.15)


@pytest.mark.parametrize("factor", [10.0, 3.0, 0.2])
def test_a_large_change_of_speed_is_noticed_after_two_steps(factor: float) -> None:
    """If two consecutive steps take much more or much less time than estimated, the estimates of all steps change by
    the same factor, including those for encoding and for other voices."""
    costs = StepCosts()
    works = [Work("joe", Kind.DECODE, 20), Work("joe", Kind.DECODE, 80), Work("joe", Kind.ENCODE, 100)]
    works += [Work("ann", Kind.DECODE, 40), Work("joe", Kind.FLOW, 96)]
    for _ in range(20):
        for work in works:
            costs.add(work, work.size / 1000)
    for work in works[:2]:
        costs.add(work, factor * work.size / 1000)
    for work in works:
        assert costs.typical(work) == pytest.approx(factor * work.size / 1000, rel=0.3)


def test_sizes_that_were_never_run_show_a_change_of_speed_too() -> None:
    """The duration of a step of a new size is compared with the interpolated estimate."""
    costs = StepCosts()
    costs.seed("joe", [("decode", 20, 0.02), ("decode", 80, 0.08)])
    costs.add(Work("joe", Kind.DECODE, 40), 0.4)
    costs.add(Work("joe", Kind.DECODE, 56), 0.56)
    assert costs.typical(Work("joe", Kind.DECODE, 20)) == pytest.approx(0.2, rel=0.1)
    assert costs.typical(Work("joe", Kind.DECODE, 80)) == pytest.approx(0.8, rel=0.1)


def test_one_hiccup_changes_the_estimates_little() -> None:
    """A single step that takes ten times as long as estimated is not treated as a change in the machine's speed."""
    costs = StepCosts()
    for _ in range(20):
        costs.add(CHUNK, 0.04)
    costs.add(CHUNK, 0.4)
    costs.add(CHUNK, 0.04)
    assert costs.typical(CHUNK) < 0.06


def test_voices_that_are_no_longer_used_are_forgotten() -> None:
    """After many other voices, the estimates of a voice are removed. A voice that is still used keeps its estimates. A
    server whose voices are added and removed for years would otherwise become slower with each voice."""
    costs = StepCosts()
    costs.add(Work("gone", Kind.DECODE, 64), 5.0)
    for number in range(100):
        costs.add(Work(f"voice {number}", Kind.DECODE, 64), 0.04)
        costs.add(CHUNK, 0.04)
    assert costs.knows("joe", Kind.DECODE)
    assert costs.knows("voice 99", Kind.DECODE)
    assert not costs.knows("gone", Kind.DECODE)
    assert costs.typical(Work("new", Kind.DECODE, 64)) < 0.1
    voices = {voice for voice, *_ in costs.estimates()}
    assert len(voices) == 32
    restored = StepCosts()
    restored.add_unknown(costs.estimates())
    assert restored.estimates() == costs.estimates()
