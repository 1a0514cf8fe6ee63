"""Starting the server as a command: errors during the start, and the log level of piper-tts."""

import logging

import pytest

from wyoming_piper_serial.cli.serve import main


@pytest.fixture(autouse=True)
def _piper_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Restore the level of piper-tts's logger after the test."""
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
    """If the server cannot start, the command exits with code 2 and prints one line with the reason."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("wyoming-piper-serial: ")]
    assert len(lines) == 1
    assert named in lines[0]


def test_log_of_piper_shows_no_text() -> None:
    """piper-tts logs the texts that it speaks. Without --log-text, only its errors are logged."""
    main(["--uri", "", "--log-text"])
    assert logging.getLogger("piper").level == logging.NOTSET
    main(["--uri", ""])
    assert logging.getLogger("piper").level == logging.ERROR
