"""One connection over a real socket, with a fake voice."""

import asyncio
from typing import Any

import pytest
from wyoming.event import Event, async_read_event

from tests.fakes import Gate, failing_on, pcm_of
from tests.wyoming.peers import Open
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.exceptions import TooManyConnections
from wyoming_piper_serial.settings import Limits
from wyoming_piper_serial.wyoming.wire import encode


def types(events: list[Event]) -> list[str]:
    """The types of the events; consecutive audio chunks count once."""
    names = [event.type for event in events]
    return [name for at, name in enumerate(names) if at == 0 or name != names[at - 1] or name != "audio-chunk"]


def audio(events: list[Event]) -> bytes:
    return b"".join(event.payload or b"" for event in events if event.type == "audio-chunk")


async def test_one_shot_has_one_start_chunks_and_one_stop(serving: Open) -> None:
    """A one-shot gets one start, all chunks and one stop; the start and every chunk have the format."""
    async with serving() as server:
        client = await server.connect()
        client.speak("One sentence here. Another one there.")
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop"]
    assert audio(events) == pcm_of("One sentence here.", "Another one there.")
    for event in events[:-1]:
        assert {key: event.data[key] for key in ("rate", "width", "channels")} == {
            "rate": 22050,
            "width": 2,
            "channels": 1,
        }


async def test_chunks_hold_the_configured_number_of_samples(serving: Open) -> None:
    """`--samples-per-chunk` sets the size of every chunk except the last of a sentence."""
    async with serving(samples_per_chunk=256) as server:
        client = await server.connect()
        client.speak("Hello.")
        sizes = [len(event.payload or b"") for event in await client.rest() if event.type == "audio-chunk"]
    assert sizes == [512, 512, 176]


async def test_stream_has_one_pair_around_it_and_then_stopped(serving: Open) -> None:
    """A stream gets one start and one stop around all audio, then `synthesize-stopped`, as Home Assistant expects."""
    async with serving() as server:
        client = await server.connect()
        client.send("synthesize-start")
        for letter in "First one. Second one.":
            client.send("synthesize-chunk", text=letter)
        client.speak("First one. Second one.")
        client.send("synthesize-stop")
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
    assert audio(events) == pcm_of("First one.", "Second one.")


async def test_sentence_is_spoken_while_more_text_arrives(serving: Open) -> None:
    """A complete sentence does not wait for the end of the stream."""
    async with serving() as server:
        client = await server.connect()
        client.send("synthesize-start")
        client.send("synthesize-chunk", text="A whole sentence. And")
        assert (await client.next()).type == "audio-start"
        assert (await client.next()).type == "audio-chunk"
        client.send("synthesize-chunk", text=" more.")
        client.send("synthesize-stop")
        events = await client.rest()
    assert audio(events).endswith(pcm_of("And more."))
    assert events[-1].type == "synthesize-stopped"


async def test_stream_is_spoken_at_its_end_without_streaming(serving: Open) -> None:
    """With --no-streaming, a client may still send a stream; its text is spoken when the stream ends."""
    async with serving(streaming=False) as server:
        client = await server.connect()
        client.send("synthesize-start")
        client.send("synthesize-chunk", text="A whole sentence. And more. ")
        client.send("ping")
        assert (await client.next()).type == "pong"
        assert server.voice.runs == []
        client.send("synthesize-stop")
        events = await client.rest()
    assert audio(events) == pcm_of("A whole sentence.", "And more.")
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]


async def test_requests_are_answered_in_order(serving: Open) -> None:
    """Requests that are sent at once on a connection are answered in their order."""
    async with serving() as server:
        client = await server.connect()
        client.stream("Stream one.")
        client.speak("Shot two.")
        client.stream("Stream three.")
        client.speak("Shot four.")
        events = await client.rest()
    one_shot = ["audio-start", "audio-chunk", "audio-stop"]
    assert types(events) == [*one_shot, "synthesize-stopped", *one_shot, *one_shot, "synthesize-stopped", *one_shot]
    assert audio(events) == pcm_of("Stream one.", "Shot two.", "Stream three.", "Shot four.")


async def test_describe_is_answered_in_mid_speech(serving: Open) -> None:
    """`describe` is answered during speech, on the speaking connection and on others."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold()) as server:
        speaking, other = await server.connect(), await server.connect()
        speaking.speak("Held.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        for client in (speaking, other):
            client.send("describe")
            assert (await client.next()).type == "info"
        gate.open()
        assert audio(await speaking.until("audio-stop")) == pcm_of("Held.")


async def test_info_is_the_same_bytes_every_time(serving: Open) -> None:
    """Two answers to `describe` are equal, because Home Assistant compares them."""
    async with serving() as server:
        client = await server.connect()
        client.send("describe")
        client.send("describe")
        first, second = await client.rest()
    assert first == second
    assert "piper" in first.data["tts"][0]["name"]


async def test_ping_text_comes_back(serving: Open) -> None:
    """`pong` repeats the text of `ping`."""
    async with serving() as server:
        client = await server.connect()
        client.send("ping", text="are you there?")
        (event,) = await client.rest()
    assert (event.type, event.data) == ("pong", {"text": "are you there?"})


@pytest.mark.parametrize("text", ["", "   ", "\n", "🎉🎊", "...!?", "***", "\x00\x07", "\ud800"])
async def test_nothing_to_speak_is_a_moment_of_silence(serving: Open, text: str) -> None:
    """A text without anything to speak gets a complete answer with a moment of silence."""
    async with serving() as server:
        client = await server.connect()
        client.speak(text)
        client.stream(text)
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop"] * 2 + ["synthesize-stopped"]
    assert audio(events) == silence(0.1, 22050) * 2
    assert server.voice.runs == []


async def test_voice_and_speaker_reach_the_model(serving: Open) -> None:
    """The voice and the speaker of a request apply to that request only."""
    async with serving() as server:
        client = await server.connect()
        client.speak("Salut.", voice={"name": "fr", "speaker": "bob"})
        client.speak("Hello.")
        await client.rest()
    assert [options.speaker for options in server.voice.options] == [1, None]


async def test_voice_speaks_as_its_own_default_speaker(serving: Open) -> None:
    """A request without a speaker gets the default speaker of the voice's config."""
    async with serving() as server:
        client = await server.connect()
        client.speak("Salut.", voice={"name": "fr"})
        client.speak("Salut.", voice={"name": "fr", "speaker": "anna"})
        await client.rest()
    assert [options.speaker for options in server.voice.options] == [2, 0]


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
async def test_a_bad_request_is_told_and_the_connection_closed(serving: Open, data: dict[str, Any], code: str) -> None:
    """A bad request gets one error after the answers to the requests before it; then the connection ends."""
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
    """After an error the server closes, as Home Assistant up to 2026.8 ignores errors and waits for the close."""
    async with serving() as server:
        client = await server.connect()
        client.speak("x", voice="nobody")
        assert (await client.next()).type == "error"
        async with asyncio.timeout(10):
            assert await async_read_event(client.reader) is None


async def test_garbage_is_told_and_closed(serving: Open) -> None:
    """A line that is not a Wyoming event gets the error bad-event, and the connection ends."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(b"EHLO example.org\r\n")
        (event,) = await client.rest()
    assert (event.type, event.data["code"]) == ("error", "bad-event")


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("HEAD", False)])
async def test_browser_is_told_in_http_where_it_landed(serving: Open, method: str, has_body: bool) -> None:
    """An HTTP request gets one HTTP response, and the server closes although browsers keep the connection."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(method.encode() + b" / HTTP/1.1\r\nHost: piper:10200\r\n\r\n")
        async with asyncio.timeout(10):
            answer = await client.reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert (b"Wyoming protocol" in answer) == has_body
        assert server.metrics.snapshot().errors == {"bad-event": 1}


async def test_tls_hello_is_answered_at_once(serving: Open) -> None:
    """A TLS hello gets an error at once: it has no newline, so waiting for one would not help."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        event = await client.next()
    assert (event.type, event.data["code"]) == ("error", "bad-event")


async def test_garbage_inside_a_stream_ends_it_with_one_error(serving: Open) -> None:
    """Malformed bytes within a stream get one error in place of the events that end the stream."""
    async with serving() as server:
        client = await server.connect()
        client.send("synthesize-start")
        client.send("synthesize-chunk", text="A whole sentence. And")
        await client.next()
        client.writer.write(b"garbage\n")
        events = await client.rest()
    assert types(events) == ["audio-chunk", "error"]


async def test_too_many_waiting_requests_on_one_connection(serving: Open) -> None:
    """A request beyond --max-requests-per-connection gets an error after the answers to the accepted ones."""
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
    """Waiting texts of one connection may have eight times --max-text in total; answered texts no longer count."""
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


async def test_queue_full_is_told_at_once(serving: Open) -> None:
    """A request beyond --max-queue gets its error while the accepted requests are still waiting."""
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


async def test_a_failing_model_run_is_told_to_its_client_only(serving: Open) -> None:
    """When synthesis fails, only the client of that request gets an error; the others get their speech."""
    async with serving(on_run=failing_on("bad")) as server:
        bad, good = await server.connect(), await server.connect()
        bad.speak("This is bad.")
        good.speak("This is good.")
        assert (await bad.rest())[-1].data["code"] == "synthesis-failed"
        assert audio(await good.rest()) == pcm_of("This is good.")


async def test_hang_up_in_mid_speech_stops_the_work(serving: Open) -> None:
    """After a client has disconnected, no more steps are run for it."""
    async with serving(limits=Limits(max_ahead=1)) as server:
        client = await server.connect()
        client.speak("This sentence is said again. " * 200)
        await client.until("audio-chunk")
        client.writer.transport.abort()
        await asyncio.gather(*server.tasks)
        assert repr(server.engine) == "<Engine serving []>"
    assert len(server.voice.runs) < 100
    assert server.metrics.snapshot().cancelled == 1


async def test_streams_without_text_take_no_place(serving: Open) -> None:
    """A stream without text takes no place in the queue."""
    async with serving(limits=Limits(max_queue=1)) as server:
        for _ in range(5):
            (await server.connect()).send("synthesize-start")
        client = await server.connect()
        client.speak("Hello.")
        assert audio(await client.rest()) == pcm_of("Hello.")


async def test_unexpected_failure_is_told(serving: Open) -> None:
    """After an unexpected exception the client gets the error internal-error, without details."""
    async with serving() as server:

        def explode(*_: object, **__: object) -> None:
            raise RuntimeError("secret")

        server.engine.submit = explode  # type: ignore[assignment, method-assign]
        client = await server.connect()
        client.speak("Hello.")
        (event,) = await client.rest()
    assert event.data["code"] == "internal-error"
    assert "secret" not in event.data["text"]


async def test_a_flood_of_events_leaves_the_loop_free(serving: Open) -> None:
    """Another client is answered within a limited number of turns of the loop while a flood of events is handled."""
    async with serving() as server:
        flooding, other = await server.connect(), await server.connect()
        flooding.writer.write(encode("nothing") * 20_000)
        other.send("ping")
        event = asyncio.create_task(other.next())
        candidates = 0
        while not event.done():
            await asyncio.sleep(0)  # lets both connections run
            candidates += 1
        assert candidates < 500


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"", []),
        (b"\n", []),
        (b" \r\n\n\n ", []),
        (b'{"type":"x","data_length":9}\n{', []),
        (b'{"type": "synth', ["error"]),
    ],
)
async def test_connections_without_a_request_end_quietly(serving: Open, sent: bytes, answer: list[str]) -> None:
    """Connections that send nothing, blank lines or half an event get no answer; half a line gets an error."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(sent)
        events = await client.rest()
    assert [event.type for event in events] == answer
    assert server.voice.runs == []


async def test_drain_answers_what_was_asked_and_closes(serving: Open) -> None:
    """A drain closes an idle connection at once, and a speaking one after its speech."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold()) as server:
        idle, speaking = await server.connect(), await server.connect()
        speaking.speak("Held.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        server.shutdown.begin()
        for connection in server.connections:
            connection.drain()
        async with asyncio.timeout(10):
            assert await async_read_event(idle.reader) is None
        gate.open()
        assert types(await speaking.until("audio-stop")) == ["audio-start", "audio-chunk", "audio-stop"]
        async with asyncio.timeout(10):
            assert await async_read_event(speaking.reader) is None


async def test_request_while_draining_is_told(serving: Open) -> None:
    """A request that arrives during a drain gets the error shutting-down instead of silence."""
    gate = Gate()
    async with serving(on_run=lambda text: gate.hold()) as server:
        client = await server.connect()
        client.speak("Held.")
        assert await asyncio.to_thread(gate.entered.wait, 10)
        server.shutdown.begin()
        server.connections[0].drain()
        client.speak("Too late.")
        while server.connections[0]._requests.qsize() < 2:
            await asyncio.sleep(0)  # lets the late request arrive
        gate.open()
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop", "error"]
    assert events[-1].data["code"] == "shutting-down"


async def test_refused_connection_is_told_why(serving: Open) -> None:
    """A refused connection gets one error, even if a request has arrived before."""
    async with serving() as server:
        client = await server.connect(refused=TooManyConnections("Too many."))
        client.send("describe")
        (event,) = await client.rest()
    assert (event.type, event.data["text"]) == ("error", "Too many.")
