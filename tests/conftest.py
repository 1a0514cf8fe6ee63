"""Guards for every test."""

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
    """Take what all modules hold out of the garbage collector's way: a full collection took half a second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test in which a callback blocked its event loop.

    Integration tests hold only their own loop: their server is another process.
    """
    if "integration" in item.path.parts:
        return (yield)
    with LoopGuard() as guard:
        result = yield
    assert not guard.offences, "the event loop was blocked: " + "; ".join(guard.offences)
    return result


@pytest.fixture
def quick_collection() -> None:
    """`gc.collect()` goes through what is new only: all of a test run takes longer than a test may hold its loop."""
    gc.freeze()


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of a test run share."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_run(run_directory: Path) -> Iterator[None]:
    """Keep caches in a folder of the test run: each model is cut once, and nobody's own cache is touched."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(run_directory))
        yield


@pytest.fixture(scope="session")
def fixture_voices(run_directory: Path) -> "FixtureVoices":
    """The small voices, each unpacked, cut and loaded once for all tests."""
    from tests.fixture_voices import FixtureVoices  # noqa: PLC0415 -- most tests need no onnxruntime

    return FixtureVoices(run_directory)
