"""The endpoints that change individual voices: default voice, downloads and removal."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from wyoming_piper_serial.http.access import CHANGES, change_refusal
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.response import Parameters
from wyoming_piper_serial.settings import MEBIBYTE
from wyoming_piper_serial.voices.choices import MAX_NAME

Name = Annotated[str, Path(min_length=1, max_length=MAX_NAME, description="Name of the voice.")]


class DefaultBody(Parameters):
    """The body of a request that sets the default voice."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[
        str | None,
        Field(
            min_length=1, max_length=MAX_NAME, description="A voice or a preset; null means the voice of the server."
        ),
    ]


class Default(BaseModel):
    """The current default voice, and whether it can be changed."""

    name: str
    is_fixed: Annotated[bool, Field(description="Whether the operator has set it, so that it cannot be changed.")]


class Rights(BaseModel):
    """Whether this client may change voices."""

    may_change: bool
    reason: Annotated[str | None, Field(description="The reason, if changes are not allowed.")]
    code: Annotated[str | None, Field(description="The error code that a change would get.")]
    max_upload: Annotated[int, Field(description="Maximum number of bytes of an uploaded model.")]
    is_default_fixed: Annotated[bool, Field(description="Whether the operator has set the default voice.")]


class Accepted(BaseModel):
    """A download that has been accepted."""

    name: str
    status: Literal["accepted"] = "accepted"


class Removed(BaseModel):
    """The result of removing a voice."""

    freed: Annotated[int, Field(description="Number of bytes that were freed.")]


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints under `/api/voices` that change individual voices."""
    routes = APIRouter(prefix="/api/voices", tags=["voices"])

    @routes.get("/rights")
    async def rights(request: Request) -> Rights:
        """Reports whether this client may change voices."""
        refusal = change_refusal(request.scope)
        return Rights(
            may_change=refusal is None,
            reason=None if refusal is None else str(refusal),
            code=None if refusal is None else refusal.code,
            max_upload=context.settings.limits.max_upload * MEBIBYTE,
            is_default_fixed=context.settings.is_voice_given,
        )

    @routes.get("/default")
    async def default() -> Default:
        """Returns the default voice."""
        return Default(name=context.changes.default, is_fixed=context.settings.is_voice_given)

    @routes.put("/default", **CHANGES)
    async def set_default(body: DefaultBody) -> Default:
        """Sets the default voice, which is used for requests that do not name one."""
        await context.changes.set_default(body.name)
        return Default(name=context.changes.default, is_fixed=False)

    @routes.put("/{name}/download", status_code=202, **CHANGES)
    async def download(name: Name) -> Accepted:
        """Starts the download of a public voice. `/api/voices/downloads` shows the progress."""
        return Accepted(name=context.changes.start_download(name))

    @routes.delete("/{name}/download", status_code=204, **CHANGES)
    async def cancel(name: Name) -> None:
        """Cancels a download. The received bytes are kept, and the next download resumes from there."""
        context.changes.cancel_download(name)

    @routes.delete("/{name}", **CHANGES)
    async def remove(name: Name) -> Removed:
        """Removes the files of a voice, including those of an unfinished download."""
        return Removed(freed=await context.changes.remove(name))

    return routes
