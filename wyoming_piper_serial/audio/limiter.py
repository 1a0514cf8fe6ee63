"""Keeps the samples of a sentence below full scale without waiting for the end of the sentence."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

# Maximum absolute value of the output. It is below full scale, so that later resampling rarely clips.
_CEILING = 0.98

# Time in seconds over which the gain falls before a peak. It is long enough to avoid an audible click.
_LOOK_AHEAD_SECONDS = 0.005

# Time in seconds for which a low gain is held. It is longer than one period of the deepest voice, so that the gain does
# not follow the waveform.
_HOLD_SECONDS = 0.05


class Limiter:
    """A look-ahead limiter for one sentence.

    For each sample, the limiter computes the gain that keeps the sample below the ceiling. It holds low gains for a
    while, and averages the held gains over the look-ahead time. As a result, the gain falls smoothly, and is low enough
    when the peak arrives. Samples that are not near a peak above the ceiling are not changed.

    The output lags `delay` samples behind the input, and `finish` returns the remaining samples. The output does not
    depend on how the input is split into calls, because each gain is computed from the same neighbouring samples in the
    same order.
    """

    def __init__(self, sample_rate: int) -> None:
        self.delay = max(1, round(_LOOK_AHEAD_SECONDS * sample_rate))
        self._hold = max(1, round(_HOLD_SECONDS * sample_rate))
        # Gains and samples of earlier input that still affect the output. The initial values represent silence before
        # the sentence.
        self._gains: FloatSamples = np.ones(self._history, dtype=np.float32)
        self._samples: FloatSamples = np.zeros(self.delay, dtype=np.float32)
        # Number of initial silent samples that still have to be removed from the output.
        self._leading_silence = self.delay

    @property
    def _history(self) -> int:
        """Number of earlier gains that are kept, because they can affect the next output.

        The running minimum covers `delay + _hold` gains, and the average covers another `delay` gains.
        """
        return self.delay + self._hold + self.delay

    def process(self, samples: FloatSamples) -> FloatSamples:
        """Adds `samples` and returns the next output.

        Returns as many samples as are passed in. At the beginning of a sentence, returns `delay` fewer samples in
        total.
        """
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
        """Returns the remaining samples. The limiter must not be used afterwards."""
        return self.process(np.zeros(self.delay, dtype=np.float32))

    def _smooth(self, gains: FloatSamples) -> FloatSamples:
        """Returns the smoothed gains: low values are held for a while, and the held values are averaged.

        `gains` has one value per sample. The last returned gain belongs to the sample that is `delay` samples before
        the last one.
        """
        held = _running_minimum(gains, self.delay + self._hold)
        windows = np.lib.stride_tricks.sliding_window_view(held, self.delay)
        averaged: NDArray[np.float32] = windows.mean(axis=-1, dtype=np.float64).astype(np.float32)
        return averaged


def _running_minimum(values: FloatSamples, length: int) -> FloatSamples:
    """Returns, for each value, the minimum of this value and the `length - 1` values before it.

    Omits the results for the first `length - 1` values. Takes about log2(length) passes over the values.
    """
    result, covered = values, 1
    while covered < length:
        shift = min(covered, length - covered)
        result = np.minimum(result[shift:], result[:-shift])
        covered += shift
    return result
