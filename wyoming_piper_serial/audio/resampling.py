"""Streamed PCM to another sample rate."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

# 20 bits, flat up to 90 % of the band. The output is delayed by 5 to 60 ms at rates of 16 to 48 kHz, and by 80 ms at 8
# kHz. This is less than the first chunk of speech, so audio does not start later. Medium quality has the same delay,
# and low quality is 20 dB down at 90 % of the band. Neither is cheaper: a second of speech takes a millisecond of work.
_QUALITY = "HQ"
_FULL_SCALE = np.float32(32768)


class Resampler:
    """One stream of PCM: mono, 16-bit, little-endian. Calls must not overlap, but can be made from any thread.

    The output does not depend on how the input is split. It is delayed; `finish` returns the rest.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        import soxr  # noqa: PLC0415 -- most servers never need it

        # Floats, because soxr adds dither to 16-bit output: random numbers that depend on how the input is split.
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=_QUALITY)

    def add(self, pcm: bytes) -> bytes:
        """Add PCM of whole samples. Returns the output that is ready, which may be empty."""
        return self._resample(pcm, last=False) if pcm else b""

    def finish(self) -> bytes:
        """Return the rest of the output. Call it once, last.

        The whole output lasts as long as the input, to half a sample.
        """
        return self._resample(b"", last=True)

    def _resample(self, pcm: bytes, *, last: bool) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE
        resampled: FloatSamples = self._stream.resample_chunk(samples, last=last)
        # Clipped, because the waveform between two samples can be higher than both.
        steps = np.clip(np.rint(resampled * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        output: NDArray[np.int16] = steps.astype("<i2")
        return output.tobytes()
