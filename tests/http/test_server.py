"""The HTTP server starts, drains and aborts."""

import asyncio
import gc
import logging
import socket
from dataclasses import replace
from ipaddress import ip_network

import pytest
from fastapi.routing import APIRoute

from tests.fakes import Gate
from tests.garbage import cyclic_garbage
from tests.http.serving import CROWD, HttpBench, serve
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.http.server import HttpServer
from wyoming_piper_serial.network.address import Address
from wyoming_piper_serial.settings import Http, VoiceAlias

_SPEAK = "/api/text-to-speech"


async def rest(reader: asyncio.StreamReader) -> bytes:
    """Return all bytes up to the end of the connection. After a reset, return no bytes."""
    async with asyncio.timeout(10):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def test_address_in_use_is_a_settings_error() -> None:
    """If the address is in use, `start` raises SettingsError, and the message names the option that sets the address.
    Calling `abort` afterwards is allowed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with serve() as bench:
            server = HttpServer(Address("tcp", "127.0.0.1", port), bench.context, bench.limiter)
            with pytest.raises(SettingsError, match=f"--http-uri tcp://127.0.0.1:{port}: already in use"):
                await server.start()
            await server.wait_closed()
            await server.abort()


async def test_responses_are_dated() -> None:
    """Responses have a Date header, as RFC 9110 (section 6.6.1) requires, and no Server header."""
    async with serve() as bench:
        headers = (await bench.get("/health")).headers
        assert headers["date"].endswith(" GMT")
        assert "server" not in headers


async def test_abort_closes_every_connection_and_cancels_every_request() -> None:
    """`abort` closes connections that are idle, that have sent half a request, or that are waiting for a response, and
    cancels their requests. New connections are not accepted."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        peers = [await bench.connect() for _ in range(3)]
        peers[1][1].write(b"GET / HTTP/1.1\r\n")
        peers[2][1].write(f"GET {_SPEAK}?text=Held HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await bench.settled(lambda: bench.limiter.open_connections == 3)
        await bench.server.abort()
        assert [await rest(reader) for reader, _ in peers] == [b"", b"", b""]
        await bench.server.wait_closed()
        await bench.settled(lambda: bench.engine.snapshot().cancelled == 1)
        gate.open()
        with pytest.raises(OSError):  # noqa: PT011  # any OSError: the port is closed
            await bench.connect()


async def test_server_waits_for_its_connections_after_a_drain() -> None:
    """After a drain, `wait_closed` waits for the open connections. While it waits, new connections are still
    answered."""
    gate = Gate()
    async with serve(on_run=lambda text: gate.hold()) as bench:
        speaking = asyncio.create_task(bench.get(_SPEAK, params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        bench.drain()
        closed = asyncio.create_task(bench.server.wait_closed())
        assert (await _fresh(bench, "/health/live")).startswith(b"HTTP/1.1 200 ")
        assert not closed.done()
        gate.open()
        assert (await speaking).status_code == 200
        async with asyncio.timeout(10):
            await closed


async def _fresh(bench: HttpBench, path: str) -> bytes:
    """Send a request on a new connection, and read until the server closes it."""
    reader, writer = await bench.connect()
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return await rest(reader)


async def test_proxy_sends_the_address_of_the_client(caplog: pytest.LogCaptureFixture) -> None:
    """After a PROXY header, the client of a request is the one in the header. Without a header, the request gets an
    error. A PROXY header from another address is refused."""
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    header = b"PROXY TCP4 192.0.2.7 192.0.2.1 50000 10280\r\n"
    proxies = (ip_network("127.0.0.1"),)
    with caplog.at_level(logging.DEBUG):
        async with serve(proxy_from=proxies, allow=(ip_network("192.0.2.0/24"),)) as bench:
            for sent, status in ((header + request, b"200"), (request, b"400"), (header * 2 + request, b"400")):
                reader, writer = await bench.connect()
                writer.write(sent)
                assert (await rest(reader)).startswith(b"HTTP/1.1 " + status)
            assert bench.engine.snapshot().errors == {"bad-request": 2}
    assert "http 192.0.2.7 #1: sent status 200" in caplog.text


async def test_changed_options_apply_to_the_next_request(caplog: pytest.LogCaptureFixture) -> None:
    """After a reload, new requests use the new options, and a new `--openai-voice` option is checked."""
    async with serve() as bench:
        before = await bench.post("/v1/audio/speech", json={"input": "Hi.", "voice": "mine"})
        assert before.status_code == 404
        http = Http(
            token="secret",  # noqa: S106
            cors=("https://a.example",),
            openai_voices=(VoiceAlias("mine", CROWD.name), VoiceAlias("other", "gone")),
            openai_pcm_rate=8000,
        )
        await bench.server.reload(replace(bench.context.settings, http=http))
        request = {"input": "Hi.", "voice": "mine", "response_format": "pcm"}
        headers = {"Origin": "https://a.example"}
        refused = await bench.post("/v1/audio/speech", json=request, headers=headers)
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == "https://a.example"
        spoken = await bench.post("/v1/audio/speech", json=request, headers={"Authorization": "Bearer secret"})
        assert (spoken.status_code, spoken.headers["x-sample-rate"]) == (200, "8000")
        assert bench.voice.options[-1].speaker == 0, "the voice with two speakers"
    assert any(message.startswith("--openai-voice other=gone: ") for message in caplog.messages)


def _routes() -> int:
    """Return the number of routes in memory."""
    return sum(isinstance(one, APIRoute) for one in gc.get_objects())


async def test_reload_does_not_create_the_endpoints_again() -> None:
    """FastAPI keeps references to the routes of its last applications, so each new application would need memory."""
    async with serve() as bench:
        before = await asyncio.to_thread(_routes)
        for _ in range(3):
            await bench.server.reload(bench.context.settings)
        assert await asyncio.to_thread(_routes) <= before


async def test_requests_leave_nothing_to_the_garbage_collector() -> None:
    """All objects of a request are freed as soon as it ends, with or without a body, whether or not it succeeds."""
    async with serve() as bench:
        await bench.get("/health")
        with cyclic_garbage() as garbage:
            answers = [
                await bench.get("/health"),
                await bench.get(_SPEAK, params={"text": "Hi."}),
                await bench.post("/v1/audio/speech", json={"input": "Hi.", "response_format": "wav"}),
                await bench.post("/v1/audio/speech", json=[]),
                await bench.get("/nothing"),
            ]
            await bench.client.aclose()
            await bench.settled(lambda: bench.limiter.open_connections == 0)
        assert [answer.status_code for answer in answers] == [200, 200, 200, 422, 404]
        assert garbage == []
