"""A trace file: JSON lines, written behind the event loop and rotated at a size."""

import contextlib
import json
import logging
import queue
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from wyoming_piper_serial.exceptions import SettingsError

_LOGGER = logging.getLogger(__name__)

_MAX_QUEUED = 10_000  # records; a disk that is slower for so long loses some, and the log says how many
_CLOSE_SECONDS = 2.0  # for the rest at the end
_BACKUPS = 1  # FILE.1: the disk holds at most twice the size


class TraceFile:
    """Takes records on the event loop and writes them in a thread."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Raises SettingsError if the file cannot be written. Rotates it to `path`.1 at `max_bytes`."""
        try:
            self._handler = _Handler(path, maxBytes=max_bytes, backupCount=_BACKUPS, encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--trace {path}: {error.strerror or error}.") from error
        self._handler.setFormatter(_LineFormatter())
        self._records: queue.Queue[logging.LogRecord | None] = queue.Queue(_MAX_QUEUED)
        self._dropped = 0
        # A daemon: a disk that never answers must not keep the process from ending.
        self._thread = threading.Thread(target=self._write_records, name="trace", daemon=True)
        self._thread.start()

    def write(self, record: dict[str, Any]) -> None:
        """Add a line. Does not block; drops the record if the disk has been too slow for long."""
        try:
            self._records.put_nowait(logging.makeLogRecord({"msg": record}))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write the queued records and close the file. Blocks, for a few seconds at most."""
        with contextlib.suppress(queue.Full):
            self._records.put(None, timeout=_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)
        if self._thread.is_alive():
            _LOGGER.warning("The trace is not complete: the disk does not answer")
        elif lost := self._dropped + self._handler.failed:
            _LOGGER.warning("The trace lacks %d records: the disk was too slow or full", lost)

    def _write_records(self) -> None:
        while (record := self._records.get()) is not None:
            self._handler.handle(record)
        with contextlib.suppress(OSError):  # the same one again, of records that are counted already
            self._handler.close()


class _Handler(RotatingFileHandler):
    """Counts the records that cannot be written. The base class would print a traceback for each."""

    failed = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 -- the name is that of `logging`
        self.failed += 1


class _LineFormatter(logging.Formatter):
    """The record's message, a dict, as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(record.msg, separators=(",", ":"))
