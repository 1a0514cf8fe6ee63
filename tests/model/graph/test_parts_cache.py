"""Parts on disk are whole and untouched, or not used."""

import logging
import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from tests.fixture_voices import SMALL, FixtureVoices
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.parts import Parts
from wyoming_piper_serial.model.graph.parts_cache import ModelSource, PartsCache, default_cache_dir
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


def test_parts_come_back_as_they_were_kept(model: Path, source: ModelSource, parts: Parts, tmp_path: Path) -> None:
    """Models and numbers alike, in a directory that did not exist before."""
    PartsCache(tmp_path / "a" / "b").put(source, parts)
    assert PartsCache(tmp_path / "a" / "b").get(model) == parts


def test_an_empty_cache_has_nothing_and_complains_of_nothing(
    model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The first start is no fault."""
    assert PartsCache(tmp_path / "none").get(model) is None
    assert PartsCache(None).get(model) is None
    assert not caplog.records


@pytest.mark.parametrize("kept", [0, 1, 60, 120, 2000, 0.5, 0.99])
def test_truncated_parts_are_not_used(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path, kept: float
) -> None:
    """A crash or a full disk may leave any beginning of a file."""
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
    """One flipped bit anywhere is found."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    path = _only_file(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[int(share * len(raw))] ^= 1
    path.write_bytes(raw)
    assert cache.get(model) is None


def test_parts_with_something_behind_them_are_not_used(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """A file is exactly what was written."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    path = _only_file(tmp_path)
    path.write_bytes(path.read_bytes() + b"x")
    assert cache.get(model) is None


def test_damaged_parts_are_cut_and_kept_again(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """The next start finds them whole."""
    name = SMALL[0]
    fixture_voices.load(name, PartsCache(tmp_path))
    path = _only_file(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert isinstance(fixture_voices.load(name, PartsCache(tmp_path)), StreamingVoice)
    assert path.read_bytes() == whole


def test_parts_of_other_data_beside_the_model_are_not_used(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """A model with external data is more than its own file."""
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


def test_a_place_that_cannot_be_written_is_one_warning(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The voice speaks from memory; every further load would say the same."""
    (tmp_path / "file").write_text("in the way")
    cache = PartsCache(tmp_path / "file" / "cache")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            cache.get(model)
            cache.put(source, parts)
    assert len(caplog.records) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_leaves_nothing_behind(
    model: Path,
    source: ModelSource,
    parts: Parts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What could not be written whole is removed."""

    def write_to_full_disk(file: object, source: ModelSource, parts: Parts) -> None:
        with Path("/dev/full").open("wb", buffering=0) as full:
            full.write(parts.encoder)

    monkeypatch.setattr("wyoming_piper_serial.model.graph.parts_cache._write", write_to_full_disk)
    PartsCache(tmp_path).put(source, parts)
    assert not list(tmp_path.iterdir())
    assert "No space left" in caplog.text


def test_what_a_crashed_writer_left_is_removed_later(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """Not at once: it may be the file of one who is still writing."""
    cache = PartsCache(tmp_path)
    cache.put(source, parts)
    kept = _only_file(tmp_path)
    old, fresh = (tmp_path / f"{kept.name}{name}.new" for name in ("old", "fresh"))
    old.touch()
    fresh.touch()
    os.utime(old, (0, 0))
    cache.put(source, parts)
    assert sorted(tmp_path.iterdir()) == sorted([kept, fresh])


def _keep_and_read(directory: Path, model: Path, source: ModelSource, parts: Parts, rounds: int) -> bool:
    cache = PartsCache(directory)
    found = []
    for _ in range(rounds):
        cache.put(source, parts)
        found.append(cache.get(model))
    return all(each == parts for each in found)


def test_two_writers_at_once_never_break_what_a_reader_finds(
    model: Path, source: ModelSource, parts: Parts, tmp_path: Path
) -> None:
    """Two servers may start together for the first time."""
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert all(pool.starmap(_keep_and_read, [(tmp_path, model, source, parts, 30)] * 2))
    assert len(list(tmp_path.iterdir())) == 1


def test_the_cache_lies_where_xdg_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A relative path in the variable is to be ignored, says the standard."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "wyoming-piper-serial"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache_dir() == tmp_path / "home" / ".cache" / "wyoming-piper-serial"
