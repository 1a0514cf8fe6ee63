"""`Downloads` runs downloads in threads, and tasks in the event loop wait for these downloads."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.voices.remote.mirror import NAME, Mirror, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.shutdown import Shutdown, Stage
from wyoming_piper_serial.voices.remote.download import DiskSpace, missing_files
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact, load_public
from wyoming_piper_serial.voices.remote.manager import Downloads, Progress

VOICE = public_voice()
OTHER = public_voice("de_DE-fake-low")


class FakeFetch:
    """A fake `fetch` that waits until `end` is set, and then raises `error` (or returns, if `error` is `None`)."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.beginning = threading.Semaphore(0)
        self.end = threading.Event()
        self.error: Exception | None = None
        self.late_progress: Callable[[], None] | None = None
        """Reports progress of the first download."""

        self.stops: list[Stage] = []
        self.spaces: list[DiskSpace] = []

    def __call__(
        self,
        voice: PublicVoice,
        folder: Path,
        *,
        progress: Callable[[int, int], None],
        shutdown: Stage,
        space: DiskSpace,
        **_: Any,
    ) -> None:
        shutdown.check()
        self.begun.append(voice.name)
        self.stops.append(shutdown)
        self.spaces.append(space)
        progress(voice.size // 4, voice.size)
        self.late_progress = self.late_progress or partial(progress, 1, voice.size)
        self.beginning.release()
        assert self.end.wait(10)
        if self.error is not None:
            raise self.error


@pytest.fixture
def fake() -> Iterator[FakeFetch]:
    fake = FakeFetch()
    yield fake
    fake.end.set()


@pytest.fixture
def shutdown() -> Iterator[Shutdown]:
    """Return a Shutdown that begins after the test, so that all threads end."""
    shutdown = Shutdown()
    yield shutdown
    shutdown.begin()


async def begun(fake: FakeFetch) -> None:
    assert await asyncio.to_thread(fake.beginning.acquire, timeout=10)


async def test_concurrent_calls_share_one_download(fake: FakeFetch, shutdown: Shutdown, tmp_path: Path) -> None:
    """Concurrent calls for the same voice share one download. A later call starts a new download, because the files may
    have been removed in the meantime."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    waiting = [asyncio.create_task(downloads.get(VOICE)) for _ in range(3)]
    await begun(fake)
    fake.end.set()
    await asyncio.gather(*waiting)
    assert fake.begun == [NAME]
    await downloads.get(VOICE)
    assert fake.begun == [NAME, NAME]


async def test_caller_that_leaves_does_not_end_the_download(
    fake: FakeFetch, shutdown: Shutdown, tmp_path: Path
) -> None:
    """A download continues even if all callers that wait for it are cancelled. The next caller waits for the same
    download."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    first, second = [asyncio.create_task(downloads.get(VOICE)) for _ in range(2)]
    await begun(fake)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    third = asyncio.create_task(downloads.get(VOICE))
    fake.end.set()
    await third
    assert fake.begun == [NAME]


async def test_progress_names_the_voices_that_are_downloaded(
    fake: FakeFetch, shutdown: Shutdown, tmp_path: Path
) -> None:
    """`progress` returns the number of received bytes for each running download, and shows which downloads are waiting
    for other downloads. Completed downloads are not included."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    assert downloads.progress() == {}
    third = public_voice("fr_FR-fake-low")
    waiting = [asyncio.create_task(downloads.get(voice)) for voice in (VOICE, OTHER, third)]
    await begun(fake)
    await begun(fake)
    quarter = {voice.name: Progress(received=voice.size // 4, total=voice.size) for voice in (VOICE, OTHER)}
    assert downloads.progress() == quarter | {third.name: Progress(received=0, total=third.size, is_waiting=True)}
    assert downloads.progress()[NAME].share == pytest.approx(0.25, abs=0.01)
    fake.end.set()
    await asyncio.gather(*waiting)
    assert downloads.progress() == {}


async def test_failure_is_raised_to_all_callers_and_logged_once(
    fake: FakeFetch, shutdown: Shutdown, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If a download fails, each caller gets its own exception, and the failure is logged once. The next call tries
    again."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    fake.error = DownloadFailed(f"The voice {NAME}", "the disk is full", "/some/folder")
    fake.end.set()
    results = await asyncio.gather(*(downloads.get(VOICE) for _ in range(3)), return_exceptions=True)
    assert [(type(error), str(error)) for error in results] == [(DownloadFailed, str(fake.error))] * 3
    assert len(set(map(id, results))) == 3
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [fake.error.detail]
    assert downloads.failures() == {NAME: str(fake.error)}
    fake.error = None
    await downloads.get(VOICE)
    assert downloads.failures() == {}


async def test_cancelled_download_ends_at_once(fake: FakeFetch, shutdown: Shutdown, tmp_path: Path) -> None:
    """Cancelling a download raises an error in all callers immediately, even if its thread is still waiting for the
    server. A cancelled download does not count as a failure. The next call starts a new download, which the old thread
    does not affect."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    waiting = [asyncio.create_task(downloads.get(VOICE)) for _ in range(2)]
    await begun(fake)
    assert downloads.cancel(NAME)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [DownloadFailed] * 2
    assert "cancelled" in str(results[0])
    assert (downloads.progress(), downloads.failures()) == ({}, {})
    assert not downloads.cancel(NAME)
    again = downloads.start(VOICE)
    assert downloads.start(VOICE) is again
    await begun(fake)
    assert [stop.begun for stop in fake.stops] == [True, False]
    assert fake.late_progress is not None
    fake.late_progress()
    assert downloads.progress()[NAME].received == VOICE.size // 4
    fake.end.set()
    await again


async def test_cancelled_download_keeps_what_has_arrived(mirror: Mirror, shutdown: Shutdown, tmp_path: Path) -> None:
    """A download from a server that has stopped sending can be cancelled. The next download resumes it."""
    mirror.stall_after = 300_000
    downloads = Downloads(tmp_path, Downloading(url=mirror.url), shutdown=shutdown)
    stalled = downloads.start(VOICE)
    assert await asyncio.to_thread(mirror.stalled.wait, 10)
    while downloads.progress()[NAME].received < 200_000:
        await asyncio.sleep(0)  # gives the thread time to report the received bytes
    assert downloads.cancel(NAME)
    with pytest.raises(DownloadFailed, match="cancelled"):
        await stalled
    mirror.stall_after = None
    mirror.released.set()
    await downloads.get(VOICE)
    assert missing_files(VOICE, tmp_path) == []
    assert [wanted is not None for path, wanted in mirror.requests if path.endswith(".onnx")] == [False, True]


async def test_shutdown_ends_what_runs_and_what_waits(fake: FakeFetch, shutdown: Shutdown, tmp_path: Path) -> None:
    """On shutdown, all callers get ShuttingDown immediately, even if threads are still waiting for the download
    server."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    voices = [public_voice(f"en_US-fake{number}-low") for number in range(4)]
    waiting = [asyncio.create_task(downloads.get(voice)) for voice in voices]
    await begun(fake)
    await begun(fake)
    shutdown.begin()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [ShuttingDown] * 4
    assert all(stop.begun for stop in fake.stops)
    assert sorted(fake.begun) == [voice.name for voice in voices[:2]]
    with pytest.raises(ShuttingDown):
        await downloads.get(VOICE)
    assert not await downloads.update_list()
    assert downloads.progress() == {}


async def test_downloads_share_one_disk_space(fake: FakeFetch, shutdown: Shutdown, tmp_path: Path) -> None:
    """All downloads share one DiskSpace object, so that each download accounts for the space that the other downloads
    need."""
    downloads = Downloads(tmp_path, Downloading(), shutdown=shutdown, fetch=fake)
    fake.end.set()
    await asyncio.gather(downloads.get(VOICE), downloads.get(OTHER))
    assert len(fake.spaces) == 2
    assert fake.spaces[0] is fake.spaces[1]


async def test_offline_downloads_nothing(fake: FakeFetch, shutdown: Shutdown, tmp_path: Path) -> None:
    """With `--offline`, or without a download folder, DownloadFailed is raised and nothing is downloaded."""
    for downloads in (
        Downloads(tmp_path, Downloading(offline=True), shutdown=shutdown, fetch=fake),
        Downloads(None, Downloading(), shutdown=shutdown, fetch=fake),
    ):
        with pytest.raises(DownloadFailed):
            await downloads.get(VOICE)
        assert not await downloads.update_list()
    assert fake.begun == []


async def test_voice_and_list_come_from_a_real_server(
    mirror: Mirror, shutdown: Shutdown, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A voice and the list of public voices are downloaded from a real HTTP server. If the server has no list, one
    warning is logged."""
    downloads = Downloads(tmp_path, Downloading(url=mirror.url), shutdown=shutdown)
    await downloads.get(VOICE)
    assert missing_files(VOICE, tmp_path) == []
    assert not await downloads.update_list()
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert len(load_public(tmp_path)) > 100
    mirror.files[LIST_NAME] = compact([VOICE])
    assert await downloads.update_list()
    assert load_public(tmp_path) == (VOICE,)
