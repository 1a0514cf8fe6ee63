"""Text to phoneme ids."""

import logging
import threading
from collections.abc import Iterable, Sequence

from onnxruntime import InferenceSession
from piper import PiperConfig, PiperVoice

from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.voice.config import VoiceConfig
from wyoming_piper_serial.voice.voice import PhonemeIds

_LOGGER = logging.getLogger(__name__)


class Phonemizer:
    """The process's one phonemizer, behind one lock over all voices.

    espeak-ng keeps the current voice in process-wide state: two callers at once read each other's
    language. Every voice of a process shares one Phonemizer.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def phonemize(self, front: PiperVoice, text: str) -> list[list[str]]:
        """Phonemes of each sentence in `text`."""
        with self._lock:
            return front.phonemize(text)


class Frontend:
    """One voice's way from text to phoneme ids."""

    def __init__(
        self, config: VoiceConfig, phonemizer: Phonemizer, max_phonemes: int, session: InferenceSession
    ) -> None:
        self._piper = PiperVoice(session=session, config=PiperConfig.from_dict(dict(config.piper.raw)))
        self._phonemizer = phonemizer
        self._known = config.piper.phoneme_id_map
        self._max_phonemes = max_phonemes
        self._warned: set[str] = set()

    def ids(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`, none of over `max_phonemes` phonemes.

        Raises SynthesisFailed.
        """
        try:
            sentences = self._phonemizer.phonemize(self._piper, text)
        except Exception as error:
            # Phonemizers of some languages are extras of piper-tts, and each fails in its own way.
            raise SynthesisFailed("This text could not be turned into sounds.") from error
        return [
            self._piper.phonemes_to_ids(self._known_only(part))
            for sentence in sentences
            for part in split_long(sentence, self._max_phonemes)
        ]

    def _known_only(self, phonemes: Sequence[str]) -> list[str]:
        """Phonemes that the voice has learnt; a phoneme it lacks is reported once, not every time."""
        known = [phoneme for phoneme in phonemes if phoneme in self._known]
        if len(known) < len(phonemes):
            new = set(phonemes) - set(self._known) - self._warned
            if new:
                self._warned |= new
                _LOGGER.warning("This voice has no sound for %s; left out.", " ".join(sorted(new)))
        return known


def split_long(phonemes: Sequence[str], limit: int) -> Iterable[Sequence[str]]:
    """Cut phonemes into parts of at most `limit`, between words where there is a space.

    Text of few characters can be very long speech (`%%%` is "percent percent percent").
    """
    while len(phonemes) > limit:
        cut = next((at for at in range(limit, limit // 2, -1) if phonemes[at - 1] == " "), limit)
        yield phonemes[:cut]
        phonemes = phonemes[cut:]
    if phonemes:
        yield phonemes
