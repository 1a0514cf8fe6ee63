"""Wyoming clients that send the same events in the same order as real clients."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field

from wyoming.audio import AudioChunk, AudioStop
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

PATIENCE = 60  # timeout in seconds after which a test fails


@dataclass
class Answer:
    """The response to a client: the audio, the types of the events, and the error code.

    Consecutive audio events are listed only once.
    """

    pcm: bytes = b""
    events: list[str] = field(default_factory=list)
    error: str | None = None


@contextlib.asynccontextmanager
async def connected(uri: str) -> AsyncIterator[AsyncClient]:
    client = AsyncClient.from_uri(uri)
    await client.connect()
    try:
        yield client
    finally:
        with contextlib.suppress(ConnectionError):
            await client.disconnect()


async def receive(client: AsyncClient) -> Event | None:
    async with asyncio.timeout(PATIENCE):
        return await client.read_event()


async def describe(uri: str) -> Info:
    """Send `describe` on a new connection, as Home Assistant does regularly, and return the reply."""
    async with connected(uri) as client:
        await client.write_event(Describe().event())
        event = await receive(client)
        assert event is not None
        return Info.from_event(event)


async def hear(client: AsyncClient, last: str) -> Answer:
    """Collect events until an event of type `last` arrives or the connection ends."""
    answer, pcm = Answer(), bytearray()
    while (event := await receive(client)) is not None:
        if not answer.events or event.type != "audio-chunk" or answer.events[-1] != "audio-chunk":
            answer.events.append(event.type)
        if AudioChunk.is_type(event.type):
            pcm += AudioChunk.from_event(event).audio
        elif Error.is_type(event.type):
            answer.error = Error.from_event(event).code
        if event.type == last:
            break
    answer.pcm = bytes(pcm)
    return answer


async def one_shot(uri: str, text: str, voice: SynthesizeVoice | None = None) -> Answer:
    """Send one `synthesize` on a new connection, as older versions of Home Assistant do, and return the response."""
    async with connected(uri) as client:
        await client.write_event(Synthesize(text=text, voice=voice).event())
        return await hear(client, AudioStop().event().type)


async def stream(uri: str, pieces: Iterable[str], voice: SynthesizeVoice | None = None) -> Answer:
    """Send a text as a stream while reading the response, as Home Assistant does. A `synthesize` event with the whole
    text precedes the end of the stream."""
    text = ""
    async with connected(uri) as client:
        hearing = asyncio.create_task(hear(client, SynthesizeStopped().event().type))
        await client.write_event(SynthesizeStart(voice=voice).event())
        for piece in pieces:
            text += piece
            await client.write_event(SynthesizeChunk(text=piece).event())
        await client.write_event(Synthesize(text=text, voice=voice).event())
        await client.write_event(SynthesizeStop().event())
        return await hearing
