"""Runs the server for `growth.py`, and counts the Python objects in it.

The options are those of the server. For each line of standard input, the program prints a JSON object with the number
of objects of each type that the garbage collector knows after a full collection.
"""

import collections
import gc
import json
import sys
import threading

from wyoming_piper_serial.cli.main import run


def count() -> dict[str, int]:
    gc.collect()
    return collections.Counter(f"{type(one).__module__}.{type(one).__qualname__}" for one in gc.get_objects())


def answer() -> None:
    for _ in sys.stdin:
        print(json.dumps(count()), flush=True)


if __name__ == "__main__":
    threading.Thread(target=answer, daemon=True).start()
    run()
