"""Starting the server from the command line: errors during the start, and the log level of piper-tts."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from wyoming_piper_serial.cli import main as program
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
    of the log, which says which voice is loaded, comes before it."""
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
    """The server's JSON parser refuses a number with thousands of digits, because parsing it would take long."""
    main(["--uri", ""])
    assert json.loads("1" * 600) > 0
    with pytest.raises(ValueError, match="digits"):
        json.loads("1" * 700)


def test_log_of_piper_shows_no_text() -> None:
    """Without `--log-text`, only the errors of piper-tts are logged, because its other messages contain the spoken
    text."""
    main(["--uri", "", "--log-text"])
    assert logging.getLogger("piper").level == logging.NOTSET
    main(["--uri", ""])
    assert logging.getLogger("piper").level == logging.ERROR
