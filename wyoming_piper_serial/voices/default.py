"""The default voice, which people may change while the server runs."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from wyoming_piper_serial.background import in_background
from wyoming_piper_serial.exceptions import VoiceError
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry


class Pool(Protocol):
    """The part of `VoicePool` that keeps the default voice in memory."""

    resident: str | None

    async def preload(self, entries: Iterable[VoiceEntry]) -> None:
        """Loads voices while no voice has users."""


def find_default(catalogue: Catalogue, operators: str) -> VoiceEntry:
    """Returns the default voice. `operators` is the name of the operator's default voice. Raises VoiceError."""
    default = catalogue.default_or(operators)
    return catalogue.find(default, default=default)


class DefaultFollower:
    """Keeps the current default voice in memory instead of the one before. Must be used in the event loop."""

    def __init__(self, pool: Pool, operators: str) -> None:
        """`operators` is the name of the operator's default voice."""
        self._pool = pool
        self._operators = operators
        self.loading: asyncio.Task[None] | None = None
        """The last load of a default voice, which has to be cancelled at the end."""

    def follow(self, catalogue: Catalogue) -> None:
        """Starts to load the default voice of `catalogue` if it is another voice than before."""
        try:
            entry = find_default(catalogue, self._operators)
        except VoiceError:  # its files were removed; requests get this error
            return
        if entry.voice != self._pool.resident:
            self._pool.resident = entry.voice
            if self.loading is not None:
                self.loading.cancel()
            self.loading = in_background(self._pool.preload([entry]))
