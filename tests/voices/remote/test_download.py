"""Downloads of voices into a folder, including faults of the server, the disk and other processes."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.remote.download import (
    DiskSpace,
    fetch,
    file_problem,
    missing_files,
    remove_voice_files,
    update_list,
    voice_path,
)
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact, load_public
from wyoming_piper_serial.voices.scanner import FolderScanner

VOICE = public_voice()
OTHER = public_voice("de_DE-fake-low")
KEPT_FREE = 64 << 20


def failure(
    mirror: Mirror | str,
    folder: Path,
    voice: PublicVoice = VOICE,
    *,
    timeout: float = 10.0,
    space: DiskSpace | None = None,
) -> str:
    """Fetch and return the error message. It is one line, without a path of this machine and without an address."""
    url = mirror if isinstance(mirror, str) else mirror.url
    with pytest.raises(DownloadFailed) as caught:
        fetch(voice, folder, base_url=url, timeout=timeout, space=space)
    message = str(caught.value)
    assert message.startswith(f"The voice {voice.name} cannot be downloaded: ")
    assert "\n" not in message + caught.value.detail
    assert str(folder) not in message
    assert "127.0.0.1" not in message
    return message


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_whole(folder: Path) -> None:
    assert names(folder) == [f"{NAME}.onnx", f"{NAME}.onnx.json"]
    assert (folder / f"{NAME}.onnx").read_bytes() == MODEL
    assert (folder / f"{NAME}.onnx.json").read_bytes() == config_of()


def fetch_it(mirror: Mirror, folder: Path, voice: PublicVoice = VOICE) -> None:
    fetch(voice, folder, base_url=mirror.url, timeout=10)


def test_voice_arrives_whole_and_progress_only_grows(mirror: Mirror, tmp_path: Path) -> None:
    """A voice is downloaded into a new folder. The progress never decreases and ends at the size of the voice."""
    progress: list[tuple[int, int]] = []
    folder = tmp_path / "new" / "voices"
    fetch(VOICE, folder, base_url=f"{mirror.url}/", timeout=10, progress=lambda *how: progress.append(how))
    assert_whole(folder)
    assert progress == sorted(progress)
    assert progress[-1] == (VOICE.size, VOICE.size)
    assert mirror.asked == ["onnx.json", "onnx"]


def test_nothing_is_asked_for_what_is_there(mirror: Mirror, tmp_path: Path) -> None:
    """If all files are there, no request is sent."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert mirror.requests == []


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * len(MODEL))])
@pytest.mark.parametrize("ending", ["onnx", "onnx.json"])
def test_only_what_is_missing_or_wrong_is_asked_for(
    mirror: Mirror, tmp_path: Path, harm: Callable[[Path], object], ending: str
) -> None:
    """Only a file that is missing or wrong is downloaded again."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    harm(tmp_path / f"{NAME}.{ending}")
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == [ending]


def test_older_version_stays_whole_until_the_new_one_is(mirror: Mirror, tmp_path: Path) -> None:
    """While a newer version is downloaded, the folder has the old model and the old config."""
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


def test_name_beyond_ascii_is_asked_for_in_quotes(mirror: Mirror, tmp_path: Path) -> None:
    """A name with letters beyond ASCII is percent-encoded in the request."""
    voice = public_voice("pt_PT-tugão-medium")
    mirror.files |= {voice.model.path: MODEL, voice.config.path: config_of(voice.name)}
    fetch_it(mirror, tmp_path, voice)
    assert missing_files(voice, tmp_path) == []


def test_wrong_digest_is_reported_and_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """A file with a wrong digest raises DownloadFailed, and neither the model nor its part remains."""
    mirror.files[VOICE.model.path] = MODEL[:-1] + b"!"
    assert "does not match the digest in the list" in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)
    assert f"{NAME}.onnx.json" not in names(tmp_path)
    assert f"{NAME}.onnx.part" not in names(tmp_path)


def test_cut_connection_is_resumed_at_once(mirror: Mirror, tmp_path: Path) -> None:
    """After a cut connection the download continues at once from the next byte."""
    mirror.cuts = [300_000]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests[1:] == [(VOICE.model.path, None), (VOICE.model.path, "bytes=300000-")]


def test_line_that_drops_again_and_again_is_reported_and_resumed_later(mirror: Mirror, tmp_path: Path) -> None:
    """After three cut connections DownloadFailed is raised. The part is kept, and the next download continues it."""
    mirror.cuts = [100_000, 100_000, 100_000]
    assert "the connection was cut" in failure(mirror, tmp_path)
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 300_000
    assert f"{NAME}.onnx" not in names(tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests == [(VOICE.model.path, "bytes=300000-")]


def test_cut_before_the_first_byte_is_not_tried_again(mirror: Mirror, tmp_path: Path) -> None:
    """If the connection is cut before the first byte, it is not tried again."""
    mirror.cuts = [0, 0, 0]
    assert "the connection was cut" in failure(mirror, tmp_path)
    assert len(mirror.cuts) == 2
    mirror.raw = b""
    assert "the connection was cut" in failure(mirror, tmp_path)


@pytest.mark.parametrize("how", ["no ranges", "416", "other version", "too long"])
def test_part_that_cannot_be_resumed_is_loaded_from_its_start(mirror: Mirror, tmp_path: Path, how: str) -> None:
    """If the server or the content does not allow to continue a part, the whole file is downloaded."""
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
        assert mirror.asked.count("onnx") == 1  # the first answer had the whole file


def test_complete_part_needs_no_network(mirror: Mirror, tmp_path: Path) -> None:
    """A complete part is checked and renamed without a request for it."""
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL)
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == ["onnx.json"]


@pytest.mark.parametrize("known", [True, False])
def test_more_than_the_list_says_is_refused(mirror: Mirror, tmp_path: Path, known: bool) -> None:
    """A file that is larger than in the list raises DownloadFailed, even if its length is not announced."""
    mirror.unknown_length = not known
    mirror.files[VOICE.model.path] = MODEL + b"more"
    assert ("another size" if known else "more than the list says") in failure(mirror, tmp_path)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]


def test_length_need_not_be_announced(mirror: Mirror, tmp_path: Path) -> None:
    """A file is downloaded even if the server does not announce its length."""
    mirror.unknown_length = True
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


@pytest.mark.parametrize(("status", "expected"), [(404, "404 (Not Found)"), (503, "503"), (403, "403"), (599, "599")])
def test_refusal_of_the_server_is_reported(mirror: Mirror, tmp_path: Path, status: int, expected: str) -> None:
    """An error status of the server raises DownloadFailed, which contains the status code."""
    mirror.status = status
    assert expected in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)


def test_refused_connection_is_reported(tmp_path: Path) -> None:
    """A refused connection raises DownloadFailed, and the folder stays empty."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    assert "no connection" in failure(url, tmp_path)
    assert names(tmp_path) == []


def test_answer_that_is_no_http_is_reported(mirror: Mirror, tmp_path: Path) -> None:
    """An answer that is not HTTP raises DownloadFailed."""
    mirror.raw = b"220 mail.example.org ESMTP\r\n"
    assert "does not speak HTTP" in failure(mirror, tmp_path)


def test_silent_server_is_given_up(mirror: Mirror, tmp_path: Path) -> None:
    """A server that sends nothing for `timeout` seconds raises DownloadFailed. A part that has arrived is kept."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "does not answer" in failure(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path, timeout=0.2)
    mirror.stall_after = 200_000
    assert "stopped sending" in failure(mirror, tmp_path, timeout=0.2)
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 200_000


def test_server_that_sends_too_slowly_is_given_up(mirror: Mirror, tmp_path: Path) -> None:
    """A server that sends single bytes slowly raises DownloadFailed, although it is never silent for long."""
    mirror.drip = True
    assert "too slow" in failure(mirror, tmp_path, timeout=0.2)


def test_redirect_is_followed_but_not_to_anything(mirror: Mirror, tmp_path: Path) -> None:
    """A redirect to an HTTP address is followed. A redirect to a file of this machine raises DownloadFailed."""
    mirror.redirects = ["file:///etc/hostname"]
    assert "unsafe protocol" in failure(mirror, tmp_path)
    mirror.redirects = [f"{mirror.url}/{VOICE.model.path}"]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_shutdown_ends_a_download_and_keeps_what_came(mirror: Mirror, tmp_path: Path) -> None:
    """A shutdown ends a download at the next block, and a later download continues its part."""
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


def test_two_at_once_ask_the_server_once(mirror: Mirror, tmp_path: Path) -> None:
    """If a voice is downloaded twice at once, in one process or two, each file is requested once."""
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        first = threads.submit(fetch_it, mirror, tmp_path)
        assert mirror.stalled.wait(10)
        second = threads.submit(fetch_it, mirror, tmp_path)
        third = threads.submit(_in_child, mirror, tmp_path)
        mirror.released.set()
        first.result()
        second.result()
        assert third.result() == "done"
    assert_whole(tmp_path)
    assert mirror.asked == ["onnx.json", "onnx"]


def test_second_download_goes_on_when_the_first_fails(mirror: Mirror, tmp_path: Path) -> None:
    """If the first of two downloads of a voice is ended, the second one continues its part."""
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


def test_disk_that_fills_up_is_reported_and_gets_its_room_back(mirror: Mirror, tmp_path: Path) -> None:
    """If the disk is full, here by a limit of the child process, DownloadFailed is raised and the part is removed."""
    assert "the disk is full" in _in_child(mirror, tmp_path, largest_file=300_000)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_what_does_not_fit_is_not_begun(mirror: Mirror, tmp_path: Path) -> None:
    """A voice that is larger than the free space raises DownloadFailed before anything is requested or written."""
    huge = replace(VOICE, model=replace(VOICE.model, size=1 << 60))
    assert "the disk is full" in failure(mirror, tmp_path, huge)
    assert names(tmp_path) == []
    assert mirror.requests == []


def test_folder_that_cannot_be_written_is_reported(mirror: Mirror, tmp_path: Path) -> None:
    """A folder that cannot be written raises DownloadFailed before anything is requested."""
    (tmp_path / "file").touch()
    assert "cannot be written" in failure(mirror, tmp_path / "file" / "voices")
    closed = tmp_path / "closed"
    closed.mkdir(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # root may write everywhere
    try:
        assert "cannot be written" in failure(mirror, closed)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    assert mirror.requests == []


def test_link_in_place_of_a_part_is_not_followed(mirror: Mirror, tmp_path: Path) -> None:
    """A symbolic link in place of a part is not followed, because it could point to any file."""
    (tmp_path / f"{NAME}.onnx.part").symlink_to(tmp_path / "mine")
    assert "cannot be written" in failure(mirror, tmp_path)
    assert not (tmp_path / "mine").exists()


def test_waiting_for_another_process_ends_with_the_server(mirror: Mirror, tmp_path: Path) -> None:
    """A shutdown ends a download that waits for another process, even if that process receives nothing."""
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        first = threads.submit(_in_child, mirror, tmp_path)
        assert mirror.stalled.wait(30)
        shutdown = Shutdown()
        second = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, shutdown=shutdown)
        shutdown.begin()
        with pytest.raises(ShuttingDown):
            second.result(10)
        mirror.released.set()
        assert first.result() == "done"
    assert_whole(tmp_path)


def test_what_a_killed_process_leaves_is_no_voice_and_is_resumed(mirror: Mirror, tmp_path: Path) -> None:
    """The part of a killed process is no voice. Its lock file locks nothing; the next download continues the part."""
    mirror.stall_after = 300_000
    child = subprocess.Popen(_child_command(mirror, tmp_path), stdin=subprocess.PIPE)  # noqa: S603
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


def test_part_of_a_file_that_came_in_another_way_is_removed(mirror: Mirror, tmp_path: Path) -> None:
    """A part whose file is already complete is removed."""
    (tmp_path / f"{NAME}.onnx").write_bytes(MODEL)
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL[:1000])
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_page_of_somebody_in_between_does_not_harm_a_part(mirror: Mirror, tmp_path: Path) -> None:
    """A wrong answer, such as the login page of a network, does not replace the part of an earlier download."""
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL[:300_000])
    mirror.ranges = False
    mirror.files[VOICE.model.path] = b"<html>"
    assert "another size" in failure(mirror, tmp_path)
    mirror.ranges = True
    mirror.files[VOICE.model.path] = MODEL
    fetch_it(mirror, tmp_path)
    assert mirror.requests[-1] == (VOICE.model.path, "bytes=300000-")
    assert_whole(tmp_path)


def test_second_download_is_refused_what_the_first_still_needs(mirror: Mirror, tmp_path: Path) -> None:
    """A download is refused if the disk has no room for it and the rest of another running download."""
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


def test_disk_that_others_fill_meanwhile_keeps_its_last_room(mirror: Mirror, tmp_path: Path) -> None:
    """A download ends before it writes into the last 64 MB of the disk, and its part is removed."""
    free = iter([1 << 40] * 3)
    space = DiskSpace(lambda _: next(free, KEPT_FREE))
    assert "the disk is full" in failure(mirror, tmp_path, space=space)
    assert f"{NAME}.onnx.part" not in names(tmp_path)
    assert f"{NAME}.lock" not in names(tmp_path)


def test_reservations_are_counted_once_each(tmp_path: Path) -> None:
    """A download has one reservation. A new one replaces it, `release` removes it, and a refused one never counts."""
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


def test_removed_voice_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """Removing a voice also removes its part and its lock, and leaves other voices and the list."""
    fetch_it(mirror, tmp_path)
    left = [LIST_NAME, f"{OTHER.name}.onnx", f"{OTHER.name}.onnx.json", f"{NAME}x.onnx"]
    for name in (*left, f"{NAME}.onnx.part", f"{NAME}.lock"):
        (tmp_path / name).write_bytes(b"1234567")
    assert remove_voice_files(NAME, tmp_path) == VOICE.size + 7
    assert names(tmp_path) == sorted(left)
    assert remove_voice_files(NAME, tmp_path) == 0


def test_voice_that_is_being_downloaded_is_not_removed(mirror: Mirror, tmp_path: Path) -> None:
    """A voice that is being downloaded is not removed: BlockingIOError is raised, and its old files remain."""
    (tmp_path / f"{NAME}.onnx").write_bytes(b"old model")
    mirror.stall_after = 100_000
    with ThreadPoolExecutor() as threads:
        download = threads.submit(_in_child, mirror, tmp_path)
        assert mirror.stalled.wait(30)
        with pytest.raises(BlockingIOError, match="being downloaded"):
            remove_voice_files(NAME, tmp_path)
        assert (tmp_path / f"{NAME}.onnx").read_bytes() == b"old model"
        mirror.released.set()
        assert download.result() == "done"
    assert_whole(tmp_path)
    assert remove_voice_files(NAME, tmp_path) == VOICE.size


def test_problem_of_a_file_is_named(tmp_path: Path) -> None:
    """`file_problem` says that a file is missing, of another size, damaged or unreadable; `None` if it is right."""
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
    """Importing the server imports neither urllib3 nor filelock; the first download does."""
    program = "import sys, wyoming_piper_serial.app; print({'urllib3', 'filelock'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60)  # noqa: S603
    assert child.stdout.decode().strip() == "set()"


def test_list_is_refreshed_and_used(mirror: Mirror, tmp_path: Path) -> None:
    """A list that was downloaded is used instead of the one of the package."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path / "new", base_url=mirror.url, timeout=10)
    assert load_public(tmp_path / "new") == (VOICE,)
    assert names(tmp_path / "new") == [LIST_NAME]


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"x": {}}', b" " * (5 << 20)])
def test_answer_that_is_no_list_changes_nothing(mirror: Mirror, tmp_path: Path, content: bytes) -> None:
    """An answer that is not a list of voices raises DownloadFailed, and the list in the folder remains."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path, base_url=mirror.url, timeout=10)
    mirror.files[LIST_NAME] = content
    problem = "the file is too long" if len(content) > 1000 else "the server did not send a list of voices"
    with pytest.raises(DownloadFailed, match=f"The list of voices cannot be downloaded: {problem}"):
        update_list(tmp_path, base_url=mirror.url, timeout=10)
    assert load_public(tmp_path) == (VOICE,)
    assert names(tmp_path) == [LIST_NAME]


_CHILD = """
import resource, sys
from pathlib import Path
from wyoming_piper_serial.exceptions import DownloadFailed
from wyoming_piper_serial.voices.remote.download import fetch
from wyoming_piper_serial.voices.remote.index import parse_public
if int(sys.argv[3]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
voice, = parse_public(sys.stdin.buffer.read())
try:
    fetch(voice, Path(sys.argv[1]), base_url=sys.argv[2], timeout=10)
    print("done")
except DownloadFailed as error:
    print(error)
"""


def _child_command(mirror: Mirror, folder: Path, largest_file: int = 0) -> list[str]:
    return [sys.executable, "-c", _CHILD, str(folder), mirror.url, str(largest_file)]


def _in_child(mirror: Mirror, folder: Path, largest_file: int = 0) -> str:
    """Fetch the voice in another process and return its output."""
    command = _child_command(mirror, folder, largest_file)
    child = subprocess.run(command, input=compact([VOICE]), capture_output=True, check=True, timeout=60)  # noqa: S603
    return child.stdout.decode().strip()
