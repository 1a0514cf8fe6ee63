"""Downloads of public voices into a folder. A voice is complete and checked, or not there.

A voice is NAME.onnx.json and NAME.onnx. Each is written to a `.part` file. When both are complete, both are renamed,
the model last: without it there is no voice. NAME.lock is locked meanwhile, so that two processes never write the same
file. A lock file that is left after a crash locks nothing.
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

_KEPT_FREE = 64 << 20  # bytes of the disk that are kept free: a full disk would stop other programs too
_LOCK_PERIOD = 0.2  # seconds between two attempts to take a lock
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
VOICE_FILE_ENDINGS = (".onnx", ".onnx.json", ".onnx.data", ".onnx.part", ".onnx.json.part")
"""All files of a voice, complete or not. The model is removed first: without it, there is no voice."""


class _NoRoomError(OSError):
    """The rest of a download does not fit beside the space that is kept free."""


class DiskSpace:
    """Keeps 64 MB of the disk free for all downloads that share this object. Can be used in any thread."""

    def __init__(self, free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free) -> None:
        self._free = free
        self._lock = threading.Lock()
        self._reserved: dict[str, int] = {}

    def reserve(self, folder: Path, name: str, size: int) -> None:
        """Reserve `size` bytes for the download `name`. Raises OSError if there is no room for all reservations."""
        with self._lock:
            self._reserved.pop(name, None)
            needed, free = sum(self._reserved.values()) + size, self._free(folder) - _KEPT_FREE
            if free < needed:
                raise _NoRoomError(errno.ENOSPC, f"{needed >> 20} MB are needed, {max(0, free) >> 20} MB can be used")
            self._reserved[name] = size

    def release(self, name: str) -> None:
        """Remove the reservation of the download `name`, which has ended."""
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
    """Download the files of `voice` that are missing or wrong in `folder`. Blocks.

    Waits `timeout` seconds for a connection and for each read. Calls `progress` with the bytes that have arrived, and
    those of the whole voice. Raises DownloadFailed and ShuttingDown.
    """
    if not missing_files(voice, folder):
        return
    room = space or DiskSpace()
    with _source(f"The voice {voice.name}", folder, voice.name, base_url, timeout, shutdown) as source:
        missing = reversed(missing_files(voice, folder))  # the small config is first, so that errors show early
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
        if voice.model in paths:  # an old model must not be used with a new config
            paths[voice.model].unlink(missing_ok=True)
        for path in paths.values():
            _part(path).replace(path)
        _sync_folder(folder)
        for file in voice.files:  # a part whose file is complete already
            _part(voice_path(file, voice.name, folder)).unlink(missing_ok=True)


def update_list(folder: Path, *, base_url: str, timeout: float, shutdown: Stage | None = None) -> None:
    """Download the list of voices into `folder`. Blocks. Raises DownloadFailed and ShuttingDown."""
    what, path = "The list of voices", folder / LIST_NAME
    with _source(what, folder, LIST_NAME, base_url, timeout, shutdown) as source:
        content = source.read(LIST_NAME, MAX_LIST)
        try:
            usable_voices(content)
        except BadVoiceList as error:
            raise DownloadFailed(what, "what arrived is no list of voices", str(error)) from error
        with _opened(_part(path)) as part:
            part.truncate(0)
            if part.write(content) < len(content):
                raise OSError(errno.ENOSPC, "no space is left")
        _part(path).replace(path)


def remove_voice_files(name: str, folder: Path) -> int:
    """Remove the files of the voice `name`, including parts. Returns the number of bytes that they had.

    Raises OSError. If the voice is being downloaded, this is a BlockingIOError, and nothing is removed.
    """

    def refuse() -> None:
        raise BlockingIOError(errno.EAGAIN, "the voice is being downloaded; try again later")

    with _locked(folder, name, refuse):
        sizes = {path: _size(path) for ending in VOICE_FILE_ENDINGS if (path := folder / f"{name}{ending}").is_file()}
        for path in sizes:
            path.unlink(missing_ok=True)
    return sum(sizes.values())


def voice_path(file: PublicFile, name: str, folder: Path) -> Path:
    """The path of a file of the voice `name`."""
    return folder / f"{name}{'.onnx.json' if file.path.endswith('.json') else '.onnx'}"


def missing_files(voice: PublicVoice, folder: Path) -> list[PublicFile]:
    """The files of `voice` that are missing in `folder` or have other content."""
    return [file for file in voice.files if file_problem(voice_path(file, voice.name, folder), file) is not None]


def file_problem(path: Path, file: PublicFile) -> str | None:
    """How the file at `path` differs from `file`, in plain words; `None` if it does not."""
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"has {size} bytes, not {file.size}"
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, md5).hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    return None if found == file.md5 else f"is damaged or another version (MD5 is {found}, not {file.md5})"


def _part(path: Path) -> Path:
    """The path that the content of `path` has until it is complete."""
    return path.with_name(f"{path.name}.part")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


@contextlib.contextmanager
def _source(
    what: str, folder: Path, name: str, base_url: str, timeout: float, shutdown: Stage | None
) -> Iterator["Source"]:
    """The download server, while the lock of `name` is held. Turns OSError into DownloadFailed."""
    from wyoming_piper_serial.voices.remote.transfer import Source  # noqa: PLC0415 - imports urllib3, 30 ms

    shutdown = shutdown or Stage()
    shutdown.check()
    try:
        with _locked(folder, name, partial(shutdown.sleep, _LOCK_PERIOD)):
            yield Source(what, base_url, timeout, shutdown)
    except OSError as error:
        reason = "the disk is full" if error.errno in _FULL else "the download folder cannot be written"
        raise DownloadFailed(what, reason, f"{folder}: {error.strerror or error}") from error


@contextlib.contextmanager
def _locked(folder: Path, name: str, wait: Callable[[], object]) -> Iterator[None]:
    """Hold the lock of `name`, which one thread of one process can have. Creates the folder. Raises OSError.

    While the lock is not free, calls `wait`, which sleeps or raises.
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
            path.unlink()  # removed before the release: a process that waits opens the path again
        lock.release()


def _sync_folder(folder: Path) -> None:
    """Write the new names to the disk, so that a power cut does not undo one of them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[FileIO]:
    """A part, open for reading and appending. It is written to the disk at the end, or removed if it is empty."""
    with open(path, "a+b", buffering=0, opener=_without_links) as part:
        try:
            yield part
            os.fsync(part)
        except _NoRoomError:
            raise  # the disk has space for what is here: the next download continues it
        except OSError:
            part.truncate(0)  # a full disk gets its space back
            raise
        finally:
            if part.seek(0, os.SEEK_END) == 0:
                path.unlink()


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o666)
