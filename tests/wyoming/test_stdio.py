"""Standard input and output are used as a connection. The tests replace them with pipes and files."""

import asyncio
import io
import os
import sys
import threading
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.wyoming.stdio import StandardStreams


class Pipes:
    """Pipes that replace the standard streams, with both ends of each.

    This object must be created in the test itself, because pytest replaces the standard streams after running the
    fixtures.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._stdin, self.input = os.pipe()
        self.output, self._stdout = os.pipe()
        self._open = {self.input, self.output}
        monkeypatch.setattr(sys, "stdin", _Stream(self._stdin))
        monkeypatch.setattr(sys, "stdout", _Stream(self._stdout))

    def close(self, end: int) -> None:
        self._open.remove(end)
        os.close(end)

    def __enter__(self) -> "Pipes":
        return self

    def __exit__(self, *_: object) -> None:
        for end in self._open:
            os.close(end)
        # The threads end because the pipes are closed. Until then, their file descriptors must not be reused.
        for thread in threading.enumerate():
            if thread.name == "stdio":
                thread.join(10)
        os.close(self._stdin)
        os.close(self._stdout)


class _Stream(io.StringIO):
    """A fake standard stream that has only a file descriptor, which is all that the server uses."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number

    def fileno(self) -> int:
        return self._number


async def test_input_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is read to its end, which then ends the input of the connection."""
    with Pipes(monkeypatch) as pipes:
        copies = StandardStreams()
        reader, writer = await copies.open()
        os.write(pipes.input, b'{"type": "describe"}\n')
        pipes.close(pipes.input)
        async with asyncio.timeout(10):
            assert await reader.read() == b'{"type": "describe"}\n'
            writer.close()
            await copies.flushed.wait()


async def test_output_is_flushed_when_it_has_left_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """`flushed` is set when all output has been written, even if the output is larger than all buffers."""
    with Pipes(monkeypatch) as pipes:
        copies = StandardStreams()
        _, writer = await copies.open()
        size = 1 << 20
        writer.write(bytes(size))
        writer.close()
        assert not copies.flushed.is_set()
        async with asyncio.timeout(10):
            assert len(await asyncio.to_thread(_read_exactly, pipes.output, size)) == size
            await copies.flushed.wait()


def _read_exactly(pipe: int, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        received += os.read(pipe, size - len(received))
    return bytes(received)


async def test_connection_ends_when_the_output_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the reader of standard output closes the pipe, as `| head -1` does, the input of the connection ends."""
    with Pipes(monkeypatch) as pipes:
        copies = StandardStreams()
        reader, writer = await copies.open()
        pipes.close(pipes.output)
        writer.write(b"audio that cannot be written")
        async with asyncio.timeout(10):
            await copies.flushed.wait()
            assert await reader.read() == b""
        writer.close()


async def test_input_may_be_a_regular_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input and output may be regular files, although an event loop cannot wait for regular files."""
    (tmp_path / "events").write_bytes(b'{"type": "ping"}\n')
    with (tmp_path / "events").open() as stdin, (tmp_path / "audio").open("w") as stdout:
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr(sys, "stdout", stdout)
        copies = StandardStreams()
        reader, writer = await copies.open()
        async with asyncio.timeout(10):
            assert await reader.read() == b'{"type": "ping"}\n'
            writer.write(b"pong")
            writer.close()
            await copies.flushed.wait()
    assert (tmp_path / "audio").read_bytes() == b"pong"


@pytest.mark.parametrize("stdin", [None, io.StringIO()], ids=["closed", "not a file"])
async def test_closed_streams_are_refused(stdin: io.StringIO | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """If standard input is closed or has no file descriptor, SettingsError is raised."""
    monkeypatch.setattr(sys, "stdin", stdin)
    with pytest.raises(SettingsError, match="standard input and output must be open"):
        StandardStreams()
