"""The command `wyoming-piper-serial phonemes`: its arguments, its output and its exit codes."""

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.voices_command import OTHER, Run, one_line
from tests.fakes import raw_config
from wyoming_piper_serial.cli.main import main
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.phonemes.phonemizer import VoicePhonemizer

_GREETING = {"written": "Hello you.", "spoken": "Hello you.", "phonemes": ["həlˈoʊ juː."]}
_COMMAND = [sys.executable, "-m", "wyoming_piper_serial", "phonemes"]


@pytest.fixture
def phonemes(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command and returns the exit code, standard output and standard error."""

    def run(*argv: str) -> tuple[int, str, str]:
        try:
            code = main(["phonemes", *argv])
        except SystemExit as error:
            code = int(str(error.code))
        return code, *capsys.readouterr()

    return run


def objects(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_each_text_is_shown_with_its_phonemes(phonemes: Run) -> None:
    """For each sentence, the command prints the written form, the spoken form and the phonemes."""
    code, out, err = phonemes("Hello you. It is -3 °C!")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "written   Hello you.",
        "spoken    Hello you.",
        "phonemes  həlˈoʊ juː.",
        "written   It is -3 °C!",
        "spoken    It is minus 3 degrees Celsius!",
        "phonemes  ɪɾ ɪz mˈaɪnəs θɹˈiː dᵻɡɹˈiːz sˈɛlsɪʲəs!",
    ]


def test_json_has_one_object_for_each_text(phonemes: Run) -> None:
    """With `--json`, the command prints one line for each text."""
    code, out, _ = phonemes("--json", "Hello you.", "", "Hello you. [[ɡaɪs]]!")
    assert code == 0
    assert objects(out) == [
        {"text": "Hello you.", "sentences": [_GREETING]},
        {"text": "", "sentences": []},
        {
            "text": "Hello you. [[ɡaɪs]]!",
            "sentences": [
                {
                    "written": "Hello you. [[ɡaɪs]]!",
                    "spoken": "Hello you. [[ɡaɪs]]!",
                    "phonemes": ["həlˈoʊ juː.", "ɡaɪs!"],
                }
            ],
        },
    ]


def test_lines_of_standard_input_are_texts(phonemes: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a text argument, each line of standard input is a text. Invalid UTF-8 does not end the command."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"Hello you.\r\n\n\xff\xfe\nHello you.")))
    code, out, _ = phonemes("--json")
    assert code == 0
    assert [item["text"] for item in objects(out)] == ["Hello you.", "", "\ufffd\ufffd", "Hello you."]
    assert objects(out)[-1]["sentences"] == [_GREETING]


def test_closed_standard_streams_are_an_error(phonemes: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If standard input or output was closed before the start, Python has no object for it, and the command fails with
    a message.
    """
    monkeypatch.setattr("sys.stdin", None)
    assert phonemes("Hello you.")[0] == 0
    assert one_line(phonemes(), 2).endswith("standard input or output is closed")
    monkeypatch.setattr("sys.stdout", None)
    assert phonemes("Hello you.")[0] == 2


def test_lexicons_and_rules_are_those_of_the_server(phonemes: Run, folder: Path, tmp_path: Path) -> None:
    """The lexicon in the voice folder and the text options are used, from the command line or from a config file."""
    (folder / "lexicon.txt").write_text("you = ewe\n[en]\nHello = /həlˈoʊʃ/\n")
    _, out, _ = phonemes("--json", "Hello you.")
    (sentence,) = objects(out)[0]["sentences"]
    assert sentence == {"written": "Hello you.", "spoken": "[[həlˈoʊʃ]] ewe.", "phonemes": ["həlˈoʊʃ jˈuː."]}
    config, words = tmp_path / "server.conf", tmp_path / "words.txt"
    words.write_text("km = miles")
    config.write_text(f"text-rules = off\nlexicon = {words}\nuri = tcp://0.0.0.0:10200\n")
    _, out, _ = phonemes("--json", "--config", str(config), "5 km")
    assert objects(out)[0]["sentences"][0]["spoken"] == "5 miles."


def test_faults_of_a_lexicon_are_warnings(phonemes: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An invalid line in the lexicon and a phoneme that the voice lacks cause warnings. The other entries are used."""
    words = tmp_path / "words.txt"
    words.write_text("bad\nyou = ewe\nHello = /☃/")
    code, out, _ = phonemes("--lexicon", str(words), "you")
    assert code == 0
    assert "spoken    ewe." in out
    assert caplog.messages == [
        f"Lexicon {words}, line 1: expected WORD = REPLACEMENT",
        f"Lexicon {words}, line 3: voice en_US-joe-medium lacks phonemes of 'Hello', which are skipped: ☃",
    ]


def test_voice_may_be_a_preset_or_a_language(phonemes: Run) -> None:
    """`--voice` accepts a language, a name in any case or a preset, like a request to the server."""
    for name in ("en", "EN-us-Joe-medium", "slow"):
        code, out, _ = phonemes("--preset", "slow=en_US-joe-medium,text_rules=off", "--voice", name, "5 km")
        assert code == 0
        assert ("kilometers" in out) == (name != "slow")


def test_voice_of_another_language_is_used(phonemes: Run, folder: Path) -> None:
    """The command reads only the config of the voice, so the model file needs only the first bytes of a model."""
    (folder / "de_DE-some-low.onnx").write_bytes(b"\x08not a model")
    config = raw_config(language={"code": "de_DE"}, espeak={"voice": "de"})
    (folder / "de_DE-some-low.onnx.json").write_text(json.dumps(config))
    code, out, _ = phonemes("--voice", "de", "-3,5 °C")
    assert code == 0
    assert "minus 3,5 Grad Celsius" in out


def test_errors_are_one_line(phonemes: Run, folder: Path) -> None:
    """If a voice is not installed, or an option or its value is invalid, the command prints one line with the reason
    and exits with code 2."""
    assert "There is no voice 'nope' here." in one_line(phonemes("--voice", "nope", "x"), 2)
    assert "voices download" in one_line(phonemes("--voice", OTHER.name, "x"), 2)
    assert "is not a file" in one_line(phonemes("--lexicon", str(folder), "x"), 2)
    assert phonemes("--nope")[0] == 2


def test_negative_number_is_a_text(phonemes: Run) -> None:
    """A text that begins with a minus sign and a digit is not treated as an option."""
    code, out, _ = phonemes("--json", "-3°C", "-5")
    assert code == 0
    assert [item["text"] for item in objects(out)] == ["-3°C", "-5"]


def test_full_disk_is_code_1(folder: Path) -> None:
    """If the output cannot be written, the command prints one line with the reason and exits with code 1."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*_COMMAND, "Hello you."], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (1, b"wyoming-piper-serial: No space left on device\n")


def test_sentence_that_cannot_be_spoken_is_code_1(phonemes: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a sentence has no phonemes, the exit code is 1. The other texts are shown."""
    convert = VoicePhonemizer._sentences

    def failing(phonemizer: VoicePhonemizer, text: str) -> list[list[str]]:
        if "bad" in text:
            raise SynthesisFailed("bad")
        return convert(phonemizer, text)

    monkeypatch.setattr(VoicePhonemizer, "_sentences", failing)
    code, out, _ = phonemes("--json", "bad", "Hello you.")
    assert code == 1
    assert [item["sentences"] for item in objects(out)] == [
        [{"written": "bad.", "spoken": "bad.", "phonemes": []}],
        [_GREETING],
    ]


def test_closed_pipe_ends_the_command_quietly(folder: Path) -> None:
    """If the program that reads the output exits, the command exits with code 0 and prints no error."""
    with subprocess.Popen(  # noqa: S603 -- the command is fixed
        _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(b"Hello you.\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"written   Hello you.\n"  # each line is processed at once
        process.stdout.close()
        process.stdin.write(b"Hello you.\n" * 10)
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_command_starts_without_slow_libraries() -> None:
    """The command does not import onnxruntime, numpy or a server."""
    child = """
import sys
import wyoming_piper_serial.cli.phonemes
print(*{name.partition(".")[0] for name in sys.modules})
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    assert (
        set(done.stdout.split()) & {"onnxruntime", "numpy", "piper", "uvicorn", "fastapi", "wyoming", "httpx"} == set()
    )
