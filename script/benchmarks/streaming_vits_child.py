"""Runs streaming-vits for `first_audio.py`, in the virtual environment of streaming-vits.

Usage: streaming_vits_child.py MODEL CONFIG FOLDER. Each line of standard input is a JSON list of phoneme ids. For each
line, the program prints a JSON list with the times in seconds to the first and to the last chunk.
"""

import json
import sys
import time

import numpy as np
import streaming_vits.phonemize  # type: ignore[import-not-found]
from streaming_vits import StreamingTTS


def run(model: str, config: str, folder: str) -> None:
    # No phonemizer is needed, because the input consists of phoneme ids.
    streaming_vits.phonemize.build = lambda *_, **__: None
    tts = StreamingTTS(model, config_path=config, cache=folder, verbose=False)
    for line in sys.stdin:
        ids = np.array([json.loads(line)], dtype=np.int64)
        tts.phoneme_ids = lambda _, ids=ids: (ids, [])
        begin = time.perf_counter()
        arrivals = [time.perf_counter() - begin for _ in tts.stream("the ids are given")]
        print(json.dumps([arrivals[0], arrivals[-1]]), flush=True)


if __name__ == "__main__":
    run(*sys.argv[1:])
