"""A fixture that starts a Wyoming server for a test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from tests.wyoming.peers import ENTRY, Open, Server
from wyoming_piper_serial.settings import Settings


@pytest.fixture
def serving() -> Open:
    @contextlib.asynccontextmanager
    async def serve(on_run: Callable[[str], None] = lambda text: None, **changes: Any) -> AsyncIterator[Server]:
        server = Server(Settings(voice=ENTRY.name, **changes), on_run)
        engine = asyncio.create_task(server.engine.run())
        try:
            yield server
        finally:
            await server.close()
            engine.cancel()
            await asyncio.gather(engine, return_exceptions=True)

    return serve
