"""Voices on disk, and what changes among them while the server runs."""

import asyncio
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import raw_config
from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import DEFAULT_VOICE, Preset
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceSelector
from wyoming_piper_serial.voices.files import config_path
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.scanner import FolderScanner

_LONG_AGO = 1_000_000.0


class Shelf:
    """A folder of voices, a library of it, and a clock that is moved by hand."""

    def __init__(self, folder: Path, *presets: Preset) -> None:
        self.folder = folder
        self.now = _LONG_AGO
        self.scanner = FolderScanner([folder], presets=presets, now=lambda: self.now)

    def put(self, name: str, *, config: bool = True, model: bytes = b"model", **changes: Any) -> Path:
        """A model that nobody loads, and its config, written now."""
        path = self.folder / f"{name}.onnx"
        path.write_bytes(model)
        self.touch(path)
        if config:
            config_path(path).write_text(json.dumps(raw_config(**changes)))
            self.touch(config_path(path))
        return path

    def touch(self, path: Path) -> None:
        os.utime(path, (self.now, self.now))

    def look(self) -> list[str] | None:
        """Names on offer besides the bundled voice; `None` if nothing has changed."""
        catalogue = self.scanner.look()
        return None if catalogue is None else names(catalogue)


def names(catalogue: Catalogue) -> list[str]:
    return [entry.name for entry in catalogue.entries if entry.name != DEFAULT_VOICE]


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_nothing_changed_is_told_by_none(shelf: Shelf) -> None:
    """However often one looks."""
    shelf.put("de_DE-a-low")
    assert shelf.look() == ["de_DE-a-low"]
    assert shelf.look() is None
    shelf.now += 1000
    assert shelf.look() is None


def test_voice_that_is_dropped_in_is_offered_once_it_has_settled(shelf: Shelf) -> None:
    """A copy takes its time: a model that is still growing is no voice yet."""
    assert shelf.look() == []
    path = shelf.put("de_DE-a-low")
    for _ in range(3):
        shelf.now += 2
        path.write_bytes(path.read_bytes() + b"more")
        shelf.touch(path)
        assert shelf.look() is None
    shelf.now += 2.9
    assert shelf.look() is None
    shelf.now += 0.1
    assert shelf.look() == ["de_DE-a-low"]


def test_voice_is_offered_at_the_start_however_new_it_is(shelf: Shelf) -> None:
    """Whoever starts the server after copying wants to hear it."""
    shelf.put("de_DE-a-low")
    assert shelf.look() == ["de_DE-a-low"]


def test_time_in_the_future_does_not_keep_a_voice_away(shelf: Shelf) -> None:
    """Clocks of two machines differ."""
    shelf.look()
    path = shelf.put("de_DE-a-low")
    for file in (path, config_path(path)):
        os.utime(file, (shelf.now + 5000, shelf.now + 5000))
    assert shelf.look() == ["de_DE-a-low"]


def test_voice_that_is_taken_away_is_offered_no_more(shelf: Shelf) -> None:
    """And comes back with its files."""
    path = shelf.put("de_DE-a-low")
    shelf.look()
    kept = path.rename(path.with_suffix(".away"))
    assert shelf.look() == []
    kept.rename(path)
    shelf.now += 100
    assert shelf.look() == ["de_DE-a-low"]


def test_voice_that_is_written_anew_stays_on_offer_meanwhile(shelf: Shelf) -> None:
    """Its old self is in memory; afterwards it is another entry, to be loaded again."""
    shelf.put("de_DE-a-low", language={"code": "de_DE"})
    old = shelf.scanner.look()
    shelf.now += 100
    shelf.put("de_DE-a-low", model=b"another model", language={"code": "de_AT"})
    assert shelf.look() is None
    shelf.now += 10
    new = shelf.scanner.look()
    assert old is not None
    assert new is not None
    entries = [one.find(VoiceSelector(name="de_DE-a-low"), DEFAULT_VOICE) for one in (old, new)]
    assert [entry.config.language for entry in entries] == ["de_DE", "de_AT"]
    assert entries[0].stamp != entries[1].stamp


def test_entries_that_have_not_changed_are_the_same_objects(shelf: Shelf) -> None:
    """Hundreds of configs are not read again because one was added."""
    shelf.put("de_DE-a-low")
    first = shelf.scanner.look()
    shelf.now += 100
    shelf.put("de_DE-b-low")
    shelf.now += 100
    second = shelf.scanner.look()
    assert first is not None
    assert second is not None
    assert first.entries[0] is second.entries[0]


def test_broken_pair_is_complained_of_once(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    """With what is wrong; again only when it has changed and is still broken."""
    shelf.put("de_DE-a-low", config=False)
    shelf.put("de_DE-good-low")
    assert shelf.look() == ["de_DE-good-low"]
    shelf.put("de_DE-b-low")
    shelf.now += 100
    assert shelf.look() == ["de_DE-b-low", "de_DE-good-low"]
    complaints = [record.getMessage() for record in caplog.records]
    assert len(complaints) == 1
    assert "de_DE-a-low is not offered" in complaints[0]
    assert "de_DE-a-low.onnx.json" in complaints[0]
    shelf.put("de_DE-a-low", audio={"sample_rate": "fast"})
    shelf.now += 100
    shelf.look()
    assert "sample_rate" in caplog.records[-1].getMessage()
    shelf.put("de_DE-a-low")
    shelf.now += 100
    assert shelf.look() == ["de_DE-a-low", "de_DE-b-low", "de_DE-good-low"]


def test_folder_that_goes_away_later_is_a_warning(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    """A disk is taken out: said once, and its voices come back with it."""
    shelf.put("de_DE-a-low")
    shelf.look()
    away = shelf.folder.rename(shelf.folder.with_name("away"))
    assert shelf.look() == []
    assert shelf.look() is None
    assert len(caplog.records) == 1
    assert "--data-dir" in caplog.text
    away.rename(shelf.folder)
    shelf.now += 100
    assert shelf.look() == ["de_DE-a-low"]


def test_folder_that_cannot_be_read_at_the_start_ends_it(tmp_path: Path) -> None:
    """A misspelt folder is told at once; a folder for downloads may still have to be made."""
    with pytest.raises(SettingsError, match=r"--data-dir .*missing"):
        FolderScanner([tmp_path / "missing"]).look()
    assert FolderScanner([tmp_path / "missing"], downloads=tmp_path / "missing").look() is not None


def test_first_folder_wins(tmp_path: Path) -> None:
    """The same name twice is one voice; when it goes, the other comes."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, language in ((one, "de_DE"), (two, "de_AT")):
        folder.mkdir()
        Shelf(folder).put("de-a-low", language={"code": language})
    scanner = FolderScanner([one, two])

    def spoken() -> str:
        catalogue = scanner.look()
        assert catalogue is not None
        return catalogue.find(VoiceSelector(name="de-a-low"), DEFAULT_VOICE).config.language

    assert spoken() == "de_DE"
    shutil.rmtree(one)
    one.mkdir()
    assert spoken() == "de_AT"


def test_preset_is_a_voice_of_its_own(tmp_path: Path) -> None:
    """It has its voice's files; the dataset and the language still mean the voice itself."""
    slow = Preset(name="a-slow", voice="joe", synthesis={"length_scale": 1.5})
    catalogue = Shelf(tmp_path, slow).scanner.look()
    assert catalogue is not None
    found = catalogue.find(VoiceSelector(name="A_slow"), DEFAULT_VOICE)
    assert (found.name, found.config.name, found.description, found.preset) == ("a-slow", DEFAULT_VOICE, "a-slow", slow)
    for selector in (VoiceSelector(name="joe"), VoiceSelector(language="en"), VoiceSelector(name="en_US")):
        assert catalogue.find(selector, DEFAULT_VOICE).name == DEFAULT_VOICE


def test_preset_may_take_its_voices_place(tmp_path: Path) -> None:
    """A voice that always speaks in its own way."""
    preset = Preset(name=DEFAULT_VOICE, voice=DEFAULT_VOICE, synthesis={"volume": 0.5})
    catalogue = Shelf(tmp_path, preset).scanner.look()
    assert catalogue is not None
    for selector in (VoiceSelector(), VoiceSelector(name="joe"), VoiceSelector(language="en_US")):
        assert catalogue.find(selector, DEFAULT_VOICE).preset is preset


@pytest.mark.parametrize(
    ("preset", "complaint"),
    [
        (Preset(name="x", voice="nobody"), "Preset x is not offered: There is no voice 'nobody' here"),
        (Preset(name="x", voice="joe", speaker="eve"), "Preset x is not offered: .* no speaker 'eve'"),
    ],
)
def test_preset_without_its_voice_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, preset: Preset, complaint: str
) -> None:
    """Said once; the voice may come later."""
    shelf = Shelf(tmp_path, preset)
    assert shelf.look() == []
    shelf.put("de_DE-a-low")
    shelf.now += 100
    assert shelf.look() == ["de_DE-a-low"]
    (record,) = caplog.records
    assert re.match(complaint, record.getMessage())


def test_preset_comes_with_its_voice(tmp_path: Path) -> None:
    """As soon as the voice is dropped in."""
    shelf = Shelf(tmp_path, Preset(name="mine", voice="de_DE-a-low"))
    assert shelf.look() == []
    shelf.put("de_DE-a-low")
    shelf.now += 100
    assert shelf.look() == ["de_DE-a-low", "mine"]


async def test_offer_follows_the_library_and_tells(shelf: Shelf) -> None:
    """Looks do not overlap, and each change is told once."""
    first = shelf.scanner.look()
    assert first is not None
    registry = VoiceRegistry(first, shelf.scanner)
    told: list[list[str]] = []

    async def tell(catalogue: Catalogue) -> None:
        told.append(names(catalogue))

    registry.on_change(tell)
    await registry.look()
    assert told == []
    shelf.put("de_DE-a-low")
    shelf.now += 100
    await asyncio.gather(registry.look(), registry.look())
    assert told == [["de_DE-a-low"]]
    assert names(registry.catalogue) == ["de_DE-a-low"]


async def test_catalogue_is_not_lost_with_who_asked_for_it(shelf: Shelf) -> None:
    """A client that hangs up in the middle of a look: the library has told what is new, and will not tell it again."""
    first = shelf.scanner.look()
    assert first is not None
    registry = VoiceRegistry(first, shelf.scanner)
    shelf.put("de_DE-a-low")
    shelf.now += 100
    leaving = asyncio.create_task(registry.look())
    await asyncio.sleep(0)  # lets the look begin
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await registry.look()
    assert names(registry.catalogue) == ["de_DE-a-low"]
