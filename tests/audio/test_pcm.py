"""Floating-point samples are converted to 16-bit PCM."""

import numpy as np
import pytest

from wyoming_piper_serial.audio.pcm import FloatSamples, scale_to_peak, silence, to_pcm


def samples(*values: float) -> FloatSamples:
    return np.array(values, dtype=np.float32)


@pytest.mark.parametrize("values", [(0.25, -0.5), (3.0, -1.0), (1e-6, 0.0), (1.0,)])
def test_loudest_sample_is_scaled_to_full_scale(values: tuple[float, ...]) -> None:
    """`scale_to_peak` scales a sentence to a peak of 1.0."""
    scaled = scale_to_peak(samples(*values))
    assert np.abs(scaled).max() == 1.0
    assert scaled == pytest.approx(samples(*values) / max(map(abs, values)))
    assert scaled.dtype == np.float32


@pytest.mark.parametrize("values", [(), (0.0, 0.0), (1e-9, -1e-9)])
def test_silence_is_not_scaled_up(values: tuple[float, ...]) -> None:
    """Silence is not amplified: a sentence of zeros or nearly zero samples becomes zeros."""
    assert np.array_equal(scale_to_peak(samples(*values)), np.zeros(len(values)))


def test_scaling_does_not_change_its_input() -> None:
    """`scale_to_peak` does not modify the array that is passed to it."""
    given = samples(0.5, -0.25)
    scale_to_peak(given)
    assert np.array_equal(given, samples(0.5, -0.25))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.0, 0),
        (1.0, 32767),
        (-1.0, -32767),
        (0.5, 16384),
        (1e-5, 0),
        (2e-5, 1),
        (-2e-5, -1),
        (2.0, 32767),
        (-9.0, -32767),
    ],
)
def test_sample_becomes_a_little_endian_16_bit_number(value: float, number: int) -> None:
    """`to_pcm` converts 1.0 and -1.0 to 32767 and -32767. Samples in between are rounded to the nearest integer, and
    samples beyond are clipped."""
    assert to_pcm(samples(value)) == number.to_bytes(2, "little", signed=True)


def test_pcm_has_two_bytes_for_each_sample() -> None:
    """`to_pcm` returns two bytes per sample, in the order of the samples."""
    assert to_pcm(samples()) == b""
    assert np.frombuffer(to_pcm(samples(0.1, -0.1, 0.2)), dtype="<i2").tolist() == [3277, -3277, 6553]


@pytest.mark.parametrize(
    ("seconds", "rate", "frames"), [(0, 22_050, 0), (1, 22_050, 22_050), (0.3, 22_050, 6615), (0.00001, 16_000, 0)]
)
def test_silence_is_zeros_in_whole_samples(seconds: float, rate: int, frames: int) -> None:
    """`silence` returns samples of zero. The number of samples is rounded to the nearest integer."""
    assert silence(seconds, rate) == bytes(2 * frames)
