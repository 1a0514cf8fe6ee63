"""Keeps samples within full scale without waiting for the sentence's end."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

_CEILING = 0.98  # a little below full scale, so that rounding and later resampling do not clip
_LOOK_AHEAD_SECONDS = 0.005  # long enough that the gain's fall is not heard as a click
_HOLD_SECONDS = 0.05  # longer than a period of the lowest voice, or the gain would follow its waves


class Limiter:
    """A look-ahead limiter for one sentence.

    The gain that each sample would need is held, then averaged over the look-ahead: so it has fallen
    by the time the peak is there, and without steps. Samples that are not near a peak pass
    bit for bit. Output is `delay` samples late; `finish` returns those.

    The output does not depend on how the input is cut: each sample's gain is computed from the
    same neighbours in the same order.
    """

    def __init__(self, sample_rate: int) -> None:
        self.delay = max(1, round(_LOOK_AHEAD_SECONDS * sample_rate))
        self._hold = max(1, round(_HOLD_SECONDS * sample_rate))
        # Gain and samples already seen that later output needs; before the sentence there is silence.
        self._gains: FloatSamples = np.ones(self._reach, dtype=np.float32)
        self._samples: FloatSamples = np.zeros(self.delay, dtype=np.float32)
        self._owed = self.delay  # leading silence that must not come out

    @property
    def _reach(self) -> int:
        """Gains before a sample's own that decide on it: averaged over the look-ahead, each held."""
        return self.delay + self._hold + self.delay

    def process(self, samples: FloatSamples) -> FloatSamples:
        """The next output: as many samples as came in, less what is delayed at first."""
        peaks = np.abs(samples)
        needed = np.float32(_CEILING) / np.maximum(peaks, np.float32(_CEILING))
        gains = np.concatenate([self._gains, needed])
        delayed = np.concatenate([self._samples, samples])
        self._gains, self._samples = gains[-self._reach :], delayed[-self.delay :]
        delayed = delayed[: samples.size]
        if gains.min(initial=1.0) < 1.0:
            delayed = delayed * self._smooth(gains)[-samples.size :] if samples.size else delayed
        owed = min(self._owed, delayed.size)
        self._owed -= owed
        return delayed[owed:]

    def finish(self) -> FloatSamples:
        """The samples still owed; the limiter must not be used afterwards."""
        return self.process(np.zeros(self.delay, dtype=np.float32))

    def _smooth(self, gains: FloatSamples) -> FloatSamples:
        """Held and averaged gains; entry n belongs to the sample `delay` before gain n."""
        held = _running_minimum(gains, self.delay + self._hold)
        windows = np.lib.stride_tricks.sliding_window_view(held, self.delay)
        averaged: NDArray[np.float32] = windows.mean(axis=-1, dtype=np.float64).astype(np.float32)
        return averaged


def _running_minimum(values: FloatSamples, length: int) -> FloatSamples:
    """Minimum over each value and the `length - 1` before it, in log2(length) passes.

    The first `length - 1` results are left out.
    """
    result, covered = values, 1
    while covered < length:
        shift = min(covered, length - covered)
        result = np.minimum(result[shift:], result[:-shift])
        covered += shift
    return result
