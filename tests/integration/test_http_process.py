"""The HTTP server as part of the real program: start, access control and shutdown."""

import asyncio
import contextlib
import re
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from wyoming.event import async_read_event

from tests.integration.conftest import ServerProcess, Start
from tests.integration.listeners import (
    LONG,
    SPEAK,
    error_of,
    figures,
    frames,
    hear,
    open_raw,
    quiet,
    recite,
    spoken,
    until,
    visiting,
    web_socket,
    write,
)
from tests.integration.peers import PATIENCE, describe, one_shot
from tests.integration.test_process import start_failing
from wyoming_piper_serial.observe import log_rate

_TEXT = "Hello there."
_TOKEN = "open-sesame"  # noqa: S105  # a test's token
_FRIEND = "https://friend.example"
_ANYWHERE = "tcp://127.0.0.1:0"
_PLACES = 12


@pytest.mark.parametrize("uri", ["unix://x", "tcp://127.0.0.1", "stdio://", "http://127.0.0.1:1"])
def test_bad_address_is_refused_with_one_line(uri: str) -> None:
    """If `--http-uri` is invalid, the exit code is 2, and one line names the option and the valid form."""
    error = start_failing("--uri", _ANYWHERE, "--http-uri", uri)
    assert error.startswith(f"wyoming-piper-serial: --http-uri {uri!r}: must be tcp://HOST:PORT.")
    assert error.count("\n") == 1


def test_address_in_use_is_refused() -> None:
    """If the address in `--http-uri` is in use, the exit code is 2. The error states the address and how to disable
    HTTP."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        uri = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        error = start_failing("--uri", _ANYWHERE, "--http-uri", uri)
    hint = "an empty WYOMING_PIPER_SERIAL_HTTP_URI turns HTTP off"
    line = error.splitlines()[-1]
    assert line.startswith(f"wyoming-piper-serial: --http-uri {uri}: already in use by ")
    assert f" ({hint}). Stop it, or choose another port: --http-uri tcp://127.0.0.1:" in line


@pytest.fixture(scope="module")
def closed(small_voice: tuple[str, ...]) -> Iterator[ServerProcess]:
    """Start a server with a small connection limit, an allowed network, a token and a CORS origin."""
    running = ServerProcess(
        *(*small_voice, "--http-uri", _ANYWHERE, "--seed", "5"),
        *("--allow", "127.0.0.1", "--max-connections", str(_PLACES)),
        *("--http-token", _TOKEN, "--http-cors", _FRIEND),
    )
    yield running
    assert running.stop() == 0, running.log
    assert "Traceback" not in running.log, running.log


@pytest.fixture
async def client(closed: ServerProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Return an HTTP client that sends the server's token with each request."""
    async with visiting(closed.http, headers={"Authorization": f"Bearer {_TOKEN}"}) as visitor:
        await quiet(visitor)
        yield visitor


async def test_connections_from_other_networks_are_closed(closed: ServerProcess, client: httpx.AsyncClient) -> None:
    """Connections from outside the allowed networks are closed without a response, on both ports."""
    reader = writer = None
    url = httpx.URL(closed.http)
    for port in (url.port, closed.port):
        try:
            reader, writer = await asyncio.open_connection(url.host, port, local_addr=("127.0.0.2", 0))
        except OSError:
            pytest.skip("this machine has only one loopback address")
        with contextlib.suppress(ConnectionError):
            writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            async with asyncio.timeout(PATIENCE):
                assert await reader.read() == b""
        writer.close()
    closed.wait_for_line(re.compile("Refused 127.0.0.2:"))
    assert (await client.get("health")).status_code == 200


async def test_connection_limit_is_shared_with_wyoming(closed: ServerProcess, client: httpx.AsyncClient) -> None:
    """`--max-connections` applies to both ports together. When a connection on one port is closed, the other port can
    accept a connection."""
    await until_alone(client)
    async with contextlib.AsyncExitStack() as stack:
        taken = []
        for number in range(_PLACES - 1):
            port = (httpx.URL(closed.http).port, closed.port)[number % 2]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            taken.append((reader, writer))
        await settled_connections(client, _PLACES)
        async with visiting(closed.http) as late:
            assert error_of(await late.get("health")) == (503, "too-many-connections")
        with pytest.raises(InvalidStatus) as caught:
            async with web_socket(closed.http):
                pass
        assert caught.value.response.status_code == 503
        reader, writer = await asyncio.open_connection("127.0.0.1", closed.port)
        event = await async_read_event(reader)
        assert event
        assert event.data["code"] == "too-many-connections"
        writer.close()
        taken[0][1].close()  # a connection on the HTTP port
        await settled_connections(client, _PLACES - 1)
        assert (await describe(closed.uri)).tts
        await settled_connections(client, _PLACES - 1)
        taken[1][1].close()  # a connection on the Wyoming port
        await settled_connections(client, _PLACES - 2)
        async with web_socket(closed.http) as page:
            assert (await recite(page, [_TEXT], token=_TOKEN)).events == ["start", "audio", "end"]


async def until_alone(client: httpx.AsyncClient) -> None:
    await settled_connections(client, 1)


async def settled_connections(client: httpx.AsyncClient, count: int) -> None:
    """Wait until `count` connections are open, including the connection of `client`."""
    async with asyncio.timeout(PATIENCE):
        while (await figures(client))["piper_serial_connections",] != count:
            await asyncio.sleep(0.05)  # polls, because the server runs in another process


async def test_token_is_required_for_speech(closed: ServerProcess, client: httpx.AsyncClient) -> None:
    """Speech over HTTP and WebSocket requires the token. Wyoming, the page and the other endpoints do not."""
    alone = (await one_shot(closed.uri, _TEXT)).pcm
    assert await spoken(client, _TEXT) == alone
    async with web_socket(closed.http) as page:
        assert (await recite(page, [_TEXT], token=_TOKEN)).pcm == alone
    async with web_socket(closed.http) as page:
        assert (await recite(page, [_TEXT])).error == "unauthorized"
    async with visiting(closed.http) as anonymous:
        for response in (
            await anonymous.get(SPEAK, params={"text": _TEXT}),
            await anonymous.post(SPEAK, content=_TEXT, headers={"Authorization": "Bearer wrong"}),
            await anonymous.post("v1/audio/speech", json={"input": _TEXT}),
        ):
            assert error_of(response) == (401, "unauthorized")
        for path in ("", "health", "metrics", "api/voices", "openapi.json"):
            assert (await anonymous.get(path)).status_code == 200
    assert _TOKEN not in closed.log


async def test_only_pages_of_named_sites_are_answered(closed: ServerProcess, client: httpx.AsyncClient) -> None:
    """HTTP requests and WebSocket handshakes from web pages are accepted only from the site in `--http-cors`."""
    for origin, allowed in [(_FRIEND, True), ("https://foe.example", False), ("null", False)]:
        preflight = await client.options(
            "v1/audio/speech",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "POST",
                "Access-Control-Request-Headers": "authorization,content-type",
            },
        )
        assert (preflight.headers.get("access-control-allow-origin") == origin) is allowed
        response = await client.post(SPEAK, content=_TEXT, headers={"Origin": origin})
        if allowed:
            assert response.status_code == 200
            assert response.headers["access-control-allow-origin"] == origin
            async with web_socket(closed.http, origin=origin) as page:
                assert (await recite(page, [_TEXT], token=_TOKEN)).pcm == frames(response.content)
        else:
            assert error_of(response) == (403, "foreign-origin")
            assert "access-control-allow-origin" not in response.headers
            with pytest.raises(InvalidStatus) as caught:
                async with web_socket(closed.http, origin=origin):
                    pass
            assert caught.value.response.status_code == 403


async def test_speech_finishes_before_the_server_ends(start: Start, small_voice: tuple[str, ...]) -> None:
    """After SIGTERM, accepted requests are completed, new requests are refused, and idle connections are closed."""
    server = start(
        *(*small_voice, "--http-uri", _ANYWHERE, "--seed", "5"),
        *("--schedule", "fifo", "--drain-timeout", "100", "--max-ahead", "1"),
    )
    # The speech is longer than the sockets can buffer, so other requests wait until the client reads it.
    text = LONG[:630]
    async with visiting(server.http) as client, web_socket(server.http) as idle_page:
        alone = await spoken(client, text)
        idle, idle_writer = await open_raw(server.http, b"")
        async with client.stream("GET", SPEAK, params={"text": text}) as speaking:
            waiting = asyncio.create_task(client.get(SPEAK, params={"text": _TEXT}))
            async with web_socket(server.http) as waiting_page:
                await write(waiting_page, "start")
                await write(waiting_page, "text", text=_TEXT)
                await write(waiting_page, "end")
                await until(client, lambda seen: sum(one["begun"] is None for one in seen) == 2)
                server.process.send_signal(signal.SIGTERM)
                async with asyncio.timeout(PATIENCE):
                    assert await idle.read() == b""
                    await idle_page.wait_closed()
                assert idle_page.close_code == 1001
                async with visiting(server.http) as late:
                    ready = await late.get("health/ready")
                    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
                    refused = await late.get(SPEAK, params={"text": _TEXT})
                    assert error_of(refused) == (503, "shutting-down")
                    assert int(refused.headers["retry-after"]) > 0
                assert frames(await speaking.aread()) == alone
                page = await hear(waiting_page)
                assert (page.error, page.pcm) == (None, frames((await waiting).content))
        idle_writer.close()
    assert await asyncio.to_thread(server.wait) == 0
    assert "4 completed, 0 cancelled" in server.log
    assert "Traceback" not in server.log


async def test_requests_are_cut_off_after_the_drain_timeout(start: Start, small_voice: tuple[str, ...]) -> None:
    """After `--drain-timeout`, the server exits despite a client that does not read and a WebSocket with incomplete
    text."""
    server = start(*small_voice, "--http-uri", _ANYWHERE, "--drain-timeout", "0.2", "--max-ahead", "1")
    _, writer = await open_raw(
        server.http, b"GET /%s?text=%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (SPEAK.encode(), b"a," * 9000)
    )
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    async with visiting(server.http) as client, web_socket(server.http) as page:
        await write(page, "start")
        await write(page, "text", text="This is said. This is")
        await hear(page, "audio")
        await until(client, lambda seen: sum(one["heard"] is not None for one in seen) == 2)
        server.process.send_signal(signal.SIGTERM)
        assert (await hear(page)).error == "shutting-down"
        assert await asyncio.to_thread(server.wait) == 0
    writer.transport.abort()
    assert "Traceback" not in server.log
    assert "errors sent: shutting-down" in server.log


async def test_flood_of_bad_requests_does_not_fill_the_log(small_server: ServerProcess) -> None:
    """If clients send hundreds of invalid requests, some of which are very long, the number and the length of log lines
    stay within their limits."""
    before, begin = len(small_server.log), time.monotonic()
    end = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    def requests(size: int) -> list[bytes]:
        path = b"/api/text-to-speech?voice=" + b"B" * size
        return [b"A" * size + b" /" + end, b"GET " + path + b"&text=x" + end, b"\x16\x03\x01\r\n"]

    for request in requests(60_000) * 3 + requests(10) * 200:
        reader, writer = await open_raw(small_server.http, request)
        async with asyncio.timeout(PATIENCE):
            with contextlib.suppress(ConnectionError):
                await reader.read()
        writer.close()
    grown = small_server.log[before:].splitlines()
    # The limit includes an allowance for other lines, such as summaries. On a slow machine, the flood lasts longer, so
    # more lines are allowed.
    assert len(grown) < log_rate.BURST + log_rate.PER_SECOND * (time.monotonic() - begin) + 50
    assert max(map(len, grown)) < 1300
