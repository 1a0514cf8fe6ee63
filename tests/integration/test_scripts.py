"""The scripts in `script/`: their help and errors, and the behaviour of `script/setup`."""

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tests.fixture_voices
from wyoming_piper_serial.model.protocols import FloatSamples
from wyoming_piper_serial.model.streaming import StreamedSpeech

_ROOT = Path(__file__).parents[2]
_BASH = shutil.which("bash")

# A shell script that replaces Python. With `-m venv`, it copies itself to the new environment. pip installs nothing. If
# the folder `root` contains a file such as `pip-fails`, the script fails.
_PYTHON = """#!/usr/bin/env bash
root={root}
case "$*" in
*version_info*) [ ! -e $root/too-old ] ;;
*"import ensurepip"*) [ ! -e $root/no-venv ] ;;
-V) echo Python 3.12.0 ;;
"-m venv --clear "*)
    if [ -e $root/venv-fails ]; then echo "Error: no room" && exit 1; fi
    rm -rf "$4" && mkdir -p "$4/bin" && cp "$0" "$4/bin/python"
    ;;
*"import wyoming_piper_serial"*) [ -e $root/.venv/imports ] ;;
*" install uv") exit 1 ;;
*" install --editable "*)
    echo "WARNING: pip warns of this and that" >&2
    if [ -e $root/pip-fails ]; then cat $root/pip-fails >&2 && exit 1; fi
    echo "${{!#}}" >>$root/installed
    touch $root/.venv/imports $root/.venv/bin/wyoming-piper-serial
    chmod +x $root/.venv/bin/wyoming-piper-serial
    ;;
*) exit 99 ;;
esac
"""


class Checkout:
    """A checkout of the project with a fake Python that installs nothing."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "script").mkdir(parents=True)
        for path in ("script/setup", "setup.cfg", "pyproject.toml"):
            shutil.copy(_ROOT / path, root / path)
        self.python = root / "python"
        self.python.write_text(_PYTHON.format(root=root))
        self.python.chmod(0o755)

    def set_up(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(self.root / "script" / "setup", *words, PYTHON=str(self.python))

    def mark(self, name: str, content: str = "") -> Path:
        path = self.root / name
        path.write_text(content)
        return path

    @property
    def installed(self) -> list[str]:
        """The extras passed to pip in each installation, such as `[http]`, or an empty string for none."""
        path = self.root / "installed"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.removeprefix(str(self.root)) for line in lines]


def run(script: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    assert _BASH is not None
    return subprocess.run(
        [_BASH, script, *words], env=os.environ | environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "checkout")


@pytest.mark.parametrize("name", ["bench", "format", "lint", "release", "run", "setup", "test"])
@pytest.mark.parametrize("word", ["--help", "-h"])
def test_script_answers_help(tmp_path: Path, name: str, word: str) -> None:
    """With `--help`, a script prints its header comment and does not create an environment."""
    shutil.copytree(_ROOT / "script", tmp_path / "script")
    helped = run(tmp_path / "script" / name, word)
    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith((tmp_path / "script" / name).read_text().splitlines()[1].removeprefix("# "))
    assert "#" not in helped.stdout
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("name", ["format", "lint", "release", "setup"])
@pytest.mark.parametrize("word", ["nonsense", "--nonsense"])
def test_script_refuses_unknown_words(tmp_path: Path, name: str, word: str) -> None:
    """For an unknown argument, a script exits with code 2, prints one line with the argument, and does not create an
    environment."""
    shutil.copytree(_ROOT / "script", tmp_path / "script")
    refused = run(tmp_path / "script" / name, word)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert f"'{word}'" in refused.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("word", ["nonsense", "--nonsense", "report", "../run", ""])
def test_bench_refuses_unknown_programs(word: str) -> None:
    """`script/bench` refuses a name that is not a benchmark, and lists the benchmarks. `report` is only imported by
    benchmarks."""
    refused = run(_ROOT / "script" / "bench", word)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"unknown benchmark '{word}'" in refused.stderr
    assert "  first_audio  Compares the time to first audio" in refused.stderr


def test_set_up_prints_a_line_for_each_step(checkout: Checkout) -> None:
    """`script/setup` prints one line for each step to standard error, and hides pip's warnings. A second run does
    nothing and prints nothing."""
    first = checkout.set_up()
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr.splitlines() == [
        "Creating .venv with Python 3.12.0",
        "Installing the project and its dependencies (about a minute)",
        "Done",
    ]
    again = checkout.set_up()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert checkout.installed == [""]


def test_set_up_adds_extras(checkout: Checkout) -> None:
    """`script/setup` adds the given extras to the installed extras. `dev` includes all extras."""
    for words in (["http"], [], ["zeroconf"], ["http", "zeroconf"], ["dev"], ["http"], []):
        assert checkout.set_up(*words).returncode == 0
    assert checkout.installed == ["[http]", "[http,zeroconf]", "[dev,http,zeroconf]"]


def test_set_up_installs_again_when_the_requirements_change(checkout: Checkout) -> None:
    """If setup.cfg has changed, `script/setup` reinstalls the project with the same extras."""
    checkout.set_up("http")
    with (checkout.root / "setup.cfg").open("a") as file:
        file.write("# changed\n")
    done = checkout.set_up()
    assert (
        done.stderr.splitlines()[0]
        == "Installing the project with the extra http and its dependencies (about a minute)"
    )
    assert checkout.installed == ["[http]", "[http]"]


@pytest.mark.parametrize("lost", ["bin/wyoming-piper-serial", "bin/python", "imports", "installed"])
def test_broken_environment_is_created_again(checkout: Checkout, lost: str) -> None:
    """If a necessary file is missing in the environment, `script/setup` recreates the environment."""
    checkout.set_up()
    (checkout.root / ".venv" / lost).unlink()
    repaired = checkout.set_up()
    assert (repaired.returncode, repaired.stderr.count("\n")) == (0, 3)
    assert checkout.set_up().stderr == ""


def test_environment_of_another_folder_is_created_again(checkout: Checkout, tmp_path: Path) -> None:
    """An environment copied from another folder is recreated, because its programs contain the path of that folder."""
    checkout.set_up()
    moved = Checkout(tmp_path / "moved")
    shutil.copytree(checkout.root / ".venv", moved.root / ".venv")
    assert "Creating .venv" in moved.set_up().stderr


@pytest.mark.parametrize(
    ("complaint", "reason"),
    [
        (
            "WARNING: Retrying: NewConnectionError('x')\nERROR: No matching distribution found for a",
            "Check the network connection.",
        ),
        ("ERROR: Could not install: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: [Errno 13] Permission denied: '/x'", "No permission to write to"),
        ("ERROR: No matching distribution found for onnxruntime<2", "onnxruntime<2 is not available for Python 3.12.0"),
        ("ERROR: something new", "pip failed: ERROR: something new"),
    ],
)
def test_failed_installation_has_one_reason(checkout: Checkout, complaint: str, reason: str) -> None:
    """If the installation fails, the last line of the output states the reason. The next run tries again."""
    fault = checkout.mark("pip-fails", complaint)
    failed = checkout.set_up()
    assert (failed.returncode, failed.stderr.count("\n")) == (2, 3)
    assert failed.stderr.splitlines()[-1].startswith("script/setup: ")
    assert reason in failed.stderr.splitlines()[-1]
    fault.unlink()
    assert checkout.set_up().returncode == 0
    assert checkout.installed == [""]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("too-old", "is older than Python 3.11"),
        ("no-venv", "apt install python3-venv"),
        ("venv-fails", "Error: no room. Remove it and try again."),
    ],
)
def test_unsuitable_python_is_refused_with_the_reason(checkout: Checkout, fault: str, reason: str) -> None:
    """If Python is too old or cannot create an environment, one line states the reason. The next run tries again."""
    mark = checkout.mark(fault)
    failed = checkout.set_up()
    assert failed.returncode == 2
    assert reason in failed.stderr.splitlines()[-1]
    mark.unlink()
    assert checkout.set_up().returncode == 0


def test_release_refuses_changes_that_are_not_committed(tmp_path: Path) -> None:
    """`script/release` refuses to build if there are uncommitted changes, and prints one line that names the first
    changed path."""
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed")
    shutil.copytree(_ROOT / "script", tmp_path / "script")
    subprocess.run([git, "init", "--quiet", tmp_path], check=True)
    refused = run(tmp_path / "script" / "release")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "script/release: there are changes that are not committed, the first in script/\n"


def test_bench_exact_fails_if_chunks_are_not_exact(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """If speech in chunks differs from the whole sentence, `script/bench exact` prints the name of the voice and exits
    with code 1."""
    name = "en_US-one_old-x_low"
    in_chunks = tests.fixture_voices.in_chunks

    def shifted(speech: StreamedSpeech, frames: int) -> FloatSamples:
        samples = in_chunks(speech, frames)
        return samples if frames > 24 else samples.take(range(1, samples.size + 1), mode="wrap")

    monkeypatch.setattr(sys, "argv", ["exact", "--voice", name])
    monkeypatch.syspath_prepend(_ROOT / "script" / "benchmarks")
    runpy.run_path(str(_ROOT / "script" / "benchmarks" / "exact.py"), run_name="__main__")
    assert capsys.readouterr().out.endswith("Voices that exceed this: none.\n")
    monkeypatch.setattr(tests.fixture_voices, "in_chunks", shifted)
    with pytest.raises(SystemExit, match="1"):
        runpy.run_path(str(_ROOT / "script" / "benchmarks" / "exact.py"), run_name="__main__")
    assert capsys.readouterr().out.endswith(f"Voices that exceed this: {name}.\n")


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [((0, 0, 0), 0), ((1, 0, 0), 1), ((0, 3, 0), 3), ((0, 0, 4), 4)],
    ids=["all pass", "set-up fails", "lint fails", "tests fail"],
)
def test_checks_fail_if_one_part_fails(tmp_path: Path, statuses: tuple[int, int, int], expected: int) -> None:
    """`.ci/run` exits with the status of a failed part, although the parts partly run at the same time."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "script").mkdir()
    shutil.copy(_ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for name, status in zip(("setup", "lint", "test"), statuses, strict=True):
        (tmp_path / "script" / name).write_text(f"echo ran {name}; exit {status}\n")
    # The fake command prevents `.ci/run` from installing programs.
    (tmp_path / "id").write_text("#!/bin/sh\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    done = run(tmp_path / ".ci" / "run", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert done.returncode == expected
    assert ("ran lint" in done.stdout and "ran test" in done.stdout) == (expected != 1)
