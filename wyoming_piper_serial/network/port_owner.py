"""Finds the program that listens on a port, using /proc on Linux."""

import contextlib
import pwd
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"  # Value of the state TCP_LISTEN in /proc/net/tcp.
# Columns of /proc/net/tcp.
_LOCAL, _STATE, _USER, _INODE = 1, 3, 7, 9


def owner_of(port: int, proc: Path = _PROC) -> str | None:
    """Returns a description of the program that listens on the TCP port, such as `nginx (process 4711)`.

    If this process may not look into the program, which usually belongs to another user, the description contains only
    the name or number of that user. Returns `None` if nothing is known, for example on systems without /proc. Takes a
    few milliseconds.
    """
    sockets = dict(_listening(port, proc))
    for process in proc.glob("[0-9]*"):
        if sockets.keys() & set(_sockets_of(process)):
            return f"{_name_of(process)} (process {process.name})"
    # The files of other users' processes cannot be read.
    return next((f"a program run by user {_user_name(user)}" for user in sockets.values()), None)


def _listening(port: int, proc: Path) -> Iterator[tuple[str, int]]:
    """Yields the inode and the user ID of each socket that listens on the port."""
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (proc / "net" / name).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[_STATE] == _LISTENING and int(columns[_LOCAL].rpartition(":")[2], 16) == port:
                    yield columns[_INODE], int(columns[_USER])


def _sockets_of(process: Path) -> Iterator[str]:
    """Yields the inode of each socket that a process has open. Yields nothing if its files cannot be read."""
    with contextlib.suppress(OSError):
        for file in (process / "fd").iterdir():
            with contextlib.suppress(OSError):  # raised if the process has closed the file in the meantime
                target = str(file.readlink())
                if target.startswith("socket:["):
                    yield target[len("socket:[") : -1]


def _name_of(process: Path) -> str:
    """Returns the name of the program, or `a program` if it is not known. For a Python interpreter without options,
    returns the name of the script or module."""
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").rstrip("\0").split("\0")
    except OSError:
        words = [""]
    interpreter, rest = words[0].rpartition("/")[2], words[1:]
    if interpreter.startswith("python") and rest:
        script = rest[1:2] if rest[0] == "-m" else [] if rest[0].startswith("-") else rest
        words = script or words
    return words[0].rpartition("/")[2] or "a program"


def _user_name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)
