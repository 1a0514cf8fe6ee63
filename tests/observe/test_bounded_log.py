"""Every log line is short and printable, and most lines of a flood are omitted."""

import io
import json
import logging
import weakref

import pytest

from tests.fakes import FakeClock
from wyoming_piper_serial.observe.bounded_log import MAX_SHOWN, BoundedHandler, shown
from wyoming_piper_serial.observe.log_rate import BURST, DEBUG_FACTOR, SUMMARY_PERIOD
from wyoming_piper_serial.observe.logs import formatter


class Log:
    """A separate logger that collects its output lines."""

    def __init__(self, log_format: str = "%(message)s") -> None:
        self.clock = FakeClock()
        self._stream = io.StringIO()
        self.handler = BoundedHandler(self._stream, clock=self.clock)
        self.handler.setFormatter(formatter(log_format))
        self.logger = logging.getLogger("bounded")
        self.logger.setLevel(logging.DEBUG)
        self.logger.propagate = False
        self.logger.handlers = [self.handler]

    @property
    def lines(self) -> list[str]:
        return self._stream.getvalue().splitlines()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("plain", "plain"),
        ("Grüße, 世界", "Grüße, 世界"),
        ("a\nb\r\x1b[31m", "a\\nb\\r\\x1b[31m"),
        ("\ud800\u202e", "\\ud800\\u202e"),
        ("x" * 12, "xxxxxxxxxx... (2 more characters)"),
    ],
)
def test_text_is_cut_and_printable(text: str, says: str) -> None:
    """In a log line, a long text is shortened, and unprintable characters are escaped."""
    assert shown(text, 10 if "x" in text[:2] else 100) == says


@pytest.mark.parametrize("log_format", ["%(message)s", "json"])
def test_strings_from_clients_cannot_forge_or_lengthen_a_line(log_format: str) -> None:
    """A newline in a value does not start a new log line, and a value of 60 kB is shortened, even in an exception."""
    log = Log(log_format)
    log.logger.info("%s sent %r: %s", "a\nFORGED", "B" * 60_000, ValueError("x" * 60_000))
    log.logger.info("y" * 60_000)
    log.logger.error("failed", exc_info=ValueError("z" * 60_000))
    assert not any(line.startswith("FORGED") for line in log.lines)
    assert max(map(len, log.lines)) < 10 * MAX_SHOWN
    if log_format == "json":
        assert [json.loads(line)["level"] for line in log.lines] == ["INFO", "INFO", "ERROR"]


def test_flood_is_left_out_and_counted() -> None:
    """If one place in the code floods the log, only the first lines are written. The number of omitted lines is logged
    later."""
    log = Log()
    for number in range(BURST + 50):
        log.logger.info("line %d", number)
    assert len(log.lines) == BURST
    log.clock.advance(SUMMARY_PERIOD)
    log.logger.info("something else")
    assert log.lines[BURST:] == [
        "something else",
        f"50 similar lines were omitted, such as: line {BURST}",
    ]


def test_log_keeps_no_value_of_a_line() -> None:
    """After a line has been written or omitted, the log keeps no reference to its exception."""

    class StepError(Exception):
        """An exception class that supports weak references, unlike its base class."""

    log = Log()

    def logged() -> "weakref.ref[StepError]":
        error = StepError("a step failed")
        log.logger.error("%s: failed", error, exc_info=error)
        return weakref.ref(error)

    kept = [logged() for _ in range(BURST + 1)]
    assert {one() for one in kept} == {None}


def test_flood_of_malformed_lines_is_summed_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line whose arguments do not match its message does not raise an error, even if the line is omitted."""
    log = Log()
    reported: list[logging.LogRecord] = []
    monkeypatch.setattr(log.handler, "handleError", reported.append)
    for _ in range(BURST + 2):
        log.logger.info("%d lines", "no number")
    log.clock.advance(SUMMARY_PERIOD)
    log.logger.info("something else")
    assert len(reported) == BURST
    assert log.lines == ["something else", "2 similar lines were omitted, such as: %d lines"]


def test_debug_lines_have_a_higher_rate() -> None:
    """For lines at debug level, the rate limit for one place in the code is higher."""
    log = Log()
    for number in range(BURST * DEBUG_FACTOR + 50):
        log.logger.debug("line %d", number)
    assert len(log.lines) == BURST * DEBUG_FACTOR
