"""The endpoints for uploads of voices."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from wyoming_piper_serial.http.access import CHANGES
from wyoming_piper_serial.http.body import announced_length, pieces_of
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.settings import MEBIBYTE
from wyoming_piper_serial.voices.uploads import MAX_CONFIG

# The pattern is only used in the OpenAPI description. Letters of other scripts are also accepted.
_PATTERN = {"pattern": "^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}$"}
Name = Annotated[
    str,
    Path(min_length=1, max_length=100, description="Name of the voice.", json_schema_extra=_PATTERN),
]


class Uploaded(BaseModel):
    """The result of an upload."""

    status: Literal["config stored", "voice added"]


_SCHEMA = {"type": "string", "format": "binary", "minLength": 1}
_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": _SCHEMA}}}}


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints for the two files of a voice."""
    routes = APIRouter(prefix="/api/voices", tags=["voices"])

    @routes.put(
        "/{name}/config",
        openapi_extra=_BODY,
        **CHANGES,
    )
    async def config(name: Name, request: Request) -> Uploaded:
        """Uploads the config of a new voice, the file NAME.onnx.json. The body is the file itself."""
        content = b"".join([piece async for piece in pieces_of(request.scope, MAX_CONFIG, f"{MAX_CONFIG >> 10} kB")])
        await context.uploads.put_config(name, content)
        return Uploaded(status="config stored")

    @routes.put(
        "/{name}/model",
        openapi_extra=_BODY,
        **CHANGES,
    )
    async def model(name: Name, request: Request) -> Uploaded:
        """Uploads the model of a new voice, the file NAME.onnx, after its config. The body is the file itself.

        The voice becomes available after the server has loaded it once as a check.
        """
        limit = context.settings.limits.max_upload
        pieces = pieces_of(request.scope, limit * MEBIBYTE, f"the {limit} MB of --max-upload")
        await context.uploads.put_model(name, pieces, size=announced_length(request.headers))
        return Uploaded(status="voice added")

    return routes
