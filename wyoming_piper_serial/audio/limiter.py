"""Keeps samples within full scale without waiting for the end of the sentence."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

_CEILING = 0.98  # a little below full scale, so that rounding and later resampling do not clip
_LOOK_AHEAD_SECONDS = 0.005  # seconds; long enough that the falling gain is not audible as a click
_HOLD_SECONDS = 0.05  # seconds; longer than a period of the lowest voice, so that the gain does not follow the waveform


class Limiter:
    """A look-ahead limiter for one sentence.

    The gain that each sample needs to stay below the ceiling is held for a while and then averaged over the look-ahead.
    So the gain falls smoothly and is low enough when the peak arrives. Samples that are not near a peak do not change.

    The output is `delay` samples behind the input; `finish` returns the rest. It does not depend on how the input is
    split: the gain of each sample is computed from the same neighbours in the same order.
    """

    def __init__(self, sample_rate: int) -> None:
        self.delay = max(1, round(_LOOK_AHEAD_SECONDS * sample_rate))
        self._hold = max(1, round(_HOLD_SECONDS * sample_rate))
        # Gains and samples of earlier input that affect later output. Silence precedes the sentence.
        self._gains: FloatSamples = np.ones(self._history, dtype=np.float32)
        self._samples: FloatSamples = np.zeros(self.delay, dtype=np.float32)
        self._leading_silence = self.delay  # samples of the delay that are not yet dropped from the output

    @property
    def _history(self) -> int:
        """The number of earlier gains that affect an output sample: it is `delay` behind, and gains are held."""
        return self.delay + self._hold + self.delay

    def process(self, samples: FloatSamples) -> FloatSamples:
        """The next output. It has as many samples as `samples`, except for the delay at the beginning."""
        peaks = np.abs(samples)
        needed = np.float32(_CEILING) / np.maximum(peaks, np.float32(_CEILING))
        gains = np.concatenate([self._gains, needed])
        delayed = np.concatenate([self._samples, samples])
        self._gains, self._samples = gains[-self._history :], delayed[-self.delay :]
        delayed = delayed[: samples.size]
        if gains.min(initial=1.0) < 1.0:
            delayed = delayed * self._smooth(gains)[-samples.size :] if samples.size else delayed
        dropped = min(self._leading_silence, delayed.size)
        self._leading_silence -= dropped
        return delayed[dropped:]

    def finish(self) -> FloatSamples:
        """The last `delay` samples. Do not use the limiter afterwards."""
        return self.process(np.zeros(self.delay, dtype=np.float32))

    def _smooth(self, gains: FloatSamples) -> FloatSamples:
        """Held and averaged gains.

        Entry n is the gain of the sample that is `delay` before the one that needs gain n.
        """
        held = _running_minimum(gains, self.delay + self._hold)
        windows = np.lib.stride_tricks.sliding_window_view(held, self.delay)
        averaged: NDArray[np.float32] = windows.mean(axis=-1, dtype=np.float64).astype(np.float32)
        return averaged


def _running_minimum(values: FloatSamples, length: int) -> FloatSamples:
    """The minimum of each value and the `length - 1` values before it.

    The first `length - 1` results are omitted. Takes log2(length) passes.
    """
    result, covered = values, 1
    while covered < length:
        shift = min(covered, length - covered)
        result = np.minimum(result[shift:], result[:-shift])
        covered += shift
    return result
