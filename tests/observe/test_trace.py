"""A trace file accepts records without blocking, and is rotated."""

import json
from pathlib import Path

import pytest

from wyoming_piper_serial.exceptions import SettingsError
from wyoming_piper_serial.observe import trace
from wyoming_piper_serial.observe.trace import TraceFile


def test_records_are_json_lines_in_order(tmp_path: Path) -> None:
    """After `close` the file contains all records in order, one JSON object in each line."""
    file = TraceFile(tmp_path / "trace", max_bytes=1 << 20)
    for number in range(100):
        file.write({"kind": "step", "now": number / 8})
    file.close()
    found = [json.loads(line) for line in (tmp_path / "trace").read_text().splitlines()]
    assert found == [{"kind": "step", "now": number / 8} for number in range(100)]


def test_a_file_is_rotated_at_its_size(tmp_path: Path) -> None:
    """A file that reaches its maximum size is renamed, and the newest records are in the new file."""
    file = TraceFile(tmp_path / "trace", max_bytes=1000)
    for number in range(200):
        file.write({"number": number})
    file.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["trace", "trace.1"]
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    assert json.loads((tmp_path / "trace").read_text().splitlines()[-1]) == {"number": 199}


def test_an_old_trace_is_continued(tmp_path: Path) -> None:
    """New records are appended to the trace of an earlier run."""
    for number in range(2):
        file = TraceFile(tmp_path / "trace", max_bytes=1000)
        file.write({"number": number})
        file.close()
    assert (tmp_path / "trace").read_text() == '{"number":0}\n{"number":1}\n'


def test_a_file_that_cannot_be_written_is_a_bad_setting(tmp_path: Path) -> None:
    """If the file cannot be created, a SettingsError names the option and the file."""
    with pytest.raises(SettingsError, match=r"--trace .*missing/trace: No such file"):
        TraceFile(tmp_path / "missing" / "trace", max_bytes=1000)


def test_records_are_dropped_when_the_disk_is_too_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """If the queue of records is full, `write` drops records instead of waiting; the log has their number."""
    monkeypatch.setattr(trace, "_MAX_QUEUED", 2)
    file = TraceFile(tmp_path / "trace", max_bytes=1 << 20)
    file._listener.stop()  # like a disk that hangs
    for number in range(5):
        file.write({"number": number})
    file._listener.start()
    file.close()
    assert "The trace lacks 3 records" in caplog.text
