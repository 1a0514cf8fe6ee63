"""The handler through which every log line passes. Whatever strangers send, lines are short and printable, and their
rate is bounded."""

import copy
import logging
import time
import traceback
from collections.abc import Callable
from typing import TextIO

from wyoming_piper_serial.observe.log_rate import DEBUG_FACTOR, Kind, LogRate

MAX_SHOWN = 1000
"""Characters of one value in a log line. A sentence has at most 600, unless `--max-sentence` says otherwise."""

_MAX_TRACEBACK = 8000  # characters; tracebacks of this program have up to 5000

_SUMMARY = "%d more lines such as this one were left out: %s"


def shown(text: str, limit: int = MAX_SHOWN) -> str:
    """`text` as it is shown to people: at most `limit` characters, of which the unprintable ones are escaped."""
    left_out = len(text) - limit
    text = text[:limit]
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return text if left_out <= 0 else f"{text}... ({left_out} more characters)"


class BoundedHandler(logging.StreamHandler[TextIO]):
    """Writes log lines. Lines of one kind come from one place in the code."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._rate = LogRate()
        self._examples: dict[Kind, logging.LogRecord] = {}  # the last line of each kind

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, or count it if there are too many of its kind."""
        now = self._clock()
        kind = record.pathname, record.lineno
        factor = 1 if record.levelno > logging.DEBUG else DEBUG_FACTOR
        admitted = self._rate.admits(kind, now=now, factor=factor)
        if admitted:
            super().emit(_bounded(record))
            self._examples[kind] = record
        self._write_summaries(now)

    def _write_summaries(self, now: float) -> None:
        for kind, left_out in self._rate.summaries(now=now):
            example = self._examples[kind]
            summary = copy.copy(example)
            summary.msg, summary.args = _SUMMARY, (left_out, shown(example.getMessage(), 200))
            summary.exc_info = summary.exc_text = summary.stack_info = None
            super().emit(summary)


class _ShownError:
    """An exception whose texts are bounded."""

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def __str__(self) -> str:
        return shown(str(self._error))

    def __repr__(self) -> str:
        return shown(repr(self._error))


def _bounded(record: logging.LogRecord) -> logging.LogRecord:
    """A record whose texts are bounded."""
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
