"""Tests for the packages and files that each phoneme type needs."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from piper.config import PhonemeType

from tests.fixture_voices import FIXTURES, FixtureVoices, phonemizer_of
from wyoming_piper_serial.model.config import read_config
from wyoming_piper_serial.model.device import Device
from wyoming_piper_serial.model.graph.parts_cache import PartsCache
from wyoming_piper_serial.model.loading import load_streaming_voice
from wyoming_piper_serial.model.protocols import SynthesisOptions
from wyoming_piper_serial.phonemes.types import PINYIN_FOLDER, PhonemeConfig, missing_extra, missing_file
from wyoming_piper_serial.settings import SynthesisSettings


def none_but(*installed: str) -> Callable[[str], bool]:
    return lambda module: module in installed


@pytest.mark.parametrize(
    ("kind", "extra"),
    [("espeak", None), ("text", None), ("hebrew", None), ("pinyin", "zh"), ("japanese", "ja"), ("thai", "th")],
)
def test_missing_extra_of_a_phoneme_type_is_named(kind: str, extra: str | None) -> None:
    """`missing_extra` returns the extra that a phoneme type needs, or `None` if its packages are installed."""
    assert missing_extra(kind, none_but()) == extra
    assert missing_extra(kind, lambda _: True) is None


def test_every_phoneme_type_of_piper_is_known() -> None:
    """piper-tts has no phoneme types that this package does not know. If this test fails, find out which packages the
    new type imports and what it downloads."""
    assert {kind.value for kind in PhonemeType} == {"espeak", "text", "hebrew", "pinyin", "japanese", "thai"}


def test_extra_is_missing_if_one_of_its_packages_is() -> None:
    """An extra is missing if one of its packages is missing, even if its other packages are installed."""
    assert missing_extra("pinyin", none_but("sentence_stream", "unicode_rbnf")) == "zh"
    assert missing_extra("thai", none_but("tltk", "pandas")) == "th"


def test_search_for_extras_imports_nothing() -> None:
    """`missing_extra` does not import the packages that it looks for, because importing some of them takes ten
    seconds."""
    before = set(sys.modules)
    for kind in PhonemeType:
        missing_extra(kind.value)
    assert not {"transformers", "g2pw", "tltk", "pandas", "pyopenjtalk"} & (set(sys.modules) - before)


def test_chinese_needs_its_model_beside_the_voice(tmp_path: Path) -> None:
    """`missing_file` returns the first missing file of the Chinese phonemizer, and `None` for other phoneme types."""
    assert missing_file("espeak", tmp_path) is None
    assert missing_file("pinyin", tmp_path) == "g2pW/g2pw.onnx"
    (tmp_path / PINYIN_FOLDER).mkdir()
    for name in ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt"):
        (tmp_path / PINYIN_FOLDER / name).touch()
    assert missing_file("pinyin", tmp_path) == "g2pW/MONOPHONIC_CHARS.txt"
    (tmp_path / PINYIN_FOLDER / "MONOPHONIC_CHARS.txt").touch()
    assert missing_file("pinyin", tmp_path) is None


def test_voice_of_letters_speaks(fixture_voices: FixtureVoices, tmp_path: Path) -> None:
    """A voice of phoneme type `text` works with a real model. Accents are separate phonemes."""
    name = "en_US-one_new-medium"
    shutil.copy(fixture_voices.model(name), tmp_path / f"{name}.onnx")
    raw = json.loads((FIXTURES / f"{name}.onnx.json").read_text())
    (tmp_path / f"{name}.onnx.json").write_text(json.dumps(raw | {"phoneme_type": "text"}))
    config = read_config(tmp_path / f"{name}.onnx.json", name)
    voice = load_streaming_voice(
        config,
        tmp_path / f"{name}.onnx",
        device=Device(),
        phonemizer=phonemizer_of(config),
        cache=PartsCache(None),
    )
    (ids,) = voice.phonemize("hello").result()
    (composed,), (decomposed,) = voice.phonemize("é").result(), voice.phonemize("e\u0301").result()
    assert composed == decomposed
    assert voice.speak(ids, SynthesisOptions(synthesis=SynthesisSettings())).decode().size > 0


def test_unknown_phonemes_are_found() -> None:
    """`unknown` returns each phoneme that a voice lacks once. The keyboard character `g` counts as the IPA character
    `ɡ`, and the phonemes within `vowel_clusters` count as known."""
    config = PhonemeConfig(
        voice="voice",
        phoneme_type="espeak",
        espeak_voice="en-us",
        id_map={"a": [3], "ɡ": [4], "\u0327": [5], "oʊ": [6]},
        vowel_clusters=(("o", "ʊ"),),
    )
    assert config.unknown("agoʊ") == []
    assert config.unknown("xçyx") == ["x", "c", "y"]
    assert (config.find("g"), config.find("ɡ"), config.find("x")) == ("ɡ", "ɡ", None)
