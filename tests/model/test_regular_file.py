"""Only regular files are opened."""

import os
from pathlib import Path

import pytest

from wyoming_piper_serial.model.regular_file import open_regular


def test_regular_file_is_read(tmp_path: Path) -> None:
    """A regular file is opened, even if the path is a symbolic link to it."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    with open_regular(tmp_path / "link") as file:
        assert file.read() == b"content"


@pytest.mark.timeout(10)
def test_other_files_are_refused_without_waiting(tmp_path: Path) -> None:
    """Opening a named pipe, a device, a folder, a loop of symbolic links or a missing file raises OSError."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to("circle")
    for path in (tmp_path / "pipe", Path("/dev/zero"), tmp_path, tmp_path / "circle", tmp_path / "missing"):
        with pytest.raises(OSError, match=r".") as caught:
            open_regular(path)
        assert str(path) in str(caught.value)
