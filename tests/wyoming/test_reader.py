"""The reading side of a Wyoming connection, with a stream that is fed by hand."""

import asyncio

import pytest

from wyoming_piper_serial.exceptions import EventTimeout
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming.reader import ConnectionReader
from wyoming_piper_serial.wyoming.wire import encode

_AT_ONCE = 1e-9  # seconds: a timeout that has passed when the loop looks next; 0 would be none


def reader_of(stream: asyncio.StreamReader, *, event_timeout: float = 10) -> ConnectionReader:
    return ConnectionReader(stream, Limits(), Timeouts(event=event_timeout))


async def test_events_are_read_to_the_end_of_input() -> None:
    """However they are cut into pieces."""
    stream = asyncio.StreamReader()
    for byte in encode("ping") + encode("describe"):
        stream.feed_data(bytes([byte]))
    stream.feed_eof()
    reader = reader_of(stream)
    events = [await reader.next_event() for _ in range(4)]
    assert [event and event.type for event in events] == ["ping", "describe", None, None]


async def test_rest_of_an_event_that_does_not_arrive_is_an_event_timeout() -> None:
    """The message has the limit."""
    stream = asyncio.StreamReader()
    reader = reader_of(stream, event_timeout=_AT_ONCE)
    stream.feed_data(b'{"type": "pi')
    with pytest.raises(EventTimeout, match="within 1e-09 seconds"):
        await reader.next_event()


async def test_timeout_of_the_network_is_an_os_error() -> None:
    """The client has vanished (ETIMEDOUT): it is not sent an error."""
    stream = asyncio.StreamReader()
    stream.set_exception(TimeoutError())
    with pytest.raises(OSError) as caught:  # noqa: PT011  # of any kind
        await reader_of(stream).next_event()
    assert not isinstance(caught.value, EventTimeout)


async def test_other_tasks_run_during_a_flood_of_events() -> None:
    """Although all of it has been received."""
    stream = asyncio.StreamReader()
    stream.feed_data(encode("ping") * 100)
    reader = reader_of(stream)
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)  # lets the reader go on

    counting = asyncio.create_task(count_turns())
    for _ in range(100):
        await reader.next_event()
    counting.cancel()
    assert turns >= 5


async def test_time_of_the_last_event_moves_with_events_and_with_begun_ones() -> None:
    """Not with blank lines. It decides when a connection is idle."""
    stream = asyncio.StreamReader()
    reader = reader_of(stream)
    begin = reader.heard
    stream.feed_data(b"\r\n")
    reading = asyncio.create_task(reader.next_event())
    await asyncio.sleep(0)  # lets it read
    await asyncio.sleep(0)
    assert reader.heard == begin
    stream.feed_data(encode("ping"))
    assert await reading
    assert reader.heard > begin


async def test_discard_reads_to_the_end() -> None:
    """Whatever it is."""
    stream = asyncio.StreamReader()
    stream.feed_data(b"garbage" * 1000)
    stream.feed_eof()
    await reader_of(stream).discard()
    assert stream.at_eof()
