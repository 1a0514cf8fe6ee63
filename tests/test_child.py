"""The command line of a child process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wyoming_piper_serial.child import child_command

_MODULE = """
import json, sys
def main(argument):
    print(json.dumps([argument, sys.path, sys.dont_write_bytecode]))
"""


def output_of(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    return done.stdout


def test_child_calls_main_with_the_argument_and_the_import_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child process calls `main` of the module with the argument. The child has the import path of this process,
    and writes compiled modules only if this process does."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "called.py").write_text(_MODULE, encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "modules"), *sys.path])
    for dont_write in (True, False):
        monkeypatch.setattr(sys, "dont_write_bytecode", dont_write)
        expected = ["any 'thing'", sys.path, dont_write]
        assert json.loads(output_of(child_command("called", "any 'thing'"), tmp_path)) == expected


def test_files_in_the_working_directory_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with the name of a module is not imported from the working directory or from a folder in PYTHONPATH."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "called.py").write_text(_MODULE, encoding="utf-8")
    for name in ("json", "importlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this file was run')", encoding="utf-8")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "modules"), *filter(None, sys.path)])
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert "argument" in output_of(child_command("called", "argument"), tmp_path)
