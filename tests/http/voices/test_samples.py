"""The endpoint for the samples of public voices, with a real download server."""

from pathlib import Path

from tests.http.serving import error_of
from tests.http.voices.test_changing import changing, mirror, send, voices
from tests.voices.remote.mirror import NAME, Mirror, public_voice
from wyoming_piper_serial.settings import Downloading, Http
from wyoming_piper_serial.voices.remote.samples import sample_path

__all__ = ["mirror"]  # a fixture

_MP3 = b"\xff\xfb" + bytes(500)


async def test_sample_of_a_public_voice_is_served(mirror: Mirror, tmp_path: Path) -> None:
    """A voice that is not on disk has a sample. Voices that are not on the public list have none."""
    mirror.files[sample_path(public_voice())] = _MP3
    async with changing(tmp_path, mirror.url) as bench:
        assert (await voices(bench))[NAME]["has_sample"]
        found = await send(bench, "GET", f"/{NAME}/sample")
        assert (found.status_code, found.headers["content-type"], found.content) == (200, "audio/mpeg", _MP3)
        assert error_of(await send(bench, "GET", "/en_US-nobody-low/sample")) == (404, "unknown-voice")
        assert error_of(await send(bench, "GET", "/..%2fvoices.json/sample")) == (404, "not-found")


async def test_missing_sample_is_an_error(mirror: Mirror, tmp_path: Path) -> None:
    async with changing(tmp_path, mirror.url) as bench:
        assert error_of(await send(bench, "GET", f"/{NAME}/sample")) == (503, "download-failed")


async def test_offline_server_has_no_samples(tmp_path: Path) -> None:
    async with changing(tmp_path, downloads=Downloading(offline=True)) as bench:
        assert not (await voices(bench))[NAME]["has_sample"]
        assert error_of(await send(bench, "GET", f"/{NAME}/sample")) == (503, "download-failed")


async def test_sample_needs_the_token(mirror: Mirror, tmp_path: Path) -> None:
    """A sample makes the server send a request to the internet, so it has the same rules as speech."""
    async with changing(tmp_path, mirror.url, http=Http(token="secret")) as bench:  # noqa: S106  # a test's token
        assert error_of(await send(bench, "GET", f"/{NAME}/sample")) == (401, "unauthorized")
    assert mirror.requests == []
