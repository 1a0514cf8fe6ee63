"""How loud a voice is: one gain for all its sentences.

Piper scales each sentence to full scale by its highest sample. That needs the whole sentence, and makes
loudness jump from sentence to sentence. The gain here is what that scaling comes to on average.
"""

import math
from collections.abc import Iterator

import numpy as np

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.voice import SynthesisOptions, Voice
from wyoming_piper_serial.phonemes.types import PhonemeIds
from wyoming_piper_serial.settings import SynthesisSettings

# Digits are words in every language that espeak-ng knows, so any voice can speak these.
_TEXTS = ("7, 12, 45.", "1 9 8 4.", "30 61 2 15 8?", "4 50 6, 77 18 9 20.", "11!", "90 3 8, 16 5. 2 40 70.")
_STYLE = SynthesisSettings(seed=0)
_SHORTEST = 8  # ids; a voice whose phonemizer makes less of digits is given made-up words
_MADE_UP_IDS = 60
_MADE_UP_SENTENCES = 6
_HIGHEST = 20.0  # a gain of 26 dB and more would be that of a voice that only breathes


def measure_gain(voice: Voice) -> float:
    """The geometric mean of 1 / peak over some sentences. 1.0 for a voice that makes no sound."""
    options = SynthesisOptions(synthesis=_STYLE, speaker=voice.config.speaker_number(None))
    peaks = []
    for ids in _sentences(voice):
        try:
            samples = voice.speak(ids, options).decode()
        except SynthesisFailed:
            continue
        peaks.append(float(np.max(np.abs(samples))))
    loud = [peak for peak in peaks if peak > 1 / _HIGHEST]
    return math.exp(-sum(map(math.log, loud)) / len(loud)) if loud else 1.0


def _sentences(voice: Voice) -> Iterator[PhonemeIds]:
    for text in _TEXTS:
        try:
            spoken = [ids for ids in voice.phonemize(text) if len(ids) >= _SHORTEST]
        except SynthesisFailed:
            spoken = []
        if not spoken:
            break
        yield from spoken
    else:
        return
    id_map = voice.config.phonemes.id_map
    sounds = [number for phoneme, numbers in id_map.items() if phoneme not in {"^", "$", "_"} for number in numbers]
    rng = np.random.default_rng(0)
    for _ in range(_MADE_UP_SENTENCES):
        middle = [number for sound in rng.choice(sounds, _MADE_UP_IDS) for number in (int(sound), *id_map["_"])]
        yield [*id_map["^"], *id_map["_"], *middle, *id_map["$"]]
