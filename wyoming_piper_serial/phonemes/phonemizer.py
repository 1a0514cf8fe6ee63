"""Text to phoneme ids."""

import logging
import os
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from onnxruntime import InferenceSession
from piper import PiperConfig, PiperVoice
from piper.config import PhonemeType

from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.phonemes.types import PhonemeConfig, PhonemeIds, missing_file

_LOGGER = logging.getLogger(__name__)


# A word for each kind of phonemizer that loads something of its own when it is first used, which takes seconds: Thai's
# dictionary some twelve.
_FIRST_WORDS = {"pinyin": "你好。", "hebrew": "שלום", "japanese": "はい。", "thai": "สวัสดี", "ar": "مرحبا"}


class Phonemizer:
    """The process's one phonemizer, behind one lock over all voices with the same kind of phonemes.

    espeak-ng keeps the current voice in process-wide state: two callers at once read each other's
    language. Every voice of a process shares one Phonemizer.
    """

    def __init__(self) -> None:
        self._locks = {kind: threading.Lock() for kind in PhonemeType}

    def phonemize(self, front: PiperVoice, text: str) -> list[list[str]]:
        """Phonemes of each sentence in `text`."""
        with self._locks[front.config.phoneme_type]:
            return front.phonemize(text)

    def prepare(self, front: PiperVoice) -> None:
        """Load what the voice's phonemizer needs, and download nothing. Raises whatever goes wrong."""
        kind = front.config.phoneme_type.value
        # Arabic goes by espeak-ng, after a model of its own has put in the vowels.
        word = _FIRST_WORDS.get(front.config.espeak_voice if kind == "espeak" else kind)
        if word is None:
            return
        if kind == "pinyin":
            missing = missing_file(kind, front.download_dir)
            if missing is not None:
                raise FileNotFoundError(f"{missing} is not beside the voice")  # piper would download it
            # Read when `transformers` is imported, which nothing else here does. It would ask for the tokenizer by
            # network, for minutes where there is none.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        self.phonemize(front, word)
        if kind == "pinyin":
            check_tokenizer(front)


def check_tokenizer(front: PiperVoice) -> None:
    """Raises FileNotFoundError where `transformers` has made a tokenizer without a vocabulary: it does not say so."""
    tokenizer: Any = vars(front)["_chinese_phonemizer"].g2p.tokenizer  # piper has no other way to it
    if tokenizer.convert_tokens_to_ids("的") in (None, tokenizer.unk_token_id):
        raise FileNotFoundError("the tokenizer named by model_source in g2pW/config.py is not on this machine")


class Frontend:
    """One voice's way from text to phoneme ids.

    `folder` is where the voice lies. Loads what its language needs, which may take seconds. Raises VoiceFileError.
    """

    def __init__(
        self,
        config: PhonemeConfig,
        phonemizer: Phonemizer,
        max_phonemes: int,
        session: InferenceSession,
        *,
        folder: Path = Path(),
    ) -> None:
        piper = PiperConfig.from_dict(dict(config.raw))
        self._piper = PiperVoice(session=session, config=piper, download_dir=folder)
        try:
            phonemizer.prepare(self._piper)
        except Exception as error:
            # Phonemizers of some languages are extras of piper-tts, and each fails in its own way.
            kind = config.phoneme_type
            raise VoiceFileError(config.voice, f"its {kind} phonemizer does not work ({error!r})") from error
        self._phonemizer = phonemizer
        self._known = config.id_map
        self._max_phonemes = max_phonemes
        self._warned: set[str] = set()

    def ids(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`, none of over `max_phonemes` phonemes.

        Raises SynthesisFailed.
        """
        try:
            sentences = self._phonemizer.phonemize(self._piper, text)
        except Exception as error:
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
