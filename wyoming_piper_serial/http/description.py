"""The OpenAPI description of all endpoints at `/openapi.json`."""

import asyncio
import json

from fastapi import FastAPI, Response

from wyoming_piper_serial.http.shared_result import SharedResult


class Description:
    """The OpenAPI description. It is created on the first request, because few clients need it.

    Creating the description takes a tenth of a second, or several times as long on a slow machine. It is therefore
    created in a thread, and only once.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._json: bytes | None = None
        self._shared = SharedResult(self._get)

    async def response(self) -> Response:
        return Response(await self._shared.get(), media_type="application/json")

    async def _get(self) -> bytes:
        if self._json is None:
            self._json = await asyncio.to_thread(lambda: json.dumps(self._app.openapi()).encode())
        return self._json
