"""The phoneme types of Piper voices, and the packages and files that each type needs in addition to piper-tts."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

# Replacements for characters that look like a phoneme: keyboards have `g`, but IPA uses `ɡ` (U+0261).
_TYPED: Mapping[str, str] = MappingProxyType({"g": "ɡ"})

PhonemeIds = Sequence[int]
"""The phoneme ids of one sentence, which are the model's input."""

Prepare = Callable[[str], str]
"""Returns the spoken form of a written sentence."""


def as_written(text: str) -> str:
    """Returns `text` unchanged. Used for texts that are already in their spoken form."""
    return text


# The values of piper.config.PhonemeType. They are duplicated here because importing piper.config would take longer than
# the rest of the server's startup.
PHONEME_TYPES = ("espeak", "text", "pinyin", "hebrew", "japanese", "thai")


@dataclass(frozen=True, kw_only=True)
class PhonemeConfig:
    """The settings for phonemes in a voice's config."""

    voice: str
    """Name of the voice, for error messages."""

    phoneme_type: str
    """One of PHONEME_TYPES."""

    espeak_voice: str
    """Name of the espeak-ng voice, such as `en-us`."""

    id_map: Mapping[str, list[int]]
    """The ids of each phoneme."""

    vowel_clusters: tuple[tuple[str, ...], ...] = ()
    """Groups of phonemes that this voice treats as one phoneme, such as (`a`, `ɪ`)."""

    def find(self, phoneme: str) -> str | None:
        """Returns the voice's phoneme for `phoneme`, which may have been typed on a keyboard, or `None` if there is
        none."""
        if phoneme in self.id_map:
            return phoneme
        typed = _TYPED.get(phoneme)
        return typed if typed in self.id_map else None

    def unknown(self, phonemes: str) -> list[str]:
        """Returns the characters of `phonemes` that are not phonemes of the voice, without duplicates. The parts of the
        voice's clusters are not returned."""
        merged = {part for cluster in self.vowel_clusters for part in cluster}
        separate = dict.fromkeys(unicodedata.normalize("NFD", phonemes))
        return [phoneme for phoneme in separate if self.find(phoneme) is None and phoneme not in merged]


# The extra of piper-tts 1.8 that each phoneme type needs, and the modules that this extra installs. `espeak`, `text`
# and `hebrew` need no extra. The model for Hebrew is part of piper-tts.
_EXTRAS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "pinyin": ("zh", ("g2pw", "transformers", "sentence_stream", "unicode_rbnf")),
        "japanese": ("ja", ("pyopenjtalk",)),
        "thai": ("th", ("tltk", "pandas", "unicode_rbnf")),
    }
)

# The phonemes that end a syllable or a clause in the Chinese phonemizer of piper-tts.
PINYIN_GROUP_ENDS = frozenset(" !,.12345:;?—…、。！，：；？")

PINYIN_FOLDER = "g2pW"
"""Name of the folder next to a voice's model that contains the files of the Chinese phonemizer. piper-tts uses the same
name."""

_PINYIN_FILES = ("g2pw.onnx", "config.py", "POLYPHONIC_CHARS.txt", "MONOPHONIC_CHARS.txt")


def _is_installed(module: str) -> bool:
    # `find_spec` does not import a top-level module. Importing some of these modules takes ten seconds.
    return find_spec(module) is not None


def missing_extra(phoneme_type: str, is_installed: Callable[[str], bool] = _is_installed) -> str | None:
    """Returns the extra of piper-tts, such as `zh`, that must be installed for a phoneme type, or `None` if nothing is
    missing.
    """
    extra, modules = _EXTRAS.get(phoneme_type, (None, ()))
    return None if all(map(is_installed, modules)) else extra


def missing_file(phoneme_type: str, folder: Path) -> str | None:
    """Returns the first file that a phoneme type needs but `folder` lacks, or `None` if no file is missing."""
    if phoneme_type != "pinyin":
        return None
    files = (f"{PINYIN_FOLDER}/{name}" for name in _PINYIN_FILES)
    return next((file for file in files if not (folder / file).is_file()), None)
