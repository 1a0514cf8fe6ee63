"""A guard against callbacks that block the event loop.

The guard measures the work of the event loop's thread, so a test does not fail because the machine is busy. The guard
ignores time used by the garbage collector, and time during which threads were ready to run but had no core.
"""

import asyncio
import builtins
import contextlib
import gc
import io
import os
import threading
import time
from asyncio.base_events import _format_handle  # type: ignore[attr-defined]  # asyncio's own format of a slow callback
from collections.abc import Callable
from pathlib import Path
from typing import Any

CPU_SECONDS = 0.1
"""Maximum CPU time of a callback, in seconds. The slowest callback of the server needs a third of this time, and
decoding a sentence with the bundled voice needs twice this time."""
WAITING_SECONDS = 0.5
"""Maximum time, in seconds, that a callback may wait for a lock, a disk, a process, or a thread that holds Python's
global lock."""
LARGE_FILE = 1 << 20
"""Minimum size, in bytes, of a file that a callback must not open. Models are larger. Configs, texts and the files of
the web page are smaller."""

_run_handle = asyncio.Handle._run

_ITERATIONS = 200_000
_USUAL_SECONDS = 0.01  # CPU time of `_ITERATIONS` iterations of an empty loop with a sum, on a machine of usual speed


def slowness() -> float:
    """Return how many times as long as usual the machine takes for the same work at this moment, at least 1.

    A virtual machine whose host is busy, or a core whose other hardware thread is busy, needs up to five times the
    usual CPU time.
    """
    began, total = time.thread_time(), 0
    for number in range(_ITERATIONS):
        total += number
    return max(1.0, (time.thread_time() - began) / _USUAL_SECONDS)


def starved() -> float | None:
    """Return the total seconds in which threads of this process were ready to run but had no core. Return `None` if the
    system does not measure this time.

    The result includes the time for which the host of a virtual machine has stopped its cores. This time is neither the
    CPU time nor the waiting time of a thread.

    The times of all threads are added, because a callback may wait for another thread, for example one that it has
    started or one that holds Python's global lock.
    """
    nanoseconds = 0
    try:
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # raised if the thread has ended since the folder was listed
                nanoseconds += int((thread / "schedstat").read_bytes().split()[1])
        stolen = int(Path("/proc/stat").read_bytes().split(None, 9)[8])
    except OSError:
        return None
    return nanoseconds / 1e9 + stolen / os.sysconf("SC_CLK_TCK")


class _Thread(threading.local):
    """State of one thread.

    The class attributes are the values of a new thread. They are not set in `__init__`, because the garbage collector
    uses this state and could interrupt `__init__`.
    """

    collecting = 0.0
    """CPU seconds that the garbage collector has used in this thread."""
    collecting_since = 0.0
    faults: list[str] | None = None
    """Descriptions of the blocking operations of the running callback. `None` while no callback runs."""


def _checked_thread(schedule: Callable[..., object]) -> Callable[..., object]:
    def checked(loop: Any, *arguments: Any, **named: Any) -> object:
        loop._check_thread()
        return schedule(loop, *arguments, **named)

    return checked


class LoopGuard:
    """A context manager that checks each callback of all event loops.

    `offences` contains one line for each callback that used the CPU for at least `CPU_SECONDS` times `slowness`, waited
    for at least `WAITING_SECONDS`, called `time.sleep`, or opened a file of at least `LARGE_FILE` bytes. Waiting is
    checked only if `starved` returns a number, as it does on Linux.

    The guard also makes `call_soon` and `call_at` raise an error if another thread calls them, as in asyncio's debug
    mode. Debug mode would take up most of the running time, because it records the stack of every future.
    """

    def __init__(self, starved: Callable[[], float | None] = starved, slowness: Callable[[], float] = slowness) -> None:
        self.offences: list[str] = []
        self._slowness = slowness
        self._thread = _Thread()
        self._starved = starved
        self._starved_before: float | None = None
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> "LoopGuard":
        open_ = self._checked_open(io.open)
        # This is a lambda, because a bound method of the guard would not receive the handle as its first argument.
        self._replace(asyncio.Handle, "_run", lambda handle: self._run(handle))  # noqa: PLW0108
        self._replace(time, "sleep", self._checked_sleep(time.sleep))
        self._replace(io, "open", open_)
        self._replace(builtins, "open", open_)
        self._replace(os, "open", self._checked_open(os.open))
        for name in ("call_soon", "call_at"):
            self._replace(asyncio.BaseEventLoop, name, _checked_thread(getattr(asyncio.BaseEventLoop, name)))
        gc.callbacks.append(self._collect)
        self._undo.callback(gc.callbacks.remove, self._collect)
        return self

    def __exit__(self, *exception: object) -> None:
        self._undo.close()

    def _replace(self, owner: Any, name: str, replacement: Callable[..., object]) -> None:
        self._undo.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, replacement)

    def _run(self, handle: asyncio.Handle) -> None:
        if self._starved_before is None:
            self._starved_before = self._starved()
        self._thread.faults = faults = []
        collecting, began, cpu = self._thread.collecting, time.perf_counter(), time.thread_time()
        try:
            _run_handle(handle)
        finally:
            cpu, lasted = time.thread_time() - cpu, time.perf_counter() - began
            self._thread.faults = None
            working = cpu - (self._thread.collecting - collecting)
            if working >= CPU_SECONDS and working >= CPU_SECONDS * self._slowness():
                faults.append(f"used the CPU for {working:.2f} s")
            if lasted - cpu >= WAITING_SECONDS and self._waited(lasted - cpu) >= WAITING_SECONDS:
                faults.append(f"waited for {lasted - cpu:.2f} s")
            if faults:
                self.offences.append(f"{_format_handle(handle)} {' and '.join(faults)}")

    def _waited(self, idle: float) -> float:
        """Return `idle` minus the time for which threads have had no core since the last call, in seconds. Return 0 if
        the system does not measure this time."""
        before, now = self._starved_before, self._starved()
        if before is None or now is None:
            return 0.0
        self._starved_before = now
        return idle - (now - before)

    def _collect(self, phase: str, info: dict[str, int]) -> None:
        """Measure the CPU time of a garbage collection.

        The garbage collector calls this method when it starts and when it ends, in the thread that it interrupts.
        """
        if phase == "start":
            self._thread.collecting_since = time.thread_time()
        else:
            self._thread.collecting += time.thread_time() - self._thread.collecting_since

    def _checked_sleep(self, sleep: Callable[[float], None]) -> Callable[[float], None]:
        def checked(seconds: float, /) -> None:
            if self._thread.faults is not None and seconds > 0:
                self._thread.faults.append(f"slept for {seconds} s")
            sleep(seconds)

        return checked

    def _checked_open(self, open_: Callable[..., Any]) -> Callable[..., Any]:
        def checked(file: Any, *arguments: Any, **named: Any) -> Any:
            opened = open_(file, *arguments, **named)
            if self._thread.faults is not None:
                size = os.fstat(opened if isinstance(opened, int) else opened.fileno()).st_size
                if size >= LARGE_FILE:
                    self._thread.faults.append(f"opened {file}, {size} bytes")
            return opened

        return checked
