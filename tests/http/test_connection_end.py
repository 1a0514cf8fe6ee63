"""The end of HTTP connections: after a refusal, at a shutdown or after a failure. Connections that have ended are
freed."""

import asyncio
import gc
import weakref

import pytest
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.http.connection_bench import CHUNKED, GET, POST, UPGRADE, Bench, error_of
from wyoming_piper_serial.settings import Timeouts


async def test_connection_at_shutdown_has_a_second_to_ask(bench: Bench) -> None:
    """During a shutdown, a new connection has one second to send a request, and is closed after the response."""
    bench.shutdown.begin()
    silent, asks = bench.connect(), bench.connect()
    asks.send(GET[:-2])
    bench.look(0.9)
    assert silent.state() == "open"
    bench.look(0.1)
    assert silent.state() == "closing"
    asks.send(GET[-2:])
    response = await asks.received()
    assert b"\r\nconnection: close\r\n" in response
    assert response.endswith(b"ok")
    assert asks.state() == "closing"
    silent.leave()
    asks.leave()


async def test_drain_ends_each_connection_when_it_is_answered(bench: Bench) -> None:
    """A drain closes connections without a complete request at once, and other connections after their responses."""
    new, half, arrived, waits, speaks = [bench.connect() for _ in range(5)]
    half.send(GET[:-2])
    bench.answer.clear()
    waits.send(GET)
    await waits.received()
    bench.answer.set()
    bench.finish.clear()
    speaks.send(GET)
    await speaks.received()
    arrived.send(GET)
    bench.clock.advance(1)
    bench.shutdown.begin()
    bench.connections.drain()
    assert [peer.state() for peer in (new, half, arrived, waits, speaks)] == ["closing"] * 2 + ["open"] * 3
    bench.finish.set()
    for peer in (arrived, waits, speaks):
        assert (await peer.received()).endswith(b"k")
        assert peer.state() == "closing"
    for peer in (new, half, arrived, waits, speaks):
        peer.leave()
    await bench.connections.wait_closed()


async def test_drain_ends_a_connection_that_discards(bench: Bench) -> None:
    """A drain closes a connection that only waits for the rest of a body, because its response is complete."""
    bench.reads_body = False
    peer = bench.connect()
    peer.send(POST[:-1])
    await peer.received()
    bench.clock.advance(1)
    bench.connections.drain()
    assert peer.state() == "closing"
    peer.leave()


async def test_first_request_may_arrive_shortly_after_the_drain_begins(bench: Bench) -> None:
    """A client that has connected less than a second before a drain may still send its first request. If it does not
    send one, its connection is closed after a second."""
    asks, silent = bench.connect(), bench.connect()
    bench.clock.advance(0.9)
    bench.shutdown.begin()
    bench.connections.drain()
    assert (asks.state(), silent.state()) == ("open", "open")
    asks.send(GET)
    assert (await asks.received()).endswith(b"ok")
    assert asks.state() == "closing"
    bench.look(0.05)
    assert silent.state() == "open"
    bench.look(0.05)
    assert silent.state() == "closing"
    asks.leave()
    silent.leave()


async def test_refused_connection_gets_an_error_or_is_closed() -> None:
    """A refused connection gets an error for its first request. If no request arrives, the connection is closed after
    `--event-timeout`."""
    bench = Bench(Timeouts(event=10), max_connections=1)
    admitted, refused, silent, upgrades = [bench.connect() for _ in range(4)]
    refused.send(POST)
    assert error_of(await refused.received()) == (503, "too-many-connections")
    assert refused.state() == "closing"
    upgrades.send(UPGRADE)
    assert (await upgrades.received()).startswith(b"HTTP/1.1 503 ")
    assert upgrades.state() == "closing"
    bench.look(9)
    silent.send(GET[:-2])
    bench.look(1)
    assert silent.state() == "aborted"
    assert await silent.received() == b""
    assert bench.calls == []
    assert bench.metrics.snapshot().errors == {"too-many-connections": 3}
    for peer in (admitted, refused, silent, upgrades):
        peer.leave()


async def test_connection_that_is_not_admitted_is_aborted() -> None:
    """If `MAX_REFUSED` refused connections are open, a new connection is aborted without an answer."""
    bench = Bench(Timeouts(), max_connections=0)
    peers = [bench.connect() for _ in range(65)]
    assert [peer.state() for peer in peers] == ["open"] * 64 + ["aborted"]
    for peer in peers:
        assert str(peer.connection.client).startswith("http ")
        peer.leave()


async def test_connection_that_is_made_after_an_abort_is_aborted(bench: Bench) -> None:
    """If the event loop calls `connection_made` only after `abort`, the new connection is aborted too."""
    early = bench.connect()
    bench.connections.abort()
    late = bench.connect()
    assert [early.state(), late.state()] == ["aborted", "aborted"]
    early.leave()
    late.leave()
    await bench.connections.wait_closed()


@pytest.mark.usefixtures("quick_collection")
@pytest.mark.parametrize("error", [None, ConnectionResetError()])
async def test_nothing_keeps_a_connection_that_is_lost(bench: Bench, error: Exception | None) -> None:
    """A connection that has ended is freed. No object keeps a reference to the connection, not even uvicorn's
    keep-alive timer."""
    peer = bench.connect()
    peer.send(GET)
    await peer.received()
    peer.leave(error)
    connection = weakref.ref(peer.connection)
    del peer
    bench.calls.clear()
    gc.collect()
    assert connection() is None


@pytest.mark.parametrize("request_bytes", [b"", GET, POST, CHUNKED, b"\x16\x03\x01"])
async def test_lost_connection_is_freed_without_the_garbage_collector(bench: Bench, request_bytes: bytes) -> None:
    """A connection that has ended is freed without garbage collection, which would block the event loop."""
    gc.disable()
    try:
        peer = bench.connect()
        peer.send(request_bytes)
        await peer.received()
        peer.leave()
        connection = weakref.ref(peer.connection)
        del peer
        bench.calls.clear()
        await asyncio.sleep(0)  # lets the application's task end
        assert connection() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("late", [False, True])
async def test_failure_of_uvicorn_closes_the_connection(
    bench: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    """If uvicorn raises an exception while it handles received bytes, at once or in a later iteration of the event
    loop, the exception is logged and only this connection is aborted."""

    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(H11Protocol, "data_received", fail)
    peer, other = bench.connect(), bench.connect()
    if late:
        bench.connections.pacer.charge(1)
    peer.send(GET)
    await peer.received()
    assert peer.state() == "aborted"
    assert "received bytes could not be handled" in caplog.text
    assert other.state() == "open"
    peer.leave()
    other.leave()
