"""HTTP and WebSocket clients that request speech or read the server's activity and metrics."""

import asyncio
import contextlib
import io
import json
import socket
import ssl
import struct
import wave
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import ClientConnection, connect

from tests.integration.peers import PATIENCE, Answer

SPEAK = "api/text-to-speech"
HEADER = 44  # size of a WAV header in bytes
LONG = "This goes on and on. " * 100
"""A text for two minutes of speech, which is more than the server synthesizes in advance and more than the sockets can
buffer."""

Utterances = list[dict[str, Any]]


@contextlib.asynccontextmanager
async def visiting(base: str, **how: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Yield an HTTP client for the server at `base`."""
    unused = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no CA certificates, which would take 20 ms
    async with httpx.AsyncClient(base_url=base, timeout=PATIENCE, verify=unused, **how) as client:
        yield client


async def spoken(client: httpx.AsyncClient, text: str, **parameters: str | float) -> bytes:
    """Request speech, and return the PCM of the complete response."""
    response = await client.get(SPEAK, params={"text": text, **parameters})
    assert response.status_code == 200, response.text
    return frames(response.content)


def frames(wav: bytes) -> bytes:
    """Return the samples in a streamed WAV file, whose header does not contain the number of samples."""
    with wave.open(io.BytesIO(wav)) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (22050, 2, 1)
    return wav[HEADER:]


@contextlib.asynccontextmanager
async def listening(client: httpx.AsyncClient, text: str, **parameters: str | float) -> AsyncIterator[httpx.Response]:
    """Request speech, and yield the response after the first audio has been read."""
    async with client.stream("GET", SPEAK, params={"text": text, **parameters}) as response:
        assert response.status_code == 200
        # Kept in a variable, because an iterator closes the connection when it is garbage-collected.
        pieces = response.aiter_raw()
        heard = 0
        while heard <= HEADER:
            heard += len(await anext(pieces))
        yield response
        del pieces


def error_of(response: httpx.Response) -> tuple[int, str]:
    """Return the status and the error code of a response."""
    return response.status_code, response.json()["error"]["code"]


async def utterances(client: httpx.AsyncClient) -> Utterances:
    """Return the current and recent utterances in `/api/activity`, oldest first."""
    return (await client.get("api/activity")).raise_for_status().json()["utterances"]  # type: ignore[no-any-return]


async def until(client: httpx.AsyncClient, condition: Callable[[Utterances], object]) -> Utterances:
    """Wait until `condition(utterances)` is true, and return the utterances."""
    async with asyncio.timeout(PATIENCE):
        while not condition(seen := await utterances(client)):
            await asyncio.sleep(0.05)  # polls, because the server runs in another process
    return seen


async def quiet(client: httpx.AsyncClient) -> Utterances:
    """Wait until all utterances have ended, and return them."""
    return await until(client, lambda seen: all(one["ended"] is not None for one in seen))


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Return the metrics as read by the Prometheus parser.

    The keys are tuples of the metric name and the label values, sorted by label name.
    """
    text = (await client.get("metrics")).raise_for_status().text
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@contextlib.asynccontextmanager
async def web_socket(base: str, **how: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws{base.removeprefix('http')}api/stream", open_timeout=PATIENCE, **how) as socket:
        yield socket


async def write(socket: ClientConnection, kind: str, **rest: object) -> None:
    """Send a WebSocket message of type `kind`."""
    await socket.send(json.dumps({"type": kind, **rest}))


async def hear(socket: ClientConnection, last: str = "end") -> Answer:
    """Collect messages until a message of type `last` or an error arrives. Binary messages have the type `audio`."""
    answer, pcm = Answer(), bytearray()
    async with asyncio.timeout(PATIENCE):
        async for message in socket:
            content = {"type": "audio"} if isinstance(message, bytes) else json.loads(message)
            if not answer.events or content["type"] != "audio" or answer.events[-1] != "audio":
                answer.events.append(content["type"])
            if isinstance(message, bytes):
                pcm += message
            answer.error = content.get("code")
            if content["type"] in {last, "error"}:
                break
    answer.pcm = bytes(pcm)
    return answer


async def recite(socket: ClientConnection, pieces: Iterable[str], **parameters: object) -> Answer:
    """Send a text in pieces on the WebSocket, and return the response."""
    await write(socket, "start", **parameters)
    for piece in pieces:
        await write(socket, "text", text=piece)
    await write(socket, "end")
    return await hear(socket)


async def open_raw(base: str, sent: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a TCP connection to the server at `base`, and send the bytes `sent`."""
    url = httpx.URL(base)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(sent)
    return reader, writer


def asking(text: str) -> bytes:
    """Return the bytes of an HTTP speech request."""
    return b"POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s" % (
        SPEAK.encode(),
        len(text),
        text.encode(),
    )


def reset(writer: asyncio.StreamWriter) -> None:
    """Reset the TCP connection with RST."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
