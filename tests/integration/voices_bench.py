"""A server whose voices the tests of the page change."""

from pathlib import Path

import httpx

from tests.fixture_voices import FixtureVoices
from tests.integration.conftest import ServerProcess
from tests.integration.voice_files import BROKEN, CROWD, HERE
from tests.voices.remote.mirror import Mirror


class Bench:
    """A server with a folder of voices and a download server."""

    def __init__(self, folder: Path, mirror: Mirror, server: ServerProcess, voices: FixtureVoices) -> None:
        self.folder = folder
        self.mirror = mirror
        self.server = server
        self.voices = voices
        self.samples = False
        """Whether a sample has been fetched. The server keeps it."""

    def change(self, method: str, path: str, **how: object) -> None:
        """Change the voices on the server as another user does."""
        self._ask(method, f"voices{path}", **how)

    def speak(self, voice: str) -> None:
        """Let the server speak as another user does, so that the voice is in memory afterwards."""
        self._ask("GET", "text-to-speech", params={"text": "One.", "voice": voice})

    def reset(self) -> None:
        """Undo what a failed test has left behind, so that the next test does not fail too."""
        self.mirror.status = self.mirror.stall_after = None
        self.mirror.released.set()
        presets = self._ask("GET", "voices/presets").json()["presets"]
        for name in (preset["name"] for preset in presets):
            self.change("DELETE", f"/presets/{name}")
        for voice in self._ask("GET", "voices").json()["voices"]:
            if voice["removable"] and voice["name"] not in (HERE, CROWD, BROKEN):
                self.change("DELETE", f"/{voice['name']}")
        self.change("PUT", "/default", json={"name": HERE})

    def _ask(self, method: str, path: str, **how: object) -> httpx.Response:
        url = f"{self.server.http}api/{path}"
        response = httpx.request(method, url, timeout=60, trust_env=False, **how)  # type: ignore[arg-type]
        return response.raise_for_status()
