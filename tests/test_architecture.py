"""The layout: which package may import which, and what may be imported before the server listens. See
CONTRIBUTING.md."""

import ast
import gc
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import wyoming_piper_serial

_PACKAGE = Path(wyoming_piper_serial.__file__).parent
_EVERYWHERE = {"settings", "exceptions", "shutdown", "__init__"}

# The packages that each package may import, besides itself and _EVERYWHERE. Each stands before those that it may
# import.
_ALLOWED: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"observe", "prepare", "voices"},
    "prepare": {"app", "machine", "model", "network", "observe", "voices"},
    "app": {"engine", "http", "machine", "model", "network", "observe", "synthesis", "voices", "wyoming"},
    "wyoming": {"engine", "network", "observe", "synthesis", "voices"},
    "http": {"audio", "network", "observe", "synthesis", "voices"},
    "synthesis": {"engine", "observe", "text", "voices"},
    "network": {"observe"},
    "engine": {"audio", "model", "observe"},
    "voices": {"model", "phonemes"},
    "model": {"phonemes"},
    "phonemes": set(),
    "text": set(),
    "audio": set(),
    "observe": set(),
    "machine": set(),
    "shutdown": set(),
    "settings": set(),
    "exceptions": set(),
    "__init__": set(),
}

# These take longer to import than all others together, so they are imported after the server listens.
_LATE = {
    *("onnxruntime", "onnx", "piper", "soxr", "av"),
    *("fastapi", "starlette", "pydantic", "uvicorn", "websockets", "prometheus_client"),
    *("httpx", "zeroconf", "tqdm"),
}
_MODULES = sorted(_PACKAGE.rglob("*.py"))
_TESTS = Path(__file__).parent

# Modules without a test file of their own: what is wrong with one would show in the tests named here.
_TESTED_ELSEWHERE = {
    "__main__": "integration/conftest.py",  # every server of the integration tests is started by it
    "http.context": "http/serving.py",  # fields alone
    "http.openai": "integration/test_openai.py",  # endpoints; the official client says what they must do
    "http.operations": "http/test_api.py",  # endpoints; what they answer is made in observe.views and tested there
    "http.owners": "http/test_connection.py",  # types alone
    "http.response": "http/test_api.py",  # the answer of every endpoint that speaks
    "settings.limits": "settings/test_option.py",  # fields alone, each with its option
    "settings.sharing": "settings/test_option.py",
    "settings.speech": "settings/test_option.py",
}


def _parsed(module: Path) -> ast.Module:
    # A garbage collection during a parse, with hypothesis's callback, fails in Python 3.11 (CPython issue 106905).
    gc.disable()
    try:
        return ast.parse(module.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def _name(module: Path) -> str:
    """The module's name, such as `engine.scheduler`; a package has the name of its folder."""
    parts = module.relative_to(_PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


_NAMES = {_name(module) for module in _MODULES}


def _imported(module: Path) -> set[str]:
    """The modules of this package that `module` imports anywhere, also for types only."""
    found = set()
    for node in ast.walk(_parsed(module)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            head, _, rest = name.partition(".")
            if head == _PACKAGE.name and rest:
                parts = rest.split(".")
                known = [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
                found.add(next((one for one in known if one in _NAMES), "__init__"))
    return found


def _package_of(name: str) -> str:
    return name.partition(".")[0]


_IMPORTS = {_name(module): _imported(module) for module in _MODULES}


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_module_imports_only_what_its_package_may(name: str) -> None:
    """A module imports only those packages that its own package may import."""
    package = _package_of(name)
    assert {_package_of(other) for other in _IMPORTS[name]} - {package} <= _ALLOWED[package] | _EVERYWHERE


@pytest.mark.parametrize("package", sorted(_ALLOWED))
def test_every_permission_is_used(package: str) -> None:
    """Every permission is used, because an unused one would hide the next wrong import."""
    used = {_package_of(other) for name, others in _IMPORTS.items() if _package_of(name) == package for other in others}
    assert used >= _ALLOWED[package]


def test_every_package_has_a_rule() -> None:
    """Every package has a rule, and every rule has a package."""
    assert {_package_of(name) for name in _NAMES} == set(_ALLOWED)


def test_no_package_imports_from_above() -> None:
    """A package may only import packages that stand after it in the table."""
    order = list(_ALLOWED)
    for package, allowed in _ALLOWED.items():
        assert all(order.index(other) > order.index(package) for other in allowed), package


def test_no_modules_import_each_other() -> None:
    """No modules import each other in a cycle, also not within functions or for types only."""
    graph = {name: others - {name} for name, others in _IMPORTS.items()}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle


@pytest.mark.parametrize("package", ["model", "phonemes", "text", "audio"])
def test_synchronous_packages_know_no_event_loop(package: str) -> None:
    """Packages that run in the worker thread or are pure do not import asyncio."""
    for module in (_PACKAGE / package).rglob("*.py"):
        imports = [node for node in ast.walk(_parsed(module)) if isinstance(node, ast.Import)]
        assert "asyncio" not in {alias.name for node in imports for alias in node.names}, module


@pytest.mark.parametrize("module", _MODULES, ids=_name)
def test_no_module_is_too_long(module: Path) -> None:
    """No module has more than 400 lines."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def _test_file(name: str) -> Path:
    *folders, module = name.split(".")
    return _TESTS.joinpath(*folders, f"test_{module}.py")


@pytest.mark.parametrize("name", sorted(_name(module) for module in _MODULES if module.name != "__init__.py"))
def test_module_has_its_test_file(name: str) -> None:
    """The tests of a module are in a file at the same path, such as engine/test_scheduler.py, or listed above."""
    elsewhere = _TESTED_ELSEWHERE.get(name)
    if elsewhere is None:
        assert _test_file(name).is_file(), f"{_test_file(name)} is missing"
    else:
        assert (_TESTS / elsewhere).is_file()
        assert not _test_file(name).exists(), "it need not be listed as tested elsewhere"


def test_only_modules_are_listed_as_tested_elsewhere() -> None:
    """A module that is gone leaves the list."""
    assert set(_TESTED_ELSEWHERE) <= _NAMES


def test_server_listens_before_it_imports_what_is_slow() -> None:
    """The server imports no slow package before its Wyoming port listens. The child process prints its modules then."""
    child = """
import os, sys
from wyoming_piper_serial.wyoming.server import WyomingServer
async def start(self):
    print(*sorted(sys.modules), flush=True)
    os._exit(0)
WyomingServer.start = start
from wyoming_piper_serial.cli.main import main
main(["--uri", "tcp://127.0.0.1:0", "--http-uri", "tcp://127.0.0.1:0", "--offer-downloads"])
"""
    # A separate process has none of the modules that the tests, coverage or an editor import.
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    imported = set(done.stdout.split())
    assert "wyoming_piper_serial.engine.engine" in imported
    assert {name.partition(".")[0] for name in imported} & _LATE == set()
