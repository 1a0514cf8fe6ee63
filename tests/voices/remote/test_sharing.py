"""What downloads of voices and of samples have in common."""

import asyncio

import pytest

from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.settings import Downloading
from wyoming_piper_serial.voices.remote.sharing import check_online, shared


def test_offline_server_downloads_nothing() -> None:
    """With `--offline`, the error says what was to be downloaded."""
    check_online(Downloading(offline=False), "The voice")
    with pytest.raises(DownloadFailed, match="The voice"):
        check_online(Downloading(offline=True), "The voice")


async def test_cancelled_caller_does_not_cancel_the_download() -> None:
    """A download continues for the other callers, and even without any callers."""
    gate = asyncio.Event()

    async def download() -> str:
        await gate.wait()
        return "content"

    task = asyncio.create_task(download())
    leaving, staying = (asyncio.create_task(shared(task)) for _ in range(2))
    await asyncio.sleep(0)  # lets both callers begin to wait
    leaving.cancel()
    gate.set()
    assert await staying == "content"
    assert leaving.cancelled()


async def test_each_caller_gets_its_own_error() -> None:
    """The callers receive different exception objects, because each may be changed for its request."""

    async def download() -> str:
        raise DownloadFailed("The voice", "the disk is full", "ENOSPC")

    task = asyncio.create_task(download())
    errors = await asyncio.gather(shared(task), shared(task), return_exceptions=True)
    assert [str(error) for error in errors] == ["The voice cannot be downloaded: the disk is full."] * 2
    assert errors[0] is not errors[1]
