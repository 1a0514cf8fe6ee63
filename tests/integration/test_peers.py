"""The server works with common client programs: netcat, socat, and the commands `say` and `health`."""

import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.conftest import ServerProcess
from tests.integration.peers import one_shot

Find = Callable[[str], str]

_DESCRIBE = b'{ "type": "describe" }\n'
_SPEAK = b'{"type": "synthesize", "data": {"text": "Hello there."}}'


def run(*command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, input=given, capture_output=True, timeout=60, check=False)


def wyoming_piper_serial(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return run(sys.executable, "-m", "wyoming_piper_serial", *arguments, given=given)


def test_official_health_check_finds_piper(small_server: ServerProcess, program: Find) -> None:
    """The health check of Home Assistant's add-on sends `describe` with `nc -w 1`, and finds the word `piper` in the
    reply."""
    assert b"piper" in run(program("nc"), "-w", "1", "127.0.0.1", str(small_server.port), given=_DESCRIBE).stdout


@pytest.mark.parametrize("end", [b"\n", b""], ids=["newline", "no newline"])
def test_netcat_that_half_closes_gets_the_complete_answer(
    small_server: ServerProcess, program: Find, end: bytes
) -> None:
    """A netcat that closes its sending side after the request receives the complete response."""
    heard = run(program("nc"), "-N", "127.0.0.1", str(small_server.port), given=_SPEAK + end)
    assert heard.returncode == 0
    assert heard.stdout.count(b'"audio-start"') == 1
    assert heard.stdout.count(b'"audio-stop"') == 1
    assert len(heard.stdout) > 22050


def test_socat_gets_the_complete_answer(small_server: ServerProcess, program: Find) -> None:
    """socat closes its sending side after the request. With `-t 30`, it receives the complete response."""
    heard = run(program("socat"), "-t", "30", "-", f"TCP:127.0.0.1:{small_server.port}", given=_SPEAK + b"\n")
    assert heard.stdout.count(b'"audio-stop"') == 1


async def test_say_writes_a_wav_file(small_server: ServerProcess, tmp_path: Path) -> None:
    """`say` writes a WAV file with a correct header and the same samples as another client receives."""
    output = tmp_path / "out.wav"
    said = wyoming_piper_serial("say", "Hello there.", "--uri", small_server.uri, "--output", str(output))
    assert said.returncode == 0, said.stderr
    with wave.open(str(output)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (22050, 2, 1)
        assert file.readframes(file.getnframes()) == (await one_shot(small_server.uri, "Hello there.")).pcm


async def test_say_streams_standard_input_to_standard_output(small_server: ServerProcess) -> None:
    """`say --output -` sends the text from standard input as a stream, and writes only samples to standard output."""
    said = wyoming_piper_serial("say", "--uri", small_server.uri, "--output", "-", given=b"Hello there. How are\nyou?")
    assert said.returncode == 0, said.stderr
    assert said.stdout == (await one_shot(small_server.uri, "Hello there. How are\nyou?")).pcm


def test_say_prints_the_reason_of_a_failure(small_server: ServerProcess, tmp_path: Path) -> None:
    """If `say` fails, it prints one line with the reason, exits with code 1 and does not create the output file."""
    output = tmp_path / "out.wav"
    said = wyoming_piper_serial("say", "x", "--voice", "nobody", "--uri", small_server.uri, "--output", str(output))
    assert said.returncode == 1
    assert said.stderr.decode().startswith("say: There is no voice 'nobody' here.")
    assert said.stderr.count(b"\n") == 1
    assert not output.exists()


def test_health_is_0_when_the_server_answers(small_server: ServerProcess) -> None:
    """If the server is healthy, `health` exits with code 0."""
    assert wyoming_piper_serial("health", "--uri", small_server.uri).returncode == 0


@pytest.mark.parametrize("uri", ["tcp://127.0.0.1:1", "unix:///nowhere/at/all", "nonsense"])
def test_health_is_1_when_no_server_answers(uri: str) -> None:
    """If no server responds, `health` prints one line with the reason and exits with code 1."""
    checked = wyoming_piper_serial("health", "--uri", uri)
    assert checked.returncode == 1
    assert checked.stderr.startswith(b"health: ")
    assert checked.stderr.count(b"\n") == 1
