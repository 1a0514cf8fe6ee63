"""HTTP connections over real sockets: limits, timeouts, the drain, and malformed or pipelined requests."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network

import pytest

from tests.fakes import FakeClock, Gate, failing_on, pcm_of
from tests.http.serving import HttpBench, error_of, serve
from wyoming_piper_serial.http import open_connections
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Limits, Timeouts

_SPEAK = "/api/text-to-speech"


@contextlib.asynccontextmanager
async def watched(
    on_run: Callable[[str], None] = lambda text: None, **timeouts: float
) -> AsyncIterator[tuple[HttpBench, FakeClock]]:
    """Yield a bench and the fake clock that its connections use."""
    async with serve(on_run, timeouts=Timeouts(**timeouts)) as bench:
        clock = bench.server._connections.clock = FakeClock()
        yield bench, clock


def asking(bench: HttpBench) -> int:
    """Return the number of connections with an incomplete request."""
    return sum(connection._exchange.arriving for connection in bench.server._connections._open)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return all bytes up to the end of the connection. After a reset, return no bytes."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def write_on(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send `data` 200 times, which exceeds the capacity of all buffers.

    Raises ConnectionError if the server closes the connection.
    """
    for _ in range(200):
        writer.write(data)
        await writer.drain()


def raw_error(answer: bytes) -> tuple[int, str]:
    """Return the status and the error code of a complete raw response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


async def test_only_allowed_networks_are_answered() -> None:
    """A connection from outside the allowed networks is closed without an answer, and counted."""
    async with serve(allow=(ip_network("10.0.0.0/8"),)) as bench:
        reader, writer = await bench.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await rest(reader) == b""
        writer.close()
        assert bench.limiter.not_allowed == 1


async def test_connections_over_the_limit_are_refused() -> None:
    """A connection beyond the limit gets an error for its request. After another connection has closed, a new one is
    accepted."""
    async with serve(limits=Limits(max_connections=2)) as bench:
        _, first = await bench.connect()
        second, _ = await bench.connect()
        await bench.settled(lambda: bench.limiter.open_connections == 2)
        third, writer = await bench.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert raw_error(await rest(third)) == (503, "too-many-connections")
        first.close()
        await bench.settled(lambda: bench.limiter.open_connections == 1)
        assert (await bench.get("/health")).status_code == 200
        assert not second.at_eof()


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /he",
        b"POST /api/text-to-speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nHel",
        b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nHel",
    ],
)
async def test_incomplete_requests_are_answered_after_the_timeout(begun: bytes) -> None:
    """If the head or the body of a request is incomplete after `--event-timeout`, the client gets the error
    `event-timeout`."""
    async with watched(event=10) as (bench, clock):
        reader, writer = await bench.connect()
        writer.write(begun)
        await bench.settled(lambda: asking(bench) == 1)
        clock.advance(9.9)
        bench.server._connections.look()
        assert asking(bench) == 1
        clock.advance(0.1)
        bench.server._connections.look()
        assert raw_error(await rest(reader)) == (408, "event-timeout")
        writer.close()
        assert bench.engine.snapshot().errors == {"event-timeout": 1}


async def test_each_request_has_its_own_time() -> None:
    """Each request on a connection has the full `--event-timeout`, regardless of how long the connection has been
    open."""
    async with watched(event=10) as (bench, clock):
        reader, writer = await bench.connect()
        for _ in range(3):
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n")
            await bench.settled(lambda: asking(bench) == 1)
            clock.advance(9)
            bench.server._connections.look()
            writer.write(b"\r\n")
            await reader.readuntil(b'"trouble":null}')
            assert asking(bench) == 0
        writer.close()


async def test_time_to_answer_is_not_part_of_the_event_timeout() -> None:
    """The time that synthesis takes does not count towards --event-timeout."""
    gate = Gate()
    async with watched(lambda text: gate.hold(), event=10) as (bench, clock):
        answer = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        clock.advance(100)
        bench.server._connections.look()
        gate.open()
        assert (await answer).status_code == 200


async def test_reader_that_stops_is_cut_off_and_its_speech_cancelled() -> None:
    """A client that stops reading is disconnected after `--stall-timeout`, and its speech is cancelled."""
    async with watched(stall=60) as (bench, clock):
        reader, writer = await bench.connect()
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # stops reading
        text = "a" * 30_000
        writer.write(f"POST {_SPEAK} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        (connection,) = bench.server._connections._open
        await bench.settled(lambda: connection._transport.backlog > 0)
        bench.server._connections.look()
        clock.advance(59)
        bench.server._connections.look()
        assert not connection._transport.is_closing()
        clock.advance(1)
        bench.server._connections.look()
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        writer.close()


async def test_idle_connections_are_closed_when_the_server_drains(monkeypatch: pytest.MonkeyPatch) -> None:
    """A drain closes idle connections at once, and other connections after their responses. New connections are
    still answered."""
    monkeypatch.setattr(open_connections, "_KEEP_ALIVE_AT_SHUTDOWN", 0)  # the new connections do not get a second
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        idle, _ = await bench.connect()
        speaking = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        bench.drain()
        assert await rest(idle) == b""
        bench.state = HealthState.DRAINING
        assert (await bench.get("/health/ready")).status_code == 503
        bench.shutdown.begin()
        assert error_of(await bench.get(_SPEAK, params={"text": "Late."})) == (503, "shutting-down")
        gate.open()
        assert (await speaking).content.endswith(pcm_of("Held."))
        await bench.server.wait_closed()


@pytest.mark.parametrize("in_time", [True, False])
async def test_waiting_request_has_its_turn_during_the_drain(in_time: bool) -> None:
    """During a drain, a waiting request is still answered. If it is still waiting at the end of the drain, it gets
    503."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        held = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        waiting = asyncio.create_task(bench.get(_SPEAK, params={"text": "Waits."}))
        await bench.accepted(2)
        bench.drain()
        if not in_time:
            bench.shutdown.over.begin()
            assert error_of(await waiting) == (503, "shutting-down")
        gate.open()
        if in_time:
            assert (await waiting).content.endswith(pcm_of("Waits."))
        await held


async def test_request_that_is_sent_ahead_is_not_answered() -> None:
    """If a client sends a second request before the first response, the second request is not answered. The connection
    closes after the first response."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        asked = f"GET {_SPEAK}?text=Once HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        writer.write(asked + b"POST /api/text-to-speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        assert (await rest(reader)).endswith(b"\r\n0\r\n\r\n")
        assert bench.voice.runs == ["Once."]
        await bench.server.wait_closed()


async def test_disconnect_after_sending_ahead_is_noticed() -> None:
    """If a client sends two requests and disconnects, the server detects this and cancels the speech."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        _, writer = await bench.connect()
        writer.write(f"GET {_SPEAK}?text=Held HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 2)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        writer.close()
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()


async def test_unread_body_is_discarded_up_to_a_limit() -> None:
    """A response is sent even if the body has not been read. The connection is closed when the rest of the body
    exceeds a limit."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404")
        with pytest.raises(ConnectionError):
            await write_on(writer, b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")
        await bench.server.wait_closed()


async def test_response_is_not_followed_by_a_second_one() -> None:
    """If the rest of a body does not arrive in time after the response, the connection closes without a second
    response."""
    async with watched(event=10) as (bench, clock):
        reader, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
        await reader.readuntil(b"}}")
        clock.advance(11)
        bench.server._connections.look()
        assert await rest(reader) == b""
        assert bench.engine.snapshot().errors == {"not-found": 1}
        writer.close()


async def test_body_in_small_chunks_does_not_block_the_loop() -> None:
    """A body in chunks of one byte does not block the event loop, and other requests are answered."""
    async with serve() as bench:
        _, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"1\r\na\r\n" * 50_000)
        assert (await bench.get("/health/live")).status_code == 200


async def test_malformed_request_is_answered_and_counted() -> None:
    """Malformed bytes get a JSON error, and the error is counted. If malformed bytes arrive during a response, the
    connection is closed instead."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(b"HELLO\r\n\r\n")
        assert raw_error(await rest(reader)) == (400, "bad-request")
        writer.close()
        assert bench.engine.snapshot().errors == {"bad-request": 1}
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold() if text.startswith("Two") else None) as bench:
        reader, writer = await bench.connect()
        head = (
            f"GET {_SPEAK}?text=One+here.+Two+there. HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        writer.write(head.encode())
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await reader.readuntil(b"RIFF")
        writer.write(b"zzzz\r\n")
        assert not (await rest(reader)).endswith(b"0\r\n\r\n")
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()


async def test_failure_without_chunks_is_a_reset() -> None:
    """In HTTP/1.0, a failure during the response resets the connection, because a normal close would indicate a
    complete response."""
    async with serve(on_run=failing_on("bad")) as bench:
        reader, writer = await bench.connect()
        writer.write(f"GET {_SPEAK}?text=This+is+good.+This+is+bad. HTTP/1.0\r\n\r\n".encode())
        with pytest.raises(ConnectionError):
            await reader.read()


async def test_pings_of_a_socket_that_reads_nothing_do_not_fill_the_memory() -> None:
    """If a WebSocket client sends many pings and never reads the pongs, the connection is closed."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(
            b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # stops reading
        ping = b"\x89\xfd\0\0\0\0" + b"x" * 125
        with pytest.raises(ConnectionError):
            await write_on(writer, ping * 1000)
        await bench.server.wait_closed()


_POST = f"POST {_SPEAK} HTTP/1.1\r\nHost: localhost\r\n".encode()
_UPGRADE = (
    b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
# Size of the input of one client, in bytes. With the minimum value of --max-buffered, four such inputs exceed the share
# of one address.
_PIECE = 30_000


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize(
    "begun",
    [
        b"GET /?" + b"a" * _PIECE,
        _POST + b"Content-Length: 500000\r\n\r\n" + b"a" * _PIECE,
        _POST + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + b"a" * _PIECE,
        _UPGRADE + b"\x81\xff" + (500_000).to_bytes(8) + b"\0\0\0\0" + b"a" * _PIECE,
        _UPGRADE + b"\x01\x80\0\0\0\0" + (b"\0\xfe" + (1000).to_bytes(2) + bytes(4) + b"a" * 1000) * (_PIECE // 1000),
    ],
    ids=["head", "body", "chunks", "message", "frames"],
)
async def test_incomplete_input_of_all_clients_is_bounded(begun: bytes) -> None:
    """Incomplete requests and messages count towards --max-buffered.

    A request or message that exceeds the limit gets an error, and its connection ends. Other requests from the same
    address are still served. When the connections have ended, their bytes no longer count.
    """
    async with serve(limits=Limits(max_buffered=1)) as bench:
        counted = bench.engine.buffers.input
        upgrade, _, frames = begun.partition(b"\r\n\r\n") if begun.startswith(_UPGRADE) else (b"", b"", begun)
        peers = []
        for count in range(1, 5):
            reader, writer = await bench.connect()
            if upgrade:
                writer.write(_UPGRADE)
                assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            writer.write(frames)
            peers.append((reader, writer))
            if count < 4:
                await bench.settled(lambda: counted.used > count * (_PIECE - 4096))  # noqa: B023  # used at once
        reader, writer = peers[-1]
        answer = await reader.readuntil(b"moment.")
        assert b"buffers-full" in answer
        assert b"retry-after" in answer.lower() or upgrade
        await bench.settled(lambda: counted.used < 4 * (_PIECE - 4096))
        assert (await bench.post(_SPEAK, content="Hello.")).content.endswith(pcm_of("Hello."))
        assert (await bench.get("/health")).status_code == 200
        assert len(await rest(reader)) < 100  # the rest of the error message; on a WebSocket, also a close frame
        for _, writer in peers:
            writer.close()
        await bench.settled(lambda: counted.used == 0)
        assert (await bench.post(_SPEAK, content=b"a " * 10_000)).status_code == 200
        await bench.settled(lambda: counted.used == 0)
    assert bench.engine.snapshot().errors == {"buffers-full": 1}
    assert repr(counted).endswith(" 0 clients>")
