"""PCM at another sample rate, while it is still being made."""

import numpy as np
from numpy.typing import NDArray

from wyoming_piper_serial.audio.pcm import FloatSamples

# 20 bits, and flat up to nine tenths of the band. Between 16 and 48 kHz it holds back 5 to 60 ms, down to 8 kHz 80:
# less than the first chunk of speech, so sound starts no later. Medium quality holds back as much, low quality is 20 dB
# down at nine tenths, and none of them is cheaper: about a millisecond of work for a second of speech.
_QUALITY = "HQ"
_FULL_SCALE = np.float32(32768)


class Resampler:
    """One stream of mono sound, 16 bit little-endian. From any thread, one call at a time.

    The output does not depend on how the input is cut. What is held back comes with the next input, or by `finish`.
    """

    def __init__(self, from_rate: int, to_rate: int) -> None:
        import soxr  # noqa: PLC0415 -- most servers never need it

        # Not soxr's own 16 bit: it adds dither, from a random source that differs with the cuts.
        self._stream = soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality=_QUALITY)

    def add(self, pcm: bytes) -> bytes:
        """What is ready; may be empty. `pcm` is whole samples."""
        return self._resample(pcm, last=False) if pcm else b""

    def finish(self) -> bytes:
        """The rest; comes last, once. All together are as long as what came in, to half a sample."""
        return self._resample(b"", last=True)

    def _resample(self, pcm: bytes, *, last: bool) -> bytes:
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / _FULL_SCALE
        made: FloatSamples = self._stream.resample_chunk(samples, last=last)
        # The wave between two samples can be higher than both.
        steps: NDArray[np.int16] = np.clip(np.rint(made * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
        return steps.tobytes()
