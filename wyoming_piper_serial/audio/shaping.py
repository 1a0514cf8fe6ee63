"""Converts the samples of a sentence, which arrive in chunks from the model, to PCM with the configured loudness."""

from typing import Protocol

import numpy as np

from wyoming_piper_serial.audio.limiter import Limiter
from wyoming_piper_serial.audio.pcm import FloatSamples, scale_to_peak, to_pcm
from wyoming_piper_serial.settings import Normalize


class Shaper(Protocol):
    """Converts the chunks of one sentence to PCM. `finish` must be called once, after the last chunk."""

    def process(self, samples: FloatSamples) -> bytes:
        """Adds a chunk of samples. Returns the PCM that is ready, which may contain fewer samples than the chunk."""

    def finish(self) -> bytes:
        """Returns the remaining PCM."""


def shaper(normalize: Normalize, *, gain: float, volume: float, sample_rate: int) -> Shaper:
    """Returns a shaper for one sentence. `normalize` is the mode. `sample_rate` is in hertz.

    In mode `voice`, samples are multiplied by `gain`, which is the same for all sentences of a voice. In mode `off`,
    they are not. In both modes, a limiter keeps the samples below full scale. In mode `sentence`, the sentence is
    scaled to full scale, as in piper-tts, and only `finish` returns PCM. In every mode, samples are also multiplied by
    `volume`, before the limiter or after the scaling.
    """
    if normalize == "sentence":
        return _PeakShaper(volume)
    return _GainShaper((gain if normalize == "voice" else 1.0) * volume, sample_rate)


class _GainShaper:
    def __init__(self, gain: float, sample_rate: int) -> None:
        self._gain = np.float32(gain)  # float32, so that NumPy does not convert the samples to float64
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
