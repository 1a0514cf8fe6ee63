"""The base class of all parsers: one-line errors, and the layout of the help. `test_mistakes.py` tests the messages."""

import io
import re

import pytest

from tests.cli.test_terminal import Terminal
from wyoming_piper_serial.cli.base_parser import BaseParser, failed


def message_prefix(argv: list[str]) -> str:
    return "wyoming-piper-serial test list" if argv[0] == "list" else "wyoming-piper-serial test"


def parser() -> BaseParser:
    made = BaseParser(prog="wyoming-piper-serial test", description="Test.")
    made.add_argument("--size", type=int, help="size of a thing")
    made.add_argument("--uri")
    commands = made.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands.add_parser("list", help="list things").add_argument("--color")
    return made


def test_failure_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A message that has several lines is printed on one line. The exit code is 2."""
    assert failed("first\nsecond") == 2
    assert failed("third", "say") == 2
    assert capsys.readouterr().err == "wyoming-piper-serial: first second\nwyoming-piper-serial say: third\n"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--size", "x"], "--size: invalid int value: 'x'"),
        (["--siez=3"], "unknown option '--siez'. Did you mean --size?"),
        (["list", "--colour"], "unknown option '--colour'. Did you mean --color?"),
        (["list", "more"], "unexpected argument 'more'. See wyoming-piper-serial test list --help"),
        (["list", "--", "more"], "unexpected argument 'more'. See wyoming-piper-serial test list --help"),
        (["zzz"], "unknown command 'zzz'. The commands are: list"),
        (["ls"], "unknown command 'ls'. Did you mean list?"),
        (["delete"], "unknown command 'delete'. The commands are: list"),
        (["--port=10200"], "unknown option '--port'. Did you mean --uri tcp://HOST:PORT?"),
        (["--web-port=1"], "unknown option '--web-port'. See wyoming-piper-serial test --help"),
    ],
)
def test_error_is_one_line_without_usage(capsys: pytest.CaptureFixture[str], argv: list[str], message: str) -> None:
    """An error is one line that suggests a similar name, which may be an option of a subcommand."""
    with pytest.raises(SystemExit) as caught:
        parser().parse_args(argv)
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"{message_prefix(argv)}: {message}\n"


def test_other_errors_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A message that does not come from argparse is not changed."""
    with pytest.raises(SystemExit):
        parser().error("the moon is full")
    assert capsys.readouterr().err == "wyoming-piper-serial test: the moon is full\n"


def test_help_has_colors_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal, headings are bold, and the names of options and commands are colored. Elsewhere, the same text is
    plain."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    terminal, file = Terminal(), io.StringIO()
    parser().print_help(terminal)
    parser().print_help(file)
    parser().print_help()
    assert "\x1b[1moptions:\x1b[0m" in terminal.getvalue()
    assert "\x1b[36m-h, --help\x1b[0m" in terminal.getvalue()
    assert "\x1b[36m--size\x1b[0m" in terminal.getvalue()
    assert "\x1b[36mlist\x1b[0m" in terminal.getvalue()
    assert re.sub(r"\x1b\[\d*m", "", terminal.getvalue()) == file.getvalue() == capsys.readouterr().out
