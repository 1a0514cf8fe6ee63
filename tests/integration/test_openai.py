"""The server works with OpenAI's Python client."""

import base64
import io
from collections.abc import AsyncIterator
from typing import Any, Literal, get_args

import av
import httpx
import openai
import pytest
from openai import AsyncOpenAI, AsyncStream

from tests.integration.conftest import SMALL_VOICE
from tests.integration.listeners import HEADER, LONG, quiet, spoken, until, visiting
from tests.integration.peers import PATIENCE

_TEXT = "The lights are on. It is twenty degrees outside!"
_VOICE = SMALL_VOICE

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]
_FORMATS: tuple[Format, ...] = get_args(Format)


@pytest.fixture
async def client(http_base: str) -> AsyncIterator[httpx.AsyncClient]:
    """Wait until the server is idle, and yield an HTTP client that can read its activity."""
    async with visiting(http_base) as visitor:
        await quiet(visitor)
        yield visitor


@pytest.fixture
async def ai(http_base: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=f"{http_base}v1", api_key="none", max_retries=0, timeout=PATIENCE) as client:
        yield client


def decoded(sound: bytes) -> tuple[str, float]:
    """Decode audio. Return the name of the codec and the duration in seconds."""
    with av.open(io.BytesIO(sound), mode="r") as container:
        samples = sum(frame.samples for frame in container.decode(container.streams.audio[0]))
        stream = container.streams.audio[0]
        return stream.codec_context.name, samples / stream.codec_context.sample_rate


async def test_every_format_contains_the_complete_speech(ai: AsyncOpenAI, client: httpx.AsyncClient) -> None:
    """In every format, the response contains the complete speech. For `wav`, the test compares the bytes. For the other
    formats, the test compares the durations after decoding with FFmpeg. For `pcm`, a response header states the sample
    rate."""
    pcm = await spoken(client, _TEXT)
    name: Format
    for name in _FORMATS:
        response = await ai.audio.speech.create(model="tts-1", voice=_VOICE, input=_TEXT, response_format=name)
        if name == "pcm":
            rate = int(response.response.headers["x-sample-rate"])
            assert rate == 24_000
            assert len(response.content) / 2 / rate == pytest.approx(len(pcm) / 2 / 22_050, abs=0.001)
            continue
        if name == "wav":
            assert response.content[HEADER:] == pcm
        codec, seconds = decoded(response.content)
        assert codec.startswith("pcm" if name == "wav" else name)
        assert seconds == pytest.approx(len(pcm) / 2 / 22050, abs=0.0 if name in {"wav", "flac"} else 0.15)


@pytest.mark.parametrize("name", _FORMATS)
async def test_first_audio_arrives_before_the_rest_is_synthesized(
    ai: AsyncOpenAI, client: httpx.AsyncClient, name: Format
) -> None:
    """In every format, the first audio arrives before the rest has been synthesized, and a disconnect cancels the
    request."""
    async with ai.audio.speech.with_streaming_response.create(
        model="tts-1", voice=_VOICE, input=LONG, response_format=name
    ) as response:
        # Kept in a variable, because an iterator closes the connection when it is garbage-collected.
        pieces = response.iter_bytes()
        assert await anext(pieces)
        await until(client, lambda seen: bool(seen) and seen[-1]["ended"] is None)
    assert (await quiet(client))[-1]["outcome"] == "cancelled"


async def test_streamed_speech_is_whole(ai: AsyncOpenAI, client: httpx.AsyncClient) -> None:
    """A streamed response contains the same bytes as a response that is read as a whole."""
    async with ai.audio.speech.with_streaming_response.create(
        model="tts-1", voice=_VOICE, input=_TEXT, response_format="wav"
    ) as response:
        heard = b"".join([piece async for piece in response.iter_bytes()])
    assert heard[HEADER:] == await spoken(client, _TEXT)


async def test_speed_and_own_parameters(ai: AsyncOpenAI, client: httpx.AsyncClient) -> None:
    """`speed` has the same meaning as in OpenAI's API. Parameters that exist only in this server can be sent as
    `extra_body`."""
    fast = await ai.audio.speech.create(
        model="tts-1", voice=_VOICE, input=_TEXT, response_format="wav", speed=2.0, extra_body={"seed": 9}
    )
    assert fast.content[HEADER:] == await spoken(client, _TEXT, speed=2, seed=9)


async def test_errors_are_the_clients_own(ai: AsyncOpenAI) -> None:
    """For an error response, OpenAI's client raises the exception that corresponds to the status. The error codes are
    the same as in Wyoming."""

    async def refused(expected: type[openai.APIStatusError], **changes: str | float) -> str | None:
        wanted = {"model": "tts-1", "voice": _VOICE, "input": _TEXT, **changes}
        with pytest.raises(expected) as caught:
            await ai.audio.speech.create(**wanted)  # type: ignore[arg-type]  # the values are wrong on purpose
        assert caught.value.response.json()["error"]["message"].endswith(".")
        return caught.value.code

    assert await refused(openai.NotFoundError, voice="nobody") == "unknown-voice"
    assert await refused(openai.UnprocessableEntityError, input="") == "bad-request"
    assert await refused(openai.UnprocessableEntityError, speed=9.0) == "bad-request"
    assert await refused(openai.UnprocessableEntityError, response_format="midi") == "bad-request"
    assert await refused(openai.UnprocessableEntityError, input="x" * 50_001) == "text-too-long"
    assert await refused(openai.InternalServerError, voice="de_DE-broken-low") == "voice-broken"
    with pytest.raises(openai.NotFoundError) as caught:
        await ai.images.generate(prompt="a piper")
    assert caught.value.code == "not-found"


async def test_requests_for_openai_are_answered(ai: AsyncOpenAI, client: httpx.AsyncClient) -> None:
    """Requests with one of OpenAI's models and voices, with instructions or with a custom voice get speech in the
    default voice."""
    expected = await spoken(client, _TEXT)
    voice: Any
    for voice in ("alloy", "nova", {"id": _VOICE}):
        response = await ai.audio.speech.create(
            model="gpt-4o-mini-tts", voice=voice, input=_TEXT, instructions="Cheerful.", response_format="wav"
        )
        assert response.content[HEADER:] == expected
    assert (await ai.models.retrieve("tts-1")).id == "tts-1"


async def test_events_of_a_stream(ai: AsyncOpenAI, client: httpx.AsyncClient) -> None:
    """OpenAI's client can read the server-sent events of `stream_format: sse`, which contain the whole speech."""
    async with ai.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input=_TEXT, response_format="wav", stream_format="sse"
    ) as response:
        stream = AsyncStream[dict[str, Any]](cast_to=dict, response=response.http_response, client=ai)
        *deltas, done = [event async for event in stream]
    assert {delta["type"] for delta in deltas} == {"speech.audio.delta"}
    assert (done["type"], done["usage"]["input_tokens"]) == ("speech.audio.done", len(_TEXT))
    sound = b"".join(base64.b64decode(delta["audio"]) for delta in deltas)
    assert sound[HEADER:] == await spoken(client, _TEXT)


async def test_models(ai: AsyncOpenAI) -> None:
    """`/v1/models` lists one model. Its name is accepted in speech requests."""
    (model,) = [model async for model in ai.models.list()]
    response = await ai.audio.speech.create(model=model.id, voice=_VOICE, input="Yes.")
    assert decoded(response.content)[0].startswith("mp3")
