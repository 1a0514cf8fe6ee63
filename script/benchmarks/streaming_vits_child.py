"""Runs in the virtual environment of streaming-vits: phoneme ids to seconds to the first and the last chunk.

Usage: streaming_vits_child.py MODEL CONFIG FOLDER. Standard input has one JSON list of ids on each line.
"""

import json
import sys
import time

import numpy as np
import streaming_vits.phonemize  # type: ignore[import-not-found]
from streaming_vits import StreamingTTS


def run(model: str, config: str, folder: str) -> None:
    # All programs get the same phoneme ids, so no phonemizer is needed here.
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
