"""Files of public voices, from a server that may do anything."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, mirror_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown
from wyoming_piper_serial.voices.remote.download import fetch, missing_files, update_list
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact, load_public

VOICE = public_voice()


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(VOICE)
    yield mirror
    mirror.close()


def failure(
    mirror: Mirror | str,
    folder: Path,
    voice: PublicVoice = VOICE,
    *,
    timeout: float = 10.0,
    stop: threading.Event | None = None,
) -> str:
    """What the one who asked is told; one line, with no path of this machine and no address."""
    url = mirror if isinstance(mirror, str) else mirror.url
    with pytest.raises(DownloadFailed) as caught:
        fetch(voice, folder, base_url=url, timeout=timeout, stop=stop)
    told = str(caught.value)
    assert told.startswith(f"The voice {voice.name} cannot be downloaded: ")
    assert "\n" not in told + caught.value.detail
    assert str(folder) not in told
    assert "127.0.0.1" not in told
    return told


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def assert_whole(folder: Path) -> None:
    assert names(folder) == [f"{NAME}.onnx", f"{NAME}.onnx.json"]
    assert (folder / f"{NAME}.onnx").read_bytes() == MODEL
    assert (folder / f"{NAME}.onnx.json").read_bytes() == config_of()


def fetch_it(mirror: Mirror, folder: Path, voice: PublicVoice = VOICE) -> None:
    fetch(voice, folder, base_url=mirror.url, timeout=10)


def test_voice_arrives_whole_and_progress_only_grows(mirror: Mirror, tmp_path: Path) -> None:
    """Into a folder that was not there; the last that is told is all of it."""
    told: list[tuple[int, int]] = []
    folder = tmp_path / "new" / "voices"
    fetch(VOICE, folder, base_url=f"{mirror.url}/", timeout=10, progress=lambda *how: told.append(how))
    assert_whole(folder)
    assert told == sorted(told)
    assert told[-1] == (VOICE.size, VOICE.size)
    assert mirror.asked == ["onnx.json", "onnx"]


def test_nothing_is_asked_for_what_is_there(mirror: Mirror, tmp_path: Path) -> None:
    """Neither a connection nor a file is touched, so a folder that cannot be written is no trouble."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert mirror.requests == []


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"x" * len(MODEL))])
@pytest.mark.parametrize("ending", ["onnx", "onnx.json"])
def test_only_what_is_missing_or_wrong_is_asked_for(
    mirror: Mirror, tmp_path: Path, harm: Callable[[Path], object], ending: str
) -> None:
    """The other file stays as it is."""
    fetch_it(mirror, tmp_path)
    mirror.requests.clear()
    harm(tmp_path / f"{NAME}.{ending}")
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == [ending]


def test_older_version_stays_whole_until_the_new_one_is(mirror: Mirror, tmp_path: Path) -> None:
    """Who looks meanwhile sees a voice, not two halves."""
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
    """One of the public voices has such a name."""
    voice = public_voice("pt_PT-tugão-medium")
    mirror.files |= {voice.model.path: MODEL, voice.config.path: config_of(voice.name)}
    fetch_it(mirror, tmp_path, voice)
    assert missing_files(voice, tmp_path) == []


def test_wrong_digest_is_told_and_leaves_nothing(mirror: Mirror, tmp_path: Path) -> None:
    """One byte is enough."""
    mirror.files[VOICE.model.path] = MODEL[:-1] + b"!"
    assert "not the file of the list" in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)
    assert f"{NAME}.onnx.json" not in names(tmp_path)
    assert f"{NAME}.onnx.part" not in names(tmp_path)


def test_cut_connection_is_resumed_at_once(mirror: Mirror, tmp_path: Path) -> None:
    """From where it was cut, byte by byte the same."""
    mirror.cuts = [300_000]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests[1:] == [(VOICE.model.path, None), (VOICE.model.path, "bytes=300000-")]


def test_line_that_drops_again_and_again_is_told_and_resumed_later(mirror: Mirror, tmp_path: Path) -> None:
    """What has arrived is kept, under a name that is no voice's."""
    mirror.cuts = [100_000, 100_000, 100_000]
    assert "the connection was cut" in failure(mirror, tmp_path)
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 300_000
    assert f"{NAME}.onnx" not in names(tmp_path)
    mirror.requests.clear()
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.requests == [(VOICE.model.path, "bytes=300000-")]


def test_cut_before_the_first_byte_is_not_tried_again(mirror: Mirror, tmp_path: Path) -> None:
    """Such a server would be asked for ever."""
    mirror.cuts = [0, 0, 0]
    assert "the connection was cut" in failure(mirror, tmp_path)
    assert len(mirror.cuts) == 2
    mirror.raw = b""
    assert "the connection was cut" in failure(mirror, tmp_path)


@pytest.mark.parametrize("how", ["no ranges", "416", "other version", "too long"])
def test_part_that_cannot_be_resumed_is_begun_anew(mirror: Mirror, tmp_path: Path, how: str) -> None:
    """The server knows no ranges, refuses this one, or the part is of another file."""
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
        assert mirror.asked.count("onnx") == 1  # what comes whole is taken as it comes


def test_complete_part_needs_no_network(mirror: Mirror, tmp_path: Path) -> None:
    """It was there but for its name; and it is checked like any other."""
    (tmp_path / f"{NAME}.onnx.part").write_bytes(MODEL)
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)
    assert mirror.asked == ["onnx.json"]


@pytest.mark.parametrize("known", [True, False])
def test_more_than_the_list_says_is_refused(mirror: Mirror, tmp_path: Path, known: bool) -> None:
    """By the length that is announced, or at the first byte too many."""
    mirror.unknown_length = not known
    mirror.files[VOICE.model.path] = MODEL + b"more"
    assert ("another size" if known else "more than the list says") in failure(mirror, tmp_path)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]


def test_length_need_not_be_announced(mirror: Mirror, tmp_path: Path) -> None:
    """The list knows it."""
    mirror.unknown_length = True
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


@pytest.mark.parametrize(("status", "told"), [(404, "404 (Not Found)"), (503, "503"), (403, "403"), (599, "599")])
def test_refusal_of_the_server_is_told(mirror: Mirror, tmp_path: Path, status: int, told: str) -> None:
    """With its number, for whoever knows it."""
    mirror.status = status
    assert told in failure(mirror, tmp_path)
    assert f"{NAME}.onnx" not in names(tmp_path)


def test_refused_connection_is_told(tmp_path: Path) -> None:
    """No server, no network, no such host: all the same."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
    assert "no connection" in failure(url, tmp_path)
    assert names(tmp_path) == []


def test_what_is_no_http_is_told(mirror: Mirror, tmp_path: Path) -> None:
    """Somebody has the port of another program."""
    mirror.raw = b"220 mail.example.org ESMTP\r\n"
    assert "does not speak HTTP" in failure(mirror, tmp_path)


def test_silent_server_is_left(mirror: Mirror, tmp_path: Path) -> None:
    """Before an answer, and in the middle of one: then the part stays."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert "does not answer" in failure(f"http://127.0.0.1:{server.getsockname()[1]}", tmp_path, timeout=0.2)
    mirror.stall_after = 200_000
    assert "stopped sending" in failure(mirror, tmp_path, timeout=0.2)
    assert (tmp_path / f"{NAME}.onnx.part").stat().st_size == 200_000


def test_server_that_drips_is_left(mirror: Mirror, tmp_path: Path) -> None:
    """A byte now and then resets no clock."""
    mirror.drip = True
    assert "too slow" in failure(mirror, tmp_path, timeout=0.2)


def test_redirect_is_followed_but_not_to_anything(mirror: Mirror, tmp_path: Path) -> None:
    """Hugging Face sends to its store; nobody sends to a file of this machine."""
    mirror.redirect_to = "file:///etc/hostname"
    assert "less safely" in failure(mirror, tmp_path)
    mirror.redirect_to = f"{mirror.url}/{VOICE.model.path}"
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_stop_ends_a_download_and_keeps_what_came(mirror: Mirror, tmp_path: Path) -> None:
    """At the next block."""
    mirror.stall_after = 100_000
    stop = threading.Event()
    with ThreadPoolExecutor() as threads:
        work = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, stop=stop)
        assert mirror.stalled.wait(10)
        stop.set()
        mirror.released.set()
        with pytest.raises(ShuttingDown):
            work.result()
    assert f"{NAME}.onnx" not in names(tmp_path)
    mirror.stall_after = None
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_two_at_once_ask_the_server_once(mirror: Mirror, tmp_path: Path) -> None:
    """The second waits for the first, whichever process it is in."""
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


def test_one_who_waits_goes_on_when_the_other_fails(mirror: Mirror, tmp_path: Path) -> None:
    """With what the other has left."""
    mirror.stall_after = 100_000
    mirror.cuts = [200_000]
    with ThreadPoolExecutor() as threads:
        stop = threading.Event()
        first = threads.submit(fetch, VOICE, tmp_path, base_url=mirror.url, timeout=10, stop=stop)
        assert mirror.stalled.wait(10)
        second = threads.submit(fetch_it, mirror, tmp_path)
        stop.set()
        mirror.released.set()
        with pytest.raises(ShuttingDown):
            first.result()
        second.result()
    assert_whole(tmp_path)


def test_disk_that_fills_up_is_told_and_gets_its_room_back(mirror: Mirror, tmp_path: Path) -> None:
    """A limit on the size of files looks the same to a program; it is for a process, so another one has it."""
    assert "the disk is full" in _in_child(mirror, tmp_path, largest_file=300_000)
    assert names(tmp_path) == [f"{NAME}.onnx.json.part"]
    fetch_it(mirror, tmp_path)
    assert_whole(tmp_path)


def test_what_does_not_fit_is_not_begun(mirror: Mirror, tmp_path: Path) -> None:
    """Others need the disk, too."""
    huge = replace(VOICE, model=replace(VOICE.model, size=1 << 60))
    assert "the disk is full" in failure(mirror, tmp_path, huge)
    assert names(tmp_path) == []
    assert mirror.requests == []


def test_folder_that_cannot_be_written_is_told(mirror: Mirror, tmp_path: Path) -> None:
    """It may not be ours, or be no folder."""
    (tmp_path / "file").touch()
    assert "cannot be written" in failure(mirror, tmp_path / "file" / "voices")
    closed = tmp_path / "closed"
    closed.mkdir(0o555)
    if os.geteuid() == 0:
        os.seteuid(65534)  # who may do everything is refused nothing
    try:
        assert "cannot be written" in failure(mirror, closed)
    finally:
        if os.getuid() == 0:
            os.seteuid(0)
    assert mirror.requests == []


def test_link_in_place_of_a_part_is_not_followed(mirror: Mirror, tmp_path: Path) -> None:
    """In a folder of several users it could lead anywhere."""
    (tmp_path / f"{NAME}.onnx.part").symlink_to(tmp_path / "mine")
    assert "cannot be written" in failure(mirror, tmp_path)
    assert not (tmp_path / "mine").exists()


def test_list_is_refreshed_and_used(mirror: Mirror, tmp_path: Path) -> None:
    """From then on it goes before the one that ships with the package."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path / "new", base_url=mirror.url, timeout=10)
    assert load_public(tmp_path / "new") == (VOICE,)
    assert names(tmp_path / "new") == [LIST_NAME]


@pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"x": {}}', b" " * (5 << 20)])
def test_list_that_is_none_changes_nothing(mirror: Mirror, tmp_path: Path, content: bytes) -> None:
    """The one that was there stays."""
    mirror.files[LIST_NAME] = compact([VOICE])
    update_list(tmp_path, base_url=mirror.url, timeout=10)
    mirror.files[LIST_NAME] = content
    with pytest.raises(DownloadFailed, match="The list of voices cannot be downloaded: what arrived"):
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


def _in_child(mirror: Mirror, folder: Path, largest_file: int = 0) -> str:
    """What another process says that fetches the voice."""
    command = [sys.executable, "-c", _CHILD, str(folder), mirror.url, str(largest_file)]
    child = subprocess.run(command, input=compact([VOICE]), capture_output=True, check=True, timeout=60)  # noqa: S603
    return child.stdout.decode().strip()
