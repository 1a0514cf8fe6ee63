"""The command `wyoming-piper-serial voices` downloads voices and the public list."""

import os
import pty
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.voices_command import BUNDLED, OTHER, OWN, VOICE, Run, install, one_line, rows
from tests.voices.remote.mirror import MODEL, NAME, Mirror, public_voice
from wyoming_piper_serial.cli import voices
from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact


def test_download_of_an_installed_voice_needs_no_network(run: Run, folder: Path, mirror: Mirror) -> None:
    """`download` fetches missing voices, and sends no request for installed voices."""
    code, out, err = run("download", "--voices-url", mirror.url, NAME, OTHER.name)
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == [
        f"{OTHER.name}: downloaded, {folder / OTHER.name}.onnx",
        (
            f"No server answers at unix://{folder.parents[1]}/no-server. "
            "A server that is started with the same options offers the voices."
        ),
    ]
    assert run("check")[0] == 0
    assert set(rows(run, "--installed")) == {NAME, OTHER.name, BUNDLED}
    mirror.requests.clear()
    code, out, _ = run("download", "--voices-url", mirror.url, NAME, BUNDLED)
    assert code == 0
    assert out.startswith(f"{NAME}: is already installed in ")
    assert mirror.requests == []


def test_failed_download_is_one_line_and_the_others_go_on(run: Run, folder: Path, mirror: Mirror) -> None:
    """If a download fails, the command prints one line and exits with code 1, but still downloads the other voices."""
    mirror.files[VOICE.model.path] = MODEL[:-1] + b"!"
    result = run("download", "--voices-url", mirror.url, NAME, OTHER.name)
    assert "does not match the digest in the list" in one_line(result, 1)
    assert set(rows(run, "--installed")) == {OTHER.name, BUNDLED}


def test_damaged_voice_is_replaced_in_the_download_folder_only(
    run: Run, folder: Path, mirror: Mirror, tmp_path: Path
) -> None:
    """`download` replaces a damaged voice in the download folder. A damaged voice in a `--data-dir` folder is an
    error."""
    install(folder, NAME, MODEL[:-1])
    assert run("download", "--voices-url", mirror.url, NAME)[0] == 0
    assert run("check", NAME)[0] == 0
    other = tmp_path / "other"
    other.mkdir()
    install(other, NAME, MODEL[:-1])
    line = one_line(
        run("download", f"--data-dir={other}", f"--download-dir={folder}", "--voices-url", mirror.url, NAME), 1
    )
    assert str(other) in line


def test_offline_makes_no_request(run: Run, folder: Path, mirror: Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--offline` as an option or in the environment, no command sends a request. `download` of an installed voice
    succeeds."""
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}VOICES_URL", mirror.url)
    assert "--offline" in one_line(run("download", "--offline", NAME), 1)
    assert "--offline" in one_line(run("list", "--offline", "--update-voices"), 2)
    monkeypatch.setenv(f"{ENVIRONMENT_PREFIX}OFFLINE", "true")
    assert "--offline" in one_line(run("download", NAME), 1)
    install(folder)
    assert run("download", NAME)[0] == 0
    assert mirror.requests == []


def test_own_voice_cannot_be_downloaded(run: Run, folder: Path, mirror: Mirror) -> None:
    """`download` of a voice that is not on the public list succeeds only if the voice is installed completely."""
    install(folder, OWN)
    assert run("download", "--voices-url", mirror.url, OWN)[0] == 0
    (folder / f"{OWN}.onnx.json").unlink()
    assert "public list" in one_line(run("download", "--voices-url", mirror.url, OWN), 1)
    assert mirror.requests == []


def test_list_of_public_voices_can_be_refreshed(run: Run, folder: Path, mirror: Mirror) -> None:
    """`--update-voices` fetches the public list before the command runs. If the download fails, the command does not
    run and the old list is kept."""
    new = public_voice("sv_SE-new-low")
    mirror.files[LIST_NAME] = compact([new])
    assert set(rows(run, "--update-voices", "--voices-url", mirror.url)) == {new.name, BUNDLED}
    del mirror.files[LIST_NAME]
    assert "404" in one_line(run("list", "--update-voices", "--voices-url", mirror.url), 1)
    assert set(rows(run)) == {new.name, BUNDLED}


def test_download_folder_need_not_exist(run: Run, mirror: Mirror, tmp_path: Path) -> None:
    """If the download folder does not exist yet, the first download creates it."""
    new = tmp_path / "not" / "yet"
    option = f"--download-dir={new}"
    assert set(rows(run, "--installed", option)) == {BUNDLED}
    assert "is not installed" in one_line(run("remove", option, "en_US-amy-low"), 1)
    new.parent.mkdir()
    new.write_text("a file")
    assert "Not a directory" in one_line(run("list", option), 2)
    new.unlink()
    assert run("list", option, "--update-voices", "--voices-url", mirror.url)[0] == 0
    assert run("download", option, "--voices-url", mirror.url, NAME)[0] == 0
    assert run("check", option, NAME)[1] == f"{NAME}: ok\n"


def test_download_shows_a_bar_on_a_terminal(folder: Path, mirror: Mirror) -> None:
    """If standard error is a terminal, `download` shows a progress bar on it. One line for each voice is printed to
    standard output."""
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    command = [sys.executable, "-m", "wyoming_piper_serial", "voices", "download", "--voices-url", mirror.url, NAME]
    child = subprocess.run(command, stdout=subprocess.PIPE, stderr=follower, check=True, timeout=60)  # noqa: S603
    os.close(follower)
    shown = os.read(leader, 1 << 16).decode()
    os.close(leader)
    assert "100%" in shown
    assert NAME in shown
    assert child.stdout.decode().splitlines()[0] == f"{NAME}: downloaded, {folder / NAME}.onnx"


def test_interrupted_download_has_the_exit_code_of_the_shell(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Ctrl-C is pressed during a download, the exit code is 130 and no traceback is printed."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(voices, "fetch", interrupted)
    code, _, err = run("download", NAME)
    assert (code, err) == (130, "")


def test_user_without_a_home_has_no_download_folder(run: Run, no_home: None) -> None:
    """Without a home folder, there is no default download folder. `list` shows the bundled voice, and a download
    requires `--download-dir`."""
    assert set(rows(run, "--installed")) == {BUNDLED}
    assert "--download-dir" in one_line(run("download", "en_US-amy-low"), 2)
    assert "--download-dir" in one_line(run("list", "--update-voices"), 2)
