"""Fixtures for the HTTP tests. A request is sent before the first test, because the first request imports many modules,
which blocks the event loop for too long."""

import asyncio

import pytest

from tests.http.connection_bench import Bench
from tests.http.serving import serve
from wyoming_piper_serial.audio.containers import available_formats
from wyoming_piper_serial.settings import Timeouts


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
