"""VoiceRegistry keeps the catalogue current. It scans folders while the server runs, and downloads voices on demand."""

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import Gate, raw_config, voice_entry
from tests.voices.remote.mirror import NAME, Mirror, config_of, mirror_of, public_voice
from wyoming_piper_serial.exceptions import DownloadFailed, ShuttingDown, UnknownVoice
from wyoming_piper_serial.settings import DEFAULT_VOICE, Downloading, Preset, Settings
from wyoming_piper_serial.shutdown import Shutdown
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.lexicons import NAME as LEXICON
from wyoming_piper_serial.voices.lexicons import Lexicons
from wyoming_piper_serial.voices.registry import VoiceRegistry
from wyoming_piper_serial.voices.remote.index import LIST_NAME, compact
from wyoming_piper_serial.voices.remote.manager import Downloads
from wyoming_piper_serial.voices.scanner import FolderScanner
from wyoming_piper_serial.voices.selection import VoiceSelector

_VOICE = public_voice()


class FakeScanner(FolderScanner):
    """A scanner whose `look` returns or raises the next item of `found`, which is a catalogue or an exception. When
    `found` is empty, `look` returns `None`."""

    def __init__(self, *found: Catalogue | Exception) -> None:
        super().__init__([])
        self.found = list(found)
        self.looks = 0
        self.on_look: Callable[[], object] = lambda: None
        """Function that is called by each call to `look`, in the scanner's thread."""

    def look(self, *, complete: str | None = None) -> Catalogue | None:
        self.looks += 1
        self.on_look()
        found = self.found.pop(0) if self.found else None
        if isinstance(found, Exception):
            raise found
        return found


def catalogue(*voices: str) -> Catalogue:
    return Catalogue([voice_entry(name) for name in voices])


def names(of: Catalogue) -> list[str]:
    return [entry.name for entry in of.entries]


def add_voice(folder: Path, name: str) -> None:
    (folder / f"{name}.onnx").write_bytes(b"\x08model")
    (folder / f"{name}.onnx.json").write_text(json.dumps(raw_config()))


async def test_callback_gets_each_new_catalogue_once() -> None:
    """The callback is called once with each new catalogue, even if `look` is called several times concurrently."""
    registry = VoiceRegistry(catalogue("a"), FakeScanner(catalogue("a", "b"), catalogue("b")))
    seen: list[list[str]] = []

    async def note(new: Catalogue) -> None:
        seen.append(names(new))

    registry.on_change(note)
    await asyncio.gather(*(registry.look() for _ in range(3)))
    assert seen == [["a", "b"], ["b"]]
    assert names(registry.catalogue) == ["b"]


async def test_lexicon_is_read_with_the_folders(tmp_path: Path) -> None:
    """Each scan of the folders also reads the lexicons that have changed."""
    lexicons = Lexicons(folders=[tmp_path])
    registry = VoiceRegistry(catalogue("a"), FakeScanner(), lexicons=lexicons)
    assert registry.lexicon.count == 0
    (tmp_path / LEXICON).write_text("Geis = gice")
    await registry.look()
    assert registry.lexicon.count == 1


async def test_reload_uses_other_presets_at_once(tmp_path: Path) -> None:
    """`reload` offers the presets in the new settings without waiting for the next scan."""
    add_voice(tmp_path, "en_US-a-low")
    scanner = FolderScanner([tmp_path])
    first = scanner.look()
    assert first is not None
    registry = VoiceRegistry(first, scanner)
    await registry.reload(Settings(presets=(Preset(name="slow", voice="en_US-a-low"),), download_dir=tmp_path))
    assert "slow" in names(registry.catalogue)
    registry = VoiceRegistry(first)
    await registry.reload(Settings(download_dir=tmp_path))
    assert registry.catalogue is first


async def test_changes_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    """The log lists the new voices and the voices that are no longer offered."""
    registry = VoiceRegistry(catalogue("a", "b"), FakeScanner(catalogue("b", "d", "c")))
    with caplog.at_level(logging.INFO):
        await registry.look()
    assert [record.getMessage() for record in caplog.records] == ["New: c, d", "No longer offered: a"]


async def test_look_continues_when_its_caller_is_cancelled() -> None:
    """If the caller of `look` is cancelled, the result of the scan is still used, because the scanner reports each
    change only once."""
    registry = VoiceRegistry(catalogue("a"), FakeScanner(catalogue("b")))
    leaving = asyncio.create_task(registry.look())
    await asyncio.sleep(0)  # lets the scan start
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    await registry.look()
    assert names(registry.catalogue) == ["b"]


async def test_registry_without_a_scanner_never_changes() -> None:
    """Without a scanner, the catalogue never changes."""
    registry = VoiceRegistry(catalogue("a"))
    await registry.look()
    await registry.refresh()
    assert names(registry.catalogue) == ["a"]
    assert registry.arriving() == {}


async def test_watch_looks_until_the_shutdown() -> None:
    """`watch` calls `look` repeatedly until the shutdown, even if a call fails."""
    shutdown = Shutdown()
    scanner = FakeScanner(RuntimeError("a fault"), catalogue("b"))
    registry = VoiceRegistry(catalogue("a"), scanner, shutdown=shutdown, period=0)
    changed = asyncio.Event()

    async def note(_: Catalogue) -> None:
        changed.set()

    registry.on_change(note)
    watching = asyncio.create_task(registry.watch())
    await changed.wait()
    shutdown.begin()
    await watching
    looks = scanner.looks
    await registry.look()
    assert scanner.looks == looks


async def test_failed_look_of_watch_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """If `look` raises an exception in `watch`, the traceback is logged."""
    shutdown = Shutdown()
    scanner = FakeScanner(RuntimeError("a fault"))
    scanner.on_look = lambda: loop.call_soon_threadsafe(shutdown.begin)
    loop = asyncio.get_running_loop()
    await VoiceRegistry(catalogue("a"), scanner, shutdown=shutdown).watch()
    (record,) = caplog.records
    assert record.getMessage() == "the folders with voices could not be scanned"
    assert record.exc_info is not None


async def test_shutdown_ends_watch_between_two_looks() -> None:
    """A shutdown ends `watch` immediately, even while it is waiting for the next scan."""
    shutdown = Shutdown()
    scanner = FakeScanner()
    watching = asyncio.create_task(VoiceRegistry(catalogue("a"), scanner, shutdown=shutdown, period=3600).watch())
    while not scanner.looks:
        await asyncio.sleep(0)  # lets the first scan start
    shutdown.begin()
    async with asyncio.timeout(10):
        await watching


async def test_shutdown_drops_looks() -> None:
    """If the shutdown begins during a scan, the result of the scan is discarded. A pending scan is not started."""
    shutdown, gate = Shutdown(), Gate()
    scanner = FakeScanner(catalogue("b"), catalogue("c"))
    scanner.on_look = gate.hold
    registry = VoiceRegistry(catalogue("a"), scanner, shutdown=shutdown)
    looks = [asyncio.create_task(registry.look()) for _ in range(2)]
    assert await asyncio.to_thread(gate.entered.wait, 10)
    shutdown.begin()
    gate.open()
    await asyncio.gather(*looks)
    assert scanner.looks == 1
    assert names(registry.catalogue) == ["a"]


async def test_nothing_is_looked_at_after_the_shutdown() -> None:
    """After the shutdown has begun, `look` and `watch` do nothing."""
    shutdown, scanner = Shutdown(), FakeScanner(catalogue("b"))
    registry = VoiceRegistry(catalogue("a"), scanner, shutdown=shutdown)
    shutdown.begin()
    await registry.look()
    await registry.watch()
    assert scanner.looks == 0


async def voice_of(registry: VoiceRegistry, selector: VoiceSelector, default: str) -> VoiceEntry:
    """Return the voice for a request, and download the voice first if necessary."""
    await registry.fetch(selector, default)
    return registry.catalogue.find(selector.name, selector.language, default=default)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    mirror = mirror_of(_VOICE)
    mirror.files[LIST_NAME] = compact([public_voice("sv_SE-new-low")])
    yield mirror
    mirror.close()


def downloading(mirror: Mirror, folder: Path, shutdown: Shutdown | None = None) -> VoiceRegistry:
    """Return a registry that offers one public voice and downloads it from `mirror`."""
    (folder / LIST_NAME).write_bytes(compact([_VOICE]))
    scanner = FolderScanner([folder], download_folder=folder, offer_downloads=True)
    first = scanner.look()
    assert first is not None
    downloads = Downloads(folder, Downloading(offered=True, url=mirror.url), shutdown=shutdown)
    return VoiceRegistry(first, scanner, downloads, shutdown=shutdown)


async def test_offered_voice_is_downloaded_when_it_is_requested(mirror: Mirror, tmp_path: Path) -> None:
    """An offered voice is downloaded when it is first requested by name. A second request does not use the network."""
    registry = downloading(mirror, tmp_path)
    entry = await voice_of(registry, VoiceSelector(name=NAME), DEFAULT_VOICE)
    assert entry.model == tmp_path / f"{NAME}.onnx"
    assert registry.catalogue.has(entry)
    assert registry.arriving() == {}
    mirror.requests.clear()
    assert await voice_of(registry, VoiceSelector(name=NAME), DEFAULT_VOICE) is entry
    assert mirror.requests == []
    assert (tmp_path / f"{NAME}.onnx.json").read_bytes() == config_of()


@pytest.mark.parametrize("selector", [VoiceSelector(), VoiceSelector(language="en_US"), VoiceSelector(name="joe")])
async def test_voice_that_is_here_needs_no_download(mirror: Mirror, tmp_path: Path, selector: VoiceSelector) -> None:
    """A request for an installed voice, or for the language of an installed voice, downloads nothing."""
    registry = downloading(mirror, tmp_path)
    assert (await voice_of(registry, selector, DEFAULT_VOICE)).name == DEFAULT_VOICE
    assert mirror.requests == []


async def test_failed_download_is_the_requests_error(mirror: Mirror, tmp_path: Path) -> None:
    """If a download fails, the request gets DownloadFailed. Other voices can still be requested."""
    mirror.status = 503
    registry = downloading(mirror, tmp_path)
    with pytest.raises(DownloadFailed, match="503"):
        await voice_of(registry, VoiceSelector(name=NAME), DEFAULT_VOICE)
    assert (await voice_of(registry, VoiceSelector(), DEFAULT_VOICE)).name == DEFAULT_VOICE
    with pytest.raises(UnknownVoice):
        await voice_of(registry, VoiceSelector(name="nobody"), DEFAULT_VOICE)


async def test_shutdown_ends_downloads(mirror: Mirror, tmp_path: Path) -> None:
    """On shutdown, a request that is waiting for a download gets ShuttingDown, and so do later requests."""
    shutdown = Shutdown()
    mirror.drip = True
    registry = downloading(mirror, tmp_path, shutdown=shutdown)
    asking = asyncio.create_task(voice_of(registry, VoiceSelector(name=NAME), DEFAULT_VOICE))
    while not mirror.requests:
        await asyncio.sleep(0)  # lets the download start
    shutdown.begin()
    with pytest.raises(ShuttingDown):
        await asking
    with pytest.raises(ShuttingDown):
        await voice_of(registry, VoiceSelector(name=NAME), DEFAULT_VOICE)


async def test_refreshed_list_changes_what_is_offered(mirror: Mirror, tmp_path: Path) -> None:
    """A new list of public voices replaces the old one. If the download of the new list fails, the old list is kept."""
    registry = downloading(mirror, tmp_path)
    await registry.refresh()
    assert [voice.name for voice in registry.catalogue.offered] == ["sv_SE-new-low"]
    del mirror.files[LIST_NAME]
    await registry.refresh()
    assert [voice.name for voice in registry.catalogue.offered] == ["sv_SE-new-low"]
