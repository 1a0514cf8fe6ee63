"""Settings are checked, and the app is created, before the event loop runs."""

import asyncio
import logging
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.voices.remote.mirror import MODEL, mirror_of, public_voice
from wyoming_piper_serial import prepare as preparing
from wyoming_piper_serial.app import App
from wyoming_piper_serial.exceptions import DownloadFailed, SettingsError, UnknownSpeaker, UnknownVoice
from wyoming_piper_serial.machine import usable_cores
from wyoming_piper_serial.network.service_manager import ServiceManager
from wyoming_piper_serial.prepare import prepare
from wyoming_piper_serial.settings import (
    DEFAULT_VOICE,
    Downloading,
    Http,
    Limits,
    Logging,
    Preset,
    Settings,
    Sharing,
    VoiceAlias,
)
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact


async def test_default_settings_make_an_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With default settings, the app uses the bundled voice, which needs neither a voice folder nor a download."""
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
    """For settings that cannot work, `prepare` raises SettingsError. The message names the option."""
    with pytest.raises(SettingsError, match=message):
        prepare(settings)


async def test_passed_sockets_take_precedence() -> None:
    """The sockets of the service manager are used instead of the addresses in the settings, and turn HTTP on."""
    with socket.create_server(("127.0.0.1", 0)) as wyoming, socket.create_server(("127.0.0.1", 0)) as http:
        manager = ServiceManager(sockets={"wyoming": (wyoming,), "http": (http,)})
        found = prepare(Settings(uri="stdio://"), manager=manager)._settings
        assert found.uri == f"tcp://127.0.0.1:{wyoming.getsockname()[1]}"
        assert found.http.uri == f"tcp://127.0.0.1:{http.getsockname()[1]}"


async def test_http_needs_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """If `--http-uri` is set but the packages of the extra are missing, SettingsError is raised. Its message states
    how to install them."""
    monkeypatch.setattr(preparing, "find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="needs an extra"):
        prepare(Settings(http=Http(uri="tcp://127.0.0.1:0")))


async def test_unknown_default_voice_is_refused() -> None:
    """If the default voice does not exist, UnknownVoice is raised."""
    with pytest.raises(UnknownVoice):
        prepare(Settings(voice="nobody"))


async def test_unknown_speaker_of_the_default_voice_is_refused() -> None:
    """If the default voice does not have the speaker, UnknownSpeaker is raised."""
    with pytest.raises(UnknownSpeaker):
        prepare(Settings(speaker="anna"))


async def test_speaker_of_an_unknown_voice_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """If the voice of a speaker does not exist, only a warning is logged, because the voice may be added later."""
    with caplog.at_level(logging.WARNING):
        prepare(Settings(speakers={"de_DE-later-low": "3"}))
    assert caplog.messages == ["--speaker de_DE-later-low=3: there is currently no voice with this name"]


async def test_unknown_speaker_of_another_voice_is_refused() -> None:
    """If a known voice does not have the speaker, UnknownSpeaker is raised, although requests may never use this
    voice."""
    with pytest.raises(UnknownSpeaker):
        prepare(Settings(speakers={DEFAULT_VOICE: "anna"}))


async def test_missing_default_voice_is_downloaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the default voice is on the public list but not in any folder, it is downloaded before the server starts."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    voice = public_voice()
    mirror = mirror_of(voice)
    (tmp_path / LIST_NAME).write_bytes(compact([voice]))
    downloading = Downloading(url=mirror.url)
    try:
        with caplog.at_level(logging.INFO):
            app = await asyncio.to_thread(
                prepare, Settings(voice=voice.name, download_dir=tmp_path, downloads=downloading)
            )
    finally:
        mirror.close()
    assert isinstance(app, App)
    assert sorted(mirror.asked) == ["onnx", "onnx.json"]
    assert (tmp_path / f"{voice.name}.onnx").read_bytes() == MODEL
    assert caplog.messages[0] == f"Voice {voice.name}: downloading 0 MB before the start"


@pytest.mark.parametrize(
    "named",
    [
        {"presets": (Preset(name="slow", voice="de_DE-a-low", synthesis={}),)},
        {"preload": ("de_DE-a-low",)},
        {"http": Http(openai_voices=(VoiceAlias("alloy", "de_DE-a-low"),))},
    ],
)
async def test_voice_that_an_option_names_is_downloaded(
    named: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A missing public voice is downloaded before the start if an option names it, even if clients are not allowed to
    trigger downloads."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    voice = public_voice("de_DE-a-low")
    mirror = mirror_of(voice)
    (tmp_path / LIST_NAME).write_bytes(compact([voice]))
    try:
        settings = Settings(data_dirs=(tmp_path,), downloads=Downloading(url=mirror.url), **named)
        await asyncio.to_thread(prepare, settings)  # importing the HTTP client would block the loop
    finally:
        mirror.close()
    assert (tmp_path / f"{voice.name}.onnx").read_bytes() == MODEL


async def test_voice_is_not_downloaded_offline(tmp_path: Path) -> None:
    """With `--offline`, a missing default voice is not downloaded, and UnknownVoice is raised."""
    (tmp_path / LIST_NAME).write_bytes(compact([public_voice("de_DE-a-low")]))
    with pytest.raises(UnknownVoice, match="There is no voice 'de_DE-a-low' here"):
        prepare(Settings(voice="de_DE-a-low", data_dirs=(tmp_path,), downloads=Downloading(offline=True)))


async def test_failed_download_matters_only_for_the_default_voice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """If the voice of a preset or a preloaded voice cannot be downloaded, the server starts with a warning. Without its
    default voice, it does not start."""
    (tmp_path / LIST_NAME).write_bytes(compact([public_voice("de_DE-a-low")]))
    settings = Settings(data_dirs=(tmp_path,), downloads=Downloading(url="http://127.0.0.1:1"))
    preset = Preset(name="slow", voice="de_DE-a-low", synthesis={})
    for named in ({"presets": (preset,)}, {"preload": ("de_DE-a-low",)}):
        caplog.clear()
        await asyncio.to_thread(prepare, replace(settings, **named))
        assert "The voice de_DE-a-low cannot be downloaded" in caplog.text
    with pytest.raises(DownloadFailed):
        await asyncio.to_thread(prepare, replace(settings, voice="de_DE-a-low"))


async def test_instances_that_do_not_fit_into_memory_are_refused() -> None:
    """If the available memory is not sufficient for all instances, SettingsError is raised. Its message names the
    option."""
    with pytest.raises(SettingsError, match="--instances 1000000: "):
        prepare(Settings(sharing=Sharing(instances=1_000_000)))


@pytest.mark.parametrize(("batch_max", "used"), [(None, 1), (1, 1), (4, 4)])
async def test_chunks_are_made_together_on_request_only(batch_max: int | None, used: int) -> None:
    """Without `--batch-max`, the CPU decodes one chunk at a time. With `--batch-max N`, it decodes up to N chunks
    together."""
    assert prepare(Settings(sharing=Sharing(batch_max=batch_max)))._settings.sharing.batch_max == used


async def test_zeroconf_without_its_package_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the package for `--zeroconf` is missing, SettingsError is raised before the server starts."""
    monkeypatch.setitem(sys.modules, "zeroconf.asyncio", None)
    with pytest.raises(SettingsError, match="--zeroconf needs an extra"):
        prepare(Settings(zeroconf="piper", uri="tcp://127.0.0.1:0"))


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
    """The threads are divided among the instances, and each instance gets at least one thread. If the number of threads
    is `None`, onnxruntime chooses it."""
    monkeypatch.setattr(preparing, "usable_cores", lambda: os.cpu_count() or 1)
    assert preparing._device(sharing, use_cuda=False).threads == threads


@pytest.mark.parametrize(
    ("sharing", "cores", "threads"),
    [(Sharing(), 2, 2), (Sharing(), 8, None), (Sharing(threads=5), 2, 5), (Sharing(instances=2), 2, 1)],
)
def test_usable_cores_limit_the_threads(
    sharing: Sharing, cores: int, threads: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If a quota or an affinity allows fewer cores than the machine has, there are as many threads as usable cores,
    unless `--threads` is set."""
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.setattr(preparing, "usable_cores", lambda: cores)
    assert preparing._device(sharing, use_cuda=False).threads == threads


def test_instances_share_the_cores_without_a_number_of_threads() -> None:
    """Without `--threads`, the instances together have as many threads as there are usable cores."""
    expected = max(1, usable_cores() // 2)
    assert preparing._device(Sharing(instances=2), use_cuda=False).threads == expected
