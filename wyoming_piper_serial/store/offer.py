"""What is on offer now: the library's catalogue, kept up to date while the server runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from wyoming_piper_serial.store.catalogue import Catalogue
from wyoming_piper_serial.store.library import Library

_LOGGER = logging.getLogger(__name__)

_PERIOD = 2.0  # seconds between two looks: a stat for each file, and soon enough for who has just put a voice there


class Offer:
    """The catalogue of this moment. Lives on the event loop; looks at the disk in a thread."""

    def __init__(self, catalogue: Catalogue, library: Library | None = None) -> None:
        """Without a library, the catalogue never changes."""
        self.catalogue = catalogue
        self._library = library
        self._looking = asyncio.Lock()
        self._on_change: Callable[[Catalogue], Awaitable[None]] | None = None

    def on_change(self, told: Callable[[Catalogue], Awaitable[None]]) -> None:
        """Await `told` with each new catalogue, before it is on offer."""
        self._on_change = told

    async def watch(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            await asyncio.sleep(_PERIOD)
            try:
                await self.look()
            except Exception:
                _LOGGER.exception("the voices could not be looked at")

    async def look(self) -> None:
        """Look at the disk now."""
        if self._library is None:
            return
        async with self._looking:
            catalogue = await asyncio.to_thread(self._library.look)
            if catalogue is None:
                return
            if self._on_change is not None:
                await self._on_change(catalogue)
            self._note(catalogue)
            self.catalogue = catalogue

    def _note(self, catalogue: Catalogue) -> None:
        before, now = ({entry.name for entry in one.entries} for one in (self.catalogue, catalogue))
        for what, names in (("New", now - before), ("No longer there", before - now)):
            if names:
                _LOGGER.info("%s: %s", what, ", ".join(sorted(names)))
