"""Programs that people use with the server: netcat, socat, and the commands `say` and `health`."""

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


def test_official_health_check_finds_piper(server: ServerProcess, program: Find) -> None:
    """The health check of Home Assistant's add-on, which sends `describe` by `nc -w 1`, finds the word `piper`."""
    assert b"piper" in run(program("nc"), "-w", "1", "127.0.0.1", str(server.port), given=_DESCRIBE).stdout


@pytest.mark.parametrize("end", [b"\n", b""], ids=["newline", "no newline"])
def test_netcat_that_half_closes_hears_it_all(server: ServerProcess, program: Find, end: bytes) -> None:
    """A netcat that half-closes after its request gets the whole answer."""
    heard = run(program("nc"), "-N", "127.0.0.1", str(server.port), given=_SPEAK + end)
    assert heard.returncode == 0
    assert heard.stdout.count(b'"audio-start"') == 1
    assert heard.stdout.count(b'"audio-stop"') == 1
    assert len(heard.stdout) > 22050


def test_socat_hears_it_all(server: ServerProcess, program: Find) -> None:
    """socat, which waits after its half-close (`-t`), gets the whole answer."""
    heard = run(program("socat"), "-t", "30", "-", f"TCP:127.0.0.1:{server.port}", given=_SPEAK + b"\n")
    assert heard.stdout.count(b'"audio-stop"') == 1


async def test_say_writes_a_wav_file(server: ServerProcess, tmp_path: Path) -> None:
    """`say` writes a WAV file with the server's speech and a right header."""
    output = tmp_path / "out.wav"
    said = wyoming_piper_serial("say", "Hello there.", "--uri", server.uri, "--output", str(output))
    assert said.returncode == 0, said.stderr
    with wave.open(str(output)) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (22050, 2, 1)
        assert file.readframes(file.getnframes()) == (await one_shot(server.uri, "Hello there.")).pcm


async def test_say_streams_standard_input_to_standard_output(server: ServerProcess) -> None:
    """`say --output -` sends standard input as a stream, and writes only samples to standard output."""
    said = wyoming_piper_serial("say", "--uri", server.uri, "--output", "-", given=b"Hello there. How are\nyou?")
    assert said.returncode == 0, said.stderr
    assert said.stdout == (await one_shot(server.uri, "Hello there. How are\nyou?")).pcm


def test_say_tells_what_went_wrong(server: ServerProcess, tmp_path: Path) -> None:
    """When `say` fails, it prints one line, exits with code 1 and leaves no file."""
    output = tmp_path / "out.wav"
    said = wyoming_piper_serial("say", "x", "--voice", "nobody", "--uri", server.uri, "--output", str(output))
    assert said.returncode == 1
    assert said.stderr.decode().startswith("say: There is no voice 'nobody' here.")
    assert said.stderr.count(b"\n") == 1
    assert not output.exists()


def test_health_is_0_when_the_server_answers(server: ServerProcess) -> None:
    """`health` exits with code 0 if the server answers."""
    assert wyoming_piper_serial("health", "--uri", server.uri).returncode == 0


@pytest.mark.parametrize("uri", ["tcp://127.0.0.1:1", "unix:///nowhere/at/all", "nonsense"])
def test_health_is_1_and_says_why_when_it_does_not(uri: str) -> None:
    """`health` exits with code 1 and prints one line if no server answers."""
    checked = wyoming_piper_serial("health", "--uri", uri)
    assert checked.returncode == 1
    assert checked.stderr.startswith(b"health: ")
    assert checked.stderr.count(b"\n") == 1
