"""Those who wait on the event loop for voices on their way."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.voices.remote.mirror import NAME, Mirror, mirror_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.voices.remote.download import missing_files
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact, load_public
from wyoming_piper_serial.voices.remote.manager import Downloads

VOICE = public_voice()
OTHER = public_voice("de_DE-fake-low")


class FakeFetch:
    """Downloads that go on until they are told how to end."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.beginning = threading.Semaphore(0)
        self.end = threading.Event()
        self.error: Exception | None = None
        self.stop: threading.Event | None = None

    def __call__(
        self, voice: PublicVoice, folder: Path, *, progress: Callable[[int, int], None], stop: threading.Event, **_: Any
    ) -> None:
        self.begun.append(voice.name)
        self.stop = stop
        progress(voice.size // 4, voice.size)
        self.beginning.release()
        assert self.end.wait(10)
        if self.error is not None:
            raise self.error


@pytest.fixture
def fake() -> Iterator[FakeFetch]:
    fake = FakeFetch()
    yield fake
    fake.end.set()


async def begun(fake: FakeFetch) -> None:
    assert await asyncio.to_thread(fake.beginning.acquire, timeout=10)


async def test_one_download_for_all_who_ask(fake: FakeFetch, tmp_path: Path) -> None:
    """And the next to ask later asks again: files may have gone."""
    downloads = Downloads(tmp_path, Downloading(), fetch=fake)
    waiting = [asyncio.create_task(downloads.get(VOICE)) for _ in range(3)]
    await begun(fake)
    fake.end.set()
    await asyncio.gather(*waiting)
    assert fake.begun == [NAME]
    await downloads.get(VOICE)
    assert fake.begun == [NAME, NAME]
    downloads.close()


async def test_one_who_leaves_takes_nothing_away(fake: FakeFetch, tmp_path: Path) -> None:
    """Not even if it was the first, or the last."""
    downloads = Downloads(tmp_path, Downloading(), fetch=fake)
    first, second = [asyncio.create_task(downloads.get(VOICE)) for _ in range(2)]
    await begun(fake)
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    third = asyncio.create_task(downloads.get(VOICE))
    fake.end.set()
    await third
    assert fake.begun == [NAME]
    downloads.close()


async def test_progress_tells_of_those_on_their_way(fake: FakeFetch, tmp_path: Path) -> None:
    """From 0 to 1, and nothing once they are here."""
    downloads = Downloads(tmp_path, Downloading(), fetch=fake)
    assert downloads.progress() == {}
    waiting = [asyncio.create_task(downloads.get(voice)) for voice in (VOICE, OTHER)]
    await begun(fake)
    await begun(fake)
    assert downloads.progress() == pytest.approx({NAME: 0.25, OTHER.name: 0.25}, abs=0.01)
    fake.end.set()
    await asyncio.gather(*waiting)
    assert downloads.progress() == {}
    downloads.close()


async def test_failure_is_told_to_all_and_logged_once(
    fake: FakeFetch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has what only the operator may see; the next to ask tries again."""
    downloads = Downloads(tmp_path, Downloading(), fetch=fake)
    fake.error = DownloadFailed(f"The voice {NAME}", "the disk is full", "/some/folder")
    fake.end.set()
    results = await asyncio.gather(*(downloads.get(VOICE) for _ in range(3)), return_exceptions=True)
    assert results == [fake.error] * 3
    assert [record.getMessage() for record in caplog.records if record.levelname == "WARNING"] == [fake.error.detail]
    fake.error = None
    await downloads.get(VOICE)
    downloads.close()


async def test_close_ends_what_runs_and_what_waits(fake: FakeFetch, tmp_path: Path) -> None:
    """All are told the same."""
    downloads = Downloads(tmp_path, Downloading(), fetch=fake)
    voices = [public_voice(f"en_US-fake{number}-low") for number in range(4)]
    waiting = [asyncio.create_task(downloads.get(voice)) for voice in voices]
    await begun(fake)
    await begun(fake)
    fake.error = ShuttingDown()
    downloads.close()
    assert fake.stop is not None
    assert fake.stop.is_set()
    fake.end.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [ShuttingDown] * 4
    with pytest.raises(ShuttingDown):
        await downloads.get(VOICE)
    assert downloads.progress() == {}


async def test_offline_downloads_nothing(fake: FakeFetch, tmp_path: Path) -> None:
    """Nor does a server that has no folder for it."""
    for downloads in (
        Downloads(tmp_path, Downloading(offline=True), fetch=fake),
        Downloads(None, Downloading(), fetch=fake),
    ):
        with pytest.raises(DownloadFailed):
            await downloads.get(VOICE)
        assert not await downloads.update_list()
        downloads.close()
    assert fake.begun == []


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(VOICE)
    yield mirror
    mirror.close()


async def test_voice_and_list_come_from_a_real_server(
    mirror: Mirror, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A list that does not come is one warning, and the voices that are known stay."""
    downloads = Downloads(tmp_path, Downloading(url=mirror.url))
    await downloads.get(VOICE)
    assert missing_files(VOICE, tmp_path) == []
    assert not await downloads.update_list()
    assert [record.levelname for record in caplog.records].count("WARNING") == 1
    assert len(load_public(tmp_path)) > 100
    mirror.files[LIST_NAME] = compact([VOICE])
    assert await downloads.update_list()
    assert load_public(tmp_path) == (VOICE,)
    downloads.close()
