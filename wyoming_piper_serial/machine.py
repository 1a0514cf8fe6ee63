"""What the machine allows: open files and memory."""

import resource
from pathlib import Path

from wyoming_piper_serial.exceptions import SettingsError

_MEBIBYTE = 1 << 20


def allow_open_files(wanted: int) -> None:
    """Raise the soft limit as far as needed. Raises SettingsError where that is not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise SettingsError(f"--max-connections: needs {wanted} open files, but only {hard} are allowed (ulimit -n).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def check_memory(*, instances: int, each: int, root: Path = Path("/")) -> None:
    """Raises SettingsError where `instances` of a voice of `each` bytes would not fit into free memory."""
    free = available_memory(root)
    if free is not None and instances * each > free:
        raise SettingsError(
            f"--instances {instances}: that many copies of the voice need about {instances * each // _MEBIBYTE} MiB, "
            f"but only {free // _MEBIBYTE} MiB are free."
        )


def available_memory(root: Path = Path("/")) -> int | None:
    """Bytes that can be had without swapping: the system's, or a container's if that is less.

    `None` where there is no Linux to ask.
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
        # Files that were read lately count as used, and go when memory is needed.
        held = int(used) - int(stat.get("inactive_file", 0))
        return free if limit == "max" else min(free, max(0, int(limit) - held))
    except (OSError, ValueError):
        return free  # no control group of ours, or one of the old kind
