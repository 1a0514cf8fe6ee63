"""Start, drain, `wait_closed` and abort of the Wyoming server, with real sockets."""

import asyncio
import contextlib
import json
import logging
import re
import socket
from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from wyoming.event import Event, async_read_event, async_write_event

from tests.fakes import Gate
from tests.wyoming.peers import ENTRY, Server
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.network.address import Address, parse_uri
from wyoming_piper_serial.network.connection_limiter import ConnectionLimiter
from wyoming_piper_serial.observe.logs import JsonFormatter
from wyoming_piper_serial.settings import Limits, Settings
from wyoming_piper_serial.wyoming import connection
from wyoming_piper_serial.wyoming.server import WyomingServer

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def started(
    on_run: Any = lambda text: None, max_connections: int = 9, **changes: Any
) -> AsyncIterator[tuple[WyomingServer, Server]]:
    """Start a server on a free port. Yield the server and an object with its engine and connections."""
    behind = Server(Settings(voice=ENTRY.name, **changes), on_run)
    server = WyomingServer(
        Address("tcp", "127.0.0.1"), behind.context, ConnectionLimiter(max_connections=max_connections)
    )
    engine = asyncio.create_task(behind.engine.run())
    await server.start()
    try:
        async with asyncio.timeout(10):
            yield server, behind
    finally:
        await server.abort()
        engine.cancel()
        await asyncio.gather(engine, return_exceptions=True)


async def connect(server: WyomingServer) -> Streams:
    return await asyncio.open_connection("127.0.0.1", server.address.port)


async def ask(streams: Streams, event: Event) -> str | None:
    """Send an event. Return the type of the next event, or `None` if the connection ends."""
    await async_write_event(event, streams[1])
    answer = await async_read_event(streams[0])
    return answer.type if answer else None


async def types_to_end(streams: Streams) -> list[str]:
    found = []
    while (event := await async_read_event(streams[0])) is not None:
        found.append(event.type)
    return found


async def types_to_end_of_speech(streams: Streams) -> list[str]:
    found: list[str] = []
    while "audio-stop" not in found:
        event = await async_read_event(streams[0])
        assert event is not None, found
        found.append(event.type)
    return found


async def test_start_gives_the_real_port() -> None:
    """After `start`, the address contains the actual port instead of port 0."""
    async with started() as (server, _):
        assert server.address.port > 0
        streams = await connect(server)
        assert await ask(streams, Event("ping")) == "pong"
        assert repr(server) == f"<WyomingServer {server.address}, 1 connections>"
        streams[1].close()


async def test_start_refuses_an_address_in_use() -> None:
    """If the address is in use, SettingsError is raised. Its message names the option."""
    async with started() as (server, behind):
        second = WyomingServer(server.address, behind.context, ConnectionLimiter(max_connections=1))
        with pytest.raises(SettingsError, match=r"--uri .*already in use"):
            await second.start()


async def test_a_connection_over_the_limit_gets_an_error() -> None:
    """A connection above the limit gets one error, and the earlier connection is still served."""
    async with started(max_connections=1) as (server, _):
        first, second = await connect(server), await connect(server)
        assert await ask(first, Event("ping")) == "pong"
        assert await types_to_end(second) == ["error"]
        for _, writer in (first, second):
            writer.close()


async def test_drain_lets_speech_finish_and_accepts_no_more() -> None:
    """A drain closes idle connections, and no new connections are accepted. A waiting request still gets its complete
    response."""
    gate = Gate()
    async with started(on_run=lambda text: gate.hold()) as (server, behind):
        idle, busy = await connect(server), await connect(server)
        assert await ask(idle, Event("ping")) == "pong"
        await async_write_event(Event("synthesize", {"text": "Hello."}), busy[1])
        assert await asyncio.to_thread(gate.entered.wait, 10)
        behind.shutdown.begin()
        server.drain()
        assert await types_to_end(idle) == []
        with pytest.raises(ConnectionRefusedError):
            await connect(server)
        gate.open()
        idle[1].close()
        heard = await types_to_end(busy)
        assert (heard[0], heard[-1]) == ("audio-start", "audio-stop")
        busy[1].close()
        await server.wait_closed()


async def test_abort_disconnects_all_clients() -> None:
    """`abort` disconnects all clients, even one whose request is waiting for the voice."""
    gate = Gate()
    async with started(on_run=lambda text: gate.hold()) as (server, _):
        streams = await connect(server)
        await async_write_event(Event("synthesize", {"text": "Hello."}), streams[1])
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await server.abort()
        await server.wait_closed()
        with contextlib.suppress(ConnectionError):
            assert await types_to_end(streams) == []
        gate.open()
        streams[1].close()


async def test_unix_socket_is_removed_with_the_server(tmp_path: Path) -> None:
    """The file of the Unix socket exists from the start of the server until the drain."""
    behind = Server(Settings(voice=ENTRY.name), lambda text: None)
    path = tmp_path / "socket"
    server = WyomingServer(parse_uri(f"unix://{path}"), behind.context, ConnectionLimiter(max_connections=1))
    await server.start()
    assert path.is_socket()
    server.drain()
    await server.wait_closed()
    assert not path.exists()


async def test_json_lines_have_client_and_request(caplog: pytest.LogCaptureFixture) -> None:
    """If the message of a JSON log line mentions a client or a request, the line also has a field for this client or
    request."""
    with caplog.at_level(logging.DEBUG, logger="wyoming_piper_serial"):
        async with started() as (server, _):
            for voice, answer in ((ENTRY.name, "audio-start"), ("unknown", "error")):
                streams = await connect(server)
                assert await ask(streams, Event("synthesize", {"text": "Hi.", "voice": {"name": voice}})) == answer
                streams[1].close()
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records]
    for line in lines:
        client = re.search(r"wyoming [\d.]+ #\d+", line["message"])
        number = re.search(r"\[(\d+)\]", line["message"])
        assert line.get("client") == (client and client[0])
        assert line.get("request") == (number and int(number[1]))
    assert {line.get("request") for line in lines} == {None, 1, 2}
    assert {line.get("client") for line in lines} >= {"wyoming 127.0.0.1 #1", "wyoming 127.0.0.1 #2"}


@pytest.mark.parametrize("size", [100, 50_000])
async def test_clients_that_disconnect_at_once_cause_at_most_one_step(size: int) -> None:
    """If many clients send a request and disconnect at once, at most one synthesis step is run in total.

    Their requests leave the queue quickly, so the next client is served and not refused.
    """
    gate = Gate()
    async with started(on_run=lambda text: gate.hold(), max_connections=99, limits=Limits(max_queue=20)) as (
        server,
        behind,
    ):
        gone = [await connect(server) for _ in range(20)]
        for _, writer in gone:
            await async_write_event(Event("synthesize", {"text": ("Gone. " * size)[:size]}), writer)
            writer.close()
        assert await asyncio.to_thread(gate.entered.wait, 10)
        stays = await connect(server)
        await async_write_event(Event("synthesize", {"text": "Stays."}), stays[1])
        while len(server._connections) > 1:
            await asyncio.sleep(0.001)  # gives the server time to notice the disconnects
        gate.open()
        assert (await types_to_end_of_speech(stays))[-1] == "audio-stop"
        stays[1].close()
    assert len(behind.voice.runs) <= 2
    assert behind.voice.runs[-1] == "Stays."
    assert behind.metrics.snapshot().cancelled == 20


@pytest.mark.parametrize("half_closes", ["before its turn", "during its step"])
async def test_a_half_close_does_not_cancel(half_closes: str) -> None:
    """A client that ends its input before its first audio, as netcat does, gets its complete response.

    In this case, `audio-start` is sent before the first audio has been synthesized.
    """
    gate = Gate()
    async with started(on_run=lambda text: gate.hold()) as (server, behind):
        first, second = await connect(server), await connect(server)
        await async_write_event(Event("synthesize", {"text": "Held."}), first[1])
        assert await asyncio.to_thread(gate.entered.wait, 10)
        if half_closes == "during its step":
            first[1].write_eof()
            started_early = await async_read_event(first[0])
            assert started_early is not None
            assert started_early.type == "audio-start"
        await async_write_event(Event("synthesize", {"text": "Waits."}), second[1])
        second[1].write_eof()
        started_early = await async_read_event(second[0])
        assert started_early is not None
        assert started_early.type == "audio-start"
        gate.open()
        assert set(await types_to_end(second)) == {"audio-chunk", "audio-stop"}
        if half_closes == "during its step":
            assert set(await types_to_end(first)) == {"audio-chunk", "audio-stop"}
        for _, writer in (first, second):
            writer.close()
    assert behind.voice.runs == ["Held.", "Waits."]


async def test_one_client_with_incomplete_events_leaves_memory_to_others() -> None:
    """If a client sends many incomplete events, they use only part of the memory for input, so another client is still
    served. `abort` releases all of this memory."""
    begun = b'{"type": "synthesize", "data_length": 500000}\n' + b" " * 40_000
    async with started(limits=Limits(max_buffered=1)) as (server, behind):
        counted = behind.engine.buffers.input
        greedy = []
        for address in ("127.0.0.2", "127.0.0.2", "127.0.0.2"):
            streams = await asyncio.open_connection("127.0.0.1", server.address.port, local_addr=(address, 0))
            streams[1].write(begun)
            greedy.append(streams)
            while len(greedy) < 3 and counted.used < len(greedy) * 35_000:
                await asyncio.sleep(0)  # gives the server time to read the sent bytes
        assert await types_to_end(greedy[-1]) == ["error"]
        usual = await connect(server)
        assert await ask(usual, Event("describe")) == "info"
        await async_write_event(Event("synthesize", {"text": "Hello there. " * 20}), usual[1])
        assert (await types_to_end_of_speech(usual))[-1] == "audio-stop"
        for _, writer in greedy:
            writer.transport.abort()
        greedy[:] = [await connect(server)]
        greedy[0][1].write(begun)
        while counted.used != len(begun) - 4096:
            await asyncio.sleep(0)  # gives the server time to read the sent bytes
    assert counted.used == 0
    for _, writer in (usual, *greedy):
        writer.close()


async def test_proxy_sends_the_address_of_the_client(caplog: pytest.LogCaptureFixture) -> None:
    """Log lines show the client from the PROXY header instead of the proxy. `abort` closes connections without a
    header."""
    async with started(proxy_from=(ip_network("127.0.0.1"),)) as (server, behind):
        client, waiting, wrong = [await connect(server) for _ in range(3)]
        client[1].write(b"PROXY TCP4 192.0.2.7 192.0.2.1 50000 10200\r\n")
        with caplog.at_level(logging.DEBUG):
            assert await ask(client, Event("ping")) == "pong"
        assert "wyoming 192.0.2.7 #1: received 'ping'" in caplog.text
        assert await ask(wrong, Event("ping")) == "error"
        assert behind.engine.snapshot().errors == {"bad-request": 1}
        await server.abort()
        with contextlib.suppress(ConnectionError):
            assert await types_to_end(waiting) == []
        for _, writer in (client, waiting, wrong):
            writer.close()


@pytest.mark.parametrize("first", ["describe", "synthesize"])
async def test_client_that_has_just_connected_is_answered(first: str) -> None:
    """A client that connects just before the drain may send its first event, and gets a complete response. A second
    request is refused."""
    async with started() as (server, behind):
        late = await connect(server)
        while "1 connections" not in repr(server):
            await asyncio.sleep(0)  # gives the server time to accept the connection
        behind.shutdown.begin()
        server.drain()
        for _ in range(2):
            await async_write_event(Event(first, {"text": "Hello."}), late[1])
        types = await types_to_end(late)
        assert types[0] == ("info" if first == "describe" else "audio-start")
        assert types[-1] == ("info" if first == "describe" else "error")
        late[1].close()


async def test_new_client_that_sends_nothing_is_closed_at_the_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that is accepted just before or after the start of the drain is closed if no event arrives shortly
    afterwards."""
    monkeypatch.setattr(connection, "_FIRST_EVENT", 0.05)
    async with started() as (server, behind):
        before, after = await connect(server), socket.socketpair()
        behind.shutdown.begin()
        server.drain()
        server._accept(*await asyncio.open_connection(sock=after[0]))
        late = await asyncio.open_connection(sock=after[1])
        assert [await types_to_end(streams) for streams in (before, late)] == [[], []]
        await server.wait_closed()
        for _, writer in (before, late):
            writer.close()
