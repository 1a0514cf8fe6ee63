"""The endpoints for operators and orchestrators, and the web page."""

import asyncio
import json
from functools import partial
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from wyoming_piper_serial import __version__
from wyoming_piper_serial.http.context import HttpContext
from wyoming_piper_serial.http.page_files import PageFiles
from wyoming_piper_serial.http.shared_result import SharedResult
from wyoming_piper_serial.observe import views
from wyoming_piper_serial.observe.prometheus import Exposition


async def _activity_json(context: HttpContext) -> bytes:
    """Encodes the recent utterances as JSON in a thread, because encoding many utterances takes about 50 ms."""
    activity, snapshot, state = context.activity(), context.snapshot(), context.state()
    return await asyncio.to_thread(lambda: json.dumps(views.activity(activity, snapshot, state=state)).encode())


def router(context: HttpContext) -> APIRouter:
    """Returns the endpoints for health, metrics, activity and the web page."""
    routes = APIRouter()
    files = PageFiles()
    activity_json = SharedResult(partial(_activity_json, context))
    exposition = Exposition(context.snapshot, version=__version__, provider=context.provider)

    def health(*, ok: bool) -> JSONResponse:
        body = views.health(
            context.snapshot(),
            state=context.state(),
            unhealthy_reason=context.unhealthy_reason(),
            provider=context.provider,
            version=__version__,
            arriving=context.registry.shares(),
        )
        return JSONResponse(body, 200 if ok else 503, headers={"Cache-Control": "no-store"})

    not_ok: dict[int | str, dict[str, Any]] = {503: {"description": "The check failed."}}

    @routes.get("/health", responses=not_ok, tags=["operation"])
    async def whole() -> JSONResponse:
        """Reports whether the server answers requests, and how many requests are waiting."""
        return health(ok=context.state() is views.HealthState.READY)

    @routes.get("/health/ready", responses=not_ok, tags=["operation"])
    async def ready() -> JSONResponse:
        """Reports whether requests should be sent to this server.

        Requests should not be sent while the default voice is loading, a model run hangs, or the server is shutting
        down.
        """
        return health(ok=context.state() is views.HealthState.READY)

    @routes.get("/health/live", responses=not_ok, tags=["operation"])
    async def live() -> JSONResponse:
        """Reports whether the server can continue. The check fails only while a model run hangs. The server must then
        be restarted."""
        return health(ok=context.state() is not views.HealthState.HUNG)

    @routes.get("/metrics", response_class=Response, tags=["operation"])
    async def metrics() -> Response:
        """Returns all metrics in Prometheus's text format."""
        body, media_type = exposition.text()
        return Response(body, headers={"Content-Type": media_type})

    @routes.get("/api/activity", tags=["operation"])
    async def activity() -> Response:
        """Lists the utterances that are waiting, are being spoken, or ended in the last minute."""
        return Response(await activity_json.get(), headers={"Cache-Control": "no-store"}, media_type="application/json")

    @routes.get("/", include_in_schema=False)
    async def page(request: Request) -> Response:
        return files.response("index.html", request)

    @routes.get("/page/{name}", include_in_schema=False)
    async def page_file(name: str, request: Request) -> Response:
        return files.response(name, request)

    return routes
