"""Invalid requests and invalid input cause errors."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from wyoming.event import Event, async_read_event

from tests.fakes import Gate, failing_on, pcm_of
from tests.wyoming.peers import Client, Open, audio, types
from wyoming_piper_serial.exceptions import TooManyConnections
from wyoming_piper_serial.settings import Limits, Timeouts
from wyoming_piper_serial.wyoming.wire import encode


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"text": "x", "voice": "nobody"}, "unknown-voice"),
        ({"text": "x", "voice": {"language": "sv"}}, "unknown-voice"),
        ({"text": "x", "voice": {"name": "fr_FR-crowd-low", "speaker": "carl"}}, "unknown-speaker"),
        ({"text": 7}, "bad-request"),
        ({"text": "x" * 101}, "text-too-long"),
    ],
)
async def test_a_bad_request_gets_an_error_and_a_close(serving: Open, data: dict[str, Any], code: str) -> None:
    """After the responses to all earlier requests, a bad request gets one error. Then the connection is closed."""
    async with serving(limits=Limits(max_text=100)) as server:
        client = await server.connect()
        client.speak("Before.")
        client.send("synthesize", **data)
        client.speak("After.")
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "error"]
    assert events[-1].data["code"] == code
    assert events[-1].data["text"].endswith(".")
    assert server.metrics.snapshot().errors == {code: 1}


async def test_error_ends_the_connection_even_if_the_client_does_not(serving: Open) -> None:
    """After an error, the server closes the connection. Home Assistant up to 2026.8 ignores errors and waits until the
    connection is closed."""
    async with serving() as server:
        client = await server.connect()
        client.speak("x", voice="nobody")
        assert (await client.next()).type == "error"
        async with asyncio.timeout(10):
            assert await async_read_event(client.reader) is None


async def test_garbage_gets_an_error_and_the_connection_ends(serving: Open) -> None:
    """A line that is not a Wyoming event gets the error bad-event, and the connection is closed."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(b"EHLO example.org\r\n")
        (event,) = await client.rest()
    assert (event.type, event.data["code"]) == ("error", "bad-event")


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("HEAD", False)])
async def test_http_request_gets_an_http_response(serving: Open, method: str, has_body: bool) -> None:
    """An HTTP request gets one HTTP response. Then the server closes the connection, because a browser would keep it
    open."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(method.encode() + b" / HTTP/1.1\r\nHost: piper:10200\r\n\r\n")
        async with asyncio.timeout(10):
            answer = await client.reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert (b"Wyoming protocol" in answer) == has_body
        assert server.metrics.snapshot().errors == {"bad-event": 1}


async def test_tls_hello_is_answered_at_once(serving: Open) -> None:
    """A TLS ClientHello gets an error at once. The server does not wait for a newline, because a ClientHello may not
    contain one."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        event = await client.next()
    assert (event.type, event.data["code"]) == ("error", "bad-event")


async def test_garbage_inside_a_stream_ends_it_with_one_error(serving: Open) -> None:
    """Malformed bytes within a text stream get one error instead of the events that normally end the response."""
    async with serving() as server:
        client = await server.connect()
        client.send("synthesize-start")
        client.send("synthesize-chunk", text="A whole sentence. And")
        await client.next()
        client.writer.write(b"garbage\n")
        events = await client.rest()
    assert types(events) == ["audio-chunk", "error"]


async def test_too_many_waiting_requests_on_one_connection(serving: Open) -> None:
    """A request beyond `--max-requests-per-connection` gets an error after the responses to the accepted requests."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold(), limits=Limits(max_requests_per_connection=2)) as server:
        client = await server.connect()
        client.speak("One.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        for _ in range(3):
            client.speak("More.")
        gate.open()
        events = await client.rest()
    assert [event.type for event in events].count("audio-stop") == 3
    assert events[-1].data["code"] == "too-many-requests"


async def test_too_much_text_waiting_on_one_connection(serving: Open) -> None:
    """The total length of all waiting texts on a connection is limited to eight times `--max-text`. Texts that have
    been spoken do not count."""
    async with serving(limits=Limits(max_text=10)) as server:
        client = await server.connect()
        for _ in range(3):
            for _ in range(8):
                client.speak("Ten signs.")
            for _ in range(8):
                await client.until("audio-stop")
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold(), limits=Limits(max_text=10)) as server:
        client = await server.connect()
        for _ in range(9):
            client.speak("Ten signs.")
        client.send("ping")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        gate.open()
        events = await client.rest()
    assert [event.type for event in events].count("audio-stop") == 8
    assert events[-1].data["code"] == "too-many-requests"


async def test_full_queue_is_an_error_at_once(serving: Open) -> None:
    """A request beyond `--max-queue` gets its error while the accepted requests are still waiting."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold(), limits=Limits(max_queue=1)) as server:
        first, second = await server.connect(), await server.connect()
        first.speak("First.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        second.speak("Second.")
        (event,) = await second.rest()
        assert event.data["code"] == "queue-full"
        gate.open()
        assert audio(await first.rest()) == pcm_of("First.")


async def test_a_failing_model_run_is_an_error_for_its_client_only(serving: Open) -> None:
    """If synthesis fails, only the client of the failed request gets an error. Other clients get their speech."""
    async with serving(on_run=failing_on("bad")) as server:
        bad, good = await server.connect(), await server.connect()
        bad.speak("This is bad.")
        good.speak("This is good.")
        assert (await bad.rest())[-1].data["code"] == "synthesis-failed"
        assert audio(await good.rest()) == pcm_of("This is good.")


async def test_unexpected_failure_is_an_internal_error(serving: Open) -> None:
    """After an unexpected exception, the client gets the error `internal-error` without details."""
    async with serving() as server:

        def explode(*_: object, **__: object) -> None:
            raise RuntimeError("secret")

        server.engine.submit = explode  # type: ignore[assignment, method-assign]
        client = await server.connect()
        client.speak("Hello.")
        (event,) = await client.rest()
    assert event.data["code"] == "internal-error"
    assert "secret" not in event.data["text"]


async def test_request_during_a_drain_gets_an_error(serving: Open) -> None:
    """A request that arrives during a drain gets the error `shutting-down`."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold()) as server:
        client = await server.connect()
        client.speak("Held.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        server.shutdown.begin()
        server.connections[0].drain()
        client.speak("Too late.")
        while server.connections[0]._requests.qsize() < 2:
            await asyncio.sleep(0)  # gives the late request time to arrive
        gate.open()
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "error"]
    assert events[-1].data["code"] == "shutting-down"


async def test_refused_connection_gets_an_error(serving: Open) -> None:
    """A refused connection gets one error, even if the client has already sent a request."""
    async with serving() as server:
        client = await server.connect(refused=TooManyConnections("Too many."))
        client.send("describe")
        (event,) = await client.rest()
    assert (event.type, event.data["text"]) == ("error", "Too many.")


_BEGUN = b'{"type": "synthesize", "data_length": 500000}\n' + b" " * 30_000
_COUNTED = len(_BEGUN) - 4096  # number of bytes of _BEGUN that count towards --max-buffered


async def test_incomplete_events_of_all_clients_are_bounded(serving: Open) -> None:
    """Incomplete events count towards --max-buffered. An event that exceeds the limit gets an error, and its connection
    is closed. Other clients can still use the server. All bytes are released when the connections have ended."""
    async with serving(limits=Limits(max_buffered=1)) as server, asyncio.timeout(10):
        counted = server.engine.buffers.input

        async def counts(size: int) -> None:
            while counted.used != size:
                await asyncio.sleep(0)  # gives the server time to read the sent bytes

        for count in (1, 2, 3):
            attacker = await server.connect()
            attacker.writer.write(_BEGUN)
            await counts(count * _COUNTED)
        refused = await server.connect()
        refused.writer.write(_BEGUN)
        (event,) = [event async for event in _to_end(refused)]
        assert (event.type, event.data["code"]) == ("error", "buffers-full")
        await counts(3 * _COUNTED)
        usual = await server.connect()
        usual.send("describe")
        assert (await usual.next()).type == "info"
        usual.speak("Hello. " * 100)
        assert audio(await usual.until("audio-stop")) == pcm_of(*["Hello."] * 100)
        for client in server.clients:
            client.writer.close()
        await counts(0)
        assert repr(counted).endswith(" 0 clients>")


_FLOOD = 1000  # number of `describe` events whose replies fill the buffers of a socket and those of the server


async def test_unread_replies_of_all_clients_are_bounded(serving: Open) -> None:
    """Replies that clients do not read count towards --max-buffered. A client whose replies exceed the limit gets an
    error. Other clients can still use the server. When a client has read its replies, their bytes are released."""
    async with serving(limits=Limits(max_buffered=2)) as server, asyncio.timeout(10):
        counted = server.engine.buffers.input
        flood = encode("describe") * _FLOOD
        flooders: list[Client] = []
        while not server.metrics.snapshot().errors:
            flooders.append(await server.connect())
            flooders[-1].writer.write(flood)
            while not (server.connections[-1]._unread.size or server.metrics.snapshot().errors):
                await asyncio.sleep(0)  # gives the server time to read and answer the events
        *taken, refused = flooders
        assert taken
        usual = await server.connect()
        usual.send("describe")
        assert (await usual.next()).type == "info"
        *replies, error = [event async for event in _to_end(refused)]
        assert {event.type for event in replies} == {"info"}
        assert (error.type, error.data["code"]) == ("error", "buffers-full")
        for flooder in taken:
            assert {(await flooder.next()).type for _ in range(_FLOOD)} == {"info"}
        while counted.used:
            await asyncio.sleep(0)  # gives the server time to notice that the replies have been read


async def test_incomplete_events_are_released_at_any_end(serving: Open) -> None:
    """The bytes of an incomplete event are released when `--event-timeout` expires, when the client ends its input, or
    when the server closes the connection."""
    async with serving(timeouts=Timeouts(event=0.01)) as server, asyncio.timeout(10):
        late = await server.connect()
        late.writer.write(_BEGUN)
        (event,) = [event async for event in _to_end(late)]
        assert event.data["code"] == "event-timeout"
        assert server.engine.buffers.input.used == 0
    async with serving() as server, asyncio.timeout(10):
        counted = server.engine.buffers.input
        half_closed = await server.connect()
        half_closed.writer.write(_BEGUN)
        assert await half_closed.rest() == []
        await asyncio.gather(*server.tasks)
        assert counted.used == 0
        open_one = await server.connect()
        open_one.writer.write(_BEGUN)
        while counted.used != _COUNTED:
            await asyncio.sleep(0)  # gives the server time to read the sent bytes
        server.tasks[-1].cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
        assert counted.used == 0
        server.tasks.clear()


async def _to_end(client: Client) -> AsyncIterator[Event]:
    """Read all events until the connection ends, without ending the input."""
    while (event := await async_read_event(client.reader)) is not None:
        yield event
