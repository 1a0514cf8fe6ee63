"""Tests for the default voice, which users can change while the server runs, and for preloaded voices."""

import asyncio
from collections.abc import Iterable

import pytest

from tests.fakes import voice_entry
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.exceptions import UnknownVoice
from wyoming_piper_serial.shutdown import cancel
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.choices import Choices
from wyoming_piper_serial.voices.default import DefaultFollower, find_default, find_preloads

_ANNA, _BOB = voice_entry("en_US-anna-low"), voice_entry("en_US-bob-low")


class FakePool:
    """A pool that records which voices are preloaded."""

    def __init__(self) -> None:
        self.resident: str | None = _ANNA.name
        self.loads: list[str] = []
        self.release = asyncio.Event()

    async def preload(self, entries: Iterable[VoiceEntry]) -> None:
        self.loads += [entry.name for entry in entries]
        await self.release.wait()


def chosen(name: str | None, *, is_default_fixed: bool = False) -> Catalogue:
    return Catalogue([_ANNA, _BOB], choices=Choices(default=name, is_default_fixed=is_default_fixed))


def test_choice_is_the_default_if_it_is_here() -> None:
    """The default voice is the voice that users have chosen, unless this voice is not offered or the operator has set
    the default voice."""
    assert find_default(chosen(_BOB.name), _ANNA.name) is _BOB
    for catalogue in (chosen("nobody"), chosen(None), chosen(_BOB.name, is_default_fixed=True)):
        assert find_default(catalogue, _ANNA.name) is _ANNA
    with pytest.raises(UnknownVoice):
        find_default(Catalogue([]), _ANNA.name)


async def test_new_default_voice_is_loaded() -> None:
    """If users choose another default voice, this voice is loaded and stays in memory instead of the previous one."""
    pool = FakePool()
    follower = DefaultFollower(pool, _ANNA.name)
    for catalogue in (chosen(None), Catalogue([])):
        follower.follow(catalogue)
        assert (pool.resident, follower.loading) == (_ANNA.name, None)
    follower.follow(chosen(_BOB.name))
    await asyncio.sleep(0)  # lets the load start
    follower.follow(chosen(None))
    await asyncio.sleep(0)  # lets the load start
    assert (pool.resident, pool.loads) == (_ANNA.name, [_BOB.name, _ANNA.name])
    await cancel(follower.loading)


def test_preloads_have_the_given_order(caplog: pytest.LogCaptureFixture) -> None:
    """`all` selects all voices. A voice that is named twice is preloaded once. A public voice that is not installed is
    skipped with a warning, and an unknown name is an error."""
    public = public_voice("de_DE-a-low")
    catalogue = Catalogue([_ANNA, _BOB], public=[public])
    assert find_preloads(catalogue, [_BOB.name, "all", _BOB.name], _ANNA.name) == [_BOB, _ANNA]
    assert find_preloads(catalogue, [public.name, _ANNA.name], _ANNA.name) == [_ANNA]
    assert caplog.messages == [f"--preload {public.name}: this voice is not installed"]
    with pytest.raises(UnknownVoice):
        find_preloads(catalogue, ["nobody"], _ANNA.name)
