"""Reading the machine's available memory, and raising its limit of open files."""

import resource
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.machine import allow_open_files, available_memory, check_memory

MIB = 1 << 20
CACHED = 30  # page cache of the fake cgroup, in MiB


def machine(root: Path, *, available: int, limit: str | None = None, used: int = 0) -> Path:
    """Create in `root` the files in which Linux reports memory: `available` MiB in the whole system and, if `limit` is
    given, a cgroup that may use `limit` bytes and uses `used` MiB. Return `root`."""
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
    """Without a cgroup, the available memory is what the system reports."""
    assert available_memory(machine(tmp_path, available=500)) == 500 * MIB


@pytest.mark.parametrize(("limit", "available"), [("max", 500), (str(300 * MIB), 230), (str(50 * MIB), 0)])
def test_limit_of_a_container_counts(tmp_path: Path, limit: str, available: int) -> None:
    """If a cgroup can allocate less than the system has available, the cgroup's value is returned. The cgroup's page
    cache counts as free memory."""
    assert available_memory(machine(tmp_path, available=500, limit=limit, used=100)) == available * MIB


def test_nothing_is_refused_if_the_memory_is_unknown(tmp_path: Path) -> None:
    """On a system without /proc the available memory is unknown, and any number of instances is accepted."""
    assert available_memory(tmp_path) is None
    check_memory(instances=1000, each=MIB, root=tmp_path)


def test_instances_that_do_not_fit_are_refused_in_plain_words(tmp_path: Path) -> None:
    """Instances that do not fit into the memory raise SettingsError, with the needed and the available memory in its
    message."""
    root = machine(tmp_path, available=500)
    check_memory(instances=5, each=100 * MIB, root=root)
    with pytest.raises(SettingsError, match=r"--instances 6: .* about 600 MiB, but only 500 MiB are free"):
        check_memory(instances=6, each=100 * MIB, root=root)


class Limits:
    """A fake limit of open files. It replaces the functions `getrlimit` and `setrlimit` of the module `resource`."""

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
    """A soft limit that is too low is raised to the needed number. It is never lowered, and the hard limit does not
    change."""
    limits = Limits(monkeypatch, soft, hard)
    allow_open_files(2000)
    assert limits.now == (raised, hard)


def test_too_low_hard_limit_of_open_files_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hard limit that is too low raises SettingsError with the option's name in its message. The limits do not
    change."""
    limits = Limits(monkeypatch, 1024, 1999)
    with pytest.raises(SettingsError, match=r"--max-connections: needs 2000 open files, but only 1999 are allowed"):
        allow_open_files(2000)
    assert limits.now == (1024, 1999)
