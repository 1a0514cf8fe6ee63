"""Fixtures for the tests of the commands."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.fake_player import FakePlayers
from tests.cli.voices_command import OTHER, VOICE, Run
from tests.voices.remote.mirror import Mirror, mirror_of
from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX
from wyoming_piper_serial.cli.main import main
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the environment variables of all options, so that a developer's own settings do not affect the tests."""
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Run a server from which two public voices and their list can be downloaded."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(VOICE, OTHER)
    mirror.files[LIST_NAME] = compact([VOICE, OTHER])
    yield mirror
    mirror.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create the user's voice folder, with a list of two public voices."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "wyoming-piper-serial" / "voices"
    folder.mkdir(parents=True)
    (folder / LIST_NAME).write_bytes(compact([VOICE, OTHER]))
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}URI", f"unix://{tmp_path}/no-server")
    return folder


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command `voices` in this process."""

    def run(*argv: str) -> tuple[int, str, str]:
        """Run the command, and return its exit code, its standard output and its standard error."""
        try:
            code = main(["voices", *argv])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else -1
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def players(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FakePlayers:
    """Replace PATH with a folder in which tests install fake players."""
    return FakePlayers(tmp_path_factory.mktemp("bin"), monkeypatch)
