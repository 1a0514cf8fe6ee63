"""Runs downloads in threads for tasks of the event loop."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import DownloadFailed, PiperSerialError, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.download import DiskSpace, fetch, update_list
from wyoming_piper_serial.voices.remote.index import PublicVoice

_LOGGER = logging.getLogger(__name__)
_AT_ONCE = 2  # maximum number of simultaneous downloads; more would share the bandwidth and make each one slower


class Downloads:
    """Runs downloads in threads, at most one per voice at a time. Must be used in the event loop. Stops when the
    shutdown begins."""

    def __init__(
        self,
        folder: Path | None,
        settings: Downloading,
        *,
        shutdown: Stage | None = None,
        fetch: Callable[..., None] = fetch,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._shutdown = shutdown or Stage()
        self._fetch = partial(fetch, space=DiskSpace())
        self._running: dict[str, asyncio.Task[None]] = {}
        self._shares: dict[str, float] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download")
        self._shutdown.on_begin(partial(self._threads.shutdown, wait=False))

    async def get(self, voice: PublicVoice) -> None:
        """Ensures that the files of `voice` are in the download folder and have been checked.

        All callers wait for the same download, which continues even if they are cancelled. Raises DownloadFailed or
        ShuttingDown. After DownloadFailed, the next call tries again. Each caller gets its own exception object.
        """
        task = self._running.get(voice.name)
        if task is None:
            task = self._running[voice.name] = asyncio.create_task(self._download(voice))
            self._shares[voice.name] = 0.0
            task.add_done_callback(partial(self._ended, voice.name))
        try:
            await asyncio.shield(task)
        except PiperSerialError as error:
            raise error.copy() from error

    async def update_list(self) -> bool:
        """Downloads the list of public voices into the download folder. Returns whether the download succeeded.

        Logs a warning if it fails, except during the shutdown.
        """
        try:
            await self._in_thread("The list of voices", update_list)
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            return False
        except ShuttingDown:
            return False
        return True

    def progress(self) -> Mapping[str, float]:
        """Returns the progress of each running download by voice name, from 0 to 1."""
        return dict(self._shares)

    async def _download(self, voice: PublicVoice) -> None:
        def note(done: int, total: int) -> None:
            if voice.name in self._shares:  # a thread may still write a block after the shutdown has begun
                self._shares[voice.name] = done / total

        _LOGGER.info("Voice %s: downloading %d MB", voice.name, voice.size >> 20)
        try:
            await self._in_thread(f"The voice {voice.name}", partial(self._fetch, voice, progress=note))
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            raise
        _LOGGER.info("Voice %s: downloaded", voice.name)

    async def _in_thread(self, what: str, work: Callable[..., None]) -> None:
        if self._settings.offline:
            raise DownloadFailed(what, "this server is offline", "--offline")
        if self._folder is None:
            raise DownloadFailed(what, "there is no folder for it", "no home folder, and no --download-dir")
        url, timeout = self._settings.url, self._settings.timeout
        call = partial(work, self._folder, base_url=url, timeout=timeout, shutdown=self._shutdown)

        async def run() -> None:
            await asyncio.get_running_loop().run_in_executor(self._threads, call)

        self._shutdown.check()
        await self._shutdown.unless_begun(run())

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        del self._running[name], self._shares[name]
        if not task.cancelled():
            task.exception()  # marks the exception as retrieved, because all callers may have been cancelled
