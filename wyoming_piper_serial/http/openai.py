"""The endpoints of OpenAI's speech API, for programs that speak to it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from wyoming_piper_serial.audio.containers import FORMATS, available_formats
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import SpeechParameters, SpeechResponse, speaks

_MODEL = "piper"

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class CreateSpeech(SpeechParameters):
    """The body of `POST /v1/audio/speech`. `speaker`, `seed` and `priority` are this server's own."""

    input: Annotated[str, Field(min_length=1, description="What to say.")]
    model: Annotated[str, Field(description="Any: the voice is the model here.")] = _MODEL
    response_format: Annotated[Format, Field(description="pcm is mono, 16 bit, at the voice's own rate.")] = "mp3"
    stream_format: Annotated[Literal["audio"], Field(description="Always streamed, as bare audio.")] = "audio"


class Model(BaseModel):
    """One model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "wyoming_piper_serial"


class ModelList(BaseModel):
    """All models: there is one."""

    object: Literal["list"] = "list"
    data: list[Model]


class VoiceName(BaseModel):
    """A voice, as clients of OpenAI-like servers list them."""

    id: str
    name: str


class VoiceNames(BaseModel):
    """All voices."""

    voices: list[VoiceName]


def router(context: HttpContext) -> APIRouter:
    """Speech, voices and models under `/v1`."""
    routes = APIRouter(prefix="/v1")
    formats = available_formats()  # now, as it may import an encoder

    @routes.post("/audio/speech", **speaks(*(FORMATS[name] for name in formats)))
    async def speech(wanted: CreateSpeech, request: Request) -> SpeechResponse:
        """Speak a text in one of several formats, as OpenAI's `audio.speech.create` asks for it."""
        if wanted.response_format not in formats:
            raise BadRequest(f"There is no {wanted.response_format} here. There are: {', '.join(formats)}.")
        speech = wanted.request(context, request.client)
        speech.text.add(wanted.input)
        speech.text.end()
        return SpeechResponse(context, speech, wanted.response_format)

    @routes.get("/models", tags=["voices"])
    async def models() -> ModelList:
        """The one model."""
        return ModelList(data=[Model(id=_MODEL)])

    @routes.get("/audio/voices", tags=["voices"])
    async def voices() -> VoiceNames:
        """The voices on offer."""
        catalogue = context.registry.catalogue
        here = [VoiceName(id=entry.name, name=entry.description) for entry in catalogue.entries]
        offered = [VoiceName(id=voice.name, name=voice.description) for voice in catalogue.offered]
        return VoiceNames(voices=here + offered)

    return routes
