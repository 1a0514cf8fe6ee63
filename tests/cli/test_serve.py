"""The server as a command: errors at its start, and the log of piper-tts."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest

from wyoming_piper_serial.cli.serve import main


@pytest.fixture(autouse=True)
def _digits() -> Iterator[None]:
    """Restores the limit of digits after the test."""
    before = sys.get_int_max_str_digits()
    yield
    sys.set_int_max_str_digits(before)


@pytest.fixture(autouse=True)
def _piper_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restores the level of piper-tts's logger after the test."""
    monkeypatch.setattr(logging.getLogger("piper"), "level", logging.NOTSET)


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        (["--uri", "http://127.0.0.1:1"], "uri"),
        (["--uri", ""], "uri"),
        (["--voice", "xx_XX-nobody-low"], "xx_XX-nobody-low"),
        (["--speaker", "nobody"], "nobody"),
        (["--zeroconf", "--uri", "unix:///tmp/x"], "--zeroconf"),
    ],
)
def test_server_that_cannot_start_says_why_in_one_line(
    capsys: pytest.CaptureFixture[str], argv: list[str], named: str
) -> None:
    """A server that cannot start gives exit code 2 and prints one line with the reason."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("wyoming-piper-serial: ")]
    assert len(lines) == 1
    assert named in lines[0]


def test_long_numbers_in_json_are_refused() -> None:
    """The server's parser refuses a number of thousands of digits, which takes long to parse."""
    main(["--uri", ""])
    assert json.loads("1" * 600) > 0
    with pytest.raises(ValueError, match="digits"):
        json.loads("1" * 700)


def test_log_of_piper_shows_no_text() -> None:
    """The log of piper-tts, which contains the texts, shows only errors unless --log-text is given."""
    main(["--uri", "", "--log-text"])
    assert logging.getLogger("piper").level == logging.NOTSET
    main(["--uri", ""])
    assert logging.getLogger("piper").level == logging.ERROR
