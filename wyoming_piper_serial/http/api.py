"""This server's own endpoints for speech and voices. They have the same paths as in the wyoming library's HTTP
gateway."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from wyoming_piper_serial.audio.containers import FORMATS
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http.access import speaking_client
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import SpeechParameters, SpeechResponse, speaks

_TEXT = {"text/plain": {"schema": {"type": "string", "minLength": 1}}}


class VoiceItem(BaseModel):
    """A voice that a request can name."""

    name: str
    description: str
    language: str
    sample_rate: Annotated[int | None, Field(description="Sample rate of the audio in Hz; null if not known yet.")]
    speakers: Annotated[list[str], Field(description="Names of the speakers; empty if the voice has only one.")]


class VoiceList(BaseModel):
    """All voices that a request can name."""

    default: Annotated[str, Field(description="The voice for requests that do not name one.")]
    voices: list[VoiceItem]


class _Text(SpeechParameters):
    text: Annotated[str, Field(min_length=1, description="The text to speak.")]


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/api`."""
    routes = APIRouter(prefix="/api")

    @routes.get("/voices", tags=["voices"])
    async def voices() -> VoiceList:
        """Lists the available voices and their speakers."""
        catalogue, rate = context.registry.catalogue, context.settings.synthesis.sample_rate
        here = [
            VoiceItem(
                name=entry.name,
                description=entry.description,
                language=entry.config.language,
                sample_rate=rate or entry.config.sample_rate,
                speakers=entry.config.speaker_names,
            )
            for entry in catalogue.entries
        ]
        offered = [
            VoiceItem(
                name=voice.name,
                description=f"{voice.description}, to be downloaded",
                language=voice.language,
                sample_rate=rate,
                speakers=voice.speaker_names,
            )
            for voice in catalogue.offered
        ]
        return VoiceList(default=context.settings.voice, voices=here + offered)

    @routes.get("/text-to-speech", **speaks(FORMATS["wav"]))
    async def say(parameters: Annotated[_Text, Query()], request: Request) -> SpeechResponse:
        """Speaks a text and responds with WAV."""
        return response_of(parameters.text, parameters, request)

    @routes.post(
        "/text-to-speech",
        openapi_extra={"requestBody": {"required": True, "content": _TEXT}},
        **speaks(FORMATS["wav"]),
    )
    async def say_body(parameters: Annotated[SpeechParameters, Query()], request: Request) -> SpeechResponse:
        """Speaks the text in the request body and responds with WAV."""
        if "json" in request.headers.get("content-type", "").lower():
            raise BadRequest("Send the text itself as the body, or JSON to /v1/audio/speech.")
        try:
            text = (await request.body()).decode()
        except UnicodeDecodeError as error:
            raise BadRequest("The text is not UTF-8.") from error
        if not text:
            raise BadRequest("The text to speak is missing: send it as the body of the request.")
        return response_of(text, parameters, request)

    def response_of(text: str, parameters: SpeechParameters, request: Request) -> SpeechResponse:
        speech = parameters.request(context, speaking_client(request.scope))
        speech.text.add(text)
        speech.text.end()
        return SpeechResponse(context, speech, "wav")

    return routes
