"""The command `say` sends text to a server, and writes the received audio to a file or to standard output."""

import asyncio
import os
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pytest
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import SynthesizeStopped

from tests.cli.fake_player import FakePlayers
from tests.cli.serving import HANG_UP, Answer, FakeServer, serving
from wyoming_piper_serial.cli.say import main

_START = AudioStart(rate=8000, width=2, channels=1).event()
_STOP = AudioStop().event()


def chunk(pcm: bytes) -> Event:
    return AudioChunk(rate=8000, width=2, channels=1, audio=pcm).event()


_SPEECH: Answer = [_START, chunk(b"\x01\x00" * 4000), chunk(b"\x02\x00" * 4000), _STOP]
_PCM = b"\x01\x00" * 4000 + b"\x02\x00" * 4000


async def say(answers: dict[str, Answer], *arguments: str) -> tuple[int, FakeServer]:
    """Run the command `say` against a fake server. Return the exit code and the fake server."""
    async with serving(answers) as server:
        return await asyncio.to_thread(main, ["say", *arguments, "--uri", server.uri]), server


@pytest.fixture
def standard_input(monkeypatch: pytest.MonkeyPatch) -> Iterator[BinaryIO]:
    """Replace standard input with a pipe, and return the writing end of the pipe. Closing the writing end ends the
    input."""
    reader, writer = os.pipe()
    with os.fdopen(reader) as stdin, os.fdopen(writer, "wb", buffering=0) as pipe:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield pipe


async def test_speech_becomes_a_wav_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The WAV file has the sample rate, width and channels that the server sent, and contains all samples. One line
    on standard error states the duration."""
    output = tmp_path / "out.wav"
    code, server = await say({"synthesize": _SPEECH}, "Hello there.", "--output", str(output))
    assert code == 0
    assert [(event.type, event.data) for event in server.received] == [("synthesize", {"text": "Hello there."})]
    with wave.open(str(output)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
        assert file.readframes(file.getnframes()) == _PCM
    assert capsys.readouterr() == ("", f"{output}: 1.0 s of speech\n")


async def test_text_without_speech_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a text such as an emoji, the server sends a short silence. The command says why nothing is heard."""
    output = tmp_path / "out.wav"
    code, _ = await say({"synthesize": [_START, chunk(bytes(1600)), _STOP]}, "🎉", "--output", str(output))
    assert code == 0
    said = f"{output}: 0.1 s of silence, because the text contains nothing to speak\n"
    assert capsys.readouterr() == ("", said)


async def test_dash_writes_samples_to_standard_output(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """With `--output -`, standard output contains only the samples, and standard error is empty."""
    code, _ = await say({"synthesize": _SPEECH}, "Hello there.", "--output", "-")
    assert code == 0
    assert capsysbinary.readouterr() == (_PCM, b"")


@pytest.mark.parametrize(
    ("arguments", "voice"),
    [
        (["--voice", "joe"], {"name": "joe"}),
        (["--speaker", "3"], {"speaker": "3"}),
        (["--voice", "joe", "--speaker", "3"], {"name": "joe", "speaker": "3"}),
    ],
)
async def test_voice_and_speaker_are_sent(
    capsysbinary: pytest.CaptureFixture[bytes], arguments: list[str], voice: dict[str, str]
) -> None:
    """`say` sends the voice and the speaker. A speaker can be given without a voice."""
    _, server = await say({"synthesize": _SPEECH}, "Hello.", "--output", "-", *arguments)
    assert server.received[0].data["voice"] == voice


async def test_bytes_that_are_not_utf8_are_replaced(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """A byte in an argument that is not valid UTF-8 is sent as `?`. Python represents such a byte as a surrogate."""
    code, server = await say({"synthesize": _SPEECH}, "caf\udce9", "--output", "-")
    assert code == 0
    assert server.received[0].data["text"] == "caf?"


async def test_standard_input_is_a_stream(standard_input: BinaryIO, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Text from standard input is sent as a stream of `synthesize-chunk` events. `say` ends when it receives
    `synthesize-stopped`."""
    standard_input.write("Schöne Grüße. ".encode() + b"\xff")
    standard_input.close()
    answers: dict[str, Answer] = {"synthesize-stop": [*_SPEECH, SynthesizeStopped().event()]}
    code, server = await say(answers, "--voice", "joe", "--output", "-")
    assert code == 0
    first, *pieces, last = server.received
    assert (first.type, first.data) == ("synthesize-start", {"voice": {"name": "joe"}})
    assert {event.type for event in pieces} == {"synthesize-chunk"}
    assert "".join(event.data["text"] for event in pieces) == "Schöne Grüße. \N{REPLACEMENT CHARACTER}"
    assert last.type == "synthesize-stop"
    assert capsysbinary.readouterr().out == _PCM


async def test_incomplete_character_at_the_end_is_replaced(standard_input: BinaryIO) -> None:
    standard_input.write(b"ab\xc3")
    standard_input.close()
    code, server = await say({"synthesize-stop": [*_SPEECH, SynthesizeStopped().event()]}, "--output", "-")
    assert code == 0
    assert "".join(event.data["text"] for event in server.received[1:-1]) == "ab\N{REPLACEMENT CHARACTER}"


def test_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`say <&-` ends with an error instead of waiting for a text."""
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["say", "--output", "-"]) == 2
    assert "standard input is closed; give the text as an argument" in capsys.readouterr().err


async def test_text_is_sent_while_it_is_typed(
    standard_input: BinaryIO, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Text is sent as soon as it arrives on standard input. If the bytes of a character arrive in two reads, the
    character is sent when it is complete."""
    async with serving({"synthesize-stop": [*_SPEECH, SynthesizeStopped().event()]}) as server:
        saying = asyncio.create_task(asyncio.to_thread(main, ["say", "--output", "-", "--uri", server.uri]))
        standard_input.write(b"Gr\xc3")
        assert (await server.next("synthesize-chunk")).data["text"] == "Gr"
        standard_input.write(b"\xbc\xc3\x9fe.")
        assert (await server.next("synthesize-chunk")).data["text"] == "üße."
        standard_input.close()
        assert await saying == 0


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ([Error(text="There is no voice 'x' here.", code="unknown-voice").event()], "There is no voice 'x' here."),
        (
            [HANG_UP],
            (
                "the server at URI closed the connection. "
                "Is this its Wyoming port, and does its --allow option permit this machine?"
            ),
        ),
        ([b"[]\n"], "the response from URI is not a Wyoming event. Is this the port of the web page?"),
    ],
)
async def test_failure_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], answer: Answer, line: str
) -> None:
    """If the request fails, `say` prints one line on standard error, exits with code 1, and does not create the
    output file."""
    output = tmp_path / "out.wav"
    code, server = await say({"synthesize": answer}, "Hello.", "--output", str(output))
    assert code == 1
    assert capsys.readouterr() == ("", f"say: {line.replace('URI', server.uri)}\n")
    assert not output.exists()


async def test_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the output file cannot be written, `say` prints one line with the path of the file, and exits with code 1."""
    output = tmp_path / "no" / "out.wav"
    code, _ = await say({"synthesize": _SPEECH}, "Hello.", "--output", str(output))
    assert code == 1
    captured = capsys.readouterr()
    assert captured.err.startswith("say: ")
    assert str(output) in captured.err
    assert captured.err.count("\n") == 1


async def test_terminal_shows_the_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, a progress line shows how many seconds of speech have been received. Each chunk updates the
    line."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    await say({"synthesize": _SPEECH}, "Hello.", "--output", str(tmp_path / "out.wav"))
    lines = capsys.readouterr().err.splitlines()
    assert lines[1].startswith("waiting for tcp://127.0.0.1:")
    assert "   0.5 s of speech, first sound after " in lines[2]
    assert lines[-1] == f"{tmp_path}/out.wav: 1.0 s of speech"


async def test_words_are_joined_and_may_begin_with_a_dash(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The text may consist of several arguments, before and after options. An argument that cannot be an option is
    treated as text, and so is everything after `--`."""
    arguments = ["It", "is", "-3", "°C", "--output", "-", "---", "outside", "--", "--really"]
    async with serving({"synthesize": _SPEECH}) as server:
        code = await asyncio.to_thread(main, ["say", "--uri", server.uri, *arguments])
    assert code == 0
    assert server.received[0].data["text"] == "It is -3 °C --- outside --really"


async def test_speed_and_seed_are_sent(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The speed and the seed are part of the request."""
    _, server = await say({"synthesize": _SPEECH}, "Hi.", "--output", "-", "--speed", "1.5", "--seed", "7")
    assert server.received[0].data == {"text": "Hi.", "speed": 1.5, "seed": 7}


async def test_speech_is_played_on_a_terminal(
    players: FakePlayers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal, the speech is played by the first player that is installed, at the rate of the voice."""
    players.install("mpv")
    players.install("aplay")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    code, _ = await say({"synthesize": _SPEECH}, "Hello.")
    assert code == 0
    assert players.audio("aplay") == _PCM
    assert "8000" in players.arguments("aplay")
    assert capsys.readouterr() == ("", "aplay: played 1.0 s of speech\n")


async def test_speech_can_be_played_and_written(
    players: FakePlayers, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With `--play` or `--player`, the speech is also played if a file is written, or if there is no terminal."""
    players.install("aplay")
    players.install("paplay")
    output = tmp_path / "out.raw"
    code, _ = await say({"synthesize": _SPEECH}, "Hello.", "--player", "paplay", "--output", str(output))
    assert (code, output.read_bytes(), players.audio("paplay")) == (0, _PCM, _PCM)
    assert (await say({"synthesize": _SPEECH}, "Hello.", "--play"))[0] == 0
    assert players.audio("aplay") == _PCM


async def test_without_a_player_a_file_is_written(
    players: FakePlayers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If no player is installed, the speech is written to a file even on a terminal, and `--play` is an error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert (await say({"synthesize": _SPEECH}, "Hello."))[0] == 0
    assert (tmp_path / "speech.wav").exists()
    assert capsys.readouterr().err == "speech.wav: 1.0 s of speech\n"
    assert (await say({"synthesize": _SPEECH}, "Hello.", "--play"))[0] == 2
    assert "no player was found; install one of aplay, " in capsys.readouterr().err


async def test_existing_file_is_not_overwritten_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If the output file exists, no speech is requested. `--force` overwrites the file."""
    output = tmp_path / "out.wav"
    output.write_text("mine")
    code, server = await say({"synthesize": _SPEECH}, "Hello.", "--output", str(output))
    assert (code, server.received, output.read_text()) == (2, [], "mine")
    assert (await say({"synthesize": _SPEECH}, "Hello.", "--output", str(output), "--force"))[0] == 0
    assert output.read_bytes().startswith(b"RIFF")


async def test_dash_is_standard_input(standard_input: BinaryIO, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """With the text `-`, the command speaks standard input."""
    standard_input.write(b"Hello.")
    standard_input.close()
    code, server = await say({"synthesize-stop": [*_SPEECH, SynthesizeStopped().event()]}, "-", "--output", "-")
    assert code == 0
    assert server.received[1].data["text"] == "Hello."


async def test_line_is_spoken_when_it_is_typed(
    standard_input: BinaryIO,
    players: FakePlayers,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On a terminal, each line is a separate request, which is played to the end. If there is an output file, it
    contains the speech of all lines."""
    players.install("aplay")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    output = tmp_path / "all.wav"
    async with serving({"synthesize": _SPEECH}) as server:
        arguments = ["say", "--seed", "7", "--play", "--output", str(output), "--uri", server.uri]
        saying = asyncio.create_task(asyncio.to_thread(main, arguments))
        standard_input.write(b"Hello.\n")
        assert (await server.next("synthesize")).data == {"text": "Hello.\n", "seed": 7}
        standard_input.write(b"\n")
        standard_input.write(b"Bye.\n")
        assert (await server.next("synthesize")).data["text"].strip() == "Bye."
        standard_input.close()
        assert await saying == 0
    assert players.audio("aplay") == _PCM
    with wave.open(str(output)) as file:
        assert file.readframes(file.getnframes()) == _PCM + _PCM
    assert "Ctrl-D ends" in capsys.readouterr().err


async def test_speech_of_another_form_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """If the server sends stereo audio, `say` exits with code 1, because it can neither play nor write stereo."""
    stereo = AudioStart(rate=8000, width=2, channels=2).event()
    code, _ = await say({"synthesize": [stereo]}, "Hello.", "--output", "-")
    assert code == 1
    assert "2 channels" in capsys.readouterr().err
