"""Downloads public voices into a folder. A voice appears in the folder only when it is complete and has been checked.

A voice consists of NAME.onnx.json and NAME.onnx. Each file is first written to a `.part` file. When both files are
complete, they are renamed to their final names. The model is renamed last, because a config without a model does not
count as a voice. During the download, NAME.lock is locked, so that two processes never write to the same file. A lock
file left behind by a crash is no longer locked.
"""

import contextlib
import errno
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.model.regular_file import open_regular
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.index import (
    LIST_NAME,
    MAX_LIST,
    BadVoiceList,
    PublicFile,
    PublicVoice,
    md5,
    usable_voices,
)

if TYPE_CHECKING:
    from wyoming_piper_serial.voices.remote.transfer import Source

_KEPT_FREE = 64 << 20  # Bytes of disk space that are kept free, because a full disk would also affect other programs.
_LOCK_PERIOD = 0.2  # Seconds between two attempts to acquire a lock.
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
VOICE_FILE_ENDINGS = (".onnx", ".onnx.json", ".onnx.data", ".onnx.part", ".onnx.json.part")
"""Suffixes of the files of a voice, including unfinished downloads. The model comes first, because it must be removed
first.

Without the model, the other files do not count as a voice.
"""


class _NoRoomError(OSError):
    """A download does not fit on the disk without using the 64 MB that are kept free."""


class DiskSpace:
    """Reserves disk space for downloads, so that all running downloads together leave 64 MB of the disk free.
    Thread-safe."""

    def __init__(self, free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        self._free = free
        self._lock = threading.Lock()
        self._reserved: dict[str, int] = {}

    def reserve(self, folder: Path, name: str, size: int) -> None:
        """Reserves `size` bytes for the download `name`, and replaces any earlier reservation for this download.

        Raises OSError if the disk does not have enough space for all reservations.
        """
        with self._lock:
            self._reserved.pop(name, None)
            needed, free = sum(self._reserved.values()) + size, self._free(folder) - _KEPT_FREE
            if free < needed:
                raise _NoRoomError(errno.ENOSPC, f"{needed >> 20} MB are needed, {max(0, free) >> 20} MB can be used")
            self._reserved[name] = size

    def release(self, name: str) -> None:
        """Removes the reservation for the download `name`. Must be called when the download has ended."""
        with self._lock:
            self._reserved.pop(name, None)


def fetch(
    voice: PublicVoice,
    folder: Path,
    *,
    base_url: str,
    timeout: float,
    progress: Callable[[int, int], object] = lambda *_: None,
    shutdown: Stage | None = None,
    space: DiskSpace | None = None,
) -> None:
    """Downloads the files of `voice` that are missing from `folder` or differ from the list of public voices. Blocks.

    Waits up to `timeout` seconds for a connection and for each read. Calls `progress` with the number of received bytes
    and the total size of the voice in bytes. Raises DownloadFailed or ShuttingDown.
    """
    if not missing_files(voice, folder):
        return
    room = space or DiskSpace()
    with _source(f"The voice {voice.name}", folder, voice.name, base_url, timeout, shutdown) as source:
        # The config is downloaded before the model. Because the config is small, problems with the server are found
        # sooner.
        missing = reversed(missing_files(voice, folder))
        paths = {file: voice_path(file, voice.name, folder) for file in missing}
        left = {file: max(0, file.size - _size(_part(path))) for file, path in paths.items()}

        def note(file: PublicFile, size: int) -> None:
            left[file] = max(0, file.size - size)
            room.reserve(folder, voice.name, sum(left.values()))
            progress(voice.size - sum(left.values()), voice.size)

        try:
            room.reserve(folder, voice.name, sum(left.values()))
            for file, path in paths.items():
                with _opened(_part(path)) as part:
                    source.complete(part, file, partial(note, file))
        finally:
            room.release(voice.name)
        if voice.model in paths:  # removes the old model first, so that it is never used with the new config
            paths[voice.model].unlink(missing_ok=True)
        for path in paths.values():
            _part(path).replace(path)
        sync_folder(folder)
        for file in voice.files:  # removes leftover part files, including those of files that were already complete
            _part(voice_path(file, voice.name, folder)).unlink(missing_ok=True)


def update_list(folder: Path, *, base_url: str, timeout: float, shutdown: Stage | None = None) -> None:
    """Downloads the list of public voices into `folder`. Blocks. Raises DownloadFailed or ShuttingDown."""
    what, path = "The list of voices", folder / LIST_NAME
    with _source(what, folder, LIST_NAME, base_url, timeout, shutdown) as source:
        content = source.read(LIST_NAME, MAX_LIST)
        try:
            usable_voices(content)
        except BadVoiceList as error:
            raise DownloadFailed(what, "the server did not send a list of voices", str(error)) from error
        with _opened(_part(path)) as part:
            part.truncate(0)
            if part.write(content) < len(content):
                raise OSError(errno.ENOSPC, "no space is left")
        _part(path).replace(path)


def remove_voice_files(name: str, folder: Path) -> int:
    """Removes the files of the voice `name`, including unfinished downloads. Returns the number of bytes freed.

    Raises OSError if a file cannot be removed. If the voice is being downloaded, raises BlockingIOError and removes no
    file.
    """

    def refuse() -> None:
        raise BlockingIOError(errno.EAGAIN, "the voice is being downloaded; try again later")

    with locked(folder, name, refuse):
        sizes = {path: _size(path) for ending in VOICE_FILE_ENDINGS if (path := folder / f"{name}{ending}").is_file()}
        for path in sizes:
            path.unlink(missing_ok=True)
    return sum(sizes.values())


def is_disk_full(error: OSError) -> bool:
    """Returns whether `error` was raised because the disk is full."""
    return error.errno in _FULL


def voice_path(file: PublicFile, name: str, folder: Path) -> Path:
    """Returns the path in `folder` at which `file`, one of the files of the voice `name`, is stored."""
    return folder / f"{name}{'.onnx.json' if file.path.endswith('.json') else '.onnx'}"


def missing_files(voice: PublicVoice, folder: Path) -> list[PublicFile]:
    """Returns the files of `voice` that are missing from `folder` or differ from the list of public voices."""
    return [file for file in voice.files if file_problem(voice_path(file, voice.name, folder), file) is not None]


def file_problem(path: Path, file: PublicFile) -> str | None:
    """Compares the file at `path` with the size and the digest in `file`. Returns a description of the difference, or
    `None` if the file is correct."""
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"has {size} bytes, not {file.size}"
        with open_regular(path) as stream:
            found = hashlib.file_digest(stream, md5).hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    return None if found == file.md5 else f"is damaged or another version (MD5 is {found}, not {file.md5})"


def _part(path: Path) -> Path:
    """Returns the path of the part file, which holds the content of the file `path` until the download is complete."""
    return path.with_name(f"{path.name}.part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@contextlib.contextmanager
def _source(
    what: str, folder: Path, name: str, base_url: str, timeout: float, shutdown: Stage | None
) -> Iterator["Source"]:
    """Yields a Source for the download server. Holds the lock for the voice or list `name` while the context is active.

    Converts each OSError to DownloadFailed.
    """
    from wyoming_piper_serial.voices.remote.transfer import Source  # noqa: PLC0415 - imports urllib3, 30 ms

    shutdown = shutdown or Stage()
    shutdown.check()
    try:
        with locked(folder, name, partial(shutdown.sleep, _LOCK_PERIOD)):
            yield Source(what, base_url, timeout, shutdown)
    except OSError as error:
        reason = "the disk is full" if is_disk_full(error) else "the download folder cannot be written to"
        raise DownloadFailed(what, reason, f"{folder}: {error.strerror or error}") from error


@contextlib.contextmanager
def locked(folder: Path, name: str, wait: Callable[[], object]) -> Iterator[None]:
    """Holds the lock for the voice or list `name` in `folder` while the context is active. Creates the folder if
    necessary. Raises OSError.

    While another thread or process holds the lock, calls `wait` repeatedly. `wait` must sleep or raise an exception.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 - 12 ms

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.lock"
    lock = FileLock(path)
    while not lock.is_locked:
        try:
            lock.acquire(blocking=False)
        except Timeout:
            wait()
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()  # removing the file is safe, because waiting processes open the path again
        lock.release()


def sync_folder(folder: Path) -> None:
    """Flushes the directory `folder` to disk, so that a power failure cannot undo the renaming of a file."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot flush a directory
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[FileIO]:
    """Opens the part file at `path` for reading and appending.

    If the context ends without an exception, flushes the part file to disk. After an OSError other than `_NoRoomError`,
    empties the part file to free disk space. At the end, removes the part file if it is empty.
    """
    with open(path, "a+b", buffering=0, opener=_without_links) as part:
        try:
            yield part
            os.fsync(part)
        except _NoRoomError:
            raise  # the part file is kept, so that the next download can resume it
        except OSError:
            part.truncate(0)  # emptying the part file frees space on a full disk
            raise
        finally:
            if part.seek(0, os.SEEK_END) == 0:
                path.unlink()


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
