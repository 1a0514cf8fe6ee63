"""Cuts a model into its parts (encoder, flow and vocoder) in a child process.

Some of the calls that read, copy and write a whole model hold the global interpreter lock. In the server process, these
calls would block the event loop. When the child exits, all of its memory is freed.

The child receives its task as a command-line argument in JSON. The child writes the result to standard output: one line
of JSON and, if the model could be cut, the parts in the format of the cache. The child exits when its standard input is
closed, so it does not outlive the server.
"""

import contextlib
import errno
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from wyoming_piper_serial.child import child_command
from wyoming_piper_serial.model.device import Device, share_memory, trim_heap
from wyoming_piper_serial.model.graph.check import IDS, check_chunks, check_whole
from wyoming_piper_serial.model.graph.inference import CutModel
from wyoming_piper_serial.model.graph.parts import GraphNotCut, Parts
from wyoming_piper_serial.model.graph.parts_cache import BAD_PARTS, ModelSource, OutdatedParts, read_parts, write_parts

# Maximum length of the JSON in bytes. The JSON includes the names of the files with the model's weights.
_MAX_LINE = 1 << 20
# Maximum processor time of the child in seconds. Cutting a voice takes about ten seconds on a slow machine, but a
# damaged model may take arbitrarily long.
_MAX_SECONDS = 600

# Signals that end a process because of a fault in its code or because it has used up its processor time. The same model
# could also end the server process. SIGKILL is not included, because the kernel sends it if the machine runs out of
# memory. Cutting a model needs more memory than running it, so the model may still be usable as a whole.
_FAULTS = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP, signal.SIGXCPU}


@dataclass(frozen=True, kw_only=True)
class CutTask:
    """A model to cut and the data for checking its parts."""

    model: Path
    device: Device
    phoneme_ids: Sequence[int]
    """Ids of the sentence that is decoded both with the parts and with the whole model to compare the results. The ids
    are repeated or truncated to `check.IDS` ids."""


def cut_in_process(task: CutTask) -> tuple[Parts, ModelSource]:
    """Cuts a model in a child process, checks the parts and returns them. Blocks. Can be called from any thread.

    Raises OSError if the model file cannot be read, or if it makes the process crash or exceed its processor time.
    Raises GraphNotCut if the model cannot be cut, or if the process cannot be started or ends for another reason.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 -- the command is fixed
            child_command(__name__, _encoded(task)),
            stdin=subprocess.PIPE,  # the child exits when this pipe is closed
            stdout=subprocess.PIPE,
            start_new_session=True,  # prevents Ctrl-C from printing a traceback of the child
        )
    except OSError as error:
        raise GraphNotCut(f"the cutting process cannot be started ({error})") from error
    with process:
        try:
            return _result(process, task.model.parent)
        finally:
            process.kill()  # has an effect only after an exception; otherwise, the process has already ended


def _encoded(task: CutTask) -> str:
    # The operating system limits the length of an argument, and only the first IDS ids are used.
    return json.dumps({**asdict(task), "model": str(task.model), "phoneme_ids": task.phoneme_ids[:IDS]})


def _decoded(raw: str) -> CutTask:
    task = json.loads(raw)
    return CutTask(model=Path(task["model"]), device=Device(**task["device"]), phoneme_ids=task["phoneme_ids"])


def _result(process: "subprocess.Popen[bytes]", model_folder: Path) -> tuple[Parts, ModelSource]:
    if process.stdout is None:
        raise AssertionError("standard output is a pipe")
    line = process.stdout.readline(_MAX_LINE)
    if not line:
        code = process.wait()
        if -code in _FAULTS:
            raise OSError(errno.ENOEXEC, f"the cutting process crashed ({signal.Signals(-code).name})")
        raise GraphNotCut(f"the cutting process ended (exit code {code})")
    try:
        result = json.loads(line)
        if "parts_of" in result:
            return read_parts(process.stdout, model_folder), ModelSource(**result["parts_of"])
    except (*BAD_PARTS, OutdatedParts, OSError) as error:
        raise GraphNotCut(f"the cutting process failed ({error!r})") from error
    if "os_error" in result:
        raise OSError(*result["os_error"])
    raise GraphNotCut(str(result["reason"]))


def main(task: str) -> None:
    """Runs the child process. `task` is its command-line argument."""
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_SECONDS, _MAX_SECONDS + 1))
    # If memory runs out, the kernel kills this process instead of the server. The model is then used as a whole.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    run(task, sys.stdout.buffer)


def run(encoded: str, results: BinaryIO) -> None:
    """Runs the task, which is encoded as JSON, and writes the result to `results`."""
    task = _decoded(encoded)
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
    # Only the child process needs this module.
    from wyoming_piper_serial.model.graph.cut import cut, read_model  # noqa: PLC0415

    share_memory(keep=False)
    model, source = read_model(task.model)
    parts = cut(model)
    del model  # frees memory, because the model is large and no longer needed
    trim_heap()
    try:
        cut_model = CutModel(parts, task.device)
    except Exception as error:
        # The only common base class of onnxruntime's exceptions is Exception.
        raise GraphNotCut(f"onnxruntime cannot load the parts ({error})") from error
    trim_heap()  # returns the copies of the weights from which the sessions were created
    decoded = check_chunks(cut_model, task.phoneme_ids)
    del cut_model  # frees memory, because the whole graph needs as much as the parts
    trim_heap()
    check_whole(decoded, task.model)
    trim_heap()  # the server needs memory for the parts while they are written
    return parts, source


def _end_with(pipe: int) -> None:
    """Exits when the server closes the pipe or dies."""
    os.read(pipe, 1)  # sys.stdin is not used, because Python would wait for its lock at exit
    os._exit(1)
