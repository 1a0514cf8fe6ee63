"""Runs downloads of voices in threads. Tasks in the event loop can wait for these downloads."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.download import DiskSpace, fetch, update_list
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.voices.remote.samples import Samples
from wyoming_piper_serial.voices.remote.sharing import check_online, shared

_LOGGER = logging.getLogger(__name__)
_AT_ONCE = 2  # maximum number of simultaneous downloads; more downloads would only share the bandwidth


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The progress of a download. Both numbers of bytes are totals over all files of the voice."""

    received: int
    """Number of bytes received so far, including those of an earlier download that this one resumes."""

    total: int
    is_waiting: bool = False
    """Whether the download is waiting for other downloads, or for another process that is downloading the same
    voice."""

    @property
    def share(self) -> float:
        """The completed fraction of the download, from 0 to 1."""
        return self.received / self.total


@dataclass(eq=False)
class _Download:
    progress: Progress
    stop: Stage
    """Begins when the download is cancelled or the server shuts down."""

    task: "asyncio.Task[None]"


class Downloads:
    """Runs downloads of voices in threads, with at most one running download per voice. Must be used in the event loop.
    Stops all downloads when the shutdown begins."""

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
        self.space = DiskSpace()
        """Reserves disk space for all writes to the folder."""

        self.samples = Samples(settings, shutdown=self._shutdown)
        """The samples of public voices."""

        self._fetch = partial(fetch, space=self.space)
        self._running: dict[str, _Download] = {}
        self._failed: dict[str, str] = {}  # error messages of failed downloads, by voice name
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download")
        self._shutdown.on_begin(self._stop)

    async def get(self, voice: PublicVoice) -> None:
        """Ensures that the download folder contains the files of `voice`. Downloads and checks the files if necessary.

        All callers for a voice wait for the same download, which continues even if all callers are cancelled. Raises
        DownloadFailed or ShuttingDown. Each caller gets its own exception object. After DownloadFailed, the next call
        tries again.
        """
        await shared(self.start(voice))

    def start(self, voice: PublicVoice) -> "asyncio.Task[None]":
        """Starts to download `voice`, unless it is already being downloaded. Returns the download task, which raises
        the same errors as `get` and must not be cancelled."""
        running = self._running.get(voice.name)
        if running is not None:
            return running.task
        self._failed.pop(voice.name, None)
        stop = Stage()
        task = asyncio.create_task(self._download(voice, stop))
        self._running[voice.name] = _Download(Progress(received=0, total=voice.size, is_waiting=True), stop, task)
        task.add_done_callback(partial(self._ended, voice.name))
        return task

    def cancel(self, name: str) -> bool:
        """Cancels the download of the voice `name`, and returns whether there was such a download. Callers that are
        waiting in `get` receive DownloadFailed.

        The received bytes are kept, so that the next download of the voice can resume after them.
        """
        running = self._running.get(name)
        if running is None:
            return False
        running.stop.begin()
        return True

    def check_allowed(self, what: str) -> Path:
        """Returns the download folder. Raises DownloadFailed with `--offline`, or if there is no download folder.
        `what` describes the download in the error message."""
        check_online(self._settings, what)
        if self._folder is None:
            raise DownloadFailed(what, "there is no folder to store it in", "no home folder, and no --download-dir")
        return self._folder

    async def update_list(self) -> bool:
        """Downloads the list of public voices into the download folder. Returns whether the download succeeded.

        Logs a warning if the download fails, except during the shutdown.
        """
        try:
            await self._in_thread("The list of voices", update_list, self._shutdown)
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            return False
        except ShuttingDown:
            return False
        return True

    def progress(self) -> Mapping[str, Progress]:
        """Returns, by voice name, the progress of each running or waiting download."""
        return {name: running.progress for name, running in self._running.items()}

    def failures(self) -> Mapping[str, str]:
        """Returns, by voice name, the error message of each failed download that has not been restarted."""
        return dict(self._failed)

    async def _download(self, voice: PublicVoice, stop: Stage) -> None:
        def note(done: int, total: int) -> None:
            # After a download has been cancelled, its thread may still write a block, even if a new download has
            # started.
            running = self._running.get(voice.name)
            if running is not None and running.stop is stop:
                running.progress = Progress(received=done, total=total)

        what = f"The voice {voice.name}"
        _LOGGER.info("Voice %s: downloading %d MB", voice.name, voice.size >> 20)
        try:
            await self._in_thread(what, partial(self._fetch, voice, progress=note), stop)
        except DownloadFailed as error:
            _LOGGER.warning("%s", error.detail)
            self._failed[voice.name] = str(error)
            raise
        except ShuttingDown:
            self._shutdown.check()
            _LOGGER.info("Voice %s: download cancelled", voice.name)
            raise DownloadFailed(what, "the download was cancelled", "on request") from None
        _LOGGER.info("Voice %s: downloaded", voice.name)

    async def _in_thread(self, what: str, work: Callable[..., None], stop: Stage) -> None:
        folder = self.check_allowed(what)
        url, timeout = self._settings.url, self._settings.timeout
        call = partial(work, folder, base_url=url, timeout=timeout, shutdown=stop)

        async def run() -> None:
            await asyncio.get_running_loop().run_in_executor(self._threads, call)

        self._shutdown.check()
        await stop.unless_begun(run())

    def _stop(self) -> None:
        """Aborts all downloads with ShuttingDown. Called when the shutdown begins."""
        for running in self._running.values():
            running.stop.begin()
        self._threads.shutdown(wait=False)

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        del self._running[name]
        if not task.cancelled():
            task.exception()  # marks the exception as retrieved, because all callers may have been cancelled
