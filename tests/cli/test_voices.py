"""The command `wyoming-piper-serial voices`: its arguments, its output and its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.voices_command import BUNDLED, OTHER, OWN, VOICE, Run, install, one_line, rows
from tests.voices.remote.mirror import MODEL, NAME, config_of
from wyoming_piper_serial.cli import voices
from wyoming_piper_serial.voices.remote.index import LIST_NAME


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
    """`list` can show only the voices of one language, or only installed voices. The language code may be written in
    several ways."""
    install(folder, OWN)
    assert set(rows(run)) == set(rows(run, "--all")) == {VOICE.name, OTHER.name, BUNDLED, OWN}
    assert set(rows(run, "--installed")) == {BUNDLED, OWN}
    assert set(rows(run, "--language", "DE")) == set(rows(run, "--language", "de-de")) == {OTHER.name}
    assert rows(run, "--language", "xx") == {}
    assert "xx" in one_line(run("list", "--language", "xx"), 1)
    assert one_line(run("list", "--installed", "--language", "de"), 1).endswith(
        "no installed voice supports the language 'de'. The languages are: en_US, fr_FR"
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
    """If the voice folder contains no public list, `list` uses the public list that ships with the package."""
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


def test_broken_voice_is_not_installed(run: Run, folder: Path) -> None:
    """A voice that cannot be used is listed as not installed, and `show` names its fault."""
    install(folder, OWN, model=b"<html>")
    assert not rows(run)[OWN]["installed"]
    assert OWN not in rows(run, "--installed")
    _, out, _ = run("show", OWN)
    assert "installed:     no" in out
    assert f"fault:         {folder / OWN}.onnx: not a model" in out


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
    assert (code, out.splitlines()) == (0, [f"{NAME}: ok", f"{BUNDLED}: ok", f"{OWN}: ok"])
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


@pytest.mark.parametrize(
    "argv",
    [["list", "--data-dir=/dev/null"], ["list", "--voices-url=x"], ["list", "--download-timeout=x"]],
)
def test_bad_option_is_refused_with_one_line(run: Run, argv: list[str]) -> None:
    """If the value of a server option is invalid, the command prints one line and exits with code 2, as the server
    does."""
    assert argv[-1].partition("=")[0] in one_line(run(*argv), 2)


@pytest.mark.parametrize(
    "argv",
    [
        ["nope"],
        ["download"],
        ["remove"],
        ["list", "--installed", "--all"],
        ["list", "--max-queue=3"],
        ["list", "--offline=1"],
    ],
)
def test_invalid_command_line_is_refused(run: Run, argv: list[str]) -> None:
    """An invalid command line is refused with exit code 2 and one line."""
    code, out, err = run(*argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("wyoming-piper-serial voices")


def test_without_a_command_installed_voices_are_listed(run: Run, folder: Path) -> None:
    """Without a command, the installed voices are listed."""
    install(folder, OWN)
    assert run() == run("list", "--installed")
    assert OWN in run()[1]


def test_summary_on_a_terminal_says_what_can_be_done(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, the table is followed by the number of voices, the folders, and the next command."""
    monkeypatch.setattr(voices, "is_terminal", lambda _: True)
    install(folder, OWN)
    assert run("list")[1].splitlines()[-3:] == [
        "",
        f"4 voices, 2 installed. Voice folders: {folder}",
        "To download one: wyoming-piper-serial voices download NAME",
    ]
    assert run("list", "--language", "fr")[1].splitlines()[-2:] == [
        f"1 voice, 1 installed. Voice folders: {folder}",
        "To see what can be downloaded: wyoming-piper-serial voices list",
    ]


def test_options_come_from_the_config_file_of_the_server(run: Run, tmp_path: Path) -> None:
    """The command reads its options from the server's config file, and ignores the other options in this file."""
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


def test_voice_that_is_named_twice_is_one_voice(run: Run, folder: Path) -> None:
    """If a voice is named twice, it is processed only once, even if the two names differ in case."""
    install(folder)
    assert run("check", NAME, NAME.upper())[1] == f"{NAME}: ok\n"
    code, out, err = run("remove", NAME, NAME.lower())
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_reader_of_standard_output_may_end_early(folder: Path) -> None:
    """If the program that reads standard output exits early, as `head` does, no error is printed."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "wyoming_piper_serial", "voices", "list"]
    child = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=True, timeout=60)  # noqa: S603
    os.close(writer)
    assert child.stderr == b""
