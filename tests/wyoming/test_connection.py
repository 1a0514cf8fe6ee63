"""A Wyoming connection over a real socket, with a fake voice."""

import asyncio

import pytest
from wyoming.event import async_read_event

from tests.fakes import Gate, pcm_of
from tests.wyoming.peers import Open, audio, types
from wyoming_piper_serial.audio.pcm import silence
from wyoming_piper_serial.settings import Limits
from wyoming_piper_serial.wyoming.wire import encode


async def test_synthesize_gets_one_start_chunks_and_one_stop(serving: Open) -> None:
    """The response to `synthesize` is one `audio-start`, all chunks and one `audio-stop`. `audio-start` and each chunk
    contain the audio format."""
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
    """`--samples-per-chunk` sets the size of all chunks except the last one of each sentence."""
    async with serving(samples_per_chunk=256) as server:
        client = await server.connect()
        client.speak("Hello.")
        sizes = [len(event.payload or b"") for event in await client.rest() if event.type == "audio-chunk"]
    assert sizes == [512, 512, 176]


async def test_stream_gets_one_start_one_stop_and_then_stopped(serving: Open) -> None:
    """The response to a text stream is one `audio-start`, all audio, one `audio-stop`, and `synthesize-stopped`, as
    Home Assistant expects."""
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
    """A complete sentence in a text stream is spoken before the stream ends."""
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
    """With `--no-streaming`, a text stream is accepted but spoken only after it has ended."""
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
    """Requests sent together on one connection are answered in order."""
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
    """`describe` is answered during speech, both on the connection that receives the speech and on others."""
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
    """All replies to `describe` are equal, because Home Assistant compares them."""
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
    """The response to a text without speakable content is complete and contains 0.1 seconds of silence."""
    async with serving() as server:
        client = await server.connect()
        client.speak(text)
        client.stream(text)
        events = await client.rest()
    assert types(events) == ["audio-start", "audio-chunk", "audio-stop"] * 2 + ["synthesize-stopped"]
    assert audio(events) == silence(0.1, 22050) * 2
    assert server.voice.runs == []


async def test_voice_and_speaker_reach_the_model(serving: Open) -> None:
    """The voice and speaker in a request apply only to this request."""
    async with serving() as server:
        client = await server.connect()
        client.speak("Salut.", voice={"name": "fr", "speaker": "bob"})
        client.speak("Hello.")
        await client.rest()
    assert [options.speaker for options in server.voice.options] == [1, None]


async def test_voice_speaks_as_its_own_default_speaker(serving: Open) -> None:
    """A request without a speaker uses the default speaker from the voice's config."""
    async with serving() as server:
        client = await server.connect()
        client.speak("Salut.", voice={"name": "fr"})
        client.speak("Salut.", voice={"name": "fr", "speaker": "anna"})
        await client.rest()
    assert [options.speaker for options in server.voice.options] == [2, 0]


async def test_disconnect_during_speech_stops_the_work(serving: Open) -> None:
    """After a client has disconnected during speech, no more steps are run for its request."""
    async with serving(limits=Limits(max_ahead=1)) as server:
        client = await server.connect()
        client.speak("This sentence is said again. " * 200)
        await client.until("audio-chunk")
        client.writer.transport.abort()
        await asyncio.gather(*server.tasks)
        assert repr(server.engine) == "<Engine serving []>"
    assert len(server.voice.runs) < 100
    assert server.metrics.snapshot().cancelled == 1


async def test_streams_without_text_take_no_place_in_the_queue(serving: Open) -> None:
    """An open text stream that contains no text yet does not count towards the queue limit."""
    async with serving(limits=Limits(max_queue=1)) as server:
        for _ in range(5):
            (await server.connect()).send("synthesize-start")
        client = await server.connect()
        client.speak("Hello.")
        assert audio(await client.rest()) == pcm_of("Hello.")


async def test_a_flood_of_events_leaves_the_loop_free(serving: Open) -> None:
    """While one client floods the server with events, another client is answered within a limited number of event loop
    iterations."""
    async with serving() as server:
        flooding, other = await server.connect(), await server.connect()
        flooding.writer.write(encode("nothing") * 20_000)
        other.send("ping")
        event = asyncio.create_task(other.next())
        candidates = 0
        while not event.done():
            await asyncio.sleep(0)  # gives both connections time to run
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
    """A client that sends nothing, only blank lines, or an event with incomplete data gets no reply. A client that
    sends an incomplete line gets an error."""
    async with serving() as server:
        client = await server.connect()
        client.writer.write(sent)
        events = await client.rest()
    assert [event.type for event in events] == answer
    assert server.voice.runs == []


async def test_drain_answers_accepted_requests_and_closes(serving: Open) -> None:
    """A drain closes an idle connection at once. A connection with a request is closed after the response has been
    sent."""
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
