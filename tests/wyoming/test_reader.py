"""The reading side of a Wyoming connection. The tests feed bytes to the reader's stream."""

import asyncio

import pytest

from wyoming_piper_serial.engine.buffers import Buffers
from wyoming_piper_serial.engine.shares import ClientShare
from wyoming_piper_serial.exceptions import BuffersFull, EventTimeout
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.turns import Turns
from wyoming_piper_serial.wyoming.reader import ConnectionReader
from wyoming_piper_serial.wyoming.wire import encode

_AT_ONCE = 1e-9  # a timeout in seconds that has expired at every check; 0 would disable the timeout


def reader_of(
    stream: asyncio.StreamReader,
    *,
    event_timeout: float = 10,
    turns: Turns | None = None,
    buffers: Buffers | None = None,
) -> ConnectionReader:
    holding = (buffers or Buffers(1 << 20)).new_input(ClientShare())
    return ConnectionReader(stream, Limits(), Timeouts(event=event_timeout), turns or Turns(), holding)


async def test_events_are_read_to_the_end_of_input() -> None:
    """Events that arrive byte by byte are returned once they are complete, and `None` is returned at the end of the
    input."""
    stream = asyncio.StreamReader()
    for byte in encode("ping") + encode("describe"):
        stream.feed_data(bytes([byte]))
    stream.feed_eof()
    reader = reader_of(stream)
    events = [await reader.next_event() for _ in range(4)]
    assert [event and event.type for event in events] == ["ping", "describe", None, None]


async def test_rest_of_an_event_that_does_not_arrive_is_an_event_timeout() -> None:
    """If an event is not complete in time, EventTimeout is raised. Its message contains the limit."""
    stream = asyncio.StreamReader()
    reader = reader_of(stream, event_timeout=_AT_ONCE)
    stream.feed_data(b'{"type": "pi')
    with pytest.raises(EventTimeout, match="within 1e-09 seconds"):
        await reader.next_event()


async def test_timeout_of_the_network_is_an_os_error() -> None:
    """A network timeout (ETIMEDOUT) raises OSError and not EventTimeout, because the client cannot be reached."""
    stream = asyncio.StreamReader()
    stream.set_exception(TimeoutError())
    with pytest.raises(OSError) as caught:  # noqa: PT011  # any OSError
        await reader_of(stream).next_event()
    assert not isinstance(caught.value, EventTimeout)


async def test_other_tasks_run_during_a_flood_of_events() -> None:
    """Other tasks can run while buffered events are being read."""
    stream = asyncio.StreamReader()
    stream.feed_data(encode("ping") * 100)
    reader = reader_of(stream)
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)  # gives the reader time to run

    counting = asyncio.create_task(count_turns())
    for _ in range(100):
        await reader.next_event()
    counting.cancel()
    assert turns >= 5


async def _events_in_each_turn(streams: list[asyncio.StreamReader], turns: Turns) -> list[int]:
    """Read all streams at the same time. Return the total number of events read in each iteration of the event loop."""
    counts = [0]

    async def read(stream: asyncio.StreamReader) -> None:
        reader = reader_of(stream, turns=turns)
        while await reader.next_event():
            counts[-1] += 1

    reading = asyncio.gather(*map(read, streams))
    while not reading.done():
        await asyncio.sleep(0)  # gives the readers time to run
        counts.append(0)
    return counts


async def test_many_floods_are_not_handled_faster_than_one() -> None:
    """If many connections send floods of events, no more events are handled per iteration of the event loop than with a
    single flood."""
    streams = []
    for _ in range(30):
        stream = asyncio.StreamReader()
        stream.feed_data(encode("ping") * 100)
        stream.feed_eof()
        streams.append(stream)
    counts = await _events_in_each_turn(streams, Turns())
    assert sum(counts) == 3000
    assert max(counts) <= 20


@pytest.mark.parametrize("size", [0, 500, 20_000])
async def test_events_that_become_complete_at_once_wait_for_their_turn(size: int) -> None:
    """If many connections send the last byte of an event at the same time, only a few small events, or one large event,
    are handled per iteration of the event loop."""
    event = encode("ping", {"text": "x" * size})
    streams = []
    for _ in range(50):
        stream = asyncio.StreamReader()
        stream.feed_data(event[:-1])
        streams.append(stream)
    reading = asyncio.create_task(_events_in_each_turn(streams, Turns()))
    for _ in range(500):
        await asyncio.sleep(0)  # gives the readers time to read the first bytes
    for stream in streams:
        stream.feed_data(event[-1:])
        stream.feed_eof()
    counts = await reading
    assert sum(counts) == 50
    assert max(counts) <= (1 if size > 1024 else 6)


async def test_few_events_do_not_wait_for_floods() -> None:
    """A single event is read immediately, even while other connections wait for their turns."""
    turns = Turns()
    waiting = [asyncio.create_task(turns.next()) for _ in range(100)]
    await asyncio.sleep(0)  # gives the tasks time to start waiting
    stream = asyncio.StreamReader()
    stream.feed_data(encode("describe"))
    assert await reader_of(stream, turns=turns).next_event()
    assert not all(task.done() for task in waiting)
    await asyncio.gather(*waiting)


async def test_time_of_the_last_arrival_moves_with_begun_and_complete_events() -> None:
    """`last_arrival` changes when an event begins and when it is complete, but not when a blank line arrives."""
    stream = asyncio.StreamReader()
    reader = reader_of(stream)
    begin = reader.last_arrival
    stream.feed_data(b"\r\n")
    reading = asyncio.create_task(reader.next_event())
    await asyncio.sleep(0)  # gives the reader time to read the sent bytes
    await asyncio.sleep(0)
    assert reader.last_arrival == begin
    stream.feed_data(encode("ping"))
    assert await reading
    assert reader.last_arrival > begin


async def test_discard_reads_to_the_end() -> None:
    """`discard` reads all input up to its end."""
    stream = asyncio.StreamReader()
    stream.feed_data(b"garbage" * 1000)
    stream.feed_eof()
    await reader_of(stream).discard()
    assert stream.at_eof()


@pytest.mark.parametrize("begun", [b'{"type": "' + b"a" * 5000, b'{"type": "x", "data_length": 9000}\n' + b" " * 5000])
async def test_incomplete_event_counts_until_it_is_dropped(begun: bytes) -> None:
    """The bytes of an incomplete event are counted until `close` or `discard` drops them. The first 4096 bytes are not
    counted."""
    for end in ("close", "discard"):
        stream = asyncio.StreamReader()
        buffers = Buffers(1 << 20)
        reader = reader_of(stream, buffers=buffers)
        stream.feed_data(begun)
        reading = asyncio.create_task(reader.next_event())
        while buffers.input.used != len(begun) - 4096:
            await asyncio.sleep(0)  # gives the reader time to read the sent bytes
        await cancel(reading)
        stream.feed_eof()
        if end == "close":
            reader.close()
        else:
            await reader.discard()
        assert buffers.input.used == 0


async def test_event_counts_until_it_is_returned() -> None:
    """The bytes of an event are counted until the event is returned. Payloads and events of less than 4096 bytes are
    not counted."""
    stream = asyncio.StreamReader()
    buffers = Buffers(1 << 20)
    reader = reader_of(stream, buffers=buffers)
    for event in (
        encode("a", {"text": "a" * 50_000}),
        encode("b", {}, b"b" * 300_000),
        encode("c", {"text": "a" * 3900}),
    ):
        sent, counts = memoryview(event), []
        reading = asyncio.create_task(reader.next_event())
        while not reading.done():
            stream.feed_data(sent[:1000])
            sent = sent[1000:]
            for _ in range(4):
                await asyncio.sleep(0)  # gives the reader time to read the sent bytes
            counts.append(buffers.input.used)
        stream.feed_data(sent)
        returned = await reading
        assert returned is not None
        assert max(counts) == (len(event) // 1000 * 1000 - 4096 if returned.type == "a" else 0)
        assert buffers.input.used == 0


async def test_event_beyond_the_memory_for_input_is_refused() -> None:
    """If the input budget has no room for the received part of an event, `next_event` raises BuffersFull, and the
    number of counted bytes does not increase."""
    buffers = Buffers(1 << 20)
    stream = asyncio.StreamReader()
    reader = reader_of(stream, buffers=buffers)
    stream.feed_data(b'{"type": "x", "data_length": 500000}\n' + b" " * 200_000)
    with pytest.raises(BuffersFull):
        await reader.next_event()
    assert buffers.input.used <= 0.66 * buffers.input.limit
    reader.close()
    assert buffers.input.used == 0
