"""Code that the commands `say` and `health` share: the server's address, the connection, and the exit codes."""

import asyncio
import errno
import socket
from pathlib import Path

import pytest
from wyoming.event import Event

from tests.cli.serving import HANG_UP, serving
from wyoming_piper_serial.cli.client import ClientError, add_server, connected, next_event, run, server_uri
from wyoming_piper_serial.cli.command_parser import CommandParser
from wyoming_piper_serial.settings import Settings


def uri_of(*argv: str) -> str:
    parser = CommandParser(prog="wyoming-piper-serial say")
    add_server(parser)
    return server_uri("say", parser.parse_args(argv))


def test_address_is_that_of_the_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The address comes from the command line, the environment or the config file, in this order, as for the server."""
    assert uri_of() == Settings().uri
    file = tmp_path / "options"
    file.write_text("uri = tcp://10.0.0.7:1\nmax-queue = 3\n")
    assert uri_of("--config", str(file)) == "tcp://10.0.0.7:1"
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_CONFIG", str(file))
    assert uri_of() == "tcp://10.0.0.7:1"
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_URI", "tcp://10.0.0.7:2")
    assert uri_of() == "tcp://10.0.0.7:2"
    assert uri_of("--uri", "unix:///run/piper") == "unix:///run/piper"


@pytest.mark.parametrize(
    ("listening", "uri"),
    [
        ("tcp://0.0.0.0:10200", "tcp://127.0.0.1:10200"),
        ("tcp://[::]:10200", "tcp://[::1]:10200"),
        ("tcp://10.0.0.7:10200", "tcp://10.0.0.7:10200"),
    ],
)
def test_server_on_all_interfaces_is_reached_on_this_machine(listening: str, uri: str) -> None:
    """If the server listens on all interfaces, the client connects to the loopback address."""
    assert uri_of("--uri", listening) == uri


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("???", "--uri '???': must be tcp://HOST:PORT or unix://PATH."),
        ("stdio://", "--uri 'stdio://': must be tcp://HOST:PORT or unix://PATH."),
        ("pi:10200", "--uri 'pi:10200': must be tcp://HOST:PORT or unix://PATH. Did you mean tcp://pi:10200?"),
        ("http://pi:10200/", ("--uri 'http://pi:10200/': must be tcp://HOST:PORT or unix://PATH. "
         "Did you mean tcp://pi:10200?")),
    ],
)  # fmt: skip
def test_address_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], uri: str, message: str) -> None:
    """An address to which a client cannot connect is refused with exit code 1 and one line."""
    with pytest.raises(SystemExit) as caught:
        uri_of("--uri", uri)
    assert caught.value.code == 1
    assert capsys.readouterr().err == f"say: {message}\n"


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ClientError("no voice"), 1, "say: no voice"),
        (TimeoutError(), 1, "say: no answer from tcp://h:1"),
        (OSError("the disk is full"), 1, "say: the disk is full"),
        (OSError(28, "No space left on device"), 1, "say: No space left on device"),
        (FileNotFoundError(2, "No such file or directory", "no/a.wav"), 1, "say: no/a.wav: No such file or directory"),
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


async def refusal(uri: str) -> str:
    with pytest.raises(ClientError) as caught:
        async with connected(uri):
            pytest.fail("connected to an address without a server")
    return str(caught.value)


async def test_missing_server_is_named_with_what_to_do() -> None:
    """If the connection fails, the error contains the address, the reason and what to do: start the server here, or
    check whether it runs elsewhere."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        uri = f"tcp://127.0.0.1:{port}"
        here = f"no server at {uri} (Connection refused). To start it: wyoming-piper-serial"
        assert await refusal(uri) == here
        assert (await refusal(f"tcp://localhost:{port}")).startswith(
            f"no server at tcp://localhost:{port} (Connection refused)"
        )
    path = "unix:///nowhere/at/all"
    assert await refusal(path) == f"no server at {path} (No such file or directory). To start it: wyoming-piper-serial"


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.EHOSTUNREACH, "Connect call failed"), ("no server at tcp://pi:7 (Connect call failed). "
         "Is it running with --uri tcp://0.0.0.0:7?")),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] no"),
         "no server at tcp://pi:7 (Connection refused). Is it running with --uri tcp://0.0.0.0:7?"),
        (socket.gaierror(-2, "Name or service not known"),
         "cannot resolve the host name 'pi' (Name or service not known)"),
        (TimeoutError(), "no server at tcp://pi:7 (no answer within 10 seconds)"),
    ],
)  # fmt: skip
async def test_failed_connection_to_another_machine(
    monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    """If the server is on another machine, the error says what may be wrong there."""

    async def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(asyncio, "open_connection", fail)
    found = await refusal("tcp://pi:7")
    assert found.replace("No route to host", "Connect call failed") == message


async def test_connection_that_the_server_ends_is_explained() -> None:
    """If the server closes or resets the connection, the error names --allow, which is the usual reason."""
    async with serving({"ping": [HANG_UP]}) as server:
        with pytest.raises(ClientError, match=r"closed the connection\. .* does its --allow option permit"):
            async with connected(server.uri):
                raise ConnectionResetError
        async with connected(server.uri) as client:
            await client.write_event(Event("ping"))
            with pytest.raises(ClientError, match=r"closed the connection\. .* does its --allow option permit"):
                await next_event(client, server.uri)
