"""LogStream writes lines in a thread, and drops lines if no program reads the log."""

import contextlib
import fcntl
import logging
import os
import threading
from collections.abc import Iterator

import pytest

from wyoming_piper_serial.observe.bounded_log import BoundedHandler
from wyoming_piper_serial.observe.log_stream import LogStream


class Pipe:
    """A pipe with a capacity of only 4096 bytes, so that a few lines fill it."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, 4096)

    def read_until(self, end: str) -> str:
        text = b""
        while end.encode() not in text:
            text += os.read(self.reader, 4096)
        return text.decode()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    for end in (pipe.reader, pipe.writer):
        with contextlib.suppress(OSError):
            os.close(end)


def test_lines_are_written_in_order(pipe: Pipe) -> None:
    """All log lines are written in order, regardless of their characters."""
    log = LogStream(pipe.writer)
    for line in ("one\n", "zwölf \ud800\n", "three\n"):
        log.write(line)
        log.flush()
    log.finish(10)
    assert pipe.read_until("three") == "one\nzwölf \\ud800\nthree\n"


@pytest.mark.timeout(20)
def test_log_that_is_not_read_does_not_block(pipe: Pipe, caplog: pytest.LogCaptureFixture) -> None:
    """While no program reads the log, lines are buffered up to a maximum total size, and further lines are dropped.
    When the log is read again, the buffered lines are written, and a warning states the number of dropped lines."""
    os.write(pipe.writer, b" " * 4096)
    log = LogStream(pipe.writer, max_waiting=10_000)
    for number in range(1000):
        log.write(f"line {number:03} {'x' * 90}\n")
    log.finish(0)
    text = pipe.read_until(f"line 099 {'x' * 90}\n")
    assert [line[:8] for line in text.strip().splitlines()] == [f"line {number:03}" for number in range(100)]
    log.finish(10)
    log.write("end\n")
    pipe.read_until("end")
    assert [record.getMessage() for record in caplog.records] == [
        "Omitted because the log was not being read: 900 lines"
    ]


def test_reader_that_is_gone_is_no_error(pipe: Pipe) -> None:
    """If the reader has closed the pipe, log lines are dropped."""
    os.close(pipe.reader)
    log = LogStream(pipe.writer)
    log.write("nobody reads this\n")
    log.finish(10)
    assert not log._lines


@pytest.mark.timeout(20)
def test_pipe_that_does_not_block_gets_all_lines(pipe: Pipe) -> None:
    """If another program has made the pipe non-blocking, LogStream waits while the pipe is full."""
    os.set_blocking(pipe.writer, False)
    log = LogStream(pipe.writer)
    log.write("x" * 20_000 + "end\n")
    assert len(pipe.read_until("end")) == 20_004


def test_thread_is_started_later_if_there_is_none(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    """If no thread can be started for the first line, this line is written when the next line is added."""

    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    log = LogStream(pipe.writer)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        log.write("one\n")
    log.write("two\n")
    assert pipe.read_until("two") == "one\ntwo\n"


def test_handler_writes_its_lines_before_it_is_closed(pipe: Pipe) -> None:
    """When the handler is closed at the end of the process, it waits until its lines have been written."""
    handler = BoundedHandler(LogStream(pipe.writer))
    handler.emit(logging.LogRecord("a", logging.INFO, __file__, 1, "the last line", (), None))
    handler.close()
    os.close(pipe.writer)
    assert os.read(pipe.reader, 4096) == b"the last line\n"
