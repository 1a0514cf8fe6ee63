"""Typical mistakes on the command line, and the message for each of them."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from wyoming_piper_serial.cli.main import main

_FILE = """\
# The server in the kitchen
voice = en_US-joe-medium
{line}
"""


class _Mistake(NamedTuple):
    words: str
    """The words on the command line. `|` stands for a space in a word, FILE for the path of a config file, and DIR for
    its folder. No server runs at tcp://127.0.0.1:9."""

    message: str
    """The line that is printed."""

    variables: Mapping[str, str] = MappingProxyType({})
    """Environment variables, without their prefix."""

    line: str = ""
    """The third line of the config file."""


_MISTAKES = [
    _Mistake("helth", "wyoming-piper-serial: unknown command 'helth'. Did you mean health?"),
    _Mistake("help", "wyoming-piper-serial: unknown command 'help'. For help: wyoming-piper-serial --help"),
    _Mistake(
        "start",
        ("wyoming-piper-serial: unknown command 'start'. To start the server, omit this word: wyoming-piper-serial"),
    ),
    _Mistake(
        "Hello|there",
        (
            "wyoming-piper-serial: unknown command 'Hello there'. To speak a text: wyoming-piper-serial "
            "say 'Hello there'"
        ),
    ),
    _Mistake(
        "xyz",
        ("wyoming-piper-serial: unknown command 'xyz'. The commands are: say, health, voices, phonemes, completion"),
    ),
    _Mistake("--debug health", "wyoming-piper-serial: the command must come first: wyoming-piper-serial health ..."),
    _Mistake("--vocie joe", "wyoming-piper-serial: unknown option '--vocie'. Did you mean --voice?"),
    _Mistake("--voice", "wyoming-piper-serial: --voice needs a value"),
    _Mistake("--port 80", "wyoming-piper-serial: unknown option '--port'. Did you mean --uri tcp://HOST:PORT?"),
    _Mistake(
        "--http-port 80", "wyoming-piper-serial: unknown option '--http-port'. Did you mean --http-uri tcp://HOST:PORT?"
    ),
    _Mistake(
        "--config FILE",
        "wyoming-piper-serial: FILE, line 3: unknown option 'http-port'. Did you mean http-uri = tcp://HOST:PORT?",
        line="http-port = 80",
    ),
    _Mistake(
        "say -o FILE Hello",
        "wyoming-piper-serial say: unknown option '-o'. Did you mean --output? A text that begins with a dash: "
        "wyoming-piper-serial say -- '-o'",
    ),
    _Mistake(
        "voices install en_US-joe-medium",
        "wyoming-piper-serial voices: unknown command 'install'. Did you mean download?",
    ),
    _Mistake(
        "voices list de",
        "wyoming-piper-serial voices list: unexpected argument 'de'. See wyoming-piper-serial voices list --help",
    ),
    _Mistake("voices show fkae", "wyoming-piper-serial: there is no voice 'fkae'. Did you mean en_US-fake-medium?"),
    _Mistake("voices show joe", "wyoming-piper-serial: there is no voice 'joe'. Did you mean en_US-joe-medium?"),
    _Mistake("--debug=yes", "wyoming-piper-serial: --debug takes no value, but 'yes' is given"),
    _Mistake("--max-queue many", "wyoming-piper-serial: --max-queue: 'many' is not a whole number from 1 to 65536"),
    _Mistake(
        "--normalize loud",
        ("wyoming-piper-serial: --normalize: invalid choice: 'loud' (choose from 'voice', 'sentence', 'off')"),
    ),
    _Mistake(
        "--config FILE",
        "wyoming-piper-serial: FILE, line 3 (--max-queue): 'many' is not a whole number from 1 to 65536",
        line="max-queue = many",
    ),
    _Mistake(
        "--config FILE",
        "wyoming-piper-serial: FILE, line 3: unknown option 'max_queue'. Did you mean max-queue?",
        line="max_queue = 3",
    ),
    _Mistake("--config FILE", "wyoming-piper-serial: FILE, line 3: '= 3 =' is not NAME = VALUE", line="= 3 ="),
    _Mistake(
        "--config FILE", "wyoming-piper-serial: FILE, line 3 (--voice): can have only one value", line="voice = other"
    ),
    _Mistake(
        "--config FILE",
        "wyoming-piper-serial: FILE, line 3 (--debug): 'maybe' is neither true nor false",
        line="debug = maybe",
    ),
    _Mistake("--config DIR/gone", "wyoming-piper-serial: --config DIR/gone: No such file or directory"),
    _Mistake(
        "",
        (
            "wyoming-piper-serial: WYOMING_PIPER_SERIAL_MAX_QUEUE (--max-queue): 'many' is not a whole number"
            " from 1 to 65536"
        ),
        variables={"MAX_QUEUE": "many"},
    ),
    _Mistake(
        "",
        (
            "wyoming-piper-serial: WYOMING_PIPER_SERIAL_NORMALIZE (--normalize): 'loud' is not one of voice, "
            "sentence, off"
        ),
        variables={"NORMALIZE": "loud"},
    ),
    _Mistake(
        "health",
        (
            "health: WYOMING_PIPER_SERIAL_URI: --uri '127.0.0.1:10200': must be tcp://HOST:PORT or unix://PATH. Did "
            "you mean tcp://127.0.0.1:10200?"
        ),
        variables={"URI": "127.0.0.1:10200"},
    ),
    _Mistake(
        "health",
        "health: no server at tcp://127.0.0.1:9 (Connection refused). To start it: wyoming-piper-serial",
        variables={"URI": "tcp://127.0.0.1:9"},
    ),
    _Mistake(
        "health 10",
        ("wyoming-piper-serial health: unexpected argument '10'. See wyoming-piper-serial health --help"),
    ),
    _Mistake(
        "say Hello --uri tcp://127.0.0.1:9",
        "say: no server at tcp://127.0.0.1:9 (Connection refused). To start it: wyoming-piper-serial",
    ),
    _Mistake("say --speed 9 Hello", "wyoming-piper-serial say: --speed: '9' is not a number from 0.25 to 4"),
    _Mistake(
        "say Hello --output FILE",
        (
            "say: FILE: .conf is not a known audio extension; use one of .wav, .pcm, .mp3, .opus, .flac, .aac, "
            ".ogg, .wave, .raw, .oga, or set --format"
        ),
    ),
    _Mistake(
        "say Hello --output FILE --format wav",
        "say: FILE exists; to overwrite it: --force, or choose another file with --output",
    ),
    _Mistake(
        "say Hello --play",
        (
            "say: no player was found; install one of aplay, paplay, pw-play, ffplay, mpv, play, afplay. "
            "To write a file: --output speech.wav"
        ),
    ),
    _Mistake(
        "say --hello",
        (
            "wyoming-piper-serial say: unknown option '--hello'. Did you mean --help? A text that begins "
            "with a dash: wyoming-piper-serial say -- '--hello'"
        ),
    ),
    _Mistake(
        "phonemes --jsn Hello",
        (
            "wyoming-piper-serial phonemes: unknown option '--jsn'. Did you mean --json? A text that "
            "begins with a dash: wyoming-piper-serial phonemes -- '--jsn'"
        ),
    ),
    _Mistake("voices lsit", "wyoming-piper-serial voices: unknown command 'lsit'. Did you mean list?"),
    _Mistake(
        "voices list --langauge de",
        "wyoming-piper-serial voices list: unknown option '--langauge'. Did you mean --language?",
    ),
    _Mistake("voices download", "wyoming-piper-serial voices download: NAME is missing"),
    _Mistake(
        "voices download en_US-fkae-medium",
        (
            "wyoming-piper-serial: there is no voice 'en_US-fkae-medium'. Did you mean en_US-fake-medium or "
            "en_US-joe-medium?"
        ),
    ),
    _Mistake(
        "completion cmd",
        ("wyoming-piper-serial completion: SHELL: invalid choice: 'cmd' (choose from 'bash', 'zsh', 'fish')"),
    ),
]


@pytest.mark.parametrize("mistake", _MISTAKES, ids=lambda mistake: mistake.words or str(mistake.variables))
def test_mistake_is_answered_with_one_plain_line(
    mistake: _Mistake,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each mistake causes one line that says what is wrong, where it is, and what was probably meant."""
    file = tmp_path / "options.conf"
    file.write_text(_FILE.format(line=mistake.line))
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, value in mistake.variables.items():
        monkeypatch.setenv(f"WYOMING_PIPER_SERIAL_{name}", value)
    argv = [
        word.replace("FILE", str(file)).replace("DIR", str(tmp_path)).replace("|", " ")
        for word in mistake.words.split()
    ]
    code: object
    try:
        code = main(argv)
    except SystemExit as ended:
        code = ended.code
    captured = capsys.readouterr()
    shown = captured.err.replace(str(file), "FILE").replace(str(tmp_path), "DIR")
    assert (code in {1, 2}, captured.out, shown) == (True, "", f"{mistake.message}\n")


def test_table_is_long_enough() -> None:
    """The table of mistakes contains at least fifteen entries, without duplicates."""
    assert len({(one.words, str(one.variables), one.line) for one in _MISTAKES}) == len(_MISTAKES) >= 15
