"""Shows the effect of the scheduler's constants on simulated machines, without a voice or a clock.

The scheduler handles a burst of 16 requests, requests that arrive at random times, and single requests. Each row of the
table shows the results for a value of a constant in `engine/`: the median and the maximum of "sound from" over
`--seeds` runs, the number of listeners with gaps, and the longest total gap of a listener. Times are in seconds of
simulated time. "Sound from" is the time to the first audio plus all gaps.

    script/bench simulation
    script/bench simulation --factor 0.6 --load 0.8 --constant _GUARD=0.1,0.4,0.8
    script/bench simulation --machines 20000

With `--machines N`, one listener plays a random text on each of N machines of random speed, and the listeners with gaps
are counted. This is repeated on N/10 machines, each with up to three more listeners who arrive within ten seconds. Both
are done without noise and with `--noise`.
"""

import argparse
import random
import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from report import show

from tests.engine.machines import FRAME, PACE, Listener, Machine, Simulation
from wyoming_piper_serial.engine import chunks, demand, release, scheduler
from wyoming_piper_serial.engine.costs import Kind, Work

_MODULES = (scheduler, release, demand, chunks)
_TEXTS = (36, 101, 155, 268)  # lengths in characters of four texts that are similar to the texts of `burst.py`
_TRIED = {
    "_GUARD": (0.1, 0.2, 0.8),
    "CROWDED_FIRST_CHUNK": (20, 56, 80),
    "URGENT_CHUNK": (20, 40),
    "CROWDED_CHUNK": (56, 160),
    "_CAREFUL": (1.0, 1.12),
    "_SHARE_OF_LONG": (0.6, 0.9),
}
_WITH_FLOW = 0.8  # Fraction of the machines on which the flow can run in separate steps.
_AUDIBLE = 0.005  # Minimum duration in seconds of a gap; shorter ones are not counted.


def burst(chance: random.Random) -> list[Listener]:
    """Return 16 simultaneous requests: four texts, each four times."""
    texts = [size for size in _TEXTS for _ in range(4)]
    chance.shuffle(texts)
    return [Listener(number, 0.0, [size]) for number, size in enumerate(texts, start=1)]


def at_random(chance: random.Random, *, load: float, machine: Machine, count: int = 40) -> list[Listener]:
    """Return requests of one to four sentences at random times.

    On average, the requests keep the machine busy for the fraction `load` of the time.
    """
    listeners, now = [], 0.0
    for number in range(1, count + 1):
        text = [chance.choice(_TEXTS) for _ in range(chance.choice((1, 1, 2, 4)))]
        now += chance.expovariate(load / sum(seconds_for(size, machine) for size in text))
        listeners.append(Listener(number, now, text))
    return listeners


def seconds_for(characters: int, machine: Machine) -> float:
    """Return the time in seconds that the machine needs for a sentence of `characters` characters."""
    frames = round(characters * PACE / FRAME)
    decode = machine.seconds(Work("voice", Kind.DECODE, chunks.LARGEST_CHUNK))
    return machine.seconds(Work("voice", Kind.ENCODE, characters)) + decode * frames / chunks.LARGEST_CHUNK


def one_after_another(chance: random.Random, *, machine: Machine, count: int = 10) -> list[Listener]:
    """Return requests of one to four sentences. Each request arrives long after the previous one has been completed."""
    listeners, now = [], 0.0
    for number in range(1, count + 1):
        text = [chance.choice(_TEXTS) for _ in range(chance.choice((1, 1, 2, 4)))]
        listeners.append(Listener(number, now, text))
        now += 3 * sum(seconds_for(size, machine) for size in text)
    return listeners


@contextmanager
def changed(name: str, value: float) -> Iterator[None]:
    """Set a constant to `value` in each module that contains it. Restore the old value when the context is exited.
    Raises SystemExit if no module contains it."""
    modules = [module for module in _MODULES if hasattr(module, name)]
    if not modules:
        raise SystemExit(f"there is no constant {name} in {', '.join(module.__name__ for module in _MODULES)}")
    before = getattr(modules[0], name)
    for module in modules:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module in modules:
            setattr(module, name, before)


def row(name: str, machine: Machine, load: float, seeds: int) -> list[str]:
    """Run the simulation with the current constants and return a row of the table, whose first cell is `name`."""
    cells = [name]
    for crowd in ("burst", "random", "alone"):
        waits, gaps, listeners = [], [], 0
        for seed in range(seeds):
            chance = random.Random(seed)  # noqa: S311 -- a simulation
            if crowd == "burst":
                heard = burst(chance)
            elif crowd == "random":
                heard = at_random(chance, load=load, machine=machine)
            else:
                heard = one_after_another(chance, machine=machine)
            Simulation(machine, heard, machine.measured(), chance).run()
            waits += [one.sound_from for one in heard]
            gaps += [one.silence for one in heard if one.silence > _AUDIBLE]
            listeners += len(heard)
        cells += [
            f"{statistics.median(waits):.2f}",
            f"{max(waits):.2f}",
            f"{len(gaps)} of {listeners}",
            f"{max(gaps, default=0.0):.2f}",
        ]
    return cells


def count_gaps(machines: int, noise: float, newcomers: int) -> None:
    """Simulate machines of random speed, each with one listener and up to `newcomers` later listeners. Print the number
    of listeners with gaps."""
    chance = random.Random(0)  # noqa: S311 -- a simulation
    gaps = []
    listeners = 0
    for _ in range(machines):
        machine = Machine(
            10 ** chance.uniform(-1.3, 0.48), chance.choice((3, 9, 20)), noise, flow=chance.random() < _WITH_FLOW
        )
        crowd = [
            Listener(
                number,
                chance.uniform(0.0, 10.0) if number else 0.0,
                [chance.randint(5, 300) for _ in range(chance.choice((1, 1, 2, 4, 10)))],
            )
            for number in range(1 + chance.randint(0, newcomers))
        ]
        Simulation(machine, crowd, machine.measured(), chance).run()
        gaps += [listener.silence for listener in crowd if listener.silence > _AUDIBLE]
        listeners += len(crowd)
    print(
        f"{machines} machines, noise {noise:g}, at most {newcomers} newcomers: "
        f"{len(gaps)} of {listeners} listeners have a gap, {max(gaps, default=0.0):.3f} s at most",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="runs for each row (default: 20)")
    parser.add_argument("--factor", type=float, default=0.1, help="real-time factor of the machine (default: 0.1)")
    parser.add_argument("--noise", type=float, default=0.2, help="random variation of step durations (default: 0.2)")
    parser.add_argument(
        "--load",
        type=float,
        default=0.7,
        help="share of the time in which requests at random times keep the machine busy (default: 0.7)",
    )
    parser.add_argument(
        "--constant", action="append", metavar="NAME=VALUE,...", help="constant and the values to try; may be repeated"
    )
    parser.add_argument("--machines", type=int, metavar="N", help="count the gaps on N machines of random speed")
    args = parser.parse_args()
    if args.machines:
        for newcomers in (0, 3):
            for noise in (0.0, args.noise):
                count_gaps(args.machines if not newcomers else args.machines // 10, noise, newcomers)
        return
    machine = Machine(args.factor, noise=args.noise)
    tried = dict(_TRIED)
    if args.constant:
        pairs = [one.split("=", 1) for one in args.constant]
        tried = {
            name: tuple(float(value) if "." in value else int(value) for value in values.split(","))
            for name, values in pairs
        }
    rows = [row("current constants", machine, args.load, args.seeds)]
    for name, values in tried.items():
        for value in values:
            with changed(name, value):
                rows.append(row(f"{name.lstrip('_').lower()} {value:g}", machine, args.load, args.seeds))
    show(
        f"{args.seeds} runs each; real-time factor {args.factor:g}, noise {args.noise:g}, load {args.load:g}; seconds",
        (
            "constant",
            *(
                f"{crowd}: {figure}"
                for crowd in ("burst", "random", "alone")
                for figure in ("sound from", "worst", "gaps", "longest")
            ),
        ),
        rows,
    )


if __name__ == "__main__":
    main()
