"""Text to phoneme ids, by the phonemizers of piper-tts."""

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

# A word for each phonemizer that loads data at its first use. Loading takes seconds (Thai's dictionary about twelve),
# so it is done when the voice is loaded. The keys are phoneme types, and `ar`: Arabic text is passed to a model that
# adds the vowels, and then to espeak-ng.
_FIRST_WORDS = {"pinyin": "你好。", "hebrew": "שלום", "japanese": "はい。", "thai": "สวัสดี", "ar": "مرحبا"}


class Phonemizer:
    """The phonemizers of the process, with one lock for each phoneme type. All voices of a process share one instance.

    espeak-ng stores its current voice in process-wide state, so with two callers at once one would get the language of
    the other.
    """

    def __init__(self) -> None:
        self._locks = {kind: threading.Lock() for kind in PhonemeType}

    def phonemize(self, piper: PiperVoice, text: str) -> list[list[str]]:
        """Phonemes of each sentence in `text`. Raises any error of the phonemizer."""
        with self._locks[piper.config.phoneme_type]:
            return piper.phonemize(text)

    def prepare(self, piper: PiperVoice) -> None:
        """Load what the voice's phonemizer needs, without downloads. Raises any error of the phonemizer."""
        kind = piper.config.phoneme_type.value
        word = _FIRST_WORDS.get(piper.config.espeak_voice if kind == "espeak" else kind)
        if word is None:
            return
        if kind == "pinyin":
            # Otherwise piper would download a missing file.
            missing = missing_file(kind, piper.download_dir)
            if missing is not None:
                raise FileNotFoundError(f"{missing} is not beside the voice")
            # `transformers`, which nothing else here imports, reads this variable when it is imported. Without it, the
            # library requests the tokenizer from the network, and waits for minutes if there is no network.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        self.phonemize(piper, word)
        if kind == "pinyin":
            check_tokenizer(piper)


def check_tokenizer(piper: PiperVoice) -> None:
    """Raises FileNotFoundError if the tokenizer has no vocabulary, which `transformers` does not report."""
    tokenizer: Any = vars(piper)["_chinese_phonemizer"].g2p.tokenizer  # piper has no public attribute for it
    if tokenizer.convert_tokens_to_ids("的") in (None, tokenizer.unk_token_id):
        raise FileNotFoundError("the tokenizer named by model_source in g2pW/config.py is not on this machine")


class VoicePhonemizer:
    """Text to the phoneme ids of one voice."""

    def __init__(
        self,
        config: PhonemeConfig,
        phonemizer: Phonemizer,
        max_phonemes: int,
        session: InferenceSession,
        *,
        folder: Path = Path(),
    ) -> None:
        """Load what the voice's phonemizer needs, which may take seconds. Raises VoiceFileError.

        A sentence has at most `max_phonemes`. piper requires the voice's `session`, but phonemes do not depend on it.
        `folder` contains the voice's files.
        """
        self._piper = PiperVoice(session=session, config=PiperConfig.from_dict(dict(config.raw)), download_dir=folder)
        try:
            phonemizer.prepare(self._piper)
        except Exception as error:
            # The phonemizers of some languages are extras of piper-tts. Each raises its own kinds of errors.
            kind = config.phoneme_type
            raise VoiceFileError(config.voice, f"its {kind} phonemizer does not work ({error!r})") from error
        self._phonemizer = phonemizer
        self._id_map = config.id_map
        self._max_phonemes = max_phonemes
        self._warned: set[str] = set()

    def phoneme_ids(self, text: str) -> list[PhonemeIds]:
        """Phoneme ids of each sentence in `text`; a sentence of more than `max_phonemes` becomes several.

        Raises SynthesisFailed.
        """
        try:
            sentences = self._phonemizer.phonemize(self._piper, text)
        except Exception as error:
            raise SynthesisFailed("This text could not be turned into sounds.") from error
        return [
            self._piper.phonemes_to_ids(self._without_unknown(part))
            for sentence in sentences
            for part in split_long(sentence, self._max_phonemes)
        ]

    def _without_unknown(self, phonemes: Sequence[str]) -> list[str]:
        """The phonemes that the voice knows. Each other phoneme is logged once."""
        known = [phoneme for phoneme in phonemes if phoneme in self._id_map]
        if len(known) < len(phonemes):
            new = set(phonemes) - set(self._id_map) - self._warned
            if new:
                self._warned |= new
                _LOGGER.warning("This voice has no sound for %s; left out.", " ".join(sorted(new)))
        return known


def split_long(phonemes: Sequence[str], limit: int) -> Iterable[Sequence[str]]:
    """Cut phonemes into parts of at most `limit`, after the last space in the second half if there is one.

    Few characters can have many phonemes: `%%%` is "percent percent percent".
    """
    while len(phonemes) > limit:
        cut = next((at for at in range(limit, limit // 2, -1) if phonemes[at - 1] == " "), limit)
        yield phonemes[:cut]
        phonemes = phonemes[cut:]
    if phonemes:
        yield phonemes
