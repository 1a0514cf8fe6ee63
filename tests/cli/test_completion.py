"""The `completion` command: the scripts that it prints complete commands, options, values and voices."""

import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from wyoming_piper_serial.cli import COMMANDS
from wyoming_piper_serial.cli.main import main

# Treats the arguments as a command line, completes the last word, and prints the completions. A function replaces the
# program that the script calls for voice names.
_COMPLETE = """
wyoming-piper-serial() { case $* in
    *--installed*) printf 'name x\\njoe x\\n' ;;
    *) printf 'name x\\njoe x\\njane x\\nsam x\\n' ;;
esac; }
COMP_WORDS=(wyoming-piper-serial "$@"); COMP_CWORD=$#; COMPREPLY=()
_wyoming_piper_serial
echo "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Return a function that returns the script for a shell."""

    def script(shell: str) -> str:
        assert main(["completion", shell]) == 0
        return capsys.readouterr().out

    return script


def completions(script: str, *words: str) -> list[str]:
    command = [shutil.which("bash") or "bash", "-c", script + _COMPLETE, "bash", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_words(script: Callable[[str], str]) -> None:
    """bash completes commands, options, values, files, folders and voices in the appropriate places."""
    bash = script("bash")
    assert completions(bash, "he") == ["health"]
    assert set(COMMANDS) < set(completions(bash, ""))
    assert completions(bash, "--norm") == ["--normalize"]
    assert completions(bash, "--normalize", "") == ["voice", "sentence", "off"]
    assert completions(bash, "--normalize", "=", "s") == ["sentence"]
    assert completions(bash, "--normalize", "=") == ["voice", "sentence", "off"]
    assert completions(bash, "--max-queue", "") == []
    assert completions(bash, "say", "--form") == ["--format"]
    assert completions(bash, "say", "--voice", "j") == ["joe", "jane"]
    assert completions(bash, "say", "--config", "/dev/nul") == ["/dev/null"]
    assert completions(bash, "--data-dir", "/de") == ["/dev"]
    assert completions(bash, "voices", "dow") == ["download"]
    assert completions(bash, "voices", "download", "s") == ["sam"]
    assert completions(bash, "voices", "list", "--lang") == ["--language"]
    assert completions(bash, "voices", "download", "joe", "s") == ["sam"]
    assert completions(bash, "voices", "remove", "") == ["joe"]
    assert completions(bash, "phonemes", "--voice", "") == ["joe"]
    assert completions(bash, "completion", "f") == ["fish"]
    assert set(COMMANDS).isdisjoint(completions(bash, "--debug", "")), "a command must come first"


@pytest.fixture
def home(script: Callable[[str], str], tmp_path: Path) -> Path:
    """A home folder with an empty configuration, and a program that prints the completion scripts and voice names."""
    (tmp_path / "bin").mkdir()
    for shell in ("zsh", "fish"):
        (tmp_path / f"script.{shell}").write_text(script(shell))
    program = tmp_path / "bin/wyoming-piper-serial"
    program.write_text(
        dedent("""\
            #!/bin/sh
            case $* in
            completion*) cat "$HOME/script.$2" ;;
            *--installed*) printf 'name x\\njoe x\\n' ;;
            *) printf 'name x\\njoe x\\njane x\\nsam x\\n' ;;
            esac
            """)
    )
    program.chmod(0o755)
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    path = f"{home / 'bin'}:{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


# Reports through a FIFO that the shell has started to read a line, and the line after each completion.
_ZSHRC = """
setopt no_beep
report() { print -r -- "$1" > $HOME/fifo }
zle-line-init() { report ready }; zle -N zle-line-init
show() { report "$BUFFER"; BUFFER= }; zle -N show; bindkey '^X' show
eval "$(wyoming-piper-serial completion zsh)"
"""


@pytest.fixture
def zsh(home: Path) -> Iterator[Callable[[str], str]]:
    """Return a function that types a line and Tab in an interactive zsh, and returns the resulting line."""
    if shutil.which("zsh") is None:
        pytest.skip("zsh is not installed")
    (home / ".zshrc").write_text(_ZSHRC)
    fifo = home / "fifo"
    os.mkfifo(fifo)
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(  # noqa: S603
        [shutil.which("zsh") or "zsh", "-d", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(home),
        start_new_session=True,
    )
    os.close(theirs)

    def complete(line: str) -> str:
        os.write(ours, f"{line}\t\x18".encode())
        return fifo.read_text().removesuffix("\n")

    try:
        assert fifo.read_text() == "ready\n"
        yield complete
    finally:
        shell.kill()
        shell.wait()
        os.close(ours)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("he", "health "),
        ("--norm", "--normalize "),
        ("--normalize s", "--normalize sentence "),
        ("--normalize=s", "--normalize=sentence "),
        ("--debug hea", "--debug hea"),
        ("say --voice sa", "say --voice sam "),
        ("say --config /dev/nul", "say --config /dev/null "),
        ("voices dow", "voices download "),
        ("voices download joe sa", "voices download joe sam "),
        ("voices remove j", "voices remove joe "),
        ("completion f", "completion fish "),
    ],
)
def test_zsh_completes_words(zsh: Callable[[str], str], typed: str, completed: str) -> None:
    """With the line from the help in its configuration, an interactive zsh completes commands, options, values, files
    and voices."""
    assert zsh(f"wyoming-piper-serial {typed}") == f"wyoming-piper-serial {completed}"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", [*COMMANDS]),
        ("he", ["health"]),
        ("--norm", ["--normalize"]),
        ("--normalize ", ["voice", "sentence", "off"]),
        ("--normalize=s", ["--normalize=sentence"]),
        ("--debug ", []),
        ("--voice joe --de", ["--debug"]),
        ("--max-queue ", []),
        ("say --form", ["--format"]),
        ("say voices dow", []),
        ("say --voice j", ["joe", "jane"]),
        ("say --config /dev/nul", ["/dev/null"]),
        ("voices dow", ["download"]),
        ("voices download joe s", ["sam"]),
        ("voices remove ", ["joe"]),
        ("voices list --lang", ["--language"]),
        ("completion ", ["bash", "zsh", "fish"]),
        ("completion fish ", []),
    ],
)
def test_fish_completes_words(home: Path, typed: str, words: list[str]) -> None:
    """With the script in the folder that the help names, fish completes commands, options, values, files and voices."""
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    folder = home / ".config/fish/completions"
    folder.mkdir(parents=True)
    (home / "script.fish").rename(folder / "wyoming-piper-serial.fish")
    command = [fish, "-c", f"complete -C 'wyoming-piper-serial {typed}'"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, env=environment(home))  # noqa: S603
    assert done.stderr == ""
    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == set(words)


def test_fish_describes_each_word(script: Callable[[str], str]) -> None:
    """The fish script has one line for each command and each option, with its help text."""
    lines = script("fish").splitlines()
    for name, text in COMMANDS.items():
        assert any(line.endswith(f" -a {name} -d '{text}'") for line in lines)
    ours = [line for line in lines if "voices download" in line]
    assert any("-l data-dir -r -F" in line for line in ours)
    assert all(line.count("'") % 2 == 0 or "\\'" in line for line in lines)


def test_shell_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The command fails if no shell is named. The help says where to put the script."""
    with pytest.raises(SystemExit):
        main(["completion"])
    assert capsys.readouterr().err == "wyoming-piper-serial completion: SHELL is missing\n"
    with pytest.raises(SystemExit):
        main(["completion", "--help"])
    assert '~/.bashrc:  eval "$(wyoming-piper-serial completion bash)"' in capsys.readouterr().out
