"""What takes too long for a test's event loop."""

import pytest

from wyoming_piper_serial.audio.containers import available_formats


@pytest.fixture(scope="session", autouse=True)
def _encoders_are_imported() -> None:
    available_formats()
