"""The OpenAPI description of all endpoints at `/openapi.json`."""

import asyncio
import json

from fastapi import FastAPI, Response


class Description:
    """Creates the description when it is requested for the first time, because few clients need it.

    Creating it takes a tenth of a second, or several times as long on a slow machine. It is therefore created in a
    thread, and only once: simultaneous requests share the result.
    """

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._creating: asyncio.Task[bytes] | None = None

    async def response(self) -> Response:
        if self._creating is None:
            self._creating = asyncio.create_task(asyncio.to_thread(self._create))
        return Response(await asyncio.shield(self._creating), media_type="application/json")

    def _create(self) -> bytes:
        return json.dumps(self._app.openapi()).encode()
