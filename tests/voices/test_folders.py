"""The scanner's first scan finds the voices in the voice folders."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import raw_config
from wyoming_piper_serial.exceptions import SettingsError, VoiceNeedsExtra
from wyoming_piper_serial.settings import DEFAULT_VOICE
from wyoming_piper_serial.voices import scanner
from wyoming_piper_serial.voices.catalogue import Catalogue
from wyoming_piper_serial.voices.files import config_path
from wyoming_piper_serial.voices.scanner import FolderScanner


def add_voice(directory: Path, name: str, **changes: Any) -> Path:
    """Write a config and a dummy model file. The tests do not load the model."""
    directory.mkdir(exist_ok=True)
    model = directory / f"{name}.onnx"
    model.write_bytes(b"\x08model")
    config_path(model).write_text(json.dumps(raw_config(**changes)))
    return model


def scan(directories: Iterable[Path]) -> Catalogue:
    catalogue = FolderScanner(list(directories)).look()
    assert catalogue is not None
    return catalogue


def names(catalogue: Catalogue) -> list[str]:
    return [entry.name for entry in catalogue.entries]


def model_of(catalogue: Catalogue, name: str) -> Path:
    return next(entry.model for entry in catalogue.entries if entry.name == name)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("wyoming_piper_serial")]


def test_bundled_voice_is_always_in_the_catalogue() -> None:
    """A scan without any folders finds the bundled voice."""
    (entry,) = scan([]).entries
    assert entry.name == DEFAULT_VOICE
    assert entry.config.language == "en_US"


def test_voices_are_found_by_their_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A model file and its config form a voice, which is named after the model file. Other files are ignored."""
    model = add_voice(tmp_path, "de_DE-thorsten-medium", language={"code": "de_DE"})
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "lonely.onnx.json").write_text("{")
    (tmp_path / "folder").mkdir()
    catalogue = scan([tmp_path])
    assert names(catalogue) == ["de_DE-thorsten-medium", DEFAULT_VOICE]
    assert catalogue.entries[0].model == model
    assert catalogue.entries[0].config.language == "de_DE"
    assert catalogue.entries[0].sha256 is None
    assert not messages(caplog)


def test_voice_without_its_phonemizer_is_not_offered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice whose phonemizer is not installed is not offered. The log line and the error message state what to
    install."""
    monkeypatch.setattr(scanner, "missing_extra", {"japanese": "ja"}.get)
    add_voice(tmp_path, "ja_JP-yuki-medium", phoneme_type="japanese", language={"code": "ja_JP"})
    add_voice(tmp_path, "zh_CN-lin-medium", phoneme_type="pinyin", language={"code": "zh_CN"})
    catalogue = scan([tmp_path])
    assert names(catalogue) == [DEFAULT_VOICE]
    japanese, chinese = messages(caplog)
    assert japanese == (
        "Voice ja_JP-yuki-medium is not offered: it needs an extra of piper-tts: pip install 'piper-tts[ja]'"
    )
    assert chinese.startswith("Voice zh_CN-lin-medium is not offered: it needs g2pW/g2pw.onnx in its folder")
    with pytest.raises(VoiceNeedsExtra, match=r"cannot be used yet: .*pip install 'piper-tts\[ja\]'\.$"):
        catalogue.find("ja_JP-yuki-medium", default=DEFAULT_VOICE)


def test_unavailable_voice_does_not_hide_another_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unavailable voice does not hide a voice with the same name in a later folder."""
    monkeypatch.setattr(scanner, "missing_extra", {"thai": "th"}.get)
    add_voice(tmp_path / "one", "twice", phoneme_type="thai")
    model = add_voice(tmp_path / "two", "twice")
    catalogue = scan([tmp_path / "one", tmp_path / "two"])
    assert model_of(catalogue, "twice") == model
    assert catalogue.unavailable == ()


def test_unknown_kind_of_phonemes_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A voice with an unknown phoneme type is not offered. The log line lists the known types."""
    add_voice(tmp_path, "strange", phoneme_type="klingon")
    assert names(scan([tmp_path])) == [DEFAULT_VOICE]
    (message,) = messages(caplog)
    assert "phoneme_type 'klingon' is unknown; the installed piper-tts supports espeak, text" in message


def test_first_directory_wins(tmp_path: Path) -> None:
    """If two folders contain the same voice, the voice in the first folder is used. A voice in a folder replaces the
    bundled voice with the same name."""
    first = add_voice(tmp_path / "one", "amy")
    add_voice(tmp_path / "two", "amy")
    second = add_voice(tmp_path / "two", "bob")
    own = add_voice(tmp_path / "two", DEFAULT_VOICE)
    catalogue = scan([tmp_path / "one", tmp_path / "two"])
    assert names(catalogue) == ["amy", "bob", DEFAULT_VOICE]
    assert [model_of(catalogue, name) for name in names(catalogue)] == [first, second, own]
    assert all(entry.sha256 is None for entry in catalogue.entries), "only the bundled voice has known digests"


def test_broken_config_is_skipped_with_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A voice with an invalid config is omitted, and one warning names the config file and the invalid key. Other
    voices are offered."""
    broken = add_voice(tmp_path, "amy", num_speakers=0)
    add_voice(tmp_path, "bob")
    assert names(scan([tmp_path])) == ["bob", DEFAULT_VOICE]
    (warning,) = messages(caplog)
    assert warning.startswith(f"Voice amy is not offered: {config_path(broken)}: num_speakers must be ")


def test_model_without_config_is_skipped_with_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A model without a config is omitted, and one warning names the missing file."""
    (tmp_path / "amy.onnx").write_bytes(b"")
    assert names(scan([tmp_path])) == [DEFAULT_VOICE]
    assert messages(caplog) == [
        f"Voice amy is not offered: {tmp_path / 'amy.onnx.json'}: No such file or directory",
    ]


def test_broken_voice_is_replaced_by_a_good_one_in_a_later_folder(tmp_path: Path) -> None:
    """If a voice in one folder is broken, a working voice with the same name in a later folder is used."""
    add_voice(tmp_path / "one", "amy", audio=None)
    good = add_voice(tmp_path / "two", "amy")
    assert model_of(scan([tmp_path / "one", tmp_path / "two"]), "amy") == good


def test_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A `--data-dir` that is not a folder raises SettingsError. The message contains the option and the path."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError, match=f"^--data-dir {file}: Not a directory[.]$"):
        scan([file])
