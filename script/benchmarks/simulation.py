"""Effect of the scheduler's constants, on a simulated machine without a voice or a clock.

The scheduler's function `choose` schedules a burst of requests, and requests that arrive at random times. The steps
last as long as on a small computer, multiplied by `--slowness` and by random noise. Each row of the table shows the
effect of another value of one constant in `engine/scheduler.py`. Figures are medians and maxima over `--seeds` runs, in
seconds of simulated time.

    script/bench simulation
    script/bench simulation --slowness 2 --load 0.8 --constant _GUARD=0.1,0.4,0.8
"""

import argparse
import random
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from report import show

from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH
from wyoming_piper_serial.engine import scheduler
from wyoming_piper_serial.engine.candidate import Candidate
from wyoming_piper_serial.engine.costs import Kind, StepCosts, Work
from wyoming_piper_serial.engine.playback import Playback
from wyoming_piper_serial.engine.scheduler import Step, choose

_RATE = 22_050
_HOP = 256
_FRAME = _HOP / _RATE
_SECONDS_PER_CHARACTER = 0.06
_MAX_AHEAD = 30.0  # seconds, as --max-ahead
_IDLE = 0.01  # seconds until the scheduler is asked again if no step can run
_TEXTS = (36, 101, 155, 268)  # lengths of the texts of `burst.py`, in characters
_TRIED = {
    "_GUARD": (0.1, 0.2, 0.8),
    "_CROWDED_FIRST_CHUNK": (20, 64, 96),
    "_URGENT_CHUNK": (20, 64),
    "_CROWDED_CHUNK": (64, 160),
    "_LARGEST_CHUNK": (96, 320),
}


@dataclass(frozen=True)
class Machine:
    """The simulated machine: how long steps last on it."""

    slowness: float = 1.0
    noise: float = 0.2
    """Standard deviation of the logarithm of a step's duration."""

    def seconds(self, work: Work, chance: random.Random) -> float:
        """Return the random duration of a step. Decoding has a fixed part for the margins of a chunk, and the time for
        encoding grows faster than the length of the text."""
        if work.kind is Kind.ENCODE:
            mean = 0.006 + 0.0002 * work.size + 1e-6 * work.size**2
        else:
            mean = 0.006 + 0.0007 * work.size
        return mean * self.slowness * chance.lognormvariate(0, self.noise)


@dataclass
class Listener:
    """One request, with the state of its synthesis and of its playback."""

    number: int
    since: float
    sentences: list[int]
    """Lengths of the sentences that are not encoded yet, in characters."""

    frames: int = 0
    chunks: int = 0
    underruns: float = 0.0
    playback: Playback = field(default_factory=lambda: Playback(rate=_RATE, max_ahead=_MAX_AHEAD))

    @property
    def done(self) -> bool:
        return not self.frames and not self.sentences

    def candidate(self) -> Candidate:
        characters = sum(self.sentences)
        return Candidate(
            number=self.number,
            voice="voice",
            since=self.since,
            deadline=self.playback.deadline,
            encode=0 if self.frames else self.sentences[0],
            frames=self.frames,
            chunks=self.chunks,
            frame_seconds=_FRAME,
            rest=self.frames * _FRAME + characters * _SECONDS_PER_CHARACTER,
            ready=not self.playback.full,
        )

    def take(self, step: Step) -> Work:
        if step.frames is None:
            characters = self.sentences.pop(0)
            self.frames, self.chunks = max(1, round(characters * _SECONDS_PER_CHARACTER / _FRAME)), 0
            return Work("voice", Kind.ENCODE, characters)
        return Work("voice", Kind.DECODE, step.frames)

    def apply(self, work: Work, now: float) -> None:
        if work.kind is Kind.DECODE:
            self.frames -= work.size
            self.chunks += 1
            size = work.size * _HOP * SAMPLE_WIDTH
            self.underruns += self.playback.add(size, now)
            self.playback.take(size, now)  # a client reads all audio at once and plays it in real time
        self.playback.note_text(now, available=not self.done)


def simulate(arrivals: Sequence[tuple[float, list[int]]], machine: Machine, seed: int) -> list[Listener]:
    """Simulate all requests until the last one is done. Each of `arrivals` is the time of a request and the lengths of
    its sentences. Return the requests with their results."""
    chance = random.Random(seed)  # noqa: S311 -- a simulation
    costs = StepCosts()
    for kind, size in (
        (Kind.ENCODE, 100),
        (Kind.DECODE, 40),
        (Kind.DECODE, 96),
    ):  # costs that the server has already measured
        work = Work("voice", kind, size)
        costs.add(work, machine.seconds(work, chance))
    listeners = [Listener(number, since, list(text)) for number, (since, text) in enumerate(arrivals, start=1)]
    now = 0.0
    while not all(one.done for one in listeners):
        here = [one for one in listeners if one.since <= now and not one.done]
        for one in here:
            one.playback.note_text(now, available=True)
        step = choose([one.candidate() for one in here], now, costs)
        if step is None:
            now += _IDLE
            continue
        listener = listeners[step.number - 1]
        work = listener.take(step)
        seconds = machine.seconds(work, chance)
        costs.add(work, seconds)
        now += seconds
        listener.apply(work, now)
    return listeners


def burst(chance: random.Random) -> list[tuple[float, list[int]]]:
    """Return 16 requests at the same time: four texts, four times each."""
    texts = [size for size in _TEXTS for _ in range(4)]
    chance.shuffle(texts)
    return [(0.0, [size]) for size in texts]


def at_random(
    chance: random.Random, *, load: float, machine: Machine, count: int = 40
) -> list[tuple[float, list[int]]]:
    """Return requests of one to four sentences at random times. On average they keep the machine busy for the share
    `load` of the time."""
    arrivals, now = [], 0.0
    for _ in range(count):
        text = [chance.choice(_TEXTS) for _ in range(chance.choice((1, 1, 2, 4)))]
        work = sum(0.02 + 0.0007 * size * _SECONDS_PER_CHARACTER / _FRAME for size in text) * machine.slowness
        now += chance.expovariate(load / work)
        arrivals.append((now, text))
    return arrivals


@contextmanager
def changed(name: str, value: float) -> Iterator[None]:
    """Change a constant of the scheduler, and its list of chunk sizes accordingly. Restore both at the end."""
    before = {one: getattr(scheduler, one) for one in (name, "_CHUNKS")}
    chunks = tuple(value if size == before[name] else size for size in scheduler._CHUNKS)  # noqa: SLF001 -- the purpose is to change its constants
    setattr(scheduler, name, value)
    if name.endswith("CHUNK"):
        scheduler._CHUNKS = tuple(sorted(map(int, chunks)))  # type: ignore[assignment]  # noqa: SLF001 -- the purpose is to change its constants
    try:
        yield
    finally:
        for one, old in before.items():
            setattr(scheduler, one, old)


def row(name: str, machine: Machine, load: float, seeds: int) -> list[str]:
    """Return a row of the table, with the figures of the scheduler and its current constants."""
    cells = [name]
    for crowd in ("burst", "random"):
        first, worst, gaps, listeners = [], [], [], 0
        for seed in range(seeds):
            chance = random.Random(seed)  # noqa: S311 -- a simulation
            arrivals = burst(chance) if crowd == "burst" else at_random(chance, load=load, machine=machine)
            spoken = simulate(arrivals, machine, seed)
            waits = [(one.playback.began or 0.0) - one.since for one in spoken]
            first.append(statistics.median(waits))
            worst.append(max(waits))
            gaps += [one.underruns for one in spoken if one.underruns]
            listeners += len(spoken)
        cells += [
            f"{statistics.median(first):.2f}",
            f"{statistics.median(worst):.2f}",
            f"{len(gaps)} of {listeners}",
            f"{max(gaps, default=0.0):.2f}",
        ]
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="runs for each row (default: 20)")
    parser.add_argument("--slowness", type=float, default=1.0, help="factor by which all steps are slower (default: 1)")
    parser.add_argument("--noise", type=float, default=0.2, help="random variation of the steps (default: 0.2)")
    parser.add_argument(
        "--load",
        type=float,
        default=0.7,
        help="share of the time in which requests at random keep the machine busy (default: 0.7)",
    )
    parser.add_argument(
        "--constant", action="append", metavar="NAME=VALUE,...", help="constant with the values to try; may be repeated"
    )
    args = parser.parse_args()
    machine = Machine(args.slowness, args.noise)
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
                rows.append(
                    row(
                        f"{name.lstrip('_').lower()} {value:g} (is {_original(name):g})", machine, args.load, args.seeds
                    )
                )
    show(
        f"{args.seeds} runs each; slowness {args.slowness:g}, noise {args.noise:g}, load {args.load:g}; seconds",
        (
            "constant",
            *("burst: first audio", "worst", "underruns", "longest"),
            *("random: first audio", "worst", "underruns", "longest"),
        ),
        rows,
    )


_ORIGINAL = {name: getattr(scheduler, name) for name in vars(scheduler) if name.isupper() or name.startswith("_")}


def _original(name: str) -> float:
    return float(_ORIGINAL[name])


if __name__ == "__main__":
    main()
