"""Cuts a model in a process of its own.

onnx reads, copies and writes the whole model in single calls that hold Python's global lock. In the server's process
they would stop the event loop for a tenth of a second each. The memory that cutting needs is freed with the process.

The task is an argument, as JSON. The process writes the result to standard output: one line of JSON, and after success
the parts as in a file of the cache. It ends when its standard input ends, so it does not outlive the server.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from wyoming_piper_serial.model.device import Device, share_memory
from wyoming_piper_serial.model.graph.check import IDS, check_cut
from wyoming_piper_serial.model.graph.inference import CutModel
from wyoming_piper_serial.model.graph.parts import GraphNotCut, Parts
from wyoming_piper_serial.model.graph.parts_cache import BAD_PARTS, ModelSource, OutdatedParts, read_parts, write_parts

_MODULE = "wyoming_piper_serial.model.graph.cut_process"
_MAX_LINE = 1 << 20  # maximum bytes of the line of JSON; it names the files with the model's weights


@dataclass(frozen=True, kw_only=True)
class CutTask:
    """A model to cut, and how the parts are checked."""

    model: Path
    device: Device
    phoneme_ids: Sequence[int]
    """The parts are compared with the whole graph on a sentence of these."""


def cut_in_process(task: CutTask) -> tuple[Parts, ModelSource]:
    """Cut and check a model in a new process, and wait for it. Can be used in any thread.

    Raises GraphNotCut, also if the process cannot be started or has died, and OSError if the model cannot be read.
    """
    # The modules are those of this process. Without -P, files in the working directory would come first.
    command = (sys.executable, "-P", "-m", _MODULE, _encoded(task))
    path = os.pathsep.join(folder or str(Path.cwd()) for folder in sys.path)
    try:
        process = subprocess.Popen(  # noqa: S603 -- a fixed program
            command,
            stdin=subprocess.PIPE,  # its end tells the process that the server has ended
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,  # a Ctrl-C for the server must not print a traceback of this process
        )
    except OSError as error:
        raise GraphNotCut(f"the process that cuts it cannot be started ({error})") from error
    with process:
        try:
            return _result(process, task.model.parent)
        finally:
            process.kill()  # it has ended by itself, or an exception ends the wait for it


def _encoded(task: CutTask) -> str:
    # The system limits the length of an argument. More ids are not used.
    return json.dumps({**asdict(task), "model": str(task.model), "phoneme_ids": task.phoneme_ids[:IDS]})


def _decoded(raw: str) -> CutTask:
    task = json.loads(raw)
    return CutTask(model=Path(task["model"]), device=Device(**task["device"]), phoneme_ids=task["phoneme_ids"])


def _result(process: "subprocess.Popen[bytes]", model_folder: Path) -> tuple[Parts, ModelSource]:
    if process.stdout is None:
        raise AssertionError("standard output is a pipe")
    line = process.stdout.readline(_MAX_LINE)
    if not line:
        raise GraphNotCut(f"the process that cuts it has ended (exit code {process.wait()})")
    try:
        result = json.loads(line)
        if "parts_of" in result:
            return read_parts(process.stdout, model_folder), ModelSource(**result["parts_of"])
    except (*BAD_PARTS, OutdatedParts, OSError) as error:
        raise GraphNotCut(f"the process that cuts it has failed ({error!r})") from error
    if "os_error" in result:
        raise OSError(*result["os_error"])
    raise GraphNotCut(str(result["reason"]))


def main(task: CutTask, results: BinaryIO) -> None:
    """What the process does: one task, one result."""
    try:
        parts, source = _cut_and_check(task)
    except OSError as error:
        _write_line(results, {"os_error": [error.errno, error.strerror or str(error)]})
    except GraphNotCut as error:
        _write_line(results, {"reason": str(error)})
    else:
        _write_line(results, {"parts_of": asdict(source)})
        write_parts(results, source, parts)
    results.flush()


def _write_line(results: BinaryIO, result: Mapping[str, Any]) -> None:
    results.write(json.dumps(result).encode() + b"\n")


def _cut_and_check(task: CutTask) -> tuple[Parts, ModelSource]:
    # onnx takes as long to import as cached parts take to load; the server's process never imports it.
    from wyoming_piper_serial.model.graph.cut import cut, read_model  # noqa: PLC0415

    share_memory()
    proto, source = read_model(task.model)
    parts = cut(proto)
    del proto  # the model is large and not needed again
    try:
        cut_model = CutModel(parts, task.device)
    except Exception as error:
        # onnxruntime's exceptions share no base class below Exception.
        raise GraphNotCut(f"onnxruntime cannot load the parts ({error})") from error
    check_cut(cut_model, task.model, task.phoneme_ids)
    return parts, source


def _end_with(pipe: int) -> None:
    """End this process when the server's end of the pipe is closed, also if the server was killed."""
    os.read(pipe, 1)  # not by the buffered stream, whose lock Python's shutdown would wait for
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    main(_decoded(sys.argv[1]), sys.stdout.buffer)
