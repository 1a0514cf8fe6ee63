"""Converts floating-point samples to 16-bit PCM."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio import SAMPLE_WIDTH as SAMPLE_WIDTH

FloatSamples = NDArray[np.float32]
"""Mono audio, shape (samples,), with full scale at 1.0."""

_FULL_SCALE = 32767.0

# A sentence with a lower peak is treated as silent. Its samples are only rounding errors, which would be audible as
# noise if they were amplified.
_SILENT = 1e-8


@dataclass(frozen=True, kw_only=True)
class AudioFormat:
    """The format of a PCM stream. The fields have the same names as in Wyoming's audio events."""

    rate: int
    """Samples per second."""

    width: int = SAMPLE_WIDTH
    """Number of bytes per sample."""

    channels: int = 1


def scale_to_peak(samples: FloatSamples) -> FloatSamples:
    """Scales a whole sentence to a peak of 1.0, as piper-tts does. Returns zeros for a silent sentence."""
    peak = float(np.max(np.abs(samples), initial=0.0))
    if peak < _SILENT:
        return np.zeros_like(samples)
    return samples / np.float32(peak)


def to_pcm(samples: FloatSamples) -> bytes:
    """Clips `samples` to full scale and rounds them to little-endian 16-bit integers."""
    pcm: NDArray[np.int16] = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE).astype("<i2")
    return pcm.tobytes()


def silence(seconds: float, sample_rate: int) -> bytes:
    """Returns `seconds` of silence as PCM, rounded to a whole number of samples."""
    return bytes(round(seconds * sample_rate) * SAMPLE_WIDTH)
