"""Fixtures of the tests of downloads."""

from collections.abc import Iterator

import pytest

from tests.voices.remote.mirror import Mirror, mirror_of, public_voice


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """A local download server with the voice `public_voice()`. It is requested without the proxy of this machine."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(public_voice())
    yield mirror
    mirror.close()
