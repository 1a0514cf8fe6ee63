"""The server's responses to event sequences from Home Assistant and other clients."""

import asyncio
import json

import pytest
from wyoming.event import Event, async_read_event
from wyoming.info import Describe, SelectProgram
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeVoice

from tests.integration.conftest import SMALL_VOICE, ServerProcess, Start
from tests.integration.peers import connected, describe, hear, one_shot, receive, stream

_SMALL_RATE = 22050
_TEXT = "The lights are on. It is twenty degrees outside! Shall I close the window?"
_ONE_SHOT = ["audio-start", "audio-chunk", "audio-stop"]
_STREAM = [*_ONE_SHOT, "synthesize-stopped"]


async def test_info_has_what_home_assistant_needs(server: ServerProcess) -> None:
    """`info` contains the fields that Home Assistant requires: attributions, installed voices and language codes.
    The default voice is listed first."""
    info = await describe(server.uri)
    (program,) = info.tts
    assert "piper" in program.name
    assert program.installed
    assert program.attribution.name
    assert program.supports_synthesize_streaming
    assert program.voices[0].name == "en_US-joe-medium"
    languages = {voice.name: voice.languages for voice in program.voices}
    assert languages["en_US-joe-medium"] == ["en_US"]
    assert languages["fr_FR-joe-medium"] == ["fr_FR"]
    assert all(voice.attribution.url and voice.version for voice in program.voices)
    # The broken voice is installed until it is requested, as another test does.
    assert {voice.name for voice in program.voices if not voice.installed} <= {"de_DE-broken-low"}


async def test_one_shot_answer_is_complete_and_well_formed(server: ServerProcess) -> None:
    """The response to a single `synthesize` event (a one-shot request) consists of `audio-start`, chunks and
    `audio-stop`, and has a plausible duration."""
    answer = await one_shot(server.uri, _TEXT)
    assert answer.events == _ONE_SHOT
    assert 3 < len(answer.pcm) / 2 / 22050 < 10


async def test_stream_does_not_depend_on_how_the_text_is_split(small_server: ServerProcess) -> None:
    """A stream gets the same bytes as a one-shot request, whether its text is sent as a whole, word by word or
    character by character."""
    whole = await one_shot(small_server.uri, _TEXT)
    for pieces in ([_TEXT], [f"{word} " for word in _TEXT.split()], list(_TEXT)):
        answer = await stream(small_server.uri, pieces)
        assert answer.events == _STREAM
        assert answer.pcm == whole.pcm


async def test_stream_without_the_compatibility_synthesize(small_server: ServerProcess) -> None:
    """A stream is spoken even if it follows a `select-program` event and contains no `synthesize` event. wyoming-bench
    sends such streams."""
    async with connected(small_server.uri) as client:
        await client.write_event(SelectProgram(name="piper").event())
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk(text="Hello there.").event())
        await client.write_event(SynthesizeStop().event())
        answer = await hear(client, "synthesize-stopped")
    assert answer.events == _STREAM
    assert answer.pcm == (await one_shot(small_server.uri, "Hello there.")).pcm


async def test_first_sentence_is_spoken_before_the_stream_ends(small_server: ServerProcess) -> None:
    """The first sentence is spoken while the stream is still open, for example while a language model is generating
    text."""
    async with connected(small_server.uri) as client:
        await client.write_event(SynthesizeStart().event())
        await client.write_event(SynthesizeChunk(text="This is the first sentence. This is").event())
        events = [await receive(client), await receive(client)]
        assert [event.type for event in events if event] == ["audio-start", "audio-chunk"]
        await client.write_event(SynthesizeStop().event())
        assert (await hear(client, "synthesize-stopped")).events[-2:] == ["audio-stop", "synthesize-stopped"]


async def test_many_requests_on_one_connection(small_server: ServerProcess) -> None:
    """One-shot requests and streams sent on one connection without waiting are answered in order, each with its own
    speech."""
    async with connected(small_server.uri) as client:
        for number in ("one", "two"):
            await client.write_event(Synthesize(text=f"Shot {number}.").event())
            await client.write_event(SynthesizeStart().event())
            await client.write_event(SynthesizeChunk(text=f"Stream {number}.").event())
            await client.write_event(SynthesizeStop().event())
        heard = [await hear(client, end) for end in ("audio-stop", "synthesize-stopped") * 2]
    for text, answer in zip(["Shot one.", "Stream one.", "Shot two.", "Stream two."], heard, strict=True):
        assert answer.pcm == (await one_shot(small_server.uri, text)).pcm


async def test_describe_and_ping_are_answered_in_mid_speech(server: ServerProcess) -> None:
    """`describe` and `ping` are answered while the same connection receives speech."""
    async with connected(server.uri) as client:
        await client.write_event(Synthesize(text=_TEXT).event())
        await client.write_event(Describe().event())
        await client.write_event(Ping(text="still there?").event())
        answer = await hear(client, "audio-stop")
    assert "info" in answer.events[:-1]
    assert Pong().event().type in answer.events[:-1]


@pytest.mark.parametrize(
    "text", ["Lights on \U0001f4a1 now", "**Lights** `on` now", "Lights\non\r\nnow", "Lights \x00on\x07 now\ud800"]
)
async def test_what_is_not_spoken_is_cleaned(small_server: ServerProcess, text: str) -> None:
    """Emoji, Markdown, newlines and control characters in a text do not change the speech."""
    async with connected(small_server.uri) as client:
        # The line is encoded here, because the wyoming library cannot send a lone surrogate.
        assert client._writer is not None
        client._writer.write(json.dumps({"type": "synthesize", "data": {"text": text}}).encode() + b"\n")
        answer = await hear(client, "audio-stop")
    assert answer.pcm == (await one_shot(small_server.uri, "Lights on now")).pcm


@pytest.mark.parametrize("text", ["", " ", "\U0001f389", "?!", "***"])
async def test_nothing_to_speak_is_a_short_silence(small_server: ServerProcess, text: str) -> None:
    """The response to a text that cannot be spoken is complete and contains a short silence."""
    for answer in (await one_shot(small_server.uri, text), await stream(small_server.uri, [text])):
        assert answer.events in (_ONE_SHOT, _STREAM)
        assert 0 < len(answer.pcm) < 22050
        assert not any(answer.pcm)


async def test_voice_is_found_by_name_alias_and_language(server: ServerProcess) -> None:
    """A voice can be requested by its name in upper or lower case, by its alias, or by its language."""
    slow = await one_shot(server.uri, "Hello there.", SynthesizeVoice(name="en_GB-slow-medium"))
    default = await one_shot(server.uri, "Hello there.")
    assert len(slow.pcm) > 1.2 * len(default.pcm)
    for name in ("slow", "en-gb-slow-medium"):
        assert (await one_shot(server.uri, "Hello there.", SynthesizeVoice(name=name))).pcm == slow.pcm
    english = await one_shot(server.uri, "Hello there.", SynthesizeVoice(language="en"))
    assert english.pcm == default.pcm
    french = await one_shot(server.uri, "Hello there.", SynthesizeVoice(language="fr"))
    assert french.events == _ONE_SHOT


async def test_unknown_voice_is_an_error_for_that_request_only(server: ServerProcess) -> None:
    """A request for an unknown voice gets one error, and the connection is closed. Other requests are still
    answered."""
    answer = await one_shot(server.uri, "Hello.", SynthesizeVoice(name="nobody"))
    assert (answer.events, answer.error) == (["error"], "unknown-voice")
    answer = await stream(server.uri, ["Hello."], SynthesizeVoice(name="nobody"))
    assert (answer.events, answer.error) == (["error"], "unknown-voice")
    assert (await one_shot(server.uri, "Hello.")).events == _ONE_SHOT


async def test_broken_voice_is_an_error_for_that_request_only(server: ServerProcess) -> None:
    """A request for a broken voice gets an error, and the log names the file. The voice no longer counts as installed.
    Requests for other voices are still answered."""
    answer = await one_shot(server.uri, "Hallo.", SynthesizeVoice(language="de"))
    assert (answer.events, answer.error) == (["error"], "voice-broken")
    server.wait_for_lines("de_DE-broken-low.onnx")
    async with asyncio.timeout(10):
        while all(voice.installed for voice in (await describe(server.uri)).tts[0].voices):
            pass
    assert (await one_shot(server.uri, "Hello.")).events == _ONE_SHOT


async def test_eight_clients_get_their_own_words_in_their_own_voice(small_server: ServerProcess) -> None:
    """Eight simultaneous clients, half of them with streams, receive the same bytes as when each is the only client."""
    parameters = [
        (f"This is client number {number}, and it has asked for words of its own.", SynthesizeVoice(name=name))
        for number, name in enumerate([SMALL_VOICE, "en_GB-slow-medium", "en_GB-quick-medium"] * 3)
    ][:8]
    alone = [(await one_shot(small_server.uri, *selector)).pcm for selector in parameters]
    together = await asyncio.gather(
        *(
            stream(small_server.uri, list(text), voice) if number % 2 else one_shot(small_server.uri, text, voice)
            for number, (text, voice) in enumerate(parameters)
        )
    )
    assert [answer.pcm for answer in together] == alone
    assert len(set(alone)) == 8


async def test_killing_four_of_eight_does_not_disturb_the_others(small_server: ServerProcess) -> None:
    """If four of eight clients reset their connections during speech, the other four still receive their complete
    speech."""
    texts = [f"Listener {number} hears a first sentence. Then a second one. And a third." for number in range(4)]
    alone = [(await one_shot(small_server.uri, text)).pcm for text in texts]

    async def reset_in_mid_speech() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", small_server.port)
        writer.write(b'{"type": "synthesize", "data": {"text": "I will be gone. Nobody hears this. Nor this."}}\n')
        while True:
            event = await async_read_event(reader)
            assert event is not None
            if event.type == "audio-chunk":
                break
        writer.transport.abort()

    answers = await asyncio.gather(
        *(one_shot(small_server.uri, text) for text in texts), *(reset_in_mid_speech() for _ in range(4))
    )
    assert [answer.pcm for answer in answers if answer is not None] == alone


async def test_text_is_not_logged(small_server: ServerProcess) -> None:
    """The log contains the length of a text, but not the text itself."""
    await one_shot(small_server.uri, "My secret is chocolate.")
    small_server.wait_for_lines("23 characters")
    assert "chocolate" not in small_server.log


async def test_every_request_logs_its_figures(small_server: ServerProcess) -> None:
    """For each request, the log contains the waiting time, the synthesis time and the real-time factor."""
    await one_shot(small_server.uri, "Hello.")
    for part in ("waiting time: 0.", " completed after ", "real-time factor: "):
        small_server.wait_for_lines(part)


async def test_seed_gives_the_same_speech_again(start: Start, small_voice: tuple[str, ...]) -> None:
    """With a seed, set by an option or in the request, the same text gets the same bytes."""
    server = start(*small_voice, "--seed", "5")

    async def speak(**data: object) -> bytes:
        async with connected(server.uri) as client:
            await client.write_event(Event("synthesize", {"text": _TEXT, **data}))
            return (await hear(client, "audio-stop")).pcm

    first, again, other, other_again = [await speak(), await speak(), await speak(seed=6), await speak(seed=6)]
    assert first == again
    assert other == other_again
    assert first != other


async def test_speech_varies_without_a_seed(start: Start, small_voice: tuple[str, ...]) -> None:
    """Without a seed, two requests with the same text get different bytes."""
    server = start(*small_voice)
    assert (await one_shot(server.uri, _TEXT)).pcm != (await one_shot(server.uri, _TEXT)).pcm


@pytest.mark.parametrize("rate", [48000, 8000])
async def test_sample_rate_of_all_answers_can_be_chosen(
    start: Start, small_voice: tuple[str, ...], small_server: ServerProcess, rate: int
) -> None:
    """With `--sample-rate`, all responses have this rate and the same duration as without the option. A stream gets the
    same bytes as a one-shot request."""
    running = start(*small_voice, "--seed", "5", "--sample-rate", str(rate))
    async with connected(running.uri) as client:
        await client.write_event(Synthesize(text=_TEXT).event())
        first = await receive(client)
        assert first is not None
        assert (first.type, first.data["rate"]) == ("audio-start", rate)
        pcm = (await hear(client, "audio-stop")).pcm
    own = await one_shot(small_server.uri, _TEXT)
    assert abs(len(pcm) - len(own.pcm) * rate / _SMALL_RATE) <= 4
    assert (await stream(running.uri, [f"{word} " for word in _TEXT.split()])).pcm == pcm
    assert running.stop() == 0
