"""The limiter keeps peaks below full scale and does not change samples far from a peak."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_piper_serial.audio.limiter import Limiter
from wyoming_piper_serial.audio.pcm import FloatSamples

_RATE = 22_050


def limited(samples: FloatSamples, sizes: list[int] | None = None) -> FloatSamples:
    """Pass `samples` to a limiter in chunks with the given sizes, and the remaining samples as a last chunk. Return all
    output."""
    limiter = Limiter(_RATE)
    output, rest = [], samples
    for size in sizes or []:
        output.append(limiter.process(rest[:size]))
        rest = rest[size:]
    output += [limiter.process(rest), limiter.finish()]
    return np.concatenate(output)


def noise(seconds: float, level: float = 0.2) -> FloatSamples:
    rng = np.random.default_rng(3)
    return (rng.uniform(-level, level, round(seconds * _RATE))).astype(np.float32)


def test_samples_below_the_ceiling_do_not_change() -> None:
    """If all samples are below the ceiling, the limiter's output is equal to its input."""
    samples = noise(0.5, level=0.97)
    assert np.array_equal(limited(samples), samples)


@pytest.mark.parametrize("at", [0, 1, 110, 5000, -1])
def test_a_peak_is_brought_below_full_scale_wherever_it_is(at: int) -> None:
    """A peak at any position, including the first and the last sample, is reduced to less than full scale."""
    samples = noise(0.5)
    samples[at] = -7.0
    output = limited(samples)
    assert output.size == samples.size
    assert 0.97 < float(np.max(np.abs(output))) < 1.0


def test_gain_falls_and_rises_without_a_step() -> None:
    """At a peak, the gain changes by less than 0.01 from one sample to the next."""
    samples = np.full(_RATE, 0.5, dtype=np.float32)
    samples[10_000:10_050] = 5.0
    gain = limited(samples) / samples
    assert float(np.max(np.abs(np.diff(gain)))) < 0.01


def test_samples_far_from_a_peak_do_not_change() -> None:
    """Samples more than 10 ms before or 60 ms after a peak are not changed."""
    samples = noise(1.0)
    samples[10_000] = 2.0
    changed = np.flatnonzero(limited(samples) != samples)
    assert changed.min() > 10_000 - 0.01 * _RATE
    assert changed.max() < 10_000 + 0.06 * _RATE


@pytest.mark.unmeasured  # excluded from coverage: faster tests cover the same lines
@given(st.lists(st.integers(0, 4000), max_size=8))
def test_output_does_not_depend_on_the_chunks(sizes: list[int]) -> None:
    """The limiter's output does not depend on the sizes of the chunks in which the samples arrive."""
    samples = noise(0.5, level=1.6)
    assert np.array_equal(limited(samples, sizes), limited(samples))


def test_no_input_gives_no_output() -> None:
    """Without any input, the limiter has no output."""
    assert limited(np.zeros(0, dtype=np.float32)).size == 0
