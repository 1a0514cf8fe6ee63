"""Measures whether the server's use of resources grows over several minutes of normal, stalling and hostile clients.

Each round lasts at least half a minute, in which clients of all kinds connect and disconnect. At the end of a round,
all clients have disconnected and all timeouts have expired. Then the server's memory, open files, threads, tasks and
time to first audio are measured. The verdict compares the last rounds with the first rounds after the warm-up. The
server's timeouts are short, so that each round includes many hostile clients.
"""

import argparse
import asyncio
import contextlib
import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from attacks import Target
from crowd import connect, speak
from report import show
from servers import Server, children_of, free_port, ours
from stalls import ATTACKS
from texts import FOUR, REPORT

from tests.phonemes.texts import random_text

_HTTP_PORT = free_port()
_OPTIONS = (
    *("--event-timeout", "2", "--stall-timeout", "4", "--max-ahead", "5"),
    *("--http-uri", f"tcp://127.0.0.1:{_HTTP_PORT}"),
)
_ROUND = 30.0  # Minimum duration of a round in seconds, including `_CALM`.
_CALM = 7.0  # Time in seconds without new clients at the end of a round, in which all timeouts expire.
_AT_ONCE = 24  # Maximum number of simultaneous clients, most of them hostile.
_WARM_UP = 0.25  # Fraction of the rounds at the beginning of the run that are excluded from the verdict.
_GROWTH = 0.05  # Minimum relative growth of a figure for the verdict "grown".
_GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET / HTTP/1.1\r\nHost: piper\r\n\r\n",
    b'{"type": "synthesize", "data": ' + b"[" * 5000 + b"\n",
    b'{"type": "synthesize", "data_length": -1}\n',
    b'{"type": "synthesize", "payload_length": 99999999999}\n',
    b'{"type": ["synthesize"], "data": 7}\n',
    b"\n" * 1000,
    bytes(range(256)) * 100,
)

Client = Callable[[Server, random.Random], Awaitable[None]]


@dataclass(frozen=True)
class Level:
    """The resource usage of the idle server at a point in the run."""

    minutes: float
    memory: float
    """Resident memory of the server and its child processes, in MB."""

    files: int
    threads: int
    tasks: int
    first_audio: float
    """Seconds from a request to its first audio: the median of three requests."""


async def honest(server: Server, chance: random.Random) -> None:
    """Send a speech request, and read the complete response."""
    await speak(server, chance.choice(FOUR))


async def resets(server: Server, chance: random.Random) -> None:
    """Reset the connection while receiving the response."""
    peer = await connect(server)
    peer.ask_to_speak(chance.choice(FOUR))
    await peer.started.wait()
    await peer.reset()


async def stalls(server: Server, _chance: random.Random) -> None:
    """Request more than a minute of speech and read nothing."""
    reader, writer = await asyncio.open_connection(server.host, server.port, limit=1)
    writer.write(json.dumps({"type": "synthesize", "data": {"text": " ".join([REPORT] * 3)}}).encode() + b"\n")
    await asyncio.sleep(_ROUND / 4)
    writer.transport.abort()
    del reader


async def half_sends(server: Server, chance: random.Random) -> None:
    """Send an incomplete event, and wait until the server closes the connection."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b'{"type": "synthesize", "data_length": 60}\n{"text": "Nobody'[: chance.randint(1, 50)])
    await reader.read()
    writer.close()


async def throws_garbage(server: Server, chance: random.Random) -> None:
    """Send bytes that are not a valid event. Wait for a response only for a limited time, because the server does not
    respond to blank lines."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(chance.choice(_GARBAGE) + chance.randbytes(chance.choice([0, 10, 10_000])))
    if chance.random() < 0.5:
        writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(chance.uniform(0, _CALM)):
            await reader.read()
    writer.close()


async def just_connects(server: Server, _chance: random.Random) -> None:
    """Connect and disconnect without sending anything. Some health checks do this twice per second."""
    _, writer = await asyncio.open_connection(server.host, server.port)
    writer.close()


async def sends_random_text(server: Server, chance: random.Random) -> None:
    """Send a text that could make a phonemizer crash or run for a long time, and read the complete response."""
    await speak(server, random_text(chance))


async def is_gone(server: Server, chance: random.Random) -> None:
    """Send a long text, and close the connection at once."""
    _, writer = await asyncio.open_connection(server.host, server.port)
    text = "Nobody waits for this sentence. " * chance.choice([1, 100, 1500])
    writer.write(json.dumps({"type": "synthesize", "data": {"text": text}}).encode() + b"\n")
    writer.close()


async def floods(server: Server, chance: random.Random) -> None:
    """Send hundreds of small events at once, and read the replies."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(chance.choice([b'{"type": "ping"}\n', b'{"type": "describe"}\n', b'{"type": "nonsense"}\n']) * 500)
    writer.write_eof()
    while await reader.read(1 << 16):
        pass
    writer.close()


async def attacks(server: Server, chance: random.Random) -> None:
    """Run one of the attacks from `script/bench stalls`, over HTTP or Wyoming."""
    name = chance.choice(sorted(ATTACKS))
    await asyncio.to_thread(ATTACKS[name], Target(wyoming=server.port, http=_HTTP_PORT))


_KINDS: tuple[tuple[Client, int], ...] = (
    (honest, 4),
    (resets, 4),
    (stalls, 2),
    (half_sends, 4),
    (throws_garbage, 8),
    (just_connects, 4),
    (sends_random_text, 4),
    (is_gone, 3),
    (floods, 2),
    (attacks, 3),
)


async def come_and_go(server: Server, seconds: float, seed: int) -> int:
    """Run clients of random kinds for `seconds`, with up to `_AT_ONCE` of them at a time. Return the total number of
    clients, after the last one has ended."""
    chance = random.Random(seed)  # noqa: S311 -- not used for secrets
    kinds, weights = zip(*_KINDS, strict=True)
    until, count = time.monotonic() + seconds, 0

    async def keep_coming() -> None:
        nonlocal count
        while time.monotonic() < until:
            count += 1
            (kind,) = chance.choices(kinds, weights)
            # Raised if the server has closed the connection, with or without an error event.
            with contextlib.suppress(OSError, RuntimeError):
                await kind(server, chance)
            await asyncio.sleep(chance.uniform(0, 0.3))

    await asyncio.gather(*(keep_coming() for _ in range(_AT_ONCE)))
    return count


async def look(server: Server, begin: float) -> Level:
    waits = [(await speak(server, FOUR[0])).first_audio for _ in range(3)]
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b'{"type": "health"}\n')
    header = json.loads(await reader.readline())
    health = json.loads(await reader.readexactly(header["data_length"])) if "data_length" in header else header["data"]
    writer.close()
    process = Path(f"/proc/{server.pid}")
    status = _status(server.pid)
    return Level(
        minutes=(time.monotonic() - begin) / 60,
        memory=sum(int(_status(pid)["VmRSS"].split()[0]) for pid in (server.pid, *children_of(server.pid))) / 1000,
        files=len(list((process / "fd").iterdir())),
        threads=int(status["Threads"]),
        tasks=health["tasks"],
        first_audio=statistics.median(waits),
    )


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return dict(line.split(":", 1) for line in lines)


async def soak(server: Server, minutes: float) -> list[Level]:
    begin, levels = time.monotonic(), [await look(server, time.monotonic())]
    while time.monotonic() - begin < minutes * 60:
        count = await come_and_go(server, _ROUND - _CALM, seed=len(levels))
        await asyncio.sleep(_CALM)
        levels.append(await look(server, begin))
        if sys.stderr.isatty():
            print(f"{levels[-1].minutes:5.1f} min, {count} clients, {levels[-1].memory:.0f} MB", file=sys.stderr)
    return levels


def growth(levels: list[Level], field: str) -> float:
    """Return the relative growth of a figure after the warm-up. 0.1 means 10 %.

    The median of the last third of the rounds is compared with the median of the first third."""
    warm = [getattr(level, field) for level in levels[int(len(levels) * _WARM_UP) :]]
    third = max(1, len(warm) // 3)
    return float(statistics.median(warm[-third:]) / statistics.median(warm[:third]) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="draw a diagram of the figures over time to this file, .svg or .png"
    )
    args = parser.parse_args()
    with ours(*_OPTIONS) as server:
        levels = asyncio.run(soak(server, args.minutes))
    fields = ("memory", "files", "threads", "tasks", "first_audio")
    rows = []
    for field in fields:
        moments = [f"{getattr(levels[at], field):.4g}" for at in (0, len(levels) // 2, -1)]
        rows.append([field, *moments, f"{growth(levels, field):+.1%}"])
    show(
        f"{args.minutes:g} minutes, {len(levels) - 1} rounds of {_AT_ONCE} clients at once; {' '.join(_OPTIONS)}",
        ["without clients", "first", "middle", "last", "growth after warm-up"],
        rows,
    )
    # The time to first audio is not part of the verdict, because it varies with the load of the machine.
    grown = [field for field in fields[:-1] if growth(levels, field) >= _GROWTH]
    print(f"verdict: {'grown: ' + ', '.join(grown) if grown else f'no growth of {_GROWTH:.0%} or more'}")
    if args.plot:
        # Imported only when needed, because importing matplotlib takes a second.
        from plot import draw_levels  # noqa: PLC0415

        names = ("memory, MB", "open files", "threads", "tasks", "first audio, s")
        curves = {name: [getattr(level, field) for level in levels] for name, field in zip(names, fields, strict=True)}
        draw_levels([level.minutes for level in levels], curves, args.plot)
    sys.exit(bool(grown))


if __name__ == "__main__":
    main()
