"""Streams speech as a response body while it is synthesized, and cancels the speech if the client disconnects."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wyoming_piper_serial.audio.containers import PLAIN, Container, encoder_memory, open_container
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.http.access import MAY_SPEAK
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import ERRORS
from wyoming_piper_serial.http.scopes import connection_of
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import MAX_SEED, Priority, TextRules
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.synthesis import SpeechRequest
from wyoming_piper_serial.voices.selection import VoiceSelector

T = TypeVar("T")


def _no_bool(value: object) -> object:
    """Returns `value`. Raises PydanticCustomError if it is a bool, which pydantic would convert to 1 or 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value


def _without_surrogates(value: object) -> object:
    """Returns `value`, without lone surrogates if it is a string.

    A string that consists only of surrogates becomes a space. It is then not rejected as empty, and nothing is spoken.
    """
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", errors="ignore").decode() or (value and " ")


class Parameters(BaseModel):
    """The parameters of a request."""

    @model_validator(mode="before")
    @classmethod
    def _drop_surrogates(cls, given: Any) -> Any:
        """Removes lone surrogates from each string. JSON can express them, but they are not valid characters."""
        if not isinstance(given, dict):
            return given
        return {name: _without_surrogates(value) for name, value in given.items()}


class SpeechParameters(Parameters):
    """The options of a speech request. The server's settings apply to omitted options."""

    voice: Annotated[str | None, Field(description="Name of a voice, or a language such as en or fr_FR.")] = None
    speaker: Annotated[
        str | int | None,
        Field(description="Name or number of one of the voice's speakers."),
        BeforeValidator(_no_bool),
    ] = None
    speed: Annotated[
        float | None, Field(ge=0.25, le=4.0, description="Multiple of the voice's speed."), BeforeValidator(_no_bool)
    ] = None
    seed: Annotated[
        int | None,
        Field(ge=0, le=MAX_SEED, description="The same seed and text give the same speech."),
        BeforeValidator(_no_bool),
    ] = None
    priority: Annotated[Priority | None, Field(description="Requests with a higher priority are started first.")] = None

    text_rules: Annotated[
        TextRules | None,
        Field(description="Whether numbers, units, dates and abbreviations are read as a person would say them."),
    ] = None

    def request(self, context: HttpContext, client: Client) -> SpeechRequest:
        """Returns a request by `client` that has no text yet. By default, the client's address determines the priority.

        Raises ShuttingDown if the server is shutting down.
        """
        context.shutdown.check()
        return SpeechRequest(
            text=context.synthesizer.new_text(client),
            selector=VoiceSelector(
                name=self.voice or None, speaker=None if self.speaker is None else str(self.speaker)
            ),
            priority=self.priority,
            client=client,
            seed=self.seed,
            speed=self.speed or 1.0,
            text_rules=self.text_rules,
        )


def speaks(*media_types: str) -> dict[str, Any]:
    """Returns arguments for the FastAPI decorator of an endpoint that returns a `SpeechResponse`.

    `media_types` are the possible media types of the audio.
    """
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    return {
        "status_code": 200,
        "response_class": SpeechResponse,
        "responses": {200: {"description": "Speech, streamed while it is synthesized.", "content": content}} | ERRORS,
        "tags": ["speech"],
        "dependencies": [MAY_SPEAK],
    }


class SpeechResponse(Response):
    """A response that starts when the first audio is available.

    An error before the first audio is raised, so that it becomes an error response. A later error ends the response
    without its last chunk, so that the client can see that the response is incomplete (RFC 9112, section 8).
    """

    def __init__(self, context: HttpContext, request: SpeechRequest, format_name: str) -> None:
        super().__init__()
        self._context = context
        self._request = request
        self._format = format_name
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response (ASGI). Raises PiperSerialError if an error occurs before the first audio."""
        speaking = asyncio.create_task(self._speak(send))
        disconnect = asyncio.create_task(_wait_for_disconnect(receive))
        try:
            await asyncio.wait({speaking, disconnect}, return_when=asyncio.FIRST_COMPLETED)
            (speaking if speaking.done() else disconnect).result()
        except PiperSerialError as error:
            if not self._started:
                raise
            connection = connection_of(scope)
            self._context.reporter.error_sent(error, connection.client)
            # HTTP/1.0 has no chunks, so a normal close would mean that the response is complete.
            if scope.get("http_version") == "1.0":
                connection.reset()
        finally:
            await cancel(speaking, disconnect)
            self._request.text.close()

    async def _speak(self, send: Send) -> None:
        async with self._context.synthesizer.speak(self._request) as utterance:
            # The encoder is created when the first audio arrives, because it needs memory and the request may wait for
            # a long time.
            pcm = await anext(utterance, b"")
            async with self._container(utterance.format.rate) as container:
                await self._send(send, container.media_type, await self._encode(container.add, pcm))
                async for pcm in utterance:
                    await self._send(send, container.media_type, await self._encode(container.add, pcm))
                await self._send(send, container.media_type, await self._encode(container.finish), last=True)

    @contextlib.asynccontextmanager
    async def _container(self, rate: int) -> AsyncIterator[Container]:
        """Yields the container of the response. Counts the memory of its encoder until the context ends. Raises
        BuffersFull if the client may not use this memory."""
        account = self._context.synthesizer.new_holding(self._request.client)
        account.claim(encoder_memory(self._format))
        try:
            with contextlib.closing(await self._encode(open_container, self._format, rate)) as container:
                yield container
        finally:
            account.hold(0)

    async def _encode(self, encode: Callable[..., T], *arguments: Any) -> T:
        """Returns the result of `encode`. Compressed formats are encoded in a thread, because this takes about 50 ms
        for two seconds of audio.
        """
        return encode(*arguments) if self._format in PLAIN else await asyncio.to_thread(encode, *arguments)

    async def _send(self, send: Send, media_type: str, body: bytes, *, last: bool = False) -> None:
        if not self._started:
            self._started = True
            # Speech must not be cached, because it differs each time. A proxy must not buffer it, because buffering
            # would delay the first audio.
            headers = {"content-type": media_type, "cache-control": "no-store", "x-accel-buffering": "no"}
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
        if body or last:
            await send({"type": "http.response.body", "body": body, "more_body": not last})


async def _wait_for_disconnect(receive: Receive) -> None:
    """Returns when the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
