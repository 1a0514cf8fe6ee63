"""TraceFile writes records to a file in a thread, so that the event loop is not blocked, and rotates the file."""

import json
import logging
import threading
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.observe import trace
from wyoming_piper_serial.observe.trace import TraceFile


def test_records_are_json_lines_in_order(tmp_path: Path) -> None:
    """After `close`, the file contains all records in order, with one JSON object per line."""
    file = TraceFile(tmp_path / "trace", max_bytes=1 << 20)
    for number in range(100):
        file.write({"kind": "step", "now": number / 8})
    file.close()
    found = [json.loads(line) for line in (tmp_path / "trace").read_text().splitlines()]
    assert found == [{"kind": "step", "now": number / 8} for number in range(100)]


def test_a_file_is_rotated_at_its_size(tmp_path: Path) -> None:
    """A file that reaches its maximum size is renamed, and later records are written to a new file."""
    file = TraceFile(tmp_path / "trace", max_bytes=1000)
    for number in range(200):
        file.write({"number": number})
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trace", "trace.1"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert json.loads((tmp_path / "trace").read_text().splitlines()[-1]) == {"number": 199}


def test_an_old_trace_is_continued(tmp_path: Path) -> None:
    """If the trace file already exists, records are appended to it."""
    for number in range(2):
        file = TraceFile(tmp_path / "trace", max_bytes=1000)
        file.write({"number": number})
        file.close()
    assert (tmp_path / "trace").read_text() == '{"number":0}\n{"number":1}\n'


def test_a_file_that_cannot_be_written_is_a_bad_setting(tmp_path: Path) -> None:
    """If the file cannot be created, SettingsError is raised. Its message contains the option and the file."""
    with pytest.raises(SettingsError, match=r"--trace .*missing/trace: No such file"):
        TraceFile(tmp_path / "missing" / "trace", max_bytes=1000)


class _SlowHandler(trace._Handler):
    """Simulates a disk on which every write waits until the event `go` is set."""

    go = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.go.wait(10)
        super().emit(record)


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Simulate a disk on which writes block until the returned event is set."""
    _SlowHandler.go.clear()
    monkeypatch.setattr(trace, "_Handler", _SlowHandler)
    monkeypatch.setattr(trace, "_MAX_QUEUED", 2)
    monkeypatch.setattr(trace, "_CLOSE_SECONDS", 0.01)
    return _SlowHandler.go


def test_records_are_dropped_when_the_disk_is_too_slow(
    slow_disk: threading.Event, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If the disk is too slow, records are dropped, so that the event loop is not blocked. The log states the number of
    dropped records."""
    file = TraceFile(tmp_path / "trace", max_bytes=1 << 20)
    for number in range(50):
        file.write({"number": number})
    slow_disk.set()
    monkeypatch.setattr(trace, "_CLOSE_SECONDS", 10)
    file.close()
    written = len((tmp_path / "trace").read_text().splitlines())
    assert 2 <= written < 50
    assert f"The trace is missing {50 - written} records" in caplog.text


def test_close_does_not_wait_for_a_disk_that_does_not_answer(
    slow_disk: threading.Event, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the thread hangs during a write, `close` returns after a limited time. The log states that the trace is
    incomplete."""
    file = TraceFile(tmp_path / "trace", max_bytes=1 << 20)
    for number in range(50):
        file.write({"number": number})
    file.close()
    assert "The trace is incomplete" in caplog.text
    slow_disk.set()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_warning(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """If the disk is full, a single warning states how many records are missing from the trace."""
    file = TraceFile(Path("/dev/full"), max_bytes=1 << 20)
    for number in range(100):
        file.write({"number": number})
    file.close()
    assert caplog.text.count("The trace is missing 100 records") == 1
    assert capfd.readouterr().err == ""
