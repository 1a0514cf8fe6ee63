"""What the machine allows."""

from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.machine import available_memory, check_memory

MIB = 1 << 20
CACHED = 30  # MiB of files in the group's memory


def machine(root: Path, *, available: int, limit: str | None = None, used: int = 0) -> Path:
    """A root folder of a machine with so many MiB available, and a control group's limit."""
    (root / "proc").mkdir()
    (root / "proc" / "meminfo").write_text(f"MemTotal: 9999999 kB\nMemAvailable: {available * 1024} kB\n")
    if limit is not None:
        group = root / "sys" / "fs" / "cgroup"
        group.mkdir(parents=True)
        (group / "memory.max").write_text(f"{limit}\n")
        (group / "memory.current").write_text(f"{used * MIB}\n")
        (group / "memory.stat").write_text(f"anon {(used - CACHED) * MIB}\ninactive_file {CACHED * MIB}\n")
    return root


def test_available_memory_is_the_systems(tmp_path: Path) -> None:
    """Where no container sets a limit."""
    assert available_memory(machine(tmp_path, available=500)) == 500 * MIB


@pytest.mark.parametrize(("limit", "available"), [("max", 500), (str(300 * MIB), 230), (str(50 * MIB), 0)])
def test_a_containers_limit_counts(tmp_path: Path, limit: str, available: int) -> None:
    """What the group may still take, if that is less; files it has read make room."""
    assert available_memory(machine(tmp_path, available=500, limit=limit, used=100)) == available * MIB


def test_nothing_is_refused_where_nothing_is_known(tmp_path: Path) -> None:
    """On a system without /proc the memory is the operator's business."""
    assert available_memory(tmp_path) is None
    check_memory(instances=1000, each=MIB, root=tmp_path)


def test_instances_that_do_not_fit_are_refused_in_plain_words(tmp_path: Path) -> None:
    """What is needed and what is there."""
    root = machine(tmp_path, available=500)
    check_memory(instances=5, each=100 * MIB, root=root)
    with pytest.raises(SettingsError, match=r"--instances 6: .* about 600 MiB, but only 500 MiB are free"):
        check_memory(instances=6, each=100 * MIB, root=root)
