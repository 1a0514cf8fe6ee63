"""VoiceLoader loads a voice as one or more instances."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes import FakeClock, FakeVoice, voice_entry
from tests.fixture_voices import FIXTURES, SMALL, FixtureVoices, phonemizers
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import digest_of
from wyoming_piper_serial.phonemes.client import PhonemizerDied
from wyoming_piper_serial.phonemes.phonemizer import VoicePhonemizer
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.loader import VoiceLoader


@pytest.fixture
def entry(fixture_voices: FixtureVoices) -> VoiceEntry:
    name = SMALL[0]
    return VoiceEntry(config=fixture_voices.config(name), model=fixture_voices.model(name))


def loader(cache_dir: Path, instances: int = 1, clock: Callable[[], float] = time.monotonic) -> VoiceLoader:
    return VoiceLoader(
        instances=instances,
        device=Device(),
        phonemizers=phonemizers(),
        max_phonemes=600,
        cache_dir=cache_dir,
        clock=clock,
    )


def test_each_instance_is_a_voice_of_its_own(
    entry: VoiceEntry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Each instance is a separate voice. All instances use the model parts in the cache folder. One log line states
    the number of instances."""
    with caplog.at_level(logging.INFO):
        one, two = loader(tmp_path, instances=2)(entry)
    assert one is not two
    assert one.config == two.config == entry.config
    assert list(tmp_path.iterdir())
    assert caplog.messages[-1] == f"Voice {entry.voice} loaded (CPU, 2 instances)"


def test_files_with_wrong_digests_are_refused(entry: VoiceEntry, tmp_path: Path) -> None:
    """Loading a voice whose files have unexpected digests raises VoiceFileError."""
    damaged = VoiceEntry(config=entry.config, model=entry.model, sha256=("0" * 64, "0" * 64))
    with pytest.raises(VoiceFileError) as caught:
        loader(tmp_path)(damaged)
    assert "damaged" in caught.value.detail


def test_stored_parts_replace_a_model_with_a_known_digest(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """A voice with known digests can be loaded without its model file if the parts of the split model are stored. The
    voice's config is still checked."""
    name = "en_US-many_old-x_low"  # the model of this voice has no external weights
    entry = VoiceEntry(config=fixture_voices.config(name), model=fixture_voices.model(name))
    digest = digest_of(entry.model)
    loader(tmp_path)(entry)
    config = tmp_path / "gone.onnx.json"
    config.write_bytes((FIXTURES / f"{entry.voice}.onnx.json").read_bytes())
    gone = replace(entry, model=tmp_path / "gone.onnx", sha256=(digest, digest_of(config)))
    (voice,) = loader(tmp_path)(gone)
    assert voice.config == entry.config
    with pytest.raises(VoiceFileError) as caught:
        loader(tmp_path)(replace(gone, sha256=(digest, "0" * 64)))
    assert f"{config}: damaged" in caught.value.detail


def test_file_that_is_not_a_model_is_refused(entry: VoiceEntry, tmp_path: Path) -> None:
    """Loading a file that is not a model raises VoiceFileError. The error's detail contains the path of the file."""
    model = tmp_path / "voice.onnx"
    model.write_bytes(b"no model")
    with pytest.raises(VoiceFileError) as caught:
        loader(tmp_path)(VoiceEntry(config=entry.config, model=model))
    assert str(model) in caught.value.detail


def test_simultaneous_first_calls_prepare_once(
    entry: VoiceEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If several threads load the first voice at the same time, the libraries are imported and the device is created
    only once."""
    load = loader(tmp_path)
    prepare, prepared = load._prepare, []

    def count() -> object:
        prepared.append(1)
        return prepare()

    monkeypatch.setattr(load, "_prepare", count)
    threads = [threading.Thread(target=load, args=(entry,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert prepared == [1]


def test_server_does_not_import_piper(entry: VoiceEntry, tmp_path: Path) -> None:
    """A loaded voice can convert text to phonemes although this process does not import `piper` or espeak-ng."""
    program = f"""
import sys
from pathlib import Path
from wyoming_piper_serial.model.config import read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers
from wyoming_piper_serial.voices.catalogue import VoiceEntry
from wyoming_piper_serial.voices.loader import VoiceLoader
phonemizers = Phonemizers()
load = VoiceLoader(
    instances=1, device=Device(), phonemizers=phonemizers, max_phonemes=600, cache_dir=Path({str(tmp_path)!r})
)
config = read_config(Path({str(FIXTURES / entry.voice)!r} + ".onnx.json"), "voice")
(voice,) = load(VoiceEntry(config=config, model=Path({str(entry.model)!r})))
assert voice.phonemize("Hello.").result()
print(sorted(name for name in sys.modules if name.partition(".")[0] == "piper"))
print("espeak" in Path("/proc/self/maps").read_text())
phonemizers.close()
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603 -- fixed
    assert done.stdout == "[]\nFalse\n"


class FakeLoads:
    """A load function that raises `error` if it is set, and otherwise returns a FakeVoice. It counts its calls."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.count = 0

    def __call__(self, _entry: VoiceEntry, _phonemizer: VoicePhonemizer, _parts: object) -> FakeVoice:
        self.count += 1
        if self.error is not None:
            raise self.error
        return FakeVoice()


@pytest.fixture
def loads() -> FakeLoads:
    return FakeLoads()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def load(loads: FakeLoads, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> VoiceLoader:
    """Return a loader that loads its voices with `loads`."""
    load = loader(tmp_path, clock=clock)
    monkeypatch.setattr(load, "_load_voice", loads)
    monkeypatch.setattr(load, "_stored_parts", lambda _entry: None)
    return load


def failed(load: VoiceLoader, entry: VoiceEntry) -> VoiceFileError:
    with pytest.raises(VoiceFileError) as caught:
        load(entry)
    return caught.value


def test_broken_voice_is_not_read_again_for_a_while(load: VoiceLoader, loads: FakeLoads, clock: FakeClock) -> None:
    """After a failed load, the voice is not loaded again for 30 seconds. Each request gets a separate exception with
    the same detail."""
    loads.error = VoiceFileError("joe", "no model")
    errors = [failed(load, voice_entry()) for _ in range(3)]
    clock.advance(29.9)
    errors.append(failed(load, voice_entry()))
    assert loads.count == 1
    assert {error.detail for error in errors} == {"no model"}
    assert len(set(map(id, errors))) == 4
    clock.advance(0.2)
    loads.error = None
    assert load(voice_entry())
    assert loads.count == 2


def test_broken_voice_is_read_again_when_its_files_change(load: VoiceLoader, loads: FakeLoads) -> None:
    """If the files of a broken voice have changed, the voice is immediately loaded again. Other voices are not
    affected."""
    loads.error = VoiceFileError("joe", "no model")
    broken = replace(voice_entry(), stamp=1)
    failed(load, broken)
    loads.error = None
    assert load(replace(broken, stamp=2))
    assert load(voice_entry("de_DE-other-low"))
    failed(load, broken)


def test_voice_that_was_broken_is_forgotten(load: VoiceLoader, loads: FakeLoads, clock: FakeClock) -> None:
    """Only voices that failed to load in the last 30 seconds are remembered."""
    loads.error = VoiceFileError("joe", "no model")
    for number in range(100):
        failed(load, replace(voice_entry(), stamp=number))
        clock.advance(10)
    assert len(load._broken._broken) <= 3


def test_only_faults_of_the_voice_are_remembered(load: VoiceLoader, loads: FakeLoads) -> None:
    """After an error that the files did not cause, such as a lack of memory or a killed phonemizer, the next request
    loads the voice again."""
    loads.error = MemoryError()
    for _ in range(2):
        with pytest.raises(MemoryError):
            load(voice_entry())
    assert loads.count == 2
    loads.error = VoiceFileError("joe", "its espeak phonemizer does not work")
    loads.error.__cause__ = PhonemizerDied("signal 9")
    for _ in range(2):
        failed(load, voice_entry())
    assert loads.count == 4
