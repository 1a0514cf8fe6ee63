"""Destinations for the speech of the command `say`: a file or standard output. The module `player` plays speech."""

import contextlib
import sys
import wave
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Protocol

from wyoming.audio import AudioStart

from wyoming_piper_serial.audio import SAMPLE_WIDTH
from wyoming_piper_serial.audio.containers import FORMAT_NAMES, PLAIN, format_of, open_container
from wyoming_piper_serial.cli.client import ClientError
from wyoming_piper_serial.exceptions import BadRequest

STANDARD_OUTPUT = "-"

_ENDINGS: Mapping[str, str] = MappingProxyType(
    {**{f".{name}": name for name in FORMAT_NAMES}, "": "wav", ".wave": "wav", ".raw": "pcm", ".oga": "ogg"}
)


class Sink(Protocol):
    """Accepts speech as it arrives: 16-bit mono samples."""

    async def write(self, audio: bytes, /) -> None: ...

    async def finish(self) -> None:
        """Completes the output. Called once, after the last audio."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """A file, or standard output if `path` is `-`."""

    path: str
    audio_format: str
    overwrite: bool = False


def output(path: str, audio_format: str | None, *, overwrite: bool) -> Output:
    """Returns the output for `path`. If `audio_format` is `None`, standard output gets PCM, a file without an extension
    gets WAV, and the extension of any other file determines the format.

    Raises ClientError if the extension is unknown, if the format is not available, or if the file exists and must not
    be overwritten.
    """
    if audio_format is None:
        ending = Path(path).suffix.lower()
        audio_format = "pcm" if path == STANDARD_OUTPUT else _ENDINGS.get(ending)
        if audio_format is None:
            known = ", ".join(ending for ending in _ENDINGS if ending)
            raise ClientError(f"{path}: {ending} is not a known audio extension; use one of {known}, or set --format")
    try:
        found = format_of(audio_format)
    except BadRequest as error:
        missing = "" if audio_format in PLAIN else " The other formats need the extra http of this program."
        raise ClientError(f"{error}{missing}") from error
    chosen = Output(path=path, audio_format=found, overwrite=overwrite)
    if not overwrite and _is_file(chosen):
        raise ClientError(_exists(chosen))
    return chosen


@contextlib.contextmanager
def writing(chosen: Output, start: AudioStart) -> Iterator[Sink]:
    """Opens the output for audio in the format that `start` describes. Raises ClientError or OSError."""
    with contextlib.ExitStack() as stack:
        if chosen.path == STANDARD_OUTPUT:
            stream: BinaryIO = sys.stdout.buffer
        else:
            # A device such as /dev/null always exists, but writing to it does not overwrite anything.
            may_exist = chosen.overwrite or (Path(chosen.path).exists() and not _is_file(chosen))
            try:
                stream = stack.enter_context(Path(chosen.path).open("wb" if may_exist else "xb"))
            except FileExistsError as error:  # the file was created after the check in `output`
                raise ClientError(_exists(chosen)) from error
        if chosen.audio_format == "wav" and chosen.path != STANDARD_OUTPUT and stream.seekable():
            yield _WavFile(stack.enter_context(wave.open(stream, "wb")), start)
        else:
            yield _Stream(stream, chosen.audio_format, start.rate)


def check_format(start: AudioStart) -> None:
    """Raises ClientError if audio of this format cannot be written or played."""
    if (start.width, start.channels) != (SAMPLE_WIDTH, 1):
        raise ClientError(f"the server sends {8 * start.width}-bit audio with {start.channels} channels")


def _is_file(chosen: Output) -> bool:
    try:
        return chosen.path != STANDARD_OUTPUT and Path(chosen.path).is_file()
    except OSError:  # raised if the name is too long; `writing` will report the reason
        return False


def _exists(chosen: Output) -> str:
    return f"{chosen.path} exists; to overwrite it: --force, or choose another file with --output"


class _WavFile:
    def __init__(self, file: wave.Wave_write, start: AudioStart) -> None:
        self._file = file
        file.setframerate(start.rate)
        file.setsampwidth(start.width)
        file.setnchannels(start.channels)

    async def write(self, audio: bytes, /) -> None:
        self._file.writeframes(audio)

    async def finish(self) -> None:
        pass  # closing the file completes the header


class _Stream:
    """Output that is written as a stream: to standard output or a device, or in a format other than WAV."""

    def __init__(self, stream: BinaryIO, audio_format: str, rate: int) -> None:
        self._stream = stream
        self._container = open_container(audio_format, rate)

    async def write(self, audio: bytes, /) -> None:
        self._put(self._container.add(audio))

    async def finish(self) -> None:
        self._put(self._container.finish())

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._stream.flush()  # A player at the other end of a pipe can start at once.
