"""The gain of a voice is measured. All sentences of the voice have the same gain."""

from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeVoice
from tests.fixture_voices import REAL, FixtureVoices
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loudness import measure_gain
from wyoming_piper_serial.model.protocols import FloatSamples, SynthesisOptions
from wyoming_piper_serial.phonemes.types import PhonemeIds, Prepare, as_written
from wyoming_piper_serial.settings import SynthesisSettings


class LevelVoice(FakeVoice):
    """A voice whose consecutive sentences have the given peaks."""

    def __init__(self, *peaks: float) -> None:
        super().__init__()
        self.peaks = list(peaks)

    def run(self, ids: PhonemeIds, options: SynthesisOptions) -> FloatSamples:
        self.peaks.append(self.peaks.pop(0))
        return np.array([0.0, -self.peaks[-1], self.peaks[-1] / 2], dtype=np.float32)


def test_gain_is_the_mean_factor_to_full_scale() -> None:
    """The gain is the geometric mean of the factors that would scale each sentence to full scale. Peaks of 0.25 and 1.0
    give a gain of 2 (6 dB)."""
    assert measure_gain(LevelVoice(0.25, 1.0)) == pytest.approx(2.0)


def test_silent_voice_has_gain_1() -> None:
    """The gain of a silent voice is 1.0."""
    assert measure_gain(LevelVoice(0.0)) == 1.0


def test_voice_that_fails_on_digits_is_measured_with_random_phonemes() -> None:
    """The gain is usually measured with spoken digits. If the phonemizer fails on digits, random phonemes are used
    instead."""

    class NoDigits(LevelVoice):
        def phonemize(self, text: str, prepare: Prepare = as_written) -> "Future[list[PhonemeIds]]":
            future: Future[list[PhonemeIds]] = Future()
            future.set_exception(SynthesisFailed("no digits"))
            return future

    assert measure_gain(NoDigits(0.5)) == pytest.approx(2.0)


def test_real_voice_is_brought_to_full_scale_on_average(fixture_voices: FixtureVoices) -> None:
    """With the gain applied, the peaks of the bundled voice are near full scale on average."""
    voice = fixture_voices.voice(REAL)
    options = SynthesisOptions(synthesis=SynthesisSettings(seed=1))
    peaks = []
    for text in ("The lights are on.", "It is raining in the hills today.", "Shall I close the window?"):
        (ids,) = voice.phonemize(text).result()
        peaks.append(float(np.max(np.abs(voice.speak(ids, options).decode()))) * voice.gain)
    assert all(0.4 < peak < 2.0 for peak in peaks)


def test_gain_is_kept_with_the_parts(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """The gain is cached with the parts, so a second load returns the same gain."""
    name = "en_US-one_old-medium"
    gains = [fixture_voices.load(name, PartsCache(tmp_path)).gain for _ in range(2)]
    assert gains[0] == gains[1] != 1.0
