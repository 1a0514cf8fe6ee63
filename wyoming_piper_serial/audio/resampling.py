"""Converts streamed PCM to another sample rate."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

# Quality setting of soxr. High quality has a precision of 20 bits and a flat response up to 90 % of the band. It delays
# the output by 5 to 60 ms at rates of 16 to 48 kHz, and by 80 ms at 8 kHz. Because this delay is shorter than the first
# chunk, audio does not start later. Medium quality has the same delay, and low quality attenuates the signal by 20 dB
# at 90 % of the band. Each of these settings takes one millisecond of processor time per second of speech.
_QUALITY = "HQ"
_FULL_SCALE = np.float32(32768)


class Resampler:
    """Resamples one stream of PCM (mono, 16-bit, little-endian). May be used in any thread, but calls must not overlap.

    The output does not depend on how the input is split into calls. The output lags behind the input, and `finish`
    returns the remaining output.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        import soxr  # noqa: PLC0415 -- most servers never need it

        # soxr's output is floating-point, because soxr adds dither to 16-bit output. Dither is random noise, which
        # would make the output depend on how the input is split.
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=_QUALITY)

    def add(self, pcm: bytes) -> bytes:
        """Adds `pcm`, which must consist of whole samples. Returns the resampled PCM that is ready, if any."""
        return self._resample(pcm, last=False) if pcm else b""

    def finish(self) -> bytes:
        """Returns the remaining resampled PCM. Must be called once, after the last `add`.

        The total output has the same duration as the input, within half a sample.
        """
        return self._resample(b"", last=True)

    def _resample(self, pcm: bytes, *, last: bool) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE
        resampled: FloatSamples = self._stream.resample_chunk(samples, last=last)
        # Clip the output, because the waveform between two input samples can exceed both of them.
        steps = np.clip(np.rint(resampled * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1)
        output: NDArray[np.int16] = steps.astype("<i2")
        return output.tobytes()
