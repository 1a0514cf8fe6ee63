"""The voices that a scan finds, their digests, and the pool of voices in memory."""

import asyncio
import contextlib
import gc
import hashlib
import json
import logging
import threading
import weakref
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import FakeClock, FakeVoice, Gate, raw_config, voice_config, voice_entry
from wyoming_piper_serial.exceptions import (
    QueueTimeout,
    SettingsError,
    ShuttingDown,
    VoiceFileError,
    VoiceLoadTimeout,
    VoiceNeedsExtra,
)
from wyoming_piper_serial.model.protocols import Voice
from wyoming_piper_serial.settings import DEFAULT_VOICE
from wyoming_piper_serial.shutdown import Stage
from wyoming_piper_serial.voices import scanner
from wyoming_piper_serial.voices.catalogue import Catalogue, VoiceEntry
from wyoming_piper_serial.voices.files import check_digests, config_path
from wyoming_piper_serial.voices.pool import Instances, VoicePool
from wyoming_piper_serial.voices.scanner import FolderScanner


def add_voice(directory: Path, name: str, **changes: Any) -> Path:
    """Write a config, and a file in place of its model, which the test does not load."""
    directory.mkdir(exist_ok=True)
    model = directory / f"{name}.onnx"
    model.write_bytes(b"model")
    config_path(model).write_text(json.dumps(raw_config(**changes)))
    return model


def scan(directories: Iterable[Path]) -> Catalogue:
    catalogue = FolderScanner(list(directories)).look()
    assert catalogue is not None
    return catalogue


def loaded(pool: VoicePool) -> tuple[str, ...]:
    return pool.loaded


def names(catalogue: Catalogue) -> list[str]:
    return [entry.name for entry in catalogue.entries]


def model_of(catalogue: Catalogue, name: str) -> Path:
    return next(entry.model for entry in catalogue.entries if entry.name == name)


def messages(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name.startswith("wyoming_piper_serial")]


# Scan and digests.


def test_bundled_voice_is_always_there() -> None:
    """Without any folder the catalogue has the bundled voice."""
    (entry,) = scan([]).entries
    assert entry.name == DEFAULT_VOICE
    assert entry.config.language == "en_US"


def test_voices_are_found_by_their_files(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A model with its config is a voice with the name of the file. Other files are ignored."""
    model = add_voice(tmp_path, "de_DE-thorsten-medium", language={"code": "de_DE"})
    (tmp_path / "readme.txt").write_text("hello")
    (tmp_path / "lonely.onnx.json").write_text("{")
    (tmp_path / "folder").mkdir()
    catalogue = scan([tmp_path])
    assert names(catalogue) == ["de_DE-thorsten-medium", DEFAULT_VOICE]
    assert catalogue.entries[0].model == model
    assert catalogue.entries[0].config.language == "de_DE"
    assert catalogue.entries[0].sha256 is None
    assert not messages(caplog)


def test_voice_without_its_phonemizer_is_held_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A voice whose phonemizer is not installed is not offered, and log and error say what to install."""
    monkeypatch.setattr(scanner, "missing_extra", {"japanese": "ja"}.get)
    add_voice(tmp_path, "ja_JP-yuki-medium", phoneme_type="japanese", language={"code": "ja_JP"})
    add_voice(tmp_path, "zh_CN-lin-medium", phoneme_type="pinyin", language={"code": "zh_CN"})
    catalogue = scan([tmp_path])
    assert names(catalogue) == [DEFAULT_VOICE]
    japanese, chinese = messages(caplog)
    assert japanese == (
        "Voice ja_JP-yuki-medium is not offered: its text needs an extra of piper-tts: pip install 'piper-tts[ja]'"
    )
    assert chinese.startswith("Voice zh_CN-lin-medium is not offered: its text needs g2pW/g2pw.onnx beside the voice")
    with pytest.raises(VoiceNeedsExtra, match=r"cannot be spoken yet: .*pip install 'piper-tts\[ja\]'\.$"):
        catalogue.find("ja_JP-yuki-medium", default=DEFAULT_VOICE)


def test_voice_that_is_held_back_does_not_hide_one_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unavailable voice does not hide a voice of the same name in a later folder."""
    monkeypatch.setattr(scanner, "missing_extra", {"thai": "th"}.get)
    add_voice(tmp_path / "one", "twice", phoneme_type="thai")
    model = add_voice(tmp_path / "two", "twice")
    catalogue = scan([tmp_path / "one", tmp_path / "two"])
    assert model_of(catalogue, "twice") == model
    assert catalogue.unavailable == ()


def test_unknown_kind_of_phonemes_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A voice of an unknown phoneme type is not offered; the log line lists the known types."""
    add_voice(tmp_path, "strange", phoneme_type="klingon")
    assert names(scan([tmp_path])) == [DEFAULT_VOICE]
    (message,) = messages(caplog)
    assert "phoneme_type 'klingon' is unknown; this piper-tts has espeak, text" in message


def test_first_directory_wins(tmp_path: Path) -> None:
    """If two folders have the same voice, the first folder counts, and any folder counts before the bundled voice."""
    first = add_voice(tmp_path / "one", "amy")
    add_voice(tmp_path / "two", "amy")
    second = add_voice(tmp_path / "two", "bob")
    own = add_voice(tmp_path / "two", DEFAULT_VOICE)
    catalogue = scan([tmp_path / "one", tmp_path / "two"])
    assert names(catalogue) == ["amy", "bob", DEFAULT_VOICE]
    assert [model_of(catalogue, name) for name in names(catalogue)] == [first, second, own]
    assert all(entry.sha256 is None for entry in catalogue.entries), "the user's own voice has no digest of ours"


def test_broken_config_is_skipped_with_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A voice with a broken config is left out, with one warning that names file and key. Other voices are offered."""
    broken = add_voice(tmp_path, "amy", num_speakers=0)
    add_voice(tmp_path, "bob")
    assert names(scan([tmp_path])) == ["bob", DEFAULT_VOICE]
    (warning,) = messages(caplog)
    assert warning.startswith(f"Voice amy is not offered: {config_path(broken)}: num_speakers must be ")


def test_model_without_config_is_skipped_with_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A model without a config is left out, with one warning that names the missing file."""
    (tmp_path / "amy.onnx").write_bytes(b"")
    assert names(scan([tmp_path])) == [DEFAULT_VOICE]
    assert messages(caplog) == [
        f"Voice amy is not offered: {tmp_path / 'amy.onnx.json'}: No such file or directory",
    ]


def test_whole_voice_is_taken_where_an_earlier_one_is_broken(tmp_path: Path) -> None:
    """If a voice is broken in one folder, a good one of the same name in a later folder is used."""
    add_voice(tmp_path / "one", "amy", audio=None)
    good = add_voice(tmp_path / "two", "amy")
    assert model_of(scan([tmp_path / "one", tmp_path / "two"]), "amy") == good


def test_directory_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A `--data-dir` that cannot be read raises SettingsError, which names option and folder."""
    with pytest.raises(SettingsError, match=f"^--data-dir {tmp_path / 'gone'}: No such file or directory[.]$"):
        scan([tmp_path / "gone"])
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(SettingsError, match=f"^--data-dir {file}: Not a directory[.]$"):
        scan([file])


def test_bundled_voice_is_the_one_it_should_be() -> None:
    """Model and config of the bundled voice have the published digests."""
    (entry,) = scan([]).entries
    assert entry.sha256 is not None
    check_digests(entry)


@pytest.mark.parametrize("damaged", ["model", "config"])
def test_damaged_file_is_noticed(tmp_path: Path, damaged: str) -> None:
    """A changed byte in model or config raises VoiceFileError, whose detail names the file."""
    model = add_voice(tmp_path, "amy")
    good = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (model, config_path(model))]
    entry = VoiceEntry(config=voice_config("amy"), model=model, sha256=(good[0], good[1]))
    check_digests(entry)
    path = model if damaged == "model" else config_path(model)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(VoiceFileError) as caught:
        check_digests(entry)
    assert caught.value.detail.startswith(f"{path}: damaged (SHA-256 is ")


def test_wrong_digest_is_noticed() -> None:
    """A digest that differs from the expected one raises VoiceFileError, whose detail has the expected digest."""
    (entry,) = scan([]).entries
    with pytest.raises(VoiceFileError, match=DEFAULT_VOICE) as caught:
        check_digests(replace(entry, sha256=("0" * 64, "0" * 64)))
    assert caught.value.detail.endswith(f"not {'0' * 64}); install it again")


def test_missing_file_is_noticed(tmp_path: Path) -> None:
    """A file that is removed after the scan raises VoiceFileError, whose detail names the file."""
    entry = VoiceEntry(config=voice_config("amy"), model=tmp_path / "amy.onnx", sha256=("", ""))
    with pytest.raises(VoiceFileError) as caught:
        check_digests(entry)
    assert caught.value.detail == f"{tmp_path / 'amy.onnx'}: No such file or directory"


def test_voice_without_known_digests_is_not_hashed() -> None:
    """Files without known digests are not read."""
    check_digests(voice_entry("not-there"))


# The pool.


class Loading:
    """A loader that records its calls, waits at `gate`, and fails the first `failures` times."""

    def __init__(self, gate: Gate | None = None, failures: int = 0) -> None:
        self.loaded: list[str] = []
        self.gate = gate
        self.failures = failures

    def __call__(self, entry: VoiceEntry) -> Instances:
        self.loaded.append(entry.name)
        if self.gate is not None:
            self.gate.hold()
        if self.failures:
            self.failures -= 1
            raise VoiceFileError(entry.name, "amy.onnx: torn")
        return (FakeVoice(config=entry.config),)


async def lent(pool: VoicePool, entry: VoiceEntry, deadline: float | None = None) -> Voice:
    """Acquire a voice and release it at once."""
    async with pool.acquire(entry, deadline=deadline) as instances:
        return instances[0]


def waiting(pool: VoicePool, entry: VoiceEntry, count: int) -> list["asyncio.Task[Voice]"]:
    return [asyncio.create_task(lent(pool, entry)) for _ in range(count)]


async def entered(gate: Gate) -> None:
    """Wait until the loader is running in its thread."""
    assert await asyncio.to_thread(gate.entered.wait, 10)


async def test_voice_is_loaded_once() -> None:
    """The second request for a voice gets the loaded one."""
    load = Loading()
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    assert await lent(pool, entry) is await lent(pool, entry)
    assert load.loaded == ["amy"]


async def test_many_who_ask_at_once_wait_for_one_load() -> None:
    """Concurrent requests for a voice wait for the same load, and the event loop is not blocked meanwhile."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    tasks = waiting(pool, voice_entry("amy"), 5)
    assert load.gate is not None
    await entered(load.gate)
    assert not any(task.done() for task in tasks)
    load.gate.open()
    voices = await asyncio.gather(*tasks)
    assert all(voice is voices[0] for voice in voices)
    assert load.loaded == ["amy"]


async def test_two_voices_load_side_by_side() -> None:
    """A voice that loads slowly does not delay the load of another voice."""
    gate = Gate()
    slow, quick = voice_entry("amy"), voice_entry("bob")
    slow_load, quick_load = Loading(gate), Loading()
    loaders: dict[str, Callable[[VoiceEntry], Instances]] = {"amy": slow_load, "bob": quick_load}
    pool = VoicePool(lambda entry: loaders[entry.name](entry), max_voices=2)
    (task,) = waiting(pool, slow, 1)
    await entered(gate)
    assert (await lent(pool, quick)).config is quick.config
    assert not task.done()
    gate.open()
    assert (await task).config is slow.config


async def test_failed_load_is_told_to_all_who_wait_and_tried_again() -> None:
    """If a load fails, all requests that wait for it get the error, and the next request loads again."""
    load = Loading(Gate(), failures=1)
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    tasks = waiting(pool, entry, 3)
    assert load.gate is not None
    await entered(load.gate)
    load.gate.open()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [VoiceFileError] * 3
    assert (await lent(pool, entry)).config is entry.config
    assert load.loaded == ["amy", "amy"]


async def test_cancelled_waiter_does_not_cancel_the_load() -> None:
    """If one of two waiting requests is cancelled, the load continues for the other."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    leaving, staying = waiting(pool, voice_entry("amy"), 2)
    assert load.gate is not None
    await entered(load.gate)
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    assert leaving.cancelled()
    load.gate.open()
    assert isinstance(await staying, FakeVoice)
    assert load.loaded == ["amy"]


async def test_load_that_everybody_left_is_finished() -> None:
    """If all requests for a voice are cancelled, its load is completed, and the next request uses it."""
    load = Loading(Gate())
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    (leaving,) = waiting(pool, entry, 1)
    assert load.gate is not None
    await entered(load.gate)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    load.gate.open()
    assert isinstance(await lent(pool, entry), FakeVoice)
    assert load.loaded == ["amy"]


@pytest.mark.usefixtures("quick_collection")
async def test_failure_that_nobody_waits_for_is_no_complaint(caplog: pytest.LogCaptureFixture) -> None:
    """If a load fails after its only request was cancelled, asyncio logs no exception that was never retrieved."""
    caplog.set_level(logging.WARNING)
    load = Loading(Gate(), failures=1)
    pool = VoicePool(load, max_voices=2)
    entry = voice_entry("amy")
    (leaving,) = waiting(pool, entry, 1)
    assert load.gate is not None
    await entered(load.gate)
    (place,) = pool._places.values()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    load.gate.open()
    await asyncio.wait({place.loading})
    del place, leaving
    gc.collect()  # asyncio would log the exception now
    assert [record.getMessage() for record in caplog.records] == []


async def test_least_recently_used_voice_goes_first() -> None:
    """If there is no room for another voice, the least recently used one is unloaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=2)
    amy, bob, carol = (voice_entry(name) for name in ("amy", "bob", "carol"))
    kept = await lent(pool, amy)
    await lent(pool, bob)
    assert await lent(pool, amy) is kept
    await lent(pool, carol)
    assert load.loaded == ["amy", "bob", "carol"]
    assert await lent(pool, amy) is kept
    await lent(pool, bob)
    assert load.loaded == ["amy", "bob", "carol", "bob"]


async def test_one_voice_in_memory_is_enough() -> None:
    """With `max_voices` 1, each load replaces the voice before."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    for name in ("amy", "bob", "bob", "amy"):
        assert (await lent(pool, voice_entry(name))).config.name == name
    assert load.loaded == ["amy", "bob", "amy"]


async def test_voice_in_use_is_never_dropped() -> None:
    """A voice in use is not unloaded: a request for another voice waits until there is room."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    async with pool.acquire(voice_entry("amy")) as (amy,):
        (task,) = waiting(pool, voice_entry("bob"), 1)
        assert await lent(pool, voice_entry("amy")) is amy
        assert load.loaded == ["amy"]
        assert not task.done()
    await task
    assert load.loaded == ["amy", "bob"]


async def test_who_waits_for_a_place_gets_that_of_a_load_everybody_left() -> None:
    """A request that waits for room gets it when the load of a cancelled request has ended."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1)
    (gone,) = waiting(pool, voice_entry("amy"), 1)
    await entered(load.gate)
    gone.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await gone
    (stays,) = waiting(pool, voice_entry("bob"), 1)
    await asyncio.sleep(0)  # lets the request find no room
    load.gate.open()
    async with asyncio.timeout(10):
        assert isinstance(await stays, FakeVoice)
    assert load.loaded == ["amy", "bob"]


async def test_a_place_is_free_again_after_a_failed_load() -> None:
    """After a failed load its room is free again."""
    pool = VoicePool(Loading(failures=1), max_voices=1)
    with pytest.raises(VoiceFileError):
        await lent(pool, voice_entry("amy"))
    await lent(pool, voice_entry("bob"))


async def test_loader_that_raises_anything_is_a_broken_voice() -> None:
    """Any exception of the loader becomes VoiceFileError, whose detail has the reason."""

    def load(entry: VoiceEntry) -> Instances:
        raise MemoryError("too large")

    with pytest.raises(VoiceFileError) as caught:
        await lent(VoicePool(load, max_voices=1), voice_entry("amy"))
    assert "too large" in caught.value.detail


# Memory limit and waiting requests.


def sized(**megabytes: int) -> Callable[[VoiceEntry], int]:
    """A function that returns the size of a voice by its name."""
    return lambda entry: megabytes[entry.name]


async def loop_turns(count: int = 10) -> None:
    """Run the event loop `count` times, so that other tasks get as far as they can without a worker thread."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_voices_go_until_the_next_has_room_in_memory() -> None:
    """As many voices are unloaded as the next one needs memory, the least recently used ones first."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(amy=4, bob=3, carol=3, dora=6))
    for name in ("amy", "bob", "carol"):
        await lent(pool, voice_entry(name))
    assert pool.memory == 10
    await lent(pool, voice_entry("dora"))
    assert list(pool.loaded) == ["carol", "dora"]
    assert pool.memory == 9


async def test_nothing_is_dropped_in_vain() -> None:
    """No voice is unloaded while voices in use leave too little memory for the next one."""
    load = Loading()
    pool = VoicePool(load, max_voices=9, max_memory=10, memory_of=sized(amy=4, bob=6, carol=8))
    await lent(pool, voice_entry("amy"))
    async with pool.acquire(voice_entry("bob")):
        (task,) = waiting(pool, voice_entry("carol"), 1)
        await loop_turns()
        assert list(pool.loaded) == ["amy", "bob"]
    await task
    assert list(pool.loaded) == ["carol"]


async def test_voice_larger_than_all_memory_is_loaded_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A voice larger than `max_memory` is loaded after all others are unloaded, and the log has one warning."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(amy=4, huge=50))
    for name in ("amy", "huge", "amy", "huge"):
        await lent(pool, voice_entry(name))
        assert list(pool.loaded) == [name]
    (warning,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warning.startswith("Voice huge takes about 0 MB, more than --max-memory allows")


async def test_presets_share_the_loaded_voice() -> None:
    """Two entries of the same voice, such as a preset, share the loaded voice."""
    load = Loading()
    pool = VoicePool(load, max_voices=1)
    entry = voice_entry("amy")
    assert entry.voice == "amy"
    assert await lent(pool, entry) is await lent(pool, replace(entry, sha256=("", "")))
    assert load.loaded == ["amy"]


async def test_first_in_line_is_not_passed_by_those_who_need_less() -> None:
    """Room is given in order of arrival, so a large voice is not passed by later small ones."""
    load = Loading()
    pool = VoicePool(load, max_voices=9, max_memory=10, memory_of=sized(amy=4, large=10, small=2))
    order: list[str] = []

    async def use(name: str) -> None:
        async with pool.acquire(voice_entry(name)):
            order.append(name)

    async with pool.acquire(voice_entry("amy")):
        tasks = [asyncio.create_task(use(name)) for name in ("large", "small", "amy")]
        await loop_turns()
        assert order == ["amy"]
        assert load.loaded == ["amy"]
    await asyncio.gather(*tasks)
    assert order == ["amy", "large", "small"]


async def test_room_is_not_given_to_one_who_is_leaving() -> None:
    """A request that is cancelled in the same turn of the loop in which room becomes free gets none."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        leaving = waiting(pool, voice_entry("bob"), 1)[0]
        staying = waiting(pool, voice_entry("carol"), 1)[0]
        await loop_turns()
        leaving.cancel()
    assert (await staying).config.name == "carol"
    assert leaving.cancelled()
    assert (await lent(pool, voice_entry("amy"))).config.name == "amy"


async def test_who_leaves_the_line_holds_up_nobody() -> None:
    """A request that is cancelled while it waits does not delay the next one, even if it had just been given room."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        leaving = waiting(pool, voice_entry("bob"), 1)[0]
        staying = waiting(pool, voice_entry("carol"), 1)[0]
        await loop_turns()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
    assert (await staying).config.name == "carol"
    async with pool.acquire(voice_entry("carol")):
        late = waiting(pool, voice_entry("bob"), 1)[0]
        await loop_turns()
    late.cancel()  # there is room for bob, but the task has not run yet
    await asyncio.gather(late, return_exceptions=True)
    assert (await lent(pool, voice_entry("amy"))).config.name == "amy"


def soon() -> float:
    """A deadline for `acquire` that passes almost at once."""
    return asyncio.get_running_loop().time() + 0.001


async def test_wait_for_a_place_ends_at_the_deadline() -> None:
    """A request that waits for room gets QueueTimeout at its deadline, and never without a deadline."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        with pytest.raises(QueueTimeout):
            await lent(pool, voice_entry("bob"), deadline=soon())
    async with pool.acquire(voice_entry("bob")):
        assert list(pool.loaded) == ["bob"]


async def test_wait_for_a_load_ends_at_the_deadline() -> None:
    """A request that waits for a load gets QueueTimeout at its deadline. The load continues for later requests."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1)
    with pytest.raises(QueueTimeout):
        await lent(pool, voice_entry("amy"), deadline=soon())
    load.gate.open()
    async with pool.acquire(voice_entry("amy")):
        assert load.loaded == ["amy"]


async def test_deadline_is_for_the_wait_and_not_for_speech() -> None:
    """A TimeoutError that is raised inside the context does not become QueueTimeout."""
    pool = VoicePool(Loading(), max_voices=1)
    async with pool.acquire(voice_entry("amy")):
        pass
    with pytest.raises(TimeoutError):
        async with pool.acquire(voice_entry("amy"), deadline=soon()), asyncio.timeout(0.01):
            await asyncio.Event().wait()


async def test_shutdown_refuses_who_waits_for_a_place_or_a_load() -> None:
    """At a shutdown, requests that wait get ShuttingDown, and a loaded voice can still be acquired."""
    shutdown = Stage()
    load = Loading()
    slow = Loading(Gate())
    assert slow.gate is not None
    pool = VoicePool(lambda entry: (slow if entry.name == "slow" else load)(entry), max_voices=2, shutdown=shutdown)
    async with pool.acquire(voice_entry("amy")):
        for_load = waiting(pool, voice_entry("slow"), 1)[0]
        for_place = waiting(pool, voice_entry("bob"), 1)[0]
        await entered(slow.gate)
        shutdown.begin()
        for task in (for_load, for_place):
            with pytest.raises(ShuttingDown):
                await task
        assert (await lent(pool, voice_entry("amy"))).config.name == "amy"
        with pytest.raises(ShuttingDown):
            await lent(pool, voice_entry("carol"))
    slow.gate.open()


@pytest.mark.parametrize("first", ["deadline", "shutdown"])
@pytest.mark.parametrize("waits_for", ["place", "load"])
async def test_shutdown_and_deadline_in_one_turn_of_the_loop(first: str, waits_for: str) -> None:
    """If a deadline passes in the same turn of the event loop as the shutdown, the request gets one of their errors, no
    other error is raised, and nothing stays in use."""
    shutdown, load = Stage(), Loading(Gate() if waits_for == "load" else None)
    pool = VoicePool(load, max_voices=1, shutdown=shutdown)
    loop = asyncio.get_running_loop()
    failures: list[dict[str, object]] = []
    loop.set_exception_handler(lambda _, context: failures.append(context))
    async with contextlib.AsyncExitStack() as stack:
        if waits_for == "place":
            await stack.enter_async_context(pool.acquire(voice_entry("amy")))
        at = loop.time() + 0.01
        late = asyncio.create_task(lent(pool, voice_entry("bob"), deadline=at if first == "deadline" else at + 1e-9))
        loop.call_at(at + 1e-9 if first == "deadline" else at, shutdown.begin)
        with pytest.raises((QueueTimeout, ShuttingDown)):
            await late
    if load.gate is not None:
        load.gate.open()
    await loop_turns()
    assert failures == []
    assert "waiting: []" in repr(pool)


async def test_idle_voices_are_unloaded() -> None:
    """Voices that were not used for `idle_unload` seconds are unloaded, except voices in use and the default voice."""
    clock = FakeClock()
    pool = VoicePool(Loading(), max_voices=9, idle_unload=60, resident="default", clock=clock)
    for name in ("default", "amy", "bob"):
        await lent(pool, voice_entry(name))
    async with pool.acquire(voice_entry("amy")):
        clock.advance(59.9)
        pool.expire()
        assert list(pool.loaded) == ["default", "bob", "amy"]
        clock.advance(0.1)
        pool.expire()
        assert list(pool.loaded) == ["default", "amy"]
    pool.expire()
    assert list(pool.loaded) == ["default", "amy"], "it was used until now"
    clock.advance(60)
    pool.expire()
    assert list(pool.loaded) == ["default"]


async def test_voices_stay_where_nothing_is_said_of_idleness() -> None:
    """Without `idle_unload`, unused voices stay in memory."""
    clock = FakeClock()
    pool = VoicePool(Loading(), max_voices=9, clock=clock)
    await lent(pool, voice_entry("amy"))
    clock.advance(1e9)
    pool.expire()
    assert list(pool.loaded) == ["amy"]


async def test_unloaded_voice_is_really_let_go() -> None:
    """The pool holds no reference to an unloaded voice, so that its memory is freed."""
    pool = VoicePool(Loading(), max_voices=1)
    gone = weakref.ref(await lent(pool, voice_entry("amy")))
    await lent(pool, voice_entry("bob"))
    await asyncio.to_thread(pool._threads.wait_unloaded)  # waits until all voices are unloaded
    assert gone() is None


# Preloading.


async def test_preloads_come_one_after_the_other_in_their_order() -> None:
    """Voices are preloaded one after the other in their order, and the last one is the first to be unloaded."""
    load = Loading()
    pool = VoicePool(load, max_voices=4)
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("default", "amy", "bob", "carol")])
    assert load.loaded == ["default", "amy", "bob", "carol"]
    assert list(pool.loaded) == ["carol", "bob", "amy", "default"]


async def test_failing_preload_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """A preload that fails is one warning, and the next voices are still loaded."""
    load = Loading(failures=1)
    pool = VoicePool(load, max_voices=4)
    await pool.preload([voice_entry("amy"), voice_entry("bob")])
    assert list(pool.loaded) == ["bob"]
    assert messages(caplog) == ["Voice amy cannot be loaded: amy.onnx: torn"]


async def test_preloads_drop_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """Preloading unloads no voice. The voices without room are named in one log line."""
    pool = VoicePool(Loading(), max_voices=9, max_memory=10, memory_of=sized(default=5, amy=6, bob=4, carol=2))
    await lent(pool, voice_entry("default"))
    await pool.preload([voice_entry(name) for name in ("amy", "bob", "carol")])
    assert list(pool.loaded) == ["bob", "default"]
    assert messages(caplog) == ["Not preloaded, as --max-voices or --max-memory has no room: amy, carol"]


async def test_requests_go_before_preloads() -> None:
    """A preload starts only while no voice is in use or loading, and does not delay the load of a request."""
    gate = Gate()
    load = Loading()
    slow = Loading(gate)
    pool = VoicePool(lambda entry: (slow if entry.name == "slow" else load)(entry), max_voices=9)
    async with pool.acquire(voice_entry("amy")):
        preloading = asyncio.create_task(pool.preload([voice_entry("slow"), voice_entry("last")]))
        await loop_turns()
        assert slow.loaded == []
    await entered(gate)
    await asyncio.gather(*waiting(pool, voice_entry("bob"), 1), *waiting(pool, voice_entry("carol"), 1))
    assert sorted(load.loaded) == ["amy", "bob", "carol"]
    async with pool.acquire(voice_entry("amy")):
        gate.open()
        (also,) = waiting(pool, voice_entry("slow"), 1)
        await also
        assert slow.loaded == ["slow"], "who asks for what is being preloaded waits for that"
        assert "last" not in load.loaded
    await preloading
    assert load.loaded[-1] == "last"


# Leases.


async def test_the_resident_voice_is_unloaded_last() -> None:
    """The default voice is unloaded to make room only if no other voice can be."""
    pool = VoicePool(Loading(), max_voices=2, resident="default")
    for name in ("default", "amy", "bob"):
        await lent(pool, voice_entry(name))
    assert pool.loaded == ("default", "bob")
    async with pool.acquire(voice_entry("bob")):
        await lent(pool, voice_entry("carol"))
        assert pool.loaded == ("bob", "carol")


async def test_a_lease_is_given_back_once() -> None:
    """A second release does nothing, and a released lease has no voice."""
    pool = VoicePool(Loading(), max_voices=1)
    first, second = await pool.lease(voice_entry("amy")), await pool.lease(voice_entry("amy"))
    assert first.instances is second.instances
    first.release()
    first.release()
    assert repr(pool) == "<VoicePool {amy: 1} waiting: []>"
    with pytest.raises(RuntimeError):
        _ = first.instances


async def test_a_load_has_a_timeout() -> None:
    """All who wait for a load that hangs get VoiceLoadTimeout, and its place is free for another voice."""
    load = Loading(Gate())
    assert load.gate is not None
    pool = VoicePool(load, max_voices=1, load_timeout=0.02)
    outcomes = await asyncio.gather(*waiting(pool, voice_entry("amy"), 3), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [VoiceLoadTimeout] * 3
    load.gate.open()
    assert (await lent(pool, voice_entry("bob"))).config.name == "bob"
    load.gate = Gate()
    await pool.preload([voice_entry("carol")])
    load.gate.open()


async def test_voice_is_freed_in_a_thread_while_another_request_waits_for_its_place() -> None:
    """The memory of a voice that makes room for a waiting request is not freed on the event loop."""
    pool = VoicePool(Loading(), max_voices=1)
    freed_in: list[str] = []
    async with pool.acquire(voice_entry("amy")) as instances:
        weakref.finalize(instances[0], lambda: freed_in.append(threading.current_thread().name))
        (waits,) = waiting(pool, voice_entry("bob"), 1)
        await loop_turns()
        del instances
    assert (await waits).config.name == "bob"
    await asyncio.to_thread(pool._threads.wait_unloaded)
    assert [name.rpartition("_")[0] for name in freed_in] == ["unloader"]
