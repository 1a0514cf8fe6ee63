"""Finding the program that listens on a port."""

import os
import socket
from pathlib import Path

import pytest

from wyoming_piper_serial.network.port_owner import owner_of

_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
_LINE = "   0: 0100007F:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {user} 0 {inode} 1\n"


def fake_proc(folder: Path, *, state: str = "0A", user: int = 0, inode: int = 77) -> Path:
    """Create files as in /proc of a machine with a socket that listens on port 10200. Process 41 has another socket and
    a file that is not a link."""
    (folder / "net").mkdir()
    (folder / "net" / "tcp").write_text(_HEAD + _LINE.format(port=10200, state=state, user=user, inode=inode))
    (folder / "41" / "fd").mkdir(parents=True)
    (folder / "41" / "fd" / "0").symlink_to("/dev/null")
    (folder / "41" / "fd" / "1").symlink_to("socket:[76]")
    (folder / "41" / "fd" / "2").write_text("")
    return folder


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (b"/usr/sbin/nginx\0-g\0daemon off;\0", "nginx"),
        (b"/venv/bin/python3\0/venv/bin/wyoming-piper-serial\0--debug\0", "wyoming-piper-serial"),
        (b"python3.11\0-m\0wyoming_piper\0", "wyoming_piper"),
        (b"/usr/bin/python3\0", "python3"),
        (b"python3\0-u\0-c\0import socket\0", "python3"),
        (b"", "a program"),
        (None, "a program"),
    ],
)
def test_process_is_named(tmp_path: Path, command: bytes | None, name: str) -> None:
    """The process that owns the socket is described by its program and process ID. A Python program is described by its
    script or module."""
    proc = fake_proc(tmp_path)
    (proc / "42" / "fd").mkdir(parents=True)
    (proc / "42" / "fd" / "5").symlink_to("socket:[77]")
    if command is not None:
        (proc / "42" / "cmdline").write_bytes(command)
    assert owner_of(10200, proc) == f"{name} (process 42)"


@pytest.mark.parametrize(("user", "name"), [(0, "root"), (4_000_000, "4000000")])
def test_user_is_named_if_the_process_cannot_be_seen(tmp_path: Path, user: int, name: str) -> None:
    """If the process belongs to another user, its files cannot be read, so only the user is returned."""
    assert owner_of(10200, fake_proc(tmp_path, user=user)) == f"a program run by user {name}"


def test_other_ports_and_connections_do_not_count(tmp_path: Path) -> None:
    """Sockets that do not listen on the port are ignored. Without /proc, the owner is unknown."""
    assert owner_of(10201, fake_proc(tmp_path)) is None
    (tmp_path / "other").mkdir()
    assert owner_of(10200, fake_proc(tmp_path / "other", state="01")) is None
    assert owner_of(10200, tmp_path / "nowhere") is None


def test_own_process_is_found() -> None:
    """The owner of a real listening socket is found in /proc."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        owner = owner_of(listening.getsockname()[1])
    assert owner is not None
    assert owner.endswith(f"(process {os.getpid()})")
