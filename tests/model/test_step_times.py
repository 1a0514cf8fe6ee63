"""The step times are measured when a voice is loaded, and are stored for this machine together with the parts."""

import os
import platform
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeClock, FakeVoice, failing_on
from tests.fixture_voices import FixtureVoices, phonemizer_of
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import FloatSamples, PhonemeIds, Speech, SynthesisOptions
from wyoming_piper_serial.model.step_times import machine_name, measure_steps

NAME = "en_US-one_old-x_low"


def test_a_sentence_is_encoded_and_decoded() -> None:
    """The times are measured for the encoder, a small chunk and a larger chunk."""
    clock = FakeClock()
    voice = FakeVoice(on_run=lambda text: clock.advance(0.5), on_later_chunk=lambda text: clock.advance(2.0))
    found = measure_steps(voice, clock)
    assert [(kind, seconds) for kind, _, seconds in found] == [("encode", 0.0), ("decode", 0.5), ("decode", 2.0)]


class _SpeechWithFlow:
    """Speech of 300 frames. The flow takes 0.025 seconds for a frame, and the vocoder 0.075. Before the vocoder can
    decode a chunk, the flow must have computed 10 frames beyond the chunk."""

    def __init__(self, clock: FakeClock) -> None:
        self.remaining_frames = self.unflowed_frames = 300
        self._clock = clock

    @property
    def flowed_frames(self) -> int:
        return max(0, self.remaining_frames - self.unflowed_frames - 10)

    @property
    def done(self) -> bool:
        return self.remaining_frames == 0

    @property
    def memory(self) -> int:
        return 0

    @property
    def id_frames(self) -> None:
        return None

    def batch_key(self, frames: int) -> None:
        return None

    def flow(self, frames: int) -> None:
        self._clock.advance(0.025 * frames)
        self.unflowed_frames -= frames

    def decode(self, frames: int | None = None) -> FloatSamples:
        assert frames is not None
        self.flow(max(0, frames + 10 - (self.remaining_frames - self.unflowed_frames)))
        self._clock.advance(0.075 * frames)
        self.remaining_frames -= frames
        return np.zeros(frames, dtype=np.float32)


class _VoiceWithFlow(FakeVoice):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def speak(self, ids: PhonemeIds, options: SynthesisOptions) -> Speech:
        self._clock.advance(0.01 * len(ids))
        return _SpeechWithFlow(self._clock)


def test_flow_and_vocoder_are_measured_separately() -> None:
    """If a voice has a flow, chunks are measured with the flow, then the flow alone, and then the vocoder alone, each
    for two sizes."""
    clock = FakeClock()
    (encode, *others) = measure_steps(_VoiceWithFlow(clock), clock)
    assert encode.kind == "encode"
    assert encode.seconds == pytest.approx(0.01 * encode.size)
    flow, vocoder = 0.025, 0.075  # seconds for a frame
    expected = [
        ("decode", 20, (20 + 10) * flow + 20 * vocoder),
        ("decode", 80, 80 * (flow + vocoder)),
        ("flow", 40, 40 * flow),
        ("flow", 120, 120 * flow),
        ("vocode", 20, 20 * vocoder),
        ("vocode", 80, 80 * vocoder),
    ]
    assert [(kind, size) for kind, size, _ in others] == [(kind, size) for kind, size, _ in expected]
    assert [seconds for *_, seconds in others] == pytest.approx([seconds for *_, seconds in expected])


def test_voice_that_fails_has_no_times() -> None:
    """If a voice fails on the sample sentence, no step times are returned."""
    assert measure_steps(FakeVoice(on_run=failing_on(""))) == ()


def test_times_are_kept_with_the_parts_of_the_same_device(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """The second load uses the stored step times. If the number of threads has changed, the times are measured
    again."""
    kinds = ["encode", "decode", "decode", "flow", "flow", "vocode", "vocode"]

    def load(device: Device) -> tuple[tuple[str, int, float], ...]:
        config = fixture_voices.config(NAME)
        voice = load_streaming_voice(
            config,
            fixture_voices.model(NAME),
            device=device,
            phonemizer=phonemizer_of(config),
            cache=PartsCache(tmp_path),
            parts=PartsCache(tmp_path).get(fixture_voices.model(NAME)),
        )
        return tuple(voice.step_times)

    first = load(Device(threads=1))
    assert [kind for kind, _, _ in first] == kinds
    assert all(seconds > 0 for *_, seconds in first)
    assert load(Device(threads=1)) == first
    again = load(Device(threads=2))
    assert [kind for kind, _, _ in again] == kinds
    assert again != first


@pytest.mark.parametrize(
    ("cpu_info", "processors"),
    [
        ("processor\t: 0\nmodel name\t: N100\n\nprocessor\t: 1\nmodel name\t: N100\n", "N100"),
        ("processor\t: 0\nCPU part\t: 0xd08\n\nModel\t\t: Raspberry Pi 4 Model B\n", "0xd08, Raspberry Pi 4 Model B"),
    ],
)
def test_machine_is_named_by_its_processors(cpu_info: str, processors: str, tmp_path: Path) -> None:
    """The name of a machine contains the device, the number of processors, and Linux's description of the
    processors."""
    file = tmp_path / "cpuinfo"
    file.write_text(cpu_info)
    assert machine_name(Device(threads=2), file) == f"CPU, 2 threads; {os.cpu_count()} x {processors}"


def test_machine_without_a_list_of_processors_has_a_name(tmp_path: Path) -> None:
    """On systems other than Linux, the name contains Python's description of the machine."""
    assert (platform.processor() or platform.machine()) in machine_name(Device(), tmp_path / "missing")
