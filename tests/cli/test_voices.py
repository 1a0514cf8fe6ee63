"""The command `wyoming-piper-serial voices`: its arguments, its output and its exit codes."""

import errno
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.voices.remote.mirror import MODEL, NAME, Mirror, config_of, mirror_of, public_voice
from wyoming_piper_serial.cli import voices
from wyoming_piper_serial.cli.arguments import ENVIRONMENT_PREFIX
from wyoming_piper_serial.cli.main import main
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact

VOICE = public_voice()
OTHER = public_voice("de_DE-other_one-low")
BUNDLED = "en_US-joe-medium"
OWN = "fr_FR-mine-medium"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(VOICE, OTHER)
    mirror.files[LIST_NAME] = compact([VOICE, OTHER])
    yield mirror
    mirror.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Create the user's voice folder with a list of two public voices, and unset all options in the environment."""
    for name in [name for name in os.environ if name.startswith(ENVIRONMENT_PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "wyoming-piper-serial" / "voices"
    folder.mkdir(parents=True)
    (folder / LIST_NAME).write_bytes(compact([VOICE, OTHER]))
    return folder


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*argv: str) -> tuple[int, str, str]:
        """Run the command, and return its exit code, its standard output and its standard error."""
        try:
            code = main(["voices", *argv])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else -1
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def install(folder: Path, name: str = NAME, model: bytes = MODEL) -> None:
    (folder / f"{name}.onnx").write_bytes(model)
    (folder / f"{name}.onnx.json").write_bytes(config_of(name))


def rows(run: Run, *argv: str) -> dict[str, dict[str, Any]]:
    code, out, _ = run("list", "--json", *argv)
    assert code == 0
    return {row["name"]: row for row in json.loads(out)}


def one_line(code_out_err: tuple[int, str, str], code: int) -> str:
    """Check that a command exited with `code` and printed one line on standard error. Return this line."""
    assert code_out_err[0] == code, code_out_err
    (line,) = code_out_err[2].splitlines()
    assert line.startswith("wyoming-piper-serial: ")
    return line


def test_list_is_a_table_with_a_line_for_each_voice(run: Run, folder: Path) -> None:
    """`list` prints a table with one line for each voice that is installed, bundled or on the public list."""
    install(folder)
    code, out, err = run("list")
    assert (code, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["name", "language", "quality", "speakers", "size", "installed"]
    assert [line[0] for line in lines[1:]] == ["de_DE-other_one-low", NAME, BUNDLED]
    assert lines[2] == [NAME, "en_US", "medium", "1", "0.6", "MB", "yes"]
    assert lines[1][-1] == "MB"


def test_list_can_be_narrowed(run: Run, folder: Path) -> None:
    """`list` can be limited to a language, whose code may be written in several ways, and to installed voices."""
    install(folder, OWN)
    assert set(rows(run)) == set(rows(run, "--all")) == {VOICE.name, OTHER.name, BUNDLED, OWN}
    assert set(rows(run, "--installed")) == {BUNDLED, OWN}
    assert set(rows(run, "--language", "DE")) == set(rows(run, "--language", "de-de")) == {OTHER.name}
    assert rows(run, "--language", "xx") == {}
    assert "xx" in one_line(run("list", "--language", "xx"), 1)
    assert one_line(run("list", "--installed", "--language", "de"), 1).endswith(
        "no installed voice speaks 'de'. The languages are: en_US, fr_FR"
    )
    assert rows(run)[OWN] == {
        "name": OWN,
        "language": "fr_FR",
        "quality": "medium",
        "speakers": 1,
        "size": len(MODEL) + len(config_of(OWN)),
        "installed": True,
    }


def test_shipped_list_is_used_if_the_folder_has_none(run: Run, folder: Path) -> None:
    """Without a list in the voice folder, `list` uses the list that ships with the package."""
    (folder / LIST_NAME).unlink()
    known = rows(run)
    assert known["en_US-libritts-high"]["speakers"] == 904
    assert len(known) > 170


def test_half_a_voice_is_not_installed(run: Run, folder: Path) -> None:
    """A voice whose model file is missing is listed as not installed, and `check` names the missing file."""
    install(folder)
    (folder / f"{NAME}.onnx").unlink()
    assert not rows(run)[NAME]["installed"]
    code, out, _ = run("check")
    assert code == 1
    assert f"{NAME}.onnx: is missing" in out


def test_show_prints_all_that_is_known(run: Run, folder: Path) -> None:
    """`show` prints the details and the files of a voice, as text or as JSON."""
    code, out, _ = run("show", OTHER.name)
    assert code == 0
    assert "installed:     no" in out
    assert OTHER.model.md5 in out
    install(folder)
    _, out, _ = run("show", NAME.upper())
    assert f"yes, in {folder}" in out
    _, out, _ = run("show", "--json", "--voices-url", "http://mirror/v", NAME)
    shown = json.loads(out)
    assert shown["folder"] == str(folder)
    assert shown["files"][0] == {
        "url": f"http://mirror/v/{VOICE.model.path}",
        "size": len(MODEL),
        "md5": VOICE.model.md5,
    }
    install(folder, OWN)
    assert run("show", OWN)[0] == 0


@pytest.mark.parametrize("command", ["show", "check", "download", "remove"])
def test_unknown_name_is_refused_with_names_that_are_near(run: Run, command: str) -> None:
    """An unknown name is refused with exit code 2 and a line that suggests similar names or the command `voices
    list`."""
    line = one_line(run(command, "en_US-fkae-medium"), 2)
    assert NAME in line
    assert "voices list" in one_line(run(command, "!"), 2)


def test_check_finds_what_is_wrong(run: Run, folder: Path) -> None:
    """`check` prints one line for each voice, and exits with code 1 if a voice is damaged, invalid or missing."""
    install(folder)
    install(folder, OWN)
    code, out, _ = run("check")
    assert (code, out.splitlines()) == (0, [f"{NAME}: good", f"{BUNDLED}: good", f"{OWN}: good"])
    (folder / f"{NAME}.onnx").write_bytes(MODEL[:-1] + b"!")
    (folder / f"{OWN}.onnx.json").write_text('{"audio": 7}')
    code, out, _ = run("check", NAME, OWN)
    assert code == 1
    damaged, broken = out.splitlines()
    assert f"{NAME}.onnx: is damaged or another version" in damaged
    assert "audio must be an object" in broken
    install(folder, NAME, MODEL[:-1])
    assert f"has {len(MODEL) - 1} bytes, not {len(MODEL)}" in run("check", NAME)[1]
    assert run("check", OTHER.name)[:2] == (1, f"{OTHER.name}: is not on this machine\n")


def test_download_of_an_installed_voice_needs_no_network(run: Run, folder: Path, mirror: Mirror) -> None:
    """`download` fetches voices that are missing. It makes no request for voices that are installed."""
    code, out, err = run("download", "--voices-url", mirror.url, NAME, OTHER.name)
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == f"{OTHER.name}: downloaded, {folder / OTHER.name}.onnx"
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
    """With --offline, as an option or in the environment, no command makes a request. `download` of an installed voice
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
    """`download` of a voice that is not on the public list succeeds if the voice is installed completely. Otherwise it
    fails."""
    install(folder, OWN)
    assert run("download", "--voices-url", mirror.url, OWN)[0] == 0
    (folder / f"{OWN}.onnx.json").unlink()
    assert "public list" in one_line(run("download", "--voices-url", mirror.url, OWN), 1)
    assert mirror.requests == []


def test_list_of_public_voices_can_be_refreshed(run: Run, folder: Path, mirror: Mirror) -> None:
    """--update-voices fetches the public list before the command runs. If this fails, the command does not run and the
    old list is kept."""
    new = public_voice("sv_SE-new-low")
    mirror.files[LIST_NAME] = compact([new])
    assert set(rows(run, "--update-voices", "--voices-url", mirror.url)) == {new.name, BUNDLED}
    del mirror.files[LIST_NAME]
    assert "404" in one_line(run("list", "--update-voices", "--voices-url", mirror.url), 1)
    assert set(rows(run)) == {new.name, BUNDLED}


def test_remove_says_what_it_freed(run: Run, folder: Path) -> None:
    """`remove` prints how many megabytes were freed. It also removes files of unfinished downloads."""
    install(folder)
    (folder / f"{OTHER.name}.onnx.part").write_bytes(MODEL)
    code, out, _ = run("remove", NAME, OTHER.name)
    assert code == 0
    assert out.splitlines()[0] == f"{NAME}: removed, 0.6 MB freed"
    assert [path.name for path in folder.iterdir()] == [LIST_NAME]


def test_remove_touches_only_the_download_folder(run: Run, folder: Path, tmp_path: Path) -> None:
    """`remove` refuses to remove voices outside the download folder, such as the bundled voice, and gives the
    reason."""
    other = tmp_path / "other"
    other.mkdir()
    install(other)
    folders = (f"--data-dir={other}", f"--download-dir={folder}")
    assert str(other) in one_line(run("remove", *folders, NAME), 1)
    assert (other / f"{NAME}.onnx").exists()
    assert "is part of the installation" in one_line(run("remove", BUNDLED), 1)
    assert "is not installed" in one_line(run("remove", OTHER.name), 1)


@pytest.mark.parametrize(
    "argv",
    [["list", "--data-dir=/nowhere/at/all"], ["list", "--voices-url=x"], ["list", "--download-timeout=x"]],
)
def test_bad_option_is_refused_with_one_line(run: Run, argv: list[str]) -> None:
    """A bad value of an option that the server also has is refused as by the server, with exit code 2 and one line."""
    assert argv[-1].partition("=")[0] in one_line(run(*argv), 2)


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nope"],
        ["download"],
        ["remove"],
        ["list", "--installed", "--all"],
        ["list", "--max-queue=3"],
        ["list", "--offline=1"],
    ],
)
def test_invalid_command_line_is_refused(run: Run, argv: list[str]) -> None:
    """An invalid command line is refused with exit code 2, and the usage is printed."""
    code, out, err = run(*argv)
    assert (code, out) == (2, "")
    assert "usage: wyoming-piper-serial voices" in err


def test_options_come_from_the_config_file_of_the_server(run: Run, tmp_path: Path) -> None:
    """The command reads its options from the server's config file, and ignores other options of the server there."""
    other = tmp_path / "other"
    other.mkdir()
    install(other, OWN)
    file = tmp_path / "options"
    file.write_text(f"data-dir = {other}\nmax-queue = 7\n")
    assert OWN in rows(run, "--installed", "--config", str(file))


def test_last_value_of_an_option_counts_and_folders_add_up(run: Run, folder: Path, tmp_path: Path) -> None:
    """If an option is given twice, its last value is used. Each --data-dir adds a folder. Options may be given before
    and after the names of voices."""
    one, two = tmp_path / "one", tmp_path / "two"
    for data, name in ((one, NAME), (two, OWN)):
        data.mkdir()
        install(data, name)
    argv = ["--voices-url=http://a/v", "--data-dir", str(one), NAME, f"--data-dir={two}", "--voices-url", "http://b/v"]
    argv += ["--download-dir", str(folder)]
    code, out, _ = run("show", "--json", *argv)
    assert code == 0
    assert json.loads(out)["files"][0]["url"].startswith("http://b/v/")
    assert set(rows(run, "--installed", *(word for word in argv if word != NAME))) == {NAME, OWN, BUNDLED}


def test_download_folder_need_not_exist(run: Run, mirror: Mirror, tmp_path: Path) -> None:
    """The download folder need not exist. The first download creates it."""
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
    assert run("check", option, NAME)[1] == f"{NAME}: good\n"


def test_voice_that_is_named_twice_is_one_voice(run: Run, folder: Path) -> None:
    """A voice that is named twice, even in different upper and lower case, is processed once."""
    install(folder)
    assert run("check", NAME, NAME.upper())[1] == f"{NAME}: good\n"
    code, out, err = run("remove", NAME, NAME.lower())
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_own_voice_is_not_removed(run: Run, folder: Path) -> None:
    """`remove` refuses a voice that is not on the public list, because it cannot be downloaded again."""
    install(folder, OWN)
    line = one_line(run("remove", OWN), 1)
    assert "not on the public list" in line
    assert line.endswith(f"{folder / OWN}.onnx")
    assert (folder / f"{OWN}.onnx").exists()


def test_download_shows_a_bar_on_a_terminal(folder: Path, mirror: Mirror) -> None:
    """If standard error is a terminal, `download` shows a progress bar there. It prints one line for each voice to
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
    assert child.stdout.decode().splitlines() == [f"{NAME}: downloaded, {folder / NAME}.onnx"]


def test_reader_of_standard_output_may_end_early(folder: Path) -> None:
    """If the program that reads standard output ends early, as `head` does, no error is printed."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "wyoming_piper_serial", "voices", "list"]
    child = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=True, timeout=60)  # noqa: S603
    os.close(writer)
    assert child.stderr == b""


def test_interrupted_download_has_the_exit_code_of_the_shell(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C during a download gives exit code 130 and does not print a traceback."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(voices, "fetch", interrupted)
    code, _, err = run("download", NAME)
    assert (code, err) == (130, "")


def test_user_without_a_home_has_no_download_folder(run: Run, no_home: None) -> None:
    """Without a home folder there is no default download folder: `list` shows the bundled voice, and a download
    requires --download-dir."""
    assert set(rows(run, "--installed")) == {BUNDLED}
    assert "--download-dir" in one_line(run("download", "en_US-amy-low"), 2)
    assert "--download-dir" in one_line(run("list", "--update-voices"), 2)


def test_voice_that_cannot_be_removed_is_one_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the files of a voice cannot be deleted, for example on a read-only disk, `remove` exits with code 1 and prints
    one line."""
    install(folder)

    def refused(path: Path, missing_ok: bool = False) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    monkeypatch.setattr(Path, "unlink", refused)
    assert one_line(run("remove", NAME), 1).endswith(f"cannot be removed: {folder}: Read-only file system")
