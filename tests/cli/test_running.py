"""A health check finds the address of a server in the command line of its process."""

from pathlib import Path

import pytest

from wyoming_piper_serial.cli.health import main
from wyoming_piper_serial.cli.running import NoServer, uri_of

_SCRIPT = ("/opt/piper/bin/python", "/opt/piper/bin/wyoming-piper-serial")


def process(folder: Path, *command: str) -> Path:
    """Write the command line of process 1 as the kernel does. Return the folder that replaces /proc."""
    (folder / "1").mkdir()
    (folder / "1" / "cmdline").write_bytes(b"".join(part.encode() + b"\0" for part in command))
    return folder


@pytest.mark.parametrize(
    ("command", "uri"),
    [
        ((*_SCRIPT,), "tcp://127.0.0.1:10200"),
        ((*_SCRIPT, "--uri", "tcp://0.0.0.0:1", "--debug"), "tcp://0.0.0.0:1"),
        ((*_SCRIPT, "--voice", "en", "--uri=unix:///run/piper"), "unix:///run/piper"),
        (("python3", "-m", "wyoming_piper_serial", "--uri", "tcp://[::]:1"), "tcp://[::]:1"),
        (("/bin/wyoming-piper-serial", "--uri", "stdio://"), "stdio://"),
    ],
)
def test_address_is_taken_from_the_command_line(command: tuple[str, ...], uri: str, tmp_path: Path) -> None:
    """The address comes from `--uri`, in either form, or is the default. The program can be started as a script, by
    Python with `-m`, or directly."""
    assert uri_of(1, proc=process(tmp_path, *command)) == uri


def test_address_may_come_from_the_environment_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the command line contains no address, the environment and then the config file determine it, as for the
    server."""
    config = tmp_path / "piper.conf"
    config.write_text("uri = tcp://0.0.0.0:2\n")
    proc = process(tmp_path, *_SCRIPT, "--config", str(config))
    assert uri_of(1, proc=proc) == "tcp://0.0.0.0:2"
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_URI", "tcp://0.0.0.0:3")
    assert uri_of(1, proc=proc) == "tcp://0.0.0.0:3"


def test_other_process_is_no_server(tmp_path: Path) -> None:
    """If the process does not exist or runs another program, NoServer is raised with the reason."""
    with pytest.raises(NoServer, match="process 7: No such file or directory"):
        uri_of(7, proc=tmp_path)
    with pytest.raises(NoServer, match="process 1 is not wyoming-piper-serial"):
        uri_of(1, proc=process(tmp_path, "/bin/sh", "-c", "sleep 1"))


def test_health_reports_that_a_process_is_no_server(capsys: pytest.CaptureFixture[str]) -> None:
    """If the process does not exist, `health --process` prints one line and exits with code 1."""
    assert main(["health", "--process", "0"]) == 1
    assert capsys.readouterr().err == "health: process 0: No such file or directory\n"


def test_server_on_standard_input_is_healthy_if_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server with `stdio://` has no address, so `health --process` only checks that the process exists."""
    monkeypatch.setattr("wyoming_piper_serial.cli.health.uri_of", lambda process: "stdio://")
    assert main(["health", "--process", "1"]) == 0
