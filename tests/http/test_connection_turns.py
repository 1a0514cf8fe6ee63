"""Bytes from many HTTP connections are handled in several iterations of the event loop."""

import asyncio
import itertools

import pytest

from tests.http.connection_bench import GET, UPGRADE, Bench
from wyoming_piper_serial.settings import Timeouts


async def test_bytes_wait_for_their_turn() -> None:
    """When the time for HTTP in an iteration of the event loop is used up, received bytes are buffered, and reading
    pauses. No byte is lost."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60))
    peers = [bench.connect() for _ in range(5)]
    for peer in peers:
        peer.send(GET)
    assert repr(bench.connections.pacer) == "<Pacer 3 waiting>"
    assert [peer.transport.reading for peer in peers] == [False] * 5
    for peer in peers:
        assert (await peer.received()).endswith(b"ok")
        assert peer.transport.reading
        peer.leave()


@pytest.mark.parametrize("upgraded", [False, True])
async def test_time_in_which_bytes_wait_for_their_turn_does_not_count(bench: Bench, upgraded: bool) -> None:
    """While the server handles other clients and a client's bytes wait in a buffer, the timeout for the client's
    request or message does not run."""
    peer = bench.connect()
    if upgraded:
        peer.send(UPGRADE)
        await peer.received()
    whole = b"\x81\x85\0\0\0\0Hello" if upgraded else GET
    peer.send(whole[:3])
    await peer.received()
    bench.connections.pacer.charge(1)
    peer.send(whole[3:5])
    bench.look(1000)
    assert await peer.received() == b""
    assert peer.state() == "open"
    peer.send(whole[5:])
    await peer.received()
    assert peer.state() == "open"
    peer.leave()


async def test_addresses_take_turns() -> None:
    """If many connections from one address have sent bytes, the bytes of a client at another address are handled before
    most of them."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60), max_connections=50)
    bench.connections.pacer.charge(1)
    flood = [bench.connect("192.0.2.1") for _ in range(20)]
    other = bench.connect("192.0.2.2")
    for peer in (*flood, other):
        peer.send(GET)
    while not bench.bodies:
        await asyncio.sleep(0)
    while not other.transport.take():
        await asyncio.sleep(0)
    assert len(bench.bodies) < 8
    for peer in (*flood, other):
        peer.transport.abort()
        peer.leave()


async def test_connection_is_lost_while_its_bytes_wait() -> None:
    """If a connection ends while its received bytes are buffered, the bytes are dropped."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60))
    bench.connections.pacer.charge(1)
    peer = bench.connect()
    peer.send(GET)
    peer.transport.abort()
    peer.leave()
    await peer.received()
    assert bench.calls == []


async def test_messages_of_many_websockets_wait_for_their_turn() -> None:
    """If hundreds of WebSockets each send a message at the same time, the application handles only a few of them per
    iteration of the event loop."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60), max_connections=50)
    bench.reads_messages = True
    peers = [bench.connect() for _ in range(40)]
    for peer in peers:
        peer.send(UPGRADE)
        await peer.received()
    for peer in peers:
        peer.send(b"\x81\x85\0\0\0\0Hello" * 2)
    counts = [len(bench.bodies)]
    while len(bench.bodies) < 80:
        await asyncio.sleep(0)
        counts.append(len(bench.bodies))
    assert max(after - before for before, after in itertools.pairwise(counts)) <= 10
    for peer in peers:
        peer.leave()


@pytest.mark.parametrize(("size", "most"), [(5, 3), (6001, 1)])
async def test_bodies_that_become_complete_at_once_wait_for_their_turn(size: int, most: int) -> None:
    """If many clients send the last byte of their requests at the same time, the application gets only a few complete
    requests per iteration of the event loop, or only one if they are large."""
    bench = Bench(Timeouts(event=10, idle=0, stall=60), max_connections=50)
    peers = [bench.connect() for _ in range(20)]
    for peer in peers:
        peer.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
        await peer.received()
        for _ in range(size // 1000):
            peer.send(b"x" * 1000)
            await peer.received()
        peer.send(b"x" * (size % 1000 - 1))
        await peer.received()
    assert bench.bodies == []
    for peer in peers:
        peer.send(b"x")
    counts = [0]
    while len(bench.bodies) < len(peers):
        await asyncio.sleep(0)
        counts.append(len(bench.bodies))
    assert max(after - before for before, after in itertools.pairwise(counts)) <= most
    for peer in peers:
        peer.leave()
