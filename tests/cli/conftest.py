"""Fixture for all tests of the commands."""

import os

import pytest

from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the environment variables of all options, so that a developer's own settings do not affect the tests."""
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)
