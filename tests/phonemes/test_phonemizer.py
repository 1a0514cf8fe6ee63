"""Text is converted to the phoneme ids of a voice. Text that cannot be converted is skipped, and a warning is
logged."""

import ast
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import piper
import pytest
from piper import PiperVoice
from piper.config import PiperConfig

from tests.fakes import FakeClock, raw_config, voice_config
from tests.fixture_voices import phonemizers
from wyoming_piper_serial.exceptions import SynthesisFailed, VoiceFileError
from wyoming_piper_serial.phonemes.client import (
    PhonemizerDied,
    PhonemizerError,
    PhonemizerProcess,
    PhonemizerUnavailable,
)
from wyoming_piper_serial.phonemes.killers import Killers
from wyoming_piper_serial.phonemes.phonemizer import Phonemizers, VoicePhonemizer, phonemes_to_ids, split_long
from wyoming_piper_serial.phonemes.types import PINYIN_FOLDER, PINYIN_GROUP_ENDS, PhonemeIds

_PAD, _BEGIN, _END, _SPACE, _A = 0, 1, 2, 3, 4


class FakeProcess(PhonemizerProcess):
    """A fake process that returns each letter as a phoneme, and raises `error` if the text contains "bad"."""

    def __init__(self, error: type[Exception] = PhonemizerDied, *, deaths: int = 0, cost: float = 0.0) -> None:
        """The first `deaths` calls to `load` raise PhonemizerDied. Each request uses the fraction `cost` of the
        processor time limit.
        """
        self._deaths = deaths
        self._cost = cost
        self.killers, self.bad_pieces = Killers(), Killers()
        self.shares: list[float] = []
        self.asked: list[str] = []
        self.loaded: list[dict[str, Any]] = []
        self._error = error

    def submit(self, function: Callable[..., Any], *args: Any, **options: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **options))
        except Exception as error:  # noqa: BLE001 -- as an executor does
            future.set_exception(error)
        return future

    def ask(self, request: dict[str, Any], *, share: float = 1.0) -> Any:
        text = request["text"]
        self.asked.append(text)
        self.shares.append(share)
        self.spent = min(share, self._cost)
        if "once" in text and self.asked.count(text) == 1:
            raise self._error("signal 9")
        if "long" in text:
            return [["a" * 1000, "", True]]
        if "bad" in text:
            raise self._error("signal 11")
        return [[text, "", True]]

    def load(self, request: dict[str, Any]) -> Any:
        self.loaded.append(request)
        if len(self.loaded) <= self._deaths:
            raise PhonemizerDied("signal 9")
        if self._error is PhonemizerError:
            raise PhonemizerError("ModuleNotFoundError: of an extra")


class FakePhonemizers(Phonemizers):
    def __init__(self, process: FakeProcess) -> None:
        super().__init__()
        self.kinds: list[str] = []
        self._process = process

    def process(self, kind: str) -> PhonemizerProcess:
        self.kinds.append(kind)
        return self._process


def phonemizer(
    process: FakeProcess | None = None, *, max_phonemes: int = 600, clock: FakeClock | None = None, **options: Any
) -> VoicePhonemizer:
    config = voice_config(
        phoneme_id_map={"_": [_PAD], "^": [_BEGIN], "$": [_END], " ": [_SPACE], "a": [_A], "b": [5], "d": [6]}
    )
    return VoicePhonemizer(
        config.phonemes,
        FakePhonemizers(process or FakeProcess()),
        max_phonemes,
        clock=clock or FakeClock(),
        **options,
    )


def ids(*phonemes: int) -> list[int]:
    return [_BEGIN, _PAD, *(number for phoneme in phonemes for number in (phoneme, _PAD)), _END]


def result(future: "Future[list[PhonemeIds]]") -> list[list[int]]:
    return [list(sentence) for sentence in future.result()]


def test_text_becomes_phoneme_ids() -> None:
    """The phoneme ids of a text include those of the start symbol, the end symbol and the padding."""
    assert result(phonemizer().phoneme_ids("a a")) == [ids(_A, _SPACE, _A)]


def test_voice_of_letters_needs_no_process() -> None:
    """The phonemes of a voice of type `text` are letters and accents. Texts for such a voice are prepared in a thread,
    so that the text rules do not block the event loop."""
    config = voice_config(phoneme_type="text", phoneme_id_map={"_": [0], "^": [1], "$": [2], "e": [4], "\u0301": [5]})
    shared = FakePhonemizers(FakeProcess())
    letters = VoicePhonemizer(config.phonemes, shared, 600)
    letters.finish_loading()
    threads: list[threading.Thread] = []

    def prepare(text: str) -> str:
        threads.append(threading.current_thread())
        return text

    assert result(letters.phoneme_ids("é", prepare)) == [ids(4, 5)]
    assert threads[0] is not threading.current_thread()
    shared.close()


def test_pronunciation_has_the_phonemes_of_the_ids() -> None:
    """`pronunciation` returns the spoken form of a text and the phonemes of each model run, without unknown
    phonemes."""
    assert phonemizer(max_phonemes=3).pronunciation("a xb").result() == ("a xb", "a xb", ["a ", "b"])
    found = phonemizer(max_phonemes=3).pronunciation("ab", lambda text: f"{text} dxab").result()
    assert found == ("ab", "ab dxab", ["ab ", "da", "b"])


def test_text_that_cannot_be_read_has_no_phonemes(caplog: pytest.LogCaptureFixture) -> None:
    """If the phonemizer cannot convert a text, its pronunciation has no phonemes, and a warning is logged."""
    assert phonemizer().pronunciation("bad").result() == ("bad", "bad", [])
    assert "failed to convert 3 characters" in caplog.text


def test_raw_phonemes_are_spoken_with_every_phonemizer() -> None:
    """Text in double brackets is treated as phonemes by all phonemizers, and for voices of type `text`."""
    config = voice_config(phoneme_type="text", phoneme_id_map={"_": [0], "^": [1], "$": [2], "e": [4], "[": [5]})
    letters = VoicePhonemizer(config.phonemes, FakePhonemizers(FakeProcess()), 600)
    assert result(letters.phoneme_ids("e[[e]]e")) == [ids(4, 4, 4)]
    process = FakeProcess()
    process.ask = lambda request, **_: [[*request["text"]]]  # type: ignore[method-assign]
    process.spent = 0.0
    config = voice_config(phoneme_type="japanese", phoneme_id_map={"_": [0], "^": [1], "$": [2], "a": [4], "は": [5]})
    japanese = VoicePhonemizer(config.phonemes, FakePhonemizers(process), 600)
    assert result(japanese.phoneme_ids("は[[aa]]は")) == [ids(5, 4, 4, 5)]


def test_long_sentence_becomes_several() -> None:
    """A sentence with more than `max_phonemes` phonemes is split into sentences of at most that length."""
    assert list(map(len, result(phonemizer(max_phonemes=4).phoneme_ids("a" * 10)))) == [11, 11, 7]


def test_text_without_sound_has_no_ids() -> None:
    """A text without phonemes has no sentences."""
    assert result(phonemizer().phoneme_ids("")) == []


@pytest.mark.parametrize(
    ("log_text", "messages"),
    [
        (False, ["2 (--log-text shows them)", "1 (--log-text shows them)"]),
        (True, ["x z", "y"]),
    ],
)
def test_unknown_phoneme_is_left_out_and_logged_once(
    log_text: bool, messages: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    """An unknown phoneme is skipped and logged once. The log line names the phoneme only if texts may be logged."""
    caplog.set_level(logging.WARNING)
    voice = phonemizer(log_text=log_text)
    clean = result(voice.phoneme_ids("aa"))
    for text in ("azxa", "xaza", "xayza"):
        assert result(voice.phoneme_ids(text)) == clean
    assert caplog.messages == [
        f"Voice en_US-fake-medium lacks phonemes, which are skipped: {names}" for names in messages
    ]


@pytest.mark.parametrize("error", [PhonemizerDied, PhonemizerError])
def test_only_the_pieces_that_fail_are_left_out(error: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """If the phonemizer fails on a sentence, the sentence is converted in pieces. Only the pieces that fail are
    skipped. Each time, the log states how much is skipped."""
    caplog.set_level(logging.WARNING)
    process = FakeProcess(error)
    text = "a" * 50 + " bad " + "b" * 50
    voice = phonemizer(process)
    (spoken,) = result(voice.phoneme_ids(text))
    assert (spoken.count(_A), spoken.count(5)) in [(50, 0), (0, 50)]
    assert process.asked[0] == text
    assert all(len(asked) <= 60 for asked in process.asked[1:])
    assert len(caplog.messages) == 3
    assert caplog.messages[-1] == "54 of 105 characters of a sentence were skipped"
    assert not any("bad" in message or "aaa" in message for message in caplog.messages)
    assert "failed to convert 105 characters (digest " in caplog.messages[0]
    caplog.clear()
    assert result(voice.phoneme_ids(text)) == [spoken]
    assert caplog.messages == ["54 of 105 characters of a sentence were skipped"]


def test_text_that_cannot_be_read_at_all_is_a_failed_synthesis() -> None:
    """If all pieces fail, SynthesisFailed is raised."""
    with pytest.raises(SynthesisFailed, match="could not be converted to phonemes"):
        phonemizer().phoneme_ids("bad").result()


def test_known_killer_is_not_tried_again_for_a_while() -> None:
    """A text that crashed the phonemizer is not sent to the phonemizer again for ten minutes."""
    process, clock = FakeProcess(), FakeClock()
    voice = phonemizer(process, clock=clock)
    for _ in range(1000):
        with pytest.raises(SynthesisFailed):
            voice.phoneme_ids("bad").result()
    assert process.asked == ["bad", "bad"]
    clock.advance(600)
    with pytest.raises(SynthesisFailed):
        voice.phoneme_ids("bad").result()
    assert process.asked == ["bad"] * 4


def test_death_that_is_not_the_fault_of_a_text_costs_nothing() -> None:
    """If the phonemizer process dies during a text that is too short to be split, the text is retried once, because the
    process may have died for another reason. If the second attempt succeeds, the text is not remembered as the
    cause."""
    process = FakeProcess()
    voice = phonemizer(process)
    for _ in range(3):
        assert result(voice.phoneme_ids("once a")) == [ids(_SPACE, _A, _SPACE)]
    assert process.asked == ["once a"] * 4


def test_text_is_not_blamed_if_there_is_no_process(caplog: pytest.LogCaptureFixture) -> None:
    """If no process can be started, the request fails. The next request for the same text tries again."""
    process = FakeProcess(PhonemizerUnavailable)
    voice = phonemizer(process)
    for count in (1, 2):
        with pytest.raises(SynthesisFailed):
            voice.phoneme_ids("bad").result()
        assert process.asked == ["bad"] * count
    assert "not available" in caplog.messages[0]


def test_all_requests_for_a_sentence_share_its_time() -> None:
    """All requests for the parts of a sentence share one processor time limit. When this limit is used up, the sentence
    is converted in pieces. All pieces together get the same limit again."""
    process = FakeProcess(cost=0.3)
    with pytest.raises(SynthesisFailed):
        phonemizer(process).phoneme_ids("a long text " * 40).result()
    sentence, pieces = process.shares[:4], process.shares[4:]
    assert sentence == pytest.approx([1.0, 0.7, 0.4, 0.1])
    assert sum(min(share, 0.3) for share in pieces) <= 1.0
    assert max(pieces) <= 0.5


def test_number_of_deaths_for_a_sentence_is_bounded() -> None:
    """After four failed pieces of a sentence, the remaining pieces are skipped, so that other requests are not
    delayed."""
    process = FakeProcess()
    with pytest.raises(SynthesisFailed):
        phonemizer(process).phoneme_ids(" ".join(f"bad{number}" for number in range(200))).result()
    assert len(process.asked) == 5


def test_phonemizer_that_does_not_load_breaks_the_voice() -> None:
    """If the phonemizer cannot be loaded, VoiceFileError is raised with the reason."""
    with pytest.raises(VoiceFileError) as caught:
        phonemizer(FakeProcess(PhonemizerError)).finish_loading()
    assert "its espeak phonemizer does not work (ModuleNotFoundError: of an extra)" in caught.value.detail


def test_phonemizer_that_is_killed_while_it_loads_is_loaded_again() -> None:
    """If the process dies while it loads the phonemizer, loading is retried once. If the process dies again, loading
    fails."""
    process = FakeProcess(deaths=1)
    phonemizer(process).finish_loading()
    assert len(process.loaded) == 2
    process = FakeProcess(deaths=2)
    with pytest.raises(VoiceFileError) as caught:
        phonemizer(process).finish_loading()
    assert isinstance(caught.value.__cause__, PhonemizerDied)
    assert len(process.loaded) == 2


@pytest.mark.parametrize(
    ("changes", "kind", "word"),
    [
        ({}, "espeak", ""),
        ({"espeak": {"voice": "ar"}}, "arabic", "مرحبا"),
        ({"phoneme_type": "hebrew"}, "hebrew", "שלום"),
        ({"phoneme_type": "japanese"}, "japanese", "はい。"),
        ({"phoneme_type": "thai"}, "thai", "สวัสดี"),
    ],
)
def test_phonemizer_is_loaded_with_the_voice(changes: dict[str, Any], kind: str, word: str) -> None:
    """Loading a voice also loads its phonemizer. Most phonemizers convert a word in their language at this time, and
    thereby load their data. espeak-ng converts an empty text."""
    process = FakeProcess()
    shared = FakePhonemizers(process)
    VoicePhonemizer(voice_config(**changes).phonemes, shared, 600, folder=Path("/voices")).finish_loading()
    assert shared.kinds == [kind]
    assert [request["text"] for request in process.loaded] == [word]
    assert [request["folder"] for request in process.loaded] == [""], "voices of all folders share it"


def test_nothing_is_downloaded_for_chinese(tmp_path: Path) -> None:
    """If a file of the Chinese phonemizer is missing, loading raises VoiceFileError, and piper-tts does not download
    the file."""
    process = FakeProcess()
    config = voice_config(phoneme_type="pinyin").phonemes
    with pytest.raises(VoiceFileError) as caught:
        VoicePhonemizer(config, FakePhonemizers(process), 600, folder=tmp_path).finish_loading()
    assert "g2pw.onnx is missing from the voice's folder" in caught.value.detail
    assert process.loaded == []
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    VoicePhonemizer(config, FakePhonemizers(process), 600, folder=tmp_path).finish_loading()
    assert process.loaded[0]["folder"] == str(tmp_path / PINYIN_FOLDER)


def test_unknown_espeak_voice_is_found_at_load() -> None:
    """If a config names an espeak-ng voice that does not exist, loading raises VoiceFileError."""
    config = voice_config(espeak={"voice": "tlh-nonsense"}).phonemes
    with pytest.raises(VoiceFileError, match="cannot be used"):
        VoicePhonemizer(config, phonemizers(), 600).finish_loading()


def test_ids_are_those_of_piper() -> None:
    """The phoneme ids, including the padding, are the same as in piper-tts."""
    id_map = {"_": [0], "^": [1], "$": [2], "a": [3], "1": [4], "。": [5], "b": [6, 7]}
    voice = PiperVoice(session=None, config=PiperConfig.from_dict(raw_config(phoneme_id_map=id_map)))
    for phonemes in ([], ["a"], ["a", "b", "1", "a", "。"]):
        assert phonemes_to_ids(phonemes, id_map) == voice.phonemes_to_ids(phonemes)


def test_chinese_has_pads_after_syllables_and_marks_only() -> None:
    """In Chinese, padding follows only tones and punctuation marks, not the start symbol or the other parts of a
    syllable."""
    id_map = {"_": [0], "^": [1], "$": [2], "n": [3], "i": [4], "3": [5], "。": [6]}
    assert phonemes_to_ids(["n", "i", "3", "。"], id_map, PINYIN_GROUP_ENDS) == [1, 3, 4, 5, 0, 6, 0, 2]


def test_ends_of_syllables_are_those_of_piper() -> None:
    """Padding follows the same phonemes as in the Chinese phonemizer of piper-tts."""
    source = ast.parse(Path(piper.__path__[0], "phonemize_chinese.py").read_text(encoding="utf-8"))
    (value,) = [
        node.value
        for node in source.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "GROUP_END_PHONEMES"
    ]
    assert ast.literal_eval(value) == PINYIN_GROUP_ENDS


def test_processes_are_shared_by_kind() -> None:
    """All voices with the same kind of phonemizer share one process. `close` ends all processes."""
    shared = Phonemizers()
    one = shared.process("espeak")
    assert shared.process("espeak") is one
    shared.close()
    with pytest.raises(RuntimeError):
        one.submit(print)


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
    """A long list of phonemes is split after the last space between positions `limit / 2` and `limit`, or after `limit`
    phonemes if there is no such space."""
    assert list(split_long(phonemes, limit)) == parts


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 600])
def test_no_phoneme_is_lost_by_a_cut(limit: int) -> None:
    """The parts of a split list together contain all phonemes, and each part has between 1 and `limit` phonemes."""
    phonemes = "ab c defgh " * 100
    parts = ["".join(part) for part in split_long(phonemes, limit)]
    assert "".join(parts) == phonemes
    assert all(0 < len(part) <= limit for part in parts)


def test_time_of_other_phonemizers_is_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processor time limit is 20 times as high for phonemizers other than espeak-ng."""
    made: dict[str, float] = {}

    def init(self: PhonemizerProcess, kind: str, *, seconds: float, memory: int) -> None:
        made[kind] = seconds

    monkeypatch.setattr(PhonemizerProcess, "__init__", init)
    monkeypatch.setattr(PhonemizerProcess, "start", lambda self: None)
    shared = Phonemizers()
    shared.process("espeak")
    shared.process("thai")
    assert made == {"espeak": 0.5, "thai": 10.0}
