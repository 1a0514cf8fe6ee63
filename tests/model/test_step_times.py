"""The times of steps are measured when a voice is loaded, and kept with its parts."""

from pathlib import Path

from tests.fakes import FakeClock, FakeVoice, failing_on
from tests.fixture_voices import FixtureVoices, phonemizer_of
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.step_times import measure_steps

NAME = "en_US-one_old-x_low"


def test_a_sentence_is_encoded_and_decoded() -> None:
    """The times are those of the encoder, a small and a larger chunk."""
    clock = FakeClock()
    voice = FakeVoice(on_run=lambda text: clock.advance(0.5), on_later_chunk=lambda text: clock.advance(2.0))
    found = measure_steps(voice, clock)
    assert [(kind, seconds) for kind, _, seconds in found] == [("encode", 0.0), ("decode", 0.5), ("decode", 2.0)]


def test_voice_that_fails_has_no_times() -> None:
    """A voice that cannot speak its sample has no known times."""
    assert measure_steps(FakeVoice(on_run=failing_on(""))) == ()


def test_times_are_kept_with_the_parts_of_the_same_device(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """The second load has the times of the first, unless the device has another number of threads."""

    def load(device: Device) -> tuple[tuple[str, int, float], ...]:
        config = fixture_voices.config(NAME)
        voice = load_streaming_voice(
            config,
            fixture_voices.model(NAME),
            device=device,
            phonemizer=phonemizer_of(config),
            cache=PartsCache(tmp_path),
        )
        return tuple(voice.step_times)

    first = load(Device(threads=1))
    assert [kind for kind, _, _ in first] == ["encode", "decode", "decode"]
    assert all(seconds > 0 for *_, seconds in first)
    assert load(Device(threads=1)) == first
    assert load(Device(threads=2)) == ()
