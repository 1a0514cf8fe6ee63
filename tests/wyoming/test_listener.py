"""The Wyoming listener accepts connections on TCP, Unix and stdio addresses."""

import asyncio
import os
import socket
from pathlib import Path

import pytest

from tests.wyoming.test_stdio import Pipes
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, parse_uri
from wyoming_piper_serial.wyoming.listener import Listener


class Accepted:
    """Collects the connections that a listener accepts."""

    def __init__(self) -> None:
        self._writers: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.put_nowait(writer)

    async def next(self) -> asyncio.StreamWriter:
        async with asyncio.timeout(10):
            return await self._writers.get()

    def __bool__(self) -> bool:
        return not self._writers.empty()


async def test_tcp_listener_has_the_real_port() -> None:
    """With port 0, the address of the listener contains the port chosen by the operating system."""
    accepted = Accepted()
    listener = Listener(Address("tcp", "127.0.0.1", 0), accepted)
    await listener.start()
    assert listener.address.port > 0
    _, client = await asyncio.open_connection("127.0.0.1", listener.address.port)
    writer = await accepted.next()
    assert not listener.finished.is_set()
    listener.close()
    client.close()
    writer.close()


async def test_unix_listener_accepts_few_connections_in_a_turn(tmp_path: Path) -> None:
    """If 200 connections arrive at the same time, at most eight of them are accepted per iteration of the event
    loop."""
    accepted: list[asyncio.StreamWriter] = []
    path = str(tmp_path / "socket")
    listener = Listener(Address("unix", path=path), lambda _reader, writer: accepted.append(writer))
    await listener.start()
    clients = [socket.socket(socket.AF_UNIX) for _ in range(200)]
    for client in clients:
        client.connect(path)
    before, most = 0, 0
    async with asyncio.timeout(10):
        while len(accepted) < len(clients):
            await asyncio.sleep(0)  # runs the event loop for one iteration
            most, before = max(most, len(accepted) - before), len(accepted)
    listener.close()
    for writer in accepted:
        writer.close()
    for client in clients:
        client.close()
    assert 1 <= most <= 8


async def test_closed_listener_keeps_its_connections() -> None:
    """After `close`, no connections are accepted, but open connections stay open. `close` may be called twice."""
    accepted = Accepted()
    listener = Listener(Address("tcp", "127.0.0.1", 0), accepted)
    await listener.start()
    reader, client = await asyncio.open_connection("127.0.0.1", listener.address.port)
    writer = await accepted.next()
    listener.close()
    listener.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", listener.address.port)
    writer.write(b"still here")
    async with asyncio.timeout(10):
        assert await reader.readexactly(10) == b"still here"
    client.close()
    writer.close()


async def test_unix_socket_is_removed_when_it_is_closed(tmp_path: Path) -> None:
    """The file of a Unix socket exists from `start` until `close`."""
    accepted = Accepted()
    path = tmp_path / "socket"
    listener = Listener(parse_uri(f"unix://{path}"), accepted)
    await listener.start()
    _, client = await asyncio.open_unix_connection(path)
    writer = await accepted.next()
    listener.close()
    assert not path.exists()
    client.close()
    writer.close()


async def test_unix_socket_of_a_running_server_is_refused(tmp_path: Path) -> None:
    """If a running server uses the socket path, the path is refused. Without this check, asyncio would replace the
    socket."""
    path = tmp_path / "socket"
    running = Listener(parse_uri(f"unix://{path}"), accepted := Accepted())
    await running.start()
    with pytest.raises(SettingsError, match="already in use"):
        await Listener(parse_uri(f"unix://{path}"), Accepted()).start()
    probe = await accepted.next()
    probe.close()
    assert path.is_socket()
    running.close()


async def test_unix_socket_of_a_dead_server_is_replaced(tmp_path: Path) -> None:
    """The socket file left by a killed server is replaced."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    accepted = Accepted()
    listener = Listener(parse_uri(f"unix://{path}"), accepted)
    await listener.start()
    _, client = await asyncio.open_unix_connection(path)
    writer = await accepted.next()
    listener.close()
    client.close()
    writer.close()


async def test_file_that_is_not_a_socket_is_refused(tmp_path: Path) -> None:
    """If the path is an existing file that is not a socket, the path is refused and the file is not deleted."""
    path = tmp_path / "notes"
    path.write_text("keep me")
    with pytest.raises(SettingsError, match="this file exists and is not a socket"):
        await Listener(parse_uri(f"unix://{path}"), Accepted()).start()
    assert path.read_text() == "keep me"


async def test_path_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    """The error for an unusable path contains the error message of the operating system."""
    with pytest.raises(SettingsError, match="No such file or directory"):
        await Listener(parse_uri(f"unix://{tmp_path}/missing/socket"), Accepted()).start()


async def test_stdio_has_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """With stdio://, one connection is accepted at the start. `flushed` waits until all output has been written."""
    with Pipes(monkeypatch) as pipes:
        accepted = Accepted()
        listener = Listener(Address("stdio"), accepted)
        await listener.start()
        assert listener.finished.is_set()
        writer = await accepted.next()
        assert not accepted
        writer.write(b"pong")
        writer.close()
        async with asyncio.timeout(10):
            await listener.flushed()
        assert os.read(pipes.output, 4) == b"pong"
        listener.close()


async def test_flushed_returns_at_once_for_other_schemes() -> None:
    """`flushed` returns at once for tcp:// and unix://, because each connection flushes its own output."""
    await Listener(Address("tcp", "127.0.0.1", 0), Accepted()).flushed()


async def test_little_is_read_ahead_of_the_server() -> None:
    """If a connection's stream is not read, the listener buffers at most 48 KiB of received data."""
    accepted: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    listener = Listener(Address("tcp", "127.0.0.1"), lambda *streams: accepted.put_nowait(streams))
    await listener.start()
    _, writer = await asyncio.open_connection("127.0.0.1", listener.address.port)
    writer.write(b"x" * 1_000_000)
    # A writer that is not kept closes the connection when it is deleted.
    reader, _accepted_writer = await accepted.get()
    transport = reader._transport  # type: ignore[attr-defined]  # asyncio has no other way to learn this
    async with asyncio.timeout(10):
        while transport.is_reading():
            await asyncio.sleep(0)  # gives the event loop time to read the sent bytes
        assert len(reader._buffer) <= 48 * 1024  # type: ignore[attr-defined]
        total = 0
        while total < 1_000_000:
            total += len(await reader.read(100_000))
    writer.close()
    transport.abort()
    listener.close()
