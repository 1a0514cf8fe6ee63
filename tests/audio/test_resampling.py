"""The same sound at another rate, however it is cut."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.fakes import in_pieces
from wyoming_piper_serial.audio.pcm import SAMPLE_WIDTH, FloatSamples, silence, to_pcm
from wyoming_piper_serial.audio.resampling import Resampler

_RATES = [(22_050, 48_000), (22_050, 16_000), (16_000, 22_050), (22_050, 44_100), (22_050, 8_000), (19_999, 48_000)]


def resampled(pcm: bytes, from_rate: int, to_rate: int, sizes: list[int] | None = None) -> bytes:
    """All output for input that comes in pieces of so many samples, the rest in one."""
    resampler = Resampler(from_rate, to_rate)
    pieces = in_pieces(pcm, [size * SAMPLE_WIDTH for size in sizes or []])
    return b"".join([resampler.add(piece) for piece in pieces] + [resampler.finish()])


def samples(pcm: bytes) -> NDArray[np.int16]:
    return np.frombuffer(pcm, dtype="<i2")


def tone(hertz: float, rate: int, seconds: float = 1.0, level: float = 0.5) -> FloatSamples:
    return (level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def noise(count: int, level: float = 0.3) -> bytes:
    return to_pcm(np.random.default_rng(5).uniform(-level, level, count).astype(np.float32))


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
@pytest.mark.parametrize("hertz", [110.0, 1000.0, 3000.0])
def test_tone_keeps_its_pitch_its_level_and_its_time(hertz: float, from_rate: int, to_rate: int) -> None:
    """In small pieces: it is the tone that would have been made at the new rate, to 6 steps of 16384 (0.003 dB).

    soxr's own filter takes 4 of them, at three quarters of the band; elsewhere it is 1, by rounding.
    """
    made = samples(resampled(to_pcm(tone(hertz, from_rate)), from_rate, to_rate, [100] * 150))
    expected = samples(to_pcm(tone(hertz, to_rate)))
    assert made.size == expected.size
    edge = to_rate // 10  # where the tone begins and ends it is no tone
    apart = made.astype(int) - expected
    assert int(np.max(np.abs(apart[edge:-edge]))) <= 6


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_output_has_no_step_at_a_cut(from_rate: int, to_rate: int) -> None:
    """Wherever pieces meet, a low tone goes from sample to sample by no more than it can."""
    cuts = [from_rate // 8, 1, 7, 4410, 331, 2, 1000]
    made = samples(resampled(to_pcm(tone(100, from_rate)), from_rate, to_rate, cuts)).astype(int)
    steepest = 0.5 * 32767 * 2 * np.pi * 100 / to_rate
    edge = to_rate // 10  # where the tone begins and ends there are steps
    assert int(np.max(np.abs(np.diff(made)[edge:-edge]))) <= steepest + 2


@pytest.mark.parametrize("rates", _RATES)
@given(sizes=st.lists(st.integers(0, 3000), max_size=12))
def test_output_does_not_depend_on_how_the_input_is_cut(rates: tuple[int, int], sizes: list[int]) -> None:
    """Byte for byte."""
    pcm = noise(9000)
    assert resampled(pcm, *rates, sizes) == resampled(pcm, *rates)


@given(count=st.integers(0, 5000), from_rate=st.integers(8_000, 50_000), to_rate=st.integers(8_000, 48_000))
def test_sound_lasts_as_long_as_before(count: int, from_rate: int, to_rate: int) -> None:
    """To a sample, at any rates."""
    made = samples(resampled(noise(count), from_rate, to_rate))
    assert abs(made.size - count * to_rate / from_rate) <= 1


def test_hour_of_speech_has_not_drifted() -> None:
    """Nothing is lost a little at a time."""
    resampler = Resampler(22_050, 16_000)
    minute = silence(60, 22_050)
    made = sum(len(resampler.add(minute)) for _ in range(60)) + len(resampler.finish())
    assert made == 3600 * 16_000 * SAMPLE_WIDTH


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_silence_stays_silent(from_rate: int, to_rate: int) -> None:
    """No dither: what was zero is zero."""
    assert not any(resampled(silence(1, from_rate), from_rate, to_rate))


def test_wave_that_would_exceed_full_scale_is_cut_off_and_does_not_wrap() -> None:
    """Samples at full scale, with the wave higher between them."""
    peaks = np.tile(np.array([1.0, 1.0, -1.0, -1.0], dtype=np.float32), 2000)
    made = samples(resampled(to_pcm(peaks), 22_050, 48_000))
    assert int(made.max()) == 32767
    assert int(made.min()) == -32768
    assert int(np.max(np.abs(np.diff(made.astype(int))))) < 40_000


def test_nothing_in_is_nothing_out() -> None:
    """An utterance without sound."""
    assert resampled(b"", 22_050, 48_000) == b""


@pytest.mark.parametrize(("from_rate", "to_rate"), _RATES)
def test_first_chunk_of_speech_gives_most_of_its_sound_at_once(from_rate: int, to_rate: int) -> None:
    """Of 0.2 seconds, no more than 0.08 are held back, and never more later on."""
    resampler = Resampler(from_rate, to_rate)
    held = len(resampler.add(silence(0.2, from_rate))) / SAMPLE_WIDTH / to_rate
    assert 0.2 - held < 0.08
    given = 0.2
    for _ in range(100):
        given += 0.011
        held += len(resampler.add(silence(0.011, from_rate))) / SAMPLE_WIDTH / to_rate
        assert given - held < 0.09
