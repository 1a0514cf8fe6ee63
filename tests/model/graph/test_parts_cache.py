"""The cache stores the parts of a model in a file, and returns them only if the file is complete and unchanged."""

import errno
import logging
import multiprocessing
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.parts import Parts
from wyoming_piper_serial.model.graph.parts_cache import ModelSource, PartsCache, default_cache_dir, parts_beside
from wyoming_piper_serial.model.streaming import StreamingVoice


@pytest.fixture(scope="module")
def parts(fixture_voices: FixtureVoices) -> Parts:
    return cut(read_model(fixture_voices.model("en_US-many_old-x_low"))[0])


@pytest.fixture(scope="module")
def model(fixture_voices: FixtureVoices) -> Path:
    return fixture_voices.model("en_US-many_old-x_low")


@pytest.fixture(scope="module")
def source(model: Path) -> ModelSource:
    return read_model(model)[1]


def _only_file(directory: Path) -> Path:
    (path,) = directory.glob("*.parts")
    return path


def test_parts_are_read_as_they_were_stored(model: Path, source: ModelSource, parts: Parts, tmp_path: Path) -> None:
    """The parts that are read are equal to those that were stored. The cache creates its folder."""
    PartsCache(tmp_path / "a" / "b").put(source, parts)
    assert PartsCache(tmp_path / "a" / "b").get(model) == parts


def test_known_digest_finds_the_parts(source: ModelSource, parts: Parts, tmp_path: Path) -> None:
    """If the digest of the model is known, the parts are found without reading the model."""
    PartsCache(tmp_path).put(source, parts)
    assert PartsCache(tmp_path).get(tmp_path / "gone.onnx", source.digest) == parts


def test_parts_may_be_shipped_beside_the_model(source: ModelSource, parts: Parts, tmp_path: Path) -> None:
    """If the digest is known, parts in the folder of the model are found, even if the model is missing, and regardless
    of the cache folder."""
    PartsCache(tmp_path / "voice").put(source, parts)
    model = tmp_path / "voice" / "gone.onnx"
    assert parts_beside(model, source.digest).is_file()
    for directory in (None, tmp_path / "empty"):
        assert PartsCache(directory).get(model, source.digest) == parts


def test_an_empty_cache_has_no_parts_and_logs_no_warning(
    model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A cache that is empty, or whose folder does not exist, returns `None` without a warning."""
    assert PartsCache(tmp_path / "none").get(model) is None
    assert PartsCache(None).get(model) is None
    assert not caplog.records


@pytest.mark.parametrize("kept", [0, 1, 60, 120, 2000, 0.5, 0.99])
def test_truncated_parts_are_not_used(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path, kept: float
) -> None:
    """A truncated file is not used."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    path = _only_file(tmp_path)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(kept * len(raw)) if 0 < kept < 1 else int(kept)])
    assert cache.get(model) is None


@pytest.mark.parametrize("share", [0.0, 0.0002, 0.002, 0.2, 0.8, 0.999999])
def test_changed_parts_are_not_used(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path, share: float
) -> None:
    """A file with a single changed bit is not used."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    path = _only_file(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[int(share * len(raw))] ^= 1
    path.write_bytes(raw)
    assert cache.get(model) is None


def test_parts_with_bytes_after_the_end_are_not_used(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """A file with an additional byte at its end is not used."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    path = _only_file(tmp_path)
    path.write_bytes(path.read_bytes() + b"x")
    assert cache.get(model) is None


def test_damaged_parts_are_replaced(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """If the cached file is damaged, the model is split again and the file is replaced."""
    name = SMALL[0]
    fixture_voices.load(name, PartsCache(tmp_path))
    path = _only_file(tmp_path)
    model, whole = fixture_voices.model(name), path.read_bytes()
    parts = PartsCache(tmp_path).get(model)
    assert parts is not None
    path.write_bytes(whole[:-1])
    assert isinstance(fixture_voices.load(name, PartsCache(tmp_path)), StreamingVoice)
    replaced = PartsCache(tmp_path).get(model)
    assert replaced is not None
    # The step times are measured again.
    assert replace(replaced, info=replace(replaced.info, step_times=parts.info.step_times)) == parts


def test_parts_cut_from_other_external_data_are_not_used(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """If the separate file with the weights has changed, the cached parts are not used, even if the model file is
    the same."""
    original = fixture_voices.model("en_US-one_new-high")
    data = tmp_path / f"{original.name}.data"
    model = tmp_path / original.name
    shutil.copy(original.with_name(data.name), data)
    shutil.copy(original, model)
    proto, source = read_model(model)
    cache = PartsCache(tmp_path / "cache")
    cache.put(source, cut(proto))
    assert cache.get(model) is not None
    changed = bytearray(data.read_bytes())
    changed[-1] ^= 1
    data.write_bytes(changed)
    assert cache.get(model) is None


def test_a_cache_that_cannot_be_written_logs_one_warning(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the cache cannot be written, a warning is logged only at the first attempt."""
    (tmp_path / "file").write_text("not a folder")
    cache = PartsCache(tmp_path / "file" / "cache")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            cache.get(model)
            cache.put(source, parts)
    assert len(caplog.records) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_leaves_no_file(
    model: Path,
    source: ModelSource,
    parts: Parts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """If the disk becomes full while parts are written, no incomplete file remains."""

    def write_to_full_disk(file: object, source: ModelSource, parts: Parts) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(parts.encoder)

    monkeypatch.setattr("wyoming_piper_serial.model.graph.parts_cache.write_parts", write_to_full_disk)
    PartsCache(tmp_path).put(source, parts)
    assert not list(tmp_path.iterdir())
    assert "No space left" in caplog.text


def test_temporary_file_of_a_killed_writer_is_removed_later(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """Storing parts removes old temporary files, but not a new temporary file, because another process may be
    writing it."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    kept = _only_file(tmp_path)
    old, new = (tmp_path / f"{kept.name}{name}.new" for name in ("old", "new"))
    old.touch()
    new.touch()
    os.utime(old, (0, 0))
    cache.put(source, parts)
    assert sorted(tmp_path.iterdir()) == sorted([kept, new])


def test_temporary_files_that_cannot_be_removed_do_not_keep_parts_from_being_stored(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """Parts are stored even if a broken link or a folder has the name of an old temporary file."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    kept = _only_file(tmp_path)
    kept.unlink()
    (tmp_path / f"{kept.name}link.new").symlink_to(tmp_path / "nothing")
    folder = tmp_path / f"{kept.name}folder.new"
    folder.mkdir()
    os.utime(folder, (0, 0))
    cache.put(source, parts)
    assert cache.get(model) is not None


def test_disk_that_becomes_read_only_while_parts_are_stored_is_a_warning(
    source: ModelSource, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If the parts cannot be stored and the temporary file cannot be removed, a warning is logged and no exception
    is raised."""

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "replace", fail)
    monkeypatch.setattr(Path, "unlink", fail)
    PartsCache(tmp_path).put(source, parts)
    assert "Read-only file system" in caplog.text


def _keep_and_read(directory: Path, model: Path, source: ModelSource, parts: Parts, rounds: int) -> bool:
    cache = PartsCache(directory)
    read = []
    for _ in range(rounds):
        cache.put(source, parts)
        read.append(cache.get(model))
    return all(each == parts for each in read)


def test_a_reader_gets_complete_parts_while_two_processes_write(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """While two processes write the same file, each of them reads complete parts."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert all(pool.starmap(_keep_and_read, [(tmp_path, model, source, parts, 30)] * 2))
    assert len(list(tmp_path.iterdir())) == 1


def test_cache_dir_follows_the_xdg_specification(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The cache folder is inside `XDG_CACHE_HOME` if this is an absolute path, and otherwise inside `~/.cache`."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "wyoming-piper-serial"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache_dir() == tmp_path / "home" / ".cache" / "wyoming-piper-serial"
