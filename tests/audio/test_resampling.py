"""Resampling preserves the sound and the length, and does not depend on how the input is split into chunks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.fakes import in_pieces
from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, FloatSamples, silence, to_pcm
from wyoming_piper_serial.audio.resampling import Resampler

# Other tests cover the same code, and the measurement of coverage would double the time of these tests.
pytestmark = pytest.mark.unmeasured

_RATES = [(22_050, 48_000), (22_050, 16_000), (16_000, 22_050), (22_050, 44_100), (22_050, 8_000), (19_999, 48_000)]


def resampled(pcm: bytes, from_rate: int, to_rate: int, sizes: list[int] | None = None) -> bytes:
    """Pass `pcm` to a resampler in chunks with the given sizes in samples, and the remaining PCM as a last chunk.
    Return all output."""
    resampler = Resampler(from_rate, to_rate)
    chunks = in_pieces(pcm, [size * SAMPLE_WIDTH for size in sizes or []])
    return b"".join([resampler.add(chunk) for chunk in chunks] + [resampler.finish()])


def samples(pcm: bytes) -> NDArray[np.int16]:
    return np.frombuffer(pcm, dtype="<i2")


def tone(hertz: float, rate: int, seconds: float = 1.0, level: float = 0.5) -> FloatSamples:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(count: int, level: float = 0.3) -> bytes:
    return to_pcm(np.random.default_rng(5).uniform(-level, level, count).astype(np.float32))


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
@pytest.mark.parametrize("hertz", [110.0, 1000.0, 3000.0])
def test_tone_keeps_its_pitch_its_level_and_its_time(hertz: float, from_rate: int, to_rate: int) -> None:
    """A tone that is passed in small chunks becomes the same tone at the new rate.

    At an amplitude of 16384, the samples differ from the exact tone by at most six 16-bit steps (0.003 dB).
    """
    output = samples(resampled(to_pcm(tone(hertz, from_rate)), from_rate, to_rate, [100] * 150))
    expected = samples(to_pcm(tone(hertz, to_rate)))
    assert output.size == expected.size
    edge = to_rate // 10  # excluded, because the beginning and the end of the tone contain other frequencies
    difference = output.astype(int) - expected
    # soxr's filter causes a difference of up to 4 steps at three quarters of the frequency band, and rounding adds 1 or
    # 2.
    assert int(np.max(np.abs(difference[edge:-edge]))) <= 6


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_output_has_no_step_between_chunks(from_rate: int, to_rate: int) -> None:
    """There are no discontinuities between chunks: apart from rounding, adjacent output samples differ no more than
    adjacent samples of the exact tone."""
    sizes = [from_rate // 8, 1, 7, 4410, 331, 2, 1000]
    output = samples(resampled(to_pcm(tone(100, from_rate)), from_rate, to_rate, sizes)).astype(int)
    steepest = 0.5 * 32767 * 2 * np.pi * 100 / to_rate
    edge = to_rate // 10  # excluded, because the tone begins and ends abruptly
    assert int(np.max(np.abs(np.diff(output)[edge:-edge]))) <= steepest + 2


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@pytest.mark.parametrize("rates", _RATES)
@given(sizes=st.lists(st.integers(0, 3000), max_size=12))
def test_output_does_not_depend_on_how_the_input_is_split(rates: tuple[int, int], sizes: list[int]) -> None:
    """The resampled PCM is the same, byte for byte, for any sizes of the input chunks."""
    pcm = noise(9000)
    assert resampled(pcm, *rates, sizes) == resampled(pcm, *rates)


@given(count=st.integers(0, 5000), from_rate=st.integers(8_000, 50_000), to_rate=st.integers(8_000, 48_000))
def test_output_lasts_as_long_as_the_input(count: int, from_rate: int, to_rate: int) -> None:
    """The duration of the output differs from that of the input by at most one sample."""
    output = samples(resampled(noise(count), from_rate, to_rate))
    assert abs(output.size - count * to_rate / from_rate) <= 1


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
def test_hour_of_speech_does_not_drift() -> None:
    """Rounding errors do not accumulate: the length of the output is still exact after an hour of audio."""
    resampler = Resampler(22_050, 16_000)
    minute = silence(60, 22_050)
    output = sum(len(resampler.add(minute)) for _ in range(60)) + len(resampler.finish())
    assert output == 3600 * 16_000 * SAMPLE_WIDTH


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_silence_stays_silent(from_rate: int, to_rate: int) -> None:
    """Silence is resampled to zeros, because the resampler does not add dither."""
    assert not any(resampled(silence(1, from_rate), from_rate, to_rate))


def test_waveform_that_exceeds_full_scale_is_clipped() -> None:
    """If the waveform between two samples exceeds full scale, the output is clipped instead of wrapping around."""
    peaks = np.tile(np.array([1.0, 1.0, -1.0, -1.0], dtype=np.float32), 2000)
    output = samples(resampled(to_pcm(peaks), 22_050, 48_000))
    assert int(output.max()) == 32767
    assert int(output.min()) == -32768
    assert int(np.max(np.abs(np.diff(output.astype(int))))) < 40_000


def test_no_input_gives_no_output() -> None:
    """Without any input, the resampler has no output."""
    assert resampled(b"", 22_050, 48_000) == b""


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_output_is_delayed_by_less_than_a_tenth_of_a_second(from_rate: int, to_rate: int) -> None:
    """After 0.2 seconds of input, and after each later chunk, the output is less than 0.1 seconds behind the input."""
    resampler = Resampler(from_rate, to_rate)
    output_seconds = len(resampler.add(silence(0.2, from_rate))) / SAMPLE_WIDTH / to_rate
    assert 0.2 - output_seconds < 0.08
    input_seconds = 0.2
    for _ in range(100):
        input_seconds += 0.011
        output_seconds += len(resampler.add(silence(0.011, from_rate))) / SAMPLE_WIDTH / to_rate
        assert input_seconds - output_seconds < 0.09
