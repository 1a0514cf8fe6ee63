"""Tests for the file that stores the default voice and the presets that users choose."""

from pathlib import Path

import pytest

from wyoming_piper_serial.settings import Preset
from wyoming_piper_serial.voices.choices import BadChoices, Choices
from wyoming_piper_serial.voices.choices_file import FILE_NAME, ChoicesFile


def test_choices_are_read_when_the_file_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Changes to the choices file are detected. If the file becomes invalid, one warning is logged, and the previous
    choices are kept."""
    file = ChoicesFile(tmp_path / "new")
    assert file.look() == Choices()
    choices = Choices(default="a", presets=(Preset(name="a", voice="v"),))
    ChoicesFile(tmp_path / "new").write(choices)
    assert file.look() == choices
    file.path.write_text("nonsense")
    assert file.look() == file.look() == choices
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert FILE_NAME in caplog.text
    file.path.unlink()
    assert file.look() == Choices()


def test_file_that_cannot_be_read(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A choices file that is too large or is not a regular file is not used."""
    file = ChoicesFile(tmp_path)
    file.path.write_bytes(b" " * (1 << 20))
    with pytest.raises(BadChoices, match="more than"):
        file.read()
    file.path.unlink()
    file.path.mkdir()
    assert file.look() == Choices()
    with pytest.raises(IsADirectoryError):
        file.read()


def test_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """If the choices file cannot be replaced, an exception is raised, and no temporary file remains."""
    file = ChoicesFile(tmp_path)
    (file.path / "full").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        file.write(Choices())
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]
