"""The endpoints for downloads of public voices."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.voices.remote.manager import Progress


class DownloadItem(BaseModel):
    """A download of a voice."""

    name: str
    state: Annotated[
        Literal["waiting", "running", "failed"],
        Field(description="A waiting download begins when another one has ended. A failed one can be started again."),
    ]
    received: Annotated[int, Field(description="Number of bytes on this machine.")]
    total: Annotated[int, Field(description="Number of bytes of the voice.")]
    percent: Annotated[int, Field(description="The part that is on this machine, from 0 to 100.")]
    reason: Annotated[str | None, Field(description="Why the download failed.")] = None


class DownloadList(BaseModel):
    """The running, waiting and failed downloads."""

    downloads: list[DownloadItem]


def item_of(name: str, progress: Progress) -> DownloadItem:
    """Returns the list item for a running or waiting download."""
    return DownloadItem(
        name=name,
        state="waiting" if progress.is_waiting else "running",
        received=progress.received,
        total=progress.total,
        percent=int(100 * progress.share),
    )


def failed_item(name: str, reason: str) -> DownloadItem:
    """Returns the list item for a failed download."""
    return DownloadItem(name=name, state="failed", received=0, total=0, percent=0, reason=reason)


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoint `/api/voices/downloads`."""
    routes = APIRouter(prefix="/api/voices", tags=["voices"])

    @routes.get("/downloads")
    async def downloads() -> DownloadList:
        """Lists the running, waiting and failed downloads."""
        registry = context.registry
        running = [item_of(*one) for one in registry.arriving().items()]
        failed = [failed_item(*one) for one in registry.failed_downloads().items()]
        return DownloadList(downloads=running + failed)

    return routes
