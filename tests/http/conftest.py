"""Fixtures for the HTTP tests. A request is sent before the first test, because the first request imports many modules,
which blocks the event loop for too long."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI

from tests.http.connection_bench import Bench
from tests.http.serving import serve
from wyoming_piper_serial.audio.containers import available_formats
from wyoming_piper_serial.settings import Timeouts


@pytest.fixture(scope="package", autouse=True)
def _one_description() -> Iterator[None]:
    """Create the OpenAPI description only once, because this takes most of the time needed to create a server. The
    description is the same for all servers."""
    create = FastAPI.openapi
    created: list[dict[str, Any]] = []

    def describe(app: FastAPI) -> dict[str, Any]:
        if not created:
            created.append(create(app))
        return created[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FastAPI, "openapi", describe)
        yield


@pytest.fixture(scope="session", autouse=True)
def _all_is_imported() -> None:
    available_formats()
    asyncio.run(_one_request())


async def _one_request() -> None:
    async with serve() as bench:
        await bench.get("/health")


@pytest.fixture
def bench() -> Bench:
    """Return a bench whose connections have normal timeouts."""
    return Bench(Timeouts(event=10, idle=0, stall=60))
