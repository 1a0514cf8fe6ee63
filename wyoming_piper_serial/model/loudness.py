"""Measures the gain of a voice, a single factor by which all its sentences are multiplied.

Piper multiplies each sentence by the factor that brings its peak to full scale. This requires decoding the whole
sentence first, and the loudness varies from sentence to sentence. The gain is the geometric mean of these factors over
several sentences.
"""

import math
from collections.abc import Iterator

import numpy as np

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.protocols import SynthesisOptions, Voice
from wyoming_piper_serial.phonemes.types import PhonemeIds
from wyoming_piper_serial.settings import SynthesisSettings

# espeak-ng reads digits as words in every language, so any voice that uses espeak-ng can speak these texts.
_TEXTS = ("7, 12, 45.", "1 9 8 4.", "30 61 2 15 8?", "4 50 6, 77 18 9 20.", "11!", "90 3 8, 16 5. 2 40 70.")
_SYNTHESIS = SynthesisSettings(seed=0)
_MIN_IDS = 8  # Minimum number of ids in a sentence. A phonemizer that returns fewer cannot read digits.
_RANDOM_PHONEMES = 60  # Number of phonemes in a random sentence.
_RANDOM_SENTENCES = 6
_MAX_GAIN = 20.0  # maximum gain, 26 dB; a sentence that would need a higher gain is nearly silent and is ignored


def measure_gain(voice: Voice) -> float:
    """Returns the gain of a voice: the geometric mean of 1 / peak over a few sentences. Ignores sentences that fail or
    are nearly silent. Returns 1.0 if no other sentences remain."""
    options = SynthesisOptions(synthesis=_SYNTHESIS, speaker=voice.config.speaker_number(None))
    peaks = []
    for ids in sample_sentences(voice):
        try:
            samples = voice.speak(ids, options).decode()
        except SynthesisFailed:
            continue
        peaks.append(float(np.max(np.abs(samples))))
    loud = [peak for peak in peaks if peak > 1 / _MAX_GAIN]
    return math.exp(-sum(map(math.log, loud)) / len(loud)) if loud else 1.0


def sample_sentences(voice: Voice) -> Iterator[PhonemeIds]:
    """Yields sentences of digits. If the voice's phonemizer cannot convert one, continues with random sentences."""
    for text in _TEXTS:
        try:
            sentences = [ids for ids in voice.phonemize(text).result() if len(ids) >= _MIN_IDS]
        except SynthesisFailed:
            sentences = []
        if not sentences:
            yield from _random_sentences(voice)
            return
        yield from sentences


def _random_sentences(voice: Voice) -> Iterator[PhonemeIds]:
    """Yields sentences of random phoneme ids. Each call yields the same sentences."""
    id_map = voice.config.phonemes.id_map
    sounds = [number for phoneme, ids in id_map.items() if phoneme not in {"^", "$", "_"} for number in ids]
    rng = np.random.default_rng(0)
    for _ in range(_RANDOM_SENTENCES):
        padded = [number for sound in rng.choice(sounds, _RANDOM_PHONEMES) for number in (int(sound), *id_map["_"])]
        yield [*id_map["^"], *id_map["_"], *padded, *id_map["$"]]
