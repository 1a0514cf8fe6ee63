"""Functions for the tests of the command `wyoming-piper-serial voices`. The fixtures are in `conftest.py`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.voices.remote.mirror import MODEL, NAME, config_of, public_voice

VOICE = public_voice()
OTHER = public_voice("de_DE-other_one-low")
BUNDLED = "en_US-joe-medium"
OWN = "fr_FR-mine-medium"
Run = Callable[..., tuple[int, str, str]]


def install(folder: Path, name: str = NAME, model: bytes = MODEL) -> None:
    (folder / f"{name}.onnx").write_bytes(model)
    (folder / f"{name}.onnx.json").write_bytes(config_of(name))


def rows(run: Run, *argv: str) -> dict[str, dict[str, Any]]:
    code, out, _ = run("list", "--json", *argv)
    assert code == 0
    return {row["name"]: row for row in json.loads(out)}


def one_line(code_out_err: tuple[int, str, str], code: int) -> str:
    """Check that a command exited with `code` and printed one line on standard error. Return that line."""
    assert code_out_err[0] == code, code_out_err
    (line,) = code_out_err[2].splitlines()
    assert line.startswith("wyoming-piper-serial: ")
    return line
