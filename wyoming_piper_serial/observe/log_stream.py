"""Writes log lines in a thread. If the reader of the pipe or terminal stops reading, only this thread blocks, and the
server continues."""

import contextlib
import logging
import os
import select
import threading
import time
from collections import deque

from wyoming_piper_serial.wording import counted

_LOGGER = logging.getLogger(__name__)

MAX_WAITING = 1 << 20
"""Maximum total size in bytes of the lines waiting to be written. This is enough for several thousand requests. Further
lines are omitted."""


class LogStream:
    """A text stream for a logging handler. Only the method `finish` blocks."""

    def __init__(self, descriptor: int, *, max_waiting: int = MAX_WAITING) -> None:
        """`descriptor` is the file descriptor to which the lines are written in UTF-8. `max_waiting` is in bytes."""
        self._descriptor = descriptor
        self._max_waiting = max_waiting
        self._lines: deque[bytes] = deque()  # Log lines to be written. A line is removed after the attempt to write it.
        self._size = 0  # Total size of the lines in `_lines` in bytes.
        self._left_out = 0
        self._changed = threading.Condition()
        self._started = False

    def write(self, text: str) -> None:
        """Adds `text`, a complete line, to the waiting lines. Omits the line if too many bytes are waiting."""
        line = text.encode(errors="backslashreplace")
        with self._changed:
            if self._size + len(line) > self._max_waiting:
                self._left_out += 1
                return
            self._lines.append(line)
            self._size += len(line)
            self._changed.notify_all()
            if not self._started:
                with contextlib.suppress(RuntimeError):  # If no thread can be started, the next call tries again.
                    # A daemon thread, so that the process can exit even if the lines are never read.
                    threading.Thread(target=self._run, name="log", daemon=True).start()
                    self._started = True

    def flush(self) -> None:
        """Does nothing, because a logging handler calls this method after each line and must not block."""

    def finish(self, seconds: float) -> None:
        """Waits until all lines have been written, but no longer than `seconds`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._lines, max(0.0, deadline - time.monotonic()))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines)
                line = self._lines[0]
            with contextlib.suppress(OSError):  # raised if the reader has closed the pipe or the disk is full
                self._write(line)
            with self._changed:
                self._size -= len(self._lines.popleft())
                left_out = 0
                if not self._lines:
                    left_out, self._left_out = self._left_out, 0
                    self._changed.notify_all()
            if left_out:
                _LOGGER.warning("Omitted because the log was not being read: %s", counted(left_out, "line"))

    def _write(self, line: bytes) -> None:
        rest = memoryview(line)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:  # raised if another program has made the shared terminal non-blocking
                select.select([], [self._descriptor], [])
