"""The samples of public voices are fetched from a local download server."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.voices.remote.mirror import Mirror, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, QueueFull, ShuttingDown
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices.remote import samples as module
from wyoming_piper_serial.voices.remote.samples import Samples, sample_path

VOICE = public_voice()
MP3 = b"ID3" + bytes(1000)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = Mirror({sample_path(VOICE): MP3})
    yield mirror
    mirror.close()


@pytest.fixture
def shutdown() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.begin()


def samples(mirror: Mirror, shutdown: Stage, **how: float) -> Samples:
    return Samples(Downloading(url=mirror.url), shutdown=shutdown, **how)


async def test_sample_is_beside_the_voice_and_is_kept(mirror: Mirror, shutdown: Stage) -> None:
    """The sample is fetched from the folder of the voice. Simultaneous and later callers share the download."""
    found = samples(mirror, shutdown)
    assert set(await asyncio.gather(found.get(VOICE), found.get(VOICE))) == {MP3}
    assert await found.get(VOICE) == MP3
    assert [path for path, _ in mirror.requests] == ["en/en_US/medium/samples/speaker_0.mp3"]


async def test_oldest_samples_are_forgotten(mirror: Mirror, shutdown: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the samples in memory exceed their limit, the least recently used one is fetched again."""
    monkeypatch.setattr(module, "_MAX_KEPT", 2 * len(MP3))
    voices = [public_voice(f"{language}-fake-low") for language in ("de_DE", "fr_FR", "it_IT")]
    mirror.files |= {sample_path(voice): MP3 for voice in voices}
    found = samples(mirror, shutdown)
    for index in (0, 1, 0, 2, 0, 1):
        await found.get(voices[index])
    assert [path[:2] for path, _ in mirror.requests] == ["de", "fr", "it", "fr"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "404"),
        (b"<!doctype html>", "did not send an MP3 file"),
        (b"ID3" + bytes(1 << 20), "the file is too long"),
    ],
)
async def test_bad_answers_are_refused(
    mirror: Mirror, shutdown: Stage, content: bytes | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing sample, a web page and a file of more than 1 MB are refused, and the reason is logged. The next call
    tries again."""
    mirror.files = {} if content is None else {sample_path(VOICE): content}
    found = samples(mirror, shutdown)
    with pytest.raises(DownloadFailed, match=reason):
        await found.get(VOICE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    mirror.files = {sample_path(VOICE): MP3}
    assert await found.get(VOICE) == MP3


async def test_offline_server_fetches_nothing(mirror: Mirror, shutdown: Stage) -> None:
    found = Samples(Downloading(url=mirror.url, offline=True), shutdown=shutdown)
    assert not found.allowed
    with pytest.raises(DownloadFailed, match="offline"):
        await found.get(VOICE)
    assert mirror.requests == []


async def test_slow_download_is_given_up(mirror: Mirror, shutdown: Stage) -> None:
    """A sample that has not arrived within the time limit is an error."""
    with pytest.raises(DownloadFailed, match="too slow"):
        await samples(mirror, shutdown, seconds=0).get(VOICE)


async def test_number_of_downloads_is_limited(mirror: Mirror, shutdown: Stage) -> None:
    """Further samples are refused while eight are being fetched. The shutdown ends all of them."""
    voices = [public_voice(f"{language}_XX-fake-low") for language in ("aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh")]
    found = samples(mirror, shutdown)
    tasks = [asyncio.create_task(found.get(voice)) for voice in voices]
    await asyncio.sleep(0)  # lets the tasks start
    with pytest.raises(QueueFull):
        await found.get(VOICE)
    shutdown.begin()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(error) for error in ended} <= {ShuttingDown, DownloadFailed}
    with pytest.raises(ShuttingDown):
        await found.get(VOICE)


def test_path_of_a_voice_without_a_folder() -> None:
    voice = public_voice()
    path = "x.onnx"
    moved = type(voice)(**{**vars(voice), "model": type(voice.model)(path=path, size=1, md5=voice.model.md5)})
    assert sample_path(moved) == "samples/speaker_0.mp3"
