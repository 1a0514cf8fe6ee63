"""The endpoints that change voices, with real files, a real download server and a fake voice."""

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes import raw_config
from tests.http.serving import HttpBench, error_of, serve
from tests.voices.remote.mirror import MODEL, NAME, Mirror, mirror_of, public_voice
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.settings import DEFAULT_VOICE, Downloading, Http, Limits, Preset, Settings, TextSettings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.inventory import Stamp
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact
from wyoming_piper_serial.voices.remote.manager import Downloads
from wyoming_piper_serial.voices.scanner import FolderScanner

_OWN = "en_US-own-low"
_CONFIG = json.dumps(raw_config(dataset="own")).encode()


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(public_voice())
    yield mirror
    mirror.close()


def real_registry(settings: Settings, shutdown: Shutdown) -> VoiceRegistry:
    scanner = FolderScanner.from_settings(settings)
    catalogue = scanner.look()
    assert catalogue is not None
    downloads = Downloads(settings.download_folder, settings.downloads, shutdown=shutdown.over)
    lexicons = Lexicons.from_settings(settings)
    lexicons.look()
    return VoiceRegistry(catalogue, scanner, downloads, lexicons=lexicons, shutdown=shutdown.over)


def put_list(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / LIST_NAME).write_bytes(compact([public_voice()]))


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


@contextlib.asynccontextmanager
async def changing(folder: Path, url: str = "http://127.0.0.1:9", **changes: Any) -> AsyncIterator[HttpBench]:
    """Run a server that offers the voices in `folder` and on the public list, which is stored there. The default voice
    is the bundled one."""
    await asyncio.to_thread(put_list, folder)
    usual: dict[str, Any] = {"voice": DEFAULT_VOICE, "download_dir": folder, "downloads": Downloading(url=url)}
    async with serve(new_registry=real_registry, **usual | changes) as bench:
        try:
            yield bench
        finally:
            bench.shutdown.begin()
            bench.shutdown.over.begin()


def put_voice(folder: Path, name: str = _OWN) -> None:
    (folder / f"{name}.onnx.json").write_bytes(_CONFIG)
    (folder / f"{name}.onnx").write_bytes(MODEL)


async def send(bench: HttpBench, method: str, path: str, **how: Any) -> httpx.Response:
    return await bench.client.request(method, f"{bench.base}/api/voices{path}", **how)


async def voices(bench: HttpBench) -> dict[str, dict[str, Any]]:
    listed = (await bench.get("/api/voices", params={"all": "true"})).json()["voices"]
    return {voice["name"]: voice for voice in listed}


async def test_voice_is_downloaded_and_removed(mirror: Mirror, tmp_path: Path) -> None:
    """A public voice is downloaded, appears in the list, and can be removed again."""
    async with changing(tmp_path, mirror.url) as bench:
        absent = (await voices(bench))[NAME]
        assert (absent["state"], absent["missing"], absent["title"]) == (
            "absent",
            public_voice().size,
            "Fake, English (US), medium",
        )
        started = await send(bench, "PUT", f"/{NAME}/download")
        assert (started.status_code, started.json()) == (202, {"name": NAME, "status": "accepted"})
        await bench.settled(lambda: any(entry.name == NAME for entry in bench.context.registry.catalogue.entries))
        here = (await voices(bench))[NAME]
        assert (here["state"], here["missing"], here["removable"]) == ("ready", 0, True)
        assert error_of(await send(bench, "PUT", f"/{NAME}/download")) == (409, "conflict")
        removed = await send(bench, "DELETE", f"/{NAME}")
        assert removed.json() == {"freed": public_voice().size}
        assert (await voices(bench))[NAME]["state"] == "absent"
        assert error_of(await send(bench, "PUT", "/nobody/download")) == (404, "unknown-voice")


async def test_download_is_cancelled(mirror: Mirror, tmp_path: Path) -> None:
    """A download can be cancelled. The data received so far is kept on disk, and can be removed."""
    mirror.stall_after = 300_000
    async with changing(tmp_path, mirror.url) as bench:
        await send(bench, "PUT", f"/{NAME}/download")
        await bench.settled(lambda: bench.context.registry.arriving()[NAME].received > 200_000)
        running = (await voices(bench))[NAME]
        assert (running["state"], running["download"]["state"]) == ("downloading", "running")
        assert error_of(await send(bench, "DELETE", f"/{NAME}")) == (409, "conflict")
        assert (await send(bench, "DELETE", f"/{NAME}/download")).status_code == 204
        assert error_of(await send(bench, "DELETE", f"/{NAME}/download")) == (404, "not-found")
        kept = (await voices(bench))[NAME]
        assert (kept["state"], kept["removable"]) == ("absent", True)
        assert 0 < kept["missing"] < kept["size"]
        mirror.released.set()


async def test_failed_download_is_shown_with_its_reason(mirror: Mirror, tmp_path: Path) -> None:
    """The list contains the reason for a failed download until the download is started again. An offline server refuses
    downloads at once."""
    mirror.status = 503
    async with changing(tmp_path, mirror.url) as bench:
        await send(bench, "PUT", f"/{NAME}/download")
        await bench.settled(lambda: bool(bench.context.registry.failed_downloads()))
        failed = (await voices(bench))[NAME]
        assert failed["state"] == "failed"
        assert "503" in failed["reason"]
    async with changing(tmp_path, downloads=Downloading(offline=True)) as bench:
        assert error_of(await send(bench, "PUT", f"/{NAME}/download")) == (503, "download-failed")


async def test_voice_that_must_stay_is_not_removed(tmp_path: Path) -> None:
    """The default voice, the bundled voice, a voice from the operator's folder and an unknown voice cannot be
    removed."""
    operators = tmp_path / "operators"
    operators.mkdir()
    put_voice(operators, "en_US-operators-low")
    folder = tmp_path / "own"
    folder.mkdir()
    put_voice(folder)
    async with changing(folder, data_dirs=(operators,)) as bench:
        assert (await send(bench, "PUT", "/default", json={"name": _OWN})).status_code == 200
        for name in (_OWN, DEFAULT_VOICE, "en_US-operators-low"):
            refused = await send(bench, "DELETE", f"/{name}")
            assert error_of(refused) == (409, "conflict"), name
            assert str(tmp_path) not in refused.text
        for name in ("nobody", "..%2Fown", "settings.json"):
            assert (await send(bench, "DELETE", f"/{name}")).status_code == 404
        assert error_of(await send(bench, "DELETE", f"/{NAME}")) == (404, "unknown-voice")
        assert (folder / f"{_OWN}.onnx").exists()


async def test_default_voice_is_set_and_survives(tmp_path: Path) -> None:
    """A default voice that a user selects applies to requests and lists, survives a restart, and can be unset."""
    put_voice(tmp_path)
    async with changing(tmp_path) as bench:
        assert (await send(bench, "PUT", "/default", json={"name": "own"})).json() == {"name": _OWN, "is_fixed": False}
        assert (await bench.get("/api/voices")).json()["default"] == _OWN
        assert [name for name, voice in (await voices(bench)).items() if voice["is_default"]] == [_OWN]
    async with changing(tmp_path) as bench:
        assert (await send(bench, "GET", "/default")).json()["name"] == _OWN
        assert (await bench.get("/api/text-to-speech", params={"text": "Hi."})).status_code == 200
        assert error_of(await send(bench, "PUT", "/default", json={"name": "nobody"})) == (404, "unknown-voice")
        assert (await send(bench, "PUT", "/default", json={"name": None})).json()["name"] == DEFAULT_VOICE
    async with changing(tmp_path, is_voice_given=True) as bench:
        refused = await send(bench, "PUT", "/default", json={"name": _OWN})
        assert error_of(refused) == (409, "conflict")
        assert "--voice" in refused.text
        assert (await send(bench, "GET", "/rights")).json()["is_default_fixed"]


async def test_presets_are_made_changed_and_removed(tmp_path: Path) -> None:
    """A user-defined preset is offered like a voice, survives a restart, and can be changed and removed."""
    put_voice(tmp_path)
    async with changing(tmp_path) as bench:
        made = await send(bench, "PUT", "/presets/my%20own", json={"voice": "own", "length_scale": 2, "volume": 0.5})
        assert (made.status_code, made.json()["voice"]) == (200, _OWN)
        await bench.get("/api/text-to-speech", params={"text": "Hi.", "voice": "my own"})
        synthesis = bench.voice.options[-1].synthesis
        assert (synthesis.length_scale, synthesis.volume) == (2, 0.5)
        await send(bench, "PUT", "/default", json={"name": "my own"})
    async with changing(tmp_path) as bench:
        listed = (await voices(bench))["my own"]
        assert (listed["is_default"], listed["preset"]["length_scale"], listed["preset"]["is_fixed"]) == (
            True,
            2,
            False,
        )
        await send(bench, "PUT", "/presets/my%20own", json={"voice": _OWN, "seed": 3})
        (preset,) = (await send(bench, "GET", "/presets")).json()["presets"]
        assert (preset["seed"], preset["length_scale"]) == (3, None)
        assert error_of(await send(bench, "DELETE", "/my%20own")) == (409, "conflict")
        assert (await send(bench, "DELETE", "/presets/my%20own")).status_code == 204
        assert error_of(await send(bench, "DELETE", "/presets/my%20own")) == (404, "unknown-voice")
        assert (await send(bench, "GET", "/default")).json()["name"] == DEFAULT_VOICE


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        ("operators", {"voice": _OWN}, (409, "conflict")),
        (_OWN, {"voice": _OWN}, (409, "conflict")),
        ("own", {"voice": _OWN}, (409, "conflict")),
        ("en", {"voice": _OWN}, (409, "conflict")),
        (NAME, {"voice": _OWN}, (409, "conflict")),
        ("new", {"voice": "nobody"}, (404, "unknown-voice")),
        ("new", {"voice": "operators"}, (422, "bad-request")),
        ("new", {"voice": _OWN, "speaker": "eve"}, (404, "unknown-speaker")),
        ("new", {"voice": _OWN, "speaker": 1}, (404, "unknown-speaker")),
        ("new", {"voice": _OWN, "volume": 11}, (422, "bad-request")),
        ("new", {"voice": _OWN, "volume": True}, (422, "bad-request")),
        ("new", {"voice": _OWN, "pitch": 1}, (422, "bad-request")),
        ("new", {}, (422, "bad-request")),
        ("-new", {"voice": _OWN}, (422, "bad-request")),
    ],
)
async def test_invalid_preset_is_refused(
    tmp_path: Path, name: str, body: dict[str, Any], expected: tuple[int, str]
) -> None:
    """A preset is refused if its name is invalid or already in use, its voice or speaker does not exist, or a value is
    invalid."""
    put_voice(tmp_path)
    async with changing(tmp_path, presets=(Preset(name="operators", voice=_OWN),)) as bench:
        assert error_of(await send(bench, "PUT", f"/presets/{name}", json=body)) == expected
        assert not (tmp_path / "settings.json").exists()
        assert error_of(await send(bench, "DELETE", "/presets/operators")) == (409, "conflict")


async def test_preset_cannot_have_the_name_of_a_broken_voice(tmp_path: Path) -> None:
    put_voice(tmp_path)
    (tmp_path / f"{_OWN}.onnx").write_bytes(b"<html>")
    async with changing(tmp_path) as bench:
        refused = await send(bench, "PUT", f"/presets/{_OWN}", json={"voice": DEFAULT_VOICE})
        assert error_of(refused) == (409, "conflict")


async def test_preset_of_the_operator_that_is_added_later_is_refused(tmp_path: Path) -> None:
    """A preset that the operator adds while the server is running cannot be changed, just like one that existed at the
    start."""
    put_voice(tmp_path)
    async with changing(tmp_path) as bench:
        changed = replace(bench.context.settings, presets=(Preset(name="operators", voice=_OWN),))
        await bench.server.reload(changed)
        assert error_of(await send(bench, "DELETE", "/presets/operators")) == (409, "conflict")


async def test_damaged_choices_are_not_overwritten(tmp_path: Path) -> None:
    """If `settings.json` is damaged, a change is refused, so that nothing in the file is lost."""
    (tmp_path / "settings.json").write_text("{")
    async with changing(tmp_path) as bench:
        refused = await send(bench, "PUT", "/default", json={"name": DEFAULT_VOICE})
        assert error_of(refused) == (409, "conflict")
        assert "settings.json" in refused.text
    assert (tmp_path / "settings.json").read_text() == "{"


async def test_preset_whose_voice_is_missing_is_listed(tmp_path: Path) -> None:
    """A preset whose voice was removed stays in the list, with the reason why it cannot be used."""
    put_voice(tmp_path)
    async with changing(tmp_path) as bench:
        await send(bench, "PUT", "/presets/mine", json={"voice": _OWN})
        assert (await send(bench, "DELETE", f"/{_OWN}")).status_code == 200
        lost = (await voices(bench))["mine"]
        assert (lost["state"], lost["installed"]) == ("failed", False)
        assert _OWN in lost["reason"]


async def test_words_are_added_changed_and_removed(tmp_path: Path) -> None:
    """A lexicon entry applies as soon as the request that adds it has been answered. It can be changed and removed."""
    async with changing(tmp_path) as bench:

        async def spoken(**how: Any) -> str:
            answer = await bench.post("/api/phonemes", json={"text": "Geis", **how})
            return str(answer.json()["sentences"][0]["spoken"])

        assert await spoken() == "Geis."
        assert await spoken(lexicon="Geis = goose") == "goose."
        assert (await send(bench, "PUT", "/lexicon", json={"word": "Geis", "spoken": "guys"})).status_code == 200
        assert await spoken() == "guys."
        assert await spoken(lexicon="Geis = goose") == "goose."
        change = {"scope": "en_US", "word": "Gais", "spoken": "/ɡaɪs/", "instead_of": {"word": "Geis"}}
        assert (await send(bench, "PUT", "/lexicon", json=change)).status_code == 200
        assert (tmp_path / "lexicon.txt").read_text() == "\n[en-us]\nGais = /ɡaɪs/\n".lstrip()
        (entry,) = (await send(bench, "GET", "/lexicon", params={"search": "GAI"})).json()["entries"]
        assert entry == {"scope": "en-us", "word": "Gais", "spoken": "/ɡaɪs/", "is_fixed": False}
        key = {"scope": "en_us", "word": "Gais"}
        assert (await send(bench, "DELETE", "/lexicon", params=key)).status_code == 204
        assert error_of(await send(bench, "DELETE", "/lexicon", params=key)) == (404, "not-found")
        assert (await send(bench, "GET", "/lexicon")).json()["total"] == 0


async def test_words_of_the_operator_are_not_changed(tmp_path: Path) -> None:
    """An entry in the operator's lexicon cannot be changed or removed. Invalid lines of the editable lexicon are
    listed."""
    (tmp_path / "operators.txt").write_text("Geis = guys\n")
    (tmp_path / "lexicon.txt").write_text("nonsense\n")
    text = TextSettings(lexicons=(tmp_path / "operators.txt",))
    async with changing(tmp_path, text=text) as bench:
        listed = (await send(bench, "GET", "/lexicon")).json()
        assert [entry["is_fixed"] for entry in listed["entries"]] == [True]
        assert [fault["line"] for fault in listed["faults"]] == [1]
        body = {"word": "Geis", "spoken": "goose"}
        assert error_of(await send(bench, "PUT", "/lexicon", json=body)) == (409, "conflict")
        assert error_of(await send(bench, "DELETE", "/lexicon", params={"word": "Geis"})) == (409, "conflict")
        for invalid in ({"word": "a", "spoken": "/b"}, {"word": "# a", "spoken": "b"}, {"word": "a"}):
            assert error_of(await send(bench, "PUT", "/lexicon", json=invalid)) == (422, "bad-request")
        unknown = {"scope": "qq", "word": "a", "spoken": "b"}
        assert error_of(await send(bench, "PUT", "/lexicon", json=unknown)) == (422, "bad-request")
        tried = await bench.get("/api/text-to-speech", params={"text": "Hi.", "lexicon": "nonsense"})
        assert error_of(tried) == (422, "bad-request")


async def test_voice_is_uploaded(tmp_path: Path) -> None:
    """A voice becomes available after its config and its model have been uploaded and checked, and not earlier."""
    async with changing(tmp_path, limits=Limits(max_data=1000, max_buffered=2)) as bench:
        first = await send(bench, "PUT", f"/{_OWN}/config", content=_CONFIG + b" " * 2000)
        assert first.json() == {"status": "config stored"}
        assert _OWN not in await voices(bench)
        second = await send(bench, "PUT", f"/{_OWN}/model", content=MODEL * 4)
        assert second.json() == {"status": "voice added"}
        assert (await voices(bench))[_OWN]["removable"]
        assert await asyncio.to_thread((tmp_path / f"{_OWN}.onnx").read_bytes) == MODEL * 4
        assert files_in(tmp_path) == {LIST_NAME, f"{_OWN}.onnx", f"{_OWN}.onnx.json"}
        for file in ("config", "model"):
            assert error_of(await send(bench, "PUT", f"/{_OWN}/{file}", content=_CONFIG)) == (409, "conflict")


@pytest.mark.parametrize(
    ("name", "config", "model", "expected"),
    [
        ("x", None, MODEL, (409, "conflict")),
        ("-x", _CONFIG, MODEL, (422, "bad-request")),
        ("x", b"{}", MODEL, (422, "bad-request")),
        ("x", b" " * 300_000, MODEL, (413, "upload-too-long")),
        ("x", _CONFIG, b"<html>", (422, "bad-request")),
        ("x", _CONFIG, b"", (422, "bad-request")),
        ("x", _CONFIG, b"\x08" * (1 << 20) + b"x", (413, "upload-too-long")),
    ],
)
async def test_invalid_upload_leaves_nothing(
    tmp_path: Path, name: str, config: bytes | None, model: bytes, expected: tuple[int, str]
) -> None:
    """An invalid upload is refused with a reason, and leaves no file behind."""

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(model), 100_000):
            yield model[start : start + 100_000]

    async with changing(tmp_path, limits=Limits(max_upload=1)) as bench:
        for content in (model, pieces()):
            answer = None if config is None else await send(bench, "PUT", f"/{name}/config", content=config)
            if answer is None or answer.status_code == 200:
                answer = await send(bench, "PUT", f"/{name}/model", content=content)
            assert error_of(answer) == expected
            assert str(tmp_path) not in answer.text
    assert files_in(tmp_path) == {LIST_NAME}


async def test_model_that_cannot_be_loaded_is_refused(tmp_path: Path) -> None:
    """A model is loaded before its voice becomes available. If loading fails, the response contains the reason, but no
    path."""

    async def fail(entry: Any) -> None:
        raise VoiceFileError(entry.voice, f"{entry.model}: it is no Piper model")

    async with changing(tmp_path) as bench:
        bench.context.uploads._try_voice = fail
        await send(bench, "PUT", f"/{_OWN}/config", content=_CONFIG)
        refused = await send(bench, "PUT", f"/{_OWN}/model", content=MODEL)
        assert error_of(refused) == (422, "bad-request")
        assert f"{_OWN}.onnx: it is no Piper model" in refused.text
        assert str(tmp_path) not in refused.text


async def test_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """If the folder is not writable, every change gets the same error."""
    settings: dict[str, Any] = {"voice": DEFAULT_VOICE, "download_dir": tmp_path / "own"}
    async with serve(new_registry=real_registry, **settings) as bench:
        (tmp_path / "own").write_text("a file in place of a folder")
        bench.shutdown.over.on_begin(lambda: None)
        for method, path, how in (
            ("PUT", "/default", {"json": {"name": DEFAULT_VOICE}}),
            ("PUT", "/lexicon", {"json": {"word": "a", "spoken": "b"}}),
            ("PUT", "/x/config", {"content": _CONFIG}),
        ):
            refused = await send(bench, method, path, **how)
            assert error_of(refused) == (507, "not-stored"), refused.text
            assert str(tmp_path) not in refused.text
        bench.shutdown.begin()
        bench.shutdown.over.begin()


async def test_list_is_sent_only_if_it_has_changed(tmp_path: Path) -> None:
    """A client that sends the ETag of its list of voices gets 304 until the list changes."""
    async with changing(tmp_path) as bench:
        etag = (await bench.get("/api/voices")).headers["etag"]
        same = await bench.get("/api/voices", headers={"If-None-Match": etag})
        assert (same.status_code, same.content) == (304, b"")
        await send(bench, "PUT", "/presets/mine", json={"voice": DEFAULT_VOICE})
        assert (await bench.get("/api/voices", headers={"If-None-Match": etag})).status_code == 200


async def test_rights_are_told(tmp_path: Path) -> None:
    """A client can find out whether it may change voices and, if not, why."""
    async with changing(tmp_path, http=Http(token="open")) as bench:  # noqa: S106  # a test's token
        refused = (await send(bench, "GET", "/rights")).json()
        assert (refused["may_change"], refused["code"]) == (False, "unauthorized")
        allowed = await send(bench, "GET", "/rights", headers={"Authorization": "Bearer open"})
        assert (allowed.json()["may_change"], allowed.json()["reason"]) == (True, None)


async def test_uploads_are_limited_and_leave_nothing(tmp_path: Path) -> None:
    """Two models can be uploaded at the same time. If a client disconnects or the server shuts down, no file remains
    that could be offered as a voice."""
    leave = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield MODEL * 2
        await leave.wait()
        raise ConnectionResetError

    async with changing(tmp_path) as bench:
        uploads = bench.context.uploads
        for name in ("a", "b", "c"):
            await uploads.put_config(name, _CONFIG)
        running = [asyncio.create_task(uploads.put_model(name, pieces())) for name in ("a", "b")]
        await bench.settled(lambda: len(uploads._uploading) == 2)
        for name in ("a", "c"):
            refused = await send(bench, "PUT", f"/{name}/model", content=MODEL)
            assert error_of(refused) == ((409, "conflict") if name == "a" else (503, "queue-full"))
        assert error_of(await send(bench, "PUT", "/a/config", content=_CONFIG)) == (409, "conflict")
        leave.set()
        assert all(isinstance(error, OSError) for error in await asyncio.gather(*running, return_exceptions=True))
        assert files_in(tmp_path) == {LIST_NAME, "c.onnx.json"}
        for number in range(20):
            await uploads.put_config(f"x{number}", _CONFIG)
        assert len(files_in(tmp_path)) == 17
        bench.shutdown.begin()
        bench.shutdown.over.begin()
        assert error_of(await send(bench, "PUT", "/d/config", content=_CONFIG)) == (503, "shutting-down")


def _stamps() -> int:
    """Return the number of file stamps in memory. Every reference to a voice on disk contains some."""
    gc.collect()
    return sum(isinstance(one, Stamp) for one in gc.get_objects())


async def test_removed_voices_leave_nothing_in_memory(tmp_path: Path) -> None:
    """Voices that are added, loaded and removed again for years do not use up memory."""
    counts = []
    async with changing(tmp_path) as bench:
        registry = bench.context.registry
        for number in range(5):
            name = f"en_US-own{number}-low"
            put_voice(tmp_path, name)
            await registry.look(complete=name)
            await bench.pool.try_voice(registry.catalogue.find(name, default=DEFAULT_VOICE))
            assert (await send(bench, "DELETE", f"/{name}")).status_code == 200
            counts.append(await asyncio.to_thread(_stamps))
    assert counts[-1] == counts[1]
