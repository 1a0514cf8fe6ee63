"""Fetches the recorded samples of public voices, which can be heard before a voice is downloaded."""

import asyncio
import logging
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from wyoming_piper_serial.exceptions import DownloadFailed, QueueFull
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote.index import PublicVoice
from wyoming_piper_serial.voices.remote.sharing import check_online, shared

_LOGGER = logging.getLogger(__name__)

_MAX_SIZE = 1 << 20  # maximum size of a sample in bytes; a sample of ten seconds has about 100 kB
_MAX_KEPT = 8 << 20  # maximum size in bytes of all samples in memory; enough for a person who compares voices
_AT_ONCE = 2  # maximum number of samples that are fetched at once
_MAX_RUNNING = 8  # maximum number of samples that are being fetched or waiting for it
_SECONDS = 60.0  # maximum time for one sample, including the wait for other samples
_MP3_STARTS = (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\xff\xe2")


def sample_path(voice: PublicVoice) -> str:
    """Returns the path of the sample of the first speaker, relative to the base URL."""
    folder, slash, _ = voice.model.path.rpartition("/")
    return f"{folder}{slash}samples/speaker_0.mp3"


class Samples:
    """Fetches samples in threads, and keeps the most recent ones in memory. Must be used in the event loop."""

    def __init__(self, settings: Downloading, *, shutdown: Stage | None = None, seconds: float = _SECONDS) -> None:
        """`seconds` is the time limit for one sample."""
        self._settings = settings
        self._shutdown = shutdown or Stage()
        self._seconds = seconds
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._running: dict[str, asyncio.Task[bytes]] = {}
        self._stops: set[Stage] = set()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="samples")
        self._shutdown.on_begin(self._stop)

    @property
    def allowed(self) -> bool:
        """Whether samples can be fetched."""
        return not self._settings.offline

    async def get(self, voice: PublicVoice) -> bytes:
        """Returns the sample of `voice`, an MP3 file.

        All callers for a voice wait for the same download, which continues even if all callers are cancelled. Raises
        DownloadFailed, QueueFull or ShuttingDown.
        """
        path = sample_path(voice)
        if path in self._kept:
            self._kept.move_to_end(path)
            return self._kept[path]
        check_online(self._settings, _what(voice))
        self._shutdown.check()
        if path not in self._running:
            if len(self._running) >= _MAX_RUNNING:
                raise QueueFull("Too many samples are being downloaded; please try again in a moment.")
            task = self._running[path] = asyncio.create_task(self._fetch(voice, path))
            task.add_done_callback(partial(self._ended, path))
        return await shared(self._running[path])

    async def _fetch(self, voice: PublicVoice, path: str) -> bytes:
        self._shutdown.check()  # the shutdown may have begun since the task was created
        what, stop = _what(voice), Stage()
        self._stops.add(stop)
        read = partial(_read, what, path, self._settings, stop)
        try:
            async with asyncio.timeout(self._seconds):
                content = await stop.unless_begun(asyncio.get_running_loop().run_in_executor(self._threads, read))
        except TimeoutError:
            raise DownloadFailed(what, "the download server is too slow", f"{path}: {self._seconds:g} s") from None
        finally:
            stop.begin()  # a thread that is still reading ends after its next block
            self._stops.discard(stop)
        self._kept[path] = content
        while sum(map(len, self._kept.values())) > _MAX_KEPT:
            self._kept.popitem(last=False)
        return content

    def _ended(self, path: str, task: "asyncio.Task[bytes]") -> None:
        del self._running[path]
        error = None if task.cancelled() else task.exception()  # all callers may have been cancelled
        if isinstance(error, DownloadFailed):
            _LOGGER.warning("%s", error.detail)

    def _stop(self) -> None:
        """Aborts all downloads with ShuttingDown. Called when the shutdown begins."""
        for stop in list(self._stops):
            stop.begin()
        self._threads.shutdown(wait=False, cancel_futures=True)


def _what(voice: PublicVoice) -> str:
    return f"The sample of the voice {voice.name}"


def _read(what: str, path: str, settings: Downloading, stop: Stage) -> bytes:
    """Returns the file at `path` on the download server. Blocks. Raises DownloadFailed or ShuttingDown."""
    from wyoming_piper_serial.voices.remote.transfer import Source  # noqa: PLC0415 -- importing urllib3 takes 30 ms

    content = Source(what, settings.url, settings.timeout, stop).read(path, _MAX_SIZE)
    if not content.startswith(_MP3_STARTS):  # for example, the login page of a public Wi-Fi network
        raise DownloadFailed(what, "the server did not send an MP3 file", path)
    return content
