"""The three modes of `--normalize`: one gain for the voice, each sentence scaled to full scale, or no change."""

import numpy as np
import pytest

from wyoming_piper_serial.audio.pcm import FloatSamples, scale_to_peak, to_pcm
from wyoming_piper_serial.audio.shaping import shaper
from wyoming_piper_serial.settings import Normalize

_QUIET = np.linspace(-0.2, 0.3, 4000, dtype=np.float32)


def shaped(normalize: Normalize, samples: FloatSamples, *, gain: float = 2.0, volume: float = 1.0) -> bytes:
    shaping = shaper(normalize, gain=gain, volume=volume, sample_rate=22_050)
    return shaping.process(samples[:1000]) + shaping.process(samples[1000:]) + shaping.finish()


@pytest.mark.parametrize(
    ("normalize", "volume", "expected"),
    [
        ("voice", 1.0, to_pcm(_QUIET * np.float32(2.0))),
        ("voice", 0.5, to_pcm(_QUIET)),
        ("off", 1.0, to_pcm(_QUIET)),
        ("off", 2.0, to_pcm(_QUIET * np.float32(2.0))),
        ("sentence", 1.0, to_pcm(scale_to_peak(_QUIET))),
        ("sentence", 0.5, to_pcm(scale_to_peak(_QUIET) * np.float32(0.5))),
    ],
)
def test_samples_are_scaled_by_gain_and_volume(normalize: Normalize, volume: float, expected: bytes) -> None:
    """Mode `voice` multiplies samples by the gain of the voice, `sentence` scales each sentence to full scale, and
    `off` does neither. All modes also multiply samples by the volume."""
    assert shaped(normalize, _QUIET, volume=volume) == expected


@pytest.mark.parametrize("normalize", ["voice", "off"])
def test_speech_does_not_wait_for_the_sentence(normalize: Normalize) -> None:
    """In modes `voice` and `off`, `process` immediately returns all samples except the limiter's look-ahead."""
    shaping = shaper(normalize, gain=1.0, volume=1.0, sample_rate=22_050)
    assert len(shaping.process(_QUIET)) / 2 > _QUIET.size - 200


def test_scaling_to_full_scale_waits_for_the_whole_sentence() -> None:
    """In mode `sentence`, `process` returns no samples, and `finish` returns the whole sentence."""
    shaping = shaper("sentence", gain=1.0, volume=1.0, sample_rate=22_050)
    assert shaping.process(_QUIET) == b""
    assert len(shaping.finish()) == 2 * _QUIET.size


@pytest.mark.parametrize("normalize", ["voice", "off"])
def test_too_loud_samples_are_limited_not_clipped(normalize: Normalize) -> None:
    """A limiter reduces samples above full scale, so that no sample is clipped."""
    pcm = np.frombuffer(shaped(normalize, _QUIET * 20, gain=3.0, volume=2.0), dtype="<i2")
    assert int(np.max(np.abs(pcm.astype(int)))) < 32767
