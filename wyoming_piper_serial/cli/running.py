"""Reads the options of a server that runs in another process, for health checks in containers."""

from pathlib import Path

from wyoming_piper_serial.cli import PROGRAM
from wyoming_piper_serial.cli.parser import parse_settings

_PROC = Path("/proc")


class NoServer(Exception):
    """Raised if there is no such process or it does not run this program. The message contains the reason."""


def uri_of(process: int, *, proc: Path = _PROC) -> str:
    """Returns the address on which the server with the process ID `process` listens, according to its command line, the
    environment or its config file.

    The environment is that of the current process, because a container engine runs a health check in the environment of
    the container. Raises NoServer. Exits with code 2 if the options are invalid, as the server does.
    """
    try:
        command = (proc / str(process) / "cmdline").read_bytes().decode(errors="surrogateescape").split("\0")[:-1]
    except OSError as error:
        raise NoServer(f"process {process}: {error.strerror or error}") from error
    return parse_settings(_options(command, process)).uri


def _options(command: list[str], process: int) -> list[str]:
    """Returns the part of `command` after the program's name. The Python interpreter and its options may precede the
    name. Raises NoServer if the command does not run this program."""
    for index, argument in enumerate(command):
        if Path(argument).name == PROGRAM or argument == "wyoming_piper_serial":
            return command[index + 1 :]
    raise NoServer(f"process {process} is not {PROGRAM}")
