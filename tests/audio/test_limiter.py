"""Nothing clips, nothing waits, and what is not near a peak is untouched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.audio.limiter import Limiter
from wyoming_piper_serial.audio.pcm import FloatSamples

_RATE = 22_050


def limited(samples: FloatSamples, sizes: list[int] | None = None) -> FloatSamples:
    """All output for input that comes in pieces of the given sizes, the rest in one."""
    limiter = Limiter(_RATE)
    made, rest = [], samples
    for size in sizes or []:
        made.append(limiter.process(rest[:size]))
        rest = rest[size:]
    made += [limiter.process(rest), limiter.finish()]
    return np.concatenate(made)


def noise(seconds: float, level: float = 0.2) -> FloatSamples:
    rng = np.random.default_rng(3)
    return (rng.uniform(-level, level, round(seconds * _RATE))).astype(np.float32)


def test_what_is_below_the_ceiling_passes_bit_for_bit() -> None:
    """Only later by the look-ahead, which `finish` makes up for."""
    samples = noise(0.5, level=0.97)
    assert np.array_equal(limited(samples), samples)


@pytest.mark.parametrize("at", [0, 1, 110, 5000, -1])
def test_a_peak_is_brought_below_full_scale_wherever_it_is(at: int) -> None:
    """Also in the first and the last sample."""
    samples = noise(0.5)
    samples[at] = -7.0
    made = limited(samples)
    assert made.size == samples.size
    assert 0.97 < float(np.max(np.abs(made))) < 1.0


def test_gain_falls_and_rises_without_a_step() -> None:
    """From sample to sample it changes by no more than a hundredth, however high the peak."""
    samples = np.full(_RATE, 0.5, dtype=np.float32)
    samples[10_000:10_050] = 5.0
    gain = limited(samples) / samples
    assert float(np.max(np.abs(np.diff(gain)))) < 0.01


def test_samples_far_from_a_peak_are_untouched() -> None:
    """60 ms after it and 10 ms before it the signal is the model's again."""
    samples = noise(1.0)
    samples[10_000] = 2.0
    changed = np.flatnonzero(limited(samples) != samples)
    assert changed.min() > 10_000 - 0.01 * _RATE
    assert changed.max() < 10_000 + 0.06 * _RATE


@given(st.lists(st.integers(0, 4000), max_size=8))
def test_output_does_not_depend_on_the_chunks(sizes: list[int]) -> None:
    """Chunk sizes follow the load of the server; the sound must not."""
    samples = noise(0.5, level=1.6)
    assert np.array_equal(limited(samples, sizes), limited(samples))


def test_nothing_in_is_nothing_out() -> None:
    """A sentence without samples has none."""
    assert limited(np.zeros(0, dtype=np.float32)).size == 0
