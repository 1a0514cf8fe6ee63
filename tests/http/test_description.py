"""The OpenAPI description at `/openapi.json`."""

import asyncio
import threading
from typing import Any

from fastapi import FastAPI

from tests.http.serving import serve
from wyoming_piper_serial.http.description import Description


async def test_description_of_all_endpoints() -> None:
    """`/openapi.json` describes all endpoints, so that clients can be generated from it."""
    async with serve() as bench:
        paths = (await bench.get("/openapi.json")).json()["paths"]
    assert set(paths["/api/text-to-speech"]) == {"get", "post"}
    assert {"/v1/audio/speech", "/v1/models", "/api/voices", "/health", "/metrics"} <= set(paths)
    assert "/openapi.json" not in paths


class _SlowApp(FastAPI):
    """An application whose description is complete only when `released` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()
        self.created = 0

    def openapi(self) -> dict[str, Any]:
        self.created += 1
        assert self.released.wait(10)
        return super().openapi()


async def test_description_is_created_once_and_in_a_thread() -> None:
    """The event loop serves others while the description is created. All requests share it, also if the request that
    began to create it is cancelled."""
    app = _SlowApp()
    description = Description(app)
    first, *others = [asyncio.create_task(description.response()) for _ in range(5)]
    while not app.created:
        await asyncio.sleep(0.001)  # polls, because the description is created in a thread
    first.cancel()
    app.released.set()
    responses = await asyncio.gather(*others, description.response())
    assert {response.body for response in responses} == {responses[0].body}
    assert b'"openapi"' in responses[0].body
    assert app.created == 1
    assert first.cancelled() or first.cancelling()
