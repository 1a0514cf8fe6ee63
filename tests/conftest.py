"""Guards and fixtures for all tests."""

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.loop_guard import LoopGuard

if TYPE_CHECKING:
    from tests.fixture_voices import FixtureVoices


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Several processes take the integration tests first, which wait, and fill up with the short ones."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        items.sort(key=lambda item: "integration" not in item.path.parts)


def pytest_collection_finish() -> None:
    """Exempt the objects of all imported modules from garbage collection: a full collection took half a second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test if a callback blocked its event loop.

    Integration tests are exempt: their server has its own loop in another process.
    """
    if "integration" in item.path.parts:
        return (yield)
    with LoopGuard() as guard:
        result = yield
    assert not guard.offences, "the event loop was blocked: " + "; ".join(guard.offences)
    return result


@pytest.fixture
def quick_collection() -> None:
    """Limit `gc.collect()` to new objects: a full collection would exceed the time that a callback may take."""
    gc.freeze()


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the worker processes of a test run share."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_run(run_directory: Path) -> Iterator[None]:
    """Keep caches in a folder of the test run, so that each model is cut once and the user's own cache is not
    changed."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(run_directory))
        yield


@pytest.fixture(scope="session")
def fixture_voices(run_directory: Path) -> "FixtureVoices":
    """The small voices. Each is unpacked, cut and loaded once for all tests."""
    from tests.fixture_voices import FixtureVoices  # noqa: PLC0415 -- most tests need no onnxruntime

    return FixtureVoices(run_directory)


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user has no home folder, like a container's user that is only a number."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
