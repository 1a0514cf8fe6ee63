"""Clients that misbehave by mistake or on purpose, and measurements of a server's resource usage."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from wyoming.event import async_read_event

from tests.integration.peers import PATIENCE

SPEAK = b'{"type": "synthesize", "data": {"text": "%s"}}\n'


@dataclass(frozen=True)
class Level:
    """The resources used by a process at a point in time."""

    descriptors: int
    threads: int
    memory: int
    """Physical memory, in bytes."""


def level(pid: int) -> Level:
    """Measure the resource usage of a process. Skip the test on a system without /proc."""
    process = Path(f"/proc/{pid}")
    if not process.exists():
        pytest.skip("needs /proc")
    pages = int((process / "statm").read_text().split()[1])
    return Level(
        descriptors=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
        memory=pages * os.sysconf("SC_PAGESIZE"),
    )


async def back_at(before: Level, pid: int) -> Level:
    """Wait until the process has no more open files and threads than `before`. Return its resource usage at that
    time."""
    async with asyncio.timeout(PATIENCE):
        while (now := level(pid)).descriptors > before.descriptors or now.threads > before.threads:
            await asyncio.sleep(0.05)  # polls, because the server runs in another process
    return now


@contextlib.asynccontextmanager
async def connections(port: int, count: int) -> AsyncIterator[list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]:
    """Open `count` connections at the same time, and close them when the context is exited."""
    streams = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(count)))
    try:
        yield streams
    finally:
        for _, writer in streams:
            writer.close()
        for _, writer in streams:
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def reset_in_mid_audio(port: int, text: bytes) -> None:
    """Request speech, and reset the connection (RST) after the first audio."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(SPEAK % text)
    async with asyncio.timeout(PATIENCE):
        while (event := await async_read_event(reader)) is not None and event.type != "audio-chunk":
            pass
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.contextmanager
def stalled_readers(port: int, text: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Connect `count` clients that request `text`, read the first byte of the response, and stop reading."""
    with contextlib.ExitStack() as stack:
        clients = []
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(PATIENCE)
            client.connect(("127.0.0.1", port))
            client.sendall(SPEAK % text)
            clients.append(client)
        for client in clients:
            assert client.recv(1)
        yield clients
