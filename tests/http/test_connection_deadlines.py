"""A single HTTP connection is closed if its client is slow, is silent or does not read."""

import asyncio

import pytest

from tests.http.connection_bench import GET, POST, TURNS, Bench, error_of
from wyoming_piper_serial.network.timeouts import LAST_WAIT
from wyoming_piper_serial.settings import Timeouts


@pytest.mark.parametrize("silent", [True, False])
async def test_rest_of_a_body_must_arrive_in_time(bench: Bench, silent: bool) -> None:
    """A body must be complete within `--event-timeout` of the first byte of its request, even after the response."""
    bench.reads_body = False
    peer = bench.connect()
    peer.send(POST[:-1])
    await peer.received()
    bench.look(9)
    if not silent:
        peer.send(b"x")
    assert peer.state() == "lingering"
    bench.look(1)
    assert peer.state() == "aborted"
    assert await peer.received() == b""
    peer.leave()


async def test_silent_client_does_not_keep_a_connection_that_discards() -> None:
    """Without `--event-timeout`, a connection that waits for the rest of a body is closed after the keep-alive
    timeout."""
    bench = Bench(Timeouts(event=0, idle=0, stall=0))
    bench.reads_body = False
    peer = bench.connect()
    peer.send(POST[:-1])
    await peer.received()
    bench.look(59)
    assert peer.state() == "lingering"
    bench.look(1)
    assert peer.state() == "closing"
    peer.leave()


async def test_slow_request_is_answered_once(bench: Bench) -> None:
    """A request that is not complete in time gets one error. A client that does not read the error is disconnected."""
    bench = Bench(Timeouts(event=10, stall=0))
    peer = bench.connect()
    peer.send(POST[:-1])
    bench.look(10)
    assert error_of(peer.transport.sent) == (408, "event-timeout")
    bench.look(0)
    bench.look(LAST_WAIT - 1)
    assert peer.state() != "aborted"
    bench.look(1)
    assert peer.state() == "aborted"
    assert bench.metrics.snapshot().errors == {"event-timeout": 1}
    peer.leave()


@pytest.mark.parametrize("answered", [False, True])
async def test_connection_without_a_request_is_closed(answered: bool) -> None:
    """An idle connection is closed when `--idle-timeout` has passed since it was accepted or since its last
    response."""
    bench = Bench(Timeouts(event=10, idle=30))
    peer = bench.connect()
    if answered:
        bench.look(20)
        peer.send(GET)
        await peer.received()
    bench.look(29)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "closing"
    assert await peer.received() == b""
    peer.leave()


async def test_connection_that_is_answered_is_not_idle(bench: Bench) -> None:
    """A connection with an unanswered request is not idle. The idle time begins when the response has ended."""
    bench.answer.clear()
    peer = bench.connect()
    peer.send(GET)
    await peer.received()
    bench.look(1000)
    bench.answer.set()
    await peer.received()
    bench.look(59)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "closing"
    peer.leave()


async def test_client_that_reads_nothing_is_cut_off(bench: Bench) -> None:
    """A client that reads nothing is disconnected after `--stall-timeout`."""
    peer = bench.connect()
    peer.send(GET)
    for _ in range(TURNS):
        await asyncio.sleep(0)  # lets the application run
    bench.look(0)
    bench.look(59)
    assert peer.state() == "open"
    bench.look(1)
    assert peer.state() == "aborted"
    peer.leave()
