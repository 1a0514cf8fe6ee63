"""Voices are unpacked and loaded once for all tests."""

import pytest

from tests.voice.library import Library


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("voices"), {})
