"""Starting the server from the command line: errors at startup, and the log level of piper-tts."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.test_terminal import Terminal
from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli import main as program
from wyoming_piper_serial.cli import serve
from wyoming_piper_serial.cli.serve import main


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """After the test, restore Python's limit on the number of digits in an integer."""
    before = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(before)


@pytest.fixture(autouse=True)
def _piper_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the test, restore the log level of piper-tts."""
    monkeypatch.setattr(logging.getLogger("piper"), "level", logging.NOTSET)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--uri", ""], "--uri"),
        (["--uri", "http://127.0.0.1:1"], "--uri"),
        (["--uri", "tcp://127.0.0.1"], "--uri"),
        (["--uri", "unix:///nowhere/at/all/socket"], "--uri"),
        (["--voice", "nobody"], "There is no voice 'nobody' here. Available: en_US-joe-medium."),
        (["--speaker", "anna"], "no speaker 'anna'"),
        (["--length-scale", "0"], "--length-scale"),
        (["--use-cuda"], "--use-cuda"),
        (["--zeroconf", "--uri", "stdio://"], "--zeroconf"),
    ],
)
def test_bad_settings_are_refused_with_one_line(
    options: list[str], says: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """If the settings are invalid, one line with the reason is printed and the exit code is 2. At most the first line
    of the log, which names the voice, is printed before it."""
    caplog.set_level(logging.INFO)
    code: object
    try:
        code = program.main(options)
    except SystemExit as refused:  # raised by the parser
        code = refused.code
    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert [line for line in caplog.messages if not line.startswith("Loading voice ")] == []
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("wyoming-piper-serial: ")
    assert says in printed.err


def test_long_numbers_in_json_are_refused() -> None:
    """The server's JSON parser refuses a number with thousands of digits, because parsing it would take too long."""
    main(["--uri", ""])
    assert json.loads("1" * 600) > 0
    with pytest.raises(ValueError, match="digits"):
        json.loads("1" * 700)


def test_log_of_piper_shows_no_text() -> None:
    """Without `--log-text`, only the errors of piper-tts are logged, because its other messages can contain the spoken
    text."""
    main(["--uri", "", "--log-text"])
    assert logging.getLogger("piper").level == logging.NOTSET
    main(["--uri", ""])
    assert logging.getLogger("piper").level == logging.ERROR


def test_loading_is_the_first_line(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line of the log names the voice, and is written before the slow imports. After it, there is a warning
    for each environment variable that does not match an option."""
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_VOCIE", "joe")
    main(["--uri", "", "--voice", "amy"])
    assert caplog.messages == [
        f"Loading voice amy (version {__version__})",
        (
            "The environment variable WYOMING_PIPER_SERIAL_VOCIE is not used: there is no such option. "
            "Did you mean WYOMING_PIPER_SERIAL_VOICE?"
        ),
    ]


def test_first_line_needs_no_slow_import() -> None:
    """When the first line is logged, asyncio and the large libraries have not been imported yet."""
    child = """
import logging, os, sys
def stop(record):
    print(record.getMessage().split()[0], *sorted(sys.modules), flush=True)
    os._exit(0)
logging.Logger.handle = lambda self, record: stop(record)
from wyoming_piper_serial.cli.main import main
main(["--uri", "tcp://127.0.0.1:0"])
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    first, *imported = done.stdout.split()
    assert first == "Loading"
    assert {"asyncio", "numpy", "onnxruntime", "wyoming", "regex"} & set(imported) == set()


@pytest.mark.parametrize("argv", [[], ["--uri", ""]])
def test_person_who_gives_no_option_is_told_what_starts(
    argv: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without options on a terminal, the program prints that it starts a server, and how to stop and use it."""
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_URI", "none")
    monkeypatch.setattr(serve, "is_terminal", lambda _: True)
    main(argv)
    assert ("Ctrl-C stops it" in capsys.readouterr().err) == (not argv)


@pytest.mark.parametrize(
    ("level", "log_format", "color"),
    [
        (logging.INFO, "%(message)s", ""),
        (logging.WARNING, "%(message)s", "\x1b[33m"),
        (logging.ERROR, "%(message)s", "\x1b[31m"),
        (logging.ERROR, "json", ""),
    ],
)
def test_warnings_have_colors_on_a_terminal(
    level: int, log_format: str, color: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal, warnings and errors are colored, except in JSON format."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    record = logging.LogRecord("piper", level, __file__, 1, "on fire", (), None)
    text = serve.log_formatter(log_format).format(record)
    assert text.startswith(color or ("{" if log_format == "json" else "on fire"))
    assert text.endswith("\x1b[0m") == bool(color)
