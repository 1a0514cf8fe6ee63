"""Chunks of a sentence, as the model returns them, to PCM of the right loudness."""

from typing import Protocol

import numpy as np

from wyoming_piper_serial.audio.limiter import Limiter
from wyoming_piper_serial.audio.pcm import FloatSamples, scale_to_peak, to_pcm
from wyoming_piper_serial.settings import Normalize


class Shaper(Protocol):
    """The state of one sentence. Call `finish` once, after the last chunk."""

    def process(self, samples: FloatSamples) -> bytes:
        """The PCM that is ready. It may be shorter than `samples`."""

    def finish(self) -> bytes:
        """The remaining PCM."""


def shaper(normalize: Normalize, *, gain: float, volume: float, sample_rate: int) -> Shaper:
    """A shaper for one sentence. `volume` is a further factor in each mode.

    `voice` multiplies by `gain`, which is the same for all sentences. `sentence` scales to full scale, as piper-tts
    does; then only `finish` returns PCM. `off` does not scale. In `voice` and `off`, samples that would exceed full
    scale are limited, not clipped.
    """
    if normalize == "sentence":
        return _PeakShaper(volume)
    return _GainShaper((gain if normalize == "voice" else 1.0) * volume, sample_rate)


class _GainShaper:
    def __init__(self, gain: float, sample_rate: int) -> None:
        self._gain = np.float32(gain)  # a Python float would turn the samples into float64
        self._limiter = Limiter(sample_rate)

    def process(self, samples: FloatSamples) -> bytes:
        return to_pcm(self._limiter.process(samples * self._gain))

    def finish(self) -> bytes:
        return to_pcm(self._limiter.finish())


class _PeakShaper:
    def __init__(self, volume: float) -> None:
        self._volume = volume
        self._chunks: list[FloatSamples] = []

    def process(self, samples: FloatSamples) -> bytes:
        self._chunks.append(samples)
        return b""

    def finish(self) -> bytes:
        return to_pcm(scale_to_peak(np.concatenate(self._chunks)) * np.float32(self._volume)) if self._chunks else b""
