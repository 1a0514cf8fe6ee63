"""Compares the time to first audio on an idle server with the time immediately after 30 clients have disconnected.

Each of the 30 clients requests half a minute of speech in six sentences, and resets its connection after the first
audio. In the first case, all clients send their requests at once, and each client resets its connection when it
receives its first audio. In the second case, the clients connect in waves of ten, and all clients of a wave reset their
connections at the same time. The measured request is sent after the last reset. wyoming-piper is measured only in the
first case: it completes each response before it starts the next one, so the second case would take minutes.
"""

import argparse
import asyncio
import statistics
from collections.abc import Callable, Coroutine

from crowd import Peer, ask_together, connect, speak
from report import show
from servers import Server, ours, wyoming_piper
from texts import MIDDLE, REPORT

_CLIENTS = 30
_WAVE = 10
_AIM = "1.50"
_QUIET = 1.0  # Pause in seconds that lets the server become idle again.
_PATIENCE = 120  # Maximum duration of a round in seconds.

Drop = Callable[[Server], Coroutine[None, None, None]]


async def drop_each(server: Server) -> None:
    async def drop(peer: Peer) -> None:
        await _in_speech(peer)
        await peer.reset()

    await asyncio.gather(*map(drop, await ask_together(server, [REPORT] * _CLIENTS)))


async def drop_waves(server: Server) -> None:
    for _ in range(_CLIENTS // _WAVE):
        wave = await ask_together(server, [REPORT] * _WAVE)
        await asyncio.gather(*map(_in_speech, wave))
        await asyncio.gather(*(peer.reset() for peer in wave))


async def _in_speech(peer: Peer) -> None:
    await peer.started.wait()
    if not peer.heard.arrivals:
        raise RuntimeError("one of the clients to drop was not answered")


async def idle_and_after(server: Server, drop: Drop) -> tuple[float, float]:
    """Return two times to first audio in seconds: on the idle server, and immediately after the clients have
    disconnected."""
    await asyncio.sleep(_QUIET)
    idle = await speak(server, MIDDLE)
    await asyncio.sleep(_QUIET)
    waiting = await connect(server)
    await drop(server)
    waiting.ask_to_speak(MIDDLE)
    after = await waiting.answered()
    return idle.first_audio, after.first_audio


async def ratio(server: Server, drop: Drop, rounds: int) -> str:
    """Return the median time after the disconnects divided by the median time on the idle server, as text. If a
    measurement fails, return the reason."""
    try:
        pairs = []
        for _ in range(rounds):
            async with asyncio.timeout(_PATIENCE):
                pairs.append(await idle_and_after(server, drop))
    except TimeoutError:
        return f"not within {_PATIENCE} s"
    except (OSError, RuntimeError) as error:
        return f"failed: {error}"
    idle, after = (statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return f"{after / idle:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="leave wyoming-piper out")
    args = parser.parse_args()
    theirs = "-"
    with ours() as here:
        mine = [asyncio.run(ratio(here, drop, args.rounds)) for drop in (drop_each, drop_waves)]
    if not args.alone:
        with wyoming_piper() as there:
            theirs = asyncio.run(ratio(there, drop_each, args.rounds))
    show(
        f"time to first audio after {_CLIENTS} clients disconnected during speech, medians of {args.rounds}; idle is 1",
        ("", "wyoming-piper", "this server", "at most"),
        [["each at its own first audio", theirs, mine[0], _AIM], [f"waves of {_WAVE}", "-", mine[1], _AIM]],
    )


if __name__ == "__main__":
    main()
