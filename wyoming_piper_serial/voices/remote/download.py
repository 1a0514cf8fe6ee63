"""Files of public voices, from the network to a folder: whole and right, or not there at all.

A voice is NAME.onnx.json and NAME.onnx. Both arrive as `.part` files, are checked against the list while they arrive,
and get their names when both are complete, the model last: without it there is no voice. The model's `.part` is locked
(flock) meanwhile, so that two processes never write the same file: the second waits, and finds the work done.
"""

import contextlib
import errno
import fcntl
import hashlib
import io
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.voices.remote.fetch import BLOCK, Cut, Failure, Source, continues
from wyoming_piper_serial.voices.remote.index import (
    LIST_NAME,
    MAX_LIST,
    BadVoiceList,
    PublicFile,
    PublicVoice,
    parse_public,
)

_ATTEMPTS = 3  # connections for one file, if each brings something; a line that drops that often needs a pause
_KEPT_FREE = 64 << 20  # bytes of the disk: one that is full to the last stops more than this server
_LOCK_PERIOD = 0.2  # seconds between two looks at a lock that another process holds
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

Progress = Callable[[int, int], object]
"""Is told the bytes that are there, and those of the whole voice."""


class _Wrong(Failure):
    """What has arrived is not the file."""


def fetch(
    voice: PublicVoice,
    folder: Path,
    *,
    base_url: str,
    timeout: float,
    progress: Progress | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Have `voice` in `folder`; the network is asked only for what is not there and right.

    Waits `timeout` seconds for a connection and for each answer. Blocks; made for a thread. Raises DownloadFailed, and
    ShuttingDown once `stop` is set.
    """
    if not missing_files(voice, folder):
        return
    work = _Work(base_url, timeout, stop or threading.Event())
    with _explained(f"The voice {voice.name}", folder), contextlib.ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        model = stack.enter_context(work.locked(_part(voice_path(voice.model, voice.name, folder))))
        missing = missing_files(voice, folder)  # another process may just have been here
        done = voice.size - sum(file.size for file in missing)
        _check_room(folder, max(0, voice.size - done - model.size))
        parts: dict[Path, _Part] = {}
        for file in reversed(missing):  # the config is small: what is wrong shows early
            path = voice_path(file, voice.name, folder)
            part = model if file is voice.model else stack.enter_context(work.locked(_part(path)))
            work.download(file, part, partial(_tell, progress, done, voice.size))
            done += file.size
            parts[path] = part
        if voice.model in missing:
            # An old model must not be seen beside a new config.
            voice_path(voice.model, voice.name, folder).unlink(missing_ok=True)
        else:
            model.empty()
        for path, part in parts.items():
            part.take(path)
        _sync_folder(folder)


def update_list(folder: Path, *, base_url: str, timeout: float, stop: threading.Event | None = None) -> None:
    """Refresh the list of voices in `folder`. Raises DownloadFailed, and ShuttingDown once `stop` is set."""
    work = _Work(base_url, timeout, stop or threading.Event())
    path = folder / LIST_NAME
    with _explained("The list of voices", folder):
        content = work.source.read(LIST_NAME, MAX_LIST)
        try:
            parse_public(content)
        except BadVoiceList as error:
            raise Failure("what arrived is no list of voices", error) from error
        folder.mkdir(parents=True, exist_ok=True)
        with work.locked(_part(path)) as part:
            part.empty()
            part.write(content)
            part.take(path)


def voice_path(file: PublicFile, name: str, folder: Path) -> Path:
    """Where a file of the voice `name` belongs."""
    return folder / f"{name}{'.onnx.json' if file.path.endswith('.json') else '.onnx'}"


def missing_files(voice: PublicVoice, folder: Path) -> list[PublicFile]:
    """Those that are not there, or not as they should be."""
    return [file for file in voice.files if trouble_with(voice_path(file, voice.name, folder), file) is not None]


def trouble_with(path: Path, file: PublicFile) -> str | None:
    """What is wrong with what lies at `path`; `None` if it is `file`."""
    try:
        size = path.stat().st_size
        if size != file.size:
            return f"has {size} bytes, not {file.size}"
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, _md5).hexdigest()
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror or error})"
    return None if found == file.md5 else f"is damaged or another version (MD5 is {found}, not {file.md5})"


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _md5() -> Any:
    # The list has no better one. It finds damage; who may be trusted to send a voice is a matter of the address.
    return hashlib.md5(usedforsecurity=False)


def _tell(progress: Progress | None, before: int, total: int, have: int) -> None:
    if progress is not None:
        progress(before + have, total)


@contextlib.contextmanager
def _explained(what: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except Failure as error:
        raise DownloadFailed(what, error.reason, error.detail) from error
    except OSError as error:
        reason = "the disk is full" if error.errno in _FULL else "the download folder cannot be written"
        raise DownloadFailed(what, reason, f"{folder}: {error.strerror or error}") from error


def _check_room(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed + _KEPT_FREE:
        raise Failure("the disk is full", f"{folder}: {needed >> 20} MB are needed, {free >> 20} MB are free")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Part:
    """A file that is not complete yet; open, and locked against other processes."""

    def __init__(self, path: Path, stream: io.FileIO) -> None:
        self.path = path
        self._stream = stream

    @property
    def size(self) -> int:
        return os.fstat(self._stream.fileno()).st_size

    def empty(self) -> None:
        self._stream.seek(0)
        self._stream.truncate()

    def blocks(self) -> Iterator[bytes]:
        """All that is there; what is written next goes behind it."""
        self._stream.seek(0)
        while block := self._stream.read(BLOCK):
            yield block

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._stream.write(rest) :]
        except OSError:
            self.empty()  # a full disk gets its room back
            raise

    def take(self, path: Path) -> None:
        """Give it its name, for good."""
        os.fsync(self._stream.fileno())
        self.path.replace(path)


class _Work:
    """What one download needs at every step."""

    def __init__(self, base_url: str, timeout: float, stop: threading.Event) -> None:
        self.source = Source(base_url, timeout, stop)
        self._stop = stop

    @contextlib.contextmanager
    def locked(self, path: Path) -> Iterator[_Part]:
        """The file at `path`, made if need be and locked while inside. An empty one is not left behind."""
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            with os.fdopen(descriptor, "r+b", buffering=0) as stream:
                self._lock(descriptor)
                # Who had it before may have given it its name, or removed it: then it is not this file any more.
                if not _is_at(path, descriptor):
                    continue
                try:
                    yield _Part(path, stream)
                finally:
                    if _is_at(path, descriptor) and os.fstat(descriptor).st_size == 0:
                        path.unlink()
                return

    def _lock(self, descriptor: int) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self._stop.wait(_LOCK_PERIOD)
                self.source.check_stop()
            else:
                return

    def download(self, file: PublicFile, part: _Part, tell: Callable[[int], None]) -> None:
        """Complete `part`, from where it stands."""
        for run_step in range(1, _ATTEMPTS + 1):
            before = part.size
            try:
                self._attempt(file, part, tell)
                return
            except Cut:
                if part.size <= before or run_step == _ATTEMPTS:
                    raise
            except _Wrong:
                part.empty()
                # What lay there may have been of another version; what came now in one piece is no better next time.
                if not before or run_step == _ATTEMPTS:
                    raise

    def _attempt(self, file: PublicFile, part: _Part, tell: Callable[[int], None]) -> None:
        digest = _md5()
        have = part.size
        if have > file.size:
            part.empty()
            have = 0
        for block in part.blocks():
            self.source.check_stop()
            digest.update(block)
        if have < file.size:
            with self.source.get(file.path, have) as response:
                anew = bool(have) and not continues(response, have)
                length = response.length
                if length is not None and (0 if anew else have) + length != file.size:
                    # A page of somebody in between, perhaps: what is here already may still be right.
                    wrong = Failure if anew else _Wrong
                    raise wrong("the server has a file of another size", f"{file.path}: {length} more bytes")
                if anew:
                    part.empty()
                    digest, have = _md5(), 0
                tell(have)
                for block in self.source.blocks(response):
                    have += len(block)
                    if have > file.size:
                        raise _Wrong("the server sends more than the list says", file.path)
                    digest.update(block)
                    part.write(block)
                    tell(have)
        if have < file.size:
            raise Cut("the connection was cut", f"{file.path}: after {have} of {file.size} bytes")
        if digest.hexdigest() != file.md5:
            raise _Wrong(
                "what arrived is not the file of the list", f"{file.path}: MD5 {digest.hexdigest()}, not {file.md5}"
            )


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
