"""A misbehaving client does not affect other clients, and leaves no resources behind."""

import asyncio
import contextlib
import itertools
import random
from collections.abc import AsyncIterator, Iterator

import pytest
from wyoming.event import async_read_event

from tests.integration.abuse import back_at, connections, level, reset_in_mid_audio, stalled_readers
from tests.integration.conftest import ServerProcess, running_server
from tests.integration.peers import PATIENCE, describe, one_shot

_TEXT = "Somebody else is served."
_LONG = b"This goes on and on. " * 400
_GARBAGE = [
    b"",
    b"\n",
    b"{",
    b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\n",
    b"\x00",
    b"[1, 2]\n",
    b'{"type": 1}\n',
    b"SSH-2.0-x\r\n",
]
_MORE_MEMORY = 32 * 1024 * 1024  # maximum growth of the server's memory during a test, in bytes


@pytest.fixture(scope="module")
def server(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """Start a server with short timeouts, so that the tests are fast."""
    with running_server(
        *(*small_voice, "--seed", "5", "--max-ahead", "1", "--event-timeout", "0.5", "--stall-timeout", "1")
    ) as running:
        yield running


@pytest.fixture(scope="module")
def alone(server: ServerProcess) -> bytes:
    """Return the speech that a client gets for a text when it is the only client."""
    return asyncio.run(one_shot(server.uri, _TEXT)).pcm


@pytest.fixture(autouse=True)
async def _nothing_stays_behind(server: ServerProcess, alone: bytes) -> AsyncIterator[None]:
    """Check after each test that all resources have been released, and that a new client gets the same speech as
    before."""
    pid = server.process.pid
    before = level(pid)
    yield
    await back_at(before, pid)  # or the new client could be refused, because too many connections are still open
    answer = await one_shot(server.uri, _TEXT)
    assert answer.error is None
    assert answer.pcm == alone
    after = await back_at(before, pid)
    assert after.memory - before.memory < _MORE_MEMORY


async def error_sent(reader: asyncio.StreamReader) -> str | None:
    """Return the code of the first event, which must be an error, or `None` if the connection ends without an event."""
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        async with asyncio.timeout(PATIENCE):
            event = await async_read_event(reader)
        if event is not None:
            return str(event.data["code"])
    return None


async def answer_to_ping(port: int) -> str | None:
    """Send `ping` on a new connection. Return the type of the reply, or `None` if the connection ends without a
    reply."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b'{"type": "ping"}\n')
        event = await async_read_event(reader)
    except ConnectionError:
        return None
    finally:
        writer.close()
    return event.type if event else None


async def test_500_idle_connections(server: ServerProcess) -> None:
    """While 500 idle connections are open, other clients are served. The idle connections can still be used
    afterwards."""
    async with connections(server.port, 500) as idle:
        assert (await one_shot(server.uri, _TEXT)).pcm
        assert (await describe(server.uri)).tts
        assert level(server.process.pid).descriptors > 500
        reader, writer = idle[250]
        writer.write(b'{"type": "ping"}\n')
        async with asyncio.timeout(PATIENCE):
            event = await async_read_event(reader)
        assert event is not None
        assert event.type == "pong"


async def test_more_connections_than_the_limit(server: ServerProcess) -> None:
    """Connections above the limit get an error or are closed. After other connections have been closed, a new one is
    accepted."""
    async with connections(server.port, 700) as streams:
        # The server may accept the connections in another order, so any of the 700 may be above the limit.
        asked = [asyncio.create_task(error_sent(reader)) for reader, _ in streams]
        refused = itertools.islice(asyncio.as_completed(asked), 700 - 512)
        answers = {await answer for answer in refused}
        assert answers == {"too-many-connections", None}
        for task in asked:
            task.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
    async with asyncio.timeout(PATIENCE):
        # Repeated until the server has noticed enough closed connections.
        while await answer_to_ping(server.port) != "pong":
            pass


async def test_300_garbage_connections(server: ServerProcess) -> None:
    """If 300 clients send garbage at the same time, each gets at most one error, and another client is still served."""
    chance = random.Random(300)
    garbage = [(chance.choice(_GARBAGE), chance.choice([0, 10, 1000, 100_000])) for _ in range(300)]

    async def throw(begin: bytes, length: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(begin + chance.randbytes(length))
        if length % 100 or not begin.strip():
            writer.write_eof()
        answer = b""
        # If a client is still sending when the server closes the connection, the connection may be reset.
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                answer = await reader.read()
        writer.close()
        return answer

    thrown = [asyncio.create_task(throw(*piece)) for piece in garbage]
    assert (await one_shot(server.uri, _TEXT)).pcm
    for answer in await asyncio.gather(*thrown):
        assert answer.count(b'"type": "error"') + answer.count(b"HTTP/1.1 400") <= 1


async def test_half_sent_events(server: ServerProcess) -> None:
    """Clients that send half an event get the error `event-timeout` and no other data. Their connections are closed."""
    async with connections(server.port, 50) as halves:
        for number, (_, writer) in enumerate(halves):
            writer.write(b'{"type": "synthesize", "data_length": 60}\n{"text": "Nobody'[: 10 + number])
        assert (await one_shot(server.uri, _TEXT)).pcm
        for reader, _ in halves:
            async with asyncio.timeout(PATIENCE):
                event = await async_read_event(reader)
                assert event is not None
                assert event.data["code"] == "event-timeout"
                assert await reader.read() == b""


async def test_stalled_readers(server: ServerProcess) -> None:
    """The server disconnects clients that stop reading, and still serves another client."""
    line = "after reading nothing for 1s"
    before = server.log.count(line)
    with stalled_readers(server.port, _LONG, 2):
        assert (await one_shot(server.uri, _TEXT)).pcm
        server.wait_for_lines(line, before + 2)


async def test_resets_in_mid_audio(server: ServerProcess) -> None:
    """If ten clients reset their connections during speech, their requests are cancelled."""
    cancelled = server.log.count(": cancelled after")
    await asyncio.gather(*(reset_in_mid_audio(server.port, _LONG) for _ in range(10)))
    assert (await one_shot(server.uri, _TEXT)).pcm
    async with asyncio.timeout(PATIENCE):
        while server.log.count(": cancelled after") < cancelled + 10:
            await asyncio.sleep(0.05)  # polls, because the server runs in another process


async def test_client_that_sends_requests_and_never_reads(server: ServerProcess) -> None:
    """A client that never reads replies is disconnected before its unread replies fill the server's memory. Another
    client is still served."""
    before = level(server.process.pid)
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b'{"type": "describe"}\n' * 50_000)
    assert (await describe(server.uri)).tts
    await back_at(before, server.process.pid)
    assert level(server.process.pid).memory - before.memory < _MORE_MEMORY
    writer.transport.abort()
