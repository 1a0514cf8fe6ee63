"""Prints the capacity model of docs/scaling.md: measured on this machine, simulated, and for many listeners.

First, the real-time factor (the time in seconds to synthesize one second of audio) of a server is measured, with one
thread and with two. Then the capacities of one server and of three servers are measured. These servers have one thread
each and run only for the fraction `--share` of the time, so that three servers and this program fit on two cores. The
other tables are derived from the real-time factor of one core: capacities and overload are simulated with the real
scheduler, and the numbers of servers are computed. `--factor X` skips the measurements and assumes that a core has this
real-time factor.

A listener plays one response after another, with a pause of one second between them.
"""

import argparse
import asyncio
from dataclasses import dataclass

from capacity import RealTimeFactor, add_options, running, search
from report import show

from tests.engine.fleet import Balance, Figures, capacity, factor_alone, servers_for, simulate
from tests.engine.machines import Machine

_NOISE = 0.1  # Variation of step durations on the simulated machines.
_MANY = 3  # Number of servers whose capacity is compared with that of one server.
_ROUNDS = 3  # Number of measurements of each real-time factor.
_BITS = 16


@dataclass(frozen=True)
class Quality:
    """A voice quality. `qualities.py` estimates its cost relative to a medium voice."""

    name: str
    cost: float
    sample_rate: int


_QUALITIES = (
    Quality("x-low", 0.60, 16_000),
    Quality("low", 0.73, 16_000),
    Quality("medium", 1.0, 22_050),
    Quality("high", 6.3, 22_050),
)
_LISTENERS = (100, 10_000, 1_000_000)


def measured_factors(rounds: int) -> tuple[float, float]:
    """Return the real-time factors of a server with one thread and of a server with two threads, measured
    alternately."""
    factors = RealTimeFactor(), RealTimeFactor()
    with running(1, "--threads", "1") as one, running(1, "--threads", "2") as two:
        for _ in range(rounds):
            for factor, servers in zip(factors, (one, two), strict=True):
                asyncio.run(factor.measure(servers))
    return factors[0].value, factors[1].value


def measure_capacity(args: argparse.Namespace) -> None:
    """Measure and print the capacity of one server and of several servers."""
    rows, listeners = [], []
    for count in (1, _MANY):
        print(f"{count} server{'s'[: count > 1]}:", flush=True)
        with running(count, "--threads", "1", share=args.share) as servers:
            found, best = search(args, servers)
        served = best.listeners if best else 0
        listeners.append(served)
        rows.append([str(count), f"{found.factor.value:.3f}", f"{found.limit:.1f}", str(served)])
        rows[-1].append(f"{served / found.limit:.2f}")
    show(
        f"Measured here: servers with one thread, each for {args.share:g} of the time",
        ("servers", "real-time factor of each", "servers/RTF", "listeners", "of servers/RTF"),
        rows,
    )
    if listeners[0]:
        print(f"{_MANY} servers serve {listeners[1] / listeners[0]:.2f} times as many listeners as one server.")


def show_simulated_capacity(machine: Machine) -> None:
    factor, rows = factor_alone(machine), []
    for servers in (1, _MANY, 10):
        found = [capacity(machine, servers=servers, balance=balance) for balance in Balance]
        cells = [[str(count), f"{count * factor / servers:.2f}"] for count in found]
        rows.append([str(servers), *cells[0], *cells[1]])
    show(
        f"Simulated: listeners of servers with a real-time factor of {factor:.3f}, by the choice of the server",
        ("servers", *(cell for balance in Balance for cell in (balance.value, "of servers/RTF"))),
        rows,
    )


def show_overload(machine: Machine) -> None:
    full = capacity(machine, servers=1, balance=Balance.LEAST)
    rows = [
        _overload_row(f"{share:g}", people, simulate(machine, servers=1, people=people, seconds=120.0))
        for share in (0.5, 0.7, 0.9, 1.0, 1.2, 1.5, 2.0)
        if (people := round(share * full))
    ]
    together = simulate(machine, servers=1, people=full, seconds=120.0, spread=1.0)
    rows.append(_overload_row("1, all within a second", full, together))
    show(
        f"Simulated: one server with more and more listeners; it serves {full}",
        ("load", "listeners", "busy", "first audio: median", "99 %", "speeches with gaps"),
        rows,
    )


def _overload_row(load: str, people: int, figures: Figures) -> list[str]:
    waits = [f"{figures.median:.2f} s", f"{figures.late:.2f} s"]
    return [load, str(people), f"{figures.busy:.0%}", *waits, f"{figures.gaps} of {figures.speeches}"]


def show_plan(core: float, threads: float, use: float) -> None:
    """Print the number of listeners per core, and the number of servers for many listeners.

    `core` is the real-time factor of a medium voice on one core. `threads` is the speed of a server with two threads
    relative to that of a server with one.
    """
    rows = []
    for quality in _QUALITIES:
        of_server = core * quality.cost / threads
        counts = [servers_for(listeners, factor=of_server, use=use) for listeners in _LISTENERS]
        kilobits = quality.sample_rate * _BITS / 1000
        per_core = [f"{core * quality.cost:.3f}", f"{use / (core * quality.cost):.1f}", f"{use / of_server:.1f}"]
        rows.append([quality.name, *per_core, *(f"{count:,}" for count in counts), f"{kilobits:.0f}"])
    show(
        f"Servers with two cores for listeners at the same time, with a busy share of {use:g}",
        (
            "quality",
            "RTF of a core",
            "listeners of a core",
            "of a server",
            *(f"servers for {listeners:,}" for listeners in _LISTENERS),
            "kbit/s of a listener",
        ),
        rows,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.set_defaults(seconds=30, share=0.5)
    parser.add_argument("--factor", type=float, help="real-time factor of a core with a medium voice; not measured")
    parser.add_argument(
        "--speedup", type=float, default=1.6, help="with --factor: how much faster two threads are (default: 1.6)"
    )
    parser.add_argument("--use", type=float, default=0.7, help="planned busy share of a server (default: 0.7)")
    args = parser.parse_args()
    core, threads = args.factor, args.speedup
    if core is None:
        core, with_two = measured_factors(_ROUNDS)
        threads = core / with_two
        print(f"Real-time factor with one thread: {core:.3f}, with two threads: {with_two:.3f} ({threads:.2f} times)")
        measure_capacity(args)
    # The real-time factor of a simulated machine applies to its largest chunks. The real-time factor for a whole
    # response is proportional to this factor.
    machine = Machine(core / threads / factor_alone(Machine(1.0)), noise=_NOISE)
    show_simulated_capacity(machine)
    show_overload(machine)
    show_plan(core, threads, args.use)


if __name__ == "__main__":
    main()
