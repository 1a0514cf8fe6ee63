"""The endpoints of OpenAI's speech API, and additional endpoints that compatible servers provide."""

import logging
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from wyoming_piper_serial.audio.containers import FORMATS, available_formats
from wyoming_piper_serial.exceptions import NotFound, UnknownVoice, VoiceError
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import ERRORS
from wyoming_piper_serial.http.response import (
    FormatName,
    Name,
    SpeechParameters,
    SpeechResponse,
    in_lower_case,
    speaks,
    speech_response,
    without_surrogates,
)
from wyoming_piper_serial.http.speech_events import MEDIA_TYPE
from wyoming_piper_serial.settings import VoiceAlias
from wyoming_piper_serial.voices.catalogue import fold
from wyoming_piper_serial.voices.choices import MAX_NAME

_LOGGER = logging.getLogger(__name__)

_MODEL = "piper"

OPENAI_VOICES = frozenset(
    ("alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer", "verse")
)
"""The names of OpenAI's voices. Each selects the default voice, unless an option maps it to another voice or a voice of
this server has this name."""

_VOICE_SCHEMA = {
    "anyOf": [
        {"type": "string", "maxLength": MAX_NAME},
        {"type": "object", "properties": {"id": {"type": "string", "maxLength": MAX_NAME}}, "required": ["id"]},
        {"type": "null"},
    ],
    "description": "Name of a voice, a language such as en or fr_FR, or the name of one of OpenAI's voices.",
}


def _voice_name(value: object) -> object:
    """Returns the name in `{"id": NAME}`, which is the format of custom voices in OpenAI's API. Returns any other value
    unchanged."""
    name = value.get("id") if isinstance(value, dict) else None
    return without_surrogates(name) if isinstance(name, str) else value


class CreateSpeech(SpeechParameters):
    """The body of `POST /v1/audio/speech`. The fields other than `input`, `model`, `voice`, `response_format`, `speed`
    and `stream_format` are additions to OpenAI's API.

    Unknown fields are ignored. In fields that have a default, `null` selects it.
    """

    voice: Annotated[Name | None, BeforeValidator(_voice_name), WithJsonSchema(_VOICE_SCHEMA)] = None
    input: Annotated[str, Field(min_length=1, description="The text to speak.")]
    model: Annotated[str | None, Field(description="Has no effect: `voice` selects the model.")] = _MODEL
    response_format: Annotated[
        FormatName | None,
        Field(
            description="pcm is 16-bit mono; the header X-Sample-Rate contains its rate. ogg is Opus, as is opus. The "
            "default is mp3, or wav if this installation has no encoder for mp3."
        ),
    ] = None
    stream_format: Annotated[
        Literal["audio", "sse"] | None,
        BeforeValidator(in_lower_case),
        Field(description="Whether the response is streamed as plain audio or as server-sent events."),
    ] = "audio"


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


class AudioModelList(ModelList):
    """The list of models in the format of OpenAI-compatible servers."""

    models: list[Model]


class VoiceName(BaseModel):
    """A voice in the format of OpenAI-compatible servers."""

    id: str
    name: str


class VoiceNames(BaseModel):
    """The list of voices."""

    voices: list[VoiceName]


class _VoiceNames:
    """Maps the voice names in requests to voices of this server."""

    def __init__(self, context: HttpContext) -> None:
        self._context = context
        self._options: tuple[VoiceAlias, ...] = ()
        self._aliases: dict[str, str] = {}
        self._update()

    def meaning(self, name: str | None) -> str | None:
        """Returns the name of the voice that `name` selects. `None` is the default voice.

        Names set with `--openai-voice` take precedence over voices of this server, which take precedence over OpenAI's
        voice names.
        """
        self._update()
        folded = fold(name or "")
        if folded in self._aliases:
            return self._aliases[folded]
        is_foreign = folded in OPENAI_VOICES and isinstance(self._problem(folded), UnknownVoice)
        return None if is_foreign else name

    def _update(self) -> None:
        """Uses the current `--openai-voice` options. If they have changed, logs a warning for each of them whose voice
        cannot be used. A missing voice is not an error, because it may be added later."""
        options = self._context.settings.http.openai_voices
        if options == self._options:
            return
        self._options = options
        self._aliases = {fold(alias.name): alias.voice for alias in options}
        for name, voice in self._aliases.items():
            if (problem := self._problem(voice)) is not None:
                _LOGGER.warning("--openai-voice %s=%s: %s", name, voice, problem)

    def _problem(self, voice: str) -> VoiceError | None:
        """Returns the error that a request for `voice` would get, or `None` if the voice can be used or downloaded."""
        catalogue, default = self._context.registry.catalogue, self._context.settings.voice
        if catalogue.downloadable(voice, default=default) is not None:
            return None
        try:
            catalogue.find(voice, default=default)
        except VoiceError as error:
            return error
        return None


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/v1`."""
    routes = APIRouter(prefix="/v1")
    names = _VoiceNames(context)
    # Called once, here, because `available_formats` may import an encoder, which would take too long during a request.
    formats = available_formats()

    @routes.post("/audio/speech", **speaks(*(FORMATS[name] for name in formats), MEDIA_TYPE))
    async def speech(parameters: CreateSpeech, request: Request) -> SpeechResponse:
        """Speaks a text, like OpenAI's `audio.speech.create`, and responds with audio in the requested format."""
        audio_format = parameters.response_format or ("mp3" if "mp3" in formats else "wav")
        return speech_response(
            context,
            request,
            parameters.model_copy(update={"voice": names.meaning(parameters.voice)}),
            parameters.input,
            audio_format,
            sample_rate=(context.settings.http.openai_pcm_rate or None) if audio_format == "pcm" else None,
            as_events=parameters.stream_format == "sse",
        )

    @routes.get("/models", tags=["voices"])
    async def models() -> ModelList:
        """Lists the models. There is only one."""
        return ModelList(data=[Model(id=_MODEL)])

    @routes.get("/models/{model:path}", tags=["voices"], responses={404: ERRORS[404], 422: ERRORS[422]})
    async def model(model: Annotated[str, Path(min_length=1, max_length=200)]) -> Model:
        """Describes a model. Every name in UTF-8 is a model, because a speech request may name any model."""
        if "\ufffd" in model:
            raise NotFound("The name of a model must be UTF-8.")
        return Model(id=model)

    @routes.get("/audio/models", tags=["voices"])
    async def audio_models() -> AudioModelList:
        """Lists the models in the format of OpenAI-compatible servers."""
        found = [Model(id=_MODEL)]
        return AudioModelList(data=found, models=found)

    @routes.get("/audio/voices", tags=["voices"])
    async def voices() -> VoiceNames:
        """Lists the available voices. Omits those that turned out to be unusable."""
        catalogue, states = context.registry.catalogue, context.voice_states()
        usable = (entry for entry in catalogue.entries if entry.key not in states or states[entry.key].is_usable)
        here = [VoiceName(id=entry.name, name=entry.description) for entry in usable]
        offered = [VoiceName(id=voice.name, name=voice.description) for voice in catalogue.offered]
        return VoiceNames(voices=here + offered)

    return routes
