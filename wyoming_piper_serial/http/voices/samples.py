"""The endpoint for the samples of public voices."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from wyoming_piper_serial.exceptions import Conflict
from wyoming_piper_serial.http.access import MAY_SPEAK
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.errors import CHANGE_ERRORS
from wyoming_piper_serial.voices.choices import MAX_NAME

_KEEP_SECONDS = 86_400  # seconds for which browsers may keep a sample; samples do not change


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoint `/api/voices/NAME/sample`."""
    routes = APIRouter(prefix="/api/voices", tags=["voices"])

    @routes.get(
        "/{name}/sample",
        response_class=Response,
        responses={
            200: {"content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}}},
            **CHANGE_ERRORS,
        },
        dependencies=[MAY_SPEAK],
    )
    async def sample(
        name: Annotated[str, Path(max_length=MAX_NAME, description="Name of a public voice.")],
    ) -> Response:
        """Returns a recording of a public voice, which the server fetches from the download server."""
        voice = context.changes.public_voice(name)
        downloads = context.registry.downloads
        if downloads is None:
            raise Conflict("This server does not download voices.")
        headers = {"Cache-Control": f"private, max-age={_KEEP_SECONDS}"}
        return Response(await downloads.samples.get(voice), media_type="audio/mpeg", headers=headers)

    return routes
