"""The command `wyoming-piper-serial voices` removes voices."""

import errno
import os
from pathlib import Path

import pytest

from tests.cli.voices_command import BUNDLED, OTHER, OWN, Run, install, one_line
from tests.voices.remote.mirror import MODEL, NAME
from wyoming_piper_serial.voices.remote.index import LIST_NAME


def test_remove_says_what_it_freed(run: Run, folder: Path) -> None:
    """`remove` prints the number of megabytes freed, and also removes the files of unfinished downloads."""
    install(folder)
    (folder / f"{OTHER.name}.onnx.part").write_bytes(MODEL)
    code, out, _ = run("remove", NAME, OTHER.name)
    assert code == 0
    assert out.splitlines()[0] == f"{NAME}: removed, 0.6 MB freed"
    assert [path.name for path in folder.iterdir()] == [LIST_NAME]


def test_remove_touches_only_the_download_folder(run: Run, folder: Path, tmp_path: Path) -> None:
    """`remove` refuses to remove voices outside the download folder, such as the bundled voice, and gives the
    reason."""
    other = tmp_path / "other"
    other.mkdir()
    install(other)
    folders = (f"--data-dir={other}", f"--download-dir={folder}")
    assert str(other) in one_line(run("remove", *folders, NAME), 1)
    assert (other / f"{NAME}.onnx").exists()
    assert "is part of the installation" in one_line(run("remove", BUNDLED), 1)
    assert "is not installed" in one_line(run("remove", OTHER.name), 1)


def test_own_voice_is_not_removed(run: Run, folder: Path) -> None:
    """`remove` refuses a voice that is not on the public list, because it cannot be downloaded again."""
    install(folder, OWN)
    line = one_line(run("remove", OWN), 1)
    assert "not on the public list" in line
    assert line.endswith(f"{folder / OWN}.onnx")
    assert (folder / f"{OWN}.onnx").exists()


def test_voice_that_cannot_be_removed_is_one_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the files of a voice cannot be deleted, for example on a read-only disk, `remove` exits with code 1 and prints
    one line."""
    install(folder)

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "unlink", refused)
    assert one_line(run("remove", NAME), 1).endswith(f"cannot be removed: {folder}: Read-only file system")
