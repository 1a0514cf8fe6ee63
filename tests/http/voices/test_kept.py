"""The sizes of unfinished downloads."""

import os
from pathlib import Path

from tests.fakes import FakeClock
from wyoming_piper_serial.http.voices.kept import KeptSizes, kept_sizes


def test_unfinished_downloads_are_counted() -> None:
    """For each voice, `kept_sizes` returns the total size of its unfinished model and config files."""
    names = [("a.onnx.part", 5), ("a.onnx.json.part", 2), ("b.onnx.part", 1), ("b.onnx", 7), ("voices.json.part", 3)]
    assert kept_sizes(names) == {"a": 7, "b": 1}


def test_folder_is_read_again_after_a_second_or_a_change(tmp_path: Path) -> None:
    """A growing file is noticed after a second, or when a download begins or ends. A new file is noticed at once."""
    clock = FakeClock()
    kept = KeptSizes(tmp_path, clock=clock)
    part = tmp_path / "a.onnx.part"
    part.write_bytes(b"12")
    assert kept.get("none") == {"a": 2}
    with part.open("ab") as file:
        file.write(b"3")
    clock.advance(0.9)
    assert kept.get("none") == {"a": 2}
    assert kept.get("one has ended") == {"a": 3}
    with part.open("ab") as file:
        file.write(b"4")
    clock.advance(1.1)
    assert kept.get("one has ended") == {"a": 4}
    part.rename(tmp_path / "b.onnx.part")
    os.utime(tmp_path, ns=(1, 1))  # file systems with coarse times may not show a change so soon
    assert kept.get("one has ended") == {"b": 4}


def test_missing_folder_has_no_downloads(tmp_path: Path) -> None:
    assert KeptSizes(None).get(()) == {}
    assert KeptSizes(tmp_path / "missing").get(()) == {}
