"""The program from the operator's point of view: start, addresses and shutdown."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop

from tests.integration.conftest import Start
from tests.integration.peers import connected, describe, hear, one_shot

_SPEAK = b'{"type": "synthesize", "data": {"text": "Hello there."}}\n'
_TEXT = "This is the first sentence. There is more to be said after that. And this is the last sentence of all."
_SHORT_TEXT = "This is the first of two sentences. And this is the last one."


def start_failing(*options: str) -> str:
    """Start a server that must exit with code 2, and return its standard error without the first log line, which names
    the voice that is being loaded."""
    failed = subprocess.run(
        [sys.executable, "-m", "wyoming_piper_serial", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert failed.returncode == 2, failed.stderr
    return without_loading(failed.stderr)


def without_loading(log: str) -> str:
    first, _, rest = log.partition("\n")
    return rest if "INFO Loading voice " in first else log


def test_bad_setting_ends_the_program_with_one_line() -> None:
    """If a setting is invalid, the server exits with code 2 and prints only one line."""
    error = start_failing("--voice", "nobody")
    assert error == "wyoming-piper-serial: There is no voice 'nobody' here. Available: en_US-joe-medium.\n"


def test_broken_default_voice_is_refused(voices: Path) -> None:
    """If the default voice is broken, the server exits with code 2 and prints one line with the name of the file."""
    error = start_failing("--data-dir", str(voices), "--voice", "de_DE-broken-low", "--uri", "tcp://127.0.0.1:0")
    assert "de_DE-broken-low.onnx: not a model" in error
    assert error.count("\n") == 1


def test_address_in_use_is_refused() -> None:
    """If the address is already in use, the server exits with code 2 and prints one line with the address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        line = start_failing("--uri", uri)
    assert line.startswith(f"wyoming-piper-serial: --uri {uri}: already in use by ")
    assert f"(process {os.getpid()}). Stop it, or choose another port: --uri tcp://127.0.0.1:" in line
    assert line.count("\n") == 1


def test_open_files_are_checked_at_the_start() -> None:
    """If the limit on open files is too low for `--max-connections`, the server exits with code 2 and prints one line
    with both numbers."""
    refused = subprocess.run(
        ["/bin/sh", "-c", f"ulimit -n 300; exec '{sys.executable}' -m wyoming_piper_serial --uri tcp://127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 2
    assert without_loading(refused.stderr).count("\n") == 1
    assert "--max-connections: needs 640 open files, but only 300 are allowed" in refused.stderr


async def test_unix_socket(start: Start, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """A socket file that no server uses is replaced. If another server uses the file, the new server does not start. A
    server removes its socket file when it exits."""
    path = tmp_path / "piper.socket"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    server = start(*small_voice, "--uri", f"unix://{path}")
    assert (await one_shot(server.uri, "Hello.")).events == ["audio-start", "audio-chunk", "audio-stop"]
    assert "already in use" in start_failing("--uri", f"unix://{path}")
    assert (await describe(server.uri)).tts
    assert server.stop() == 0
    assert not path.exists()


@pytest.mark.parametrize("given_as", ["pipe", "file"])
def test_stdio(given_as: str, small_voice: tuple[str, ...], tmp_path: Path) -> None:
    """With stdio://, the server reads standard input and writes to standard output, which may be pipes or files. The
    server exits when its input ends."""
    command = [sys.executable, "-m", "wyoming_piper_serial", *small_voice, "--uri", "stdio://"]
    if given_as == "pipe":
        done = subprocess.run(command, input=_SPEAK, capture_output=True, timeout=60, check=False)
        output = done.stdout
    else:
        (tmp_path / "in").write_bytes(_SPEAK)
        with (tmp_path / "in").open("rb") as given, (tmp_path / "out").open("wb") as taken:
            done = subprocess.run(command, stdin=given, stdout=taken, stderr=subprocess.PIPE, timeout=60, check=False)
        output = (tmp_path / "out").read_bytes()
    assert done.returncode == 0, done.stderr
    assert output.startswith(b'{"type": "audio-start"')
    assert output.count(b'"audio-stop"') == 1


def start_stdio(*options: str, sentences: int) -> "subprocess.Popen[bytes]":
    """Start a server on stdio://, send it one speech request, and close its input."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wyoming_piper_serial", *options, "--uri", "stdio://"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin
    process.stdin.write(b'{"type": "synthesize", "data": {"text": "%s"}}\n' % (b"This goes on and on. " * sentences))
    process.stdin.close()
    return process


def test_stdio_ends_only_when_all_output_is_read(small_voice: tuple[str, ...]) -> None:
    """With stdio://, a slow reader receives all audio, because `--drain-timeout` does not start when the input ends."""
    process = start_stdio(*small_voice, "--drain-timeout", "0.01", sentences=4)
    assert process.stdout
    assert process.stderr
    with process:
        output = process.stdout.read(1)
        while b"completed" not in process.stderr.readline():
            assert process.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1.5)  # longer than --drain-timeout plus the time to close connections (1 s)
        output += process.stdout.read()
        assert process.wait(timeout=60) == 0
    assert output.count(b'"audio-stop"') == 1


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
async def test_speech_finishes_before_the_server_ends(start: Start, small_voice: tuple[str, ...], ending: int) -> None:
    """After SIGTERM or Ctrl-C, the server closes idle connections, completes the current speech, and exits with code
    0."""
    server = start(*small_voice, "--drain-timeout", "60", "--seed", "5", "--max-ahead", "1")
    # The speech is longer than the sockets can buffer, so it is not complete until the client reads it.
    text = " ".join([_TEXT] * 5)
    whole = await one_shot(server.uri, text)
    idle, idle_writer = await asyncio.open_connection("127.0.0.1", server.port)
    async with connected(server.uri) as client:
        await client.write_event(Synthesize(text=text).event())
        first = await hear(client, "audio-chunk")
        server.process.send_signal(ending)
        assert await idle.read() == b""
        assert server.log.count(" completed after") == 1
        rest = await hear(client, "audio-stop")
    assert rest.events[-1] == "audio-stop"
    assert first.pcm + rest.pcm == whole.pcm
    idle_writer.close()
    await idle_writer.wait_closed()
    assert await asyncio.to_thread(server.wait) == 0
    assert "2 completed, 0 cancelled" in server.log


async def test_all_accepted_requests_are_served_before_the_server_ends(
    start: Start, small_voice: tuple[str, ...]
) -> None:
    """All 24 requests sent before SIGTERM are completed, including a stream whose text ends after SIGTERM."""
    server = start(*small_voice, "--drain-timeout", "60")
    async with contextlib.AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(connected(server.uri)) for _ in range(24)]
        await clients[0].write_event(SynthesizeStart().event())
        await clients[0].write_event(SynthesizeChunk(text="One here. Two").event())
        for client in clients[1:]:
            await client.write_event(Synthesize(text=_SHORT_TEXT).event())
        server.process.send_signal(signal.SIGTERM)
        heard = await asyncio.gather(*[hear(client, "audio-stop") for client in clients[1:]])
        assert [answer.events for answer in heard] == [["audio-start", "audio-chunk", "audio-stop"]] * 23
        await clients[0].write_event(SynthesizeChunk(text=" there.").event())
        await clients[0].write_event(SynthesizeStop().event())
        assert (await hear(clients[0], "synthesize-stopped")).events[-1] == "synthesize-stopped"
    assert await asyncio.to_thread(server.wait) == 0
    assert "24 completed, 0 cancelled, 0 failed" in server.log


async def test_requests_without_a_turn_are_told_after_the_drain_timeout(
    start: Start, small_voice: tuple[str, ...]
) -> None:
    """After `--drain-timeout`, a stream without text and a waiting stream with incomplete text get `shutting-down`, and
    the server exits."""
    server = start(*small_voice, "--drain-timeout", "0.5", "--max-ahead", "1", "--schedule", "fifo")
    with stalled_reader(server.port):
        async with connected(server.uri) as silent, connected(server.uri) as unfinished:
            await silent.write_event(SynthesizeStart().event())
            await unfinished.write_event(SynthesizeStart().event())
            await unfinished.write_event(SynthesizeChunk(text="One here. Two there. Three").event())
            server.process.send_signal(signal.SIGTERM)
            assert (await hear(silent, "error")).error == "shutting-down"
            assert (await hear(unfinished, "error")).error == "shutting-down"
        assert await asyncio.to_thread(server.wait) == 0
    assert "Traceback" not in server.log


def test_client_that_does_not_read_is_disconnected_after_the_drain_timeout(start: Start) -> None:
    """A client that does not read is disconnected after `--drain-timeout`, and its request ends with the error
    `shutting-down`. The test checks the log, because the error can be sent only if the connection's buffers are not
    full."""
    server = start("--uri", "tcp://127.0.0.1:0", "--drain-timeout", "0.2", "--max-ahead", "1")
    with stalled_reader(server.port):
        assert server.stop() == 0
    assert "#1: failed (shutting-down) after" in server.log
    assert "1 failed, 0 refused" in server.log


def test_second_interrupt_forces(start: Start, small_voice: tuple[str, ...]) -> None:
    """A second Ctrl-C stops the server immediately with exit code 130."""
    server = start(*small_voice, "--drain-timeout", "3000", "--max-ahead", "1")
    with stalled_reader(server.port):
        server.process.send_signal(signal.SIGINT)
        server.wait_for_line(re.compile("Stopping"))
        assert server.stop(signal.SIGINT) == 130


@contextlib.contextmanager
def stalled_reader(port: int) -> Iterator[None]:
    """Connect a client that requests a long speech, reads one byte of the response, and stops reading."""
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", port))
        client.sendall(b'{"type": "synthesize", "data": {"text": "%s"}}\n' % (b"This goes on and on. " * 200))
        assert client.recv(1)
        yield


def test_stdio_ends_at_sigterm_if_its_output_is_not_read(small_voice: tuple[str, ...]) -> None:
    """With stdio://, the server exits after SIGTERM and `--drain-timeout`, even if its output is not read."""
    process = start_stdio(*small_voice, "--drain-timeout", "0.2", sentences=20)
    assert process.stdout
    with process:
        assert process.stdout.read(1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
        process.stdout.close()


def test_sigterm_ends_a_server_that_is_starting() -> None:
    """If SIGTERM arrives before the server is listening, the server exits with code 0."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "wyoming_piper_serial", "--uri", "tcp://127.0.0.1:0"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    with process:
        for line in process.stderr:
            if "numpy" in line:
                break
        process.send_signal(signal.SIGTERM)
        process.stderr.read()
        assert process.wait(timeout=60) == 0


async def test_gapless_speech_is_complete(start: Start, small_voice: tuple[str, ...]) -> None:
    """With the default `--release gapless`, a request gets all its audio, even on a very slow machine."""
    server = start(*small_voice, "--release", "gapless")
    async with connected(server.uri) as client:
        await client.write_event(Synthesize(text=_TEXT).event())
        answer = await hear(client, "audio-stop")
    assert answer.events == ["audio-start", "audio-chunk", "audio-stop"]
