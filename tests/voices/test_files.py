"""Listing the voice files of a folder."""

import os
from pathlib import Path

import pytest

from wyoming_piper_serial.settings import DEFAULT_VOICE
from wyoming_piper_serial.voices.files import bundled_model, config_path, list_bundled, list_folder, stamp
from wyoming_piper_serial.voices.inventory import voice_files


def test_listing_has_the_voice_files_of_a_folder(tmp_path: Path) -> None:
    """A listing contains the voice files of a folder, each with its Stamp, and no other files."""
    for name in ("a.onnx", "a.onnx.json", "a.onnx.data", "voices.json", "a.onnx.part"):
        (tmp_path / name).write_bytes(b"x" * len(name))
    listing = list_folder(tmp_path)
    assert set(listing) == {"a.onnx", "a.onnx.json", "a.onnx.data"}
    found = listing["a.onnx"]
    assert found == stamp(tmp_path / "a.onnx")
    assert found is not None
    assert found.size == len("a.onnx")


def test_link_has_the_stamp_of_its_target(tmp_path: Path) -> None:
    """A symbolic link has the stamp of its target. A link without a target, a folder and a pipe have no stamp."""
    (tmp_path / "target").write_bytes(b"model")
    (tmp_path / "good.onnx").symlink_to("target")
    (tmp_path / "dangling.onnx").symlink_to("nowhere")
    (tmp_path / "folder.onnx").mkdir()
    os.mkfifo(tmp_path / "pipe.onnx")
    listing = list_folder(tmp_path)
    assert listing["good.onnx"] == stamp(tmp_path / "target")
    assert {name for name, found in listing.items() if found is None} == {"dangling.onnx", "folder.onnx", "pipe.onnx"}


def test_stamp_changes_with_the_content(tmp_path: Path) -> None:
    """The stamp of a file changes when the file is written or removed, or replaced by a file of the same size and
    time."""
    path, other = tmp_path / "a.onnx", tmp_path / "b.onnx"
    for file in (path, other):
        file.write_bytes(b"model")
        os.utime(file, (1e9, 1e9))
    first = stamp(path)
    assert stamp(path) == first
    other.replace(path)
    second = stamp(path)
    assert second != first
    path.write_bytes(b"another")
    assert stamp(path) != second
    path.unlink()
    assert stamp(path) is None


def test_folder_that_cannot_be_read_raises(tmp_path: Path) -> None:
    """`list_folder` raises OSError if the folder is missing or is a file."""
    with pytest.raises(FileNotFoundError):
        list_folder(tmp_path / "missing")
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        list_folder(tmp_path / "file")


def test_bundled_voice_is_listed_as_a_folder_of_its_own() -> None:
    """The bundled voice is listed like a folder that contains only this voice, with its model and its config."""
    (files,) = voice_files([list_bundled()])
    assert (files.name, files.missing) == (DEFAULT_VOICE, ())
    assert files.model == bundled_model()
    assert files.config == config_path(bundled_model())
