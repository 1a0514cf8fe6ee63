"""Measures the gaps in 16 long responses, and the delay of short requests, on a machine that can supply nine listeners.

Each listener requests a text of 60 sentences. Meanwhile, other clients request one sentence each. The server has one
core, and runs only for a fraction of the time, so that it needs 1/9 of a second for one second of audio (`--capacity`).
If one core is slower than that, the server runs all the time and can supply fewer listeners. After `--seconds`, the
listeners disconnect. The program prints how many of the listeners whose playback has begun had a gap, and the longest
total silence of one of them.
"""

import argparse
import asyncio
import contextlib
from dataclasses import dataclass, field

from crowd import Peer, ask_together, connect, speak
from peers import RATE, Heard, real_time_factor
from report import show
from servers import Server, ours
from slow import one_core, slowed
from texts import FOUR, MIDDLE, SHORT

_PAUSE = 7.0  # Seconds between two short requests.
_FIRST_SHORT = 5.0  # Seconds from the long requests to the first short request.
_AUDIBLE = 0.002  # Minimum duration in seconds of a gap; shorter ones can be measurement errors.


@dataclass
class Results:
    """The responses in a trial."""

    long: list[Heard] = field(default_factory=list)
    short: list[Heard] = field(default_factory=list)


def silence(heard: Heard, until: float) -> float:
    """Return the total silence in seconds after the first audio, up to `until` seconds after the request."""
    received = heard.arrivals[-1][1] / 2 / RATE
    plays_until = heard.first_audio + heard.underrun_seconds + received
    return heard.underrun_seconds + max(0.0, until - plays_until)


async def trial(server: Server, texts: list[str], seconds: float) -> Results:
    """Request all `texts` at the same time, and a short text every few seconds. Disconnect after `seconds`."""
    results = Results()
    peers = await ask_together(server, texts)
    end = asyncio.get_running_loop().time() + seconds
    await asyncio.sleep(_FIRST_SHORT)
    while (left := end - asyncio.get_running_loop().time()) > _PAUSE:
        results.short.append(await speak(server, SHORT))
        await asyncio.sleep(min(_PAUSE, left))
    await asyncio.sleep(max(0.0, end - asyncio.get_running_loop().time()))
    results.long = [peer.heard for peer in peers]
    await asyncio.gather(*map(Peer.reset, peers))
    return results


async def warm_up(server: Server) -> None:
    """Send requests so that the server measures the reduced speed of the machine."""
    for _ in range(2):
        await (await _asked(server, MIDDLE)).answered()


async def _asked(server: Server, text: str) -> Peer:
    peer = await connect(server)
    peer.ask_to_speak(text)
    return peer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listeners", type=int, default=16)
    parser.add_argument("--sentences", type=int, default=60)
    parser.add_argument("--capacity", type=float, default=9.0, help="listeners that the slowed machine can supply")
    parser.add_argument("--seconds", type=float, default=75.0, help="duration of the trial")
    args = parser.parse_args()
    text = " ".join(FOUR[number % len(FOUR)] for number in range(args.sentences))
    # A long queue timeout, so that waiting requests do not time out during the trial.
    with contextlib.ExitStack() as started:
        with one_core():
            server = started.enter_context(ours("--queue-timeout", "600"))
        factor = real_time_factor(server, FOUR)
        share = min(1.0, factor * args.capacity)
        print(f"real-time factor at full speed: {factor:.3f}; the server runs for {share:.0%} of the time")
        print(f"it can supply {share / factor:.1f} listeners")
        with slowed(server, share):
            asyncio.run(warm_up(server))
            results = asyncio.run(trial(server, [text] * args.listeners, args.seconds))
    begun = [heard for heard in results.long if heard.arrivals]
    silent = [silence(heard, args.seconds) for heard in begun]
    gaps = [one for one in silent if one > _AUDIBLE]
    waits = [heard.first_audio for heard in results.short]
    show(
        f"{args.listeners} listeners with {args.sentences} sentences each, for {args.seconds:g} s",
        ("listeners begun", "of these with gaps", "longest silence", "short requests", "longest wait for first audio"),
        [
            [
                f"{len(begun)} of {args.listeners}",
                str(len(gaps)),
                f"{max(gaps, default=0.0):.2f} s",
                str(len(waits)),
                f"{max(waits, default=0.0):.2f} s",
            ]
        ],
    )


if __name__ == "__main__":
    main()
