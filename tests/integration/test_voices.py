"""A server with several voices, which are added while it runs, downloaded from a mirror, or defined as presets."""

import asyncio
import json
import lzma
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from wyoming.error import Error
from wyoming.info import Describe
from wyoming.tts import Synthesize, SynthesizeVoice

from tests.fixture_voices import FIXTURES
from tests.integration.conftest import Start
from tests.integration.listeners import visiting
from tests.integration.peers import PATIENCE, connected, describe, one_shot, receive
from tests.voices.remote.mirror import Mirror, file_of
from wyoming_piper_serial.voices.remote.index import LIST_NAME, PublicVoice, compact

_SMALL = "en_US-one_old-x_low"
_CROWD = "en_US-many_old-x_low"
_HELLO = "Hello there, how are you?"


def files_of(name: str) -> tuple[bytes, bytes]:
    """Return the model and the config of a small voice from tests/fixtures."""
    return lzma.decompress((FIXTURES / f"{name}.onnx.xz").read_bytes()), (FIXTURES / f"{name}.onnx.json").read_bytes()


def put(folder: Path, name: str, *, called: str | None = None) -> None:
    """Write the model and then the config of a small voice to `folder`. Both files get an old modification time."""
    for ending, content in zip((".onnx", ".onnx.json"), files_of(name), strict=True):
        path = folder / f"{called or name}{ending}"
        path.write_bytes(content)
        os.utime(path, (1e9, 1e9))


def public(name: str, *, md5: str | None = None) -> PublicVoice:
    model, config = (
        file_of(f"en/{name}{ending}", content)
        for ending, content in zip((".onnx", ".onnx.json"), files_of(name), strict=True)
    )
    if md5 is not None:
        model = type(model)(path=model.path, size=model.size, md5=md5)
    return PublicVoice(
        name=name, language="en_US", quality="low", num_speakers=1, speakers={}, model=model, config=config
    )


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    model, config = files_of(_SMALL)
    serving = Mirror({f"en/{_SMALL}.onnx": model, f"en/{_SMALL}.onnx.json": config})
    yield serving
    serving.close()


def downloading(mirror: Mirror, folder: Path, *voices: PublicVoice) -> list[str]:
    """Return the options of a server that offers `voices` as downloads from the mirror."""
    folder.mkdir(exist_ok=True)
    (folder / LIST_NAME).write_bytes(compact(voices))
    return [
        "--uri",
        "tcp://127.0.0.1:0",
        "--offer-downloads",
        "--voices-url",
        mirror.url,
        "--download-dir",
        str(folder),
    ]


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def names(uri: str, *, installed: bool = False) -> list[str]:
    """Return the names of all voices in `info`, or only of those that are marked as installed."""
    (program,) = (await describe(uri)).tts
    return [voice.name for voice in program.voices if voice.installed or not installed]


async def offered(uri: str, *expected: str, installed: bool = False) -> None:
    """Wait until the server offers exactly the voices `expected`, or until exactly these are marked as installed. A
    change is logged shortly before it takes effect, so waiting for a log line is not sufficient."""
    async with asyncio.timeout(PATIENCE):
        while await names(uri, installed=installed) != [*expected]:
            await asyncio.sleep(0.05)  # polls, because the server runs in another process


async def test_voice_that_is_added_is_offered_and_speaks(start: Start, tmp_path: Path) -> None:
    """A voice added while the server runs is offered and can be used. After it has been deleted, it is no longer
    offered."""
    server = start("--uri", "tcp://127.0.0.1:0", "--data-dir", str(tmp_path))
    async with connected(server.uri) as client:
        assert await names(server.uri) == ["en_US-joe-medium"]
        put(tmp_path, _SMALL)
        server.wait_for_line(re.compile(f"New: {_SMALL}"))
        await offered(server.uri, "en_US-joe-medium", _SMALL)
        answer = await one_shot(server.uri, _HELLO, SynthesizeVoice(name=_SMALL))
        assert len(answer.pcm) > 2000
        await client.write_event(Describe().event())
        told = await receive(client)
        assert told is not None
        assert _SMALL in json.dumps(told.data)
        for name in files_in(tmp_path):
            (tmp_path / name).unlink()
        server.wait_for_line(re.compile(f"No longer offered: {_SMALL}"))
        await offered(server.uri, "en_US-joe-medium")


async def test_broken_voice_is_one_warning(start: Start, tmp_path: Path) -> None:
    """If the config of a voice is invalid, one warning names the file. The other voices are still offered."""
    put(tmp_path, _SMALL)
    (tmp_path / "de_DE-bad-low.onnx").write_bytes(b"\x08model")
    (tmp_path / "de_DE-bad-low.onnx.json").write_text('{"audio": {"sample_rate": "fast"}}')
    server = start("--uri", "tcp://127.0.0.1:0", "--data-dir", str(tmp_path))
    put(tmp_path, _CROWD)
    server.wait_for_line(re.compile(f"New: {_CROWD}"))
    await offered(server.uri, "en_US-joe-medium", _CROWD, _SMALL)
    server.wait_for_lines("de_DE-bad-low", 2)
    assert server.log.count("de_DE-bad-low") == 2, "one line should contain the voice's name and the file's name"


@pytest.mark.parametrize("fault", ["model", "espeak name"])
async def test_voice_that_cannot_be_loaded_is_not_installed_until_it_is_replaced(
    start: Start, tmp_path: Path, fault: str
) -> None:
    """After a request for a voice has failed because of the model or an unknown espeak-ng name, the voice is not
    installed in `info`. It is installed again when its files have been replaced, and then speaks."""
    put(tmp_path, _SMALL)
    if fault == "model":
        (tmp_path / f"{_SMALL}.onnx").write_bytes(b"\x08model")
    else:
        config = json.loads(files_of(_SMALL)[1])
        config["espeak"]["voice"] = "xx-none"
        (tmp_path / f"{_SMALL}.onnx.json").write_text(json.dumps(config))
    server = start("--uri", "tcp://127.0.0.1:0", "--data-dir", str(tmp_path))
    await offered(server.uri, "en_US-joe-medium", _SMALL, installed=True)
    answer = await one_shot(server.uri, _HELLO, SynthesizeVoice(name=_SMALL))
    assert answer.error == "voice-broken"
    await offered(server.uri, "en_US-joe-medium", installed=True)
    put(tmp_path, _SMALL)
    await offered(server.uri, "en_US-joe-medium", _SMALL, installed=True)
    assert len((await one_shot(server.uri, _HELLO, SynthesizeVoice(name=_SMALL))).pcm) > 2000


async def test_voice_is_downloaded_when_it_is_requested(start: Start, tmp_path: Path, mirror: Mirror) -> None:
    """A downloadable voice is offered. The first request for it downloads the voice, and the second request uses the
    files in the folder."""
    server = start(*downloading(mirror, tmp_path / "voices", public(_SMALL)), "--http-uri", "tcp://127.0.0.1:0")
    assert await names(server.uri) == ["en_US-joe-medium", _SMALL]
    async with visiting(server.http) as client:
        answer = await client.get("api/text-to-speech", params={"text": _HELLO, "voice": _SMALL})
        assert answer.status_code == 200
        assert (await client.get("health")).json()["downloads"] == {}
    assert len((await one_shot(server.uri, _HELLO, SynthesizeVoice(name=_SMALL))).pcm) > 2000
    assert mirror.asked == ["onnx.json", "onnx"]
    assert sorted(path.name for path in (tmp_path / "voices").iterdir()) == [
        f"{_SMALL}.onnx",
        f"{_SMALL}.onnx.json",
        LIST_NAME,
    ]


async def test_failed_download_is_one_warning_and_one_error(start: Start, tmp_path: Path, mirror: Mirror) -> None:
    """If a download fails, one warning is logged, and only the request for this voice gets an error. No model remains
    in the folder."""
    faults = {
        "digest": "does not match the digest",
        "cut": "interrupted",
        "missing": "404",
        "refused": "no connection",  # the last one, because the mirror does not start again
    }
    voices = [
        replace(public(_SMALL, md5="0" * 32 if fault == "digest" else None), name=f"en_US-{fault}-low")
        for fault in faults
    ]
    server = start(*downloading(mirror, tmp_path, *voices))
    for number, (fault, told) in enumerate(faults.items(), 1):
        mirror.cuts = [1000] * 50 if fault == "cut" else []
        mirror.status = 404 if fault == "missing" else None
        if fault == "refused":
            mirror.close()
        name = f"en_US-{fault}-low"
        async with connected(server.uri) as client:
            await client.write_event(Synthesize(text=_HELLO, voice=SynthesizeVoice(name=name)).event())
            event = await receive(client)
        assert event is not None
        error = Error.from_event(event)
        assert error.code == "download-failed"
        assert name in error.text
        assert told in error.text
        assert str(tmp_path) not in error.text
        server.wait_for_lines("WARNING", number)
        complaints = [line for line in server.lines if "WARNING" in line]
        assert len(complaints) == number, server.log
        assert name in complaints[-1]
    assert len((await one_shot(server.uri, _HELLO)).pcm) > 2000
    assert not [name for name in files_in(tmp_path) if name.endswith(".onnx")]


async def test_preset_is_a_voice_of_its_own(start: Start, tmp_path: Path) -> None:
    """A preset is listed as a separate voice and uses its own settings. The preset and its voice share one loaded
    model."""
    server = start(
        *("--uri", "tcp://127.0.0.1:0", "--seed", "3"),
        *("--preset", "joe-slow=joe,length_scale=2,volume=0.5", "--max-voices", "1"),
    )
    assert await names(server.uri) == ["en_US-joe-medium", "joe-slow"]
    usual = await one_shot(server.uri, _HELLO)
    slow = await one_shot(server.uri, _HELLO, SynthesizeVoice(name="joe-slow"))
    assert len(slow.pcm) > 1.5 * len(usual.pcm)
    server.wait_for_lines("completed after", 2)
    assert server.log.count("Voice en_US-joe-medium loaded") == 1
    assert "unloaded" not in server.log


async def test_least_recently_used_voice_is_replaced(start: Start, tmp_path: Path) -> None:
    """With --max-voices 2, loading a third voice unloads the second one. The default voice stays in memory."""
    for number in range(2):
        put(tmp_path, _SMALL, called=f"en_US-small{number}-low")
    server = start("--uri", "tcp://127.0.0.1:0", "--data-dir", str(tmp_path), "--max-voices", "2")
    for name in ("en_US-small0-low", "en_US-small0-low", "en_US-small1-low", "en_US-joe-medium", "en_US-small0-low"):
        assert len((await one_shot(server.uri, _HELLO, SynthesizeVoice(name=name))).pcm) > 2000
    server.wait_for_lines("completed after", 5)
    loads = re.findall(r"Voice (\S+) loaded", server.log)
    assert loads == ["en_US-joe-medium", "en_US-small0-low", "en_US-small1-low", "en_US-small0-low"]
