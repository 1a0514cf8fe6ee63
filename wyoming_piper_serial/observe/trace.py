"""A trace file: JSON lines, written behind the event loop and rotated at a size."""

import json
import logging
import queue
from logging.handlers import QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Any

from wyoming_piper_serial.exceptions import SettingsError

_LOGGER = logging.getLogger(__name__)

_MAX_QUEUED = 10_000  # records; a disk that is slower for so long loses some, and the log says how many
_BACKUPS = 1  # FILE.1: the disk holds at most twice the size


class TraceFile:
    """Takes records on the event loop and writes them in a thread."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Raises SettingsError where the file cannot be written. Rotates it to `path`.1 at `max_bytes`."""
        try:
            handler = RotatingFileHandler(path, maxBytes=max_bytes, backupCount=_BACKUPS, encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--trace {path}: {error.strerror or error}.") from error
        handler.setFormatter(_LineFormatter())
        self._records: queue.Queue[logging.LogRecord] = queue.Queue(_MAX_QUEUED)
        self._listener = QueueListener(self._records, handler)
        self._handler = handler
        self._dropped = 0
        self._listener.start()

    def write(self, record: dict[str, Any]) -> None:
        """Add a line. Does not block; drops the record if the disk has been too slow for long."""
        try:
            self._records.put_nowait(logging.makeLogRecord({"msg": record}))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what is queued and close the file. Blocks."""
        self._listener.stop()
        self._handler.close()
        if self._dropped:
            _LOGGER.warning("The trace lacks %d records: the disk was too slow", self._dropped)


class _LineFormatter(logging.Formatter):
    """The record's message, a dict, as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(record.msg, separators=(",", ":"))
