"""Starts a phonemizer process, sends requests to this process one at a time, and starts a new process if the old one
dies.

Phonemizers run in separate processes because espeak-ng keeps its state in global variables, holds the global
interpreter lock while it runs, and crashes or takes several seconds on some texts.
"""

import contextlib
import json
import logging
import math
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from wyoming_piper_serial.child import child_command
from wyoming_piper_serial.phonemes.killers import Killers

_LOGGER = logging.getLogger(__name__)

_MODULE = "wyoming_piper_serial.phonemes.process"  # The child process runs this module.
_WALL_FACTOR = 10  # Allowed wall time per second of processor time. The machine may be busy with other processes.
_LOADING = 120.0  # Maximum wall time in seconds to load a phonemizer. The Thai dictionary takes 12 s on a fast machine.
_ENDING = 1.0  # Maximum time in seconds for a child to exit after its stdin is closed.
# If this process wakes up more than this number of seconds after a deadline, it was probably suspended, for example by
# `docker pause`, and so was the child.
_LATE = 1.0
_MAX_ANSWER = 16 << 20  # maximum size of an answer in bytes; the answer for a sentence has a few kilobytes
_READ_SIZE = 1 << 16

# Number of requests after which an espeak-ng process is replaced. The extension module for espeak-ng leaks 1 to 10 kB
# per request, so a process leaks at most 20 MB. Starting a new process takes only a few hundredths of a second. The
# processes of other phonemizers are not replaced, because these phonemizers take seconds to load.
_MAX_REQUESTS = {"espeak": 2000}

Result = TypeVar("Result")


class PhonemizerDied(Exception):
    """A request was not answered. The phonemizer process crashed, was killed, exceeded a limit or sent an invalid
    answer, or the processor time for the text was used up before the request."""


class PhonemizerUnavailable(PhonemizerDied):
    """The phonemizer process could not be started, or exited before it read a request, or `PhonemizerProcess` has been
    closed. The text is not the cause."""


class PhonemizerError(Exception):
    """The phonemizer raised an exception while it converted a text. The message is the `repr` of this exception."""


class PhonemizerProcess:
    """A child process that runs one kind of phonemizer (such as `espeak`), and the thread that communicates with it.

    Callers pass functions to `submit`. The thread runs one function at a time, so no lock is needed.
    """

    def __init__(self, kind: str, *, seconds: float, memory: int) -> None:
        """`seconds` is the processor time limit for one request. `memory` is the memory limit for the process, in
        bytes."""
        self.kind = kind
        self._seconds = seconds
        self._memory = memory
        self.killers = Killers()
        """Digests of texts that the phonemizer failed to convert. Must be used only in the thread."""

        self.bad_pieces = Killers()
        """Digests of pieces of such texts that could not be converted either. Must be used only in the thread."""

        self.spent = 0.0
        """Processor time of the last request as a fraction of `seconds`, or the `share` passed to `ask` if the request
        was not answered. Must be used only in the thread."""

        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"phonemizer-{kind}")
        self._child: _Child | None = None  # assigned only in this object's thread
        self._closed = False

    def submit(self, function: Callable[..., Result], *args: Any) -> "Future[Result]":
        """Runs `function` in the thread that communicates with the process. `ask` and `load` may be called only from
        this thread. Raises RuntimeError after `close`."""
        return self._executor.submit(function, *args)

    def start(self) -> None:
        """Starts the process in the background, so that it is ready for the next request."""
        with contextlib.suppress(RuntimeError):  # `submit` raises this error if the executor has been shut down
            self.submit(self._alive)

    def ask(self, request: dict[str, Any], *, share: float = 1.0) -> Any:
        """Sends `request` to the process and returns the answer. The request may use `share` times the processor time
        limit.

        Raises PhonemizerDied or PhonemizerError.
        """
        seconds = self._seconds * share
        self.spent = share  # stays in effect if the process dies during the request
        return self._exchange(request | {"seconds": seconds}, wall=_WALL_FACTOR * seconds)

    def load(self, request: dict[str, Any]) -> Any:
        """Sends `request` to the process and returns the answer. Only the wall time is limited, because the phonemizer
        may have to load its data.

        Raises PhonemizerDied or PhonemizerError.
        """
        return self._exchange(request | {"seconds": 0}, wall=_LOADING)

    @property
    def pid(self) -> int | None:
        """The process ID of the most recently started child, or `None` before the first start."""
        child = self._child
        return None if child is None else child.pid

    def close(self) -> None:
        """Ends the process and cancels pending functions."""
        self._closed = True
        self._executor.shutdown(wait=False, cancel_futures=True)
        if self._child is not None:
            self._child.end()  # ending the child makes a running request fail
        self._executor.shutdown(wait=True)
        if self._child is not None:
            self._child.end()  # the thread may have started another child before it ended
            self._child.close_pipes()

    def _exchange(self, request: dict[str, Any], *, wall: float) -> Any:
        line = json.dumps(request | {"kind": self.kind}).encode() + b"\n"
        try:
            answer = self._answer(line, wall)
        except PhonemizerDied:
            self.start()
            raise
        self.spent = answer["seconds"] / self._seconds
        if "error" in answer:
            raise PhonemizerError(answer["error"])
        return answer["answer"]

    def _answer(self, line: bytes, wall: float) -> dict[str, Any]:
        for last in (False, True):
            try:
                return self._alive().exchange(line, wall)
            except _Killed:
                if last:
                    raise
            except _EndedBefore:
                pass
        raise PhonemizerUnavailable("the process exits before it reads a request")

    def _alive(self) -> "_Child":
        """Returns a running child. Starts a new child if there is none, or if the last child has ended or has answered
        the maximum number of requests. Raises PhonemizerUnavailable."""
        if self._closed:
            raise PhonemizerUnavailable("The server is shutting down.")
        child = self._child
        if child is not None and child.answered >= _MAX_REQUESTS.get(self.kind, math.inf):
            child.end()
        if child is None or child.ended:
            if child is not None:
                child.close_pipes()
            self._child = child = _Child(self.kind, self._memory, on_end=self.start)
        return child


class _EndedBefore(Exception):
    """The phonemizer process ended before the request was sent, so the request is not the cause."""


class _Killed(PhonemizerDied):
    """The kernel or another program killed the phonemizer process during the request. The request may be the cause,
    because the kernel kills processes that use too much memory."""


class _Child:
    """A running phonemizer process and its pipes."""

    def __init__(self, kind: str, memory: int, *, on_end: Callable[[], None]) -> None:
        """Starts the process. Raises PhonemizerUnavailable if this fails.

        `on_end` is called when the process ends, but only if the process has answered a request. This condition
        prevents endless restarts of a process that always fails.
        """
        self.answered = 0
        """Number of answered requests."""

        command = child_command(_MODULE, str(memory))
        try:
            # Popen executes a new program after the fork. A fork without exec would be unsafe, because this process has
            # threads.
            self._process = subprocess.Popen(  # noqa: S603 -- the command is fixed
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
            )
        except OSError as error:
            raise PhonemizerUnavailable(f"the process cannot be started ({error})") from error
        if self._process.stdin is None or self._process.stdout is None:
            raise AssertionError("both are pipes")
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        _LOGGER.debug("Phonemizer %s: process %d started", kind, self._process.pid)
        self._kind = kind
        self._on_end = on_end
        threading.Thread(target=self._reap, name=f"reaper-{self._process.pid}", daemon=True).start()

    def _reap(self) -> None:
        """Waits until the process ends, so that it does not become a zombie."""
        code = self._process.wait()
        _LOGGER.debug("Phonemizer %s: process %d ended (%s)", self._kind, self._process.pid, _reason(code))
        if self.answered:
            self._on_end()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.returncode is not None

    def exchange(self, request: bytes, wall: float) -> dict[str, Any]:
        """Sends `request`, which is one line, and returns the answer.

        Raises PhonemizerDied if the child ends, sends an invalid answer or does not answer within `wall` seconds.
        Raises _EndedBefore if the child has ended before the request is sent.
        """
        try:
            self._stdin.write(request)
        except OSError as error:
            self._killed()
            raise _EndedBefore from error
        try:
            answer = _parsed(self._read_line(wall))
        except BrokenPipeError as error:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_ENDING)  # the child closes its pipes shortly before it ends
            by_others = self._process.returncode == -signal.SIGKILL
            raise (_Killed if by_others else PhonemizerDied)(self._killed()) from error
        except (OSError, ValueError, RecursionError) as error:
            raise PhonemizerDied(self._killed()) from error
        self.answered += 1
        return answer

    def _killed(self) -> str:
        """Kills the process if it is still running. Returns a description of how the process ended."""
        self._process.kill()
        return _reason(self._process.wait())

    def _read_line(self, wall: float) -> bytes:
        """Returns the next line that the child writes.

        Waits at most `wall` seconds. If this process was suspended meanwhile, waits once more for up to `wall` seconds.
        Raises TimeoutError if the line does not arrive in time, ValueError if the line is too long, or BrokenPipeError
        if the child has closed the pipe.
        """
        line, was_stopped = bytearray(), False
        deadline = time.monotonic() + wall
        poll = select.poll()
        poll.register(self._stdout, select.POLLIN)
        while not line.endswith(b"\n"):
            if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                now = time.monotonic()
                if was_stopped or now < deadline + _LATE:
                    raise TimeoutError
                was_stopped, deadline = True, now + wall
                continue
            data = os.read(self._stdout.fileno(), _READ_SIZE)
            if not data:
                raise BrokenPipeError
            line += data
            if len(line) > _MAX_ANSWER:
                raise ValueError("the answer is too long")
        return bytes(line)

    def close_pipes(self) -> None:
        """Closes both pipes. Must not be called while `exchange` runs in another thread."""
        for pipe in (self._stdin, self._stdout):
            with contextlib.suppress(OSError):
                pipe.close()

    def end(self) -> None:
        """Ends the process by closing its stdin. Kills the process if it does not exit in time."""
        with contextlib.suppress(OSError):
            self._stdin.close()
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _parsed(line: bytes) -> dict[str, Any]:
    """Parses `line`, the answer of a phonemizer process. Raises ValueError or RecursionError if the answer is invalid,
    for example because the memory of the process is corrupted."""
    answer = json.loads(line)
    if not isinstance(answer, dict) or not isinstance(answer.get("seconds"), float) or len(answer) != 2:
        raise ValueError("not an answer")
    return answer


def _reason(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
