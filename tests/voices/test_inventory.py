"""The inventory finds the files of each voice in the listings of folders."""

from pathlib import Path

import pytest

from wyoming_piper_serial.settings import Settings, default_download_folder
from wyoming_piper_serial.voices.inventory import (
    Listing,
    Stamp,
    VoiceFiles,
    first_of_each_name,
    is_voice_file,
    settled,
    voice_files,
    voice_folders,
)

_ONE, _TWO = Path("/one"), Path("/two")


def written(at: float = 0.0, size: int = 1) -> Stamp:
    """Return the stamp of a file with `size` bytes and the write time `at` (in seconds)."""
    return Stamp(inode=1, size=size, mtime_ns=int(at * 1e9), ctime_ns=0)


def pair(name: str, at: float = 0.0) -> dict[str, Stamp | None]:
    return {f"{name}.onnx": written(at), f"{name}.onnx.json": written(at)}


def voice(name: str = "a", *, at: float = 0.0, folder: Path = _ONE) -> VoiceFiles:
    (files,) = voice_files([(folder, pair(name, at))])
    return files


def test_voice_has_a_model_a_config_and_sometimes_weights() -> None:
    """A voice has the stamps of its model, its config and, if there is one, its weights file."""
    weights = written(size=5)
    (files,) = voice_files([(_ONE, pair("a") | {"a.onnx.data": weights})])
    assert (files.folder, files.name) == (_ONE, "a")
    assert (files.model, files.config) == (_ONE / "a.onnx", _ONE / "a.onnx.json")
    assert files.stamps == (written(), written(), weights)
    assert files.missing == ()
    assert files.size == 7
    assert voice("a").missing == ()
    assert voice("a").stamps == (written(), written(), None)


@pytest.mark.parametrize(
    ("listing", "missing", "lone_config"),
    [
        ({"a.onnx": written()}, [_ONE / "a.onnx.json"], False),
        ({"a.onnx.json": written()}, [_ONE / "a.onnx"], True),
        ({"a.onnx": None, "a.onnx.json": written()}, [_ONE / "a.onnx"], True),
        ({"a.onnx": written(), "a.onnx.json": None}, [_ONE / "a.onnx.json"], False),
        ({"a.onnx": None}, [_ONE / "a.onnx", _ONE / "a.onnx.json"], False),
    ],
)
def test_missing_half_of_a_pair_is_named(listing: Listing, missing: list[Path], *, lone_config: bool) -> None:
    """`missing` contains the path of the model or the config if the file does not exist or `stat` fails."""
    (files,) = voice_files([(_ONE, listing)])
    assert list(files.missing) == missing
    assert files.is_lone_config == lone_config


def test_weights_alone_are_not_a_voice() -> None:
    """A weights file without a model and a config is not a voice. An empty folder contains no voice."""
    assert voice_files([(_ONE, {"a.onnx.data": written()}), (_TWO, {})]) == []


def test_files_are_in_order_of_precedence() -> None:
    """`voice_files` returns voices in the order of their folders, and sorted by name within each folder."""
    found = voice_files([(_TWO, pair("b") | pair("c") | pair("a")), (_ONE, pair("b"))])
    assert [files.model for files in found] == [_TWO / "a.onnx", _TWO / "b.onnx", _TWO / "c.onnx", _ONE / "b.onnx"]


def test_first_folder_takes_precedence() -> None:
    """If two folders contain the same voice, the voice in the first folder is used, even if it is incomplete."""
    found = voice_files([(_ONE, pair("a") | {"b.onnx": written()}), (_TWO, pair("b") | pair("c"))])
    assert {name: files.folder for name, files in first_of_each_name(found).items()} == {
        "a": _ONE,
        "b": _ONE,
        "c": _TWO,
    }


@pytest.mark.parametrize("name", ["a.onnx", "a.onnx.json", "a.onnx.data", "a.b.onnx", "a.onnx.onnx.json", ".a.onnx"])
def test_names_of_voice_files(name: str) -> None:
    """The names of voice files end in `.onnx`, `.onnx.json` or `.onnx.data`."""
    assert is_voice_file(name)


@pytest.mark.parametrize("name", ["a", "a.json", "a.onnx.part", "a.ONNX", "voices.json", ".onnx", ".onnx.json"])
def test_names_of_other_files(name: str) -> None:
    """Unfinished downloads, files with other suffixes, and files whose names consist only of a suffix are not voice
    files."""
    assert not is_voice_file(name)


def test_config_belongs_to_the_model_whose_whole_name_it_has() -> None:
    """The name of a config is the full name of the model file plus `.json`, even if the name of the voice contains
    `.onnx`."""
    listing = {name: written() for name in ("a.onnx.onnx", "a.onnx.onnx.json", "b.onnx.json.onnx")}
    assert [(files.name, files.missing) for files in voice_files([(_ONE, listing)])] == [
        ("a.onnx", ()),
        ("b.onnx.json", (_ONE / "b.onnx.json.onnx.json",)),
    ]


def test_empty_model_is_noticed() -> None:
    """`is_model_empty` is true if the model file exists and is empty. It is false if the file is missing."""
    (empty,) = voice_files([(_ONE, pair("a") | {"a.onnx": written(size=0)})])
    assert empty.is_model_empty
    assert not voice("a").is_model_empty
    (missing,) = voice_files([(_ONE, {"a.onnx.json": written()})])
    assert not missing.is_model_empty


@pytest.mark.parametrize(("age", "is_settled"), [(0.0, False), (2.9, False), (3.0, True), (1000.0, True), (-5.0, True)])
def test_voice_has_settled_three_seconds_after_the_last_write(age: float, *, is_settled: bool) -> None:
    """`is_settled` returns true three seconds after the last write to any of the voice's files. Write times in the
    future are ignored."""
    for name in ("a.onnx", "a.onnx.json", "a.onnx.data"):
        (files,) = voice_files([(_ONE, pair("a", at=10.0) | {name: written(at=1000.0)})])
        assert files.is_settled(1000.0 + age) == is_settled


def test_new_voice_is_left_out_until_it_has_settled() -> None:
    """`settled` omits a new voice until three seconds after the last write to its files, unless the caller passes its
    name as `complete`."""
    new, old = voice("new", at=1000.0), voice("old")
    assert settled([new, old], [old], now=1001.0) == [old]
    assert settled([new, old], [old], now=1001.0, complete="new") == [new, old]
    assert settled([new, old], [old], now=1003.0) == [new, old]


def test_changed_voice_stays_as_it_was_until_it_has_settled() -> None:
    """`settled` returns the old files of a changed voice, at the same position, until three seconds after the last
    write."""
    before, after, other = voice("a"), voice("a", at=1000.0), voice("b")
    assert settled([after, other], [before, other], now=1001.0) == [before, other]
    assert settled([after, other], [before, other], now=1003.0) == [after, other]
    assert settled([after, other], [before, other], now=1001.0, complete="a") == [after, other]


def test_voice_that_was_accepted_early_stays() -> None:
    """`settled` does not omit a voice whose files were written less than three seconds ago but were already in use
    before, as happens after startup."""
    young = voice("a", at=1000.0)
    assert settled([young], [young], now=1001.0) == [young]


def test_removed_voice_is_gone_at_once() -> None:
    """`settled` omits a removed voice immediately. A voice with the same name in another folder stays in the list."""
    removed, other = voice("a"), voice("a", folder=_TWO)
    assert settled([], [removed], now=1000.0) == []
    assert settled([other], [removed, other], now=1000.0) == [other]


def test_folders_are_the_data_folders_and_then_the_download_folder() -> None:
    """The voice folders are the `--data-dir` folders in the given order, followed by the download folder. Each folder
    is listed only once."""
    assert voice_folders(Settings(data_dirs=(_TWO, _ONE), download_dir=Path("/down"))) == (_TWO, _ONE, Path("/down"))
    assert voice_folders(Settings(data_dirs=(_TWO, _ONE), download_dir=_TWO)) == (_TWO, _ONE)
    assert voice_folders(Settings(data_dirs=(_TWO, _ONE))) == (_TWO, _ONE)
    assert voice_folders(Settings(download_dir=_ONE)) == (_ONE,)


def test_folder_without_options_is_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without options, the only voice folder is in the user's data folder. The voice folder need not exist."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert voice_folders(Settings()) == (tmp_path / "wyoming-piper-serial" / "voices",)
    monkeypatch.setenv("XDG_DATA_HOME", "")


@pytest.mark.usefixtures("no_home")
def test_user_without_a_home_has_no_folder() -> None:
    """A user without a home directory has no voice folder."""
    assert default_download_folder() is None
    assert voice_folders(Settings()) == ()
