"""Opens files in a voice folder. Rejects pipes, devices and other special files, which the folder may also contain."""

import errno
import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """Opens the regular file at `path` for reading. Raises OSError for anything else.

    Opening a named pipe would block until another program opens it, and reading from a device may never end.
    """
    file: BufferedReader = BufferedReader(FileIO(path, opener=_without_waiting))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    return file


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
