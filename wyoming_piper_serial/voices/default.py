"""The voices that are loaded without a request: the default voice, which users can change while the server runs, and
the preloaded voices."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from wyoming_piper_serial.background import in_background
from wyoming_piper_serial.exceptions import VoiceError
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry

_LOGGER = logging.getLogger(__name__)

_ALL = "all"  # The name in --preload that selects all voices.


class Pool(Protocol):
    """The part of the `VoicePool` interface that is used to keep the default voice in memory."""

    resident: str | None

    async def preload(self, entries: Iterable[VoiceEntry]) -> None:
        """Loads voices one after another. Starts each load only while no request uses a voice."""


def find_default(catalogue: Catalogue, operators: str) -> VoiceEntry:
    """Returns the default voice. `operators` is the name of the operator's default voice, which is used unless users
    have chosen another one. Raises VoiceError."""
    default = catalogue.default_or(operators)
    return catalogue.find(default, default=default)


def find_preloads(catalogue: Catalogue, names: Iterable[str], default: str) -> list[VoiceEntry]:
    """Returns the voices with the given names (--preload), in this order and without duplicates. `default` is the name
    of the default voice.

    Skips a public voice that is not installed, because it may have been impossible to download it. Raises VoiceError if
    a name is unknown.
    """
    found: list[VoiceEntry] = []
    for name in names:
        if name == _ALL:
            found += catalogue.entries
        elif catalogue.to_download(name) is None:
            found.append(catalogue.find(name, default=default))
        else:
            _LOGGER.warning("--preload %s: this voice is not installed", name)
    return list({entry.key: entry for entry in found}.values())


class DefaultFollower:
    """Preloads the default voice when it changes, and makes it the resident voice of the pool. Must be used in the
    event loop."""

    def __init__(self, pool: Pool, operators: str) -> None:
        """`operators` is the name of the operator's default voice."""
        self._pool = pool
        self._operators = operators
        self.loading: asyncio.Task[None] | None = None
        """The last task that loads a default voice. Must be cancelled at shutdown."""

    def follow(self, catalogue: Catalogue) -> None:
        """If `catalogue` has a different default voice than before, makes it the resident voice and starts to preload
        it."""
        try:
            entry = find_default(catalogue, self._operators)
        except VoiceError:  # the default voice has been removed; requests for it get the same error
            return
        if entry.voice != self._pool.resident:
            self._pool.resident = entry.voice
            if self.loading is not None:
                self.loading.cancel()
            self.loading = in_background(self._pool.preload([entry]))
