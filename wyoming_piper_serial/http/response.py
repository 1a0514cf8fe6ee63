"""Streams speech as a response body while it is synthesized, and cancels the speech if the client disconnects."""

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, model_validator
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wyoming_piper_serial.audio.containers import (
    FORMATS,
    PLAIN,
    Container,
    encoder_memory,
    format_of,
    open_container,
    wav_header,
)
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.http.access import MAY_SPEAK, is_head, speaking_client
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import ERRORS
from wyoming_piper_serial.http.preset_values import PresetValues, no_bool
from wyoming_piper_serial.http.ranges import ByteRange, part_of
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.http.speech_events import EVENT_SCHEMA, MEDIA_TYPE, SpeechEvents, error_event
from wyoming_piper_serial.http.tried_entries import LINE, MAX_TRIED, TRIED, tried_entries
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import MAX_SPEED, MIN_SPEED, Priority
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.synthesis import SpeechRequest
from wyoming_piper_serial.voices.choices import MAX_NAME
from wyoming_piper_serial.voices.selection import VoiceSelector

T = TypeVar("T")

RATE_HEADER = "X-Sample-Rate"
"""The response header that contains the sample rate in hertz for the format `pcm`, which has no header of its own."""

_PIECE = 1 << 16  # Maximum number of bytes per message in a range response.


def in_lower_case(value: object) -> object:
    """Returns `value`, in lower case if it is a string."""
    return value.lower() if isinstance(value, str) else value


FormatName = Annotated[Literal["mp3", "opus", "aac", "flac", "wav", "pcm", "ogg"], BeforeValidator(in_lower_case)]
"""The name of an audio format in a request."""


def without_surrogates(value: object) -> object:
    """Returns `value`, without lone surrogates if it is a string.

    A string that consists only of surrogates becomes a space. The text is then not rejected as empty, and nothing is
    spoken.
    """
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", errors="ignore").decode() or (value and " ")


Name = Annotated[str, Field(max_length=MAX_NAME)]
"""A string of at most the maximum length of the name of a voice or a speaker."""

# In strict mode, pydantic does not convert a string that is too long to a number.
NameOrNumber = Name | Annotated[int, Field(strict=True)]
"""A name or a number."""

VoiceParameter = Annotated[Name | None, Field(description="Name of a voice, or a language such as en or fr_FR.")]
"""The voice in a request."""


class Parameters(BaseModel):
    """The parameters of a request: the base class for models of queries and bodies."""

    @model_validator(mode="before")
    @classmethod
    def _drop_surrogates(cls, given: Any) -> Any:
        """Removes lone surrogates from each string. JSON can represent them, but they are not valid characters."""
        if not isinstance(given, dict):
            return given
        return {name: without_surrogates(value) for name, value in given.items()}


class SpeechParameters(PresetValues, Parameters):
    """The options of a speech request. The server's settings apply to omitted options."""

    voice: VoiceParameter = None
    speaker: Annotated[
        NameOrNumber | None,
        Field(description="Name or number of one of the voice's speakers."),
        BeforeValidator(no_bool),
    ] = None
    speed: Annotated[
        float | None,
        Field(ge=MIN_SPEED, le=MAX_SPEED, description="Multiple of the voice's speed."),
        BeforeValidator(no_bool),
    ] = None
    priority: Annotated[Priority | None, Field(description="Requests with a higher priority are started first.")] = None
    lexicon: Annotated[str | None, Field(max_length=MAX_TRIED, description=TRIED, json_schema_extra=LINE)] = None

    def request(self, context: HttpContext, client: Client, sample_rate: int | None = None) -> SpeechRequest:
        """Returns a request from `client` that has no text yet.

        By default, the client's address determines the priority. `sample_rate` is in hertz; `None` means the rate in
        the settings or, if none is set, the voice's rate. Raises ShuttingDown if the server is shutting
        down, or BadRequest if the lexicon is not valid.
        """
        context.shutdown.check()
        changes = self.given()
        seed, rules = changes.pop("seed", None), changes.pop("text_rules", None)
        tried = tried_entries(self.lexicon)
        return SpeechRequest(
            text=context.synthesizer.new_text(client),
            selector=VoiceSelector(
                name=self.voice or None, speaker=None if self.speaker is None else str(self.speaker)
            ),
            priority=self.priority,
            client=client,
            seed=seed,
            speed=self.speed or 1.0,
            sample_rate=sample_rate,
            text_rules=rules,
            changes=changes,
            lexicon=tried,
        )


def speaks(*media_types: str, ranges: bool = False) -> dict[str, Any]:
    """Returns arguments for the FastAPI decorator of an endpoint that returns a `SpeechResponse`.

    `media_types` are the possible media types of the audio. `ranges` says whether range requests are supported.
    """
    content = {
        media_type: {
            "schema": dict(EVENT_SCHEMA) if media_type == MEDIA_TYPE else {"type": "string", "format": "binary"}
        }
        for media_type in media_types
    }
    return {
        "status_code": 200,
        "response_class": SpeechResponse,
        "responses": {200: {"description": "Speech, streamed while it is synthesized.", "content": content}}
        | ({206: {"description": "A part of the speech.", "content": content}} if ranges else {})
        | ERRORS,
        "tags": ["speech"],
        "dependencies": [MAY_SPEAK],
    }


def speech_response(
    context: HttpContext,
    request: Request,
    parameters: SpeechParameters,
    text: str,
    format_name: str,
    *,
    sample_rate: int | None = None,
    as_events: bool = False,
) -> "SpeechResponse":
    """Returns a response that speaks `text`. `sample_rate` is in hertz.

    `format_name` is the name of the audio format in the request. Raises BadRequest if it is not available or the
    lexicon is not valid. Also raises TextTooLong, BuffersFull or ShuttingDown.
    """
    audio_format = format_of(format_name)
    speech = parameters.request(context, speaking_client(request.scope), sample_rate)
    if "range" in request.headers and speech.seed is None and context.settings.synthesis.seed is None:
        # A client that requests several parts must get parts of the same audio.
        speech = replace(speech, seed=zlib.crc32(text.encode(errors="replace")))
    speech.text.add(text)
    speech.text.end()
    return SpeechResponse(context, speech, audio_format, as_events=as_events)


class SpeechResponse(Response):
    """A response that starts when the first audio is available.

    A HEAD request gets only the headers. If a GET request asks for a part of the audio with the header `Range`, and the
    format is uncompressed, the response starts when the audio is complete, because it must state the total length.

    An error before the first audio is raised, so that it becomes an error response. A later error ends the response
    without its last chunk, so the client can detect that the response is incomplete (RFC 9112, section 8). A stream of
    server-sent events then ends with the error.
    """

    def __init__(
        self, context: HttpContext, request: SpeechRequest, format_name: str, *, as_events: bool = False
    ) -> None:
        """`as_events` says whether the audio is sent as server-sent events."""
        super().__init__()
        self._context = context
        self._request = request
        self._format = format_name
        self._as_events = as_events
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response (ASGI). Raises PiperSerialError if an error occurs before the first audio."""
        if is_head(scope):
            try:
                await self._describe(send)
            finally:
                self._request.text.close()
            return
        part = self._part(scope)
        speaking = asyncio.create_task(self._speak(send) if part is None else self._speak_part(part, send))
        disconnect = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await asyncio.wait({speaking, disconnect}, return_when=asyncio.FIRST_COMPLETED)
            (speaking if speaking.done() else disconnect).result()
        except PiperSerialError as error:
            if not self._started:
                raise
            connection = connection_of(scope)
            self._context.reporter.error_sent(error, connection.client)
            if self._as_events:
                await send({"type": "http.response.body", "body": error_event(error)})
            # HTTP/1.0 has no chunks, so a normal close would indicate a complete response.
            elif scope.get("http_version") == "1.0":
                connection.reset()
        finally:
            await cancel(speaking, disconnect)
            self._request.text.close()

    def _part(self, scope: Scope) -> ByteRange | None:
        """Returns the requested part of the audio, or `None` if the whole audio must be sent.

        With `If-Range`, the whole audio is sent, because it has no ETag.
        """
        headers = Headers(scope=scope)
        if scope["method"] != "GET" or self._format not in PLAIN or "if-range" in headers:
            return None
        return part_of(headers.get("range"))

    async def _describe(self, send: Send) -> None:
        """Sends the headers that a GET request would get. Raises VoiceError if the voice or speaker cannot be used."""
        rate = self._context.synthesizer.rate_of(self._request)
        await self._start(send, self._headers_of(FORMATS[self._format], rate))
        await send({"type": "http.response.body", "body": b""})

    async def _speak_part(self, part: ByteRange, send: Send) -> None:
        """Synthesizes the whole audio and sends the requested part.

        Raises UnreachableRange if `part` is outside the audio, BuffersFull if the client may not use enough memory for
        the audio, or an error of `Synthesizer.speak`.
        """
        account = self._context.synthesizer.new_holding(self._request.client)
        pcm = bytearray()
        try:
            async with self._context.synthesizer.speak(self._request) as utterance:
                async for piece in utterance:
                    account.claim(len(pcm) + len(piece))
                    pcm += piece
                rate = utterance.format.rate
            pcm[:0] = wav_header(rate, len(pcm)) if self._format == "wav" else b""
            found = part.within(len(pcm))
            headers = self._headers_of(FORMATS[self._format], rate) | {
                "content-range": f"bytes {found.start}-{found.stop - 1}/{len(pcm)}",
                "content-length": str(len(found)),
                "accept-ranges": "bytes",
            }
            await self._start(send, headers, status=206)
            for start in range(found.start, found.stop, _PIECE):
                stop = min(found.stop, start + _PIECE)
                body = bytes(pcm[start:stop])
                await send({"type": "http.response.body", "body": body, "more_body": stop < found.stop})
        finally:
            account.hold(0)

    async def _speak(self, send: Send) -> None:
        async with self._context.synthesizer.speak(self._request) as utterance:
            # The encoder is created when the first audio arrives, because it needs memory and the request may wait for
            # a long time.
            pcm = await anext(utterance, b"")
            async with self._container(utterance.format.rate) as container:
                headers = self._headers_of(container.media_type, utterance.format.rate)
                await self._send(send, headers, await self._encode(container.add, pcm))
                async for pcm in utterance:
                    await self._send(send, headers, await self._encode(container.add, pcm))
                await self._send(send, headers, await self._encode(container.finish), last=True)

    @contextlib.asynccontextmanager
    async def _container(self, rate: int) -> AsyncIterator[Container]:
        """Yields the audio container of the response. Reserves memory for its encoder until the context ends. Raises
        BuffersFull if the client may not use this much memory."""
        account = self._context.synthesizer.new_holding(self._request.client)
        account.claim(encoder_memory(self._format))
        try:
            with contextlib.closing(await self._encode(open_container, self._format, rate)) as container:
                yield SpeechEvents(container, self._request.text.length) if self._as_events else container
        finally:
            account.hold(0)

    async def _encode(self, encode: Callable[..., T], *arguments: Any) -> T:
        """Returns the result of `encode`. Compressed formats are encoded in a thread, because this takes about 50 ms
        for two seconds of audio.
        """
        return encode(*arguments) if self._format in PLAIN else await asyncio.to_thread(encode, *arguments)

    def _headers_of(self, media_type: str, rate: int | None) -> dict[str, str]:
        """Returns the headers of the response. `rate` is in hertz; `None` means that it is not known yet."""
        # Speech must not be cached, because it may differ each time. A proxy must not buffer it, because this would
        # delay the first audio.
        headers = {"content-type": media_type, "cache-control": "no-store", "x-accel-buffering": "no"}
        return headers | ({RATE_HEADER: str(rate)} if self._format == "pcm" and rate is not None else {})

    async def _start(self, send: Send, headers: dict[str, str], status: int = 200) -> None:
        self._started = True
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})

    async def _send(self, send: Send, headers: dict[str, str], body: bytes, *, last: bool = False) -> None:
        if not self._started:
            await self._start(send, headers)
        if body or last:
            await send({"type": "http.response.body", "body": body, "more_body": not last})


async def _wait_for_disconnect(receive: Receive) -> None:
    """Returns when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
