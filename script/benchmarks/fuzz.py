"""Requests random texts in 12 languages while the phonemizer process is killed repeatedly.

The server must respond to each text with audio or with the error `synthesis-failed`. If it sends another response or
none, the exit code is 1. The duration of the slowest `describe` is printed. The texts are created by the same generator
as in the tests. Some of them crash espeak-ng.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from attacks import connected
from report import milliseconds
from servers import Server, children_of, ours
from stalls import Prober

from tests.fixture_voices import FIXTURES, FixtureVoices
from tests.phonemes.texts import LANGUAGES, random_text

_PHONEMIZER = b"phonemes.process"  # identifies the phonemizer process by its command line
_MODEL = "en_US-one_old-x_low"
_ANSWER = 120  # Maximum time in seconds between two parts of a response.
_FAULT = 0.020  # Time in seconds that a `describe` must not exceed on an otherwise idle machine.


def make_voices(folder: Path) -> list[str]:
    """Create a small voice for each language in `folder`, and return the names of the voices."""
    model = FixtureVoices(folder).model(_MODEL)
    config = json.loads((FIXTURES / f"{_MODEL}.onnx.json").read_text(encoding="utf-8"))
    voices = folder / "voices"
    voices.mkdir()
    names = []
    for language in LANGUAGES:
        name = f"{language.replace('-', '_')}-fuzz-x_low"
        (voices / f"{name}.onnx").symlink_to(model)
        changes = {"espeak": {"voice": language}, "language": {"code": language}}
        (voices / f"{name}.onnx.json").write_text(json.dumps(config | changes), encoding="utf-8")
        names.append(name)
    return names


@dataclass
class Run:
    """The state shared by all client threads."""

    server: Server
    voices: list[str]
    end: float
    """Time at which the clients stop, as a value of `time.monotonic()`."""

    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[str, str]] = field(default_factory=list)
    """Voice and text of each request that got no valid answer."""

    kills: int = 0

    @property
    def goes_on(self) -> bool:
        return time.monotonic() < self.end


def speak(run: Run, seed: int) -> None:
    """Request one random text after another until the run ends."""
    rng = random.Random(seed)  # noqa: S311 -- not used for secrets
    while run.goes_on:
        voice, text = rng.choice(run.voices), random_text(rng)
        try:
            outcome = answer(run.server, voice, text)
        except OSError as error:
            outcome = type(error).__name__
        run.outcomes[outcome] += 1
        if outcome not in {"audio", "synthesis-failed"}:
            run.faults.append((voice, text))


def answer(server: Server, voice: str, text: str) -> str:
    """Request `text`. Return `audio`, the code of the server's error, or `no end` if the response is incomplete.

    Raises OSError if the connection fails, or if no data arrives for _ANSWER seconds.
    """
    event = {"type": "synthesize", "data": {"text": text, "voice": {"name": voice}}}
    with socket.create_connection((server.host, server.port), timeout=_ANSWER) as client:
        client.sendall(json.dumps(event).encode() + b"\n")
        client.shutdown(socket.SHUT_WR)
        last = b""
        while data := client.recv(1 << 16):
            last = (last + data)[-2000:]
    if b'"audio-stop"' in last:
        return "audio"
    _, found, code = last.rpartition(b'"code": "')
    return code.partition(b'"')[0].decode(errors="replace") if found else "no end"


def kill(run: Run, pause: float) -> None:
    """Send SIGSEGV to each phonemizer process `pause` seconds after it was first seen. This simulates a crash in C
    code."""
    seen: dict[int, float] = {}
    while run.goes_on:
        now = time.monotonic()
        for pid in children_of(run.server.pid):
            # An OSError means that the process has already exited. The process that splits models is not killed.
            with contextlib.suppress(OSError):
                if (
                    now - seen.setdefault(pid, now) >= pause
                    and _PHONEMIZER in Path(f"/proc/{pid}/cmdline").read_bytes()
                ):
                    os.kill(pid, signal.SIGSEGV)
                    run.kills += 1
        time.sleep(pause / 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--clients", type=int, default=3)
    parser.add_argument("--pause", type=float, default=3.0, metavar="SECONDS", help="age at which a process is killed")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        voices = make_voices(Path(folder))
        options = ("--data-dir", f"{folder}/voices", "--voice", voices[0], "--preload", "all", "--max-voices", "20")
        with ours(*options) as server, connected(server.port) as connection:
            prober = Prober(connection)
            run = Run(server, voices, time.monotonic() + args.minutes * 60)
            threads = [threading.Thread(target=speak, args=(run, args.seed + one)) for one in range(args.clients)]
            threads.append(threading.Thread(target=kill, args=(run, args.pause)))
            for thread in threads:
                thread.start()
            worst = prober.worst_while(lambda: run.goes_on)
            for thread in threads:
                thread.join()
    print(f"{run.outcomes.total()} texts in {len(voices)} languages: {dict(run.outcomes)}")
    print(
        f"{run.kills} kills of the phonemizer; worst describe {milliseconds(worst)} (a fault is {_FAULT * 1000:g} ms)"
    )
    for voice, text in run.faults[:10]:
        print(f"no proper answer: {voice} {text!r:.200}")
    raise SystemExit(1 if run.faults else 0)


if __name__ == "__main__":
    main()
