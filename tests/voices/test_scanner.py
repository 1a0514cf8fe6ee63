"""FolderScanner finds voices in folders, and detects changes while the server runs."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import raw_config
from tests.voices.remote.mirror import public_voice
from wyoming_piper_serial.exceptions import SettingsError, VoiceFileError
from wyoming_piper_serial.settings import DEFAULT_VOICE, Downloading, Preset, Settings
from wyoming_piper_serial.voices import scanner
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.files import BUNDLED_SHA256, bundled_model, config_path
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact
from wyoming_piper_serial.voices.scanner import FolderScanner, bundled_voice

_LONG_AGO = 1_000_000.0


class Folder:
    """A folder with voices, a scanner for this folder, and a clock that the test controls."""

    def __init__(self, path: Path, *presets: Preset) -> None:
        self.path = path
        self.now = _LONG_AGO
        self.scanner = FolderScanner([path], presets=presets, now=lambda: self.now)

    def put(self, name: str, *, config: bool = True, model: bytes = b"\x08model", **changes: Any) -> Path:
        """Write a config and a dummy model file. Set the times of both files to the time of the clock."""
        path = self.path / f"{name}.onnx"
        path.write_bytes(model)
        self.touch(path)
        if config:
            config_path(path).write_text(json.dumps(raw_config(**changes)))
            self.touch(config_path(path))
        return path

    def touch(self, path: Path) -> None:
        os.utime(path, (self.now, self.now))

    def look(self) -> list[str] | None:
        """Scan the folder. Return the names of the offered voices without the bundled voice, or `None` if nothing
        has changed."""
        catalogue = self.scanner.look()
        return None if catalogue is None else names(catalogue)


def names(catalogue: Catalogue) -> list[str]:
    return [entry.name for entry in catalogue.entries if entry.name != DEFAULT_VOICE]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_look_without_a_change_returns_none(folder: Folder) -> None:
    """`look` returns `None` if nothing has changed since the last call."""
    folder.put("de_DE-a-low")
    assert folder.look() == ["de_DE-a-low"]
    assert folder.look() is None
    folder.now += 1000
    assert folder.look() is None


def test_new_voice_is_offered_once_it_has_settled(folder: Folder) -> None:
    """A new voice is offered three seconds after the last write to its files, so that it is not offered while the
    files are being copied."""
    assert folder.look() == []
    path = folder.put("de_DE-a-low")
    for _ in range(3):
        folder.now += 2
        path.write_bytes(path.read_bytes() + b"more")
        folder.touch(path)
        assert folder.look() is None
    folder.now += 2.9
    assert folder.look() is None
    folder.now += 0.1
    assert folder.look() == ["de_DE-a-low"]


def test_new_voice_is_offered_at_the_first_look(folder: Folder) -> None:
    """The first call to `look` offers a voice even if its files have just been written."""
    folder.put("de_DE-a-low")
    assert folder.look() == ["de_DE-a-low"]


def test_voice_with_a_time_in_the_future_is_offered(folder: Folder) -> None:
    """A voice whose files have write times in the future is offered immediately, because the clock of the machine that
    wrote the files may be ahead."""
    folder.look()
    path = folder.put("de_DE-a-low")
    for file in (path, config_path(path)):
        os.utime(file, (folder.now + 5000, folder.now + 5000))
    assert folder.look() == ["de_DE-a-low"]


def test_voice_whose_model_is_removed_is_no_longer_offered(folder: Folder) -> None:
    """A voice is no longer offered when its model is removed, and is offered again when the model is restored."""
    path = folder.put("de_DE-a-low")
    folder.look()
    kept = path.rename(path.with_suffix(".away"))
    assert folder.look() == []
    kept.rename(path)
    folder.now += 100
    assert folder.look() == ["de_DE-a-low"]


def test_voice_stays_on_offer_while_it_is_rewritten(folder: Folder) -> None:
    """While the files of a voice are being rewritten, the old voice is offered. Three seconds after the last write, a
    new entry with a different stamp replaces the old voice."""
    folder.put("de_DE-a-low", language={"code": "de_DE"})
    old = folder.scanner.look()
    folder.now += 100
    folder.put("de_DE-a-low", model=b"\x08another model", language={"code": "de_AT"})
    assert folder.look() is None
    folder.now += 10
    new = folder.scanner.look()
    assert old is not None
    assert new is not None
    entries = [one.find("de_DE-a-low", default=DEFAULT_VOICE) for one in (old, new)]
    assert [entry.config.language for entry in entries] == ["de_DE", "de_AT"]
    assert entries[0].stamp != entries[1].stamp


def test_entries_that_have_not_changed_are_the_same_objects(folder: Folder) -> None:
    """The configs of unchanged voices are not read again: their entries are the same objects."""
    folder.put("de_DE-a-low")
    first = folder.scanner.look()
    folder.now += 100
    folder.put("de_DE-b-low")
    folder.now += 100
    second = folder.scanner.look()
    assert first is not None
    assert second is not None
    assert first.entries[0] is second.entries[0]


def test_broken_voice_is_one_warning(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    """For a broken voice, one warning with the reason is logged. Another warning is logged only if the files change and
    the voice is still broken."""
    folder.put("de_DE-a-low", config=False)
    folder.put("de_DE-good-low")
    assert folder.look() == ["de_DE-good-low"]
    folder.put("de_DE-b-low")
    folder.now += 100
    assert folder.look() == ["de_DE-b-low", "de_DE-good-low"]
    (warning,) = [record.getMessage() for record in caplog.records]
    assert "de_DE-a-low is not offered" in warning
    assert "de_DE-a-low.onnx.json" in warning
    folder.put("de_DE-a-low", audio={"sample_rate": "fast"})
    folder.now += 100
    folder.look()
    assert "sample_rate" in caplog.records[-1].getMessage()
    folder.put("de_DE-a-low")
    folder.now += 100
    assert folder.look() == ["de_DE-a-low", "de_DE-b-low", "de_DE-good-low"]


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (b"", "the file is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "is a Git LFS pointer, not a model"),
        (b"\n<!DOCTYPE html>", "not a model"),
    ],
)
def test_model_that_is_none_is_a_broken_voice(folder: Folder, model: bytes, reason: str) -> None:
    """A voice whose model file is empty, a Git LFS pointer or a web page is not offered. A request for the voice gets
    an error with the reason."""
    folder.put("de_DE-a-low", model=model)
    catalogue = folder.scanner.look()
    assert catalogue is not None
    assert names(catalogue) == []
    with pytest.raises(VoiceFileError) as caught:
        catalogue.find("de_DE-a-low", default=DEFAULT_VOICE)
    assert caught.value.detail.endswith(f"de_DE-a-low.onnx: {reason}")


def test_broken_voice_gives_way_to_a_good_one(tmp_path: Path) -> None:
    """If a broken voice and a working voice in another folder have the same name, the working voice is offered."""
    one, two = tmp_path / "one", tmp_path / "two"
    for path, model in ((one, b""), (two, b"\x08model")):
        path.mkdir()
        Folder(path).put("de_DE-a-low", model=model)
    catalogue = FolderScanner([one, two]).look()
    assert catalogue is not None
    assert catalogue.find("de_DE-a-low", default=DEFAULT_VOICE).model.parent == two


def test_folder_that_goes_away_later_is_a_warning(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    """If a voice folder becomes unreadable, one warning is logged. When the folder is readable again, its voices are
    offered again."""
    folder.put("de_DE-a-low")
    folder.look()
    away = folder.path.rename(folder.path.with_name("away"))
    assert folder.look() == []
    assert folder.look() is None
    assert len(caplog.records) == 1
    assert "--data-dir" in caplog.text
    away.rename(folder.path)
    folder.now += 100
    assert folder.look() == ["de_DE-a-low"]


def test_folder_that_is_created_later_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A data folder may be missing at startup. One warning is logged, and the voices are offered as soon as the folder
    exists."""
    folder = Folder(tmp_path / "later")
    assert folder.look() == []
    assert folder.look() is None
    assert caplog.messages == [
        f"--data-dir {folder.path}: No such file or directory. Its voices will be offered when it can be read."
    ]
    folder.path.mkdir()
    folder.put("de_DE-a-low")
    folder.now += 100
    assert folder.look() == ["de_DE-a-low"]


def test_default_download_folder_may_be_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """If the download folder does not exist, no warning is logged, because the first download creates it. If the
    download folder is also a --data-dir, a warning is logged."""
    missing = tmp_path / "missing"
    for settings, warnings in ((Settings(download_dir=missing), 0), (Settings(data_dirs=(missing,)), 1)):
        caplog.clear()
        FolderScanner.from_settings(settings).look()
        assert len(caplog.messages) == warnings


def test_download_folder_must_be_a_folder(tmp_path: Path) -> None:
    """A --download-dir that exists but cannot be read is refused at startup, like a --data-dir."""
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(SettingsError, match=f"--download-dir {file}: Not a directory"):
        FolderScanner.from_settings(Settings(download_dir=file)).look()


def test_first_folder_wins(tmp_path: Path) -> None:
    """If two folders contain the same voice, the voice in the first folder is offered. When this voice is removed, the
    voice in the second folder is offered."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, language in ((one, "de_DE"), (two, "de_AT")):
        folder.mkdir()
        Folder(folder).put("de-a-low", language={"code": language})
    scanner = FolderScanner([one, two])

    def spoken() -> str:
        catalogue = scanner.look()
        assert catalogue is not None
        return catalogue.find("de-a-low", default=DEFAULT_VOICE).config.language

    assert spoken() == "de_DE"
    shutil.rmtree(one)
    one.mkdir()
    assert spoken() == "de_AT"


def test_preset_is_a_voice_of_its_own(tmp_path: Path) -> None:
    """A preset is offered under its own name, with the files of its voice. The aliases and languages of the voice
    still refer to the voice itself."""
    slow = Preset(name="a-slow", voice="joe", synthesis={"length_scale": 1.5})
    catalogue = Folder(tmp_path, slow).scanner.look()
    assert catalogue is not None
    found = catalogue.find("A_slow", default=DEFAULT_VOICE)
    assert (found.name, found.config.name, found.description, found.preset) == ("a-slow", DEFAULT_VOICE, "a-slow", slow)
    for name, language in (("joe", None), (None, "en"), ("en_US", None)):
        assert catalogue.find(name, language, default=DEFAULT_VOICE).name == DEFAULT_VOICE


def test_preset_with_the_name_of_its_voice_replaces_it(tmp_path: Path) -> None:
    """If a preset has the same name as its voice, the name, the aliases and the language of the voice refer to the
    preset."""
    preset = Preset(name=DEFAULT_VOICE, voice=DEFAULT_VOICE, synthesis={"volume": 0.5})
    catalogue = Folder(tmp_path, preset).scanner.look()
    assert catalogue is not None
    for name, language in ((None, None), ("joe", None), (None, "en_US")):
        assert catalogue.find(name, language, default=DEFAULT_VOICE).preset is preset


@pytest.mark.parametrize(
    ("preset", "warning"),
    [
        (Preset(name="x", voice="nobody"), "Preset x is not offered: There is no voice 'nobody' here"),
        (Preset(name="x", voice="joe", speaker="eve"), "Preset x is not offered: .* no speaker 'eve'"),
    ],
)
def test_preset_without_its_voice_is_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, preset: Preset, warning: str
) -> None:
    """If the voice or the speaker of a preset does not exist, the preset is not offered. Only one warning is logged,
    even if the folder is scanned again."""
    folder = Folder(tmp_path, preset)
    assert folder.look() == []
    folder.put("de_DE-a-low")
    folder.now += 100
    assert folder.look() == ["de_DE-a-low"]
    (record,) = caplog.records
    assert re.match(warning, record.getMessage())


def test_presets_can_change(tmp_path: Path) -> None:
    """New settings change the catalogue only if their presets differ from the current presets."""
    folder = Folder(tmp_path, Preset(name="slow", voice="en_US-a-low"))
    folder.put("en_US-a-low")
    assert folder.look() == ["en_US-a-low", "slow"]
    settings = Settings(presets=(Preset(name="quick", voice="en_US-a-low"),))
    folder.scanner.use(settings)
    assert folder.look() == ["en_US-a-low", "quick"]
    folder.scanner.use(settings)
    assert folder.look() is None


def test_preset_is_offered_once_its_voice_is_there(tmp_path: Path) -> None:
    """A preset is offered as soon as the scanner finds its voice."""
    folder = Folder(tmp_path, Preset(name="mine", voice="de_DE-a-low"))
    assert folder.look() == []
    folder.put("de_DE-a-low")
    folder.now += 100
    assert folder.look() == ["de_DE-a-low", "mine"]


def test_config_without_a_model_is_ignored_without_a_warning(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    """If a config has no model, or the model is a broken link, no warning is logged, because the model may be added
    later."""
    path = folder.put("de_DE-a-low")
    path.unlink()
    assert folder.look() == []
    path.symlink_to(folder.path / "nowhere")
    folder.now += 100
    assert folder.look() is None
    (folder.path / "nowhere").write_bytes(b"\x08model")
    folder.touch(folder.path / "nowhere")
    folder.now += 100
    assert folder.look() == ["de_DE-a-low"]
    assert caplog.records == []


def test_complete_voice_is_offered_at_once(folder: Folder) -> None:
    """A voice that the caller passes as `complete`, for example after a download, is offered immediately."""
    folder.look()
    folder.put("de_DE-a-low")
    folder.put("de_DE-b-low")
    catalogue = folder.scanner.look(complete="de_DE-a-low")
    assert catalogue is not None
    assert names(catalogue) == ["de_DE-a-low"]


def test_unavailable_voice_is_offered_once_its_phonemizer_is_there(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice is unavailable while files of its phonemizer are missing, and is offered as soon as these files exist."""
    monkeypatch.setattr(scanner, "missing_extra", lambda _: None)
    folder.put("zh_CN-lin-medium", phoneme_type="pinyin")
    assert folder.look() == []
    assert folder.look() is None
    (folder.path / "g2pW").mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt"):
        (folder.path / "g2pW" / name).touch()
    assert folder.look() == ["zh_CN-lin-medium"]
    assert folder.look() is None


def test_bundled_voice_in_a_data_folder_is_one_voice() -> None:
    """If `--data-dir` is the folder of the bundled voice, the voice is listed once, and the next scan reports no
    change.
    """
    scanner = FolderScanner([bundled_model().parent])
    catalogue = scanner.look()
    assert catalogue is not None
    assert [(entry.name, entry.sha256) for entry in catalogue.entries] == [(DEFAULT_VOICE, BUNDLED_SHA256)]
    assert scanner.look() is None
    assert bundled_voice() == catalogue.entries[0]


@pytest.mark.parametrize(
    ("downloads", "offered"),
    [
        (Downloading(), False),
        (Downloading(offered=True), True),
        (Downloading(offered=True, offline=True), False),
    ],
)
def test_scanner_of_a_server_follows_its_settings(tmp_path: Path, downloads: Downloading, *, offered: bool) -> None:
    """A scanner created from settings uses their folders, presets and download options."""
    data, download = tmp_path / "data", tmp_path / "download"
    for folder, language in ((data, "de_DE"), (download, "de_AT")):
        folder.mkdir()
        Folder(folder).put("de-a-low", language={"code": language})
    (download / LIST_NAME).write_bytes(compact([public_voice("sv_SE-new-low")]))
    settings = Settings(
        data_dirs=(data,),
        download_dir=download,
        presets=(Preset(name="mine", voice="de-a-low"),),
        downloads=downloads,
    )
    catalogue = FolderScanner.from_settings(settings).look()
    assert catalogue is not None
    assert names(catalogue) == ["de-a-low", "mine"]
    assert catalogue.entries[0].model.parent == data
    assert [voice.name for voice in catalogue.offered] == (["sv_SE-new-low"] if offered else [])


def test_newer_list_of_public_voices_is_a_change(tmp_path: Path) -> None:
    """A new list of public voices in the download folder counts as a change."""
    scanner = FolderScanner([], download_folder=tmp_path, offer_downloads=True)
    scanner.look()
    (tmp_path / LIST_NAME).write_bytes(compact([public_voice("sv_SE-new-low")]))
    catalogue = scanner.look()
    assert catalogue is not None
    assert [voice.name for voice in catalogue.offered] == ["sv_SE-new-low"]
    assert scanner.look() is None


def test_damaged_bundled_voice_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the files of the bundled voice are missing or `stat` fails, VoiceFileError is raised."""
    for listing in ({}, {"x.onnx": None}):
        monkeypatch.setattr(scanner, "list_bundled", lambda listing=listing: (tmp_path, listing))
        with pytest.raises(VoiceFileError) as caught:
            bundled_voice()
        assert "install it again" in caught.value.detail


@pytest.mark.parametrize("name", ["new\nline", os.fsdecode(b"latin\xff")], ids=["newline", "not UTF-8"])
def test_voice_whose_name_cannot_be_shown_is_not_offered(
    folder: Folder, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    """A voice whose file name is not UTF-8 or contains unprintable characters is omitted, and a warning is logged."""
    folder.put(name)
    folder.put("amy")
    assert folder.look() == ["amy"]
    assert "file name contains unprintable characters" in caplog.text


@pytest.mark.timeout(10)
def test_pipe_in_place_of_a_config_does_not_stop_the_scan(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    """A named pipe with the name of a config is not read. The other voices are offered."""
    folder.put("pipe", config=False)
    os.mkfifo(folder.path / "pipe.onnx.json")
    folder.put("amy")
    assert folder.look() == ["amy"]
    assert "Voice pipe is not offered" in caplog.text


def test_size_of_a_voice_is_known_without_another_look_at_the_disk(folder: Folder) -> None:
    """An entry contains the size of the model and its weights at the time of the scan. The memory estimate does not
    access the disk, because a disk that does not respond would block the event loop."""
    folder.put("amy", model=b"\x08" * 1000)
    (folder.path / "amy.onnx.data").write_bytes(b"x" * 4000)
    catalogue = folder.scanner.look()
    assert catalogue is not None
    assert catalogue.find("amy", default="amy").size == 5000
