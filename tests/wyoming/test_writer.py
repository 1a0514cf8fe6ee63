"""The writing side of a Wyoming connection, with a fake transport."""

import asyncio
import socket
from typing import cast

import pytest

from tests.fakes import FakeClock
from wyoming_piper_serial.network.timeouts import LAST_WAIT
from wyoming_piper_serial.wyoming import writer
from wyoming_piper_serial.wyoming.writer import ConnectionWriter


class Transport:
    """A transport that sends nothing. `waiting` is the number of buffered bytes, which is set by the tests."""

    def __init__(self) -> None:
        self.waiting = 0
        self.aborted = False

    def get_write_buffer_size(self) -> int:
        return self.waiting

    def set_write_buffer_limits(self, high: int) -> None:
        assert high > 0

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


class Writer:
    def __init__(self) -> None:
        self.error = 0
        self.transport = Transport()

    def get_extra_info(self, name: str) -> object:
        assert name == "socket"
        return self

    def getsockopt(self, level: int, option: int) -> int:
        assert (level, option) == (socket.SOL_SOCKET, socket.SO_ERROR)
        return self.error

    def write(self, data: bytes) -> None:
        self.transport.waiting += len(data)

    def can_write_eof(self) -> bool:
        return False


def look(watched: ConnectionWriter) -> None:
    """Run the callback of the writer's timer at once. The timer must be running."""
    assert watched._timer is not None
    watched._timer.cancel()
    watched._look()


async def test_timer_runs_while_bytes_wait() -> None:
    """A client that reads nothing is disconnected at the first check after the timeout, even if more bytes are
    written."""
    clock, writer = FakeClock(), Writer()
    watched = ConnectionWriter(cast("asyncio.StreamWriter", writer), 60, clock=clock)
    watched.write(b"x" * 100)
    cut_off = []
    for _ in range(4):
        clock.advance(15)
        watched.write(b"more")
        look(watched)
        cut_off.append(writer.transport.aborted)
    assert cut_off == [False, False, False, True]
    assert watched._timer is None


async def test_no_timer_runs_while_nothing_waits() -> None:
    """The timer stops when the send buffer is empty, and restarts when more data is written."""
    clock, writer = FakeClock(), Writer()
    watched = ConnectionWriter(cast("asyncio.StreamWriter", writer), 60, clock=clock)
    watched.write(b"x")
    writer.transport.waiting = 0
    clock.advance(1000)
    look(watched)
    timers = [watched._timer]
    watched.write(b"y")
    look(watched)
    timers.append(watched._timer)
    assert [timer is not None for timer in timers] == [False, True]
    assert not writer.transport.aborted


async def test_nothing_is_written_to_a_lost_connection() -> None:
    """Nothing is written to a closed connection, because asyncio would log a line for each write."""
    stream = Writer()
    watched = ConnectionWriter(cast("asyncio.StreamWriter", stream), 60)
    stream.transport.aborted = True
    watched.write(b"late")
    assert watched.backlog == 0


@pytest.mark.parametrize("takes", [True, False])
async def test_error_waits_while_the_client_takes_what_is_before_it(
    monkeypatch: pytest.MonkeyPatch, takes: bool
) -> None:
    """As long as the client reads, the server waits until the last error has been sent. A client that reads nothing is
    disconnected."""
    monkeypatch.setattr(writer, "LINGER", 0)
    stream = Writer()
    looks = 0

    def clock() -> float:
        nonlocal looks
        looks += 1
        if takes:
            stream.transport.waiting -= 1
        return looks * LAST_WAIT / 5

    watched = ConnectionWriter(cast("asyncio.StreamWriter", stream), 0, clock=clock)
    watched.write(b"x" * 100)
    reading = asyncio.create_task(asyncio.Event().wait())
    await watched.linger(cast("asyncio.Task[None]", reading))
    reading.cancel()
    assert stream.transport.aborted is not takes
    assert looks == (100 if takes else 6)


async def test_wait_for_the_last_error_ends_with_the_input() -> None:
    """When the client has ended its input, the server no longer waits for the last error to be sent."""
    stream = Writer()
    watched = ConnectionWriter(cast("asyncio.StreamWriter", stream), 0)
    watched.write(b"x" * 100)
    await watched.linger(asyncio.create_task(asyncio.sleep(0)))
    assert not stream.transport.aborted


@pytest.mark.parametrize("how", ["reset", "closed"])
async def test_a_client_that_is_gone_is_noticed(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`lost` waits until the socket has an error or the transport is closed."""
    monkeypatch.setattr(writer, "_FIRST_LOOK", 0)
    fake = Writer()
    watching = asyncio.create_task(ConnectionWriter(cast("asyncio.StreamWriter", fake), 60).lost())
    for _ in range(10):
        await asyncio.sleep(0)  # gives the task time to check the socket
    assert not watching.done()
    if how == "reset":
        fake.error = 104
    else:
        fake.transport.abort()
    await watching
