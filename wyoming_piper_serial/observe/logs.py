"""Formats log lines as text or JSON."""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

JSON = "json"
"""The value of `--log-format` that selects JSON lines."""


class LogSubject(ABC):
    """The subject of a log line, such as a request. If a subject is one of the arguments of a log line, its fields are
    added to the JSON object."""

    @abstractmethod
    def log_fields(self) -> Mapping[str, str | int | Sequence[int]]:
        """Returns the fields to add to the JSON object. Their names must differ from the standard keys (see
        `JsonFormatter`)."""


class JsonFormatter(logging.Formatter):
    """Formats each log line as one JSON object.

    The object has the keys `time` (ISO 8601, UTC), `level`, `logger` and `message`, and the fields of each LogSubject
    among the arguments of the line. If the record has an exception or a stack, the object also has the key `exception`
    or `stack`.
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
    """Returns the formatter for a value of `--log-format`, which is `json` or a format string for Python's logging."""
    return JsonFormatter() if log_format == JSON else logging.Formatter(log_format)
