"""Fakes with the interfaces of the real objects: a manually advanced clock, and a voice that needs no model."""

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from wyoming_piper_serial.audio.pcm import to_pcm
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.config import VoiceConfig, parse_config
from wyoming_piper_serial.model.protocols import FloatSamples, Speech, SynthesisOptions
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written
from wyoming_piper_serial.settings import Sharing
from wyoming_piper_serial.voices.catalogue import VoiceEntry

T = TypeVar("T")

SAMPLE_RATE = 22_050
SAMPLES_PER_ID = 100


def raw_config(**changes: Any) -> dict[str, Any]:
    """Return a valid Piper config, as read from JSON."""
    raw: dict[str, Any] = {
        "audio": {"sample_rate": SAMPLE_RATE, "quality": "medium"},
        "espeak": {"voice": "en-us"},
        "inference": {"noise_scale": 0.667, "length_scale": 1, "noise_w": 0.8},
        "phoneme_type": "espeak",
        "phoneme_id_map": {"_": [0], "^": [1], "$": [2], " ": [3], "a": [4]},
        "num_symbols": 16,
        "num_speakers": 1,
        "speaker_id_map": {},
        "language": {"code": "en_US"},
        "dataset": "fake",
    }
    return raw | changes


def voice_config(name: str = "en_US-fake-medium", **changes: Any) -> VoiceConfig:
    return parse_config(raw_config(**changes), name, source="a test")


def voice_entry(name: str = "en_US-fake-medium", **changes: Any) -> VoiceEntry:
    return VoiceEntry(config=voice_config(name, **changes), model=Path(f"{name}.onnx"))


UNHELD = Sharing(release="earliest")
"""Options for tests in which the voice is slow or blocked. With the default settings, audio would be held back until
the rest of the speech can follow in time."""


class FakeClock:
    """A clock that a test advances with `advance`. If `tick` is set, each reading also advances the time by `tick`
    seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.tick = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Gate:
    """Blocks a worker thread within a step until `open` is called."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def open(self) -> None:
        self._open.set()

    def hold(self) -> None:
        self.entered.set()
        # The wait is limited, so a failing test ends instead of hanging the test run.
        if not self._open.wait(timeout=10):
            raise TimeoutError("a test never opened its gate")


@dataclass
class FakeVoice:
    """A voice that converts each letter to one phoneme id, and each id to `SAMPLES_PER_ID` samples. The level of the
    samples depends on the letter. The voice records its runs, and counts overlapping runs.
    """

    config: VoiceConfig = field(default_factory=voice_config)
    gain: float = 1.0
    step_times: Sequence[tuple[str, int, float]] = ()
    on_run: Callable[[str], None] = lambda text: None
    """Function that each run calls with its sentence in the worker thread."""

    on_later_chunk: Callable[[str], None] = lambda text: None
    """Function that is called with the sentence before each chunk except the first, in the worker thread."""

    runs: list[str] = field(default_factory=list)
    options: list[SynthesisOptions] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    """The number of sentences in each run of a batch."""

    overlaps: int = 0
    _running: bool = False

    @property
    def frame_seconds(self) -> float:
        return SAMPLES_PER_ID / self.config.sample_rate

    def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
        text = prepare(text)
        return finished([ids_of(text)] if text else [])

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        return _FakeSpeech(self, ids, options)

    def decode_together(self, speeches: Sequence[Speech], frames: int) -> list[FloatSamples | SynthesisFailed]:
        self.batches.append(len(speeches))
        fakes = [speech for speech in speeches if isinstance(speech, _FakeSpeech)]
        for fake in fakes:
            fake.check()  # all sentences are checked before any of them advances
        return [fake.take(frames) for fake in fakes]

    def run(self, ids: PhonemeIds, options: SynthesisOptions) -> FloatSamples:
        self.overlaps += self._running
        self._running = True
        try:
            text = "".join(map(chr, ids))
            self.runs.append(text)
            self.options.append(options)
            self.on_run(text)
            return spoken(text)
        finally:
            self._running = False


class _FakeSpeech:
    """Speech in which each letter is one frame. Decoding the first chunk runs the fake voice for the whole sentence."""

    def __init__(self, voice: FakeVoice, ids: PhonemeIds, options: SynthesisOptions) -> None:
        self._voice = voice
        self._ids = ids
        self._options = options
        self._rest: FloatSamples | None = None

    @property
    def remaining_frames(self) -> int:
        return len(self._ids) if self._rest is None else self._rest.size // SAMPLES_PER_ID

    @property
    def done(self) -> bool:
        return self.remaining_frames == 0

    @property
    def flowed_frames(self) -> int:
        return self.remaining_frames

    @property
    def unflowed_frames(self) -> int:
        return 0

    @property
    def memory(self) -> int:
        return 1000 * len(self._ids)

    @property
    def id_frames(self) -> Sequence[int]:
        return [1] * len(self._ids)

    def batch_key(self, frames: int) -> int:
        return min(frames, self.remaining_frames)

    def flow(self, frames: int) -> None:
        pass

    def decode(self, frames: int | None = None) -> FloatSamples:
        self.check()
        return self.take(frames)

    def check(self) -> None:
        if self._rest is not None:
            self._voice.on_later_chunk("".join(map(chr, self._ids)))

    def take(self, frames: int | None) -> FloatSamples:
        if self._rest is None:
            self._rest = self._voice.run(self._ids, self._options)
        size = self._rest.size if frames is None else frames * SAMPLES_PER_ID
        samples, self._rest = self._rest[:size], self._rest[size:]
        return samples


def ids_of(text: str) -> PhonemeIds:
    """Return the phoneme ids of a sentence that FakeVoice converts."""
    return [ord(letter) for letter in text]


def finished(result: T) -> "Future[T]":
    """Return a future that already has its result."""
    future: Future[T] = Future()
    future.set_result(result)
    return future


def spoken(text: str) -> FloatSamples:
    """Return the samples that FakeVoice creates for a sentence. Each letter has its own level, so different texts
    have different samples."""
    levels = np.array([ord(letter) % 128 for letter in text], dtype=np.float32) / 128
    return np.repeat(levels, SAMPLES_PER_ID)


def pcm_of(*sentences: str) -> bytes:
    """Return the PCM that a client receives for sentences that FakeVoice speaks. The limiter does not change the
    PCM, because all levels are below its threshold."""
    return b"".join(to_pcm(spoken(sentence)) for sentence in sentences)


def failing_on(word: str) -> Callable[[str], None]:
    """Return a function for `FakeVoice.on_run` that raises SynthesisFailed if the sentence contains `word`."""

    def run(text: str) -> None:
        if word in text:
            raise SynthesisFailed("The voice could not speak this text.")

    return run


def holding_on(word: str, gate: "Gate") -> Callable[[str], None]:
    """Return a function for `FakeVoice.on_run` that waits in `gate` if the sentence contains `word`."""

    def run(text: str) -> None:
        if word in text:
            gate.hold()

    return run


def in_pieces(data: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Split `data` into pieces of the given sizes. The last piece contains the remaining bytes."""
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [*pieces, data]
