"""Fake players for the tests of `say --play`: scripts on PATH that store their arguments and their input."""

import os
import stat
from pathlib import Path

import pytest

# A fake player named NAME. It stores its arguments in `NAME.arguments`, and its standard input, or the file named by
# its last argument, in `NAME.audio`. `NAME.begun` exists as soon as the first bytes have arrived.
_SCRIPT = """\
#!/bin/sh
printf '%s\\n' "$@" > {folder}/{name}.arguments
{read}
"""
_STREAM = """\
dd bs=1 count=1 of={folder}/{name}.first 2>/dev/null
mv {folder}/{name}.first {folder}/{name}.begun
cat {folder}/{name}.begun - > {folder}/{name}.audio
"""
_FILE = 'cp "$1" {folder}/{name}.audio'


class FakePlayers:
    """The fake players on PATH."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        # PATH contains the tools that the scripts use, but no real player.
        tools = folder / "tools"
        tools.mkdir()
        for tool in ("sh", "cat", "cp", "dd", "mv", "sleep"):
            (tools / tool).symlink_to(
                next(path for path in (Path("/bin") / tool, Path("/usr/bin") / tool) if path.exists())
            )
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{tools}")

    def install(self, name: str, script: str = "") -> None:
        """Install a player. `script` replaces its behaviour after it has stored its arguments."""
        read = script or (_FILE if name == "afplay" else _STREAM).format(folder=self._folder, name=name)
        path = self._folder / name
        path.write_text(_SCRIPT.format(folder=self._folder, name=name, read=read))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def arguments(self, name: str) -> list[str]:
        return (self._folder / f"{name}.arguments").read_text().splitlines()

    def audio(self, name: str) -> bytes:
        return (self._folder / f"{name}.audio").read_bytes()

    def has_begun(self, name: str) -> bool:
        return (self._folder / f"{name}.begun").exists()
