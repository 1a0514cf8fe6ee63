"""The `completion` command: the scripts that it prints complete commands, options, values and voices."""

import shutil
import subprocess
from collections.abc import Callable

import pytest

from wyoming_piper_serial.cli import COMMANDS
from wyoming_piper_serial.cli.main import main

# Treats the arguments as a command line, completes the last word, and prints the completions. A function replaces the
# program that the script calls for voice names.
_COMPLETE = """
wyoming-piper-serial() { printf 'name x\\njoe x\\njane x\\nsam x\\n'; }
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
    assert completions(bash, "completion", "f") == ["fish"]


def test_zsh_uses_the_script_of_bash(script: Callable[[str], str]) -> None:
    """zsh runs the same script through its emulation of bash completion."""
    zsh = script("zsh")
    assert "bashcompinit" in zsh
    assert zsh.endswith(script("bash"))


def test_fish_has_a_line_for_each_word(script: Callable[[str], str]) -> None:
    """The fish script has one line for each command and each option, with its help text."""
    lines = script("fish").splitlines()
    for name, text in COMMANDS.items():
        assert f"complete -c wyoming-piper-serial -n '__fish_use_subcommand' -a {name} -d '{text}'" in lines
    ours = [line for line in lines if "seen_subcommand_from voices; and __fish_seen_subcommand_from download" in line]
    assert any("-l data-dir -r -F" in line for line in ours)
    assert any("voices list" in line for line in ours)
    assert any("-l voice -x -a '(wyoming-piper-serial voices list" in line for line in lines)
    assert any("-l normalize -x -a 'voice sentence off'" in line for line in lines)
    assert all(line.count("'") % 2 == 0 or "\\'" in line for line in lines)


def test_shell_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    """The command fails if no shell is named. The help says where to put the script."""
    with pytest.raises(SystemExit):
        main(["completion"])
    assert capsys.readouterr().err == "wyoming-piper-serial completion: SHELL is missing\n"
    with pytest.raises(SystemExit):
        main(["completion", "--help"])
    assert '~/.bashrc:  eval "$(wyoming-piper-serial completion bash)"' in capsys.readouterr().out
