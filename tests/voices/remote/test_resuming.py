"""An interrupted download is resumed if possible."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.voices.remote.fetching import VOICE, assert_whole, child_command, failure, fetch_it, names
from tests.voices.remote.mirror import MODEL, NAME, Mirror
from wyoming_piper_serial.exceptions import ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.remote.download import (
    fetch,
)
from wyoming_piper_serial.voices.remote.index import compact
from wyoming_piper_serial.voices.scanner import FolderScanner


def test_cut_connection_is_resumed_at_once(mirror: Mirror, tmp_path: Path) -> None:
    """If the connection is closed before the end of a file, the download immediately resumes at the next byte."""
    mirror.cuts = [300_000]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests[1:] == [(VOICE.model.path, None), (VOICE.model.path, "bytes=300000-")]


def test_connection_that_breaks_repeatedly_is_reported_and_resumed_later(mirror: Mirror, tmp_path: Path) -> None:
    """If the connection is closed prematurely three times, DownloadFailed is raised. The part file is kept, and the
    next download resumes it."""
    mirror.cuts = [100_000, 100_000, 100_000]
    assert "the connection was interrupted" in failure(mirror, tmp_path)
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 300_000
    assert f"{NAME}.onnx" not in names(tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests == [(VOICE.model.path, "bytes=300000-")]


def test_cut_before_the_first_byte_is_not_tried_again(mirror: Mirror, tmp_path: Path) -> None:
    """If the connection is closed before the first byte, the request is not retried, and DownloadFailed is raised."""
    mirror.cuts = [0, 0, 0]
    assert "the connection was interrupted" in failure(mirror, tmp_path)
    assert len(mirror.cuts) == 2
    mirror.raw = b""
    assert "the connection was interrupted" in failure(mirror, tmp_path)


@pytest.mark.parametrize("how", ["no ranges", "416", "other version", "too long"])
def test_part_that_cannot_be_continued_is_downloaded_from_its_start(mirror: Mirror, tmp_path: Path, how: str) -> None:
    """If a part file cannot be resumed, because the server does not support ranges or the content is wrong, the whole
    file is downloaded again."""
    part = MODEL[:1000]
    if how == "no ranges":
        mirror.ranges = False
    elif how == "416":
        mirror.range_status = 416
    elif how == "other version":
        part = b"?" * 1000
    else:
        part = MODEL + b"?"
    (tmp_path / f"{NAME}.onnx.part").write_bytes(part)
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    if how == "no ranges":
        assert mirror.asked.count("onnx") == 1  # the response to the first request contained the whole file


def test_complete_part_needs_no_network(mirror: Mirror, tmp_path: Path) -> None:
    """A part file that is already complete is checked and renamed without sending a request."""
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL)
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == ["onnx.json"]


def test_shutdown_ends_a_download_and_keeps_what_has_arrived(mirror: Mirror, tmp_path: Path) -> None:
    """On shutdown, a download raises ShuttingDown at the next block. A later download resumes the part file."""
    mirror.stall_after = 100_000
    shutdown = Shutdown()
    with ThreadPoolExecutor() as threads:
        work = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, shutdown=shutdown)
        assert mirror.stalled.wait(10)
        shutdown.begin()
        mirror.released.set()
        with pytest.raises(ShuttingDown):
            work.result()
    assert f"{NAME}.onnx" not in names(tmp_path)
    mirror.stall_after = None
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_files_of_a_killed_process_are_not_a_voice_and_are_continued(mirror: Mirror, tmp_path: Path) -> None:
    """A part file left behind by a killed process does not count as a voice. The lock file that remains does not block
    the next download, which resumes the part file."""
    mirror.stall_after = 300_000
    child = subprocess.Popen(child_command(mirror, tmp_path), stdin=subprocess.PIPE)  # noqa: S603
    assert child.stdin is not None
    with child.stdin:
        child.stdin.write(compact([VOICE]))
    assert mirror.stalled.wait(30)
    part = tmp_path / f"{NAME}.onnx.part"
    while part.stat().st_size < 300_000:
        os.sched_yield()
    child.kill()
    child.wait()
    assert names(tmp_path) == [f"{NAME}.lock", f"{NAME}.onnx.json.part", f"{NAME}.onnx.part"]
    catalogue = FolderScanner([tmp_path]).look()
    assert catalogue is not None
    assert NAME not in {entry.name for entry in catalogue.entries}
    mirror.stall_after = None
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert mirror.requests == [(VOICE.model.path, "bytes=300000-")]
    assert_whole(tmp_path)


def test_part_of_a_file_that_is_already_complete_is_removed(mirror: Mirror, tmp_path: Path) -> None:
    """A part file is removed if the folder already contains the complete file."""
    (tmp_path / f"{NAME}.onnx").write_bytes(MODEL)
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL[:1000])
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_wrong_response_does_not_replace_a_part(mirror: Mirror, tmp_path: Path) -> None:
    """An incorrect response, such as the login page of a public Wi-Fi network, does not replace the part file of an
    earlier download."""
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL[:300_000])
    mirror.ranges = False
    mirror.files[VOICE.model.path] = b"<html>"
    assert "another size" in failure(mirror, tmp_path)
    mirror.ranges = True
    mirror.files[VOICE.model.path] = MODEL
    fetch_it(mirror, tmp_path)
    assert mirror.requests[-1] == (VOICE.model.path, "bytes=300000-")
    assert_whole(tmp_path)
