"""A misbehaving HTTP client does not affect other clients, and leaves no resources behind."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest

from tests.integration.abuse import back_at, level
from tests.integration.conftest import ServerProcess
from tests.integration.listeners import (
    LONG,
    asking,
    figures,
    frames,
    hear,
    open_raw,
    quiet,
    reset,
    spoken,
    until,
    utterances,
    visiting,
    web_socket,
    write,
)
from tests.integration.peers import PATIENCE, Answer, one_shot

_TEXT = "Somebody else is served."


@pytest.fixture(scope="module")
def server(bundled_voice: None) -> Iterator[ServerProcess]:
    """Start a server with short timeouts, `--schedule fifo` and the bundled voice. With this schedule, an unfinished
    request could block other requests. With a small voice, the test would prove less: this voice could be faster than
    the phonemizer, so the server would handle other requests while it waits for the phonemes of a long text."""
    running = ServerProcess(
        *("--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0", "--seed", "5", "--schedule", "fifo"),
        *("--max-ahead", "1", "--event-timeout", "0.5", "--stall-timeout", "1"),
    )
    yield running
    assert running.process.poll() is None, running.log
    assert running.stop() == 0, running.log
    for fault in ("Traceback", "never awaited", "never retrieved", "could not be handled"):
        assert fault not in running.log, running.log


@pytest.fixture(scope="module")
def alone(server: ServerProcess) -> bytes:
    """Return the speech that a client gets for a text when it is the only client."""
    return asyncio.run(one_shot(server.uri, _TEXT)).pcm


@pytest.fixture
async def client(server: ServerProcess, alone: bytes) -> AsyncIterator[httpx.AsyncClient]:
    """Return a well-behaved client. After the test, check that it gets the same speech as before, and that the server
    has closed all additional files and threads."""
    async with visiting(server.http) as visitor:
        await quiet(visitor)
        before = level(server.process.pid)
        yield visitor
        await back_at(before, server.process.pid)
        assert await spoken(visitor, _TEXT) == alone
        await back_at(before, server.process.pid)


@contextlib.asynccontextmanager
async def stalled_by_http(base: str) -> AsyncIterator[None]:
    """Connect as an HTTP client that reads one byte of the response and then stops reading."""
    url = httpx.URL(base)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(PATIENCE)
        client.connect((url.host, url.port))
        client.sendall(asking(LONG))
        assert await asyncio.to_thread(client.recv, 1)
        yield


@contextlib.asynccontextmanager
async def stalled_by_web_socket(base: str) -> AsyncIterator[None]:
    """Connect as a WebSocket client that reads the first audio and then stops reading."""
    async with web_socket(base, max_queue=1, close_timeout=1) as client:
        await write(client, "start")
        await write(client, "text", text=LONG)
        await hear(client, "audio")
        yield


@pytest.mark.parametrize("stalled", [stalled_by_http, stalled_by_web_socket])
async def test_stalled_reader_is_cut_off_and_does_not_delay_others(
    server: ServerProcess,
    client: httpx.AsyncClient,
    alone: bytes,
    stalled: Callable[[str], contextlib.AbstractAsyncContextManager[None]],
) -> None:
    """A client that stops reading is disconnected. Little audio is synthesized for it, and it does not delay other
    requests."""
    cut_off = server.log.count("after reading nothing for 1s")
    async with stalled(server.http):
        number = (await utterances(client))[-1]["number"]
        assert await spoken(client, _TEXT) == (await one_shot(server.uri, _TEXT)).pcm == alone
        (slow,) = [seen for seen in await quiet(client) if seen["number"] == number]
        assert slow["outcome"] == "cancelled"
        assert sum(seconds for _, _, seconds in slow["steps"]) < 30  # in seconds; more than fits in all buffers
    server.wait_for_lines("after reading nothing for 1s", cut_off + 1)
    assert server.log.count("after reading nothing for 1s") == cut_off + 1


async def test_resets_in_mid_audio(server: ServerProcess, client: httpx.AsyncClient) -> None:
    """If five HTTP and five WebSocket clients reset their connections, their requests are cancelled."""

    async def by_http() -> None:
        reader, writer = await open_raw(server.http, asking(LONG))
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"WAVE")
        reset(writer)

    async def by_web_socket() -> None:
        async with web_socket(server.http) as page:
            await write(page, "start")
            await write(page, "text", text=LONG)
            await hear(page, "audio")
            page.transport.abort()

    before = await figures(client)
    await asyncio.gather(*(leave() for leave in [by_http, by_web_socket] * 5))
    await quiet(client)
    cancelled = ("piper_serial_requests_total", "", "cancelled")
    assert (await figures(client))[cancelled] == before[cancelled] + 10


async def test_resets_in_the_queue(server: ServerProcess, client: httpx.AsyncClient) -> None:
    """If a client resets its connection while its request is waiting, the request is not spoken. Other requests
    continue."""
    async with busy_page(server) as busy:
        _, writer = await open_raw(server.http, asking(_TEXT))
        async with web_socket(server.http) as page:
            await write(page, "start")
            await write(page, "text", text=_TEXT)
            await write(page, "end")
            await until(client, lambda seen: sum(one["begun"] is None for one in seen) == 2)
            reset(writer)
            page.transport.abort()
        seen = await until(client, lambda seen: sum(one["outcome"] == "cancelled" for one in seen[-2:]) == 2)
        assert [one["begun"] for one in seen[-2:]] == [None, None]
        assert seen[-3]["ended"] is None
        assert not busy.done()


@contextlib.asynccontextmanager
async def busy_page(server: ServerProcess) -> AsyncIterator["asyncio.Task[Answer]"]:
    """Run a WebSocket client that requests forty minutes of speech and reads all audio. Yield its task."""
    async with web_socket(server.http) as page:
        await write(page, "start")
        await write(page, "text", text=LONG * 20)
        await write(page, "end")
        await hear(page, "audio")
        listening = asyncio.create_task(hear(page))
        yield listening
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


@pytest.mark.parametrize(
    "begun",
    [
        b"GET /health HTTP/1.1\r\nHo",
        b"GET /api/stream HTTP/1.1\r\nUpgrade: websocket\r\n",
        asking(_TEXT)[:-5],
        b"POST /v1/audio/speech HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    ],
)
async def test_half_sent_requests(server: ServerProcess, client: httpx.AsyncClient, alone: bytes, begun: bytes) -> None:
    """Each of twenty incomplete requests gets the error `event-timeout`, and its connection is closed."""
    halves = [await open_raw(server.http, begun) for _ in range(20)]
    assert await spoken(client, _TEXT) == alone
    for reader, writer in halves:
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b'"code": "event-timeout"' in answer
        writer.close()


async def test_drip_of_a_request(server: ServerProcess, client: httpx.AsyncClient) -> None:
    """A client that sends its request byte by byte must complete it within `--event-timeout`."""
    reader, writer = await open_raw(server.http, asking(_TEXT * 1000)[:200])
    answering = asyncio.create_task(reader.read())
    async with asyncio.timeout(PATIENCE):
        while not answering.done():
            writer.write(b"x")
            await asyncio.wait({answering}, timeout=0.05)  # seconds between two bytes of the request
    assert answering.exception() or b" 408 " in answering.result()
    writer.transport.abort()
    assert (await client.get("health")).status_code == 200


async def test_garbage(server: ServerProcess, client: httpx.AsyncClient, alone: bytes) -> None:
    """If 100 clients send garbage, each gets at most one error, and another client is still served."""
    chance = random.Random(100)
    begins = [b"", b"\x16\x03\x01", b'{"type": "describe"}\n', b"GET /", b"SSH-2.0-x\r\n", b"GET / HTTP/9\r\n\r\n"]

    async def throw(begin: bytes, length: int) -> bytes:
        reader, writer = await open_raw(server.http, begin + chance.randbytes(length))
        answer = b""
        # If a client is still sending when the server closes the connection, the connection may be reset.
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                answer = await reader.read()
        writer.transport.abort()
        return answer

    thrown = [throw(chance.choice(begins), chance.choice([10, 1000, 100_000])) for _ in range(100)]
    answers, heard = await asyncio.gather(asyncio.gather(*thrown), spoken(client, _TEXT))
    assert heard == alone
    assert {answer[:12] for answer in answers} <= {b"", b"HTTP/1.1 400", b"HTTP/1.1 408", b"HTTP/1.1 404"}


async def test_requests_ahead_on_one_connection_are_not_answered(
    server: ServerProcess, client: httpx.AsyncClient, alone: bytes
) -> None:
    """Of 50 requests sent together on one connection, only the first gets a response, which is complete."""
    reader, writer = await open_raw(server.http, asking(_TEXT) * 50)
    before = len(await utterances(client))
    async with asyncio.timeout(PATIENCE):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
        assert frames(await chunked(reader)) == alone
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
    writer.close()
    assert len(await quiet(client)) <= before + 1


async def chunked(reader: asyncio.StreamReader) -> bytes:
    """Read a response body in chunked encoding, and return the content."""
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return body
