"""Measures how many steady listeners one or several servers can serve at the same time.

A steady listener sends a request, plays the speech in real time, and sends the next request 1 s after the end of the
speech. A number of listeners counts as served if, in one of up to --tries trials, no listener has an underrun, gets an
error, or waits longer than --patience for the first audio. Without this limit of the wait, a server could serve any
number of listeners by making them wait.

The real-time factor (RTF) is the time needed to synthesize one second of audio for a single client that sends one text
after another. It is measured at the start and after each trial. A server can serve at most 1/RTF listeners who play
speech without pauses.

With several servers, each request goes to the server with the fewest open requests. All servers run on this machine, so
use `--threads 1` and `--share` to limit each server to a fixed part of it.

A measurement is repeated if this program was stopped during it, for example because the virtual machine was suspended.
"""

import argparse
import asyncio
import contextlib
import functools
import statistics
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from crowd import speak
from peers import Heard
from report import milliseconds, show
from servers import Server, ours
from slow import slowed
from texts import FOUR

_SILENCE = 1.0  # Seconds from the end of the speech to the next request.
_SPREAD = 5.0  # Seconds within which all listeners of a trial send their first request.
_QUIET = 1.0  # Pause in seconds after a trial. It lets the server become idle.
_AIM = 0.8
_STEP = 2
_STOPPED = 1.0  # If the event loop stops for this many seconds, the measurement is repeated.
_REPEATS = 9

Result = TypeVar("Result")

# Options that prevent errors when the server is stopped together with this program. They do not affect the measurement.
_LASTING = ("--step-timeout", "0", "--queue-timeout", "0")


class _NotServed(Exception):
    """Raised if a listener has an underrun, waits too long for the first audio, or gets an error."""


class Balancer:
    """Sends each request to the server with the fewest open requests."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self.servers = servers
        self._open = dict.fromkeys(servers, 0)

    async def speak(self, text: str) -> Heard:
        server = min(self._open, key=self._open.__getitem__)
        self._open[server] += 1
        try:
            return await speak(server, text)
        finally:
            self._open[server] -= 1


@dataclass
class Trial:
    """A trial with a fixed number of listeners, and its results."""

    listeners: int
    seconds: float
    failure: str = ""
    """The reason why a listener was not served, or an empty string if all listeners were served."""

    speeches: list[tuple[float, Heard]] = field(default_factory=list)
    """For each answered request: when it was sent, in seconds since the start of the trial, and the answer."""

    @property
    def speaking(self) -> float:
        """Average number of listeners who were playing at the same time. The first _SPREAD seconds are left out."""
        total = 0.0
        for asked, heard in self.speeches:
            begin, end = asked + heard.first_audio, asked + heard.played
            total += max(0.0, min(end, self.seconds) - max(begin, _SPREAD))
        return total / (self.seconds - _SPREAD)


async def undisturbed(measure: Callable[[], Awaitable[Result]]) -> Result:
    """Return the result of `measure`. Repeat the measurement if this program was stopped during it.

    Raises SystemExit if it was stopped during each of _REPEATS measurements.
    """
    loop = asyncio.get_running_loop()
    for _ in range(_REPEATS):
        longest = 0.0

        async def watch() -> None:
            nonlocal longest
            while True:
                begin = loop.time()
                await asyncio.sleep(_STOPPED / 10)
                longest = max(longest, loop.time() - begin)

        watching = asyncio.create_task(watch())
        try:
            result = await measure()
        finally:
            watching.cancel()
        if longest < _STOPPED:
            return result
        print(f"This program was stopped for {longest:.0f} s. The measurement is repeated.", flush=True)
    raise SystemExit("This machine stops programs too often to measure anything.")


@dataclass
class RealTimeFactor:
    """Measures the time in seconds that a server needs to synthesize one second of audio for a single client."""

    work: float = 0.0
    audio: float = 0.0

    async def measure(self, servers: Sequence[Server]) -> None:
        for server in servers:
            answers = await undisturbed(functools.partial(_four, server))
            self.work += sum(heard.total for heard in answers)
            self.audio += sum(heard.seconds for heard in answers)

    @property
    def value(self) -> float:
        return self.work / self.audio


async def _four(server: Server) -> list[Heard]:
    return [await speak(server, text) for text in FOUR]


async def try_crowd(balancer: Balancer, trial: Trial, patience: float) -> None:
    """Run `trial` and record the responses in it. If a listener is not served, end the trial and record the reason."""
    begin = asyncio.get_running_loop().time()
    try:
        async with asyncio.TaskGroup() as group:
            for number in range(trial.listeners):
                group.create_task(_listen_steadily(balancer, trial, begin, number, patience))
    except* _NotServed as failures:
        trial.failure = str(failures.exceptions[0])


async def _listen_steadily(balancer: Balancer, trial: Trial, begin: float, number: int, patience: float) -> None:
    loop = asyncio.get_running_loop()
    random = np.random.default_rng(number)
    await asyncio.sleep(_SPREAD * number / trial.listeners)
    while True:
        for at in random.permutation(len(FOUR)):
            asked = loop.time() - begin
            if asked >= trial.seconds:
                return
            try:
                heard = await balancer.speak(FOUR[at])
            except (RuntimeError, OSError) as error:
                raise _NotServed(f"got an error: {error!r}") from error
            trial.speeches.append((asked, heard))
            if heard.underrun_seconds > 0:
                raise _NotServed(f"an underrun of {milliseconds(heard.underrun_seconds)} after {asked:.0f} s")
            if heard.first_audio > patience:
                raise _NotServed(f"waited {heard.first_audio:.1f} s for the first audio after {asked:.0f} s")
            await asyncio.sleep(begin + asked + heard.played + _SILENCE - loop.time())


def next_size(start: int, served: int, unserved: int | None) -> int | None:
    """Return the number of listeners to try next, or `None` if the search is complete.

    `served` is the largest number of listeners that was served (0 if none was), and `unserved` is the smallest number
    that was not served (`None` if there is none).
    """
    if unserved is None:
        return served + _STEP if served else start
    if unserved - served <= 1:
        return None
    return max(served + 1, unserved - _STEP) if not served else (served + unserved) // 2


@dataclass
class Search:
    """A search for the capacity of one or several servers."""

    balancer: Balancer
    seconds: float
    patience: float
    tries: int
    factor: RealTimeFactor = field(default_factory=RealTimeFactor)

    @property
    def limit(self) -> float:
        """Maximum number of listeners without pauses that the servers can serve, according to the real-time factor."""
        return len(self.balancer.servers) / self.factor.value

    async def run(self, start: int | None) -> Trial | None:
        """Search for the largest number of listeners that can be served. Return the trial with this number, or `None`
        if not even one listener can be served."""
        best, unserved = None, None
        await self.factor.measure(self.balancer.servers)
        print(f"1/RTF is about {self.limit:.1f}", flush=True)
        size: int | None = start or max(1, round(_AIM * self.limit))
        while size is not None:
            if trial := await self._served(size):
                best = trial
            else:
                unserved = size
            size = next_size(size, best.listeners if best else 0, unserved)
        return best

    async def _served(self, size: int) -> Trial | None:
        for _ in range(self.tries):
            trial = await undisturbed(functools.partial(self._try, size))
            print(f"{size:3} listeners: {trial.failure or 'served'}", flush=True)
            await asyncio.sleep(_QUIET)
            await self.factor.measure(self.balancer.servers)
            if not trial.failure:
                return trial
        return None

    async def _try(self, size: int) -> Trial:
        trial = Trial(size, self.seconds)
        await try_crowd(self.balancer, trial, self.patience)
        return trial


@contextlib.contextmanager
def running(count: int, *options: str, share: float = 1.0) -> Iterator[list[Server]]:
    """Run `count` servers, each of which runs only for the fraction `share` of the time."""
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(ours(*_LASTING, *options)) for _ in range(count)]
        for server in servers:
            stack.enter_context(slowed(server, share))
        yield servers


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the command line options for a capacity search to the parser."""
    parser.add_argument("--seconds", type=float, default=60, help="seconds of each trial (default: 60)")
    parser.add_argument(
        "--patience", type=float, default=3, help="seconds that a listener may wait for the first audio (default: 3)"
    )
    parser.add_argument(
        "--tries", type=int, default=2, help="trials with a number of listeners before this number counts as not served"
    )
    parser.add_argument("--share", type=float, default=1, help="share of the time for which a server runs (default: 1)")


def search(
    args: argparse.Namespace, servers: Sequence[Server], start: int | None = None
) -> tuple[Search, Trial | None]:
    """Search for the capacity of `servers`. Return the search and the trial with the most listeners who were served."""
    if args.seconds <= _SPREAD:
        raise SystemExit(f"--seconds must be more than {_SPREAD:.0f}, because the listeners begin within this time")
    found = Search(Balancer(servers), args.seconds, args.patience, args.tries)
    return found, asyncio.run(found.run(start))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_options(parser)
    parser.add_argument("--start", type=int, help="number of listeners in the first trial")
    parser.add_argument("--servers", type=int, default=1, help="number of servers (default: 1)")
    parser.add_argument("--threads", help="threads of each server (default: one for each core)")
    args = parser.parse_args()
    options = ("--threads", args.threads) if args.threads else ()
    with running(args.servers, *options, share=args.share) as servers:
        found, best = search(args, servers, args.start)
    if best is None:
        print("Not even one listener was served.")
        return
    waits = [heard.first_audio for _, heard in best.speeches]
    show(
        f"steady listeners for {args.seconds:.0f} s, {len(waits)} speeches",
        ("", "", "of 1/RTF", "aim"),
        [
            ["real-time factor of a server", f"{found.factor.value:.4f}", "", ""],
            ["servers/RTF", f"{found.limit:.1f}", "1", ""],
            ["listeners", str(best.listeners), f"{best.listeners / found.limit:.2f}", f"{_AIM:.2f}"],
            ["playing at the same time, average", f"{best.speaking:.1f}", f"{best.speaking / found.limit:.2f}", ""],
            ["time to first audio, median", milliseconds(statistics.median(waits)), "", ""],
            ["time to first audio, worst", milliseconds(max(waits)), "", ""],
        ],
    )


if __name__ == "__main__":
    main()
