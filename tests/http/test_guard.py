"""HTTP connections beneath HTTP: who comes in, who asks too slowly, who stops reading, who is left at the end."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network

import pytest

from tests.fakes import FakeClock, Gate, pcm_of
from tests.http.house import House, error_of, serve
from wyoming_piper_serial.settings import Limits, Timeouts

_SPEAK = "/api/text-to-speech"


@contextlib.asynccontextmanager
async def watched(
    on_run: Callable[[str], None] = lambda text: None, **timeouts: float
) -> AsyncIterator[tuple[House, FakeClock]]:
    """A house whose guard has a clock that is moved by hand."""
    async with serve(on_run, timeouts=Timeouts(**timeouts)) as house:
        clock = house.server._guard.clock = FakeClock()
        yield house, clock


def asking(house: House) -> int:
    """Connections of which a request is still arriving."""
    return sum(visit.asking_since is not None for visit in house.server._guard._visits.values())


async def rest(reader: asyncio.StreamReader) -> bytes:
    """All that still comes; nothing more if the connection was reset."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


def told(answer: bytes) -> tuple[int, str]:
    """Status and code of a whole response."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["error"]["code"]


async def test_only_allowed_networks_are_answered() -> None:
    """Others are closed with nothing said, as on the Wyoming port."""
    async with serve(allow=(ip_network("10.0.0.0/8"),)) as house:
        reader, writer = await house.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert await rest(reader) == b""
        writer.close()
        assert house.door.not_allowed == 1


async def test_places_are_counted_and_given_back() -> None:
    """One too many is told so, with its request read, and may come when another has left."""
    async with serve(limits=Limits(max_connections=2)) as house:
        _, first = await house.connect()
        second, _ = await house.connect()
        await house.settled(lambda: house.door.inside == 2)
        third, writer = await house.connect()
        writer.write(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert told(await rest(third)) == (503, "too-many-connections")
        first.close()
        await house.settled(lambda: house.door.inside == 1)
        assert (await house.get("/health")).status_code == 200
        assert not second.at_eof()


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /he",
        b"POST /api/text-to-speech HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nHel",
        b"POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nHel",
    ],
)
async def test_requests_that_do_not_arrive_whole_are_told(begun: bytes) -> None:
    """A head or a body that was begun has --event-timeout to arrive."""
    async with watched(event=10) as (house, clock):
        reader, writer = await house.connect()
        writer.write(begun)
        await house.settled(lambda: asking(house) == 1)
        clock.advance(9.9)
        house.server._guard.look()
        assert asking(house) == 1
        clock.advance(0.1)
        house.server._guard.look()
        assert told(await rest(reader)) == (408, "event-timeout")
        writer.close()
        assert house.engine.snapshot().errors == {"event-timeout": 1}


async def test_time_is_counted_for_each_request_anew() -> None:
    """A connection that is kept and asks again is not too slow, however long it has been open."""
    async with watched(event=10) as (house, clock):
        reader, writer = await house.connect()
        for _ in range(3):
            writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\n")
            await house.settled(lambda: asking(house) == 1)
            clock.advance(9)
            house.server._guard.look()
            writer.write(b"\r\n")
            await reader.readuntil(b'"trouble":null}')
            assert asking(house) == 0
        writer.close()


async def test_speech_that_takes_long_is_not_a_request_that_arrives_slowly() -> None:
    """The time to answer does not count."""
    gate = Gate()
    async with watched(lambda text: gate.hold(), event=10) as (house, clock):
        answer = asyncio.create_task(house.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        clock.advance(100)
        house.server._guard.look()
        gate.open()
        assert (await answer).status_code == 200


async def test_reader_that_stops_is_cut_off_and_its_speech_cancelled() -> None:
    """After --stall-timeout with nothing taken; one that takes a little is left alone."""
    async with watched(stall=60) as (house, clock):
        reader, writer = await house.connect()
        reader._transport.pause_reading()  # type: ignore[attr-defined]  # what a client that has stopped does
        text = "a" * 30_000
        writer.write(f"POST {_SPEAK} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode())
        (visit,) = house.server._guard._visits.values()
        await house.settled(lambda: visit.transport.get_write_buffer_size() > 0)
        house.server._guard.look()
        clock.advance(59)
        house.server._guard.look()
        assert not visit.transport.is_closing()
        clock.advance(1)
        house.server._guard.look()
        await house.settled(lambda: house.engine.snapshot().cancelled == 1)
        writer.close()


async def test_idle_connections_go_when_the_server_drains() -> None:
    """At once; one that is answered goes when it has its answer, which says so."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as house:
        idle, _ = await house.connect()
        speaking = asyncio.create_task(house.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        house.server.drain()
        assert await rest(idle) == b""
        with pytest.raises(ConnectionError):
            await house.connect()
        gate.open()
        assert (await speaking).content.endswith(pcm_of("Held."))
        await house.server.wait_empty()


async def test_who_waits_when_the_server_drains_is_told() -> None:
    """503, so that a proxy asks another server."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as house:
        held = asyncio.create_task(house.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        waiting = asyncio.create_task(house.get(_SPEAK, params={"text": "Waits."}))
        await house.accepted(2)
        house.engine.drain()
        assert error_of(await waiting) == (503, "shutting-down")
        gate.open()
        await held


async def test_requests_of_one_connection_are_answered_in_order() -> None:
    """Sent ahead, as HTTP/1.1 lets a client do."""
    async with serve() as house:
        reader, writer = await house.connect()
        for text in ("First", "Second"):
            writer.write(f"GET {_SPEAK}?text={text} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await reader.readuntil(b"\r\n0\r\n\r\n")
        await reader.readuntil(b"\r\n0\r\n\r\n")
        assert house.voice.runs == ["First.", "Second."]
        writer.close()
