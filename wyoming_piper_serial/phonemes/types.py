"""The kinds of phonemes that voices take, and what each kind needs besides piper-tts itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

PhonemeIds = list[int]
"""One sentence, as the model takes it."""

# As piper.config.PhonemeType; to import that takes longer than to listen.
PHONEME_TYPES = ("espeak", "text", "pinyin", "hebrew", "japanese", "thai")


@dataclass(frozen=True, kw_only=True)
class PhonemeConfig:
    """What a voice's config says of its phonemes."""

    voice: str
    """Name of the voice, for error messages."""

    raw: Mapping[str, Any]
    """The whole config, for piper.config.PiperConfig."""

    phoneme_type: str
    """One of PHONEME_TYPES."""

    id_map: Mapping[str, list[int]]
    """Phoneme to ids."""


# From piper-tts 1.8's sources and its list of extras. Nothing is needed for `espeak` and `text`, nor for `hebrew`:
# its model ships inside piper-tts.
_EXTRAS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pinyin": ("zh", ("g2pw", "transformers", "sentence_stream", "unicode_rbnf")),
        "japanese": ("ja", ("pyopenjtalk",)),
        "thai": ("th", ("tltk", "pandas", "unicode_rbnf")),
    }
)

PINYIN_FOLDER = "g2pW"
"""Beside a voice's model: what piper-tts would download, under the name that it has there."""

_PINYIN_FILES = ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt")


def _is_there(module: str) -> bool:
    return find_spec(module) is not None  # of a module at the top nothing is imported: some take ten seconds


def missing_extra(phoneme_type: str, is_there: Callable[[str], bool] = _is_there) -> str | None:
    """The extra of piper-tts that has to be installed, such as `zh`; `None` where nothing is missing."""
    extra, modules = _EXTRAS.get(phoneme_type, (None, ()))
    return None if all(map(is_there, modules)) else extra


def missing_file(phoneme_type: str, folder: Path) -> str | None:
    """The file of the phonemizer's own model that is not in the voice's `folder`; `None` where nothing is missing."""
    if phoneme_type != "pinyin":
        return None
    files = (f"{PINYIN_FOLDER}/{name}" for name in _PINYIN_FILES)
    return next((file for file in files if not (folder / file).is_file()), None)
