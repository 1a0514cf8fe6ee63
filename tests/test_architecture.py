"""The import rules of the house (see CONTRIBUTING.md)."""

import ast
import gc
from pathlib import Path

import pytest

import wyoming_piper_serial

_PACKAGE = Path(wyoming_piper_serial.__file__).parent
_EVERYWHERE = {"settings", "exceptions", "shutdown", "__init__"}

# What each package may import besides itself, the settings and the exceptions.
_ALLOWED = {
    "__main__": {"cli"},
    "cli": {"app", "settings", "voices", "model"},
    "app": {"engine", "http", "machine", "model", "network", "observe", "synthesis", "voices", "wyoming"},
    "synthesis": {"engine", "text", "voices"},
    "wyoming": {"engine", "network", "observe", "synthesis", "voices"},
    "http": {"audio", "engine", "network", "observe", "synthesis", "voices"},
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
_MODULES = sorted(_PACKAGE.rglob("*.py"))


def _parsed(module: Path) -> ast.Module:
    # A garbage collection in mid-parse, with hypothesis's callback in it, trips Python 3.11 (CPython issue 106905).
    gc.disable()
    try:
        return ast.parse(module.read_text(encoding="utf-8"))
    finally:
        gc.enable()


def _room(parts: tuple[str, ...]) -> str:
    return parts[0].removesuffix(".py")


def _imported_rooms(module: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(_parsed(module)):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            assert node.level == 0, "imports are absolute"
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            head, *rest = name.split(".")
            if head == _PACKAGE.name and rest:
                rooms.add("__init__" if rest[0] == "__version__" else rest[0])
    return rooms


@pytest.mark.parametrize("module", _MODULES, ids=lambda path: str(path.relative_to(_PACKAGE)))
def test_module_imports_only_what_its_room_may(module: Path) -> None:
    """A room that reaches where it must not is named here."""
    room = _room(module.relative_to(_PACKAGE).parts)
    assert _imported_rooms(module) - {room} <= _ALLOWED[room] | _EVERYWHERE


def test_every_room_has_a_rule() -> None:
    """A new room comes with its import rule, and a rule without a room is old."""
    assert {_room(path.relative_to(_PACKAGE).parts) for path in _MODULES} == set(_ALLOWED)


@pytest.mark.parametrize("room", ["model", "phonemes", "text", "audio"])
def test_synchronous_rooms_know_no_event_loop(room: str) -> None:
    """What runs in the worker thread, and what is pure, does not import asyncio."""
    for module in (_PACKAGE / room).rglob("*.py"):
        imports = [node for node in ast.walk(_parsed(module)) if isinstance(node, ast.Import)]
        assert "asyncio" not in {alias.name for node in imports for alias in node.names}, module


@pytest.mark.parametrize("module", _MODULES, ids=lambda path: str(path.relative_to(_PACKAGE)))
def test_no_module_is_too_long(module: Path) -> None:
    """A module of over 400 lines holds more than one idea."""
    assert len(module.read_text(encoding="utf-8").splitlines()) <= 400
