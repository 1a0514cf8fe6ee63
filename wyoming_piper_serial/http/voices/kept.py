"""The sizes of unfinished downloads on disk."""

import os
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator
from pathlib import Path

_MAX_AGE = 1.0  # seconds for which a reading is used again; the page asks for the list every 0.7 to 3 seconds


class KeptSizes:
    """Reads the sizes of the unfinished downloads in a folder at most once per second, unless something changes.
    Thread-safe."""

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._key: Hashable = None
        self._read_at = 0.0
        self._sizes: dict[str, int] = {}

    def get(self, downloads: Hashable) -> dict[str, int]:
        """Returns the number of bytes of unfinished downloads, by voice name. Blocks.

        Reads the folder again if the last reading is a second old, if a file in the folder has been created or removed,
        or if `downloads`, which identifies the running and failed downloads, has changed since the last call.
        """
        if self._folder is None:
            return {}
        with self._lock:
            try:
                key = self._folder.stat().st_mtime_ns, downloads
            except OSError:
                return {}
            now = self._clock()
            if key != self._key or now - self._read_at >= _MAX_AGE:
                self._sizes = kept_sizes(_files(self._folder))
                self._key, self._read_at = key, now
            return self._sizes


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Yields the names and sizes of the partial downloads in `folder`. Yields nothing if the folder cannot be read."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".part"):
                    yield entry.name, entry.stat().st_size
    except OSError:
        return


def kept_sizes(names: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Returns the number of bytes of unfinished downloads, by voice name. `names` contains the names and sizes of files
    in the download folder."""
    kept: dict[str, int] = {}
    for name, size in names:
        for ending in (".onnx.json.part", ".onnx.part"):
            if name.endswith(ending):
                voice = name.removesuffix(ending)
                kept[voice] = kept.get(voice, 0) + size
                break
    return kept
