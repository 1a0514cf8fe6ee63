"""Loads voices into memory. Can be used in any thread."""

import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.device import Device, share_memory
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.phonemes.client import PhonemizerDied
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, VoicePhonemizer
from wyoming_piper_serial.voices.catalogue import VoiceEntry, VoiceKey
from wyoming_piper_serial.voices.files import check_digests
from wyoming_piper_serial.voices.pool import Instances

_LOGGER = logging.getLogger(__name__)

# Seconds during which a voice that failed to load is not loaded again unless its files change. A failed load uses all
# cores for several seconds, and its cause, such as a missing phonemizer, rarely disappears by itself.
_BROKEN_SECONDS = 30.0


class BrokenVoices:
    """Remembers the voices that recently failed to load, by key. A voice gets a new key when its files change.
    Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._broken: dict[VoiceKey, tuple[float, VoiceFileError]] = {}

    def add(self, key: VoiceKey, error: VoiceFileError) -> None:
        """Records the error with which a voice failed to load."""
        with self._lock:
            self._broken = {key: value for key, value in self._broken.items() if self._is_recent(value[0])}
            self._broken[key] = (self._clock(), error)

    def check(self, key: VoiceKey) -> None:
        """Raises the recorded VoiceFileError if the voice failed to load in the last 30 seconds."""
        with self._lock:
            since, error = self._broken.get(key, (-math.inf, None))
            if error is not None and self._is_recent(since):
                raise error.copy()

    def _is_recent(self, since: float) -> bool:
        return self._clock() - since < _BROKEN_SECONDS


class VoiceLoader:
    """Loads the instances of a voice for the pool. The first call imports onnxruntime."""

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
        """`cache_dir` is the folder that stores the parts of models; `None` means the user's cache folder."""
        self._instances = instances
        self._device = device
        self._phonemizers = phonemizers
        self._max_phonemes = max_phonemes
        self._cache_dir = cache_dir
        self._log_text = log_text
        self._broken = BrokenVoices(clock)
        self._lock = threading.Lock()
        self._load: Callable[[VoiceEntry, VoicePhonemizer], Voice] | None = None

    def __call__(self, entry: VoiceEntry) -> Instances:
        """Loads `entry`. Raises VoiceFileError if a file is missing, damaged or not a Piper model.

        For 30 seconds after an error, calls for the same files raise the same error without reading the files.
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
        with self._lock:
            if self._load is None:
                self._load = self._prepare()
            load = self._load
        check_digests(entry)
        phonemizer.finish_loading()
        return tuple(load(entry, phonemizer) for _ in range(self._instances))

    def _prepare(self) -> Callable[[VoiceEntry, VoicePhonemizer], Voice]:
        # These slow imports run here, in a thread, so that the server can already accept connections.
        from wyoming_piper_serial.model.graph.parts_cache import PartsCache, default_cache_dir  # noqa: PLC0415
        from wyoming_piper_serial.model.loading import load_streaming_voice  # noqa: PLC0415

        share_memory()
        load = partial(
            load_streaming_voice,
            device=self._device,
            cache=PartsCache(self._cache_dir or default_cache_dir()),
        )
        # If the digest is already known, the cache can find the parts without reading the model.
        return lambda entry, phonemizer: load(
            entry.config, entry.model, phonemizer=phonemizer, digest=entry.sha256 and entry.sha256[0]
        )
