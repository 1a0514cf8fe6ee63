"""The OpenAPI description at `/openapi.json`."""

import asyncio
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI

from tests.fakes import Gate
from tests.http.serving import serve
from wyoming_piper_serial.http.description import Description
from wyoming_piper_serial.http.websocket_speech import StartMessage


async def test_description_of_all_endpoints() -> None:
    """`/openapi.json` describes all endpoints, so that clients can be generated from it."""
    async with serve() as bench:
        paths = (await bench.get("/openapi.json")).json()["paths"]
    assert set(paths["/api/text-to-speech"]) == {"get", "post"}
    assert {"/v1/audio/speech", "/v1/models", "/api/voices", "/health", "/metrics"} <= set(paths)
    assert "/openapi.json" not in paths


class _SlowApp(FastAPI):
    """An application whose description is complete only when `gate` is open."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()
        self.created = 0

    def openapi(self) -> dict[str, Any]:
        self.created += 1
        self.gate.hold()
        return super().openapi()


async def test_description_is_created_once_and_in_a_thread() -> None:
    """The event loop serves others while the description is created. All requests share it, also if the request that
    began to create it is cancelled."""
    app = _SlowApp()
    description = Description(app)
    first, *others = [asyncio.create_task(description.response()) for _ in range(5)]
    assert await asyncio.to_thread(app.gate.entered.wait, 10)
    first.cancel()
    app.gate.open()
    responses = await asyncio.gather(*others, description.response())
    assert {response.body for response in responses} == {responses[0].body}
    assert b'"openapi"' in responses[0].body
    assert app.created == 1
    assert first.cancelled() or first.cancelling()


def _unbounded(schema: dict[str, Any], name: str) -> Iterator[str]:
    """Yield the names of the strings in a JSON schema that have no maximum length."""
    for key, part in schema.get("properties", {}).items():
        yield from _unbounded(part, key)
    for part in schema.get("anyOf", []):
        yield from _unbounded(part, name)
    if schema.get("type") == "string" and not schema.keys() & {"maxLength", "enum", "const", "format"}:
        yield name


async def test_each_name_in_a_request_has_a_maximum_length() -> None:
    """Only texts may be long. A long name would need time when it is compared, and memory until the request ends."""
    async with serve() as bench:
        described = (await bench.get("/openapi.json")).json()
    schemas = described["components"]["schemas"]
    found: set[str] = set(_unbounded(StartMessage.model_json_schema(), ""))
    for operations in described["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                found |= set(_unbounded(parameter["schema"], parameter["name"]))
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                name = schema.get("$ref", "").rpartition("/")[2]
                found |= set(_unbounded(schemas[name] if name else schema, "body"))
    # `body` is the plain text of `POST /api/text-to-speech`. `model` has no effect.
    assert found == {"text", "input", "body", "model"}
