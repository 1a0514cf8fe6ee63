"""What each phoneme type needs, and what happens if that is missing."""

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
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.phonemes.phonemizer import Phonemizer, VoicePhonemizer, check_tokenizer
from wyoming_piper_serial.phonemes.types import PINYIN_FOLDER, missing_extra, missing_file
from wyoming_piper_serial.settings import SynthesisSettings


def none_but(*installed: str) -> Callable[[str], bool]:
    return lambda module: module in installed


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("espeak", None), ("text", None), ("hebrew", None), ("pinyin", "zh"), ("japanese", "ja"), ("thai", "th")],
)
def test_piper_without_extras_lacks_some_phoneme_types(kind: str, extra: str | None) -> None:
    """The extra that a phoneme type needs is missing if nothing is installed, and not if everything is."""
    assert missing_extra(kind, none_but()) == extra
    assert missing_extra(kind, lambda _: True) is None


def test_every_phoneme_type_of_piper_is_known() -> None:
    """PHONEME_TYPES has all types of piper-tts; if a new one is missing, find out what it imports and downloads."""
    assert {kind.value for kind in PhonemeType} == {"espeak", "text", "hebrew", "pinyin", "japanese", "thai"}


def test_extra_is_missing_if_one_of_its_packages_is() -> None:
    """An extra is missing if one of its packages is missing, even if others are installed."""
    assert missing_extra("pinyin", none_but("sentence_stream", "unicode_rbnf")) == "zh"
    assert missing_extra("thai", none_but("tltk", "pandas")) == "th"


def test_search_for_extras_imports_nothing() -> None:
    """The search for extras imports no module, because some of them take ten seconds to import."""
    before = set(sys.modules)
    for kind in PhonemeType:
        missing_extra(kind.value)
    assert not {"transformers", "g2pw", "tltk", "pandas", "pyopenjtalk"} & (set(sys.modules) - before)


def test_chinese_needs_its_model_beside_the_voice(tmp_path: Path) -> None:
    """The first missing file of the Chinese phonemizer is returned. Other phoneme types need no file."""
    assert missing_file("espeak", tmp_path) is None
    assert missing_file("pinyin", tmp_path) == "g2pW/g2pw.onnx"
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    assert missing_file("pinyin", tmp_path) == "g2pW/MONOPHONIC_CHARS.txt"
    (tmp_path / PINYIN_FOLDER / "MONOPHONIC_CHARS.txt").touch()
    assert missing_file("pinyin", tmp_path) is None


def test_nothing_is_downloaded_for_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a file of the Chinese phonemizer is missing, loading raises VoiceFileError, and piper downloads nothing."""
    monkeypatch.setattr(PiperVoice, "phonemize", None)
    with pytest.raises(VoiceFileError) as caught:
        VoicePhonemizer(voice_config(phoneme_type="pinyin").phonemes, Phonemizer(), 600, None, folder=tmp_path)
    assert "pinyin" in caught.value.detail
    assert "g2pw.onnx is not beside the voice" in caught.value.detail


@pytest.mark.parametrize("kind", ["hebrew", "japanese", "thai"])
def test_phonemizer_is_loaded_with_the_voice(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The phonemizer is loaded together with the voice. If that fails, the voice does not load."""
    texts: list[str] = []

    def phonemize(_piper: PiperVoice, text: str) -> list[list[str]]:
        texts.append(text)
        if len(texts) > 1:
            raise ModuleNotFoundError("No module named 'of an extra'")
        return []

    monkeypatch.setattr(PiperVoice, "phonemize", phonemize)
    VoicePhonemizer(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)
    assert len(texts) == 1
    with pytest.raises(VoiceFileError) as caught:
        VoicePhonemizer(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)
    assert kind in caught.value.detail
    assert "of an extra" in caught.value.detail


@pytest.mark.parametrize("kind", ["espeak", "text"])
def test_most_voices_have_nothing_to_load(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Phonemizers that load no data are not called when the voice is loaded."""
    monkeypatch.setattr(PiperVoice, "phonemize", None)
    VoicePhonemizer(voice_config(phoneme_type=kind).phonemes, Phonemizer(), 600, None)


def test_chinese_is_loaded_without_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`HF_HUB_OFFLINE` is set before the Chinese phonemizer imports its library."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "before")
    monkeypatch.delenv("HF_HUB_OFFLINE")
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    offline: list[str | None] = []

    def phonemize(piper: PiperVoice, _text: str) -> list[list[str]]:
        offline.append(os.environ.get("HF_HUB_OFFLINE"))
        vars(piper)["_chinese_phonemizer"] = chinese(token_id=1)
        assert piper.download_dir == tmp_path
        return []

    monkeypatch.setattr(PiperVoice, "phonemize", phonemize)
    VoicePhonemizer(voice_config(phoneme_type="pinyin").phonemes, Phonemizer(), 600, None, folder=tmp_path)
    assert offline == ["1"]


def chinese(token_id: int | None) -> SimpleNamespace:
    """A phonemizer whose tokenizer returns this id for each character."""
    tokenizer = SimpleNamespace(convert_tokens_to_ids=lambda _: token_id, unk_token_id=100)
    return SimpleNamespace(g2p=SimpleNamespace(tokenizer=tokenizer))


@pytest.mark.parametrize("token_id", [None, 100])
def test_tokenizer_without_a_vocabulary_is_noticed(token_id: int | None) -> None:
    """A tokenizer without a vocabulary, which `transformers` does not report, raises FileNotFoundError."""
    piper = PiperVoice(session=None, config=PiperConfig.from_dict(raw_config(phoneme_type="pinyin")))
    vars(piper)["_chinese_phonemizer"] = chinese(token_id)
    with pytest.raises(FileNotFoundError, match="tokenizer"):
        check_tokenizer(piper)


def test_hebrew_needs_only_piper() -> None:
    """Hebrew needs no extra and no file."""
    config = voice_config(
        phoneme_type="hebrew", phoneme_id_map={"_": [0], "^": [1], "$": [2], " ": [3], "ʃ": [4], "a": [5], "m": [6]}
    )
    phonemizer = VoicePhonemizer(config.phonemes, Phonemizer(), 600, None)
    (ids,) = phonemizer.phoneme_ids("שלום")
    assert {4, 6} <= set(ids)


def test_voice_of_letters_speaks(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """A voice of phoneme type `text` speaks with a real model. Accents are phonemes of their own."""
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
