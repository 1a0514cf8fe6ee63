"""Voice uploads. A client uploads the config first, then the model. The voice is offered only after both have been
checked."""

import asyncio
import contextlib
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar

from wyoming_piper_serial.exceptions import (
    BadRequest,
    Conflict,
    QueueFull,
    VoiceFileError,
)
from wyoming_piper_serial.model.config import MAX_CONFIG as MAX_CONFIG
from wyoming_piper_serial.model.config import read_config
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.catalogue import VoiceEntry, fold
from wyoming_piper_serial.voices.changes import no_folder, not_stored
from wyoming_piper_serial.voices.files import replace_file, stamp
from wyoming_piper_serial.voices.inventory import CONFIG, MODEL, WEIGHTS
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.download import DiskSpace, locked, sync_folder
from wyoming_piper_serial.voices.scanner import need_of

T = TypeVar("T")

STAGING = ".uploads"
"""Name of the folder for uploaded files that have not been checked yet. It is in the download folder."""

_AT_ONCE = 2  # Maximum number of simultaneous model uploads. People usually upload one voice after another.
_MAX_STAGED = 16  # Maximum number of configs without a model. Such a config remains if its model is never uploaded.
_BLOCK = 1 << 20  # Number of bytes per write. Smaller blocks would need too many thread switches.
_ONNX = b"\x08"  # The first byte of an ONNX file: the tag of the protocol buffer field `ir_version`.
_NAME = re.compile(r"\w[\w.+-]{0,99}")


class Uploads:
    """Checks and stores uploaded voices. Must be used in the event loop. Threads write to the disk.

    Each method also raises NotStored if there is no folder for voices or writing to the disk fails, and ShuttingDown
    after the shutdown has begun.
    """

    def __init__(
        self,
        folder: Path | None,
        registry: VoiceRegistry,
        try_voice: Callable[[VoiceEntry], Awaitable[None]],
        *,
        shutdown: Stage | None = None,
    ) -> None:
        """`try_voice` loads a voice. It raises VoiceFileError if the voice cannot be used, and other errors if loading
        takes too long."""
        self._folder = folder
        self._registry = registry
        self._try_voice = try_voice
        self._space = DiskSpace() if registry.downloads is None else registry.downloads.space
        self._uploading: set[str] = set()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="upload")
        self._shutdown = shutdown or Stage()
        self._shutdown.on_begin(partial(self._threads.shutdown, wait=False))

    async def put_config(self, name: str, content: bytes) -> None:
        """Stores and checks the uploaded config of the voice `name`. Does not offer the voice yet.

        Raises BadRequest if the config or the name is invalid, or Conflict if the voice already exists or is being
        uploaded.
        """
        staging = self._staging(name)
        if name in self._uploading:
            raise Conflict(f"The voice {name} is already being uploaded.")
        await self._in_thread(partial(_stage_config, staging, name, content, frozenset(self._uploading)))

    async def put_model(self, name: str, pieces: AsyncIterator[bytes], *, size: int | None = None) -> None:
        """Stores and checks the uploaded model of the voice `name`, then offers the voice unless its phonemizer lacks a
        package or a file. `put_config` must have stored its config.

        `size` is the number of bytes, or `None` if unknown. Raises BadRequest if the name is invalid or the model
        cannot be used, Conflict if there is no config or the voice already exists or is being uploaded or downloaded,
        and QueueFull if too many models are being uploaded. Other exceptions from `pieces` and `try_voice` are passed
        on. If the upload has begun and then fails, the uploaded config and model are deleted, except during the
        shutdown.
        """
        staging = self._staging(name)
        if name in self._uploading:
            raise Conflict(f"The voice {name} is already being uploaded.")
        if len(self._uploading) >= _AT_ONCE:
            raise QueueFull("Other voices are being uploaded; please try again in a moment.")
        self._uploading.add(name)
        model = staging / f"{name}{MODEL}"
        try:
            await self._in_thread(partial(_check_config, staging, name))
            try:
                await self._receive(model, pieces, size)
                await self._check(name, model)
                await self._in_thread(partial(_commit, staging, name, staging.parent))
            finally:
                await self._in_thread(partial(_discard, staging, name))
        finally:
            self._uploading.discard(name)
        await self._registry.look(complete=name)

    def _staging(self, name: str) -> Path:
        """Returns the folder for uploaded files that have not been checked. Raises BadRequest if `name` is invalid,
        Conflict if the voice exists, or NotStored if there is no folder for voices."""
        if self._folder is None:
            raise no_folder()
        if not _NAME.fullmatch(name):
            raise BadRequest(
                "The name of a voice has up to 100 letters, digits, dots, dashes and underscores, and begins with a "
                "letter or a digit, such as en_US-joe-medium."
            )
        catalogue = self._registry.catalogue
        names = [
            *(entry.name for entry in catalogue.entries),
            *(entry.voice for entry in catalogue.entries),
            *(voice.config.name for voice in catalogue.unavailable),
            *(voice.name for voice in catalogue.broken),
        ]
        if fold(name) in map(fold, names):
            raise Conflict(f"There is already a voice {name}. Remove it first.")
        return self._folder / STAGING

    async def _receive(self, model: Path, pieces: AsyncIterator[bytes], size: int | None) -> None:
        """Writes the uploaded model to the disk. Raises BadRequest if the model is empty or does not start like an ONNX
        file."""
        written = 0
        # Remove an existing file or link at this path, such as a file left behind by a crash.
        await self._in_thread(partial(model.unlink, missing_ok=True))
        file = await self._in_thread(partial(_create, model))
        try:
            async for block in _blocks(pieces):
                if not written and not block.startswith(_ONNX):
                    raise BadRequest("The file is not an ONNX model.")
                left = len(block) if size is None else max(len(block), size - written)
                await self._in_thread(partial(self._write, file, model, block, left))
                written += len(block)
        finally:
            await self._in_thread(partial(_close, file))
            self._space.release(str(model))
        if not written:
            raise BadRequest("The model is empty.")

    def _write(self, file: BinaryIO, model: Path, block: bytes, left: int) -> None:
        self._space.reserve(model.parent, str(model), left)
        file.write(block)

    async def _check(self, name: str, model: Path) -> None:
        """Checks the uploaded voice by loading it, unless its phonemizer lacks a package or a file. Raises BadRequest
        if the voice cannot be used."""

        def entry_of() -> VoiceEntry | None:
            config = read_config(model.with_name(f"{name}{CONFIG}"), name)
            found = stamp(model)
            if need_of(config, model.parent.parent) is not None:
                return None  # the voice's phonemizer lacks a package or a file, so the voice cannot be loaded yet
            return VoiceEntry(config=config, model=model, stamp=(STAGING, found), size=found.size if found else 0)

        try:
            entry = await self._in_thread(entry_of)
            if entry is not None:
                await self._try_voice(entry)
        except VoiceFileError as error:
            raise BadRequest(f"The model cannot be used: {_reason(error, model.parent)}.") from error

    async def _in_thread(self, work: Callable[[], T]) -> T:
        self._shutdown.check()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except OSError as error:
            raise not_stored(error) from error


def _reason(error: VoiceFileError, folder: Path) -> str:
    """Returns the detail of `error` as one line of at most 300 characters, without the path of `folder`."""
    return " ".join(error.detail.replace(f"{folder}{os.sep}", "").split())[:300].rstrip(".")


async def _blocks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yields the bytes of all `pieces` in blocks of about one megabyte."""
    block = bytearray()
    async for piece in pieces:
        block += piece
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)


def _stage_config(staging: Path, name: str, content: bytes, uploading: Collection[str]) -> None:
    """Stores an uploaded config. Removes models left behind by a crash and, if too many configs without a model are
    stored, the oldest configs."""
    path = staging / f"{name}{CONFIG}"
    _check_absent(staging.parent, name)
    for model in staging.glob(f"*{MODEL}"):
        if model.name.removesuffix(MODEL) not in uploading:
            model.unlink(missing_ok=True)
    configs = [one for one in staging.glob(f"*{CONFIG}") if one.name.removesuffix(CONFIG) not in {name, *uploading}]
    for old in sorted(configs, key=lambda one: one.stat().st_mtime)[: max(0, len(configs) + 1 - _MAX_STAGED)]:
        old.unlink(missing_ok=True)
    replace_file(path, content)
    try:
        read_config(path, name)
    except VoiceFileError as error:
        path.unlink(missing_ok=True)
        raise BadRequest(f"The config cannot be used: {_reason(error, staging)}.") from error


def _check_config(staging: Path, name: str) -> None:
    if not (staging / f"{name}{CONFIG}").is_file():
        raise Conflict(f"Upload the config of {name} first ({name}{CONFIG}).")


def _check_absent(folder: Path, name: str) -> None:
    """Raises Conflict if the folder contains a model or weights file for `name`. Such a voice may be too new for the
    catalogue."""
    if any((folder / f"{name}{ending}").exists() for ending in (MODEL, WEIGHTS)):
        raise Conflict(f"There are already files of a voice {name}. Remove it first.")


def _commit(staging: Path, name: str, folder: Path) -> None:
    """Moves the uploaded config and model into the voice folder. Moves the model last, because a config without a model
    does not count as a voice."""
    with locked(folder, name, partial(_refuse, name)):
        _check_absent(folder, name)
        for ending in (CONFIG, MODEL):
            (staging / f"{name}{ending}").replace(folder / f"{name}{ending}")
        sync_folder(folder)


def _refuse(name: str) -> None:
    raise Conflict(f"The voice {name} is being downloaded.")


def _discard(staging: Path, name: str) -> None:
    for ending in (CONFIG, MODEL):
        (staging / f"{name}{ending}").unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # `rmdir` fails if the folder still contains other files
        staging.rmdir()


def _create(path: Path) -> BinaryIO:
    return path.open("xb")  # `_close` closes this file


def _close(file: BinaryIO) -> None:
    with file:
        file.flush()
        os.fsync(file.fileno())
