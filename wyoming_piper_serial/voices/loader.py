"""Loads voices into memory. Thread-safe."""

import logging
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.device import Device, share_memory
from wyoming_piper_serial.model.graph.parts import Parts
from wyoming_piper_serial.model.graph.parts_cache import PartsCache, default_cache_dir
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.phonemes.client import PhonemizerDied
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, VoicePhonemizer
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey
from wyoming_piper_serial.voices.files import check_digests
from wyoming_piper_serial.voices.pool import Instances

_LOGGER = logging.getLogger(__name__)

# After a failed load, the same files are not loaded again for this number of seconds. A failed load can use all cores
# for several seconds, and its cause, such as a missing phonemizer, rarely goes away by itself.
_BROKEN_SECONDS = 30.0

_LoadVoice = Callable[[VoiceEntry, VoicePhonemizer, Parts | None], Voice]
"""Loads one instance of a voice from its stored parts. If there are none, splits the model first."""


class BrokenVoices:
    """Remembers for 30 seconds which voices failed to load. The voices are identified by a key that changes with their
    files. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._broken: dict[VoiceKey, tuple[float, VoiceFileError]] = {}

    def add(self, key: VoiceKey, error: VoiceFileError) -> None:
        """Records that loading the voice raised `error`."""
        with self._lock:
            self._broken = {key: value for key, value in self._broken.items() if self._is_recent(value[0])}
            self._broken[key] = (self._clock(), error)

    def check(self, key: VoiceKey) -> None:
        """Raises a copy of the recorded VoiceFileError if the voice failed to load in the last 30 seconds."""
        with self._lock:
            since, error = self._broken.get(key, (-math.inf, None))
            if error is not None and self._is_recent(since):
                raise error.copy()

    def _is_recent(self, since: float) -> bool:
        return self._clock() - since < _BROKEN_SECONDS


class VoiceLoader:
    """Loads the instances of a voice for the pool. The first load imports onnxruntime."""

    def __init__(
        self,
        *,
        instances: int,
        device: Device,
        phonemizers: Phonemizers,
        max_phonemes: int,
        cache_dir: Path | None,
        log_text: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`cache_dir` is the folder in which the parts of split models are stored; `None` means the user's cache
        folder."""
        self._instances = instances
        self._device = device
        self._phonemizers = phonemizers
        self._max_phonemes = max_phonemes
        self._cache = PartsCache(cache_dir or default_cache_dir())
        self._log_text = log_text
        self._broken = BrokenVoices(clock)
        self._lock = threading.Lock()
        self._load_voice: _LoadVoice | None = None

    def __call__(self, entry: VoiceEntry) -> Instances:
        """Loads `entry`. Raises VoiceFileError if a file is missing, damaged or not a Piper model, or if the phonemizer
        does not work. Raises SettingsError if onnxruntime cannot use the device.

        For 30 seconds after a VoiceFileError, further calls for the same files raise the same error without reading the
        files. This does not apply if the phonemizer process has died.
        """
        self._broken.check(entry.key)
        try:
            loaded = self._loaded(entry)
        except VoiceFileError as error:
            # If the phonemizer process has died, for example because the machine ran out of memory, the files may be
            # intact.
            if not isinstance(error.__cause__, PhonemizerDied):
                self._broken.add(entry.key, error)
            raise
        copies = f", {self._instances} instances" if self._instances > 1 else ""
        _LOGGER.info("Voice %s loaded (%s%s)", entry.voice, self._device, copies)
        return loaded

    def _loaded(self, entry: VoiceEntry) -> Instances:
        # The phonemizer process starts while this process imports onnxruntime.
        phonemizer = VoicePhonemizer(
            entry.config.phonemes,
            self._phonemizers,
            self._max_phonemes,
            folder=entry.model.parent,
            log_text=self._log_text,
        )
        # Reading and hashing files release the global interpreter lock, so they run in another thread while this thread
        # imports onnxruntime.
        with ThreadPoolExecutor(1, thread_name_prefix="reader") as reader:
            stored = reader.submit(self._stored_parts, entry)
            with self._lock:
                load = self._load_voice = self._load_voice or self._prepare()
            parts = stored.result()
        phonemizer.finish_loading()
        voices = [load(entry, phonemizer, parts)]
        while len(voices) < self._instances:
            voices.append(load(entry, phonemizer, parts or self._stored_parts(entry)))
        return tuple(voices)

    def _stored_parts(self, entry: VoiceEntry) -> Parts | None:
        """Checks the digests of the files of `entry`, if they are known. Returns the stored parts of its split model,
        or `None` if no parts are stored. Raises VoiceFileError.

        If the digest of the model is known, the cache can find the parts without reading the model. If it finds them,
        the model file is not checked, because the parts have their own checksums.
        """
        try:
            parts = self._cache.get(entry.model, entry.sha256 and entry.sha256[0])
        except OSError as error:
            raise VoiceFileError(entry.name, f"{entry.model}: {error.strerror or error}") from error
        check_digests(entry, model=parts is None)
        return parts

    def _prepare(self) -> _LoadVoice:
        # The slow import of onnxruntime runs in a thread, so that the server can already accept connections.
        from wyoming_piper_serial.model.loading import load_streaming_voice  # noqa: PLC0415

        share_memory()
        load = partial(load_streaming_voice, device=self._device, cache=self._cache)
        return lambda entry, phonemizer, parts: load(entry.config, entry.model, phonemizer=phonemizer, parts=parts)
