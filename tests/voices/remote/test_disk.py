"""Tests for storing downloads on disk: free space, write errors, and simultaneous downloads."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voices.remote.fetching import VOICE, assert_whole, failure, fetch_it, in_child, names
from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, public_voice
from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.remote.download import (
    DiskSpace,
    fetch,
)

OTHER = public_voice("de_DE-fake-low")
KEPT_FREE = 64 << 20


def test_downloads_at_the_same_time_request_each_file_once(mirror: Mirror, tmp_path: Path) -> None:
    """If a voice is downloaded several times concurrently, in one process or in two, each file is requested only
    once."""
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        first = threads.submit(fetch_it, mirror, tmp_path)
        assert mirror.stalled.wait(10)
        second = threads.submit(fetch_it, mirror, tmp_path)
        third = threads.submit(in_child, mirror, tmp_path)
        mirror.released.set()
        first.result()
        second.result()
        assert third.result() == "done"
    assert_whole(tmp_path)
    assert mirror.asked == ["onnx.json", "onnx"]


def test_second_download_continues_when_the_first_ends(mirror: Mirror, tmp_path: Path) -> None:
    """If the first of two concurrent downloads of a voice is aborted, the second one resumes the part file."""
    mirror.stall_after = 100_000
    mirror.cuts = [200_000]
    with ThreadPoolExecutor() as threads:
        shutdown = Shutdown()
        first = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, shutdown=shutdown)
        assert mirror.stalled.wait(10)
        second = threads.submit(fetch_it, mirror, tmp_path)
        shutdown.begin()
        mirror.released.set()
        with pytest.raises(ShuttingDown):
            first.result()
        second.result()
    assert_whole(tmp_path)


def test_full_disk_is_reported_and_its_space_is_freed(mirror: Mirror, tmp_path: Path) -> None:
    """If the disk is full, DownloadFailed is raised and the part file is removed. A file size limit simulates the full
    disk."""
    assert "the disk is full" in in_child(mirror, tmp_path, largest_file=300_000)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_voice_that_does_not_fit_is_not_requested(mirror: Mirror, tmp_path: Path) -> None:
    """If a voice is larger than the free space, DownloadFailed is raised before any request is sent or any file is
    written."""
    huge = replace(VOICE, model=replace(VOICE.model, size=1 << 60))
    assert "the disk is full" in failure(mirror, tmp_path, huge)
    assert names(tmp_path) == []
    assert mirror.requests == []


def test_folder_that_cannot_be_written_is_reported(mirror: Mirror, tmp_path: Path) -> None:
    """If the folder is not writable, DownloadFailed is raised before any request is sent."""
    (tmp_path / "file").touch()
    assert "cannot be written" in failure(mirror, tmp_path / "file" / "voices")
    closed = tmp_path / "closed"
    closed.mkdir(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # drops root privileges, because root may write to any folder
    try:
        assert "cannot be written" in failure(mirror, closed)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    assert mirror.requests == []


def test_link_in_place_of_a_part_is_not_followed(mirror: Mirror, tmp_path: Path) -> None:
    """If a part file is a symbolic link, the link is not followed, because it could point to any file."""
    (tmp_path / f"{NAME}.onnx.part").symlink_to(tmp_path / "mine")
    assert "cannot be written" in failure(mirror, tmp_path)
    assert not (tmp_path / "mine").exists()


def test_waiting_for_another_process_ends_with_the_server(mirror: Mirror, tmp_path: Path) -> None:
    """A shutdown aborts a download that is waiting for another process, even if that process makes no progress."""
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        first = threads.submit(in_child, mirror, tmp_path)
        assert mirror.stalled.wait(30)
        shutdown = Shutdown()
        second = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, shutdown=shutdown)
        shutdown.begin()
        with pytest.raises(ShuttingDown):
            second.result(10)
        mirror.released.set()
        assert first.result() == "done"
    assert_whole(tmp_path)


def test_second_download_cannot_use_space_that_the_first_still_needs(mirror: Mirror, tmp_path: Path) -> None:
    """A download is refused if there is not enough free space for this download and the rest of another running
    download."""
    mirror.files |= {OTHER.model.path: MODEL, OTHER.config.path: config_of(OTHER.name)}
    total = KEPT_FREE + VOICE.size * 3 // 2

    def free(folder: Path) -> int:
        return total - sum(path.stat().st_size for path in folder.iterdir())

    space = DiskSpace(free)
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        first = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, space=space)
        assert mirror.stalled.wait(10)
        mirror.requests.clear()
        assert "the disk is full" in failure(mirror, tmp_path, OTHER, space=space)
        assert mirror.requests == []
        mirror.released.set()
        first.result()
    assert_whole(tmp_path)
    total += VOICE.size
    fetch(OTHER, tmp_path, base_url=mirror.url, timeout=10, space=space)


def test_disk_that_others_fill_keeps_its_last_64_mb(mirror: Mirror, tmp_path: Path) -> None:
    """If other programs fill the disk during a download, the download stops when only 64 MB are free, and its part file
    is removed."""
    free = iter([1 << 40] * 3)
    space = DiskSpace(lambda _: next(free, KEPT_FREE))
    assert "the disk is full" in failure(mirror, tmp_path, space=space)
    assert f"{NAME}.onnx.part" not in names(tmp_path)
    assert f"{NAME}.lock" not in names(tmp_path)


def test_reservations_are_counted_once_each(tmp_path: Path) -> None:
    """Each download has at most one disk space reservation. A new reservation replaces the previous one, `release`
    removes the reservation, and a refused reservation does not count."""
    space = DiskSpace(lambda _: KEPT_FREE + 100)
    space.reserve(tmp_path, "a", 60)
    space.reserve(tmp_path, "a", 50)
    with pytest.raises(OSError, match="needed"):
        space.reserve(tmp_path, "b", 51)
    space.reserve(tmp_path, "b", 50)
    space.reserve(tmp_path, "a", 50)
    space.release("b")
    space.release("b")
    space.reserve(tmp_path, "a", 100)
