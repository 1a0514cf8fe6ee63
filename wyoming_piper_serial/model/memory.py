"""What a loaded voice takes of the machine's memory, and how it is given back."""

import contextlib
import ctypes
from pathlib import Path

# Measured by what the process grows by: the bundled voice (a model of 60 MB) 65 to 70 MB, and voices of no weights
# worth speaking of 20 MB, for sessions and threads. What a run works in is one arena for all (`share_memory`), some
# 100 to 180 MB by the longest chunk that was ever made, and counts for no voice.
_PER_BYTE = 1.2
_EACH = 20 << 20


def hand_back() -> None:
    """Give the system what the C library keeps of freed memory: after a cut three times the model.

    Does nothing where the C library is not glibc.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def memory_of(model: Path) -> int:
    """Bytes that a loaded voice takes, by estimate; 0 where the model cannot be found."""
    size = 0
    for file in (model, model.with_name(f"{model.name}.data")):  # newer exports have their weights beside the model
        with contextlib.suppress(OSError):
            size += file.stat().st_size
    return int(_PER_BYTE * size) + _EACH if size else 0
