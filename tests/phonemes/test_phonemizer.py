"""Text becomes phoneme ids. The phonemes of these voices are letters, so the tests do not need espeak-ng."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from piper import PiperConfig, PiperVoice

from tests.fakes import Gate, voice_config
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.phonemes.phonemizer import Phonemizer, VoicePhonemizer, split_long

_PAD, _BEGIN, _END, _SPACE, _A = 0, 1, 2, 3, 4


def letters_config() -> VoiceConfig:
    return voice_config(phoneme_type="text")


def voice_phonemizer(phonemizer: Phonemizer | None = None, *, max_phonemes: int = 600) -> VoicePhonemizer:
    return VoicePhonemizer(letters_config().phonemes, phonemizer or Phonemizer(), max_phonemes, None)


class FixedPhonemizer(Phonemizer):
    """Returns the phonemes of `sentences`, whatever the text is."""

    def __init__(self, *sentences: str) -> None:
        super().__init__()
        self._sentences = sentences

    def phonemize(self, piper: PiperVoice, text: str) -> list[list[str]]:
        return [list(sentence) for sentence in self._sentences]


class BrokenPhonemizer(Phonemizer):
    """Raises an error like a phonemizer whose extra is not installed."""

    def phonemize(self, piper: PiperVoice, text: str) -> list[list[str]]:
        raise ModuleNotFoundError("No module named 'g2pW'")


class SlowPiper(PiperVoice):
    """A voice whose `phonemize` waits for a gate and fails if it is called concurrently."""

    def __init__(self, config: PiperConfig) -> None:
        super().__init__(session=None, config=config)
        self.gate = Gate()
        self.inside = threading.Semaphore(1)

    def phonemize(self, text: str) -> list[list[str]]:
        assert self.inside.acquire(blocking=False), "two callers at once"
        self.gate.hold()
        self.inside.release()
        return [list(text)]


def test_text_becomes_phoneme_ids() -> None:
    """Text becomes phoneme ids with those of begin, end and pads."""
    assert voice_phonemizer().phoneme_ids("a a") == [[_BEGIN, _PAD, _A, _PAD, _SPACE, _PAD, _A, _PAD, _END]]


def test_each_sentence_of_the_phonemizer_is_a_sentence() -> None:
    """Each sentence that the phonemizer finds becomes a list of ids."""
    assert len(voice_phonemizer(FixedPhonemizer("a", "aa")).phoneme_ids("any text")) == 2


def test_long_sentence_becomes_several() -> None:
    """A sentence of more than `max_phonemes` becomes several, none of which is longer."""
    parts = voice_phonemizer(FixedPhonemizer("a" * 10, "aa"), max_phonemes=4).phoneme_ids("%%%")
    assert [part.count(_A) for part in parts] == [4, 4, 2, 2]


def test_text_without_sound_has_no_ids() -> None:
    """Text without phonemes gives no ids."""
    assert voice_phonemizer(FixedPhonemizer()).phoneme_ids("text") == []
    assert voice_phonemizer(FixedPhonemizer("")).phoneme_ids("text") == []


def test_unknown_phoneme_is_left_out_and_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    """An unknown phoneme is left out and logged once."""
    caplog.set_level(logging.WARNING)
    phonemizer = voice_phonemizer()
    clean = phonemizer.phoneme_ids("aa")
    assert phonemizer.phoneme_ids("azxa") == clean
    assert phonemizer.phoneme_ids("xaza") == clean
    assert phonemizer.phoneme_ids("xayza") == clean
    assert [record.getMessage() for record in caplog.records] == [
        "This voice has no sound for x z; left out.",
        "This voice has no sound for y; left out.",
    ]


def test_failing_phonemizer_is_a_failed_synthesis() -> None:
    """An error of the phonemizer becomes SynthesisFailed, with the error as its cause."""
    with pytest.raises(SynthesisFailed, match="could not be turned into sounds") as caught:
        voice_phonemizer(BrokenPhonemizer()).phoneme_ids("a")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_phonemizer_runs_one_call_at_a_time() -> None:
    """Two voices never use the phonemizer at the same time, because espeak-ng has state for the whole process."""
    phonemizer = Phonemizer()
    piper = SlowPiper(PiperConfig.from_dict(dict(letters_config().phonemes.raw)))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(phonemizer.phonemize, piper, "one")
        second = threads.submit(phonemizer.phonemize, piper, "two")
        assert piper.gate.entered.wait(10)
        piper.gate.open()
        assert first.result(10) == [["o", "n", "e"]]
        assert second.result(10) == [["t", "w", "o"]]


@pytest.mark.parametrize(
    ("phonemes", "limit", "parts"),
    [
        ("", 5, []),
        ("abc", 5, ["abc"]),
        ("abcde", 5, ["abcde"]),
        ("abcdef", 5, ["abcde", "f"]),
        ("abcd ef", 5, ["abcd ", "ef"]),
        ("abc def ghi", 5, ["abc ", "def ", "ghi"]),
        ("a bcdefgh", 5, ["a bcd", "efgh"]),
        ("ab cd efgh", 6, ["ab cd ", "efgh"]),
        ("abc", 1, ["a", "b", "c"]),
        ("     ", 2, ["  ", "  ", " "]),
    ],
)
def test_phonemes_are_cut_between_words(phonemes: str, limit: int, parts: list[str]) -> None:
    """Phonemes are cut after the last space of the second half, or at the limit if there is none."""
    assert list(split_long(phonemes, limit)) == parts


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 600])
def test_no_phoneme_is_lost_by_a_cut(limit: int) -> None:
    """A cut loses no phonemes, and each part is between 1 and `limit` phonemes long."""
    phonemes = "ab c defgh " * 100
    parts = ["".join(part) for part in split_long(phonemes, limit)]
    assert "".join(parts) == phonemes
    assert all(0 < len(part) <= limit for part in parts)
