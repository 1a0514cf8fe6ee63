"""This server's own speech endpoints. They have the same paths as in the wyoming library's HTTP gateway."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError

from wyoming_piper_serial.audio.containers import FORMATS, available_formats
from wyoming_piper_serial.exceptions import BadRequest
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import (
    FormatName,
    SpeechParameters,
    SpeechResponse,
    speaks,
    speech_response,
)
from wyoming_piper_serial.http.text_body import FORM, MULTIPART, fields_of
from wyoming_piper_serial.turns import Lane

_TEXT = {"type": "string", "minLength": 1, "pattern": "^[^\\x00]+$"}
_FORM = {
    "schema": {
        "type": "object",
        "properties": {"text": _TEXT},
        "required": ["text"],
        "additionalProperties": False,  # The query parameters are also accepted.
        "description": "The parameters of the query can be sent as further fields. All other fields are refused.",
    }
}
_BODIES = {"text/plain": {"schema": _TEXT}, FORM: _FORM, MULTIPART: _FORM}
# Maximum length in bytes of a body that is decoded on the event loop. A longer body is decoded in a thread, because
# decoding the escapes of a form takes about 100 ms per megabyte.
_MAX_AT_ONCE = 16_384


class _Options(SpeechParameters):
    model_config = ConfigDict(extra="forbid")

    format: Annotated[FormatName, Field(description="Format of the audio. ogg is Opus, as is opus.")] = "wav"


class _Text(_Options):
    text: Annotated[str, Field(min_length=1, description="The text to speak.")]


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints at `/api/text-to-speech`."""
    routes = APIRouter(prefix="/api")

    decoding = Lane()
    speaking = speaks(*(FORMATS[name] for name in available_formats()), ranges=True)

    @routes.get("/text-to-speech", **speaking)
    async def say(parameters: Annotated[_Text, Query()], request: Request) -> SpeechResponse:
        """Speaks the text in the query."""
        return speech_response(context, request, parameters, parameters.text, parameters.format)

    @routes.post("/text-to-speech", openapi_extra={"requestBody": {"required": True, "content": _BODIES}}, **speaking)
    async def say_body(parameters: Annotated[_Options, Query()], request: Request) -> SpeechResponse:
        """Speaks the text in the request body, or in the field `text` of a form. A form may also contain the query
        parameters."""
        body = await request.body()
        read = partial(fields_of, request.headers.get("content-type", ""), body)
        given = _merged(parameters, read() if len(body) <= _MAX_AT_ONCE else await decoding.run(read))
        return speech_response(context, request, given, given.text, given.format)

    return routes


def _merged(parameters: _Options, fields: dict[str, str]) -> _Text:
    """Combines the query parameters with the fields of the body. Raises BadRequest if the same field is in both, or
    RequestValidationError if a field is unknown or not valid."""
    given = parameters.model_dump(exclude_unset=True)
    if given.keys() & fields.keys():
        raise BadRequest("The same field is in both the query and the body.")
    try:
        return _Text.model_validate(given | fields)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
