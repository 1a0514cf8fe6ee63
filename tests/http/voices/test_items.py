"""The list of voices."""

from pathlib import Path
from typing import Any

import pytest

from tests.fakes import voice_config, voice_entry
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.http.voices.items import Situation, VoiceItem, list_voices
from wyoming_piper_serial.settings import Preset
from wyoming_piper_serial.voices.catalogue import BrokenVoice, Catalogue, UnavailableVoice
from wyoming_piper_serial.voices.failures import VoiceState
from wyoming_piper_serial.voices.remote.manager import Progress
from wyoming_piper_serial.voices.titles import LanguageNames

_NAMES = LanguageNames.load()
_FOLDER = Path("/voices")


def items(catalogue: Catalogue, *, complete: bool = True, **known: Any) -> dict[str, VoiceItem]:
    situation = Situation(catalogue=catalogue, default="en_US-fake-medium", names=_NAMES, folder=_FOLDER, **known)
    return {item.name: item for item in list_voices(situation, complete=complete).voices}


@pytest.mark.parametrize(
    ("known", "state", "reason", "installed"),
    [
        (None, "ready", None, True),
        (VoiceState("loaded"), "loaded", None, True),
        (VoiceState("loading"), "loading", None, True),
        (VoiceState("failed", "It took too long."), "failed", "It took too long.", True),
        (VoiceState("failed", "It is broken.", is_usable=False), "failed", "It is broken.", False),
    ],
)
def test_installed_voice_has_its_state(
    known: VoiceState | None, state: str, reason: str | None, installed: bool
) -> None:
    """In the list, an installed voice and its presets have the state of the voice in memory. If their files turned out
    to be unusable, they do not count as installed."""
    entry = voice_entry()
    states = {} if known is None else {entry.key: known}
    preset = entry.with_preset(Preset(name="slow", voice=entry.name, synthesis={"length_scale": 2}))
    found = items(Catalogue([entry, preset]), states=states, operators_presets=frozenset({"slow"}))
    assert {(item.state, item.reason) for item in found.values()} == {(state, reason)}
    assert {item.installed for item in found.values()} == {installed}
    assert found[entry.name].title == "Fake, English (US), medium"
    assert (found["slow"].title, found["slow"].is_default) == ("slow", False)
    assert found["slow"].preset is not None
    assert (found["slow"].preset.is_fixed, found["slow"].preset.length_scale) == (True, 2)


def test_voices_that_cannot_be_used_are_listed_with_a_reason() -> None:
    """Voices that require additional software and broken voices are only in the complete list. The reason contains no
    path."""
    catalogue = Catalogue(
        [],
        unavailable=[UnavailableVoice(config=voice_config("zh_CN-needy-low"), need="install it", folder=_FOLDER)],
        broken=[
            BrokenVoice(
                name="de_DE-broken-low", detail="/voices/de_DE-broken-low.onnx: the file is empty", folder=_FOLDER
            ),
            BrokenVoice(name="strange", detail="no path"),
            BrokenVoice(name="en_US-fake-medium", detail="damaged", folder=Path("/elsewhere")),
        ],
        public=[public_voice()],
    )
    assert items(catalogue, complete=False) == {}
    found = items(catalogue)
    assert {name: (item.state, item.reason, item.removable) for name, item in found.items()} == {
        "zh_CN-needy-low": ("failed", "The voice cannot be used yet: install it.", True),
        "de_DE-broken-low": ("failed", "Its files cannot be used: de_DE-broken-low.onnx: the file is empty.", True),
        "strange": ("failed", "Its files cannot be used: no path.", False),
        "en_US-fake-medium": ("failed", "Its files cannot be used: damaged.", False),
    }
    assert found["de_DE-broken-low"].title == "Broken, German (Germany), low"
    assert found["en_US-fake-medium"].missing == public_voice().size


def test_absent_voices_have_their_missing_size() -> None:
    """For a voice that is not on disk, the list contains the number of missing bytes and the state of its download."""
    voice = public_voice()
    catalogue = Catalogue([], public=[voice])
    kept = items(catalogue, kept={voice.name: 100})[voice.name]
    assert (kept.state, kept.missing, kept.removable) == ("absent", voice.size - 100, True)
    progress = Progress(received=50, total=voice.size)
    running = items(catalogue, downloads={voice.name: progress}, kept={voice.name: 9})[voice.name]
    assert (running.state, running.missing) == ("downloading", voice.size - 50)
    failed = items(catalogue, failed_downloads={voice.name: "No network."})[voice.name]
    assert (failed.state, failed.reason, failed.missing) == ("failed", "No network.", voice.size)
    assert items(catalogue, complete=False) == {}
    assert list(items(Catalogue([], public=[voice], offer_downloads=True), complete=False)) == [voice.name]


def test_replaced_files_end_a_failure() -> None:
    """A voice that could not be loaded is ready again when its files have been replaced."""
    entry = voice_entry()
    states = {(entry.voice, "old files"): VoiceState("failed", "It is broken.", is_usable=False)}
    found = items(Catalogue([entry]), states=states)[entry.name]
    assert (found.state, found.reason, found.installed) == ("ready", None, True)
