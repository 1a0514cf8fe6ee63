"""Settings that cannot work are refused before the event loop runs."""

import logging
import os
from pathlib import Path

import pytest

from wyoming_piper_serial import prepare as preparing
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import SettingsError, UnknownSpeaker, UnknownVoice
from wyoming_piper_serial.machine import usable_cores
from wyoming_piper_serial.prepare import prepare
from wyoming_piper_serial.settings import Http, Limits, Logging, Settings, Sharing


async def test_default_settings_make_an_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The bundled voice is there without a folder or a download."""
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
    """The error names the option."""
    with pytest.raises(SettingsError, match=message):
        prepare(settings)


async def test_http_needs_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says how to install them."""
    monkeypatch.setattr(preparing, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="needs an extra"):
        prepare(Settings(http=Http(uri="tcp://127.0.0.1:0")))


async def test_unknown_default_voice_is_refused() -> None:
    """The server cannot start without its default voice."""
    with pytest.raises(UnknownVoice):
        prepare(Settings(voice="nobody"))


async def test_unknown_speaker_of_the_default_voice_is_refused() -> None:
    """The bundled voice has one speaker."""
    with pytest.raises(UnknownSpeaker):
        prepare(Settings(speaker="anna"))


async def test_speaker_of_an_unknown_voice_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """The voice may be added later."""
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
def test_instances_share_the_threads(sharing: Sharing, threads: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each instance has its share, and at least one. `None` leaves the number to onnxruntime."""
    monkeypatch.setattr(preparing, "cpu_quota", lambda: None)
    assert preparing._device(sharing, use_cuda=False).threads == threads


@pytest.mark.parametrize(
    ("sharing", "quota", "threads"),
    [(Sharing(), 2, 2), (Sharing(), 8, None), (Sharing(threads=5), 2, 5), (Sharing(instances=2), 2, 1)],
)
def test_quota_limits_the_threads(
    sharing: Sharing, quota: int, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a quota of fewer cores than the machine has, there are as many threads, unless `--threads` is set."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(preparing, "cpu_quota", lambda: quota)
    monkeypatch.setattr(preparing, "usable_cores", lambda: quota)
    assert preparing._device(sharing, use_cuda=False).threads == threads


def test_instances_share_the_cores_without_a_number_of_threads() -> None:
    """As many threads as cores are shared."""
    expected = max(1, usable_cores() // 2)
    assert preparing._device(Sharing(instances=2), use_cuda=False).threads == expected
