"""The systemd units are valid, isolate the service, and pass their sockets to the server."""

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

UNITS = Path(__file__).parents[2] / "packaging"
NAMES = ("wyoming-piper-serial.service", "wyoming-piper-serial.socket", "wyoming-piper-serial-http.socket")
_PATIENCE = 60

# Passes two sockets to the server, as systemd does. The first two arguments are the file descriptors of the sockets.
_PASSING = """
import os, sys
for descriptor, passed in ((200, sys.argv[1]), (201, sys.argv[2])):
    os.dup2(int(passed), descriptor)
os.dup2(200, 3)
os.dup2(201, 4)
os.environ.update(LISTEN_FDS="2", LISTEN_FDNAMES="wyoming:http", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[3:]])
"""


def test_units_are_valid(program: Callable[[str], str], tmp_path: Path) -> None:
    """systemd reports no mistakes in the project's units."""
    for name in NAMES:
        shutil.copy(UNITS / name, tmp_path)
    service = tmp_path / NAMES[0]
    service.write_text(re.sub("(?m)^ExecStart=.*", "ExecStart=/bin/true", service.read_text()))
    verify = [program("systemd-analyze"), "--man=no", "verify", *(str(tmp_path / name) for name in NAMES)]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    # Only messages about the project's units count, because systemd also reports mistakes in other units on the
    # machine.
    assert [line for line in done.stderr.splitlines() if "wyoming-piper-serial" in line] == []


def test_service_is_isolated(program: Callable[[str], str]) -> None:
    """systemd rates the exposure of the service as 1.5 or better."""
    security = [program("systemd-analyze"), "security", "--offline=true", "--no-pager", "--threshold=15"]
    done = subprocess.run(
        [*security, str(UNITS / NAMES[0])], capture_output=True, text=True, timeout=_PATIENCE, check=False
    )
    assert done.returncode == 0, done.stdout


def test_units_allow_the_same_networks() -> None:
    """The service and its sockets can be reached from the same networks, and from no others."""
    rules = [
        sorted(line for line in (UNITS / name).read_text().splitlines() if line.startswith("IPAddress"))
        for name in NAMES
    ]
    assert rules[0][-1] == "IPAddressDeny=any"
    assert rules == [rules[0]] * len(NAMES)


def test_documented_drop_ins_are_valid(program: Callable[[str], str], tmp_path: Path) -> None:
    """systemd accepts the drop-in files in the documentation."""
    text = (UNITS.parent / "docs" / "operations.md").read_text(encoding="utf-8")
    drop_ins = re.findall(r"(?ms)^ *```ini\n( *# systemctl edit .*?)^ *```", text)
    assert len(drop_ins) >= 3
    service = re.sub("(?m)^ExecStart=.*", "ExecStart=/bin/true", (UNITS / NAMES[0]).read_text())
    (tmp_path / NAMES[0]).write_text(service)
    for name in NAMES[1:]:
        shutil.copy(UNITS / name, tmp_path)
    folder = tmp_path / f"{NAMES[0]}.d"
    folder.mkdir()
    for number, drop_in in enumerate(drop_ins):
        assert "[Service]" in drop_in
        (folder / f"{number}.conf").write_text(re.sub("(?m)^ +", "", drop_in))
    verify = [program("systemd-analyze"), "--man=no", "verify", str(tmp_path / NAMES[0])]
    done = subprocess.run(verify, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert [line for line in done.stderr.splitlines() if str(tmp_path) in line or NAMES[0] in line] == []


def test_restart_loses_no_connection(small_voice: tuple[str, ...]) -> None:
    """A client that connects while no server is running is served by the next server process, on both ports."""
    with socket.create_server(("127.0.0.1", 0)) as wyoming, socket.create_server(("127.0.0.1", 0)) as http:
        passed = (wyoming.fileno(), http.fileno())
        for _ in range(2):
            client = socket.create_connection(wyoming.getsockname(), timeout=_PATIENCE)
            page = socket.create_connection(http.getsockname(), timeout=_PATIENCE)
            client.sendall(b'{"type": "describe"}\n')
            page.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            server = subprocess.Popen(
                [sys.executable, "-c", _PASSING, *map(str, passed), "-m", "wyoming_piper_serial", *small_voice],
                stderr=subprocess.DEVNULL,
                pass_fds=passed,
            )
            with client, page:
                assert b'"info"' in client.recv(100)
                assert page.recv(100).startswith(b"HTTP/1.1 200")
            server.terminate()
            assert server.wait(_PATIENCE) == 0
