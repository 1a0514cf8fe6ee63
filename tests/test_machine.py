"""`machine` determines the available memory and the usable cores, and raises the limit on open files."""

import os
import resource
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.machine import allow_open_files, available_memory, check_memory, cpu_quota, usable_cores

MIB = 1 << 20
CACHED = 30  # page cache of the fake cgroup, in MiB


def machine(root: Path, *, available: int, limit: str | None = None, used: int = 0) -> Path:
    """Create the files in which Linux reports memory, in the folder `root`, and return this folder.

    The system has `available` MiB. If `limit` is given, a cgroup may use `limit` bytes and uses `used` MiB.
    """
    (root / "proc").mkdir()
    (root / "proc" / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable: {available * 1024} kB\n")
    if limit is not None:
        group = root / "sys" / "fs" / "cgroup"
        group.mkdir(parents=True)
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "memory.current").write_text(f"{used * MIB}\n")
        (group / "memory.stat").write_text(f"anon {(used - CACHED) * MIB}\ninactive_file {CACHED * MIB}\n")
    return root


def test_available_memory_is_that_of_the_system(tmp_path: Path) -> None:
    """Without a cgroup, the available memory is the value that the system reports."""
    assert available_memory(machine(tmp_path, available=500)) == 500 * MIB


@pytest.mark.parametrize(("limit", "available"), [("max", 500), (str(300 * MIB), 230), (str(50 * MIB), 0)])
def test_limit_of_a_container_counts(tmp_path: Path, limit: str, available: int) -> None:
    """If a cgroup can allocate less memory than is available in the system, the smaller amount is returned. The page
    cache of the cgroup counts as free memory."""
    assert available_memory(machine(tmp_path, available=500, limit=limit, used=100)) == available * MIB


NO_LIMIT = str(0x7FFFFFFFFFFFF000)
"""The value that means "no limit" in version 1 of cgroups. Version 2 uses `max`."""


def cgroups(root: Path, membership: str, files: dict[str, str]) -> Path:
    """Return the root folder of a machine with 500 MiB of memory. `membership` is the content of /proc/self/cgroup, and
    `files` contains the files of the cgroups."""
    machine(root, available=500)
    (root / "proc/self").mkdir()
    (root / "proc/self/cgroup").write_text(membership)
    for name, content in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return root


@pytest.mark.parametrize(
    ("membership", "files", "available"),
    [
        pytest.param(
            "0::/system.slice/piper.service\n",
            {
                "system.slice/memory.max": str(400 * MIB),
                "system.slice/memory.current": str(350 * MIB),
                "system.slice/piper.service/memory.max": str(200 * MIB),
                "system.slice/piper.service/memory.current": str(100 * MIB),
            },
            50,
            id="a slice of systemd is nearly full",
        ),
        pytest.param(
            "0::/user.slice/a/b/c\n",
            {
                "user.slice/memory.max": str(300 * MIB),
                "user.slice/memory.current": "0",
                "user.slice/a/memory.max": "max",
                "user.slice/a/memory.current": "0",
                "user.slice/a/b/c/memory.max": "max",
                "user.slice/a/b/c/memory.current": "0",
            },
            300,
            id="only a distant parent has a limit",
        ),
        pytest.param(
            "0::/piper\n",
            {"piper/memory.max": str(400 * MIB), "piper/memory.high": str(90 * MIB), "piper/memory.current": "0"},
            90,
            id="the process is slowed down before it is ended",
        ),
        pytest.param(
            "0::/../../host\n",
            {"memory.max": str(70 * MIB), "memory.current": "0"},
            70,
            id="the cgroup is outside of what a container sees",
        ),
        pytest.param(
            "4:memory:/docker/1234\n0::/\n",
            {
                "memory/docker/memory.limit_in_bytes": NO_LIMIT,
                "memory/docker/memory.usage_in_bytes": "0",
                "memory/docker/1234/memory.limit_in_bytes": str(200 * MIB),
                "memory/docker/1234/memory.usage_in_bytes": str(90 * MIB),
                "memory/docker/1234/memory.stat": f"inactive_file 1\ntotal_inactive_file {30 * MIB}",
            },
            140,
            id="version 1",
        ),
        pytest.param(
            "4:memory:/docker/1234\n",
            {"memory/memory.limit_in_bytes": str(200 * MIB), "memory/memory.usage_in_bytes": "0"},
            200,
            id="version 1 in a container, whose path is that of the host",
        ),
        pytest.param(
            "5:cpu,cpuacct:/\n4:hugetlb,memory:/\n1:name=systemd:/a\n",
            {"hugetlb,memory/memory.limit_in_bytes": str(60 * MIB), "hugetlb,memory/memory.usage_in_bytes": "0"},
            60,
            id="version 1 with two controllers in one folder",
        ),
        pytest.param(
            "0::/\n", {"memory.max": "0", "memory.current": "0", "memory.stat": "inactive_file ?"}, 0, id="odd stat"
        ),
        pytest.param("4:memory:/\n", {"memory/memory.limit_in_bytes": NO_LIMIT}, 500, id="no usage"),
        pytest.param("4:memory:/\n", {"memory/memory.usage_in_bytes": "?"}, 500, id="not a number"),
        pytest.param("no colons\n\n", {}, 500, id="not the form of the file"),
    ],
)
def test_least_memory_of_all_cgroups_counts(
    membership: str, files: dict[str, str], available: int, tmp_path: Path
) -> None:
    """The limits of the process's cgroup and of all its parents apply, for both versions of cgroups."""
    assert available_memory(cgroups(tmp_path, membership, files)) == available * MIB


@pytest.mark.parametrize(
    ("membership", "files", "quota"),
    [
        ("0::/\n", {}, None),
        ("0::/\n", {"cpu.max": "max 100000"}, None),
        ("0::/\n", {"cpu.max": "200000 100000"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000"}, 2),
        ("0::/\n", {"cpu.max": "1000 100000"}, 1),
        ("0::/\n", {"cpu.max": "1000 0"}, None),
        ("0::/\n", {"cpu.max": "nonsense"}, None),
        ("0::/a/b\n", {"a/cpu.max": "100000 100000", "a/b/cpu.max": "300000 100000"}, 1),
        ("3:cpu,cpuacct:/d\n", {"cpu,cpuacct/d/cpu.cfs_quota_us": "-1", "cpu,cpuacct/d/cpu.cfs_period_us": "1"}, None),
        ("3:cpu,cpuacct:/d\n", {"cpu/d/cpu.cfs_quota_us": "50000", "cpu/d/cpu.cfs_period_us": "25000"}, 2),
        ("3:cpuset:/\n", {"cpuset/cpu.cfs_quota_us": "50000", "cpuset/cpu.cfs_period_us": "25000"}, None),
    ],
)
def test_least_quota_of_all_cgroups_counts(
    membership: str, files: dict[str, str], quota: int | None, tmp_path: Path
) -> None:
    """The quotas of the process's cgroup and of all its parents apply, for both versions of cgroups."""
    assert cpu_quota(cgroups(tmp_path, membership, files)) == quota


def test_usable_cores_are_those_of_affinity_and_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of usable cores is limited by the CPU affinity of the process and by its CPU quota. On a system
    without CPU affinity, all cores are usable."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 3, 5})
    assert usable_cores(tmp_path) == 3
    assert usable_cores(cgroups(tmp_path, "0::/\n", {"cpu.max": "200000 100000"})) == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert usable_cores(tmp_path) == 1


def test_nothing_is_refused_if_the_memory_is_unknown(tmp_path: Path) -> None:
    """On a system without /proc, the available memory is unknown, and any number of instances is accepted."""
    assert available_memory(tmp_path) is None
    check_memory(instances=1000, each=MIB, root=tmp_path)


def test_instances_that_do_not_fit_are_refused_in_plain_words(tmp_path: Path) -> None:
    """If the instances do not fit into memory, SettingsError is raised. Its message contains the required and the
    available memory."""
    root = machine(tmp_path, available=500)
    check_memory(instances=5, each=100 * MIB, root=root)
    with pytest.raises(SettingsError, match=r"--instances 6: .* about 600 MiB, but only 500 MiB is free"):
        check_memory(instances=6, each=100 * MIB, root=root)


class Limits:
    """A fake limit on open files. Replaces the functions `getrlimit` and `setrlimit` of the module `resource`."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, soft: int, hard: int) -> None:
        self.now = (soft, hard)
        monkeypatch.setattr(resource, "getrlimit", self.get)
        monkeypatch.setattr(resource, "setrlimit", self.set)

    def get(self, kind: int) -> tuple[int, int]:
        assert kind == resource.RLIMIT_NOFILE
        return self.now

    def set(self, kind: int, limits: tuple[int, int]) -> None:
        assert kind == resource.RLIMIT_NOFILE
        self.now = limits


@pytest.mark.parametrize(
    ("soft", "hard", "raised"),
    [
        (1024, 4096, 2000),
        (1024, 2000, 2000),
        (1024, resource.RLIM_INFINITY, 2000),
        (2000, 4096, 2000),
        (4096, 4096, 4096),
        (resource.RLIM_INFINITY, resource.RLIM_INFINITY, resource.RLIM_INFINITY),
    ],
)
def test_soft_limit_of_open_files_is_raised_if_it_is_too_low(
    soft: int, hard: int, raised: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A soft limit that is too low is raised to the required number. The soft limit is never lowered, and the hard
    limit does not change."""
    limits = Limits(monkeypatch, soft, hard)
    allow_open_files(2000)
    assert limits.now == (raised, hard)


def test_too_low_hard_limit_of_open_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the hard limit is too low, SettingsError is raised, and the limits do not change. The message names the
    option."""
    limits = Limits(monkeypatch, 1024, 1999)
    with pytest.raises(SettingsError, match=r"--max-connections: needs 2000 open files, but only 1999 are allowed"):
        allow_open_files(2000)
    assert limits.now == (1024, 1999)
