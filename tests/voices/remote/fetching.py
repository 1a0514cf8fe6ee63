"""Helpers that download a small voice from the local server, in this process or in a child process."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.voices.remote.download import (
    DiskSpace,
    fetch,
)
from wyoming_piper_serial.voices.remote.index import PublicVoice, compact

VOICE = public_voice()


def failure(
    mirror: Mirror | str,
    folder: Path,
    voice: PublicVoice = VOICE,
    *,
    timeout: float = 10.0,
    space: DiskSpace | None = None,
) -> str:
    """Fetch the voice, assert that this fails, and return the error message.

    The message must be a single line without IP addresses or local paths.
    """
    url = mirror if isinstance(mirror, str) else mirror.url
    with pytest.raises(DownloadFailed) as caught:
        fetch(voice, folder, base_url=url, timeout=timeout, space=space)
    message = str(caught.value)
    assert message.startswith(f"The voice {voice.name} cannot be downloaded: ")
    assert "\n" not in message + caught.value.detail
    assert str(folder) not in message
    assert "127.0.0.1" not in message
    return message


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_whole(folder: Path) -> None:
    assert names(folder) == [f"{NAME}.onnx", f"{NAME}.onnx.json"]
    assert (folder / f"{NAME}.onnx").read_bytes() == MODEL
    assert (folder / f"{NAME}.onnx.json").read_bytes() == config_of()


def fetch_it(mirror: Mirror, folder: Path, voice: PublicVoice = VOICE) -> None:
    fetch(voice, folder, base_url=mirror.url, timeout=10)


_CHILD = """
import resource, sys
from pathlib import Path
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.voices.remote.download import fetch
from wyoming_piper_serial.voices.remote.index import parse_public
if int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
voice, = parse_public(sys.stdin.buffer.read())
try:
    fetch(voice, Path(sys.argv[1]), base_url=sys.argv[2], timeout=10)
    print("done")
except DownloadFailed as error:
    print(error)
"""


def child_command(mirror: Mirror, folder: Path, largest_file: int = 0) -> list[str]:
    return [sys.executable, "-c", _CHILD, str(folder), mirror.url, str(largest_file)]


def in_child(mirror: Mirror, folder: Path, largest_file: int = 0) -> str:
    """Fetch the voice in a child process, and return the output of the child.

    `largest_file` is the maximum size in bytes of a file that the child may write; 0 means no limit.
    """
    command = child_command(mirror, folder, largest_file)
    child = subprocess.run(command, input=compact([VOICE]), capture_output=True, check=True, timeout=60)  # noqa: S603
    return child.stdout.decode().strip()
