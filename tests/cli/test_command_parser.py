"""The argument parser for commands: texts and server options."""

from pathlib import Path

import pytest

from wyoming_piper_serial.cli.command_parser import CommandParser, settings_of
from wyoming_piper_serial.settings import Settings
from wyoming_piper_serial.settings.option import grouped

_OPTIONS = {path: option for options in grouped(Settings).values() for path, option in options.items()}


def parser() -> CommandParser:
    made = CommandParser(prog="wyoming-piper-serial test")
    made.add_argument("--json", action="store_true")
    made.add_argument("--output")
    made.add_server_options([_OPTIONS["voice"], _OPTIONS["data_dirs"]])
    made.add_server_options([_OPTIONS["downloads.offline"]], group="more")
    return made


@pytest.mark.parametrize(
    ("argv", "texts"),
    [
        ([], []),
        (["Hello", "--json", "there"], ["Hello", "there"]),
        (["-3.5", "---", "--", "-h"], ["-3.5", "---", "-h"]),
        (["-", "--output", "-"], ["-"]),
        (["--\N{EM DASH}x", "-übel", "--really not", ""], ["--\N{EM DASH}x", "-übel", "--really not", ""]),
        (["a", "--", "b", "--", "c"], ["a", "b", "--", "c"]),
    ],
)
def test_texts_stand_anywhere(argv: list[str], texts: list[str]) -> None:
    """Texts can come before, between and after options. An argument that cannot be an option is treated as text, even
    if it begins with a dash."""
    assert parser().parse_texts(argv)[1] == texts


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["--jsno"], " A text that begins with a dash: wyoming-piper-serial test -- '--jsno'"),
        (["--jsno", "--", "text"], ""),
    ],
)
def test_unknown_option_is_no_text(capsys: pytest.CaptureFixture[str], argv: list[str], hint: str) -> None:
    """A misspelt option is refused rather than spoken. The message suggests `--`, unless it was used."""
    with pytest.raises(SystemExit) as caught:
        parser().parse_texts(argv)
    assert caught.value.code == 2
    message = f"wyoming-piper-serial test: unknown option '--jsno'. Did you mean --json?{hint}\n"
    assert capsys.readouterr().err == message


def test_options_of_the_server_become_its_settings(tmp_path: Path) -> None:
    """A command passes the server options on its command line to the server's parser. They can be repeated, as on the
    server's own command line."""
    argv = ["--voice", "a=b", "--data-dir", str(tmp_path), "--offline", "--data-dir=/", "--voice", "joe"]
    settings = settings_of(parser().parse_args(argv))
    assert (settings.voice, settings.data_dirs, settings.downloads.offline) == ("joe", (tmp_path, Path("/")), True)
    assert settings_of(parser().parse_args([])) == Settings()


def test_help_shows_the_defaults_of_the_server() -> None:
    """The help for a server option is the same as in the server's own help."""
    text = " ".join(parser().format_help().split())
    assert "(default: en_US-joe-medium)" in text
    assert "more: --offline" in text


def test_unknown_variable_is_warned_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning names each environment variable that does not match an option."""
    monkeypatch.setenv("WYOMING_PIPER_SERIAL_VOCIE", "joe")
    settings_of(parser().parse_args([]))
    assert capsys.readouterr().err == (
        "wyoming-piper-serial: warning: The environment variable WYOMING_PIPER_SERIAL_VOCIE is not used: there is no "
        "such option. Did you mean WYOMING_PIPER_SERIAL_VOICE?\n"
    )
