"""Guards and fixtures for all tests."""

import gc
import importlib
import itertools
import os
import pkgutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import wyoming_piper_serial
from tests.loop_guard import LoopGuard
from tests.tracing import Tracing, current_tracing, traced_by, untraced

if TYPE_CHECKING:
    from tests.fixture_voices import FixtureVoices

# Disable the time limit for examples in property tests, because the first example can exceed it on a busy machine.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")

_TRACING = pytest.StashKey[Tracing]()
_FIRST_WORKER = "gw0"  # the name of the first process of pytest-xdist


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Import all modules of the package while coverage is measured. Test collection itself is not measured. If several
    processes run the tests, only the first of them does this, because it takes several seconds.

    The garbage collector is off, because almost all objects that are created here live until the end.
    """
    gc.disable()
    session.config.stash[_TRACING] = current_tracing()
    if session.config.stash[_TRACING].active and os.environ.get("PYTEST_XDIST_WORKER", _FIRST_WORKER) == _FIRST_WORKER:
        for module in pkgutil.walk_packages(wyoming_piper_serial.__path__, "wyoming_piper_serial."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    try:
        with untraced():
            return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Exclude the work of pytest itself from the coverage measurement."""
    with untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    with traced_by(request.config.stash[_TRACING]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    unmeasured = pyfuncitem.get_closest_marker("unmeasured") is not None
    with untraced() if unmeasured else traced_by(pyfuncitem.config.stash[_TRACING]):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    with traced_by(item.config.stash[_TRACING]):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """If several processes run the tests, run integration tests and others alternately, file by file, because most
    integration tests wait and most others compute. The tests with real models take the longest of the others, so they
    are the first of them.

    Coverage is not measured in integration tests, because their servers run in processes of their own.
    """
    if any(item.get_closest_marker("no_cover") for item in items):
        raise pytest.UsageError("use the mark `unmeasured`: `no_cover` replaces the trace function of all later tests")
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
        if "integration" in item.path.parts:
            item.add_marker("unmeasured")
    if "PYTEST_XDIST_WORKER" in os.environ:
        waiting = [file for file in files if "integration" in file.parts]
        computing = sorted((file for file in files if file not in waiting), key=lambda file: "model" not in file.parts)
        alternately = itertools.chain.from_iterable(itertools.zip_longest(waiting, computing))
        items[:] = [item for file in alternately if file is not None for item in files[file]]


def pytest_collection_finish() -> None:
    """Exempt the objects in all imported modules from garbage collection, because a full collection takes half a
    second."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test if a callback blocks the event loop.

    Integration tests are exempt, because their server runs in another process.
    """
    if "integration" in item.path.parts:
        return (yield)
    with LoopGuard() as guard:
        result = yield
    assert not guard.offences, "the event loop was blocked: " + "; ".join(guard.offences)
    return result


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Describe unequal audio by its lengths and the first difference. The default is a list of all bytes, which hides
    the name of the failed test in the output of continuous integration."""
    if op != "==" or not (isinstance(left, bytes) and isinstance(right, bytes)) or max(len(left), len(right)) < 1000:
        return None
    shorter = min(len(left), len(right))
    same = next((at for at in range(shorter) if left[at] != right[at]), shorter)
    return [f"{len(left)} bytes == {len(right)} bytes", f"They differ from byte {same} on."]


@pytest.fixture
def quick_collection() -> None:
    """Limit `gc.collect()` and `gc.get_objects()` to objects created by the test. A full collection would take longer
    than the loop guard allows for a callback."""
    gc.freeze()


@pytest.fixture(scope="session")
def run_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder shared by all worker processes of this test run."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder = shared / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _cache_of_the_run(run_directory: Path) -> Iterator[None]:
    """Keep caches in a folder of the test run. Each model is then split only once, and the user's cache does not
    change."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_CACHE_HOME", str(run_directory))
        yield


@pytest.fixture(scope="session")
def fixture_voices(run_directory: Path) -> "FixtureVoices":
    """Return the voices in `tests/fixture_voices.py`. Each voice is loaded only once for all tests."""
    from tests.fixture_voices import FixtureVoices  # noqa: PLC0415 -- most tests need no onnxruntime

    return FixtureVoices(run_directory)


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a user without a home folder, such as a user in a container that has a user ID but no account."""
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 3_999_999_999)
