"""Formats of log lines."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

JSON = "json"
"""The value of `--log-format` that asks for JSON lines."""


class LogSubject(ABC):
    """What a log line is about, such as a request. A line that has it as an argument has its fields in JSON."""

    @abstractmethod
    def log_fields(self) -> Mapping[str, str | int | Sequence[int]]:
        """Names and values for a JSON line. The names differ from the keys that every line has."""


class JsonFormatter(logging.Formatter):
    """A log line is one JSON object.

    Its keys are `time` (ISO 8601, UTC), `level`, `logger` and `message`, the fields of each LogSubject among the
    arguments of the line, and `exception` or `stack` if there is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, str | int | Sequence[int]] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        for argument in record.args if isinstance(record.args, tuple) else ():
            if isinstance(argument, LogSubject):
                line |= argument.log_fields()
        if record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return json.dumps(line, ensure_ascii=False).encode(errors="replace").decode()


def formatter(log_format: str) -> logging.Formatter:
    """The formatter for `--log-format`: JSON lines, or a format of Python's logging."""
    return JsonFormatter() if log_format == JSON else logging.Formatter(log_format)
