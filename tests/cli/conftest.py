"""Guards for the tests of the commands."""

import os

import pytest

from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of the person who runs the tests may set options."""
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)
