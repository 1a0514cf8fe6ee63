"""The commands `say` and `health`: a client for people and health checks."""

import argparse
import asyncio
import codecs
import contextlib
import os
import sys
import threading
import time
import wave
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import SynthesizeChunk, SynthesizeStop, SynthesizeStopped

from wyoming_piper_serial.settings import DEFAULT_URI

COMMANDS = ("say", "health")
URI_VARIABLE = "WYOMING_PIPER_SERIAL_URI"  # the server's own, so that a container's health check follows it

_READ_SIZE = 4096  # bytes of standard input in one synthesize-chunk


class ClientError(Exception):
    """What went wrong, in words for the person at the terminal."""


def main(argv: Sequence[str]) -> int:
    """Run `say` or `health`; returns the exit code: 0, or 1 with one line on standard error."""
    args = _parse(argv)
    command = _health(args) if args.command == "health" else _say(args)
    try:
        asyncio.run(command)
    except TimeoutError:
        print(f"{args.command}: no answer from {args.uri}", file=sys.stderr)
        return 1
    except (ClientError, OSError, EOFError) as error:
        print(f"{args.command}: {str(error) or 'the connection was cut'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wyoming-piper-serial")
    commands = parser.add_subparsers(dest="command", required=True)
    say = commands.add_parser("say", help="speak a text into a file or a pipe")
    say.add_argument("text", nargs="?", help="what to say; standard input if left out, spoken as it arrives")
    say.add_argument("--voice", metavar="NAME")
    say.add_argument("--speaker", metavar="NAME")
    say.add_argument(
        "--output",
        default="speech.wav",
        metavar="FILE",
        help="a WAV file (default: speech.wav), or - for raw 16-bit samples to standard output",
    )
    health = commands.add_parser("health", help="exit 0 if the server answers, 1 if not")
    health.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS", help="default: 5")
    for command in (say, health):
        command.add_argument("--uri", default=os.environ.get(URI_VARIABLE, DEFAULT_URI), help="default: %(default)s")
    return parser.parse_args(argv)


async def _health(args: argparse.Namespace) -> None:
    async with asyncio.timeout(args.timeout), _connected(args.uri) as server:
        await server.write_event(Describe().event())
        event = await _next_event(server)
        if not Info.is_type(event.type) or not Info.from_event(event).tts:
            raise ClientError("the server answered, but it does not speak")
        await server.write_event(Event("health"))
        health = await _next_event(server)
        if health.type != "health" or not health.data.get("healthy"):
            raise ClientError(f"the server answered, but {health.data.get('text') or 'it is not well'}")


async def _say(args: argparse.Namespace) -> None:
    # The library's SynthesizeVoice drops a speaker without a name.
    voice = {key: value for key, value in (("name", args.voice), ("speaker", args.speaker)) if value}
    async with _connected(args.uri) as server:
        with _Progress(sys.stderr.isatty()) as progress:
            sending = asyncio.create_task(_send_text(server, args.text, voice))
            hearing = asyncio.create_task(_receive(server, args.output, streamed=args.text is None, progress=progress))
            try:
                await asyncio.wait({sending, hearing}, return_when=asyncio.FIRST_EXCEPTION)
                if not hearing.done():
                    sending.result()
                await hearing
            finally:
                for task in (sending, hearing):
                    task.cancel()
                await asyncio.gather(sending, hearing, return_exceptions=True)
    if args.output != "-":
        print(f"{args.output}: {progress.seconds:.1f} s of speech", file=sys.stderr)


@contextlib.asynccontextmanager
async def _connected(uri: str) -> AsyncIterator[AsyncClient]:
    try:
        client = AsyncClient.from_uri(uri)
    except ValueError as error:
        raise ClientError(f"--uri {uri!r}: must be tcp://HOST:PORT or unix://PATH") from error
    try:
        await client.connect()
    except OSError as error:
        raise ClientError(f"no server at {uri} ({error.strerror or error})") from error
    try:
        yield client
    finally:
        with contextlib.suppress(OSError):
            await client.disconnect()


async def _send_text(server: AsyncClient, text: str | None, voice: dict[str, str]) -> None:
    data = {"voice": voice} if voice else {}
    if text is not None:
        # What a terminal could not decode cannot be sent either.
        spoken = text.encode("utf-8", errors="replace").decode()
        await server.write_event(Event("synthesize", {"text": spoken, **data}))
        return
    await server.write_event(Event("synthesize-start", data))
    async for piece in _standard_input():
        await server.write_event(SynthesizeChunk(text=piece).event())
    await server.write_event(SynthesizeStop().event())


async def _standard_input() -> AsyncIterator[str]:
    """Text as it comes in. Read by a daemon thread: the loop cannot wait for a plain file, and a thread
    that waits for a line must not keep the program from ending.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            while data := os.read(sys.stdin.fileno(), _READ_SIZE):
                loop.call_soon_threadsafe(pieces.put_nowait, decoder.decode(data))
            loop.call_soon_threadsafe(pieces.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (piece := await pieces.get()) is not None:
        yield piece


async def _receive(server: AsyncClient, output: str, *, streamed: bool, progress: "_Progress") -> None:
    with contextlib.ExitStack() as stack:
        sink: _Sink | None = None
        while True:
            event = await _next_event(server)
            if AudioStart.is_type(event.type):
                sink = stack.enter_context(_open_sink(output, AudioStart.from_event(event)))
            elif AudioChunk.is_type(event.type) and sink is not None:
                chunk = AudioChunk.from_event(event)
                sink.write(chunk.audio)
                progress.heard(chunk.seconds)
            elif Error.is_type(event.type):
                raise ClientError(Error.from_event(event).text)
            elif (SynthesizeStopped if streamed else AudioStop).is_type(event.type):
                return


async def _next_event(server: AsyncClient) -> Event:
    try:
        event = await server.read_event()
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        # The library trusts what it reads.
        raise ClientError("what answers there does not speak Wyoming") from error
    if event is None:
        raise ClientError("the server closed the connection")
    return event


class _Sink(Protocol):
    def write(self, audio: bytes, /) -> object: ...


@contextlib.contextmanager
def _open_sink(output: str, audio_format: AudioStart) -> Iterator[_Sink]:
    if output == "-":
        yield _RawSink(sys.stdout.buffer)
        return
    with Path(output).open("wb") as opened, wave.open(opened, "wb") as file:
        file.setframerate(audio_format.rate)
        file.setsampwidth(audio_format.width)
        file.setnchannels(audio_format.channels)
        yield _WavSink(file)


class _RawSink:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, audio: bytes, /) -> None:
        self._stream.write(audio)
        self._stream.flush()  # a player behind the pipe starts at once


class _WavSink:
    def __init__(self, file: wave.Wave_write) -> None:
        self._file = file

    def write(self, audio: bytes, /) -> None:
        self._file.writeframes(audio)


class _Progress:
    """A line on the terminal that grows with the speech."""

    def __init__(self, shown: bool) -> None:
        self.seconds = 0.0
        self._shown = shown
        self._begin = time.monotonic()
        self._first = 0.0

    def __enter__(self) -> "_Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown and self.seconds:
            print(file=sys.stderr)

    def heard(self, seconds: float) -> None:
        """Count `seconds` of audio that have arrived."""
        if not self.seconds:
            self._first = time.monotonic() - self._begin
        self.seconds += seconds
        if self._shown:
            line = f"\r{self.seconds:6.1f} s of speech, first sound after {self._first:.2f} s"
            print(line, end="", file=sys.stderr, flush=True)
