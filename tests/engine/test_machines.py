"""On simulated machines, listeners have no foreseeable gaps and do not start later than necessary."""

import random
from itertools import pairwise

import pytest

from tests.engine.machines import FRAME, PACE, Listener, Machine, Simulation
from wyoming_piper_serial.engine.costs import Kind, Work

pytestmark = pytest.mark.unmeasured  # measuring coverage would take most of the time; other tests cover the same code


def one_listener(rng: random.Random, noise: float = 0.0) -> tuple[Machine, Listener]:
    """Simulate a machine of random speed that speaks a random text to one listener. Return the machine and the listener
    after the simulation."""
    machine = Machine(10 ** rng.uniform(-1.3, 0.48), rng.choice((3, 9, 20)), noise, flow=rng.random() < 0.5)
    text = [rng.randint(5, 300) for _ in range(rng.choice((1, 1, 2, 4, 10)))]
    listener = Listener(1, 0.0, list(text))
    Simulation(machine, [listener], machine.measured(), rng).run()
    return machine, listener


def test_one_listener_hears_no_gap_on_any_machine() -> None:
    """If costs are known and constant, a single listener hears no gap.

    The machines are between 20 times faster and three times slower than playback.
    """
    rng = random.Random(1)
    assert all(one_listener(rng)[1].silence == 0.0 for _ in range(400))


def test_one_listener_begins_as_early_as_possible() -> None:
    """Playback starts with the first chunk, or as soon as the remaining audio can be synthesized in time.

    Compared with this optimum, the start may be delayed by up to 6 % of the work, plus the time for one and a half
    chunks and for the longest encoding step.
    """
    rng = random.Random(2)
    for _ in range(300):
        machine = Machine(10 ** rng.uniform(-1.3, 0.48), flow=rng.random() < 0.5)
        text = [rng.randint(20, 300) for _ in range(rng.choice((1, 2, 4)))]
        listener = Listener(1, 0.0, list(text))
        Simulation(machine, [listener], machine.measured(), rng).run()
        largest = machine.seconds(Work("voice", Kind.DECODE, 160))
        work = sum(
            machine.seconds(Work("voice", Kind.ENCODE, characters)) + largest * characters * PACE / FRAME / 160
            for characters in text
        )
        encode = [machine.seconds(Work("voice", Kind.ENCODE, characters)) for characters in text]
        first = encode[0] + machine.seconds(Work("voice", Kind.DECODE, 20))
        at_best = max(first, 1.06 * work - sum(text) * PACE)
        assert listener.sound_from <= at_best + 1.5 * largest + max(encode)


def test_second_listener_of_a_slow_machine_hears_no_gap() -> None:
    """On a machine that is slower than playback, two listeners who ask at nearly the same time hear no gap.

    The audio of one listener is held back while the other listener waits. The scheduler must not choose smaller chunks
    than the release of this audio assumes.
    """
    rng = random.Random(8)
    for _ in range(60):
        machine = Machine(rng.uniform(2.0, 3.0), overhead=20)
        long = Listener(0, 0.0, [rng.randint(5, 300) for _ in range(4)])
        short = Listener(1, rng.uniform(0.0, 2.0), [rng.randint(60, 300)])
        Simulation(machine, [long, short], machine.measured(), rng).run()
        assert max(long.silence, short.silence) < 0.005


def test_hiccups_cause_few_gaps() -> None:
    """If step durations vary by 20 %, at most an eighth of the listeners hear a gap, and few of the gaps are long."""
    rng = random.Random(3)
    silence = [one_listener(rng, noise=0.2)[1].silence for _ in range(300)]
    assert sum(one > 0.005 for one in silence) <= len(silence) / 8
    assert sum(one > 0.5 for one in silence) <= 10


@pytest.mark.parametrize("factor", [0.3, 0.6, 0.8, 1.0, 1.5])
def test_fifo_listeners_hear_no_gap(factor: float) -> None:
    """With `--schedule fifo`, chunks have fixed sizes. The audio is held back until all of them can be decoded in
    time."""
    rng = random.Random(6)
    for _ in range(15):
        machine = Machine(factor, flow=True)
        listener = Listener(1, 0.0, [rng.randint(20, 280) for _ in range(rng.choice((1, 2, 4)))])
        Simulation(machine, [listener], machine.measured(), rng, fifo=True).run()
        assert listener.silence == 0.0


@pytest.mark.parametrize("factor", [0.3, 0.6])
def test_earliest_release_causes_no_gap_that_a_smaller_flow_step_prevents(factor: float) -> None:
    """With `--release earliest`, flow steps are small while the listener has little audio, and therefore cause no
    gap."""

    class Impatient(Listener):
        def apply(self, work: Work, now: float) -> None:
            super().apply(work, now)
            if self.held and self.deadline is None:
                self.release(now)

    rng = random.Random(3)
    for _ in range(40):
        machine = Machine(factor, flow=True)
        listener = Impatient(1, 0.0, [rng.randint(20, 280) for _ in range(rng.choice((1, 2, 4)))])
        Simulation(machine, [listener], machine.measured(), rng).run()
        assert listener.silence == 0.0


def test_flow_steps_make_slow_machines_cheaper() -> None:
    """On a slow machine, speech for a single listener takes at most 6 % more work than decoding the whole sentence at
    once. Playback starts within a third of the time that decoding at once would take."""
    for factor in (0.25, 0.3, 0.45, 0.6):
        machine = Machine(factor, flow=True)
        for characters in (80, 101, 268, 400):
            listener = Listener(1, 0.0, [characters])
            Simulation(machine, [listener], machine.measured()).run()
            frames = round(characters * PACE / FRAME)
            whole = machine.seconds(Work("voice", Kind.ENCODE, characters)) + machine.seconds(
                Work("voice", Kind.DECODE, frames)
            )
            assert listener.work <= 1.06 * whole
            assert listener.sound_from <= whole / 3
            assert listener.silence == 0.0


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_long_texts_beyond_capacity_wait_and_short_ones_do_not(noise: float) -> None:
    """On a machine that can supply nine listeners, 16 listeners request 60 sentences each. Listeners whose playback has
    started hear no gap.

    Other listeners request a single sentence each. Each of them starts within a second and hears no gap.
    """
    machine = Machine(1 / 9.5, noise=noise)
    long = [Listener(number, 0.0, [100] * 60) for number in range(1, 17)]
    short = [Listener(100 + number, 10.0 + 7 * number, [60]) for number in range(8)]
    Simulation(machine, [*long, *short], machine.measured()).run(until=75.0)
    begun = [listener for listener in long if listener.began is not None]
    assert len(begun) >= 6
    assert [listener.silence for listener in begun] == [0.0] * len(begun)
    for listener in short:
        assert listener.began is not None
        assert listener.began - listener.since < 1.0
        assert listener.silence == 0.0


def test_crowds_on_fast_machines_hear_no_gap() -> None:
    """Sixteen simultaneous listeners hear no gap if the machine is at least three times as fast as playback."""
    rng = random.Random(4)
    for _ in range(20):
        machine = Machine(10 ** rng.uniform(-1.3, -0.5))
        crowd = [Listener(number, 0.0, [rng.randint(10, 280)]) for number in range(1, 17)]
        Simulation(machine, crowd, machine.measured(), rng).run()
        assert all(listener.silence == 0.0 for listener in crowd)


@pytest.mark.parametrize("flow", [False, True])
def test_crowds_on_slow_machines_hear_few_gaps(flow: bool) -> None:
    """On slow machines, at most one listener in 50 hears a gap, and no gap is longer than 0.2 seconds."""
    rng = random.Random(5)
    silence = []
    for count in (3, 8) * 30:
        machine = Machine(10 ** rng.uniform(-0.7, 0.1), flow=flow)
        crowd = [
            Listener(number, rng.uniform(0.0, 5.0), [rng.randint(10, 280) for _ in range(rng.choice((1, 1, 2)))])
            for number in range(1, count + 1)
        ]
        Simulation(machine, crowd, machine.measured(), rng).run()
        silence += [listener.silence for listener in crowd]
    assert sum(one > 0.005 for one in silence) <= len(silence) / 50
    assert max(silence) < 0.2


@pytest.mark.parametrize("factor", [0.3, 0.5, 0.6, 0.7, 0.8])
@pytest.mark.parametrize("sentences", [1, 3])
def test_a_short_request_starts_beside_a_long_text_on_a_slow_machine(factor: float, sentences: int) -> None:
    """On a slow machine, a short request starts as soon as the other listeners have enough audio. No listener hears a
    gap."""
    machine = Machine(factor)
    long = Listener(1, 0.0, [100] * 100)
    short = Listener(2, 120.0, [100] * sentences)
    Simulation(machine, [long, short], machine.measured()).run(until=240.0)
    assert short.began is not None
    assert short.began - short.since < 30.0
    assert short.silence == long.silence == 0.0


@pytest.mark.parametrize("factor", [0.5, 0.6, 0.8])
def test_long_texts_of_clients_are_spoken_in_turn_on_a_slow_machine(factor: float) -> None:
    """A slow machine cannot speak two long texts at the same time, so the second text waits until the first is nearly
    complete. The texts of the other clients then start before the next text of the first client. No listener hears a
    gap."""
    machine = Machine(factor)
    greedy = [Listener(number, 0.1 * number, [100] * 15, client=1) for number in range(1, 4)]  # 90 s of speech per text
    others = [Listener(number, 10.0 + number, [100] * 15, client=number) for number in (4, 5)]
    Simulation(machine, [*greedy, *others], machine.measured()).run()
    order = sorted([*greedy, *others], key=lambda listener: listener.began or 0.0)
    assert [listener.client for listener in order] == [1, 4, 5, 1, 1]
    assert [listener.silence for listener in order] == [0.0] * 5
    for before, after in pairwise(order):
        assert before.began is not None
        assert after.began is not None
        assert after.began > before.began + 30.0
