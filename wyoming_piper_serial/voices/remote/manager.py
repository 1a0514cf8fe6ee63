"""Downloads for those who wait on the event loop."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.voices.remote.download import fetch, update_list
from wyoming_piper_serial.voices.remote.index import PublicVoice

_LOGGER = logging.getLogger(__name__)
_AT_ONCE = 2  # two share a line that one can fill; more would only make all of them late

Fetch = Callable[..., None]
"""As `fetch`."""


class Downloads:
    """Voices on their way here. Lives on the event loop; downloads in threads."""

    def __init__(self, folder: Path | None, settings: Downloading, *, fetch: Fetch = fetch) -> None:
        self._folder = folder
        self._settings = settings
        self._fetch = fetch
        self._running: dict[str, asyncio.Task[None]] = {}
        self._shares: dict[str, float] = {}
        self._stop = threading.Event()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download")

    async def get(self, voice: PublicVoice) -> None:
        """Have the files of `voice` in the download folder, checked.

        Whoever asks while it is downloaded waits for that download, and it goes on when they leave. Raises
        DownloadFailed (the next to ask tries again) and ShuttingDown.
        """
        task = self._running.get(voice.name)
        if task is None:
            task = self._running[voice.name] = asyncio.create_task(self._download(voice))
            self._shares[voice.name] = 0.0
            task.add_done_callback(partial(self._ended, voice.name))
        await asyncio.shield(task)

    async def update_list(self) -> bool:
        """Refresh the list of public voices in the download folder; a warning and false where that fails."""
        try:
            await self._in_thread("The list of voices", update_list)
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            return False
        except ShuttingDown:
            return False
        return True

    def progress(self) -> Mapping[str, float]:
        """How much of each voice is here, from 0 to 1; only of those on their way."""
        return dict(self._shares)

    def close(self) -> None:
        """End all downloads at their next block, and begin no more."""
        self._stop.set()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _download(self, voice: PublicVoice) -> None:
        def note(done: int, total: int) -> None:
            self._shares[voice.name] = done / total

        _LOGGER.info("Voice %s: downloading %d MB", voice.name, voice.size >> 20)
        try:
            await self._in_thread(f"The voice {voice.name}", partial(self._fetch, voice), progress=note)
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            raise
        _LOGGER.info("Voice %s: downloaded", voice.name)

    async def _in_thread(self, what: str, work: Callable[..., None], **more: object) -> None:
        if self._stop.is_set():
            raise ShuttingDown
        if self._settings.offline:
            raise DownloadFailed(what, "this server is offline", "--offline")
        if self._folder is None:
            raise DownloadFailed(what, "there is no folder for it", "no home folder, and no --download-dir")
        call = partial(
            work,
            self._folder,
            base_url=self._settings.url,
            timeout=self._settings.timeout,
            stop=self._stop,
            **more,
        )
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except asyncio.CancelledError:
            if self._stop.is_set():  # `close` has dropped it before it began
                raise ShuttingDown from None
            raise

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        del self._running[name], self._shares[name]
        if not task.cancelled():
            task.exception()  # nobody may be left to hear of it
