"""The three timeouts of a Wyoming connection: `--event-timeout` for the rest of an event, `--idle-timeout` for the next
event, and `--stall-timeout` for reading responses."""

import asyncio

import pytest
from wyoming.event import async_read_event

from tests.fakes import Gate, pcm_of
from tests.wyoming.peers import Client, Open
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming import writer
from wyoming_piper_serial.wyoming.wire import encode

_AT_ONCE = 1e-9  # a timeout in seconds that has expired at every check; 0 would disable the timeout


async def ended(client: Client) -> None:
    """Wait until the server has closed the connection. No event may arrive before that."""
    async with asyncio.timeout(10):
        assert await async_read_event(client.reader) is None


# Tests of `--event-timeout`, within which the rest of an event must arrive.


@pytest.mark.parametrize(
    "half",
    [
        b'{"type": "describe"',
        b'{"type": "x", "data_length": 9}\n{',
        b'{"type": "x", "payload_length": 9}\n1234',
        b"GET",
    ],
    ids=["header", "data", "payload", "not Wyoming"],
)
async def test_incomplete_event_is_an_error_after_the_timeout(serving: Open, half: bytes) -> None:
    """If an event is not complete within `--event-timeout`, the client gets an error, and the connection is closed."""
    async with serving(timeouts=Timeouts(event=_AT_ONCE)) as server:
        client = await server.connect()
        client.writer.write(half)
        event = await client.next()
        assert (event.type, event.data["code"]) == ("error", "event-timeout")
        await ended(client)


async def test_whole_events_are_never_late(serving: Open) -> None:
    """`--event-timeout` does not apply between events. A blank line does not begin an event."""
    async with serving(timeouts=Timeouts(event=_AT_ONCE)) as server:
        client = await server.connect()
        for _ in range(3):
            client.writer.write(encode("ping") + b"\r\n ")
            assert (await client.next()).type == "pong"


async def test_incomplete_event_has_no_limit_with_zero(serving: Open) -> None:
    """With `--event-timeout 0`, the rest of an event may arrive at any time."""
    async with serving(timeouts=Timeouts(event=0)) as server:
        client = await server.connect()
        client.writer.write(encode("ping") + b'{"type": "pi')
        assert (await client.next()).type == "pong"
        client.writer.write(b'ng"}\n')
        assert (await client.next()).type == "pong"


async def test_late_event_ends_a_stream_with_one_error(serving: Open) -> None:
    """An incomplete event in a text stream gets one error, after the response to the request before the stream."""
    async with serving(timeouts=Timeouts(event=_AT_ONCE)) as server:
        client = await server.connect()
        client.speak("Before.")
        client.send("synthesize-start")
        client.writer.write(b'{"type": "synth')
        assert b"".join(event.payload or b"" for event in await client.until("audio-stop")) == pcm_of("Before.")
        assert (await client.next()).data["code"] == "event-timeout"
        await ended(client)


# Tests of `--idle-timeout`, within which the next event must arrive.


async def test_idle_connection_is_closed_quietly(serving: Open) -> None:
    """After `--idle-timeout`, a connection is closed without an error event, and no error is counted."""
    async with serving(timeouts=Timeouts(idle=_AT_ONCE)) as server:
        await ended(await server.connect())
        assert server.metrics.snapshot().errors == {}


async def test_connection_may_be_idle_by_default(serving: Open) -> None:
    """By default, an idle connection stays open, because Home Assistant and satellites keep idle connections open."""
    assert Timeouts().idle == 0
    async with serving() as server:
        client = await server.connect()
        for _ in range(3):
            client.send("ping")
            assert (await client.next()).type == "pong"
        assert not server.tasks[0].done()


async def test_speaking_connection_is_not_idle(serving: Open) -> None:
    """A connection is not idle while a response is being sent. The idle time begins when the response has been sent."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold(), timeouts=Timeouts(idle=1e-3)) as server:
        client = await server.connect()
        client.speak("Held.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        for _ in range(3):
            client.send("ping")
            assert (await client.next()).type == "pong"
        gate.open()
        assert b"".join(event.payload or b"" for event in await client.until("audio-stop")) == pcm_of("Held.")
        await ended(client)


async def test_stream_that_waits_for_its_text_is_not_idle(serving: Open) -> None:
    """A connection is not idle while a text stream is open, because a language model may produce the text slowly."""
    async with serving(timeouts=Timeouts(idle=1e-3)) as server:
        client = await server.connect()
        client.send("synthesize-start")
        for _ in range(3):
            client.send("ping")
            assert (await client.next()).type == "pong"
        client.send("synthesize-chunk", text="Hello.")
        client.send("synthesize-stop")
        assert (await client.until("synthesize-stopped"))[-1].type == "synthesize-stopped"
        await ended(client)


# Tests of `--stall-timeout`, within which the client must read some of the response.


async def test_stalled_reader_is_cut_off_and_its_request_cancelled(serving: Open) -> None:
    """A client that stops reading is disconnected after `--stall-timeout`, and its request is cancelled."""
    async with serving(limits=Limits(max_ahead=1), timeouts=Timeouts(stall=_AT_ONCE)) as server:
        client = await server.connect()
        client.speak("This sentence is said again. " * 200)
        async with asyncio.timeout(30):
            await asyncio.gather(*server.tasks)
        assert repr(server.engine) == "<Engine serving []>"
        assert server.metrics.snapshot().cancelled == 1
        assert len(server.voice.runs) < 200


async def test_stalled_reader_is_cut_off_after_a_half_close(serving: Open) -> None:
    """A client that has ended its input and does not read is disconnected after `--stall-timeout`."""
    async with serving(timeouts=Timeouts(stall=_AT_ONCE)) as server:
        client = await server.connect()
        client.writer.write(encode("describe") * 300)
        client.writer.write_eof()
        async with asyncio.timeout(30):
            await asyncio.gather(*server.tasks)


async def test_client_that_never_reads_does_not_outlive_its_error(
    serving: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that never reads is disconnected, even if its last error cannot be delivered."""
    monkeypatch.setattr(writer, "LINGER", 0)
    monkeypatch.setattr(writer, "LAST_WAIT", _AT_ONCE)
    async with serving(timeouts=Timeouts(stall=0)) as server:
        client = await server.connect()
        client.writer.write(encode("describe") * 250 + b"garbage\n")
        async with asyncio.timeout(30):
            await asyncio.gather(*server.tasks)


async def test_error_arrives_behind_audio_that_is_taken_slowly(serving: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error that is sent after audio arrives after all the audio, even if the client reads slowly."""
    monkeypatch.setattr(writer, "LINGER", 0)
    async with serving() as server:
        client = await server.connect()
        client.speak("This sentence is said again. " * 50)
        client.writer.write(b"garbage\n")
        events = [await client.next()]
        while events[-1].type != "error":
            await asyncio.sleep(0)  # gives the server time to check the client while some events are still unread
            events.append(await client.next())
        assert events[-2].type == "audio-stop"
