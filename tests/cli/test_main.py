"""The program runs the command named by its first argument, and exits with the exit code of that command."""

import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from wyoming_piper_serial import __version__
from wyoming_piper_serial.cli import COMMANDS
from wyoming_piper_serial.cli import main as program
from wyoming_piper_serial.cli.parser import build_parser


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Replace `os._exit`, and return a list of the exit codes that are passed to it. Restore the signal handlers after
    the test."""
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(program, "_LAST_STEP", 0.0)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield codes
    for number, handler in before.items():
        signal.signal(number, handler)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    """Run the program with these arguments, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["wyoming-piper-serial", *arguments])
    with pytest.raises(SystemExit) as caught:
        program.run()
    return caught.value.code


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` prints the version to standard output and exits with code 0."""
    with pytest.raises(SystemExit) as caught:
        program.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_help_names_every_option_and_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` prints all options and commands to standard output and exits with code 0."""
    with pytest.raises(SystemExit) as caught:
        program.main(["--help"])
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    names = [name for action in build_parser()._actions for name in action.option_strings]
    assert [name for name in (*names, *COMMANDS) if name not in printed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_first_word_names_the_command(capsys: pytest.CaptureFixture[str], command: str) -> None:
    """If the first argument is the name of a command, that command runs. Each command has its own `--help`."""
    with pytest.raises(SystemExit) as caught:
        program.main([command, "--help"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: wyoming-piper-serial {command} ")


@pytest.mark.parametrize("argv", [["serve"], ["main"], ["parser"], ["--debug", "say"], [""]])
def test_other_words_are_not_commands(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    """If the first argument is not a command, it is passed to the server, which refuses it. The names of other modules
    in the package `cli` are not commands."""
    with pytest.raises(SystemExit) as caught:
        program.main(argv)
    assert caught.value.code == 2
    assert re.search("unknown command|the command must come first", capsys.readouterr().err)


def test_process_ends_with_the_code_of_its_command(
    monkeypatch: pytest.MonkeyPatch, exits: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    """The process exits with the exit code of its command. If an option is invalid, the exit code is 2."""
    monkeypatch.setattr(program, "main", lambda: 7)
    assert run(monkeypatch) == 7
    monkeypatch.undo()
    assert run(monkeypatch, "--nope") == 2


def test_failure_of_the_server_is_logged_and_ends_the_process(
    monkeypatch: pytest.MonkeyPatch, exits: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """An unexpected exception is logged, and the exit code is 1, so that a supervisor restarts the server."""

    def fail() -> int:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr(program, "main", fail)
    with caplog.at_level(logging.ERROR):
        assert run(monkeypatch) == 1
    assert "the server has failed" in caplog.text
    assert "disk on fire" in caplog.text


def test_interrupt_during_an_import_is_no_failure(
    monkeypatch: pytest.MonkeyPatch, exits: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """If Ctrl-C is pressed while a command is being imported, the exit code is 130 and no traceback is printed."""

    def interrupt() -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(program, "main", interrupt)
    assert run(monkeypatch, "say") == 130
    assert caplog.messages == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_a_server_that_is_starting(monkeypatch: pytest.MonkeyPatch, exits: list[int], number: int) -> None:
    """SIGTERM and SIGINT end a server that is starting, before the app installs its own signal handlers. The exit
    code is 0."""
    handlers = []

    def look() -> int:
        handlers.append(signal.getsignal(number))
        return 0

    monkeypatch.setattr(program, "main", look)
    run(monkeypatch, "--debug")
    (handler,) = handlers
    assert callable(handler)
    frame: FrameType | None = None
    with pytest.raises(SystemExit) as caught:
        handler(number, frame)
    assert caught.value.code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_other_commands_keep_pythons_signals(monkeypatch: pytest.MonkeyPatch, exits: list[int], command: str) -> None:
    """Commands other than the server do not change Python's signal handlers, so Ctrl-C raises KeyboardInterrupt."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    monkeypatch.setattr(program, "main", lambda: 0)
    run(monkeypatch, command)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_thread_that_hangs_does_not_keep_the_process(monkeypatch: pytest.MonkeyPatch, exits: list[int]) -> None:
    """The process exits with the exit code of the command even if a thread hangs in a model run, which cannot be
    stopped."""
    release = threading.Event()
    hung = threading.Thread(target=release.wait)
    hung.start()
    try:
        monkeypatch.setattr(program, "main", lambda: 3)
        assert run(monkeypatch) == 3
        assert exits == [3]
    finally:
        release.set()
        hung.join()
