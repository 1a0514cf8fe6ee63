"""What operators and orchestrators ask, and the page that people look at."""

import asyncio
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, JSONResponse
from fastapi.staticfiles import StaticFiles

from wyoming_piper_serial import __version__
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.observe import views
from wyoming_piper_serial.observe.prometheus import Exposition

_PAGE = Path(__file__).parent / "page"


def page_files() -> StaticFiles:
    """The files that the page is made of."""
    return StaticFiles(directory=_PAGE)


class _Picture:
    """The queue as JSON, made once for all who ask while it is made: a crowd's takes some 50 ms."""

    def __init__(self, context: HttpContext) -> None:
        self._context = context
        self._making: asyncio.Task[bytes] | None = None

    async def body(self) -> bytes:
        if self._making is None or self._making.done():
            self._making = asyncio.create_task(self._make())
        return await asyncio.shield(self._making)

    async def _make(self) -> bytes:
        seen, snapshot = self._context.activity(), self._context.snapshot()
        return await asyncio.to_thread(lambda: json.dumps(views.activity(seen, snapshot)).encode())


def router(context: HttpContext) -> APIRouter:
    """Health, figures, the picture of the queue, and the page."""
    routes = APIRouter()
    picture = _Picture(context)
    exposition = Exposition(context.snapshot, version=__version__, provider=context.provider)

    def health(*, well: bool) -> JSONResponse:
        body = views.health(
            context.snapshot(),
            state=context.state(),
            unhealthy_reason=context.unhealthy_reason(),
            provider=context.provider,
            version=__version__,
            arriving=context.registry.arriving(),
        )
        return JSONResponse(body, 200 if well else 503, headers={"Cache-Control": "no-store"})

    unwell: dict[int | str, dict[str, Any]] = {503: {"description": "No."}}

    @routes.get("/health", responses=unwell, tags=["operation"])
    async def whole() -> JSONResponse:
        """Whether requests are spoken, and how many wait."""
        return health(well=context.state() is views.HealthState.READY)

    @routes.get("/health/ready", responses=unwell, tags=["operation"])
    async def ready() -> JSONResponse:
        """Whether requests may be sent here: not while the default voice loads, a step hangs, or the server ends."""
        return health(well=context.state() is views.HealthState.READY)

    @routes.get("/health/live", responses=unwell, tags=["operation"])
    async def live() -> JSONResponse:
        """Whether a restart would mend nothing: only a step that hangs wants one."""
        return health(well=context.state() is not views.HealthState.HUNG)

    @routes.get("/metrics", response_class=Response, tags=["operation"])
    async def metrics() -> Response:
        """All figures, for Prometheus."""
        body, media_type = exposition.text()
        return Response(body, headers={"Content-Type": media_type})

    @routes.get("/api/activity", tags=["operation"])
    async def activity() -> Response:
        """Who waits, who is spoken to, and who was a moment ago."""
        return Response(await picture.body(), headers={"Cache-Control": "no-store"}, media_type="application/json")

    @routes.get("/", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(_PAGE / "index.html")

    return routes
