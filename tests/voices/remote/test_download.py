"""Voices are downloaded into a folder. Faults in the server or the files raise DownloadFailed."""

import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voices.remote.fetching import VOICE, assert_whole, failure, fetch_it, in_child, names
from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.voices.remote.download import (
    fetch,
    file_problem,
    missing_files,
    remove_voice_files,
    update_list,
    voice_path,
)
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact, load_public

OTHER = public_voice("de_DE-fake-low")


def test_voice_arrives_whole_and_progress_only_grows(mirror: Mirror, tmp_path: Path) -> None:
    """A voice is downloaded into a new folder. The reported progress never decreases and ends at the size of the
    voice."""
    progress: list[tuple[int, int]] = []
    folder = tmp_path / "new" / "voices"
    fetch(VOICE, folder, base_url=f"{mirror.url}/", timeout=10, progress=lambda *how: progress.append(how))
    assert_whole(folder)
    assert progress == sorted(progress)
    assert progress[-1] == (VOICE.size, VOICE.size)
    assert mirror.asked == ["onnx.json", "onnx"]


def test_nothing_is_requested_if_all_files_are_there(mirror: Mirror, tmp_path: Path) -> None:
    """If the folder already contains the complete voice, no request is sent."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert mirror.requests == []


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * len(MODEL))])
@pytest.mark.parametrize("ending", ["onnx", "onnx.json"])
def test_only_missing_or_wrong_files_are_requested(
    mirror: Mirror, tmp_path: Path, harm: Callable[[Path], object], ending: str
) -> None:
    """Only files of a voice that are missing or incorrect are downloaded."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    harm(tmp_path / f"{NAME}.{ending}")
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == [ending]


def test_older_version_stays_until_the_new_one_is_complete(mirror: Mirror, tmp_path: Path) -> None:
    """The old model and config stay in the folder while a newer version is being downloaded."""
    old = {f"{NAME}.onnx": b"old model", f"{NAME}.onnx.json": b"old config"}
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        work = threads.submit(fetch_it, mirror, tmp_path)
        assert mirror.stalled.wait(10)
        assert {name: (tmp_path / name).read_bytes() for name in old} == old
        mirror.released.set()
        work.result()
    assert_whole(tmp_path)


def test_name_beyond_ascii_is_percent_encoded(mirror: Mirror, tmp_path: Path) -> None:
    """A name with non-ASCII letters is percent-encoded in the request."""
    voice = public_voice("pt_PT-tugão-medium")
    mirror.files |= {voice.model.path: MODEL, voice.config.path: config_of(voice.name)}
    fetch_it(mirror, tmp_path, voice)
    assert missing_files(voice, tmp_path) == []


def test_wrong_digest_is_reported_and_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """A downloaded file with the wrong digest raises DownloadFailed. Neither the model nor its part file remains."""
    mirror.files[VOICE.model.path] = MODEL[:-1] + b"!"
    assert "does not match the digest in the list" in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)
    assert f"{NAME}.onnx.json" not in names(tmp_path)
    assert f"{NAME}.onnx.part" not in names(tmp_path)


@pytest.mark.parametrize("known", [True, False])
def test_more_than_the_list_says_is_refused(mirror: Mirror, tmp_path: Path, known: bool) -> None:
    """A file that is larger than stated in the list raises DownloadFailed, even if the server does not send a
    Content-Length."""
    mirror.unknown_length = not known
    mirror.files[VOICE.model.path] = MODEL + b"more"
    assert ("another size" if known else "more than the list says") in failure(mirror, tmp_path)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]


def test_length_need_not_be_announced(mirror: Mirror, tmp_path: Path) -> None:
    """A file is downloaded even if the server does not send a Content-Length."""
    mirror.unknown_length = True
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


@pytest.mark.parametrize(("status", "expected"), [(404, "404 (Not Found)"), (503, "503"), (403, "403"), (599, "599")])
def test_refusal_of_the_server_is_reported(mirror: Mirror, tmp_path: Path, status: int, expected: str) -> None:
    """An error status raises DownloadFailed. The message contains the status code."""
    mirror.status = status
    assert expected in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)


def test_refused_connection_is_reported(tmp_path: Path) -> None:
    """A refused connection raises DownloadFailed, and the folder stays empty."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    assert "no connection" in failure(url, tmp_path)
    assert names(tmp_path) == []


def test_answer_that_is_not_http_is_reported(mirror: Mirror, tmp_path: Path) -> None:
    """A response that is not HTTP raises DownloadFailed."""
    mirror.raw = b"220 mail.example.org ESMTP\r\n"
    assert "does not speak HTTP" in failure(mirror, tmp_path)


def test_silent_server_is_given_up(mirror: Mirror, tmp_path: Path) -> None:
    """If the server sends nothing for `timeout` seconds, DownloadFailed is raised. The bytes received so far are
    kept."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "does not answer" in failure(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path, timeout=0.2)
    mirror.stall_after = 200_000
    assert "stopped sending" in failure(mirror, tmp_path, timeout=1)  # allows a busy machine time to send data
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 200_000


def test_server_that_sends_too_slowly_is_given_up(mirror: Mirror, tmp_path: Path) -> None:
    """A server that sends data too slowly raises DownloadFailed, even if each pause between bytes is short."""
    mirror.drip = True
    assert "too slow" in failure(mirror, tmp_path, timeout=1)  # exceeds the pauses between bytes on a busy machine


def test_redirect_is_followed_to_http_addresses_only(mirror: Mirror, tmp_path: Path) -> None:
    """A redirect to an HTTP URL is followed. A redirect to a file on this machine raises DownloadFailed."""
    mirror.redirects = ["file:///etc/hostname"]
    assert "unsafe protocol" in failure(mirror, tmp_path)
    mirror.redirects = [f"{mirror.url}/{VOICE.model.path}"]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_removed_voice_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """Removing a voice also removes its part file and its lock file, but not other voices or the list of voices."""
    fetch_it(mirror, tmp_path)
    left = [LIST_NAME, f"{OTHER.name}.onnx", f"{OTHER.name}.onnx.json", f"{NAME}x.onnx"]
    for name in (*left, f"{NAME}.onnx.part", f"{NAME}.lock"):
        (tmp_path / name).write_bytes(b"1234567")
    assert remove_voice_files(NAME, tmp_path) == VOICE.size + 7
    assert names(tmp_path) == sorted(left)
    assert remove_voice_files(NAME, tmp_path) == 0


def test_voice_that_is_being_downloaded_is_not_removed(mirror: Mirror, tmp_path: Path) -> None:
    """Removing a voice that is being downloaded raises BlockingIOError. Its old files stay in place."""
    (tmp_path / f"{NAME}.onnx").write_bytes(b"old model")
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        download = threads.submit(in_child, mirror, tmp_path)
        assert mirror.stalled.wait(30)
        with pytest.raises(BlockingIOError, match="being downloaded"):
            remove_voice_files(NAME, tmp_path)
        assert (tmp_path / f"{NAME}.onnx").read_bytes() == b"old model"
        mirror.released.set()
        assert download.result() == "done"
    assert_whole(tmp_path)
    assert remove_voice_files(NAME, tmp_path) == VOICE.size


def test_problem_of_a_file_is_named(tmp_path: Path) -> None:
    """`file_problem` describes the problem if a file is missing, has the wrong size, is damaged or cannot be read. It
    returns `None` for a correct file."""
    path = voice_path(VOICE.model, NAME, tmp_path)
    assert file_problem(path, VOICE.model) == "is missing"
    path.write_bytes(MODEL)
    assert file_problem(path, VOICE.model) is None
    path.write_bytes(MODEL[1:])
    assert file_problem(path, VOICE.model) == f"has {len(MODEL) - 1} bytes, not {len(MODEL)}"
    path.write_bytes(MODEL[1:] + b"!")
    assert "is damaged or another version" in str(file_problem(path, VOICE.model))
    path.unlink()
    path.mkdir()
    folder = replace(VOICE.model, size=path.stat().st_size)
    assert "cannot be read" in str(file_problem(path, folder))


def test_libraries_are_imported_by_the_first_download() -> None:
    """urllib3 and filelock are imported by the first download, not when the server is imported."""
    program = "import sys, wyoming_piper_serial.app; print({'urllib3', 'filelock'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)  # noqa: S603
    assert child.stdout.decode().strip() == "set()"


def test_list_is_refreshed_and_used(mirror: Mirror, tmp_path: Path) -> None:
    """A downloaded list of public voices is used instead of the list in the package."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path / "new", base_url=mirror.url, timeout=10)
    assert load_public(tmp_path / "new") == (VOICE,)
    assert names(tmp_path / "new") == [LIST_NAME]


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"x": {}}', b" " * (5 << 20)])
def test_answer_that_is_not_a_list_changes_nothing(mirror: Mirror, tmp_path: Path, content: bytes) -> None:
    """A response that is not a list of voices raises DownloadFailed. The list that is already in the folder does not
    change."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path, base_url=mirror.url, timeout=10)
    mirror.files[LIST_NAME] = content
    problem = "the file is too long" if len(content) > 1000 else "the server did not send a list of voices"
    with pytest.raises(DownloadFailed, match=f"The list of voices cannot be downloaded: {problem}"):
        update_list(tmp_path, base_url=mirror.url, timeout=10)
    assert load_public(tmp_path) == (VOICE,)
    assert names(tmp_path) == [LIST_NAME]
