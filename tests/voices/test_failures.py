"""The voices that could not be loaded."""

import errno

import pytest

from tests.fakes import voice_entry
from wyoming_piper_serial.exceptions import VoiceFileError, VoiceLoadTimeout
from wyoming_piper_serial.phonemes.client import PhonemizerDied
from wyoming_piper_serial.voices.failures import LoadFailures

AMY = voice_entry("amy")


def caused(error: VoiceFileError, cause: Exception) -> VoiceFileError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_usable"),
    [
        (VoiceFileError("amy", "torn"), False),
        (caused(VoiceFileError("amy", "gone"), FileNotFoundError()), False),
        (caused(VoiceFileError("amy", "killed"), PhonemizerDied("killed")), True),
        (caused(VoiceFileError("amy", "no memory"), MemoryError()), True),
        (caused(VoiceFileError("amy", "no files"), OSError(errno.EMFILE, "")), True),
        (caused(VoiceFileError("amy", "no thread"), RuntimeError("can't start new thread")), True),
        (caused(VoiceFileError("amy", "not ONNX"), RuntimeError("not ONNX")), False),
        (VoiceLoadTimeout("amy", 60.0), True),
    ],
)
def test_voice_is_unusable_only_if_its_files_are_the_cause(error: Exception, is_usable: bool) -> None:
    """After a timeout, a lack of memory or the death of a phonemizer, the voice may work at the next attempt."""
    failures = LoadFailures()
    failures.add(AMY.key, error)
    assert failures.states()[AMY.key] == ("failed", str(error), is_usable)
    assert failures.unusable() == (frozenset() if is_usable else {AMY.key})


def test_change_is_reported_once() -> None:
    """The callback is called when a voice becomes unusable or usable, and not for a repeated failure."""
    failures, reports = LoadFailures(), []
    failures.on_change(lambda: reports.append(len(failures.unusable())))
    failures.add(AMY.key, VoiceLoadTimeout("amy", 60.0))
    assert reports == []
    failures.add(AMY.key, VoiceFileError("amy", "torn"))
    failures.add(AMY.key, VoiceFileError("amy", "torn"))
    assert reports == [1]
    failures.remove("amy")
    failures.remove("amy")
    assert reports == [1, 0]


def test_newer_files_replace_the_failure_of_older_files() -> None:
    """At most one failure is kept for each name, so that replacing files again and again does not use up memory."""
    failures = LoadFailures()
    failures.add(("amy", "old"), VoiceFileError("amy", "torn"))
    failures.add(("amy", "new"), VoiceFileError("amy", "empty"))
    assert failures.unusable() == {("amy", "new")}


def test_failure_of_a_removed_voice_is_forgotten() -> None:
    failures, reports = LoadFailures(), []
    for name in ("amy", "bob"):
        failures.add((name, "torn"), VoiceFileError(name, "torn"))
    failures.on_change(lambda: reports.append(failures.unusable()))
    failures.keep({"bob", "carl"})
    failures.keep({"bob", "carl"})
    assert reports == [{("bob", "torn")}]
