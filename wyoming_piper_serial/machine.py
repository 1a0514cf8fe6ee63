"""The operating system's limits on the open files, memory and cores of the process."""

import math
import os
import resource
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.settings import MEBIBYTE

_ROOT = Path("/")
_MOUNT = "sys/fs/cgroup"  # the mount point of cgroups under systemd and in containers


def allow_open_files(count: int) -> None:
    """Increases the process's soft limit for open files to `count` if it is lower.

    Raises SettingsError if the hard limit is lower than `count`.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= count or soft == resource.RLIM_INFINITY:
        return
    if hard != resource.RLIM_INFINITY and hard < count:
        raise SettingsError(f"--max-connections: needs {count} open files, but only {hard} are allowed (ulimit -n).")
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def check_memory(*, instances: int, each: int, root: Path = _ROOT) -> None:
    """Raises SettingsError if `instances` copies of a voice do not fit into the free memory. Each copy needs `each`
    bytes. Does nothing if the free memory is unknown."""
    free = available_memory(root)
    if free is not None and instances * each > free:
        raise SettingsError(
            f"--instances {instances}: this many copies of the voice need about {instances * each // MEBIBYTE} MiB, "
            f"but only {free // MEBIBYTE} MiB is free."
        )


def available_memory(root: Path = _ROOT) -> int | None:
    """Returns the number of bytes that the process can allocate without swapping or exceeding its cgroup limits.

    Returns `None` on a system without /proc/meminfo. `root` is the root of the file system.
    """
    try:
        text = (root / "proc/meminfo").read_text(encoding="ascii")
        kibibytes = next(line.split()[1] for line in text.splitlines() if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return None
    free = [int(kibibytes) * 1024]
    for group in _groups("memory", root):
        limits = [_number(_text(group / name)) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
        needed = _needed_memory(group)
        if needed is not None:
            free += [max(0, limit - needed) for limit in limits if limit is not None]
    return min(free)


def usable_cores(root: Path = _ROOT) -> int:
    """Returns the number of cores that the process may use, as limited by its CPU affinity and its CPU quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = cpu_quota(root)
    return cores if quota is None else min(cores, quota)


def cpu_quota(root: Path = _ROOT) -> int | None:
    """Returns the lowest CPU quota of the process's cgroups, in cores, rounded up.

    Returns `None` if there is no quota.
    """
    quotas = [_quota(group) for group in _groups("cpu", root)]
    return min((max(1, math.ceil(quota)) for quota in quotas if quota is not None), default=None)


def _groups(controller: str, root: Path) -> Iterator[Path]:
    """Yields the folders of the process's cgroup and of all its parents. Each of them can set a limit.

    In a container, the path of the cgroup may be its path on the host. In this case, only the root of the mount exists.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = ["0::/"]
    for line in lines:
        # In version 1 of cgroups, a line has the form `4:cpu,cpuacct:/path`, and the folder is named after one or all
        # of its controllers. In version 2, it has the form `0::/path`.
        controllers, _, path = line.partition(":")[2].partition(":")
        if not controllers:
            mounts = ["", "unified"]
        elif controller in controllers.split(","):
            mounts = list(dict.fromkeys((controllers, controller)))
        else:
            continue
        inner = PurePosixPath(path.lstrip("/"))
        for mount in mounts:
            for group in (inner, *inner.parents):
                if ".." not in group.parts:
                    yield root / _MOUNT / mount / group


def _needed_memory(group: Path) -> int | None:
    """Returns the number of bytes in use, excluding the inactive page cache, which the kernel frees if necessary.

    Returns `None` if the folder of the cgroup has no file with this number.
    """
    for usage, inactive in (("memory.current", "inactive_file"), ("memory.usage_in_bytes", "total_inactive_file")):
        used = _number(_text(group / usage))
        if used is not None:
            stat = dict(line.partition(" ")[::2] for line in _text(group / "memory.stat").splitlines())
            return used - (_number(stat.get(inactive, "")) or 0)
    return None


def _quota(group: Path) -> float | None:
    """Returns the CPU quota of a cgroup in cores, or `None` if it has no quota."""
    # In version 2 of cgroups, one file contains the quota and the period, such as `max 100000`. Version 1 has a file
    # for each, and a quota of -1 means no limit. All times are in µs.
    names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
    words = _text(group / "cpu.max").split() or [_text(group / name).strip() for name in names]
    if len(words) != 2 or not all(word.isdecimal() and int(word) for word in words):
        return None
    return int(words[0]) / int(words[1])


def _number(text: str) -> int | None:
    """Returns the number in `text`, or `None` if `text` is not a number. It is empty if a file is missing, and `max` if
    there is no limit."""
    try:
        return int(text)
    except ValueError:
        return None


def _text(file: Path) -> str:
    """Returns the content of a file, or an empty string if the file cannot be read."""
    try:
        return file.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""
