"""Writes the log. Limits the length and the rate of its lines, even if clients send long texts or floods of requests,
and escapes unprintable characters in the values that the lines contain."""

import copy
import logging
import time
import traceback
from collections.abc import Callable
from typing import TextIO

from wyoming_piper_serial.observe.log_rate import DEBUG_FACTOR, Kind, LogRate
from wyoming_piper_serial.observe.log_stream import LogStream

MAX_SHOWN = 1000
"""Maximum number of characters of a value in a log line. By default, a sentence has at most 600 (`--max-sentence`)."""

LAST_LINES = 1.0
"""Maximum time in seconds for which the process waits at exit until its last lines have been written."""

# Maximum number of characters in a traceback, or in a message without arguments. Tracebacks of this program have at
# most 5000 characters.
_MAX_TRACEBACK = 8000

_MAX_EXAMPLE = 200  # maximum number of characters of the line quoted in a summary
_SUMMARY = "%d similar lines were omitted, such as: %s"


def shown(text: str, limit: int = MAX_SHOWN) -> str:
    """Returns the first `limit` characters of `text` for display, with unprintable characters escaped. If `text` is
    longer, the number of the remaining characters follows."""
    left_out = len(text) - limit
    text = text[:limit]
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return text if left_out <= 0 else f"{text}... ({left_out} more characters)"


class BoundedHandler(logging.StreamHandler["TextIO | LogStream"]):
    """Writes log lines and limits the rate of each kind. Lines logged at the same place in the code are of the same
    kind."""

    def __init__(self, stream: TextIO | LogStream, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._rate = LogRate()
        # For each kind, the first line omitted since the last summary. The line is stored as text, because a reference
        # to an error and its traceback could keep a voice in memory.
        self._examples: dict[Kind, logging.LogRecord] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record or, if there are too many records of its kind, only counts it. Then writes the summaries that
        are due."""
        now = self._clock()
        kind = record.pathname, record.lineno
        factor = 1 if record.levelno > logging.DEBUG else DEBUG_FACTOR
        if self._rate.admits(kind, now=now, factor=factor):
            super().emit(_bounded(record))
        elif kind not in self._examples:
            self._examples[kind] = _as_text(record)
        self._write_summaries(now)

    def close(self) -> None:
        """Waits up to LAST_LINES seconds until the lines have been written. Called by `logging.shutdown` when the
        process exits."""
        if isinstance(self.stream, LogStream):
            self.stream.finish(LAST_LINES)
        super().close()

    def _write_summaries(self, now: float) -> None:
        for kind, left_out in self._rate.summaries(now=now):
            summary = self._examples.pop(kind)
            summary.msg, summary.args = _SUMMARY, (left_out, summary.msg)
            super().emit(summary)


class _ShownError:
    """Replaces an exception among the arguments of a log line, and limits the length of its text."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __str__(self) -> str:
        return shown(str(self._error))

    def __repr__(self) -> str:
        return shown(repr(self._error))


def _as_text(record: logging.LogRecord) -> logging.LogRecord:
    """Returns a copy of the record with a short message and without arguments or traceback."""
    text = copy.copy(record)
    try:
        text.msg = shown(record.getMessage(), _MAX_EXAMPLE)
    except Exception:  # noqa: BLE001 -- the arguments of a record from a library may not match the message
        text.msg = shown(str(record.msg), _MAX_EXAMPLE)
    text.args = text.exc_info = text.exc_text = text.stack_info = None
    return text


def _bounded(record: logging.LogRecord) -> logging.LogRecord:
    """Returns a copy of the record. Limits the length of its traceback, of strings and errors among its arguments, and
    of a message without arguments."""
    bounded = copy.copy(record)
    if isinstance(record.args, tuple):
        bounded.args = tuple(map(_bounded_value, record.args))
    if not record.args:
        bounded.msg = str(record.msg)[:_MAX_TRACEBACK]
    if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
        bounded.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")[:_MAX_TRACEBACK]
    return bounded


def _bounded_value(value: object) -> object:
    if isinstance(value, str):
        return shown(value)
    return _ShownError(value) if isinstance(value, BaseException) else value
