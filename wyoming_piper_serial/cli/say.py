"""The command `say`: requests speech from a server and writes it to a WAV file or to standard output."""

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
from wyoming.tts import SynthesizeChunk, SynthesizeStop, SynthesizeStopped

from wyoming_piper_serial.cli.client import ClientError, add_uri_option, connected, next_event, run

_READ_SIZE = 4096  # maximum number of bytes of standard input in one `synthesize-chunk` event
_STANDARD_OUTPUT = "-"


def main(argv: Sequence[str]) -> int:
    """Runs `say ...` and returns the exit code: 0, 1 if the command fails, or 130 after Ctrl-C. Prints the reason for a
    failure on standard error."""
    parser = argparse.ArgumentParser(
        prog="wyoming-piper-serial say", description="Speak a text and write the audio to a file or to standard output."
    )
    parser.add_argument("text", nargs="?", help="text to speak; if omitted, standard input is spoken as it arrives")
    parser.add_argument("--voice", metavar="NAME", help="name of the voice (default: the server's default voice)")
    parser.add_argument(
        "--speaker", metavar="NAME", help="name or number of the speaker (default: the voice's default speaker)"
    )
    parser.add_argument(
        "--output",
        default="speech.wav",
        metavar="FILE",
        help="WAV file to write, or - to write raw 16-bit samples to standard output (default: %(default)s)",
    )
    add_uri_option(parser)
    args = parser.parse_args(argv[1:])
    # The library's SynthesizeVoice is not used, because it drops the speaker if no voice is named.
    voice = {key: value for key, value in (("name", args.voice), ("speaker", args.speaker)) if value}
    return run("say", args.uri, speak(args.uri, args.text, args.output, voice))


async def speak(uri: str, text: str | None, output: str, voice: dict[str, str]) -> None:
    """Sends `text`, or standard input if `text` is `None`. Writes the speech to `output`. Raises ClientError."""
    async with connected(uri) as client:
        with _Progress(sys.stderr.isatty()) as progress:
            sending = asyncio.create_task(_send(client, text, voice))
            receiving = asyncio.create_task(_receive(client, output, streamed=text is None, progress=progress))
            try:
                await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_EXCEPTION)
                if not receiving.done():
                    sending.result()
                await receiving
            finally:
                for task in (sending, receiving):
                    task.cancel()
                await asyncio.gather(sending, receiving, return_exceptions=True)
    if output != _STANDARD_OUTPUT:
        print(f"{output}: {progress.seconds:.1f} s of speech", file=sys.stderr)


async def _send(client: AsyncClient, text: str | None, voice: dict[str, str]) -> None:
    data = {"voice": voice} if voice else {}
    if text is not None:
        # In command-line arguments, Python replaces bytes that are not UTF-8 with surrogates, which cannot be sent.
        encodable = text.encode("utf-8", errors="replace").decode()
        await client.write_event(Event("synthesize", {"text": encodable, **data}))
        return
    await client.write_event(Event("synthesize-start", data))
    async for piece in _standard_input():
        await client.write_event(SynthesizeChunk(text=piece).event())
    await client.write_event(SynthesizeStop().event())


async def _standard_input() -> AsyncIterator[str]:
    """Yields the text of standard input as it arrives.

    A thread reads the input, because the event loop cannot wait for a regular file. It is a daemon thread, so that the
    process can exit while the thread waits for input.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # raised by `call_soon_threadsafe` if the loop is closed
            while data := os.read(sys.stdin.fileno(), _READ_SIZE):
                loop.call_soon_threadsafe(pieces.put_nowait, decoder.decode(data))
            loop.call_soon_threadsafe(pieces.put_nowait, None)

    threading.Thread(target=read, daemon=True).start()
    while (piece := await pieces.get()) is not None:
        yield piece


async def _receive(client: AsyncClient, output: str, *, streamed: bool, progress: "_Progress") -> None:
    with contextlib.ExitStack() as stack:
        sink: _Sink | None = None
        while True:
            event = await next_event(client)
            if AudioStart.is_type(event.type):
                sink = stack.enter_context(_open_sink(output, AudioStart.from_event(event)))
            elif AudioChunk.is_type(event.type) and sink is not None:
                chunk = AudioChunk.from_event(event)
                sink.write(chunk.audio)
                progress.add(chunk.seconds)
            elif Error.is_type(event.type):
                raise ClientError(Error.from_event(event).text)
            elif (SynthesizeStopped if streamed else AudioStop).is_type(event.type):
                return


class _Sink(Protocol):
    def write(self, audio: bytes, /) -> object: ...


@contextlib.contextmanager
def _open_sink(output: str, audio_format: AudioStart) -> Iterator[_Sink]:
    if output == _STANDARD_OUTPUT:
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
        self._stream.flush()  # so that a player at the other end of a pipe can start at once


class _WavSink:
    def __init__(self, file: wave.Wave_write) -> None:
        self._file = file

    def write(self, audio: bytes, /) -> None:
        self._file.writeframes(audio)


class _Progress:
    """Counts the duration of the received speech. If `shown` is true, shows the duration and the time to first audio on
    one line of the terminal."""

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

    def add(self, seconds: float) -> None:
        """Adds `seconds` of received audio to the count."""
        if not self.seconds:
            self._first = time.monotonic() - self._begin
        self.seconds += seconds
        if self._shown:
            line = f"\r{self.seconds:6.1f} s of speech, first sound after {self._first:.2f} s"
            print(line, end="", file=sys.stderr, flush=True)
