"""Each package imports only the packages that it may import, and slow libraries are imported only after the server
listens. CONTRIBUTING.md describes the packages."""

import ast
import functools
import gc
import graphlib
import subprocess
import sys
from pathlib import Path

import pytest

import wyoming_piper_serial

pytestmark = pytest.mark.unmeasured  # no coverage: the tests read the source code, but do not run it

_PACKAGE = Path(wyoming_piper_serial.__file__).parent
_EVERYWHERE = {
    "settings",
    "exceptions",
    "shutdown",
    "turns",
    "child",
    "installation",
    "suggestions",
    "wording",
    "__init__",
}

# The packages that each package may import, in addition to itself and _EVERYWHERE. A package is listed before the
# packages that it may import.
_ALLOWED: dict[str, set[str]] = {
    "__main__": {"cli"},
    "cli": {"audio", "network", "observe", "phonemes", "prepare", "pronunciation", "reloading", "voices"},
    "prepare": {"app", "machine", "model", "network", "observe", "phonemes", "pronunciation", "reloading", "voices"},
    "app": {
        "background",
        "engine",
        "http",
        "machine",
        "model",
        "network",
        "observe",
        "pauses",
        "pronunciation",
        "reloading",
        "signals",
        "synthesis",
        "voices",
        "wyoming",
    },
    "wyoming": {"engine", "network", "observe", "synthesis", "voices"},
    "http": {"audio", "network", "observe", "pronunciation", "synthesis", "text", "voices"},
    "synthesis": {"engine", "observe", "text", "voices"},
    "pronunciation": {"phonemes", "text", "voices"},
    "network": {"observe"},
    "engine": {"audio", "model", "observe"},
    "voices": {"background", "model", "phonemes", "text"},
    "model": {"phonemes"},
    "phonemes": set(),
    "text": set(),
    "audio": set(),
    "observe": set(),
    "pauses": {"background"},
    "background": set(),
    "machine": set(),
    "reloading": set(),
    "signals": set(),
    "shutdown": set(),
    "turns": set(),
    "child": set(),
    "installation": set(),
    "suggestions": set(),
    "wording": set(),
    "settings": set(),
    "exceptions": set(),
    "__init__": set(),
}

# Libraries that may be imported only after the server listens, because importing them takes longer than importing all
# other modules.
_LATE = {
    *("onnxruntime", "onnx", "piper", "soxr", "av"),
    *("fastapi", "starlette", "pydantic", "uvicorn", "websockets", "prometheus_client"),
    *("httpx", "zeroconf", "tqdm"),
}
_MODULES = sorted(_PACKAGE.rglob("*.py"))
_TESTS = Path(__file__).parent

# Modules without a separate test file. Each value is the file whose tests cover the module.
_TESTED_ELSEWHERE = {
    "engine.candidate": "engine/test_scheduler.py",  # The module defines only fields.
    "__main__": "integration/conftest.py",  # The fixtures start every server with this module.
    "http.body": "http/voices/test_changing.py",  # The tests in that file send request bodies of all sizes.
    "http.context": "http/serving.py",  # The module defines only fields.
    "http.operations": "http/test_api.py",  # The responses of these endpoints are built in observe.views.
    "http.owners": "http/test_connection.py",  # The module defines only types.
    "http.scopes": "http/test_connection.py",  # Every test in that file runs an application with these functions.
    "http.response": "http/test_api.py",  # Every endpoint that returns speech uses this response.
    "http.tried_entries": "http/voices/test_changing.py",  # The tests in that file try out entries.
    # The following modules contain endpoints without logic of their own. The tests of these endpoints use real files.
    "http.voices.lexicon": "http/voices/test_changing.py",
    "http.voices.listing": "http/voices/test_changing.py",
    "http.voices.preset_items": "http/voices/test_changing.py",
    "http.voices.presets": "http/voices/test_changing.py",
    "http.voices.uploads": "http/voices/test_changing.py",
    "settings.limits": "settings/test_option.py",  # The module defines only fields, each with its option.
    "settings.sharing": "settings/test_option.py",
    "settings.speech": "settings/test_option.py",
    "voices.changes": "http/voices/test_changing.py",  # The tests in that file inspect the changed files.
    "voices.uploads": "http/voices/test_changing.py",
}


def _parsed(module: Path) -> ast.Module:
    # In Python 3.11, a garbage collection during `ast.parse` fails if hypothesis has installed its callback for the
    # collector (CPython issue 106905).
    gc.disable()
    try:
        return ast.parse(module.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def _name(module: Path) -> str:
    """Return the name of the module inside the package, such as `engine.scheduler`. The name of an `__init__.py` is
    the name of its folder."""
    parts = module.relative_to(_PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


_NAMES = {_name(module) for module in _MODULES}


def _imported(module: Path) -> set[str]:
    """Return the modules of this package that `module` imports anywhere, including imports only for type checking."""
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


@functools.cache
def _imports() -> dict[str, set[str]]:
    """Return the modules that each module imports."""
    return {_name(module): _imported(module) for module in _MODULES}


@pytest.mark.parametrize("name", sorted(_NAMES))
def test_module_imports_only_what_its_package_may(name: str) -> None:
    """A module imports only those packages that its own package may import."""
    package = _package_of(name)
    assert {_package_of(other) for other in _imports()[name]} - {package} <= _ALLOWED[package] | _EVERYWHERE


@pytest.mark.parametrize("package", sorted(_ALLOWED))
def test_every_permission_is_used(package: str) -> None:
    """Each package uses all imports that the table permits, so the table contains no unnecessary permissions."""
    used = {
        _package_of(other) for name, others in _imports().items() if _package_of(name) == package for other in others
    }
    assert used >= _ALLOWED[package]


def test_every_package_has_a_rule() -> None:
    """The table of permitted imports lists exactly the packages of the program."""
    assert {_package_of(name) for name in _NAMES} == set(_ALLOWED)


def test_no_package_imports_from_above() -> None:
    """In the table of permitted imports, each package may import only packages that come after it."""
    order = list(_ALLOWED)
    for package, allowed in _ALLOWED.items():
        assert all(order.index(other) > order.index(package) for other in allowed), package


def test_no_modules_import_each_other() -> None:
    """The imports between modules contain no cycle. Imports in functions and for type checking also count."""
    graph = {name: others - {name} for name, others in _imports().items()}
    list(graphlib.TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle


@pytest.mark.parametrize("package", ["model", "phonemes", "text", "audio"])
def test_synchronous_packages_know_no_event_loop(package: str) -> None:
    """Packages that are pure or run in the worker thread do not import asyncio."""
    for module in (_PACKAGE / package).rglob("*.py"):
        imports = [node for node in ast.walk(_parsed(module)) if isinstance(node, ast.Import)]
        assert "asyncio" not in {alias.name for node in imports for alias in node.names}, module


@pytest.mark.parametrize("module", _MODULES, ids=_name)
def test_no_module_is_too_long(module: Path) -> None:
    """No module has more than 400 lines."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400


def _programs() -> list[Path]:
    """Return the Python programs in `script/`."""
    files = (
        path for path in (_TESTS.parent / "script").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return sorted(
        path for path in files if path.suffix == ".py" or path.read_bytes().startswith(b"#!/usr/bin/env python")
    )


@pytest.mark.parametrize("program", _programs(), ids=lambda program: program.name)
def test_programs_switch_telemetry_off_first(program: Path) -> None:
    """Each program imports `wyoming_piper_serial` before onnxruntime and piper, because this package switches off
    onnxruntime's telemetry."""
    imports = [node for node in _parsed(program).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = [
        (node.module or "").partition(".")[0] if isinstance(node, ast.ImportFrom) else alias.name
        for node in imports
        for alias in node.names
    ]
    sending = [at for at, name in enumerate(names) if name in {"onnxruntime", "piper"}]
    assert not sending or _PACKAGE.name in names[: sending[0]]


def _test_file(name: str) -> Path:
    *folders, module = name.split(".")
    return _TESTS.joinpath(*folders, f"test_{module}.py")


@pytest.mark.parametrize("name", sorted(_name(module) for module in _MODULES if module.name != "__init__.py"))
def test_module_has_its_test_file(name: str) -> None:
    """The tests of a module are in a file at the same path, such as engine/test_scheduler.py for engine/scheduler.py.

    Exceptions are listed in _TESTED_ELSEWHERE.
    """
    elsewhere = _TESTED_ELSEWHERE.get(name)
    if elsewhere is None:
        assert _test_file(name).is_file(), f"{_test_file(name)} is missing"
    else:
        assert (_TESTS / elsewhere).is_file()
        assert not _test_file(name).exists(), "it need not be listed as tested elsewhere"


def test_only_modules_are_listed_as_tested_elsewhere() -> None:
    """_TESTED_ELSEWHERE lists only modules that exist."""
    assert set(_TESTED_ELSEWHERE) <= _NAMES


def test_first_log_line_comes_before_slow_imports(tmp_path: Path) -> None:
    """The server logs its first line before it imports a slow library, asyncio, sockets or its own components.

    A child process prints the names of its imported modules in the handler of the first log line.
    """
    config = tmp_path / "config"
    config.write_text("http-uri = tcp://127.0.0.1:0\nvoice = en_US-joe-medium\n")
    child = """
import os, sys
from logging import StreamHandler
def emit(self, record):
    print(record.getMessage(), *sorted(sys.modules), sep="\\n", flush=True)
    os._exit(0)
StreamHandler.emit = emit
from wyoming_piper_serial.cli.main import main
main(["--config", sys.argv[1], "--zeroconf", "--offer-downloads", "--lexicon", sys.argv[1]])
"""
    arguments = [sys.executable, "-c", child, str(config)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    line, *imported = done.stdout.splitlines()
    assert line.startswith("Loading voice en_US-joe-medium")
    late = {*_LATE, "numpy", "asyncio", "socket", "ssl", "http", "email", "difflib", "tempfile", "subprocess"}
    assert {name.partition(".")[0] for name in imported} & late == set()
    components = {name.split(".")[1] for name in imported if name.startswith("wyoming_piper_serial.")}
    assert components <= {"cli", "exceptions", "observe", "settings", "suggestions", "wording"}


def test_server_listens_before_it_imports_what_is_slow() -> None:
    """The server does not import a slow library before its Wyoming port listens.

    A child process prints the names of its imported modules when the Wyoming server is about to listen.
    """
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
    # A new process is used, because this process has already imported modules for the tests, coverage or an editor.
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, timeout=60, check=True)  # noqa: S603
    imported = set(done.stdout.split())
    assert "wyoming_piper_serial.engine.engine" in imported
    assert {name.partition(".")[0] for name in imported} & _LATE == set()
