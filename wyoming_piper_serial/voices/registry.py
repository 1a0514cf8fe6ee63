"""What is on offer now: the library's catalogue, kept up to date while the server runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry, VoiceSelector
from wyoming_piper_serial.voices.remote.manager import Downloads
from wyoming_piper_serial.voices.scanner import FolderScanner

_LOGGER = logging.getLogger(__name__)

_PERIOD = 2.0  # seconds between two looks: a stat for each file, and soon enough for who has just put a voice there


class VoiceRegistry:
    """The catalogue of this moment. Lives on the event loop; looks at the disk in a thread."""

    def __init__(
        self, catalogue: Catalogue, scanner: FolderScanner | None = None, downloads: Downloads | None = None
    ) -> None:
        """Without a library, the catalogue never changes; without downloads, nothing is fetched."""
        self.catalogue = catalogue
        self._scanner = scanner
        self._downloads = downloads
        self._looking = asyncio.Lock()
        self._looks: set[asyncio.Task[None]] = set()
        # Of its own: a disk that hangs must not keep the process from ending.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="library")
        self._closed = False
        self._on_change: Callable[[Catalogue], Awaitable[None]] | None = None

    def on_change(self, told: Callable[[Catalogue], Awaitable[None]]) -> None:
        """Await `told` with each new catalogue."""
        self._on_change = told

    async def voice(self, selector: VoiceSelector, default: str) -> VoiceEntry:
        """The voice that fits `wish`, fetched first if it is not here. Raises VoiceError or ShuttingDown."""
        public = self.catalogue.downloadable(selector, default)
        if public is not None and self._downloads is not None:
            await self._downloads.get(public)
            await self.look(complete=public.name)
        return self.catalogue.find(selector, default)

    def arriving(self) -> Mapping[str, float]:
        """Voices that are being downloaded, with how much of each is here, from 0 to 1."""
        return {} if self._downloads is None else self._downloads.progress()

    async def refresh(self) -> None:
        """Fetch a newer list of what can be downloaded; a failure is a warning."""
        if self._downloads is not None and await self._downloads.update_list():
            await self.look()

    def close(self) -> None:
        """End all downloads and looks, and begin no more."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        if self._downloads is not None:
            self._downloads.close()

    async def watch(self) -> None:
        """Look now and then, until closed."""
        await self.look()  # what came while the server began
        while not self._closed:
            await asyncio.sleep(_PERIOD)
            try:
                await self.look()
            except Exception:
                _LOGGER.exception("the voices could not be looked at")

    async def look(self, *, complete: str | None = None) -> None:
        """Look at the disk now. The voice `complete` is known to be written whole, however lately.

        Goes on to its end when whoever waits for it leaves: what the library has told once, it does not tell again.
        """
        if self._scanner is not None and not self._closed:
            looking = asyncio.create_task(self._look(self._scanner, complete))
            self._looks.add(looking)
            looking.add_done_callback(self._looks.discard)
            await asyncio.shield(looking)

    async def _look(self, scanner: FolderScanner, complete: str | None) -> None:
        async with self._looking:
            if self._closed:
                return
            look = partial(scanner.look, complete=complete)
            catalogue = await asyncio.get_running_loop().run_in_executor(self._thread, look)
            if catalogue is None or self._closed:
                return
            self._note(catalogue)
            self.catalogue = catalogue
            if self._on_change is not None:
                await self._on_change(catalogue)

    def _note(self, catalogue: Catalogue) -> None:
        before, now = ({entry.name for entry in one.entries} for one in (self.catalogue, catalogue))
        for what, names in (("New", now - before), ("No longer there", before - now)):
            if names:
                _LOGGER.info("%s: %s", what, ", ".join(sorted(names)))
