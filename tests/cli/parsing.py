"""Functions for tests that parse options."""

from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from wyoming_piper_serial.cli.parser import parse_settings
from wyoming_piper_serial.settings import Settings


def changed(settings: Settings) -> dict[str, Any]:
    """Return the settings that differ from their defaults. The keys are field paths, such as
    `synthesis.noise_scale`."""

    def differences(given: object, default: object, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in (field.name for field in fields(default)):  # type: ignore[arg-type]  # a dataclass
            value, usual = getattr(given, name), getattr(default, name)
            if is_dataclass(usual):
                found |= differences(value, usual, f"{prefix}{name}.")
            elif value != usual:
                found[f"{prefix}{name}"] = value
        return found

    return differences(settings, Settings(), "")


def refusal(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Parse `argv`, which must be refused with exit code 2 and one line on standard error. Return that line."""
    with pytest.raises(SystemExit) as caught:
        parse_settings(argv)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    lines = captured.err.splitlines()
    assert len(lines) == 1, captured.err
    assert lines[0].startswith("wyoming-piper-serial: ")
    return lines[0]
