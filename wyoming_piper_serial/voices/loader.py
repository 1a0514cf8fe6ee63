"""Loads voices into memory. Can be used in any thread."""

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from wyoming_piper_serial.model.device import Device, share_memory
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, VoicePhonemizer
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.files import check_digests
from wyoming_piper_serial.voices.pool import Instances

_LOGGER = logging.getLogger(__name__)


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
    ) -> None:
        """`cache_dir` is the folder for cut models; `None` means the user's cache folder."""
        self._instances = instances
        self._device = device
        self._phonemizers = phonemizers
        self._max_phonemes = max_phonemes
        self._cache_dir = cache_dir
        self._log_text = log_text
        self._lock = threading.Lock()
        self._load: Callable[[VoiceEntry, VoicePhonemizer], Voice] | None = None

    def __call__(self, entry: VoiceEntry) -> Instances:
        """Load `entry`. Raises VoiceFileError if a file is missing, damaged or not a Piper model."""
        # The process of the phonemizer starts while this one imports onnxruntime.
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
        loaded = tuple(load(entry, phonemizer) for _ in range(self._instances))
        copies = f", {self._instances} instances" if self._instances > 1 else ""
        _LOGGER.info("Voice %s loaded (%s%s)", entry.voice, self._device, copies)
        return loaded

    def _prepare(self) -> Callable[[VoiceEntry, VoicePhonemizer], Voice]:
        # These imports are slow. They are done here, in a thread, so that the server accepts connections meanwhile.
        from wyoming_piper_serial.model.graph.parts_cache import PartsCache, default_cache_dir  # noqa: PLC0415
        from wyoming_piper_serial.model.loading import load_streaming_voice  # noqa: PLC0415

        share_memory()
        load = partial(
            load_streaming_voice,
            device=self._device,
            cache=PartsCache(self._cache_dir or default_cache_dir()),
        )
        # The digest is known already, so the cache need not read the model to find its parts.
        return lambda entry, phonemizer: load(
            entry.config, entry.model, phonemizer=phonemizer, digest=entry.sha256 and entry.sha256[0]
        )
