"""From a sentence's raw samples, in chunks, to PCM at the right loudness."""

from typing import Protocol

import numpy as np

from wyoming_piper_serial.audio.limiter import Limiter
from wyoming_piper_serial.audio.pcm import FloatSamples, scale_to_peak, to_pcm
from wyoming_piper_serial.settings import Normalize


class Shaper(Protocol):
    """One sentence. `finish` comes last, once."""

    def process(self, samples: FloatSamples) -> bytes:
        """PCM that is ready; may lag behind `samples`."""

    def finish(self) -> bytes:
        """The rest."""


def shaper(normalize: Normalize, *, gain: float, volume: float, sample_rate: int) -> Shaper:
    """`voice`: the voice's `gain`, the same for every sentence. `sentence`: each to full scale, as piper-tts
    does, which needs all of it first. `off`: as the model made it. `volume` multiplies any of them.
    """
    if normalize == "sentence":
        return _PeakShaper(volume)
    return _GainShaper((gain if normalize == "voice" else 1.0) * volume, sample_rate)


class _GainShaper:
    def __init__(self, gain: float, sample_rate: int) -> None:
        self._gain = np.float32(gain)  # a Python float would make the samples double
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
