"""Writes a trace file in JSON Lines format. A separate thread writes the file and rotates it when it reaches its
maximum size."""

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

_MAX_QUEUED = 10_000  # Maximum number of queued records. Further records are dropped and counted.
_CLOSE_SECONDS = 2.0  # Maximum time in seconds of each of the two waits for the disk when the file is closed.
# Number of rotated trace files. The current file and one rotated file take at most twice the maximum file size.
_BACKUPS = 1


class TraceFile:
    """Accepts records in the event loop and writes them to a file in a thread."""

    def __init__(self, path: Path, *, max_bytes: int) -> None:
        """Opens the file `path`, which is renamed to `path`.1 when it reaches `max_bytes`.

        Raises SettingsError if the file cannot be written.
        """
        try:
            self._handler = _Handler(path, maxBytes=max_bytes, backupCount=_BACKUPS, encoding="utf-8")
        except OSError as error:
            raise SettingsError(f"--trace {path}: {error.strerror or error}.") from error
        self._handler.setFormatter(_LineFormatter())
        self._records: queue.Queue[logging.LogRecord | None] = queue.Queue(_MAX_QUEUED)
        self._dropped = 0
        # A daemon thread, so that the process can exit even if the disk never responds.
        self._thread = threading.Thread(target=self._write_records, name="trace", daemon=True)
        self._thread.start()

    def write(self, record: dict[str, Any]) -> None:
        """Adds `record` as a line. Does not block. Drops the record if too many are queued."""
        try:
            self._records.put_nowait(logging.makeLogRecord({"msg": record}))
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Writes the queued records and closes the file. Blocks for a few seconds at most."""
        with contextlib.suppress(queue.Full):
            self._records.put(None, timeout=_CLOSE_SECONDS)
        self._thread.join(_CLOSE_SECONDS)
        if self._thread.is_alive():
            _LOGGER.warning("The trace is incomplete: the disk is not responding")
        elif lost := self._dropped + self._handler.failed:
            _LOGGER.warning("The trace is missing %d records: the disk was too slow or full", lost)

    def _write_records(self) -> None:
        while (record := self._records.get()) is not None:
            self._handler.handle(record)
        # Raised if the last records cannot be written; `_Handler` has already counted these records.
        with contextlib.suppress(OSError):
            self._handler.close()


class _Handler(RotatingFileHandler):
    """Counts the records that cannot be written. The base class would print a traceback for each of them."""

    failed = 0

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 -- `logging` determines the name
        self.failed += 1


class _LineFormatter(logging.Formatter):
    """Formats the message of a record, which is a dict, as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(record.msg, separators=(",", ":"))
