"""The endpoints of OpenAI's speech API."""

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from wyoming_piper_serial.audio.containers import FORMATS, available_formats
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http.access import speaking_client
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import SpeechParameters, SpeechResponse, speaks

_MODEL = "piper"

Format = Literal["mp3", "opus", "aac", "flac", "wav", "pcm"]


class CreateSpeech(SpeechParameters):
    """The body of `POST /v1/audio/speech`. OpenAI's API does not have the fields `speaker`, `seed` and `priority`."""

    input: Annotated[str, Field(min_length=1, description="The text to speak.")]
    model: Annotated[str, Field(description="Has no effect: `voice` selects the model.")] = _MODEL
    response_format: Annotated[Format, Field(description="pcm is 16-bit mono at the sample rate of the voice.")] = "mp3"
    stream_format: Annotated[Literal["audio"], Field(description="The response is streamed as plain audio.")] = "audio"


class Model(BaseModel):
    """One model."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "wyoming_piper_serial"


class ModelList(BaseModel):
    """The list of models, which has only one entry."""

    object: Literal["list"] = "list"
    data: list[Model]


class VoiceName(BaseModel):
    """A voice in the format of OpenAI-compatible servers."""

    id: str
    name: str


class VoiceNames(BaseModel):
    """The list of voices."""

    voices: list[VoiceName]


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/v1`."""
    routes = APIRouter(prefix="/v1")
    # This is called here, because it may import an encoder, which would take too long during a request.
    formats = available_formats()

    @routes.post("/audio/speech", **speaks(*(FORMATS[name] for name in formats)))
    async def speech(parameters: CreateSpeech, request: Request) -> SpeechResponse:
        """Speaks a text, like OpenAI's `audio.speech.create`, and responds with audio in the requested format."""
        if parameters.response_format not in formats:
            raise BadRequest(f"There is no {parameters.response_format} here. Available: {', '.join(formats)}.")
        speech = parameters.request(context, speaking_client(request.scope))
        speech.text.add(parameters.input)
        speech.text.end()
        return SpeechResponse(context, speech, parameters.response_format)

    @routes.get("/models", tags=["voices"])
    async def models() -> ModelList:
        """Lists the models. There is only one."""
        return ModelList(data=[Model(id=_MODEL)])

    @routes.get("/audio/voices", tags=["voices"])
    async def voices() -> VoiceNames:
        """Lists the available voices."""
        catalogue = context.registry.catalogue
        here = [VoiceName(id=entry.name, name=entry.description) for entry in catalogue.entries]
        offered = [VoiceName(id=voice.name, name=voice.description) for voice in catalogue.offered]
        return VoiceNames(voices=here + offered)

    return routes
