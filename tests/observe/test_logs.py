"""Log lines are formatted as JSON or with a format string."""

import json
import logging
import sys

import pytest

from wyoming_piper_serial.observe.logs import JsonFormatter, LogSubject, formatter


class Door(LogSubject):
    """A log subject with a fixed text and fixed fields."""

    def __str__(self) -> str:
        return "door 3"

    def log_fields(self) -> dict[str, int]:
        return {"door": 3}


def record(message: str, *args: object, **changes: object) -> logging.LogRecord:
    made = logging.LogRecord("wyoming_piper_serial.app", logging.WARNING, "app.py", 1, message, args, None)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_a_line_is_one_json_object() -> None:
    """With the format `json`, a log record is written as one line of JSON, even if its message contains newlines,
    quotes or a lone surrogate."""
    line = formatter("json").format(record('a "quoted"\nmessage %s', "\udcff", created=1_700_000_000.25))
    assert "\n" not in line
    assert line.isprintable()
    assert json.loads(line) == {
        "time": "2023-11-14T22:13:20.250+00:00",
        "level": "WARNING",
        "logger": "wyoming_piper_serial.app",
        "message": 'a "quoted"\nmessage ?',
    }


def test_an_exception_is_a_field() -> None:
    """A traceback is added to the JSON object as a field, and the log record is still one line."""
    line = ""
    try:
        int("no\nway")
    except ValueError:
        line = JsonFormatter().format(record("failed", exc_info=sys.exc_info(), stack_info="Stack:\n  here"))
    assert "\n" not in line
    fields = json.loads(line)
    assert fields["exception"].splitlines()[-1] == r"ValueError: invalid literal for int() with base 10: 'no\nway'"
    assert fields["stack"] == "Stack:\n  here"


def test_a_subject_adds_its_fields() -> None:
    """If an argument of a log line is a LogSubject, the fields of the LogSubject are added to the JSON object. The
    message is the same as in the text format."""
    fields = json.loads(JsonFormatter().format(record("%s: opened %d times", Door(), 2)))
    assert fields["door"] == 3
    assert fields["message"] == "door 3: opened 2 times"


def test_named_arguments_are_allowed() -> None:
    """A message can have named arguments, which are passed as a dict."""
    assert json.loads(JsonFormatter().format(record("%(side)s", {"side": "left"})))["message"] == "left"


@pytest.mark.parametrize("log_format", ["%(message)s", "%(levelname)s %(message)s"])
def test_other_formats_are_those_of_logging(log_format: str) -> None:
    """Any other value of `--log-format` is used as the format string of `logging.Formatter`."""
    expected = logging.Formatter(log_format).format(record("hello"))
    assert formatter(log_format).format(record("hello")) == expected
