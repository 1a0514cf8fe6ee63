"""Fixtures for the download tests."""

from collections.abc import Iterator

import pytest

from tests.voices.remote.mirror import Mirror, mirror_of, public_voice


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    """Run a local download server with the voice `public_voice()`. Requests to this server do not use a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(public_voice())
    yield mirror
    mirror.close()
