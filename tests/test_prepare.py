"""`prepare` creates the app, or raises an error for settings that cannot work."""

import logging
import os
from pathlib import Path

import pytest

from wyoming_piper_serial import prepare as preparing
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import SettingsError, UnknownSpeaker, UnknownVoice
from wyoming_piper_serial.prepare import prepare
from wyoming_piper_serial.settings import Http, Limits, Logging, Settings, Sharing


async def test_default_settings_make_an_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`prepare` creates an app from the default settings. The bundled voice needs neither a folder nor a download."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert isinstance(prepare(Settings()), App)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(uri="http://127.0.0.1:1"), "--uri"),
        (Settings(zeroconf="piper", uri="stdio://"), "--zeroconf"),
        (Settings(http=Http(uri="unix:///tmp/socket")), "--http-uri"),
        (Settings(limits=Limits(max_connections=1 << 30)), "--max-connections"),
        (Settings(logging=Logging(trace=Path("/nonexistent/folder/trace"))), "--trace"),
    ],
)
async def test_settings_that_cannot_work_are_refused(settings: Settings, message: str) -> None:
    """Settings that cannot work raise SettingsError with the option's name in its message."""
    with pytest.raises(SettingsError, match=message):
        prepare(settings)


async def test_http_needs_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the packages for HTTP are not installed, `--http-uri` raises SettingsError, whose message names the extra."""
    monkeypatch.setattr(preparing, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="needs an extra"):
        prepare(Settings(http=Http(uri="tcp://127.0.0.1:0")))


async def test_unknown_default_voice_is_refused() -> None:
    """A default voice that does not exist raises UnknownVoice."""
    with pytest.raises(UnknownVoice):
        prepare(Settings(voice="nobody"))


async def test_unknown_speaker_of_the_default_voice_is_refused() -> None:
    """A speaker that the default voice does not have raises UnknownSpeaker."""
    with pytest.raises(UnknownSpeaker):
        prepare(Settings(speaker="anna"))


async def test_speaker_of_an_unknown_voice_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """`--speaker` for a voice that does not exist logs a warning, because the voice may be added later."""
    with caplog.at_level(logging.WARNING):
        prepare(Settings(speakers={"de_DE-later-low": "3"}))
    assert caplog.messages == ["--speaker de_DE-later-low=3: there is no voice of this name now"]


@pytest.mark.parametrize(
    ("sharing", "threads"),
    [
        (Sharing(), None),
        (Sharing(threads=3), 3),
        (Sharing(threads=7, instances=2), 3),
        (Sharing(threads=1, instances=4), 1),
    ],
)
def test_instances_share_the_threads(sharing: Sharing, threads: int | None) -> None:
    """The threads of `--threads` are divided among the instances, and each instance has at least one. With one instance
    and no `--threads`, the number is `None`, and onnxruntime chooses it."""
    assert preparing._device(sharing, use_cuda=False).threads == threads


def test_instances_share_the_cores_without_a_number_of_threads() -> None:
    """Without `--threads`, several instances share as many threads as there are cores."""
    expected = max(1, len(os.sched_getaffinity(0)) // 2)
    assert preparing._device(Sharing(instances=2), use_cuda=False).threads == expected
