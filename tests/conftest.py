"""Guards for every test."""

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.fixture_voices import FixtureVoices

# Far above a busy machine's hiccups, far below a model run or a model load.
_BLOCKED_SECONDS = 0.5


def pytest_collection_finish() -> None:
    """What all the modules hold is not gone through again: on a slow machine that took half a second, in any test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
async def _nothing_blocks_the_loop(
    request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[None]:
    """A callback that holds the event loop fails the test that ran it.

    Integration tests hold only their own loop: their server is another process.
    """
    if "integration" in request.path.parts:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    loop.slow_callback_duration = _BLOCKED_SECONDS
    yield
    slow = [
        record.getMessage()
        for record in caplog.get_records("call")
        if record.name == "asyncio" and record.levelno >= logging.WARNING and "took" in record.getMessage()
    ]
    assert not slow, f"the event loop was blocked: {slow}"


@pytest.fixture
def quick_collection() -> None:
    """`gc.collect()` goes through what is new only: all of a test run takes longer than a test may hold its loop."""
    gc.freeze()


@pytest.fixture(scope="session")
def fixture_voices(tmp_path_factory: pytest.TempPathFactory) -> "FixtureVoices":
    """The small voices, each unpacked and loaded once for all tests."""
    from tests.fixture_voices import FixtureVoices  # noqa: PLC0415 -- most tests need no onnxruntime

    return FixtureVoices(tmp_path_factory.mktemp("voices"), {})


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user has no home folder, as a container's user that is only a number."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
