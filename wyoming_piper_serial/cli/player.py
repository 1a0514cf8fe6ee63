"""Plays audio with an installed program: as it arrives, or at the end if the program needs a complete file."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import IO, cast

from wyoming_piper_serial.audio.containers import wav_header
from wyoming_piper_serial.cli.client import ClientError

_SHOWN = 200  # maximum number of characters shown from a player's error message


@dataclass(frozen=True)
class Player:
    """A program that plays audio. In `arguments`, `{rate}` stands for the sample rate in hertz."""

    name: str
    arguments: tuple[str, ...]
    has_header: bool = False
    """Whether the player needs a WAV header before the samples. Otherwise, its arguments contain the format."""

    needs_file: bool = False
    """Whether the player can only play a complete file, whose path is appended to the arguments."""


PLAYERS: Sequence[Player] = (
    Player("aplay", ("-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "1", "-")),
    Player("paplay", ("--raw", "--format=s16le", "--rate={rate}", "--channels=1")),
    Player("pw-play", ("--raw", "--format=s16", "--rate={rate}", "--channels=1", "-")),
    # ffplay and mpv get a WAV header, because their options for raw audio differ between versions.
    Player("ffplay", ("-nodisp", "-autoexit", "-loglevel", "error", "-f", "wav", "-i", "-"), has_header=True),
    Player("mpv", ("--no-terminal", "--no-video", "-"), has_header=True),
    Player("play", ("-q", "-t", "raw", "-r", "{rate}", "-e", "signed-integer", "-b", "16", "-c", "1", "-L", "-")),
    Player("afplay", (), needs_file=True),
)
"""The supported players in order of preference: ALSA, PulseAudio, PipeWire, FFmpeg, mpv, SoX and macOS."""


def find_player(name: str | None = None, which: Callable[[str], str | None] = shutil.which) -> Player | None:
    """Returns the player `name`, or the first installed player if `name` is `None`. Returns `None` if no such player is
    installed.

    `which` returns the path of a program, or `None` if the program is not installed.
    """
    return next((player for player in PLAYERS if name in {None, player.name} and which(player.name)), None)


class Playback:
    """Passes 16-bit mono audio to a player as it arrives."""

    def __init__(self, player: Player, process: asyncio.subprocess.Process, errors: IO[bytes]) -> None:
        self._player = player
        self._process = process
        self._input = cast("asyncio.StreamWriter", process.stdin)  # `stdin` is not None, because it is a pipe.
        self._errors = errors

    async def write(self, audio: bytes) -> None:
        """Passes `audio` to the player, and waits while the pipe is full. Raises ClientError if the player has
        exited."""
        self._input.write(audio)
        try:
            await self._input.drain()
        except ConnectionError:
            await self._process.wait()
            raise self._failure() from None

    async def finish(self) -> None:
        """Waits until all audio has been played. Raises ClientError if the player fails."""
        self._input.close()
        if await self._process.wait() != 0:
            raise self._failure()

    def _failure(self) -> ClientError:
        return _failure(self._player, self._process.returncode, self._errors)


class FilePlayback:
    """Collects 16-bit mono audio for a player that needs a file, and plays it at the end."""

    def __init__(self, player: Player, rate: int, file: IO[bytes], errors: IO[bytes]) -> None:
        self._player = player
        self._rate = rate
        self._file = file
        self._errors = errors
        self._file.write(wav_header(rate, 0))

    async def write(self, audio: bytes) -> None:
        self._file.write(audio)

    async def finish(self) -> None:
        """Plays the collected audio. Raises ClientError if the player fails."""
        size = self._file.tell() - len(wav_header(self._rate, 0))
        self._file.seek(0)
        self._file.write(wav_header(self._rate, size))
        self._file.flush()
        async with _started(self._player, [self._file.name], asyncio.subprocess.DEVNULL, self._errors) as process:
            if await process.wait() != 0:
                raise _failure(self._player, process.returncode, self._errors)


@contextlib.asynccontextmanager
async def playing(player: Player, rate: int) -> AsyncIterator[Playback | FilePlayback]:
    """Starts `player` for audio with the sample rate `rate` in hertz. A player that needs a file is started by `finish`
    instead. If the context ends before `finish` has returned, the player is stopped.

    Raises ClientError if the player cannot be started. For a player that needs a file, `finish` raises this error.
    """
    with tempfile.TemporaryFile() as errors:
        if player.needs_file:
            with tempfile.NamedTemporaryFile(suffix=".wav") as file:
                yield FilePlayback(player, rate, file, errors)
            return
        arguments = [argument.format(rate=rate) for argument in player.arguments]
        async with _started(player, arguments, asyncio.subprocess.PIPE, errors) as process:
            playback = Playback(player, process, errors)
            if player.has_header:
                await playback.write(wav_header(rate))
            yield playback


@contextlib.asynccontextmanager
async def _started(
    player: Player, arguments: Sequence[str], stdin: int, errors: IO[bytes]
) -> AsyncIterator[asyncio.subprocess.Process]:
    try:
        process = await asyncio.create_subprocess_exec(
            player.name, *arguments, stdin=stdin, stdout=asyncio.subprocess.DEVNULL, stderr=errors
        )
    except OSError as error:
        raise ClientError(f"{player.name} cannot be started ({error.strerror})") from error
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _failure(player: Player, code: int | None, errors: IO[bytes]) -> ClientError:
    """Returns the error for a player that has failed, with the last line in `errors`, the player's standard error, or
    with its exit code if there is none."""
    errors.seek(0)
    lines = errors.read().decode(errors="replace").split("\n")
    reason = next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {code}")
    others = [other.name for other in PLAYERS if other != player and shutil.which(other.name)]
    hint = f" To try another player: --player {others[0]}" if others else " To write a file: --output speech.wav"
    return ClientError(f"{player.name} cannot play the speech: {reason:.{_SHOWN}}.{hint}")
