"""The server opens no connections to other machines, and writes only its own files."""

import asyncio
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.integration.conftest import ServerProcess, Start
from tests.integration.peers import describe, one_shot

_CALLS = "connect,sendto,sendmsg,sendmmsg,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink"
_STRACE = ("strace", "-D", "-f", "-qq", "-s", "300", "-e", f"trace={_CALLS}")
_CACHE = Path(".cache", "wyoming-piper-serial")
_CREATING = re.compile(r"\b(?:O_WRONLY|O_RDWR|O_CREAT)\b|^(?:creat|mkdir|rename|link|symlink)")
_PATH = re.compile(r'"([^"]*)"')
_DEVICES = Path("/dev")
_MEMORY_FILES = Path("/proc/self/fd")  # An in-memory file to which the process that splits models writes the encoder.
_OOM_SCORE = Path("/proc/self/oom_score_adj")  # A virtual file that the phonemizer process writes.


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create an empty home folder, which also contains caches, data and temporary files."""
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.delenv(name, raising=False)
    # Prevents Python from writing compiled modules.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    # These variables disable telemetry. The server must set them itself.
    for name in ("ORT_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(home / "tmp"))
    return home


@pytest.fixture(scope="module")
def strace() -> tuple[str, ...]:
    """Return the command prefix for tracing a program. Skip the test if programs cannot be traced on this machine."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, so the system calls of the server cannot be seen")
    tried = subprocess.run([*_STRACE, "true"], capture_output=True, text=True, timeout=60, check=False)
    if tried.returncode != 0:
        pytest.skip(f"strace is not allowed here: {tried.stderr.strip()}")
    return _STRACE


def _serve_and_stop(server: ServerProcess) -> None:
    """Send `describe`, a Wyoming speech request and an HTTP speech request, and stop the server."""
    asyncio.run(describe(server.uri))
    assert asyncio.run(one_shot(server.uri, "Hello there.")).pcm
    assert httpx.get(f"{server.http}api/text-to-speech?text=Hello", timeout=60).content
    assert server.stop() == 0, server.log


def _calls(trace: Path) -> Iterator[str]:
    """Yield each traced system call, such as `openat(AT_FDCWD, "/dev/null", O_RDONLY`."""
    for line in trace.read_text(encoding="utf-8").splitlines():
        call = line.partition(" ")[2].lstrip()
        if not call.startswith(("<...", "+++", "---")):
            yield call


def test_server_writes_only_its_parts_of_voices(home: Path, small_voice: tuple[str, ...], start: Start) -> None:
    """In an empty home folder, a server writes only the split voice, which is a file in the cache."""
    _serve_and_stop(start(*small_voice, "--http-uri", "tcp://127.0.0.1:0"))
    found = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    assert [path.parent for path in found] == [_CACHE]
    assert found[0].suffix == ".parts"


def test_server_opens_no_connection_and_no_other_file(
    home: Path, small_voice: tuple[str, ...], start: Start, strace: tuple[str, ...], tmp_path: Path
) -> None:
    """No thread or child process of the server opens a connection, looks up a name, or writes a file outside the
    cache."""
    trace = tmp_path / "trace"
    under = (*strace, "-o", str(trace))
    _serve_and_stop(start(*small_voice, "--http-uri", "tcp://127.0.0.1:0", under=under))
    calls = list(_calls(trace))
    assert any(str(home / _CACHE) in call for call in calls)  # proves that the server was traced
    assert [call for call in calls if "sa_family=" in call] == []
    written = {Path(path) for call in calls if _CREATING.search(call) for path in _PATH.findall(call)}
    own = home / _CACHE
    virtual = {_DEVICES, _MEMORY_FILES}
    others = {path for path in written if not path.is_relative_to(own) and virtual.isdisjoint(path.parents)}
    assert others - {_OOM_SCORE} <= {*own.parents}


def test_commands_write_no_file(home: Path, small_server: ServerProcess) -> None:
    """`say`, `health` and `voices` write no files to an empty home folder."""
    for command in (
        ("say", "Hello.", "--uri", small_server.uri, "--output", "-"),
        ("health", "--uri", small_server.uri),
        ("voices", "list"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "wyoming_piper_serial", *command], capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
    assert [path for path in home.rglob("*") if path.is_file()] == []
