"""The WebSocket endpoint, with a fake voice. A real client connects over a real socket."""

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.fakes import Gate, failing_on, pcm_of
from tests.http.serving import CROWD, HttpBench, serve
from wyoming_piper_serial.settings import Http, Limits, Timeouts

_TOKEN = "open-sesame"  # noqa: S105  # a test's token
_START = {"type": "start"}
_END = {"type": "end"}
_FORMAT = {"type": "start", "rate": 22050, "width": 2, "channels": 1}


@contextlib.asynccontextmanager
async def socket_of(bench: HttpBench, **how: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws{bench.base.removeprefix('http')}/api/stream", **how) as socket:
        yield socket


def text(words: str) -> dict[str, object]:
    return {"type": "text", "text": words}


async def send(socket: ClientConnection, *messages: object) -> None:
    for message in messages:
        await socket.send(json.dumps(message))


async def receive(socket: ClientConnection) -> Any:
    """Return the next message, as bytes or as parsed JSON."""
    async with asyncio.timeout(10):
        message = await socket.recv()
    return message if isinstance(message, bytes) else json.loads(message)


async def receive_speech(socket: ClientConnection) -> bytes:
    """Receive one complete answer, and return its audio."""
    assert await receive(socket) == _FORMAT
    pcm = b""
    while isinstance(message := await receive(socket), bytes):
        pcm += message
    assert message == _END
    return pcm


async def refusal(socket: ClientConnection) -> tuple[str, int | None]:
    """Receive an error, which must be the last message and may follow a `start`. Return its code and the close code."""
    message = await receive(socket)
    if message == _FORMAT:
        message = await receive(socket)
    assert message["type"] == "error", message
    assert message["text"].endswith((".", ")")), message
    with pytest.raises(ConnectionClosed):
        await receive(socket)
    return message["code"], socket.close_code


async def test_speaks_a_text_that_comes_in_pieces() -> None:
    """A text that is sent in pieces is spoken like a text that is sent at once. The answer starts with the audio
    format and ends with an `end` message."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One he"), text(""), text("re. Two"), text(" there."), _END)
        assert await receive_speech(socket) == pcm_of("One here.", "Two there.")


async def test_speaks_one_request_after_the_other() -> None:
    """A WebSocket serves several requests one after another. The options of a request do not apply to the next
    request."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START | {"voice": CROWD.name, "speaker": "bob", "speed": 2, "seed": 7}, text("One."), _END)
        assert await receive_speech(socket) == pcm_of("One.")
        await send(socket, _START, text("Two."), _END)
        assert await receive_speech(socket) == pcm_of("Two.")
        first, second = bench.voice.options
        assert (first.speaker, first.synthesis.length_scale, first.synthesis.seed) == (1, 0.5, 7)
        assert (second.speaker, second.synthesis.length_scale, second.synthesis.seed) == (None, None, None)
        assert bench.engine.snapshot().completed == 2


async def test_empty_text_is_a_short_silence() -> None:
    """An empty text is answered with a short silence, as in Wyoming."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START, _END)
        pcm = await receive_speech(socket)
        assert pcm
        assert not any(pcm)


async def test_complete_sentences_are_spoken_before_the_text_ends() -> None:
    """A complete sentence is spoken before the client has sent the end of its text."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One here. Two"))
        assert await receive(socket) == _FORMAT
        assert await receive(socket) == pcm_of("One here.")
        await send(socket, text(" there."), _END)
        assert await receive(socket) == pcm_of("Two there.")
        assert await receive(socket) == _END


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([text("Before the start.")], "bad-request"),
        ([_END], "bad-request"),
        ([_START, _START], "bad-request"),
        ([{"type": "shout"}], "bad-request"),
        ([{}], "bad-request"),
        ([[1, 2]], "bad-request"),
        ([None], "bad-request"),
        (["start"], "bad-request"),
        ([{"type": ["start"]}], "bad-request"),
        ([_START, {"type": "text"}], "bad-request"),
        ([_START, {"type": "text", "text": 7}], "bad-request"),
        ([_START, text("x" * 60), text("x" * 60)], "text-too-long"),
        ([_START | {"voice": 7}], "bad-request"),
        ([_START | {"voice": "x" * 301}], "bad-request"),
        ([_START | {"speaker": "x" * 301}], "bad-request"),
        ([_START | {"speaker": "0" * 301}], "bad-request"),
        ([_START | {"id": "x" * 301}], "bad-request"),
        ([_START | {"speed": "9"}], "bad-request"),
        ([_START | {"speed": float("nan")}], "bad-request"),
        ([_START | {"seed": -1}], "bad-request"),
        ([_START | {"text_rules": "on"}], "bad-request"),
        ([_START | {"seed": True}], "bad-request"),
        ([_START | {"speed": True}], "bad-request"),
        ([_START | {"seed": 2**63}], "bad-request"),
        ([_START | {"priority": "urgent"}], "bad-request"),
        ([_START | {"voice": "nobody"}], "unknown-voice"),
        ([_START | {"voice": CROWD.name, "speaker": "eve"}], "unknown-speaker"),
    ],
)
async def test_invalid_messages_are_errors_and_close_the_socket(messages: list[object], code: str) -> None:
    """An invalid message gets the error code that the Wyoming server uses for the same mistake, and the error is
    counted in the metrics. The WebSocket closes with code 1008."""
    async with serve(limits=Limits(max_text=100)) as bench:
        async with socket_of(bench) as socket:
            await send(socket, *messages)
            assert await refusal(socket) == (code, 1008)
        assert bench.engine.snapshot().errors == {code: 1}
        async with socket_of(bench) as socket:
            await send(socket, _START, text("Next."), _END)
            assert await receive_speech(socket) == pcm_of("Next.")


@pytest.mark.parametrize(
    "garbage", ["", "{", "start", '{"type": "start"', "[" * 100_000, b'{"type": "start"}', b"\xff"]
)
async def test_message_that_is_not_json_is_an_error(garbage: str | bytes) -> None:
    """A text message that is not JSON, or a binary message, gets the error bad-request."""
    async with serve() as bench, socket_of(bench) as socket:
        await socket.send(garbage)
        assert await refusal(socket) == ("bad-request", 1008)


@pytest.mark.usefixtures("quick_collection")
async def test_message_is_freed_when_it_has_been_handled() -> None:
    """A message does not stay in memory until the next one, because the client may send nothing more for hours."""
    async with serve() as bench, socket_of(bench) as socket:
        await socket.send('{"type": "played", "seconds": 1, "more": ["a mark"]}')
        await (await socket.ping())
        for _ in range(20):
            await asyncio.sleep(0)  # lets the server handle the message
        assert not [found for found in gc.get_objects() if found == ["a mark"]]


async def test_message_beyond_the_limit_ends_the_socket() -> None:
    """A message longer than `--max-data` closes the WebSocket with code 1009 (RFC 6455, section 7.4.1), even if it is
    fragmented."""
    async with serve(limits=Limits(max_data=1000)) as bench:
        for message in ("x" * 1001, ["x" * 600, "x" * 600]):
            async with socket_of(bench) as socket:
                with contextlib.suppress(ConnectionClosed):  # the close may arrive while the client is still sending
                    await socket.send(message)
                with pytest.raises(ConnectionClosed):
                    await receive(socket)
                assert socket.close_code == 1009
        await bench.settled(lambda: bench.limiter.open_connections == 0)


async def test_failing_voice_is_a_fault_of_the_server() -> None:
    """If synthesis fails, before or after the first audio, the client gets an error and the close code 1011."""
    async with serve(on_run=failing_on("bad")) as bench:
        async with socket_of(bench) as socket:
            await send(socket, _START, text("This is bad."), _END)
            assert await receive(socket) == _FORMAT
            assert await refusal(socket) == ("synthesis-failed", 1011)
        async with socket_of(bench) as socket:
            await send(socket, _START, text("This is good. This is bad."), _END)
            assert await receive(socket) == _FORMAT
            assert await receive(socket) == pcm_of("This is good.")
            assert await refusal(socket) == ("synthesis-failed", 1011)


async def test_full_queue_is_an_error() -> None:
    """If the queue already contains `--max-queue` requests, another request gets the error `queue-full`, as in HTTP."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold(), limits=Limits(max_queue=1)) as bench:
        first = asyncio.create_task(bench.get("/api/text-to-speech", params={"text": "Held."}))
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with socket_of(bench) as socket:
            await send(socket, _START, text("Too many."), _END)
            assert (await refusal(socket))[0] == "queue-full"
        gate.open()
        assert (await first).status_code == 200


async def test_start_in_mid_speech_ends_it() -> None:
    """A `start` message during speech is an error. The speech is cancelled, and no audio follows the error."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One here. Two there."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await send(socket, _START)
        assert await receive(socket) == _FORMAT
        assert await refusal(socket) == ("bad-request", 1008)
        assert bench.engine.snapshot().cancelled == 1
        gate.open()
    assert bench.voice.runs == ["One here."]


async def test_text_after_the_end_is_an_error() -> None:
    """A text message between the `end` message and the end of the speech is an error."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One here."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        await send(socket, text("Two there."))
        assert await receive(socket) == _FORMAT
        assert await refusal(socket) == ("bad-request", 1008)
        gate.open()


async def test_token_is_required_at_each_start() -> None:
    """Every `start` requires the token, either in the message or in a header of the handshake, which browsers cannot
    set."""
    async with serve(http=Http(token=_TOKEN)) as bench:
        for wrong in ({}, {"token": "wrong"}, {"token": None}, {"token": 7}):
            async with socket_of(bench) as socket:
                await send(socket, _START | wrong)
                assert await refusal(socket) == ("unauthorized", 1008)
        async with socket_of(bench) as socket:
            await send(socket, _START | {"token": _TOKEN}, text("One."), _END)
            assert await receive_speech(socket) == pcm_of("One.")
            await send(socket, _START, text("Two."), _END)
            assert await refusal(socket) == ("unauthorized", 1008)
        async with socket_of(bench, additional_headers={"Authorization": f"Bearer {_TOKEN}"}) as socket:
            await send(socket, _START, text("One."), _END)
            assert await receive_speech(socket) == pcm_of("One.")


async def test_page_of_another_site_cannot_open_a_websocket() -> None:
    """A handshake from a page of another site gets 403. Handshakes from the server's own pages and from the sites in
    `--http-cors` are accepted."""
    named = "https://example.org"
    async with serve(http=Http(cors=(named,))) as bench:
        with pytest.raises(InvalidStatus) as caught:
            async with socket_of(bench, origin="https://evil.example"):
                pass
        assert caught.value.response.status_code == 403
        for origin in (bench.base, named):
            async with socket_of(bench, origin=origin) as socket:
                await send(socket, _START, text("One."), _END)
                assert await receive_speech(socket) == pcm_of("One.")


async def test_silent_socket_is_not_a_slow_request() -> None:
    """After the handshake, a silent WebSocket may stay open for longer than `--event-timeout`."""
    async with serve(timeouts=Timeouts(event=1)) as bench, socket_of(bench) as socket:
        guard = bench.server._connections
        now = guard.clock()
        guard.clock = lambda: now + 100
        guard.look()
        await send(socket, _START, text("One."), _END)
        assert await receive_speech(socket) == pcm_of("One.")


@pytest.mark.parametrize("politely", [True, False])
@pytest.mark.parametrize(
    ("messages", "accepted"),
    [
        ([], 0),
        ([_START], 0),
        ([_START, text("One")], 0),
        ([_START, text("One here. Two")], 1),
        ([_START, text("One here. Two there."), _END], 1),
    ],
)
async def test_disconnect_cancels_and_frees_the_connection(
    messages: list[object], accepted: int, politely: bool
) -> None:
    """A disconnect before, during or after the text cancels the request and frees the connection."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench:
        async with socket_of(bench) as socket:
            await send(socket, *messages)
            if accepted:
                assert await asyncio.to_thread(gate.entered.wait, 10)
            if not politely:
                socket.transport.abort()
        await bench.settled(lambda: bench.limiter.open_connections == 0)
        await bench.settled(lambda: bench.engine.snapshot().cancelled == accepted)
        gate.open()
        assert not bench.engine.snapshot().errors
        await bench.settled(lambda: not any("_Stream" in repr(task) for task in asyncio.all_tasks()))
    assert bench.voice.runs == ["One here."] * accepted


async def test_idle_socket_is_closed_when_the_server_drains() -> None:
    """A drain closes an idle WebSocket with code 1001 (going away)."""
    async with serve() as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One."), _END)
        await receive_speech(socket)
        bench.drain()
        with pytest.raises(ConnectionClosed):
            await receive(socket)
        assert socket.close_code == 1001
        await bench.server.wait_closed()


async def test_speech_is_finished_when_the_server_drains() -> None:
    """During a drain, the current speech is completed. Then the WebSocket is closed."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench, socket_of(bench) as socket:
        await send(socket, _START, text("One here. Two there."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        bench.shutdown.begin()
        bench.drain()
        gate.open()
        assert await receive_speech(socket) == pcm_of("One here.", "Two there.")
        with pytest.raises(ConnectionClosed):
            await receive(socket)
        assert socket.close_code == 1001


async def test_accepted_requests_have_their_turn_during_the_drain() -> None:
    """During a drain, waiting requests and requests with incomplete text are completed before the WebSocket closes."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench, socket_of(bench) as held:
        await send(held, _START, text("Held."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with socket_of(bench) as waiting, socket_of(bench) as writing:
            await send(writing, _START, text("One here. Two"))
            assert await receive(writing) == _FORMAT
            await send(waiting, _START, text("Waits."), _END)
            await bench.accepted(3)
            bench.drain()
            gate.open()
            assert await receive_speech(waiting) == pcm_of("Waits.")
            await send(writing, text(" there."), _END)
            assert b"".join([await receive(writing), await receive(writing)]) == pcm_of("One here.", "Two there.")
            assert await receive(writing) == _END
            for socket in (waiting, writing):
                with pytest.raises(ConnectionClosed):
                    await receive(socket)
                assert socket.close_code == 1001


async def test_requests_get_an_error_at_the_end_of_the_drain() -> None:
    """At the end of the drain, waiting requests and requests with incomplete text get the error `shutting-down`."""
    gate = Gate()
    async with serve(on_run=lambda words: gate.hold()) as bench, socket_of(bench) as held:
        await send(held, _START, text("Held."), _END)
        assert await asyncio.to_thread(gate.entered.wait, 10)
        async with socket_of(bench) as waiting, socket_of(bench) as writing:
            await send(writing, _START)
            await send(waiting, _START, text("Never said."), _END)
            await bench.accepted(2)
            bench.drain()
            bench.shutdown.over.begin()
            assert await receive(waiting) == _FORMAT
            assert await refusal(waiting) == ("shutting-down", 1011)
            assert await refusal(writing) == ("shutting-down", 1011)
        gate.open()
        assert await receive(held) == _FORMAT
        assert await refusal(held) == ("shutting-down", 1011)


@pytest.mark.parametrize("message", ["[" * 240_000, '{"a":' * 500 + "1" + "}" * 500, "[" + "1," * 100_000 + "1]"])
async def test_message_of_many_parts_is_refused(message: str) -> None:
    """A message with too many brackets, levels of nesting or values is refused before it is parsed."""
    async with serve() as bench, socket_of(bench) as socket:
        await socket.send(message)
        assert await refusal(socket) == ("bad-request", 1008)


async def test_lone_surrogates_of_a_message_are_dropped() -> None:
    """A lone surrogate in a text or a name is removed, and the rest of the text is spoken."""
    async with serve() as bench, socket_of(bench) as socket:
        await socket.send('{"type": "start", "voice": "fr\\ud800_FR"}')
        await socket.send('{"type": "text", "text": "Hel\\udffflo."}')
        await send(socket, _END)
        assert await receive_speech(socket) == pcm_of("Hello.")
