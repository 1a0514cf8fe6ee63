"""What phonemizers need, and what happens where it is not there."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from piper import PiperVoice
from piper.config import PhonemeType, PiperConfig

from tests.fakes import raw_config, voice_config
from tests.fixture_voices import FIXTURES, FixtureVoices
from wyoming_piper_serial.exceptions import VoiceFileError
from wyoming_piper_serial.model.config import read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.voice import SynthesisOptions
from wyoming_piper_serial.phonemes.phonemizer import Frontend, Phonemizer, check_tokenizer
from wyoming_piper_serial.phonemes.types import PINYIN_FOLDER, missing_extra, missing_file
from wyoming_piper_serial.settings import SynthesisSettings


def none_but(*there: str) -> Callable[[str], bool]:
    return lambda module: module in there


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("espeak", None), ("text", None), ("hebrew", None), ("pinyin", "zh"), ("japanese", "ja"), ("thai", "th")],
)
def test_bare_piper_lacks_the_extras_of_some(kind: str, extra: str | None) -> None:
    """By piper-tts' own names; with everything installed nothing is missing."""
    assert missing_extra(kind, none_but()) == extra
    assert missing_extra(kind, lambda _: True) is None


def test_every_kind_that_piper_has_is_known_here() -> None:
    """A new one in piper-tts has to be looked at: what does it import, what does it download?"""
    assert {kind.value for kind in PhonemeType} == {"espeak", "text", "hebrew", "pinyin", "japanese", "thai"}


def test_half_an_extra_is_none() -> None:
    """Some of its packages may be there for other reasons: sentence-stream is one of ours."""
    assert missing_extra("pinyin", none_but("sentence_stream", "unicode_rbnf")) == "zh"
    assert missing_extra("thai", none_but("tltk", "pandas")) == "th"


def test_looking_imports_nothing() -> None:
    """These take up to ten seconds to import."""
    before = set(sys.modules)
    for kind in PhonemeType:
        missing_extra(kind.value)
    assert not {"transformers", "g2pw", "tltk", "pandas", "pyopenjtalk"} & (set(sys.modules) - before)


def test_chinese_needs_its_model_beside_the_voice(tmp_path: Path) -> None:
    """The first file that is missing is named; other kinds need none."""
    assert missing_file("espeak", tmp_path) is None
    assert missing_file("pinyin", tmp_path) == "g2pW/g2pw.onnx"
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    assert missing_file("pinyin", tmp_path) == "g2pW/MONOPHONIC_CHARS.txt"
    (tmp_path / PINYIN_FOLDER / "MONOPHONIC_CHARS.txt").touch()
    assert missing_file("pinyin", tmp_path) is None


def test_nothing_is_downloaded_for_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its files went missing after the scan, the voice does not load; piper is not even asked."""
    monkeypatch.setattr(PiperVoice, "phonemize", None)
    with pytest.raises(VoiceFileError) as caught:
        Frontend(voice_config(phoneme_type="pinyin").phonemes, Phonemizer(), 600, None, folder=tmp_path)
    assert "pinyin" in caught.value.detail
    assert "g2pw.onnx is not beside the voice" in caught.value.detail


@pytest.mark.parametrize("kind", ["hebrew", "japanese", "thai"])
def test_phonemizer_is_loaded_with_the_voice(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not inside of the first sentence; one that fails is a voice that cannot be loaded."""
    heard: list[str] = []

    def phonemize(_front: PiperVoice, text: str) -> list[list[str]]:
        heard.append(text)
        if len(heard) > 1:
            raise ModuleNotFoundError("No module named 'of an extra'")
        return []

    monkeypatch.setattr(PiperVoice, "phonemize", phonemize)
    Frontend(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)
    assert len(heard) == 1
    with pytest.raises(VoiceFileError) as caught:
        Frontend(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)
    assert kind in caught.value.detail
    assert "of an extra" in caught.value.detail


@pytest.mark.parametrize("kind", ["espeak", "text"])
def test_most_voices_have_nothing_to_load(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And pay nothing for the others."""
    monkeypatch.setattr(PiperVoice, "phonemize", None)
    Frontend(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)


def test_chinese_is_loaded_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's library is told before it is imported."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "before")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    offline: list[str | None] = []

    def phonemize(front: PiperVoice, _text: str) -> list[list[str]]:
        offline.append(os.environ.get("HF_HUB_OFFLINE"))
        vars(front)["_chinese_phonemizer"] = chinese(known=1)
        assert front.download_dir == tmp_path
        return []

    monkeypatch.setattr(PiperVoice, "phonemize", phonemize)
    Frontend(voice_config(phoneme_type="pinyin").phonemes, Phonemizer(), 600, None, folder=tmp_path)
    assert offline == ["1"]


def chinese(known: int | None) -> SimpleNamespace:
    """A phonemizer whose tokenizer finds this id for a character."""
    tokenizer = SimpleNamespace(convert_tokens_to_ids=lambda _: known, unk_token_id=100)
    return SimpleNamespace(g2p=SimpleNamespace(tokenizer=tokenizer))


@pytest.mark.parametrize("known", [None, 100])
def test_tokenizer_without_words_is_noticed(known: int | None) -> None:
    """`transformers` makes one where it finds no vocabulary, and says nothing."""
    front = PiperVoice(session=None, config=PiperConfig.from_dict(raw_config(phoneme_type="pinyin")))
    vars(front)["_chinese_phonemizer"] = chinese(known)
    with pytest.raises(FileNotFoundError, match="tokenizer"):
        check_tokenizer(front)


def test_hebrew_needs_nothing_but_piper() -> None:
    """Its model ships with it."""
    config = voice_config(
        phoneme_type="hebrew", phoneme_id_map={"_": [0], "^": [1], "$": [2], " ": [3], "ʃ": [4], "a": [5], "m": [6]}
    )
    front = Frontend(config.phonemes, Phonemizer(), 600, None)
    (ids,) = front.ids("שלום")
    assert {4, 6} <= set(ids)


def test_voice_of_letters_speaks(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """Through the real model: its phonemes are the text's own characters, with accents taken off them."""
    name = "en_US-one_new-medium"
    shutil.copy(fixture_voices.model(name), tmp_path / f"{name}.onnx")
    raw = json.loads((FIXTURES / f"{name}.onnx.json").read_text())
    (tmp_path / f"{name}.onnx.json").write_text(json.dumps(raw | {"phoneme_type": "text"}))
    voice = load_streaming_voice(
        read_config(tmp_path / f"{name}.onnx.json", name),
        tmp_path / f"{name}.onnx",
        device=Device(),
        phonemizer=Phonemizer(),
        max_phonemes=600,
        cache=PartsCache(None),
    )
    (ids,) = voice.phonemize("hello")
    (composed,), (decomposed,) = voice.phonemize("é"), voice.phonemize("e\u0301")
    assert composed == decomposed
    assert voice.speak(ids, SynthesisOptions(synthesis=SynthesisSettings())).decode().size > 0
