"""Text to phoneme ids, with piper's own front end for voices that are trained on letters: it needs no espeak-ng."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from piper import PiperConfig, PiperVoice

from tests.fakes import Gate, voice_config
from wyoming_piper_serial.exceptions import SynthesisFailed
from wyoming_piper_serial.model.config import VoiceConfig
from wyoming_piper_serial.phonemes.phonemizer import Frontend, Phonemizer, split_long

_PAD, _BEGIN, _END, _SPACE, _A = 0, 1, 2, 3, 4


def letters_config() -> VoiceConfig:
    return voice_config(phoneme_type="text")


def frontend(phonemizer: Phonemizer | None = None, *, max_phonemes: int = 600) -> Frontend:
    return Frontend(letters_config().phonemes, phonemizer or Phonemizer(), max_phonemes, None)


class FixedPhonemizer(Phonemizer):
    """Says the same of every text."""

    def __init__(self, *sentences: str) -> None:
        super().__init__()
        self._sentences = sentences

    def phonemize(self, front: PiperVoice, text: str) -> list[list[str]]:
        return [list(sentence) for sentence in self._sentences]


class BrokenPhonemizer(Phonemizer):
    """Fails as one does whose extra is not installed."""

    def phonemize(self, front: PiperVoice, text: str) -> list[list[str]]:
        raise ModuleNotFoundError("No module named 'g2pW'")


class SlowFront(PiperVoice):
    """Stays inside of `phonemize` until its gate is opened; notices a second caller."""

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
    """Between begin and end, with pads as the voice was trained."""
    assert frontend().ids("a a") == [[_BEGIN, _PAD, _A, _PAD, _SPACE, _PAD, _A, _PAD, _END]]


def test_each_sentence_of_the_phonemizer_is_one_of_ours() -> None:
    """The phonemizer may find more ends than the splitter."""
    assert len(frontend(FixedPhonemizer("a", "aa")).ids("whatever")) == 2


def test_long_sentence_is_more_than_one() -> None:
    """Few characters can be many phonemes; none of the parts is longer than the limit."""
    parts = frontend(FixedPhonemizer("a" * 10, "aa"), max_phonemes=4).ids("%%%")
    assert [part.count(_A) for part in parts] == [4, 4, 2, 2]


def test_text_without_sound_has_no_ids() -> None:
    """Nothing to say is no sentence."""
    assert frontend(FixedPhonemizer()).ids("text") == []
    assert frontend(FixedPhonemizer("")).ids("text") == []


def test_unknown_phoneme_is_left_out_and_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    """A voice that lacks a sound says the rest, and does not fill the log."""
    caplog.set_level(logging.WARNING)
    front = frontend()
    clean = front.ids("aa")
    assert front.ids("azxa") == clean
    assert front.ids("xaza") == clean
    assert front.ids("xayza") == clean
    assert [record.getMessage() for record in caplog.records] == [
        "This voice has no sound for x z; left out.",
        "This voice has no sound for y; left out.",
    ]


def test_failing_phonemizer_is_a_failed_synthesis() -> None:
    """Whatever it raises, the client is told in plain words and the log keeps the cause."""
    with pytest.raises(SynthesisFailed, match="could not be turned into sounds") as caught:
        frontend(BrokenPhonemizer()).ids("a")
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


def test_phonemizer_lets_in_one_voice_at_a_time() -> None:
    """A second voice waits until the first is out: espeak-ng's language is process-wide."""
    phonemizer = Phonemizer()
    front = SlowFront(PiperConfig.from_dict(dict(letters_config().phonemes.raw)))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(phonemizer.phonemize, front, "one")
        second = threads.submit(phonemizer.phonemize, front, "two")
        assert front.gate.entered.wait(10)
        front.gate.open()
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
    """At the last space of the second half; where there is none, in the middle of a word."""
    assert list(split_long(phonemes, limit)) == parts


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 600])
def test_cut_phonemes_are_all_there(limit: int) -> None:
    """Nothing is lost and no part is too long."""
    phonemes = "ab c defgh " * 100
    parts = ["".join(part) for part in split_long(phonemes, limit)]
    assert "".join(parts) == phonemes
    assert all(0 < len(part) <= limit for part in parts)
