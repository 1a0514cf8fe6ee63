"""Code that the commands `say` and `health` share: the server's address, the connection, and the exit codes."""

import argparse

import pytest

from wyoming_piper_serial.cli.client import ClientError, add_uri_option, connected, run
from wyoming_piper_serial.settings import Settings


def default_uri() -> object:
    parser = argparse.ArgumentParser()
    add_uri_option(parser)
    return parser.parse_args([]).uri


def test_default_address_is_that_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """The default of `--uri` is the server's default address, or the value of the server's environment variable."""
    assert default_uri() == Settings().uri
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_URI", "tcp://10.0.0.7:1")
    assert default_uri() == "tcp://10.0.0.7:1"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ClientError("no voice"), 1, "say: no voice"),
        (TimeoutError(), 1, "say: no answer from tcp://h:1"),
        (ConnectionResetError("reset by peer"), 1, "say: reset by peer"),
        (EOFError(), 1, "say: the connection was lost"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failure_is_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str], error: BaseException, code: int, line: str
) -> None:
    """A failure prints one line on standard error, and the exit code is 1. Ctrl-C prints nothing, and the exit code
    is 130."""

    async def fail() -> None:
        raise error

    assert run("say", "tcp://h:1", fail()) == code
    captured = capsys.readouterr()
    assert captured.err.strip() == line
    assert captured.out == ""


def test_success_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    """A successful command prints nothing, and the exit code is 0."""

    async def succeed() -> None:
        pass

    assert run("say", "tcp://h:1", succeed()) == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("nonsense", "--uri 'nonsense': must be tcp://HOST:PORT or unix://PATH"),
        ("unix:///nowhere/at/all", r"no server at unix:///nowhere/at/all \(No such file or directory\)"),
    ],
)
async def test_address_without_a_server_is_named(uri: str, message: str) -> None:
    """If no connection is possible, ClientError is raised. Its message contains the address and the reason."""
    with pytest.raises(ClientError, match=f"^{message}$"):
        async with connected(uri):
            pytest.fail("connected to an address without a server")
