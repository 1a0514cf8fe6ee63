"""The command `say`: requests speech from a server, and plays it or writes it to a file or to standard output."""

import argparse
import asyncio
import codecs
import contextlib
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.tts import SynthesizeChunk, SynthesizeStop, SynthesizeStopped

from wyoming_piper_serial.audio.containers import FORMAT_NAMES
from wyoming_piper_serial.cli import BAD_SETTINGS, PROGRAM
from wyoming_piper_serial.cli.client import ClientError, add_server, connected, next_event, report, run, server_uri
from wyoming_piper_serial.cli.command_parser import CommandParser
from wyoming_piper_serial.cli.player import PLAYERS, Player, find_player, playing
from wyoming_piper_serial.cli.progress import Progress
from wyoming_piper_serial.cli.sinks import STANDARD_OUTPUT, Output, Sink, check_format, output, writing
from wyoming_piper_serial.cli.terminal import is_terminal
from wyoming_piper_serial.cli.values import number, whole
from wyoming_piper_serial.settings import MAX_SEED, MAX_SPEED, MIN_SPEED

_READ_SIZE = 4096  # maximum number of bytes of standard input in one `synthesize-chunk` event
_DEFAULT_OUTPUT = "speech.wav"


@dataclass(frozen=True, kw_only=True)
class _Job:
    """The text to speak, and the destination of the speech."""

    text: str | None
    """The text, or `None` to speak standard input as it arrives."""

    data: dict[str, Any] = field(default_factory=dict)
    """The voice and the settings, as in the data of the `synthesize` event."""

    output: Output | None = None
    player: Player | None = None


def main(argv: Sequence[str]) -> int:
    """Runs `say ...` and returns the exit code: 0, 1 if the command fails, 2 for invalid arguments, or 130 after
    Ctrl-C. Prints the reason for a failure on standard error."""
    args, texts = parser().parse_texts(argv[1:])
    uri = server_uri("say", args)
    try:
        job = _job(args, texts)
    except ClientError as error:
        report("say", str(error))
        return BAD_SETTINGS
    return run("say", uri, speak(uri, job))


def parser() -> CommandParser:
    """Returns the parser for all arguments except the texts."""
    made = CommandParser(
        prog=f"{PROGRAM} say",
        usage=f"{PROGRAM} say [OPTION ...] [TEXT ...]",
        description="Speak a text with a running server. On a terminal, the speech is played if a player is\n"
        f"installed; otherwise, it is written to {_DEFAULT_OUTPUT}. Without TEXT, standard input is spoken\n"
        "as it arrives.",
    )
    voice = made.add_argument_group("voice")
    voice.add_argument("--voice", metavar="NAME", help="voice, preset or language (default: the server's voice)")
    voice.add_argument("--speaker", metavar="NAME", help="name or number of the speaker (default: the server's)")
    voice.add_argument(
        "--speed",
        type=number(MIN_SPEED, MAX_SPEED),
        metavar="X",
        help=f"speed relative to the server's speed for the voice, from {MIN_SPEED:g} to {MAX_SPEED:g} (default: 1)",
    )
    voice.add_argument(
        "--seed",
        type=whole(0, MAX_SEED),
        metavar="N",
        help="seed that makes the speech reproducible (default: the server's, or random)",
    )
    where = made.add_argument_group("output")
    where.add_argument(
        "--play", action="store_true", help="play the speech (default on a terminal, unless --output is given)"
    )
    names = [player.name for player in PLAYERS]
    where.add_argument(
        "--player",
        choices=names,
        metavar="NAME",
        help=f"audio player: {', '.join(names)} (default: the first that is installed)",
    )
    where.add_argument(
        "--output",
        metavar="FILE",
        help=f"file to write, or - for standard output (default: {_DEFAULT_OUTPUT}, if the speech is not played)",
    )
    where.add_argument(
        "--format",
        type=str.lower,
        choices=FORMAT_NAMES,
        metavar="NAME",
        help=f"{', '.join(FORMAT_NAMES)} (default: from the extension of FILE; raw 16-bit samples for -)",
    )
    where.add_argument("--force", action="store_true", help="overwrite FILE if it exists")
    add_server(made)
    return made


def _job(args: argparse.Namespace, texts: Sequence[str]) -> _Job:
    """Returns the job that the command's arguments describe. Raises ClientError if the speech cannot be played or
    written, or if there is no text because standard input is closed."""
    text = None if not texts or texts == [STANDARD_OUTPUT] else " ".join(texts)
    if text is None and sys.stdin is None:
        raise ClientError("standard input is closed; give the text as an argument")
    # The wyoming library's SynthesizeVoice is not used, because it drops the speaker if no voice is named.
    voice = {key: value for key, value in (("name", args.voice), ("speaker", args.speaker)) if value}
    data = {"voice": voice or None, "speed": args.speed, "seed": args.seed}
    must_play = args.play or args.player is not None
    player = None
    if must_play or (args.output is None and is_terminal(sys.stdout)):
        player = find_player(args.player)
    if must_play and player is None:
        known = args.player or f"one of {', '.join(player.name for player in PLAYERS)}"
        raise ClientError(f"no player was found; install {known}. To write a file: --output {_DEFAULT_OUTPUT}")
    path = args.output
    if path is None and player is None:
        path = _DEFAULT_OUTPUT
    return _Job(
        text=text,
        data={key: value for key, value in data.items() if value is not None},
        output=None if path is None else output(path, args.format, overwrite=args.force),
        player=player,
    )


async def speak(uri: str, job: _Job) -> None:
    """Sends the text, and writes or plays the speech. Raises ClientError, OSError or EOFError if the server cannot be
    reached, the connection is lost, or the speech cannot be played or written. Raises ClientError if the server sends
    an error."""
    progress = Progress()
    try:
        async with connected(uri) as client:
            with contextlib.ExitStack() as stack:
                answers = _Answers(client, uri, job, progress, stack)
                if job.text is None and is_terminal(sys.stdin):
                    print("Type a text. Each line is spoken when it is complete. Ctrl-D ends.", file=sys.stderr)
                    await _converse(client, job, answers, progress)
                else:
                    progress.wait(f"waiting for {uri}")
                    await _exchange(client, job, answers)
                await answers.finish()
    finally:
        progress.end()
    if job.output is not None and job.output.path != STANDARD_OUTPUT:
        print(f"{job.output.path}: {progress.total}", file=sys.stderr)
    elif job.player is not None:
        print(f"{job.player.name}: played {progress.total}", file=sys.stderr)


async def _converse(client: AsyncClient, job: _Job, answers: "_Answers", progress: Progress) -> None:
    """Speaks each line that the user types, one after another."""
    async for line in _standard_input():
        if line.strip():
            progress.begin()
            await client.write_event(Event("synthesize", {"text": line, **job.data}))
            await answers.receive(AudioStop.is_type)
            progress.end()


async def _exchange(client: AsyncClient, job: _Job, answers: "_Answers") -> None:
    """Sends the text, or standard input as it arrives, and receives the speech at the same time."""
    sending = asyncio.create_task(_send(client, job))
    is_last = SynthesizeStopped.is_type if job.text is None else AudioStop.is_type
    receiving = asyncio.create_task(answers.receive(is_last))
    try:
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_EXCEPTION)
        if not receiving.done():
            sending.result()
        await receiving
    finally:
        for task in (sending, receiving):
            task.cancel()
        await asyncio.gather(sending, receiving, return_exceptions=True)


async def _send(client: AsyncClient, job: _Job) -> None:
    if job.text is not None:
        # In command-line arguments, Python represents invalid UTF-8 as surrogates, which cannot be sent.
        encodable = job.text.encode("utf-8", errors="replace").decode()
        await client.write_event(Event("synthesize", {"text": encodable, **job.data}))
        return
    await client.write_event(Event("synthesize-start", job.data))
    async for piece in _standard_input():
        await client.write_event(SynthesizeChunk(text=piece).event())
    await client.write_event(SynthesizeStop().event())


async def _standard_input() -> AsyncIterator[str]:
    """Yields the text of standard input as it arrives.

    A thread reads the input, because the event loop cannot wait for a regular file. The thread is a daemon, so the
    process can exit while the thread waits for input.
    """
    loop = asyncio.get_running_loop()
    pieces: asyncio.Queue[str | None] = asyncio.Queue()
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    descriptor = sys.stdin.fileno()

    def read() -> None:
        with contextlib.suppress(RuntimeError):  # raised by `call_soon_threadsafe` if the loop is closed
            # After an error, such as a terminal that was closed, the text that has arrived is spoken.
            with contextlib.suppress(OSError):
                while data := os.read(descriptor, _READ_SIZE):
                    loop.call_soon_threadsafe(pieces.put_nowait, decoder.decode(data))
            for end in (decoder.decode(b"", final=True), None):
                loop.call_soon_threadsafe(pieces.put_nowait, end)

    threading.Thread(target=read, daemon=True).start()
    while (piece := await pieces.get()) is not None:
        if piece:
            yield piece


class _Answers:
    """Receives the server's responses. Depending on the job, writes the speech of all responses to one file, and plays
    each response with a separate player process."""

    def __init__(
        self, client: AsyncClient, uri: str, job: _Job, progress: Progress, stack: contextlib.ExitStack
    ) -> None:
        """The output file, if any, is opened at the first response and closed when `stack` is closed."""
        self._client = client
        self._uri = uri
        self._job = job
        self._progress = progress
        self._stack = stack
        self._file: Sink | None = None

    async def receive(self, is_last: Callable[[str], bool]) -> None:
        """Receives one response, and writes or plays its speech. `is_last` returns whether an event of the given type
        ends the response. Raises the same errors as `speak`."""
        async with contextlib.AsyncExitStack() as stack:
            sinks: list[Sink] = []
            while True:
                event = await next_event(self._client, self._uri)
                if AudioStart.is_type(event.type):
                    sinks = await self._open(stack, AudioStart.from_event(event))
                elif AudioChunk.is_type(event.type) and sinks:
                    chunk = AudioChunk.from_event(event)
                    self._progress.add(chunk.seconds, silent=not chunk.audio.strip(b"\0"))
                    for sink in sinks:
                        await sink.write(chunk.audio)
                elif Error.is_type(event.type):
                    raise ClientError(Error.from_event(event).text)
                elif is_last(event.type):
                    for sink in sinks:
                        if sink is not self._file:
                            await sink.finish()
                    return

    async def finish(self) -> None:
        """Completes the output file."""
        if self._file is not None:
            await self._file.finish()

    async def _open(self, stack: contextlib.AsyncExitStack, start: AudioStart) -> list[Sink]:
        """Returns the sinks for the speech of one response. The player is stopped when `stack` is closed."""
        check_format(start)
        sinks: list[Sink] = []
        if self._job.output is not None:
            self._file = self._file or self._stack.enter_context(writing(self._job.output, start))
            sinks.append(self._file)
        if self._job.player is not None:
            sinks.append(await stack.enter_async_context(playing(self._job.player, start.rate)))
        return sinks
