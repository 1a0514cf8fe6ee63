"""The limits that the operating system sets for the process: open files and memory."""

import resource
from pathlib import Path

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import MEBIBYTE


def allow_open_files(count: int) -> None:
    """Increases the process's soft limit of open files to `count` if it is lower.

    Raises SettingsError if the hard limit is lower than `count`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SettingsError(f"--max-connections: needs {count} open files, but only {hard} are allowed (ulimit -n).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def check_memory(*, instances: int, each: int, root: Path = Path("/")) -> None:
    """Raises SettingsError if `instances` copies of a voice, each of `each` bytes, need more than the free memory."""
    free = available_memory(root)
    if free is not None and instances * each > free:
        raise SettingsError(
            f"--instances {instances}: that many copies of the voice need about {instances * each // MEBIBYTE} MiB, "
            f"but only {free // MEBIBYTE} MiB are free."
        )


def available_memory(root: Path = Path("/")) -> int | None:
    """Returns the bytes that can be allocated without swapping in the system, or in the process's cgroup if fewer.

    Returns `None` on a system without /proc/meminfo. `root` is the root of the file system.
    """
    try:
        text = (root / "proc/meminfo").read_text(encoding="ascii")
        kibibytes = next(line.split()[1] for line in text.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
    free = int(kibibytes) * 1024
    group = root / "sys/fs/cgroup"
    try:
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        used = (group / "memory.current").read_text(encoding="ascii").strip()
        stat = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        # `memory.current` includes the page cache, but the kernel frees the inactive part of it when memory is needed.
        needed = int(used) - int(stat.get("inactive_file", 0))
        return free if limit == "max" else min(free, max(0, int(limit) - needed))
    except (OSError, ValueError):
        return free  # there is no cgroup, or it has version 1
