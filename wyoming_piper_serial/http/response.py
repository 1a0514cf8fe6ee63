"""Speech as the body of an answer: streamed while it is made, cancelled when the listener leaves."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field
from pydantic_core import PydanticCustomError
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from wyoming_piper_serial.audio.containers import PLAIN, open_container
from wyoming_piper_serial.exceptions import PiperSerialError
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import ERRORS, note_error
from wyoming_piper_serial.http.protocols import CUT_OFF
from wyoming_piper_serial.network.limiter import address_of
from wyoming_piper_serial.observe.reporter import Client
from wyoming_piper_serial.settings import MAX_SEED, Priority
from wyoming_piper_serial.synthesis import SpeechRequest, TextFeed
from wyoming_piper_serial.voices.selection import VoiceSelector


def _no_flag(value: object) -> object:
    """Python takes true and false for 1 and 0."""
    if isinstance(value, bool):
        raise PydanticCustomError("number_type", "Input should be a number")
    return value


class SpeechParameters(BaseModel):
    """How a request wants to be spoken. What it does not say is left to the server."""

    voice: Annotated[str | None, Field(description="Name of a voice, or a language such as en or fr_FR.")] = None
    speaker: Annotated[
        str | int | None,
        Field(description="Name or number of one of the voice's speakers."),
        BeforeValidator(_no_flag),
    ] = None
    speed: Annotated[
        float | None, Field(ge=0.25, le=4.0, description="Times the voice's own speed."), BeforeValidator(_no_flag)
    ] = None
    seed: Annotated[
        int | None, Field(ge=0, le=MAX_SEED, description="Makes the same speech again."), BeforeValidator(_no_flag)
    ] = None
    priority: Annotated[Priority | None, Field(description="Whose turn it is among those who wait.")] = None

    def request(self, context: HttpContext, peer: object) -> SpeechRequest:
        """The request of a client at `peer`, the name of its socket; its text is to be fed."""
        settings = context.settings
        return SpeechRequest(
            text=TextFeed(settings.limits.max_text),
            selector=VoiceSelector(
                name=self.voice or None, speaker=None if self.speaker is None else str(self.speaker)
            ),
            priority=self.priority,
            client=Client(protocol="http", address=address_of(peer)),
            seed=self.seed,
            speed=self.speed or 1.0,
        )


def speaks(*media_types: str) -> dict[str, Any]:
    """What FastAPI is to know of an endpoint that answers by a SpeechResponse."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in media_types}
    return {
        "status_code": 200,
        "response_class": SpeechResponse,
        "responses": {200: {"description": "Speech, while it is made.", "content": content}} | ERRORS,
        "tags": ["speech"],
    }


class SpeechResponse(Response):
    """An answer that begins with the first audio.

    What fails before that is raised, and so answered with a status of its own. What fails later can only be told by
    cutting the answer off: without its last chunk, a client knows it to be incomplete (RFC 9112, section 7.1).
    """

    def __init__(self, context: HttpContext, request: SpeechRequest, format_name: str) -> None:
        super().__init__()
        self._context = context
        self._request = request
        self._format = format_name
        self._started = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI. Raises PiperSerialError before the first audio."""
        speaking = asyncio.create_task(self._speak(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({speaking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            (speaking if speaking.done() else leaving).result()
        except PiperSerialError as error:
            if not self._started:
                raise
            note_error(error, self._context.error_sent)
            if scope.get("http_version") == "1.0":  # it has no chunks: a usual close would look like the end
                scope["state"][CUT_OFF]()
        finally:
            for task in (speaking, leaving):
                task.cancel()
            await asyncio.gather(speaking, leaving, return_exceptions=True)

    async def _speak(self, send: Send) -> None:
        async with self._context.synthesizer.speak(self._request) as utterance:
            with contextlib.closing(open_container(self._format, utterance.format.rate)) as container:
                async for pcm in utterance:
                    await self._send(send, container.media_type, await self._made(container.add, pcm))
                await self._send(send, container.media_type, await self._made(container.finish), last=True)

    async def _made(self, make: Callable[..., bytes], *pcm: bytes) -> bytes:
        """To compress two seconds takes some 50 ms, so it is done in a thread; to copy them takes none."""
        return make(*pcm) if self._format in PLAIN else await asyncio.to_thread(make, *pcm)

    async def _send(self, send: Send, media_type: str, body: bytes, *, last: bool = False) -> None:
        if not self._started:
            self._started = True
            # Speech is new each time, and a proxy that collects it first would take away what makes it quick.
            headers = {"content-type": media_type, "cache-control": "no-store", "x-accel-buffering": "no"}
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
        if body or last:
            await send({"type": "http.response.body", "body": body, "more_body": not last})


async def _left(receive: Receive) -> None:
    """Return when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
