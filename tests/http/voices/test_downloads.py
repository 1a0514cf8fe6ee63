"""The endpoints for downloads."""

import asyncio
import threading
from pathlib import Path
from typing import Any

from tests.http.serving import serve
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.manager import Downloads

_RUNNING, _OTHER, _WAITING = (public_voice(f"{name}-fake-low") for name in ("de_DE", "fr_FR", "it_IT"))


async def test_downloads_are_listed_with_their_progress() -> None:
    """The list of downloads contains the number of received bytes and the percentage for running downloads, the waiting
    downloads, and the reasons for failed downloads."""
    began, end = threading.Semaphore(0), threading.Event()
    found: list[Downloads] = []

    def fetch(voice: Any, *_: object, progress: Any, **__: object) -> None:
        progress(voice.size // 2, voice.size)
        began.release()
        assert end.wait(10)
        if voice is _OTHER:
            raise DownloadFailed("The voice", "the disk is full", "/some/folder")

    def registry(settings: Settings, shutdown: Shutdown) -> VoiceRegistry:
        found.append(Downloads(Path("/nowhere"), settings.downloads, shutdown=shutdown, fetch=fetch))
        return VoiceRegistry(Catalogue([]), downloads=found[0])

    async with serve(new_registry=registry) as bench:
        tasks = [found[0].start(voice) for voice in (_RUNNING, _OTHER, _WAITING)]
        for _ in range(2):
            assert await asyncio.to_thread(began.acquire, timeout=10)
        listed = {one["name"]: one for one in (await bench.get("/api/voices/downloads")).json()["downloads"]}
        size = _RUNNING.size
        assert listed[_RUNNING.name] == {
            "name": _RUNNING.name,
            "state": "running",
            "reason": None,
            "received": size // 2,
            "total": size,
            "percent": 49,
        }
        assert [one["state"] for one in listed.values()] == ["running", "running", "waiting"]
        end.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        (failed,) = (await bench.get("/api/voices/downloads")).json()["downloads"]
        assert (failed["state"], failed["reason"]) == ("failed", "The voice cannot be downloaded: the disk is full.")
        bench.shutdown.begin()
