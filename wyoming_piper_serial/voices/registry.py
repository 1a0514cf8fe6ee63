"""Keeps the catalogue of voices up to date while the server runs."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wyoming_piper_serial.background import in_background
from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.text.lexicon import Lexicon
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.voices.remote.manager import Downloads, Progress
from wyoming_piper_serial.voices.scanner import FolderScanner
from wyoming_piper_serial.voices.selection import VoiceSelector

_LOGGER = logging.getLogger(__name__)

_PERIOD = 2.0  # seconds between two scans of the folders; a scan calls `stat` once per file


class VoiceRegistry:
    """Provides the current catalogue of voices, and downloads voices on demand. Must be used in the event loop. A
    thread reads from the disk."""

    def __init__(
        self,
        catalogue: Catalogue,
        scanner: FolderScanner | None = None,
        downloads: Downloads | None = None,
        *,
        lexicons: Lexicons | None = None,
        shutdown: Stage | None = None,
        period: float = _PERIOD,
    ) -> None:
        """`period` is the time in seconds between two scans of the voice folders.

        Without a scanner, the catalogue never changes. Without `downloads`, voices are not downloaded. `lexicons` are
        read in the same thread as the voice folders.
        """
        self.catalogue = catalogue
        self.downloads = downloads
        """The downloads, or `None` if voices are not downloaded."""

        self._scanner = scanner
        self._lexicons = lexicons or Lexicons()
        self._period = period
        self._looking = asyncio.Lock()
        self._looks: set[asyncio.Task[None]] = set()
        # The event loop's default executor is not used, because asyncio waits for its threads at exit, and a disk may
        # never respond.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scanner")
        self._on_change: Callable[[Catalogue], Awaitable[None]] | None = None
        self._shutdown = Stage() if shutdown is None else shutdown
        self._shutdown.on_begin(self._stop)

    @property
    def lexicon(self) -> Lexicon:
        """The current lexicon."""
        return self._lexicons.current

    def on_change(self, callback: Callable[[Catalogue], Awaitable[None]]) -> None:
        """Sets the coroutine function that is called with each new catalogue."""
        self._on_change = callback

    async def fetch(self, selector: VoiceSelector, default: str) -> None:
        """Downloads the selected voice if it is offered but not yet installed.

        Raises DownloadFailed or ShuttingDown.
        """
        public = self.catalogue.downloadable(selector.name, selector.language, default=default)
        if public is not None and self.downloads is not None:
            await self.downloads.get(public)
            await self.look(complete=public.name)

    def start_download(self, voice: PublicVoice) -> None:
        """Starts to download `voice`. Offers the voice when the download is complete. If the download fails,
        `failed_downloads` contains the error message."""
        if self.downloads is not None:
            self.downloads.start(voice).add_done_callback(partial(self._arrived, voice.name))

    def _arrived(self, name: str, download: "asyncio.Task[None]") -> None:
        if not download.cancelled() and download.exception() is None:
            look = in_background(self.look(complete=name))
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)

    def arriving(self) -> Mapping[str, Progress]:
        """Returns, by voice name, the progress of each running or waiting download."""
        return {} if self.downloads is None else self.downloads.progress()

    def shares(self) -> dict[str, float]:
        """Returns, by voice name, the completed fraction (0 to 1) of each running or waiting download."""
        return {name: progress.share for name, progress in self.arriving().items()}

    def failed_downloads(self) -> Mapping[str, str]:
        """Returns, by voice name, the error message of each failed download that has not been restarted."""
        return {} if self.downloads is None else self.downloads.failures()

    async def refresh(self) -> None:
        """Downloads the list of public voices. Logs a warning if this fails."""
        if self.downloads is not None and await self.downloads.update_list():
            await self.look()

    async def reload(self, settings: Settings) -> None:
        """Applies the presets and lexicons in `settings`, and scans the voice folders immediately."""
        async with self._looking:
            self._lexicons.use(settings)
            if self._scanner is not None:
                self._scanner.use(settings)
        await self.look()

    async def watch(self) -> None:
        """Scans the voice folders every `period` seconds until shutdown."""
        while not self._shutdown.begun:
            try:
                await self.look()
            except Exception:
                _LOGGER.exception("the folders with voices could not be scanned")
            with contextlib.suppress(ShuttingDown):
                await self._shutdown.unless_begun(asyncio.sleep(self._period))

    async def look(self, *, complete: str | None = None) -> None:
        """Scans the voice folders immediately. Offers the voice `complete` even if its files have just been written.
        Does nothing if there is no scanner or the shutdown has begun.

        If the caller is cancelled, the scan continues, because its result must not be lost: the scanner reports each
        change only once.
        """
        if self._scanner is not None and not self._shutdown.begun:
            look = asyncio.create_task(self._look(self._scanner, complete))
            self._looks.add(look)
            look.add_done_callback(self._looks.discard)
            await asyncio.shield(look)

    async def _look(self, scanner: FolderScanner, complete: str | None) -> None:
        async with self._looking:
            if self._shutdown.begun:
                return
            look = partial(self._scan, scanner, complete)
            catalogue = await asyncio.get_running_loop().run_in_executor(self._thread, look)
            if catalogue is None or self._shutdown.begun:
                return
            before, self.catalogue = self.catalogue, catalogue
            if self._on_change is not None:
                await self._on_change(catalogue)
            _log_changes(before, catalogue)  # the change is logged last, so that clients see it first

    def _scan(self, scanner: FolderScanner, complete: str | None) -> Catalogue | None:
        self._lexicons.look()
        return scanner.look(complete=complete)

    def _stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


def _log_changes(before: Catalogue, now: Catalogue) -> None:
    old, new = ({entry.name for entry in catalogue.entries} for catalogue in (before, now))
    for change, names in (("New", new - old), ("No longer offered", old - new)):
        if names:
            _LOGGER.info("%s: %s", change, ", ".join(sorted(names)))
