"""Formats of log lines."""

import json
import logging
from datetime import UTC, datetime

JSON = "json"
"""The value of `--log-format` that asks for JSON lines."""


class JsonFormatter(logging.Formatter):
    """A log line is one JSON object.

    Its keys are `time` (ISO 8601, UTC), `level`, `logger` and `message`, with `exception` or `stack` if there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False).encode(errors="replace").decode()


def formatter(log_format: str) -> logging.Formatter:
    """The formatter for `--log-format`: JSON lines, or a format of Python's logging."""
    return JsonFormatter() if log_format == JSON else logging.Formatter(log_format)
