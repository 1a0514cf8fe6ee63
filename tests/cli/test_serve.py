"""The server as a command: what keeps it from starting, and its log."""

import logging

import pytest

from wyoming_piper_serial.cli.serve import main


@pytest.fixture(autouse=True)
def _piper_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """The level of piper-tts's log is put back afterwards."""
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
    """Exit code 2, as for a bad value."""
    assert main(argv) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = [line for line in captured.err.splitlines() if line.startswith("wyoming-piper-serial: ")]
    assert len(lines) == 1
    assert named in lines[0]


def test_log_of_piper_shows_no_text() -> None:
    """It logs what it synthesizes, below the level of errors; `--log-text` allows it."""
    main(["--uri", "", "--log-text"])
    assert logging.getLogger("piper").level == logging.NOTSET
    main(["--uri", ""])
    assert logging.getLogger("piper").level == logging.ERROR
