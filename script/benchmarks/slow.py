"""Compares this server with wyoming-piper on slow machines: time to gapless playback, number of gaps, and CPU time.

The servers are measured alternately. A server runs only for a fraction of each 24 ms (see `throttle.py`). This fraction
is determined by trials, so that wyoming-piper has the real-time factor of the table row (the time in seconds to
synthesize one second of audio). Each server has one core and one thread, and the benchmark uses the other cores. With
two threads, the kernel can schedule both on the same core during the few milliseconds in which the server runs. One
thread then spins while it waits for the other thread, and wyoming-piper took between 7 and 58 seconds for the same
sentence. "Sound from" is the time to the first audio plus all gaps: a listener who starts playback at that time hears
no gap.
"""

import argparse
import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crowd import burst, burst_of_streams
from peers import RATE, Heard, real_time_factor, speak
from report import show
from servers import ROOT, Server, children_of, ours, wyoming_piper
from texts import LONG, MIDDLE, REPORT, SHORT

_LISTENERS = (1, 3, 8)  # Numbers of simultaneous clients to measure.
_FACTORS = (0.15, 0.3, 0.6, 1.2)  # Real-time factors of wyoming-piper to measure.
_DRAWN = 0.5  # Minimum real-time factor of the machines in the plots.
_WORD = 0.05  # Seconds between two words of a stream, as with a fast language model.
_REST = 0.5  # Seconds without requests before each burst.
_ANSWERS = 2  # Number of responses in each trial, see `_TRIALS`.
_TRIALS = 6  # Maximum number of trials to determine the fraction for a real-time factor.
_MORE = 1.25  # Factor by which the slowdown increases the CPU time, as assumed in the first trial.
_CLOSE = 0.05  # Accepted relative difference from the desired real-time factor.


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Start processes on the last core while the context is active, and use only the other cores afterwards. Do nothing
    if there is only one core."""
    cores = os.sched_getaffinity(0)
    last = {max(cores)}
    os.sched_setaffinity(0, last)
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores - last or cores)


@contextlib.contextmanager
def slowed(server: Server, share: float) -> Iterator[None]:
    """Let a server and its child processes run only for the fraction `share` of the time until the context is
    exited."""
    if share >= 1:
        yield
        return
    pids = map(str, (server.pid, *children_of(server.pid)))
    command = [sys.executable, str(Path(__file__).with_name("throttle.py")), f"{share:.4f}", *pids]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        next(process.stdout or iter(()), None)  # written as soon as the server is slowed down
        try:
            yield
        finally:
            process.communicate()  # closes the standard input of throttle.py, which ends the slowdown


@dataclass
class Results:
    """The responses and the CPU time of a server."""

    heard: list[Heard] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def sound_from(self) -> float:
        return statistics.median(one.first_audio + one.underrun_seconds for one in self.heard)

    @property
    def worst(self) -> float:
        return max(one.first_audio + one.underrun_seconds for one in self.heard)

    @property
    def gaps(self) -> str:
        late = [one.underrun_seconds for one in self.heard if one.underrun_seconds > _AUDIBLE]
        return f"{len(late)} of {len(self.heard)}" + (f", {max(late) * 1000:.0f} ms" if late else "")

    @property
    def cpu_per_second(self) -> float:
        return self.cpu / sum(one.seconds for one in self.heard)


_AUDIBLE = 0.002  # in seconds: shorter gaps are not counted, because they can be measurement errors


def listen(server: Server, share: float, texts: Sequence[str], results: Results, *, streams: bool = False) -> None:
    """Request all `texts` at the same time while `server` is slowed down, and add the responses to `results`.

    If `streams` is true, the texts are sent word by word.
    """
    time.sleep(_REST)
    before = server.cpu_seconds()
    with slowed(server, share):
        results.heard += asyncio.run(burst_of_streams(server, texts, _WORD) if streams else burst(server, texts))
    results.cpu += server.cpu_seconds() - before


def share_for(server: Server, factor: float, unlimited: float) -> tuple[float, float]:
    """Return the fraction of the time for which `server` must run to have the real-time factor `factor`, and the
    real-time factor measured with this fraction. `unlimited` is the real-time factor at full speed."""
    share = min(1.0, _MORE * unlimited / factor)
    trials: list[tuple[float, float]] = []
    while len(trials) < _TRIALS:
        with slowed(server, share):
            answers = [speak(server, MIDDLE) for _ in range(_ANSWERS)]
        found = statistics.median(heard.total / heard.seconds for heard in answers)
        trials.append((share, found))
        if abs(found / factor - 1) <= _CLOSE or (share >= 1 and found >= factor):
            break
        share = min(1.0, share * found / factor)
    return min(trials, key=lambda trial: abs(trial[1] / factor - 1))


def texts_of(listeners: int, kind: str) -> list[list[str]]:
    """Return a list of bursts. A burst is a list of texts that are requested at the same time."""
    if kind in {"report", "streams"}:
        return [[REPORT] * listeners]
    if listeners == 1:
        return [[SHORT], [MIDDLE], [LONG]]
    return [[(SHORT, MIDDLE, LONG)[number % 3] for number in range(listeners)]]


def buffer_of(heard: Heard) -> tuple[list[float], list[float]]:
    """Return the amount of audio in a listener's buffer over time. Playback starts with the first audio and pauses
    during gaps.

    The first list contains times in seconds. The second list contains the duration in seconds of the audio in the
    buffer at these times.
    """
    times, seconds = [0.0, heard.first_audio], [0.0, 0.0]
    before = 0
    for when, received in heard.arrivals:
        left = seconds[-1] - (when - times[-1])
        if left < 0:  # a gap: the buffer has been empty for a while
            times.append(times[-1] + seconds[-1])
            seconds.append(0.0)
        times += [when, when]
        seconds += [max(0.0, left), max(0.0, left) + (received - before) / 2 / RATE]
        before = received
    return [*times, times[-1] + seconds[-1]], [*seconds, 0.0]


def draw(shares: Mapping[float, float], before: Path, file: Path) -> None:
    """Plot the buffer of a listener during the longest text, for the server in the checkout `before` and for this
    server. `shares` maps real-time factors to the fraction of the time for which the servers run."""
    from plot import Buffer, draw_buffers  # noqa: PLC0415 -- only developers have matplotlib

    panels = {}
    for factor, share in shares.items():
        buffers = []
        for name, color, checkout in (("before", "#9a4a1c", before), ("this server", "#1c5f9a", ROOT)):
            with contextlib.ExitStack() as started:
                with one_core():
                    # The number is given because earlier checkouts started a thread for each core of the machine.
                    server = started.enter_context(ours("--threads", "1", checkout=checkout))
                for text in (SHORT, MIDDLE, LONG):
                    speak(server, text)
                with slowed(server, share):
                    for text in (SHORT, MIDDLE, LONG):  # these requests let the server measure the reduced speed
                        speak(server, text)
                    heard = speak(server, LONG)
            buffers.append(Buffer(name, color, *buffer_of(heard)))
        panels[f"a machine on which whole sentences take {factor:g} of their playing time"] = buffers
    draw_buffers(panels, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--factors", type=float, nargs="+", default=_FACTORS, help="real-time factors of wyoming-piper")
    parser.add_argument("--listeners", type=int, nargs="+", default=_LISTENERS)
    parser.add_argument(
        "--kind",
        choices=("sentences", "report", "streams"),
        default="sentences",
        help="one sentence at a time, a text of six sentences, or the same text word by word",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the buffer of one listener, .svg or .png")
    parser.add_argument("--before", type=Path, default=ROOT, metavar="DIR", help="checkout to compare with in the plot")
    args = parser.parse_args()
    rows = []
    shares = {}
    with contextlib.ExitStack() as servers:
        with one_core():
            here, there = servers.enter_context(ours()), servers.enter_context(wyoming_piper(one_thread=True))
        for text in (SHORT, MIDDLE, LONG):
            speak(here, text)
        unlimited = real_time_factor(there, (MIDDLE, LONG))
        print(f"wyoming-piper's real-time factor without a limit: {unlimited:.3f}")
        for factor in args.factors:
            share, reached = share_for(there, factor, unlimited)
            shares[factor] = share
            with slowed(here, share):
                for text in (SHORT, MIDDLE, LONG):  # these requests let the server measure the machine's reduced speed
                    speak(here, text)
            print(f"factor {factor:g}: it has {reached:.2f} if it runs for {share:.1%} of the time", flush=True)
            for listeners in args.listeners:
                theirs, mine = Results(), Results()
                for _ in range(args.rounds):
                    for texts in texts_of(listeners, args.kind):
                        for server, results in ((there, theirs), (here, mine)):
                            listen(server, share, texts, results, streams=args.kind == "streams")
                rows.append(
                    [
                        f"{factor:g}",
                        str(listeners),
                        f"{mine.sound_from / theirs.sound_from:.2f}",
                        f"{mine.worst / theirs.worst:.2f}",
                        mine.gaps,
                        theirs.gaps,
                        f"{mine.cpu_per_second / theirs.cpu_per_second:.2f}",
                    ]
                )
                print("  ".join(rows[-1]), flush=True)
    if args.plot:
        draw({factor: share for factor, share in shares.items() if factor >= _DRAWN}, args.before, args.plot)
    show(
        f"{args.kind}, {args.rounds} rounds; sound from, worst and CPU relative to wyoming-piper",
        ("factor", "listeners", "sound from: median", "worst", "gaps", "gaps of wyoming-piper", "CPU"),
        rows,
    )


if __name__ == "__main__":
    main()
