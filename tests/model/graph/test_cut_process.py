"""Models are split in a separate process."""

import io
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fixture_voices import FixtureVoices
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph import cut_process
from wyoming_piper_serial.model.graph.cut import cut, read_model
from wyoming_piper_serial.model.graph.cut_process import CutTask, cut_in_process
from wyoming_piper_serial.model.graph.parts import GraphNotCut

NAME = "en_US-one_old-x_low"


def task_for(model: Path, phoneme_ids: tuple[int, ...] = (1, 4, 2)) -> CutTask:
    return CutTask(model=model, device=Device(threads=1), phoneme_ids=phoneme_ids)


def replace_command(monkeypatch: pytest.MonkeyPatch, *command: str) -> None:
    """Run another command instead of the process that splits models."""
    popen = subprocess.Popen

    def start(_: object, **options: Any) -> "subprocess.Popen[bytes]":
        return popen(command, **options)

    monkeypatch.setattr(subprocess, "Popen", start)


@pytest.mark.parametrize("name", [NAME, "en_US-many_new-high"])
def test_parts_are_those_of_a_cut_in_this_process(fixture_voices: FixtureVoices, name: str) -> None:
    """The parts and the digests are equal to those of a model that is split in this process, even if the model has
    external data."""
    proto, source = read_model(fixture_voices.model(name))
    assert cut_in_process(task_for(fixture_voices.model(name))) == (cut(proto), source)


def test_graph_that_cannot_be_cut_says_why(tmp_path: Path) -> None:
    """For a file that is not a model, GraphNotCut is raised with the reason that the process returned."""
    model = tmp_path / "voice.onnx"
    model.write_bytes(b"no model")
    with pytest.raises(GraphNotCut, match="it cannot be read"):
        cut_in_process(task_for(model))


def test_parts_that_do_not_run_are_not_used(fixture_voices: FixtureVoices) -> None:
    """The check of the parts also runs in the child process. The check fails if the phoneme ids do not exist in the
    model."""
    with pytest.raises(GraphNotCut, match="parts do not run"):
        cut_in_process(task_for(fixture_voices.model(NAME), (9999,)))


def test_parts_that_cannot_be_loaded_are_not_used(
    fixture_voices: FixtureVoices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If onnxruntime cannot load the parts, GraphNotCut is raised."""
    device = Device(provider="NoExecutionProvider")
    with pytest.raises(GraphNotCut, match="onnxruntime cannot load the parts"):
        cut_process._cut_and_check(CutTask(model=fixture_voices.model(NAME), device=device, phoneme_ids=(1, 4, 2)))


def test_missing_model_is_an_error_of_the_system(tmp_path: Path) -> None:
    """If the model file is missing, the OSError that the process reports is raised."""
    with pytest.raises(FileNotFoundError, match="No such file"):
        cut_in_process(task_for(tmp_path / "gone.onnx"))


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("", "exit code 0"),
        ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
        ("print('no JSON')", "process failed"),
        ("print('1')", "process failed"),
        ("""print('{"parts_of": {"digest": "0", "external_data": {}}}')""", "process failed"),
        ("""print('{"parts_of": {"digest": "0"}}')""", "process failed"),
        ("""print('{"parts_of": {"digest": "0", "external_data": {}}}\\nwyoming')""", "process failed"),
    ],
)
def test_process_that_dies_or_talks_nonsense_does_not_cut(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the process is killed, for example for lack of memory, or writes no valid output, GraphNotCut is raised."""
    replace_command(monkeypatch, sys.executable, "-c", script)
    with pytest.raises(GraphNotCut, match=reason):
        cut_in_process(task_for(tmp_path / "any.onnx"))


def test_process_that_cannot_be_started_does_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the operating system cannot start the process, GraphNotCut is raised."""
    replace_command(monkeypatch, str(tmp_path / "gone"))
    with pytest.raises(GraphNotCut, match="cannot be started"):
        cut_in_process(task_for(tmp_path / "any.onnx"))


@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGXCPU"])
def test_model_that_makes_the_process_crash_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the process crashes or needs too much processor time, OSError is raised. The server then does not load the
    model as a whole, because the model could crash the server in the same way."""
    replace_command(monkeypatch, sys.executable, "-c", f"import os, signal; os.kill(os.getpid(), signal.{name})")
    with pytest.raises(OSError, match=f"process crashed .{name}."):
        cut_in_process(task_for(tmp_path / "any.onnx"))


def run_in_child(monkeypatched: str) -> list[str]:
    """Return the command of a process that executes the statement `monkeypatched` and then calls `main`."""
    module = cut_process.__name__
    program = f"import sys; sys.path[:] = {sys.path!r}; import {module} as cut; {monkeypatched}; cut.main('')"
    return [sys.executable, "-c", program]


def test_process_ends_with_the_server() -> None:
    """If the server is killed, its end of the pipe is closed. The child process then exits, even if its work is not
    complete."""
    command = run_in_child("import threading; cut.run = lambda *_: threading.Event().wait()")
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:  # noqa: S603
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(timeout=60) == 1


def test_process_has_a_limit_of_processor_time() -> None:
    """A process that needs too much processor time is killed by the kernel."""
    command = run_in_child("cut._MAX_SECONDS = 1; cut.run = lambda *_: [0 for _ in iter(int, 1)]")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:  # noqa: S603
        assert child.wait(timeout=60) == -signal.SIGXCPU


def test_files_in_the_working_directory_are_not_run(
    fixture_voices: FixtureVoices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process does not import a file in the working directory that has the name of a module."""
    for name in ("json", "onnxruntime", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file in the working directory was run')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [folder or str(Path(__file__).parents[3]) for folder in sys.path])
    parts, _ = cut_in_process(task_for(fixture_voices.model(NAME)))
    assert parts.encoder


def answer(task: CutTask) -> tuple[dict[str, Any], bytes]:
    """Return the output of the process for a task: its line of JSON, and the bytes after this line."""
    results = io.BytesIO()
    cut_process.run(cut_process._encoded(task), results)
    line, _, rest = results.getvalue().partition(b"\n")
    return json.loads(line), rest


def test_process_writes_parts_or_the_reason_for_none(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """The line of JSON contains the digests of the model, or the reason why there are no parts. In the second case,
    no bytes follow."""
    line, rest = answer(task_for(fixture_voices.model(NAME)))
    assert list(line) == ["parts_of"]
    assert rest
    assert answer(task_for(tmp_path / "gone.onnx")) == ({"os_error": [2, "No such file or directory"]}, b"")
    line, rest = answer(task_for(fixture_voices.model(NAME), (9999,)))
    assert "parts do not run" in line["reason"]
    assert not rest


def test_task_with_many_phonemes_fits_into_an_argument(tmp_path: Path) -> None:
    """Only the phoneme ids that the process needs are passed, because a voice may have more ids than fit into an
    argument."""
    assert len(cut_process._encoded(task_for(tmp_path / "a.onnx", tuple(range(100_000))))) < 1000
