"""A guard against callbacks that block the event loop.

It measures what the loop's own thread does, so that a busy machine fails no test: the garbage collector's time, and
time in which threads were ready to run but had no core, do not count.
"""

import asyncio
import builtins
import contextlib
import gc
import io
import math
import os
import threading
import time
from asyncio.base_events import _format_handle  # type: ignore[attr-defined]  # asyncio's own format of a slow callback
from collections.abc import Callable
from pathlib import Path
from typing import Any

CPU_SECONDS = 0.1
"""Limit for the CPU time of a callback: three times what any callback needs, half of what the real voice needs for a
sentence."""
WAITING_SECONDS = 0.5
"""Limit for the time that a callback waits for a lock, a disk, a process or a thread that holds Python's global
lock."""
LARGE_FILE = 1 << 20
"""Bytes. Models are larger; configs, texts and the page's files are smaller."""

_run_handle = asyncio.Handle._run


def starved() -> float | None:
    """Seconds for which this process's threads have been ready to run without a core; `None` if the system does not
    count.

    All threads count, because a callback that starts a thread or needs Python's global lock waits for another thread.
    """
    nanoseconds = 0
    try:
        for thread in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # the thread has just ended
                nanoseconds += int((thread / "schedstat").read_bytes().split()[1])
    except OSError:
        return None
    return nanoseconds / 1e9


class _Thread(threading.local):
    """State of one thread.

    The attributes of the class are the values of a new thread. An `__init__` could be interrupted by the garbage
    collector, which uses the state.
    """

    collecting = 0.0
    """CPU seconds that the garbage collector has used."""
    collecting_since = 0.0
    faults: list[str] | None = None
    """The blocking operations of the running callback; `None` outside callbacks."""


class LoopGuard:
    """Watches the callbacks of all event loops while it is entered.

    `offences` has one line for each callback that used the CPU for `CPU_SECONDS`, waited for `WAITING_SECONDS` (where
    the system counts how long threads are starved, as Linux does), called `time.sleep`, or opened a file of
    `LARGE_FILE` bytes or more.

    The loops are put into debug mode, in which `call_soon` refuses other threads.
    """

    def __init__(self, starved: Callable[[], float | None] = starved) -> None:
        self.offences: list[str] = []
        self._thread = _Thread()
        self._starved = starved
        self._starved_before: float | None = None
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> "LoopGuard":
        self._starved_before = self._starved()
        open_ = self._checked_open(io.open)
        # A bound method would not receive the handle.
        self._replace(asyncio.Handle, "_run", lambda handle: self._run(handle))  # noqa: PLW0108
        self._replace(time, "sleep", self._checked_sleep(time.sleep))
        self._replace(io, "open", open_)
        self._replace(builtins, "open", open_)
        self._replace(os, "open", self._checked_open(os.open))
        gc.callbacks.append(self._collect)
        self._undo.callback(gc.callbacks.remove, self._collect)
        return self

    def __exit__(self, *exception: object) -> None:
        self._undo.close()

    def _replace(self, owner: Any, name: str, replacement: Callable[..., object]) -> None:
        self._undo.callback(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, replacement)

    def _run(self, handle: asyncio.Handle) -> None:
        loop = handle._loop  # type: ignore[attr-defined]  # not in the stubs
        loop.slow_callback_duration = math.inf  # asyncio's own check uses the wall clock
        if not loop.get_debug():
            loop.set_debug(True)
        self._thread.faults = faults = []
        collecting, began, cpu = self._thread.collecting, time.perf_counter(), time.thread_time()
        try:
            _run_handle(handle)
        finally:
            cpu, lasted = time.thread_time() - cpu, time.perf_counter() - began
            self._thread.faults = None
            working = cpu - (self._thread.collecting - collecting)
            if working >= CPU_SECONDS:
                faults.append(f"used the CPU for {working:.2f} s")
            if lasted - cpu >= WAITING_SECONDS and self._waited(lasted - cpu) >= WAITING_SECONDS:
                faults.append(f"waited for {lasted - cpu:.2f} s")
            if faults:
                self.offences.append(f"{_format_handle(handle)} {' and '.join(faults)}")

    def _waited(self, idle: float) -> float:
        """The part of an idle time that starved threads do not explain, in seconds."""
        before, now = self._starved_before, self._starved()
        if before is None or now is None:
            return 0.0
        self._starved_before = now
        return idle - (now - before)

    def _collect(self, phase: str, info: dict[str, int]) -> None:
        """Called by the garbage collector at its start and its end, in the thread that it interrupts."""
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
