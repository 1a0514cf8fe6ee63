"""Tests for the main program of a phonemizer process."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from piper.config import PhonemeType

from wyoming_piper_serial.phonemes import process
from wyoming_piper_serial.phonemes.process import Handlers, check_tokenizer


def run(program: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-c", program]
    return subprocess.run(command, input=data, capture_output=True, check=True, timeout=60)  # noqa: S603 -- fixed


def test_espeak_is_loaded_without_the_piper_package() -> None:
    """The espeak-ng extension module works without importing `piper`, numpy or onnxruntime."""
    program = """
import sys
from wyoming_piper_serial.phonemes.process import Handlers
answer = Handlers().answer({"kind": "espeak", "folder": "", "voice": "en-us", "text": "Yes."})
print(list(answer) == [("jˈɛs", ".", True)], {"piper", "numpy", "onnxruntime", "asyncio"} & set(sys.modules))
"""
    assert run(program).stdout == b"True set()\n"


def test_every_phoneme_type_has_a_loader() -> None:
    """There is a loader for each phoneme type of piper-tts except `text`, and one for Arabic."""
    assert set(process._LOADERS) == {kind.value for kind in PhonemeType} - {"text"} | {"arabic"}


def test_phonemizer_is_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A phonemizer is loaded on the first request for its kind and voice folder, and reused for later requests."""
    loaded: list[Path] = []

    def load(folder: Path) -> process.Handler:
        loaded.append(folder)
        return lambda request: [list(request["text"])]

    monkeypatch.setitem(process._LOADERS, "thai", load)
    handlers = Handlers()
    request = {"kind": "thai", "folder": "/one", "text": "ab"}
    assert [handlers.answer(request) for _ in range(2)] == [[["a", "b"]]] * 2
    handlers.answer(request | {"folder": "/two"})
    assert loaded == [Path("/one"), Path("/two")]


def test_voice_of_espeak_is_set_when_it_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The espeak-ng voice is set for the first request, when a different voice is requested, and after a voice could
    not be set."""
    voices: list[str] = []

    class Bridge:
        def set_voice(self, voice: str) -> None:
            voices.append(voice)
            if voice == "nobody":
                raise RuntimeError("Failed to set voice")

        def get_phonemes(self, text: str) -> list[tuple[str, str, bool]]:
            return [(text, "", True)]

    monkeypatch.setattr(process, "load_espeak", Bridge)
    handlers = Handlers()
    request = {"kind": "espeak", "folder": ""}
    for voice in ("de", "de", "ru"):
        assert handlers.answer(request | {"voice": voice, "text": "x"}) == [("x", "", True)]
    with pytest.raises(RuntimeError):
        handlers.answer(request | {"voice": "nobody", "text": "x"})
    handlers.answer(request | {"voice": "ru", "text": "x"})
    assert voices == ["de", "ru", "nobody", "ru"]


def test_phonemes_do_not_depend_on_earlier_texts() -> None:
    """espeak-ng keeps its voice between texts: after a text with foreign words, the next text has the same phonemes as
    if the voice had just been set."""
    handlers = Handlers()
    request = {"kind": "espeak", "folder": ""}
    texts = ["Привет, my friend! 123", "[[x]] Straße, (weather) 3.14", "今天 is nice\n\nαβγδ bcdfg", "a.b.c: שלום"]
    for voice in ("ru", "de", "en-us", "cmn"):
        fresh = []
        for text in texts:
            handlers.answer(request | {"voice": "fr", "text": "x"})
            fresh.append(handlers.answer(request | {"voice": voice, "text": text}))
        handlers.answer(request | {"voice": "fr", "text": "x"})
        assert [handlers.answer(request | {"voice": voice, "text": text}) for text in texts * 2] == fresh * 2


def test_arabic_text_gets_its_vowels() -> None:
    """The missing vowels in Arabic text are added before espeak-ng converts the text."""
    request = {"folder": "", "voice": "ar", "text": "مرحبا بالعالم"}
    with_vowels = Handlers().answer(request | {"kind": "arabic"})
    assert len(with_vowels[0][0]) > 5


def test_hebrew_needs_only_piper() -> None:
    """The Hebrew phonemizer works without an extra package or file."""
    ((*phonemes,),) = Handlers().answer({"kind": "hebrew", "folder": "", "text": "שלום"})
    assert {"ʃ", "l", "m"} <= set(phonemes)


def test_libraries_do_not_reach_the_pipes() -> None:
    """Output that a library prints to standard output goes to standard error. A library that reads standard input gets
    empty input."""
    program = """
import os, sys
from wyoming_piper_serial.phonemes.process import _take_standard_streams
requests, answers = _take_standard_streams()
print("printed", flush=True)
os.write(1, b"written")
assert sys.stdin.read() == ""
answers.write(requests.readline())
"""
    done = run(program, b"request\n")
    assert done.stdout == b"request\n"
    assert done.stderr == b"printed\nwritten"


def test_chinese_is_loaded_without_a_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`HF_HUB_OFFLINE` is set before the Chinese phonemizer is imported."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")  # makes monkeypatch restore the previous value after the test
    monkeypatch.delenv("HF_HUB_OFFLINE")
    offline: list[str] = []

    class Chinese:
        def __init__(self, folder: Path) -> None:
            assert folder == tmp_path
            offline.append(os.environ["HF_HUB_OFFLINE"])
            self.g2p = SimpleNamespace(tokenizer=tokenizer(1))

        def phonemize(self, text: str) -> list[list[str]]:
            return [list(text)]

    monkeypatch.setitem(sys.modules, "piper.phonemize_chinese", SimpleNamespace(ChinesePhonemizer=Chinese))
    answer = Handlers().answer({"kind": "pinyin", "folder": str(tmp_path), "text": "ab"})
    assert (answer, offline) == ([["a", "b"]], ["1"])


def tokenizer(token_id: int | None) -> Any:
    """Return a fake tokenizer that converts every character to `token_id`."""
    return SimpleNamespace(convert_tokens_to_ids=lambda _: token_id, unk_token_id=100)


@pytest.mark.parametrize("token_id", [None, 100])
def test_tokenizer_without_a_vocabulary_is_noticed(token_id: int | None) -> None:
    """`check_tokenizer` raises FileNotFoundError if the tokenizer has no vocabulary, which `transformers` does not
    report."""
    with pytest.raises(FileNotFoundError, match="tokenizer"):
        check_tokenizer(tokenizer(token_id))
    check_tokenizer(tokenizer(7))
