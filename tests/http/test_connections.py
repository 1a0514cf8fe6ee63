"""HTTP connections beneath HTTP: who comes in, who asks too slowly, who stops reading, who is left at the end."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network

import pytest

from tests.fakes import FakeClock, Gate, failing_on, pcm_of
from tests.http.serving import HttpBench, error_of, serve
from wyoming_piper_serial.observe.views import HealthState
from wyoming_piper_serial.settings import Limits, Timeouts

_SPEAK = "/api/text-to-speech"


@contextlib.asynccontextmanager
async def watched(
    on_run: Callable[[str], None] = lambda text: None, **timeouts: float
) -> AsyncIterator[tuple[HttpBench, FakeClock]]:
    """A bench whose guard has a clock that is moved by hand."""
    async with serve(on_run, timeouts=Timeouts(**timeouts)) as bench:
        clock = bench.server._connections.clock = FakeClock()
        yield bench, clock


def asking(bench: HttpBench) -> int:
    """Connections of which a request is still arriving."""
    return sum(connection.arriving for connection in bench.server._connections._open)


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that still comes; nothing more if the connection was reset."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def write_on(writer: asyncio.StreamWriter, data: bytes) -> None:
    """Send it again and again: more than any buffer holds, if nobody cuts it short."""
    for _ in range(200):
        writer.write(data)
        await writer.drain()


def told(answer: bytes) -> tuple[int, str]:
    """Status and code of a whole response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


async def test_only_allowed_networks_are_answered() -> None:
    """Others are closed with nothing said, as on the Wyoming port."""
    async with serve(allow=(ip_network("10.0.0.0/8"),)) as bench:
        reader, writer = await bench.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert await rest(reader) == b""
        writer.close()
        assert bench.limiter.not_allowed == 1


async def test_places_are_counted_and_given_back() -> None:
    """One too many is told so, with its request read, and may come when another has left."""
    async with serve(limits=Limits(max_connections=2)) as bench:
        _, first = await bench.connect()
        second, _ = await bench.connect()
        await bench.settled(lambda: bench.limiter.open_connections == 2)
        third, writer = await bench.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert told(await rest(third)) == (503, "too-many-connections")
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
async def test_requests_that_do_not_arrive_whole_are_told(begun: bytes) -> None:
    """A head or a body that was begun has --event-timeout to arrive."""
    async with watched(event=10) as (bench, clock):
        reader, writer = await bench.connect()
        writer.write(begun)
        await bench.settled(lambda: asking(bench) == 1)
        clock.advance(9.9)
        bench.server._connections.look()
        assert asking(bench) == 1
        clock.advance(0.1)
        bench.server._connections.look()
        assert told(await rest(reader)) == (408, "event-timeout")
        writer.close()
        assert bench.engine.snapshot().errors == {"event-timeout": 1}


async def test_time_is_counted_for_each_request_anew() -> None:
    """A connection that is kept and asks again is not too slow, however long it has been open."""
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


async def test_speech_that_takes_long_is_not_a_request_that_arrives_slowly() -> None:
    """The time to answer does not count."""
    gate = Gate()
    async with watched(lambda text: gate.hold(), event=10) as (bench, clock):
        answer = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        clock.advance(100)
        bench.server._connections.look()
        gate.open()
        assert (await answer).status_code == 200


async def test_reader_that_stops_is_cut_off_and_its_speech_cancelled() -> None:
    """After --stall-timeout with nothing taken; one that takes a little is left alone."""
    async with watched(stall=60) as (bench, clock):
        reader, writer = await bench.connect()
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # what a client that has stopped does
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


async def test_idle_connections_go_when_the_server_drains() -> None:
    """At once; one that is answered goes when it has its answer. Who comes meanwhile is told, and goes as well."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        idle, _ = await bench.connect()
        speaking = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        bench.drain()
        assert await rest(idle) == b""
        bench.state = HealthState.DRAINING
        assert (await bench.get("/health/ready")).status_code == 503
        bench.engine.drain()
        assert error_of(await bench.get(_SPEAK, params={"text": "Late."})) == (503, "shutting-down")
        gate.open()
        assert (await speaking).content.endswith(pcm_of("Held."))
        await bench.server.wait_closed()


async def test_who_waits_when_the_server_drains_is_told() -> None:
    """503, so that a proxy asks another server."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        held = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        waiting = asyncio.create_task(bench.get(_SPEAK, params={"text": "Waits."}))
        await bench.accepted(2)
        bench.engine.drain()
        assert error_of(await waiting) == (503, "shutting-down")
        gate.open()
        await held


async def test_request_that_is_sent_ahead_is_not_answered() -> None:
    """Reading for it would hide that the client leaves: the connection ends with the first answer, whole."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        asked = f"GET {_SPEAK}?text=Once HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        writer.write(asked + b"POST /api/text-to-speech HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        assert (await rest(reader)).endswith(b"\r\n0\r\n\r\n")
        assert bench.voice.runs == ["Once."]
        await bench.server.wait_closed()


async def test_client_that_leaves_after_sending_ahead_frees_its_place() -> None:
    """It is seen to leave all the same."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        _, writer = await bench.connect()
        writer.write(f"GET {_SPEAK}?text=Held HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() * 2)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        writer.close()
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()


async def test_body_that_nobody_wants_is_not_read_for_ever() -> None:
    """The refusal is sent, so much is read that it can arrive, and then the connection is cut."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 404")
        with pytest.raises(ConnectionError):
            await write_on(writer, b"ffff\r\n" + b"x" * 0xFFFF + b"\r\n")
        await bench.server.wait_closed()


async def test_answer_that_was_given_is_not_followed_by_another() -> None:
    """A body that never comes whole, after its refusal: the connection ends without a word."""
    async with watched(event=10) as (bench, clock):
        reader, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
        await reader.readuntil(b"}}")
        clock.advance(11)
        bench.server._connections.look()
        assert await rest(reader) == b""
        assert bench.engine.snapshot().errors == {"not-found": 1}
        writer.close()


async def test_body_in_small_chunks_does_not_hold_up_the_loop() -> None:
    """Others are answered between them. (That no test may hold its loop up for long proves the rest.)"""
    async with serve() as bench:
        _, writer = await bench.connect()
        writer.write(b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"1\r\na\r\n" * 50_000)
        assert (await bench.get("/health/live")).status_code == 200


async def test_what_is_no_http_is_told_and_counted() -> None:
    """In the shape of every error; in mid-answer the connection is just cut."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(b"HELLO\r\n\r\n")
        assert told(await rest(reader)) == (400, "bad-request")
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


async def test_failure_is_seen_without_chunks_too() -> None:
    """HTTP/1.0 ends an answer by closing, so a failure must not look like that."""
    async with serve(on_run=failing_on("bad")) as bench:
        reader, writer = await bench.connect()
        writer.write(f"GET {_SPEAK}?text=This+is+good.+This+is+bad. HTTP/1.0\r\n\r\n".encode())
        with pytest.raises(ConnectionError):
            await reader.read()


async def test_pings_of_a_socket_that_reads_nothing_do_not_fill_the_memory() -> None:
    """Each is answered; when too many answers wait, the connection is cut."""
    async with serve() as bench:
        reader, writer = await bench.connect()
        writer.write(
            b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        await reader.readuntil(b"\r\n\r\n")
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # what a client that has stopped does
        ping = b"\x89\xfd\0\0\0\0" + b"x" * 125
        with pytest.raises(ConnectionError):
            await write_on(writer, ping * 1000)
        await bench.server.wait_closed()
